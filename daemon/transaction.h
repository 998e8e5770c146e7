/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shell of reload_fsm.h: one transaction at a time, carried out with
 * messages to the roles and watched by a timer.
 */
#ifndef TANDEM_DAEMON_TRANSACTION_H
#define TANDEM_DAEMON_TRANSACTION_H

#include <stdbool.h>

#include "daemon/reload_fsm.h"
#include "daemon/roles.h"

struct generation;
struct transaction;

/* How it ended.  Descriptors belong to the transaction. */
struct transaction_result {
	enum reload_outcome outcome;
	enum role_id role;   /* who refused or was lost */
	const char *text;    /* why; "" when all went well */
	const int *plan_fds; /* by role id; -1 = none */
};

/* DONE may start the next one. */
struct transaction *transaction_new(struct loop *loop, struct roles *roles,
	void (*done)(const struct transaction_result *result, void *user_data),
	void *user_data);
void transaction_free(struct transaction *transaction);

bool transaction_is_idle(const struct transaction *transaction);

/* Only when idle.  PARTICIPANTS are bits of roles that are alive; GENERATION
 * is borrowed until the end. */
void transaction_start(struct transaction *transaction,
	const struct generation *generation, unsigned int participants,
	bool dry_run);

/* For a daemon that stops: what runs is given up without an outcome, and no
 * role hears of it any more. */
void transaction_cancel(struct transaction *transaction);

void transaction_on_prepared(
	struct transaction *transaction, enum role_id id, struct message *msg);
void transaction_on_committed(struct transaction *transaction, enum role_id id,
	const struct message *msg);
void transaction_on_lost(struct transaction *transaction, enum role_id id);

#endif
