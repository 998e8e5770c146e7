/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/run.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/output.h"
#include "runner/spawn.h"

/* Between TERM and KILL, as keepalived does. */
#define RUN_TERM_GRACE_US (2 * USEC_PER_SEC)

/* A time limit of a year or more is none. */
#define RUN_TIMEOUT_MAX_US (366 * 86400 * USEC_PER_SEC)

struct run_pool {
	struct loop *loop;
	struct output_pool *outputs;
	struct run *runs;
};

struct run {
	struct run *prev;
	struct run *next;
	struct run_pool *pool;
	struct spawn_result process;
	struct loop_io *end;
	struct loop_timer *timer;
	struct output *output;
	int64_t started_us;
	bool timed_out;
	int sent; /* the last signal that was sent */
	void (*done)(const struct run_result *result, void *user_data); /* or
		NULL: cancelled */
	void *user_data;
};

/* The process has not been waited for: its number is its own. */
static void run_signal(struct run *run, int signo)
{
	run->sent = signo;
	/* The group exists once the child has come as far as setsid(). */
	if (kill(-run->process.pid, signo) < 0)
		kill(run->process.pid, signo);
}

static void run_timeout(void *user_data)
{
	struct run *run = user_data;

	if (run->timed_out) {
		run_signal(run, SIGKILL);
		return;
	}
	run->timed_out = true;
	run_signal(run, SIGTERM);
	loop_timer_set(run->timer, time_monotonic_us() + RUN_TERM_GRACE_US);
}

static void run_release(struct run *run)
{
	DL_DELETE(run->pool->runs, run);
	loop_io_free(run->end);
	loop_timer_free(run->timer);
	output_release(run->output);
	close(run->process.pidfd);
	close(run->process.error_fd);
	x_free(run);
}

/* What kept the script from beginning, 0 = it began. */
static int run_read_error(const struct run *run)
{
	int error = 0;

	if (read(run->process.error_fd, &error, sizeof(error)) !=
		(ssize_t)sizeof(error))
		return 0;
	return error ? error : EIO;
}

static void run_judge(
	const struct run *run, const siginfo_t *info, struct run_result *result)
{
	bool exited = info->si_code == CLD_EXITED;
	int error = run_read_error(run);

	if (error) {
		result->outcome = RUN_NOT_RUN;
		result->value = error;
	} else if (run->timed_out) {
		result->outcome = RUN_TIMED_OUT;
		result->value = exited ? run->sent : info->si_status;
	} else {
		result->outcome = exited ? RUN_EXITED : RUN_SIGNALED;
		result->value = info->si_status;
	}
}

static void run_ended(int fd, unsigned int events, void *user_data)
{
	struct run *run = user_data;
	struct run_result result = { .output = "" };
	siginfo_t info = { .si_pid = 0 };

	(void)events;
	/* What is left of the group of a script that was told to end goes
	 * with it; as long as it is not waited for, the number is its own. */
	if (run->sent)
		kill(-run->process.pid, SIGKILL);
	if (waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG) < 0) {
		/* Somebody took it from us: nothing is known of its end. */
		result.outcome = RUN_NOT_RUN;
		result.value = errno;
	} else if (!info.si_pid) {
		return;
	} else {
		run_judge(run, &info, &result);
	}
	result.duration_us = time_monotonic_us() - run->started_us;
	result.output = output_text(run->output);
	if (run->done)
		run->done(&result, run->user_data);
	run_release(run);
}

struct run_pool *run_pool_new(struct loop *loop)
{
	struct run_pool *pool = x_new(struct run_pool, 1);

	pool->loop = loop;
	pool->outputs = output_pool_new(loop);
	return pool;
}

void run_pool_free(struct run_pool *pool)
{
	struct run *run;
	struct run *next;

	DL_FOREACH_SAFE (pool->runs, run, next) {
		run_signal(run, SIGKILL);
		waitid(P_PIDFD, (id_t)run->process.pidfd, NULL,
			WEXITED | WNOHANG);
		run_release(run);
	}
	output_pool_free(pool->outputs);
	x_free(pool);
}

int run_start(struct run_pool *pool, char *const argv[],
	const struct script_identity *identity, int64_t timeout_us,
	void (*done)(const struct run_result *result, void *user_data),
	void *user_data, struct run **ret_run)
{
	return run_start_with(pool, argv, identity, timeout_us, -1, done,
		user_data, ret_run);
}

int run_start_with(struct run_pool *pool, char *const argv[],
	const struct script_identity *identity, int64_t timeout_us,
	int input_fd,
	void (*done)(const struct run_result *result, void *user_data),
	void *user_data, struct run **ret_run)
{
	struct spawn_result process;
	struct run *run;
	int err = spawn_script(argv, identity, input_fd, &process);

	if (err)
		return err;
	run = x_new(struct run, 1);
	run->pool = pool;
	run->process = process;
	run->done = done;
	run->user_data = user_data;
	run->started_us = time_monotonic_us();
	run->output = output_new(pool->outputs, process.output_fd);
	run->end = loop_io_new(
		pool->loop, process.pidfd, LOOP_READ, run_ended, run);
	run->timer = loop_timer_new(pool->loop, run_timeout, run);
	if (timeout_us > 0 && timeout_us < RUN_TIMEOUT_MAX_US)
		loop_timer_set(run->timer, run->started_us + timeout_us);
	DL_APPEND(pool->runs, run);
	*ret_run = run;
	return 0;
}

pid_t run_pid(const struct run *run)
{
	return run->process.pid;
}

const char *run_output(struct run *run)
{
	return output_text(run->output);
}

void run_end(struct run *run)
{
	run_signal(run, SIGTERM);
	loop_timer_set(run->timer, time_monotonic_us() + RUN_TERM_GRACE_US);
	run->timed_out = true;
}

void run_cancel(struct run *run)
{
	run->done = NULL;
	run_signal(run, SIGKILL);
}
