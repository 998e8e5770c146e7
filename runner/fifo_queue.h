/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines that wait for a FIFO whose reader does not read.
 *
 * A pure core: no clock, no descriptor, no log.  Lines leave in the order in
 * which they came.  When there is no room, a line that a later one of the
 * same subject has made old news goes first, and only then the oldest of
 * all: the last word on a subject is kept as long as anything is, so what a
 * reader finds late is still true.
 */
#ifndef TANDEM_RUNNER_FIFO_QUEUE_H
#define TANDEM_RUNNER_FIFO_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIFO_QUEUE_MAX 65536

struct fifo_queue;

struct fifo_line {
	uint64_t id;
	const char *text; /* with its line feed */
	size_t len;
};

/* Holds at most MAX lines. */
struct fifo_queue *fifo_queue_new(size_t max);
void fifo_queue_free(struct fifo_queue *queue); /* NULL is fine */

/*
 * Appends TEXT (copied), whose first SUBJECT_LEN bytes say what it is about.
 * ID is not 0 and comes back in fifo_queue_first().  The ID of the line that
 * had to go for it, 0 = none.
 */
uint64_t fifo_queue_push(struct fifo_queue *queue, uint64_t id,
	const char *text, size_t subject_len);

/* The next line to write; false when there is none. */
bool fifo_queue_first(const struct fifo_queue *queue, struct fifo_line *ret);
/* LEN more bytes of it were written; the line leaves with its last one, and
 * its id is returned, else 0.  One that has begun is never left out. */
uint64_t fifo_queue_wrote(struct fifo_queue *queue, size_t len);

size_t fifo_queue_count(const struct fifo_queue *queue);

#endif
