/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One script while it runs: its end, its time limit, its output.
 *
 * A script that is over its time gets TERM for its whole process group, and
 * KILL two seconds later.
 */
#ifndef TANDEM_RUNNER_RUN_H
#define TANDEM_RUNNER_RUN_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/loop.h"
#include "lib/messages.h"
#include "runner/script_user.h"

struct run;
struct run_pool;

struct run_result {
	enum run_outcome outcome;
	int32_t value; /* as in struct msg_ran */
	int64_t duration_us;
	const char *output; /* the first of what it wrote */
};

/* All that runs in one process. */
struct run_pool *run_pool_new(struct loop *loop);
/* Kills what is left; nobody is told. */
void run_pool_free(struct run_pool *pool);

/*
 * Starts ARGV; DONE is called once, later, and RUN is then gone.  TIMEOUT_US
 * 0 = none.  0 or -errno: nothing was started and DONE will not be called.
 */
int run_start(struct run_pool *pool, char *const argv[],
	const struct script_identity *identity, int64_t timeout_us,
	void (*done)(const struct run_result *result, void *user_data),
	void *user_data, struct run **ret_run);

/* The same with INPUT_FD (borrowed) as standard input, else /dev/null. */
int run_start_with(struct run_pool *pool, char *const argv[],
	const struct script_identity *identity, int64_t timeout_us,
	int input_fd,
	void (*done)(const struct run_result *result, void *user_data),
	void *user_data, struct run **ret_run);

pid_t run_pid(const struct run *run);

/* What it wrote so far; borrowed until it is over or cancelled. */
const char *run_output(struct run *run);

/* TERM for the process group, and KILL two seconds later; DONE is called as
 * usual. */
void run_end(struct run *run);

/* Kills the process group; DONE is never called, RUN is the pool's alone. */
void run_cancel(struct run *run);

#endif
