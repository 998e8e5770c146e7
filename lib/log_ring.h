/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last lines of a log, in memory that two processes may share: a role
 * writes, the supervisor reads, and what the role said stays when it is
 * killed.  Its successor goes on in the same ring.
 *
 * The reader trusts nothing in it: a line that is just being written is left
 * out, and whatever a role has put there has an end.
 */
#ifndef TANDEM_LIB_LOG_RING_H
#define TANDEM_LIB_LOG_RING_H

#include <stdint.h>

#define LOG_RING_TEXT 480

struct log_ring;

/* A ring that nobody shares; freed with x_free(). */
struct log_ring *log_ring_new(void);

/* Sealed memory of a ring's size: a descriptor, close-on-exec, or -errno. */
int log_ring_create(void);
/* The ring of FD, which stays the caller's; NULL when FD is none. */
struct log_ring *log_ring_map(int fd);
void log_ring_unmap(struct log_ring *ring); /* NULL is fine */

/* One writer at a time.  TEXT is cut to LOG_RING_TEXT - 1 bytes. */
void log_ring_put(struct log_ring *ring, int64_t realtime_us, int level,
	const char *text);
/* Calls CALLBACK for each line, oldest first; LEVEL may be any number. */
void log_ring_each(const struct log_ring *ring,
	void (*callback)(int64_t realtime_us, int level, const char *text,
		void *user_data),
	void *user_data);

#endif
