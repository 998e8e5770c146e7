/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words about processes: priorities, processors, names, umask.
 *
 * keepalived has one process for VRRP and one for all that concerns IPVS; the
 * roles healthcheck and ipvs share the settings of the latter, but for the
 * name.
 */
#ifndef TANDEM_DAEMON_PROCESS_CONF_H
#define TANDEM_DAEMON_PROCESS_CONF_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/schema.h"

enum process_kind {
	PROCESS_VRRP,
	PROCESS_CHECKER,
	PROCESS_KINDS,
};

#define PROCESS_UNSET INT64_MIN

struct process_words {
	int64_t nice;	     /* or PROCESS_UNSET */
	int64_t rt_priority; /* 0 = not said */
	int64_t rttime_us;   /* 0 = not said */
	bool no_swap;
	bool has_cpus;
	cpu_set_t cpus;
	const char *name; /* NULL = not said */
};

struct process_conf {
	struct process_words kinds[PROCESS_KINDS];
	const char *name; /* of the supervisor; NULL = not said */
	bool names;	  /* all of them are to differ */
	int64_t max_auto_priority;
	int64_t min_auto_delay_us;
	int64_t umask; /* or PROCESS_UNSET */
};

/* The root is a struct that begins with a pointer to struct process_conf,
 * never NULL. */
struct process_root {
	const struct process_conf *conf;
};

extern const struct conf_block process_conf_root;

#endif
