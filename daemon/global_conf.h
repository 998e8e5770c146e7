/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The supervisor's own view of the language: what is left of global_defs and
 * of the words outside any block when the roles have taken theirs.
 */
#ifndef TANDEM_DAEMON_GLOBAL_CONF_H
#define TANDEM_DAEMON_GLOBAL_CONF_H

#include "config/schema.h"
#include "daemon/fifo_conf.h"

enum supervisor_death {
	SUPERVISOR_DEATH_STOP,	/* the roles stop in order */
	SUPERVISOR_DEATH_LEAVE, /* they go on until a successor comes */
};

/* global_defs */
struct global_defs {
	int supervisor_death;
	int64_t role_timeout_us;
	const char *router_id; /* NULL = host name */
	struct fifos_conf fifos;
	int64_t random_seed; /* has been used while reading */
	struct conf_script startup_script; /* node 0 = none */
	int64_t startup_timeout_s;
	struct conf_script shutdown_script; /* node 0 = none */
	int64_t shutdown_timeout_s;
};

struct global_conf {
	const struct global_defs *defs; /* never NULL */
	const char *net_namespace;	/* NULL = none */
	/* Of IPVS: "" = the one that the daemon was started in, NULL = that
	 * of the other roles. */
	const char *ipvs_namespace;
	const char *instance;		/* NULL = none */
	int64_t child_wait_us;
};

extern const struct conf_block global_conf_root;

#endif
