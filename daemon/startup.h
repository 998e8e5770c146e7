/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * startup_script and shutdown_script: what is run before all roles but the
 * runner are there, and when all but the runner are gone.
 *
 * The runner runs them as it runs any script: as the account that the
 * configuration says, within a time limit.  For the first it gets the
 * generation that has been read, ahead of the others; that generation is
 * thrown away afterwards, since the script may have changed what the file is
 * checked against.  A script that fails stops nothing, as with keepalived.
 *
 * A runner that has just died when the second is due is started once more, and
 * gets the generation first.
 */
#ifndef TANDEM_DAEMON_STARTUP_H
#define TANDEM_DAEMON_STARTUP_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/roles.h"

struct generation;
struct startup;

struct startup_callbacks {
	/* WHAT, a keyword, begins, and may take US. */
	void (*begins)(const char *what, int64_t us, void *user_data);
	/* startup_script is over, or could not be run. */
	void (*started)(void *user_data);
	/* shutdown_script is over. */
	void (*ended)(void *user_data);
};

/* Borrows CALLBACKS. */
struct startup *startup_new(struct loop *loop, struct roles *roles,
	const struct startup_callbacks *callbacks, void *user_data);
void startup_free(struct startup *startup);

/* GENERATION, borrowed until started(), has a startup_script that has not been
 * run: starts the runner and it.  False when there is nothing to do. */
bool startup_begin(
	struct startup *startup, const struct generation *generation);
/* GENERATION runs: its shutdown_script counts from now on. */
void startup_set_running(
	struct startup *startup, const struct generation *generation);
/* The runner alone is left: true when its stop has to wait for ended(). */
bool startup_end(struct startup *startup);

/* What the roles say; true when it was for this module alone. */
bool startup_on_message(
	struct startup *startup, enum role_id id, struct message *msg);
void startup_on_lost(struct startup *startup, enum role_id id);

#endif
