/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/roles_internal.h"

/* --- what a process has --- */

struct tuning_state role_tuning(pid_t pid)
{
	struct tuning_state state = { .rt_priority = 0 };
	struct sched_param param = { .sched_priority = 0 };

	if (sched_getparam(pid, &param) == 0)
		state.rt_priority = param.sched_priority;
	state.nice = getpriority(PRIO_PROCESS, (id_t)pid);
	CPU_ZERO(&state.cpus);
	sched_getaffinity(pid, sizeof(state.cpus), &state.cpus);
	return state;
}

static int tune_set_rt(pid_t pid, int priority)
{
	const struct sched_param param = { .sched_priority = priority };
	int policy = priority ? SCHED_RR : SCHED_OTHER;

	return sched_setscheduler(pid, policy | SCHED_RESET_ON_FORK, &param);
}

static void tune_check(
	const struct role_process *p, int result, const char *what)
{
	if (result < 0)
		log_warning("%s: %s is not set: %s", role_id_name(p->id), what,
			strerror(errno));
}

/* --- what it is to have --- */

/* Once a process is past its own setup.  What is as it should be is not
 * touched. */
void role_tune(struct role_process *p)
{
	struct tuning_state goal;

	if (!p->pid || !role_is_joined(p))
		return;
	if (!p->tuned) {
		p->own = role_tuning(p->pid);
		p->now = p->own;
		p->tuned = true;
	}
	goal = tuning_goal(&p->own, &p->wish, p->earned_rt);
	if (goal.nice != p->now.nice)
		tune_check(p,
			setpriority(PRIO_PROCESS, (id_t)p->pid, goal.nice),
			"the nice value");
	if (goal.rt_priority != p->now.rt_priority)
		tune_check(p, tune_set_rt(p->pid, goal.rt_priority),
			"the real-time priority");
	if (!CPU_EQUAL(&goal.cpus, &p->now.cpus))
		tune_check(p,
			sched_setaffinity(
				p->pid, sizeof(goal.cpus), &goal.cpus),
			"the choice of processors");
	p->now = goal;
}

void roles_set_process(
	struct roles *roles, const struct process_conf *conf, mode_t mask)
{
	bool mask_changed = mask != roles->umask;
	unsigned int id;

	roles->umask = mask;
	roles->max_auto_priority = conf->max_auto_priority;
	roles->min_auto_delay_us = conf->min_auto_delay_us;
	for (id = 0; id < ROLE_COUNT; id++) {
		struct role_process *p = &roles->processes[id];
		struct tuning_wish wish;

		tuning_of(conf, (enum role_id)id, &wish);
		if (p->earned_rt > roles->max_auto_priority)
			p->earned_rt = 0;
		if (mask_changed || !tuning_is_equal(&wish, &p->wish)) {
			p->wish = wish;
			role_send_settings(p);
		}
		role_tune(p);
	}
}

/* The role's timers were late by LATE_US. */
void role_tune_late(struct role_process *p, int64_t late_us)
{
	const struct roles *roles = p->roles;
	int earned;

	/* Without a limit of real-time work none is earned. */
	if (late_us < roles->min_auto_delay_us || !p->tuned || p->patient ||
		!p->wish.rttime_us)
		return;
	earned = tuning_earn(p->now.rt_priority, roles->max_auto_priority);
	if (earned <= p->now.rt_priority)
		return;
	p->earned_rt = earned;
	log_notice("%s was late by %lld ms: its real-time priority is %d now",
		role_id_name(p->id), (long long)(late_us / USEC_PER_MSEC),
		earned);
	role_tune(p);
}
