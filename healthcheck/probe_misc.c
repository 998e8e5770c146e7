/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MISC_CHECK: a script, which the runner runs.  0 passes, 1 fails; with
 * misc_dynamic 2 to 255 pass and ask for a weight two less.
 */
#include <errno.h>
#include <string.h>

#include "healthcheck/probe.h"
#include "lib/timeutil.h"

/* What the runner may take on top of the script's time to end it. */
#define RUNNER_GRACE_US (10 * USEC_PER_SEC)

static void misc_start(struct probe *probe)
{
	int64_t timeout_us = probe->check->misc_timeout_us;
	int err = probe_run_script(probe, timeout_us);

	if (err == -ENOTCONN)
		probe_inconclusive(probe, REASON_CHECK_SCRIPT_NOT_RUN,
			"the runner is away");
	else if (err)
		probe_inconclusive(probe, REASON_CHECK_SCRIPT_NOT_RUN,
			"the runner takes no more: %s", strerror(-err));
	else
		probe_begin_step(probe, timeout_us + RUNNER_GRACE_US);
}

static void misc_exited(struct probe *probe, int status)
{
	probe_set_detail(probe, "exit status %d", status);
	if (status >= 2 && status <= 255 && probe->check->misc_dynamic) {
		probe->result.weight = status - 2;
		probe_pass(probe);
	} else if (status == 0) {
		probe_pass(probe);
	} else {
		probe_fail(probe, REASON_CHECK_SCRIPT_FAILED,
			"exit status %d", status);
	}
}

/* What this host lacks for the moment says nothing about the server.  A
 * script that is not there or not to be run is no check that passed. */
static void misc_not_run(struct probe *probe, int error)
{
	switch (error) {
	case EAGAIN:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		probe_inconclusive(probe, REASON_CHECK_SCRIPT_NOT_RUN,
			"MISC_CHECK: %s", strerror(error));
		break;
	default:
		probe_fail(probe, REASON_CHECK_SCRIPT_NOT_RUN, "%s",
			strerror(error));
		break;
	}
}

static void misc_ran(struct probe *probe, const struct msg_ran *ran)
{
	switch (ran->outcome) {
	case RUN_EXITED:
		misc_exited(probe, ran->value);
		break;
	case RUN_SIGNALED:
		probe_fail(probe, REASON_CHECK_SCRIPT_FAILED,
			"ended by signal %d", ran->value);
		break;
	case RUN_TIMED_OUT:
		probe_fail(probe, REASON_CHECK_SCRIPT_TIMEOUT,
			"not done within %.3f s",
			(double)probe->check->misc_timeout_us /
				(double)USEC_PER_SEC);
		break;
	case RUN_NOT_RUN:
		misc_not_run(probe, ran->value);
		break;
	}
}

static void misc_event(struct probe *probe, uint32_t events)
{
	(void)probe;
	(void)events;
}

static void misc_timeout(struct probe *probe)
{
	probe_inconclusive(probe, REASON_CHECK_SCRIPT_NOT_RUN,
		"the runner does not answer");
}

static const struct probe_ops misc_ops = {
	.start = misc_start,
	.event = misc_event,
	.timeout = misc_timeout,
	.ran = misc_ran,
};

struct probe *probe_misc_new(struct probe_engine *engine)
{
	return probe_new(engine, sizeof(struct probe), &misc_ops);
}
