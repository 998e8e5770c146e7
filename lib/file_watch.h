/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that hold a number (track_file): says when one may have changed, and
 * reads it.
 *
 * inotify tells about the directory of the file, so that files may come, go
 * and be replaced by a rename.  What it cannot tell (a directory that is not
 * there yet, the target of a symbolic link) is found by looking again: each
 * second while a directory is not watched, else every ten.
 */
#ifndef TANDEM_LIB_FILE_WATCH_H
#define TANDEM_LIB_FILE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/loop.h"

struct file_watch;
struct file_watcher;

/* What OWNER watches may have changed.  Must not free watches. */
typedef void file_watch_fn(void *owner);

struct file_watcher *file_watcher_new(
	struct loop *loop, file_watch_fn *changed);
/* All watches must be gone. */
void file_watcher_free(struct file_watcher *w); /* NULL is fine */

struct file_watch *file_watch_new(
	struct file_watcher *w, const char *path, void *owner);
void file_watch_free(struct file_watch *watch); /* NULL is fine */

/* The number in PATH, cut to what fits 32 bits.  0, -EINVAL when there is no
 * number in it or it is no regular file, or -errno. */
int file_read_number(const char *path, int64_t *ret_value);
/* Writes VALUE into PATH; without OVERWRITE only when it is not there. */
int file_write_number(const char *path, int64_t value, bool overwrite);

#endif
