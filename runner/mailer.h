/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends mail: one process at a time, which talks to the mail server as an
 * account that owns nothing, some mails in one session, in their order.
 *
 * What fails for a while is tried again with growing waits; what is refused
 * for good, or failed too often, is counted and logged.  Mails that wait are
 * noted with the supervisor, so that a successor of this process sends them.
 */
#ifndef TANDEM_RUNNER_MAILER_H
#define TANDEM_RUNNER_MAILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/role.h"
#include "runner/event_names.h"
#include "runner/script_table.h"

struct json_object;
struct mailer;

/* CHANGED is called when a session has ended. */
struct mailer *mailer_new(
	struct role *role, void (*changed)(void *user_data), void *user_data);
void mailer_free(struct mailer *mailer);

/* One checkpoint of the predecessor; false when it is none of ours. */
bool mailer_restore(
	struct mailer *mailer, const char *key, const void *data, size_t len);

/* Mail is sent as TABLE (referenced) says from now on. */
void mailer_commit(struct mailer *mailer, struct script_table *table);

/* Queues a mail about EVENT, if it is wanted. */
void mailer_tell(struct mailer *mailer, struct event_names *names,
	const struct msg_event *event);

/* Told to stop: what is held is sent, too. */
void mailer_hurry(struct mailer *mailer);
/* A session is going on. */
bool mailer_is_busy(const struct mailer *mailer);
/* Ends the session; the number of notifications that are lost by it. */
size_t mailer_abandon(struct mailer *mailer);

/* {sent, refused, lost, waiting, error}; what an operator must know goes to
 * PROBLEMS.  A new reference. */
struct json_object *mailer_status(
	const struct mailer *mailer, struct json_object *problems);

#endif
