/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What roles.c, roles_stop.c and roles_json.c share; nobody else includes it.
 */
#ifndef TANDEM_DAEMON_ROLES_INTERNAL_H
#define TANDEM_DAEMON_ROLES_INTERNAL_H

#include "daemon/backoff.h"
#include "daemon/checkpoint.h"
#include "daemon/liveness.h"
#include "daemon/roles.h"
#include "lib/log.h"

struct role_process {
	struct roles *roles;
	const struct role_ops *ops;
	enum role_id id;
	enum role_process_state state;
	pid_t pid;		 /* 0 = none */
	struct channel *channel; /* NULL = closed by the role */
	struct checkpoint_store *checkpoints;
	struct log_ring *log; /* NULL = no memory for it */
	int log_fd;
	struct liveness liveness;
	struct loop_timer *look_timer;
	struct loop_timer *restart_timer;
	struct backoff backoff;
	bool wanted;
	bool patient;
	int64_t cpu_heard_us; /* the sign of life that cpu_us belongs to */
	int64_t cpu_us;	      /* its processor time then */
	int64_t started_us;
	int64_t predecessor_us; /* when its predecessor worked last */
	int64_t stall_us;	/* worst that it reported */
	unsigned int starts;
	char why[96];	      /* we killed it; "" = we did not */
	char last_words[256]; /* of its predecessor */
	struct log_limit limit;
};

struct roles {
	struct loop *loop;
	struct roles_settings settings;
	const struct roles_callbacks *callbacks;
	void *user_data;
	struct role_process processes[ROLE_COUNT];
	bool stopping;
	unsigned int stop_next; /* in the stop order */
	struct loop_timer *stop_timer;
};

/* Stopping: the role that was waited for is gone, or there is none yet. */
void roles_stop_next(struct roles *roles);

#endif
