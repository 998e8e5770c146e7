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

/*
 * What a worker is for.  Each kind has places of its own: many that look at
 * the configuration keep nobody from the status, nor a reload from its file.
 */
enum worker_kind {
	WORKER_CONFIG, /* reads a configuration */
	WORKER_REPORT, /* of a reload or plan */
	WORKER_STATUS, /* what the roles have answered */
	WORKER_SHOW,   /* prints a configuration */
	WORKER_KINDS,
};

struct workers;

struct workers *workers_new(struct loop *loop);
/* Ends those that still run; their DONE is not called. */
void workers_free(struct workers *workers);

/*
 * Runs RUN(ARG) in a child; ARG is not used any more when this returns.
 * DONE is called later, once: ERROR is 0, -ETIMEDOUT after TIMEOUT_US or
 * -EPIPE when the child ended without a result.  0 or -errno (-EBUSY: too
 * many of this kind).
 */
int worker_start(struct workers *workers, enum worker_kind kind,
	int64_t timeout_us,
	void (*run)(void *arg, struct worker_result *result), void *arg,
	void (*done)(
		int error, const struct worker_result *result, void *user_data),
	void *user_data);

/* After SIGCHLD. */
void workers_reap(struct workers *workers);

#endif
