/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that may take long, done in a forked child: reading configurations,
 * printing and merging big answers.  The supervisor itself never blocks.
 *
 * A worker sees the supervisor's memory as it was at the fork and gives back
 * a number and up to two descriptors.
 */
#ifndef TANDEM_DAEMON_WORKER_H
#define TANDEM_DAEMON_WORKER_H

#include <stdint.h>

#include "lib/loop.h"

#define WORKER_FDS 2

/* In the child: -1 = none.  In the parent: DONE owns the descriptors. */
struct worker_result {
	int32_t value;
	int fds[WORKER_FDS];
};

struct workers;

struct workers *workers_new(struct loop *loop);
/* Ends those that still run; their DONE is not called. */
void workers_free(struct workers *workers);

/*
 * Runs RUN(ARG) in a child; ARG is not used any more when this returns.
 * DONE is called later, once: ERROR is 0, -ETIMEDOUT after TIMEOUT_US or
 * -EPIPE when the child ended without a result.  0 or -errno (-EAGAIN: too
 * many workers).
 */
int worker_start(struct workers *workers, int64_t timeout_us,
	void (*run)(void *arg, struct worker_result *result), void *arg,
	void (*done)(
		int error, const struct worker_result *result, void *user_data),
	void *user_data);

/* After SIGCHLD. */
void workers_reap(struct workers *workers);

#endif
