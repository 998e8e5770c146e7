/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/transaction.h"

#include <errno.h>
#include <unistd.h>

#include "daemon/generation.h"
#include "daemon/role_table.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* For a role to bind, or to commit, a configuration of any size. */
#define TRANSACTION_STEP_US (30 * USEC_PER_SEC)
/* A role that takes longer than this is named in the log. */
#define TRANSACTION_SLOW_US (500 * USEC_PER_MSEC)

struct transaction {
	struct roles *roles;
	struct loop_timer *timer;
	struct reload_fsm fsm;
	const struct generation *generation;
	int plan_fds[ROLE_COUNT];
	enum role_id culprit;
	char *text;
	int64_t step_us; /* when what is awaited was asked for */
	void (*done)(const struct transaction_result *result, void *user_data);
	void *user_data;
};

static void transaction_timeout(void *user_data);

struct transaction *transaction_new(struct loop *loop, struct roles *roles,
	void (*done)(const struct transaction_result *result, void *user_data),
	void *user_data)
{
	struct transaction *t = x_new(struct transaction, 1);
	unsigned int id;

	t->roles = roles;
	t->done = done;
	t->user_data = user_data;
	t->timer = loop_timer_new(loop, transaction_timeout, t);
	for (id = 0; id < ROLE_COUNT; id++)
		t->plan_fds[id] = -1;
	return t;
}

static void transaction_forget(struct transaction *t)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++) {
		if (t->plan_fds[id] >= 0)
			close(t->plan_fds[id]);
		t->plan_fds[id] = -1;
	}
	x_free(t->text);
	t->text = NULL;
	t->culprit = ROLE_SUPERVISOR;
}

void transaction_free(struct transaction *t)
{
	if (!t)
		return;
	transaction_forget(t);
	loop_timer_free(t->timer);
	x_free(t);
}

bool transaction_is_idle(const struct transaction *t)
{
	return t->fsm.phase == RELOAD_IDLE;
}

static void transaction_prepare(struct transaction *t, enum role_id id)
{
	struct msg_prepare m = { .dry_run = t->fsm.dry_run };
	struct buf_writer w = { .data = NULL };

	msg_put_prepare(&w, &m);
	roles_set_patient(t->roles, id, true);
	roles_send(t->roles, id, MSG_PREPARE, t->generation->number, &w,
		t->generation->fd);
	buf_writer_free(&w);
}

static void transaction_finish(
	struct transaction *t, enum reload_outcome outcome)
{
	struct transaction_result result = {
		.outcome = outcome,
		.role = t->culprit,
		.text = t->text ? t->text : "",
		.plan_fds = t->plan_fds,
	};
	unsigned int id;

	loop_timer_set(t->timer, TIME_NEVER);
	for (id = 0; id < ROLE_COUNT; id++)
		roles_set_patient(t->roles, (enum role_id)id, false);
	/* Plans are given away before DONE may start another one. */
	t->done(&result, t->user_data);
}

static void transaction_act(
	struct transaction *t, const struct reload_actions *actions)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++) {
		unsigned int bit = RELOAD_ROLE(id);

		if (actions->prepare & bit)
			transaction_prepare(t, (enum role_id)id);
		if (actions->abort & bit)
			roles_send(t->roles, (enum role_id)id, MSG_ABORT,
				t->generation->number, NULL, -1);
		if (actions->commit & bit)
			roles_send(t->roles, (enum role_id)id, MSG_COMMIT,
				t->generation->number, NULL, -1);
		if (actions->kill & bit)
			roles_kill(t->roles, (enum role_id)id,
				"did not commit in time");
	}
	if (actions->outcome != RELOAD_RUNNING)
		transaction_finish(t, actions->outcome);
}

static void transaction_set_timer(struct transaction *t)
{
	t->step_us = time_monotonic_us();
	loop_timer_set(t->timer, t->step_us + TRANSACTION_STEP_US);
}

static void transaction_note_slow(
	const struct transaction *t, enum role_id id, const char *what)
{
	int64_t took = time_monotonic_us() - t->step_us;

	if (took > TRANSACTION_SLOW_US)
		log_info("%s took %.1f s to %s generation %u", role_id_name(id),
			(double)took / USEC_PER_SEC, what,
			t->generation->number);
}

void transaction_start(struct transaction *t,
	const struct generation *generation, unsigned int participants,
	bool dry_run)
{
	struct reload_actions actions;
	const enum role_id *order;
	unsigned int n;

	transaction_forget(t);
	t->generation = generation;
	order = role_table_commit_order(&n);
	transaction_set_timer(t);
	actions = reload_fsm_start(&t->fsm, participants, dry_run, order, n);
	transaction_act(t, &actions);
}

void transaction_cancel(struct transaction *t)
{
	unsigned int id;

	loop_timer_set(t->timer, TIME_NEVER);
	reload_fsm_cancel(&t->fsm);
	for (id = 0; id < ROLE_COUNT; id++)
		roles_set_patient(t->roles, (enum role_id)id, false);
}

static void transaction_blame(
	struct transaction *t, enum role_id id, const char *text)
{
	if (t->text)
		return;
	t->culprit = id;
	t->text = x_strdup(text);
}

static void transaction_timeout(void *user_data)
{
	struct transaction *t = user_data;
	struct reload_actions actions;
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (t->fsm.waiting & RELOAD_ROLE(id))
			transaction_blame(t, (enum role_id)id,
				"gives no answer to the new configuration");
	transaction_set_timer(t);
	actions = reload_fsm_timeout(&t->fsm);
	transaction_act(t, &actions);
}

/* Answers to an aborted generation may still be on their way. */
static bool transaction_is_current(
	const struct transaction *t, const struct message *msg)
{
	return t->fsm.phase != RELOAD_IDLE &&
	       msg->generation == t->generation->number;
}

void transaction_on_prepared(
	struct transaction *t, enum role_id id, struct message *msg)
{
	struct reload_actions actions;
	struct msg_prepared m;

	if (!transaction_is_current(t, msg) ||
		!(t->fsm.waiting & RELOAD_ROLE(id)))
		return;
	if (msg_get_prepared(&msg->body, &m) < 0) {
		m.error = -EBADMSG;
		m.text = "sent a malformed answer";
	}
	transaction_note_slow(t, id, "prepare");
	if (m.error)
		transaction_blame(t, id, m.text);
	else if (t->plan_fds[id] < 0)
		t->plan_fds[id] = message_take_fd(msg);
	actions = reload_fsm_prepared(&t->fsm, id, !m.error);
	if (t->fsm.phase == RELOAD_COMMITTING)
		transaction_set_timer(t);
	transaction_act(t, &actions);
}

void transaction_on_committed(
	struct transaction *t, enum role_id id, const struct message *msg)
{
	struct reload_actions actions;

	if (!transaction_is_current(t, msg) ||
		!(t->fsm.waiting & RELOAD_ROLE(id)))
		return;
	transaction_note_slow(t, id, "commit");
	transaction_set_timer(t);
	actions = reload_fsm_committed(&t->fsm, id);
	transaction_act(t, &actions);
}

void transaction_on_lost(struct transaction *t, enum role_id id)
{
	struct reload_actions actions;

	if (t->fsm.phase == RELOAD_IDLE ||
		!(t->fsm.participants & RELOAD_ROLE(id)))
		return;
	if (t->fsm.phase == RELOAD_PREPARING)
		transaction_blame(t, id, "died while preparing");
	actions = reload_fsm_lost(&t->fsm, id);
	transaction_act(t, &actions);
}
