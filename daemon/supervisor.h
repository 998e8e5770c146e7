/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The supervisor: reads the configuration, starts and watches the roles,
 * answers at the control socket, talks to systemd.  It touches no network.
 */
#ifndef TANDEM_DAEMON_SUPERVISOR_H
#define TANDEM_DAEMON_SUPERVISOR_H

#include "daemon/options.h"

struct supervisor_params {
	const struct options *options;
	unsigned int log_targets;
	/* Roles start when the terminal has been given back. */
	unsigned int role_log_targets;
	int log_level;
	int report_fd; /* of background_start(); -1 = in the foreground */
	int lock_fd;   /* of the pid file */
	int program_fd; /* of spawn_open_program() */
};

/* Holds back the signals that supervisor_run() takes, for as long as files are
 * there that a sudden end would leave.  Before and after its run they wait. */
void supervisor_hold_signals(void);

/* Runs until it is told to stop; the exit code. */
int supervisor_run(const struct supervisor_params *params);

#endif
