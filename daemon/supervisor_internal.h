/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What supervisor.c (life, roles, requests, signals) and
 * supervisor_generation.c (what a generation changes) share; nobody else
 * includes it.
 */
#ifndef TANDEM_DAEMON_SUPERVISOR_INTERNAL_H
#define TANDEM_DAEMON_SUPERVISOR_INTERNAL_H

#include <stdbool.h>

#include "daemon/fifo_files.h"
#include "daemon/reload.h"
#include "daemon/reload_clock.h"
#include "daemon/requests.h"
#include "daemon/roles.h"
#include "daemon/startup.h"
#include "daemon/supervisor.h"
#include "daemon/systemd.h"
#include "daemon/worker.h"
#include "lib/timeutil.h"

/* A role that hangs is noticed, killed and started again within
 * role_timeout: four fifths of it are for waiting. */
#define SUPERVISOR_SILENCE(timeout_us) ((timeout_us)*4 / 5)
#define SUPERVISOR_SIGNALS 8

struct supervisor {
	const struct options *options;
	const struct supervisor_params *params;
	struct loop *loop;
	struct workers *workers;
	struct roles *roles;
	struct fifo_files *fifos;
	struct gather *gather;
	struct reload *reload;
	struct startup *startup;
	struct reload_clock *clock;
	struct requests *requests;
	struct control *control;
	struct systemd *systemd;
	struct loop_timer *ready_timer;
	struct loop_signal *signals[SUPERVISOR_SIGNALS];
	unsigned int n_signals;
	int report_fd;
	bool started; /* roles were started */
	bool stopping;
	bool reloading; /* systemd has been told so */
	bool in_namespace;
	char *instance; /* of the first generation; NULL = none */
	char *log_name;
	int ipvs_netns_fd; /* 0 = none */
	int exit_code;
};

/* --- supervisor.c --- */

/* To whoever started us in the background, once. */
void supervisor_report(struct supervisor *s, int exit_code);
void supervisor_stop(struct supervisor *s, int exit_code);
/* Tells systemd. */
void supervisor_ready(struct supervisor *s);

/* --- supervisor_generation.c --- */

extern const struct reload_callbacks supervisor_reload_callbacks;
extern const struct startup_callbacks supervisor_startup_callbacks;

#endif
