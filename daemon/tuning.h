/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the process of a role is to be scheduled: what the configuration wants,
 * on top of what the process has by itself.  No effects.
 */
#ifndef TANDEM_DAEMON_TUNING_H
#define TANDEM_DAEMON_TUNING_H

#include "daemon/process_conf.h"
#include "lib/messages.h"

/* As the kernel cuts it. */
#define TUNING_NAME_SIZE 16

struct tuning_wish {
	int64_t nice;	     /* or PROCESS_UNSET */
	int64_t rt_priority; /* 0 = the role's own */
	int64_t rttime_us;   /* 0 = no matter */
	bool lock_memory;
	bool has_cpus;
	cpu_set_t cpus;
	char name[TUNING_NAME_SIZE]; /* "" = the role's own */
};

/* For role ID. */
void tuning_of(const struct process_conf *conf, enum role_id id,
	struct tuning_wish *ret_wish);
/* Of the supervisor's process. */
const char *tuning_own_name(const struct process_conf *conf);
bool tuning_is_equal(const struct tuning_wish *a, const struct tuning_wish *b);

/* What a process has. */
struct tuning_state {
	int rt_priority; /* 0 = none */
	int nice;
	cpu_set_t cpus;
};

/* OWN is what the process began with, EARNED the real-time priority that late
 * timers have earned. */
struct tuning_state tuning_goal(const struct tuning_state *own,
	const struct tuning_wish *wish, int earned);

/* The priority that a process which has NOW earns by one late timer; at most
 * MAX. */
int tuning_earn(int now, int64_t max);

#endif
