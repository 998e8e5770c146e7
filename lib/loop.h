/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop of a role: a thin shell over libevent with precise timers.
 *
 * One loop a process.  Callbacks run to completion and must not block.
 * Handles are owned by the caller and freed by it, which is allowed inside
 * their own callback; a freed handle never calls back.
 */
#ifndef TANDEM_LIB_LOOP_H
#define TANDEM_LIB_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_io;
struct loop_timer;
struct loop_signal;

enum loop_events {
	LOOP_READ = 1 << 0,
	LOOP_WRITE = 1 << 1,
};

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/*
 * Watches FD, which the caller keeps open until loop_io_free().  The
 * callback gets the loop_events that are there; level-triggered.
 */
struct loop_io *loop_io_new(struct loop *loop, int fd, unsigned int events,
	void (*callback)(int fd, unsigned int events, void *user_data),
	void *user_data);
void loop_io_set_events(struct loop_io *io, unsigned int events);
void loop_io_free(struct loop_io *io); /* NULL is fine */

/* A timer, not armed.  It fires once for each loop_timer_set(). */
struct loop_timer *loop_timer_new(
	struct loop *loop, void (*callback)(void *user_data), void *user_data);
/* DEADLINE_US is on the monotonic clock; a past one fires at once,
 * TIME_NEVER disarms. */
void loop_timer_set(struct loop_timer *timer, int64_t deadline_us);
void loop_timer_free(struct loop_timer *timer); /* NULL is fine */

struct loop_signal *loop_signal_new(struct loop *loop, int signo,
	void (*callback)(int signo, void *user_data), void *user_data);
void loop_signal_free(struct loop_signal *sig); /* NULL is fine */

#endif
