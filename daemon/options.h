/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of tandemd: keepalived's options with their meaning, and
 * Tandem's own.  Options whose function does not exist yet are accepted and
 * named in `idle`, so that a unit file of keepalived's can be used.
 */
#ifndef TANDEM_DAEMON_OPTIONS_H
#define TANDEM_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#define OPTIONS_CONFIG_FILE TANDEM_CONFIG_FILE
#define OPTIONS_RUNTIME_DIR TANDEM_RUNTIME_DIR
/* Without -u and `umask`. */
#define OPTIONS_UMASK 022
#define OPTIONS_IDLE_MAX 16

enum options_action {
	OPTIONS_RUN,
	OPTIONS_TEST, /* -t */
	OPTIONS_VERSION,
	OPTIONS_HELP,
	OPTIONS_SIGNUM,
};

enum options_format {
	OPTIONS_FORMAT_TEXT,
	OPTIONS_FORMAT_GCC,
	OPTIONS_FORMAT_JSON,
};

/* Strings borrow argv. */
struct options {
	enum options_action action;
	enum options_format format;
	const char *file;
	const char *runtime_dir;
	const char *pid_file; /* NULL = in the runtime directory */
	const char *vrrp_pid_file;
	const char *check_pid_file;
	const char *net_namespace; /* NULL = stay */
	const char *config_id;	   /* NULL = short host name */
	const char *signal_name;   /* OPTIONS_SIGNUM */
	bool lenient;
	bool portable; /* -t: also what keepalived would not understand */
	bool foreground;
	bool log_console;
	bool no_syslog;
	bool dump_config;
	bool all_config;
	bool only_vrrp;	 /* -P */
	bool only_check; /* -C */
	bool no_bfd; /* -B */
	bool keep_ipvs;
	bool keep_vips;
	bool no_respawn;
	bool core_dump;
	bool ignore_sigint;
	bool umask_set;
	mode_t umask;
	unsigned int detail; /* how often -D was given */
	int facility;	     /* syslog */
	const char *idle[OPTIONS_IDLE_MAX];
	unsigned int n_idle;
};

/* 0, or -EINVAL after having said why on ERR. */
int options_parse(struct options *options, int argc, char **argv, FILE *err);

/* Number of a signal by keepalived's name, or -EINVAL. */
int options_signal_number(const char *name);

void options_print_help(FILE *out);

#endif
