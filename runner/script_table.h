/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripts of one generation: what a run message may name.
 *
 * Nobody can make the runner execute what is not a script keyword of a
 * generation that the supervisor gave it.  A table is counted by reference:
 * a run that waits keeps the generation it came from.
 */
#ifndef TANDEM_RUNNER_SCRIPT_TABLE_H
#define TANDEM_RUNNER_SCRIPT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/script_user.h"

/* What a script is for decides what happens to it when its sender is gone:
 * a check is pointless then, a notification is not. */
enum script_purpose {
	SCRIPT_NOTIFICATION,
	SCRIPT_CHECK,
};

/* How the last run of a script ended, so that the log has one line for each
 * change. */
struct script_history {
	bool known;
	int outcome; /* enum run_outcome */
	int32_t value;
};

struct script_spec {
	uint32_t node;
	char **argv; /* as configured; ends with NULL */
	unsigned int n_args;
	const struct script_identity *identity;
	enum script_purpose purpose;
	const char *keyword;
	const char *file; /* where it is configured */
	uint32_t line;
	struct script_history history; /* the role's, to write */
};

struct event_names;
struct mail_conf;
struct script_table;

/* Maps the generation in FD (borrowed), looks all accounts up.  The caller
 * has the first reference.  0 or -errno. */
int script_table_open(
	int fd, uint32_t generation, struct script_table **ret_table);
struct script_table *script_table_ref(struct script_table *table);
void script_table_unref(struct script_table *table); /* NULL is fine */

uint32_t script_table_generation(const struct script_table *table);
/* For events about its nodes; lives as long as the table. */
struct event_names *script_table_names(const struct script_table *table);
/* What it says of mail; lives as long as the table. */
const struct mail_conf *script_table_mail(const struct script_table *table);

/* The script of NODE; NULL when NODE is none, or has no command.  Lives as
 * long as the table. */
struct script_spec *script_table_get(struct script_table *table, uint32_t node);

/* Calls CALLBACK for each script that was asked for so far. */
void script_table_each(const struct script_table *table,
	void (*callback)(const struct script_spec *spec, void *user_data),
	void *user_data);

#endif
