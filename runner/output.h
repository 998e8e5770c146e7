/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What scripts write: the first of it is kept for the log, the rest is read
 * and thrown away, so that a script never blocks on it.
 *
 * A script may leave a process behind that has its output open.  The pipe is
 * then read on until it ends, since closing it would kill that process at
 * its next write; only so many are kept, the oldest goes first.
 */
#ifndef TANDEM_RUNNER_OUTPUT_H
#define TANDEM_RUNNER_OUTPUT_H

#include <stdbool.h>

struct loop;
struct output;
struct output_pool;

struct output_pool *output_pool_new(struct loop *loop);
/* Closes all pipes. */
void output_pool_free(struct output_pool *pool);

/* Takes FD, non-blocking. */
struct output *output_new(struct output_pool *pool, int fd);

/* Reads what is there now; the text so far, with what does not belong into a
 * log replaced.  Borrowed until output_release(). */
const char *output_text(struct output *output);
/* Was there more than what is kept? */
bool output_was_cut(const struct output *output);

/* The script is over: OUTPUT belongs to the pool until its pipe ends. */
void output_release(struct output *output);

#endif
