/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/role.h"

#include <errno.h>
#include <json-c/json.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "ipvs-ctl/kept.h"
#include "ipvs-ctl/model_events.h"
#include "ipvs-ctl/role_internal.h"
#include "lib/event_sender.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* A new role writes nothing before it has heard of the checks, but does not
 * wait for ever. */
#define IPVS_HOLD_US (3 * USEC_PER_SEC)
/* A commit is told when the kernel has it, or after so long. */
#define IPVS_COMMIT_US (2 * USEC_PER_SEC)
#define IPVS_STOP_US (3 * USEC_PER_SEC)

static int on_check_states(
	void *state, enum role_id peer, struct message *msg);
static int on_vrrp_state(void *state, enum role_id peer, struct message *msg);
static int on_ran(void *state, enum role_id peer, struct message *msg);

/* Who may talk to this role, and what they may say. */
static const struct role_handler healthcheck_handlers[] = {
	{ MSG_CHECK_STATES, on_check_states },
	{ 0, NULL },
};

static const struct role_handler vrrp_handlers[] = {
	{ MSG_VRRP_STATE, on_vrrp_state },
	{ 0, NULL },
};

static const struct role_handler runner_handlers[] = {
	{ MSG_RAN, on_ran },
	{ 0, NULL },
};

static const struct role_peer ipvs_peers[] = {
	{ ROLE_HEALTHCHECK, healthcheck_handlers },
	{ ROLE_VRRP, vrrp_handlers },
	{ ROLE_RUNNER, runner_handlers },
	{ 0, NULL },
};

/* --- running what is due --- */

static void run_reconcile(struct ipvs_role *r)
{
	reconcile_run(r->reconcile);
	loop_timer_set(r->timer, reconcile_deadline(r->reconcile));
}

static void on_timer(void *user_data)
{
	run_reconcile(user_data);
}

/* --- scripts --- */

static int on_ran(void *state, enum role_id peer, struct message *msg)
{
	struct msg_ran m;

	(void)state;
	(void)peer;
	/* The runner logs what failed. */
	return msg_get_ran(&msg->body, &m);
}

/* --- what the model wants --- */

/* Gives what the model now wants to the reconciler. */
static void write_dirty(struct ipvs_role *r)
{
	struct model *model = r->running->model;
	struct model_service *service;
	size_t i;

	while ((service = model_next_dirty(model)))
		for (i = 0; i < service->conf->n_keys; i++)
			reconcile_set_service(r->reconcile,
				model_make_service(service, i));
	run_reconcile(r);
}

bool ipvs_role_is_restarted(const struct ipvs_role *r)
{
	return role_settings_flags(r->role) & SETTINGS_RESTARTED;
}

/* --- facts --- */

static void release(struct ipvs_role *r)
{
	loop_timer_set(r->hold_timer, TIME_NEVER);
	reconcile_hold(r->reconcile, false);
	run_reconcile(r);
}

static void on_hold_timer(void *user_data)
{
	struct ipvs_role *r = user_data;

	log_warning("no word of the health checks yet: going on with what "
		    "the kernel holds");
	release(r);
}

static void take_facts(struct ipvs_role *r, struct buf_reader *body,
	uint32_t count, struct model_changes *changes)
{
	int64_t now = time_monotonic_us();
	struct msg_check_state fact;
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (msg_get_check_state(body, &fact) < 0)
			return;
		if (model_check_state(r->running->model, &fact, now,
			    changes) < 0)
			r->unknown_facts++;
	}
}

/* The whole message is read before anything of it is believed. */
static int check_facts(struct buf_reader body, uint32_t count)
{
	struct msg_check_state fact;
	uint32_t i;

	for (i = 0; i < count; i++)
		if (msg_get_check_state(&body, &fact) < 0)
			return -EBADMSG;
	return buf_reader_finish(&body);
}

static int on_check_states(void *state, enum role_id peer, struct message *msg)
{
	struct model_changes changes = { .n = 0 };
	struct ipvs_role *r = state;
	uint32_t count;
	bool last;

	(void)peer;
	if (msg_get_check_states(&msg->body, &last, &count) < 0 ||
		check_facts(msg->body, count) < 0)
		return -EBADMSG;
	if (!r->running || msg->generation != r->running->number) {
		r->stale_facts += count;
		return 0;
	}
	if (r->stopping)
		return 0;
	take_facts(r, &msg->body, count, &changes);
	if (r->running->model->started) {
		model_settle(r->running->model, time_monotonic_us(), &changes);
		ipvs_role_handle_changes(r, &changes);
		write_dirty(r);
	}
	if (last)
		release(r);
	return 0;
}

static bool kernel_is_master(const struct ipvs_role *r)
{
	return reconcile_kernel(r->reconcile)
		->globals.daemons[TABLE_DAEMON_MASTER]
		.running;
}

void ipvs_role_wanted_globals(const struct ipvs_role *r,
	const struct ipvs_conf_globals *conf, struct table_globals *ret)
{
	struct ipvs_instance *instance = NULL;
	bool active;

	if (conf->sync.instance)
		HASH_FIND_STR(r->instances, conf->sync.instance, instance);
	/* Before vrrp has spoken a successor changes nothing. */
	active = instance ? instance->state == VRRP_STATE_ACTIVE :
			    ipvs_role_is_restarted(r) && kernel_is_master(r);
	ipvs_conf_table_globals(conf, active, ret);
}

static void want_globals(struct ipvs_role *r)
{
	struct table_globals globals;

	ipvs_role_wanted_globals(r, &r->running->conf->globals, &globals);
	reconcile_set_globals(r->reconcile, &globals);
}

static int on_vrrp_state(void *state, enum role_id peer, struct message *msg)
{
	struct ipvs_role *r = state;
	struct ipvs_instance *instance;
	struct msg_vrrp_state m;

	(void)peer;
	if (msg_get_vrrp_state(&msg->body, &m) < 0)
		return -EBADMSG;
	HASH_FIND_STR(r->instances, m.instance, instance);
	if (!instance) {
		instance = x_new(struct ipvs_instance, 1);
		instance->name = x_strdup(m.instance);
		HASH_ADD_KEYPTR(hh, r->instances, instance->name,
			strlen(instance->name), instance);
	}
	instance->state = m.state;
	if (r->running && !r->stopping && !r->adopting) {
		want_globals(r);
		run_reconcile(r);
	}
	return 0;
}

/* --- generations --- */

static int ipvs_prepare(void *state, uint32_t number, int fd, bool dry_run,
	struct json_object *plan, char **ret_error)
{
	struct ipvs_role *r = state;
	struct ipvs_generation *generation;
	int err = ipvs_generation_open(
		number, fd, r->mark_book, &generation);

	if (err) {
		*ret_error = x_asprintf(
			"cannot read the configuration: %s", strerror(-err));
		return err;
	}
	ipvs_generation_free(r->prepared);
	r->prepared = generation;
	/* At a start everything is new, and nobody asks. */
	if (dry_run || r->running)
		ipvs_role_make_plan(r, generation, plan);
	return 0;
}

static void ipvs_abort(void *state)
{
	struct ipvs_role *r = state;

	ipvs_generation_free(r->prepared);
	r->prepared = NULL;
}

static void tell_committed(struct ipvs_role *r)
{
	uint32_t generation = r->committing;

	if (!generation)
		return;
	r->committing = 0;
	loop_timer_set(r->commit_timer, TIME_NEVER);
	role_committed(r->role, generation);
}

static void on_commit_timer(void *user_data)
{
	tell_committed(user_data);
}

/* A successor begins with what its predecessor said and the kernel has. */
static void adopt(struct ipvs_role *r)
{
	model_adopt(r->running->model, reconcile_kernel(r->reconcile));
	if (r->kept)
		kept_apply(r->kept, r->running->model);
}

/* The model begins to want. */
static void start_model(struct ipvs_role *r, bool adopted)
{
	struct model_changes changes = { .n = 0 };
	struct model *model = r->running->model;
	struct table desired = { .services = NULL };

	r->adopting = false;
	kept_free(r->kept);
	r->kept = NULL;
	model_start(model, time_monotonic_us(), &changes);
	/* The predecessor told them. */
	if (adopted)
		model_forget_starts(&changes);
	ipvs_role_handle_changes(r, &changes);
	while (model_next_dirty(model))
		;
	model_make_table(model, &desired);
	reconcile_set_table(r->reconcile, &desired);
	want_globals(r);
}

/* A pass is over: ERR, or the kernel is as it should be. */
static void on_settled(void *user_data, int err)
{
	struct ipvs_role *r = user_data;

	if (r->stopping) {
		role_stopped(r->role);
		return;
	}
	if (!r->running)
		return;
	/* Without a kernel table there is nothing to adopt. */
	if (err && r->adopting) {
		adopt(r);
		start_model(r, true);
	}
	marks_settle(r->marks);
	tell_committed(r);
	role_ready(r->role);
}

static void ipvs_commit(void *state, uint32_t number)
{
	struct ipvs_role *r = state;
	struct ipvs_generation *old = r->running;
	struct ipvs_generation *new = r->prepared;
	struct model_changes removed = { .n = 0 };
	bool adopts = ipvs_role_is_restarted(r) && (!old || r->adopting);
	const struct ipvs_conf_globals *globals = &new->conf->globals;

	r->prepared = NULL;
	new->model = ipvs_role_make_model(r, new, true);
	if (!old && !ipvs_role_is_restarted(r))
		kept_say_start(time_monotonic_us(), ipvs_role_put_kept, r);
	else if (old && old->model->started)
		kept_say_inherited(old->model, new->model, ipvs_role_put_kept, r);
	if (old && old->model->started) {
		model_tell_removed(old->model, &removed);
		ipvs_role_handle_changes(r, &removed);
	}
	r->running = new;
	ipvs_generation_free(old);
	tell_committed(r);
	r->committing = number;
	reconcile_set_policy(r->reconcile, globals->foreign,
		globals->flush && !old && !ipvs_role_is_restarted(r));
	if (adopts) {
		reconcile_hold(r->reconcile, true);
		loop_timer_set(
			r->hold_timer, time_monotonic_us() + IPVS_HOLD_US);
		/* The peers, and so the facts, come after this. */
		tell_committed(r);
		if (reconcile_knows_kernel(r->reconcile)) {
			adopt(r);
			start_model(r, true);
		} else {
			r->adopting = true;
		}
	} else {
		start_model(r, false);
		loop_timer_set(
			r->commit_timer, time_monotonic_us() + IPVS_COMMIT_US);
	}
	mark_book_set(r->mark_book, new->conf, ipvs_role_put_kept, r);
	marks_want(r->marks, new->conf,
		adopts ? MARKS_WHEN_SETTLED : MARKS_NOW);
	/* A kernel that did not answer a while ago, for a status before the
	 * first generation perhaps, is not waited for. */
	if (reconcile_error(r->reconcile))
		on_settled(r, reconcile_error(r->reconcile));
	run_reconcile(r);
}

/* --- what the reconciler tells --- */

static void on_known(void *user_data)
{
	struct ipvs_role *r = user_data;

	if (!r->adopting)
		return;
	adopt(r);
	start_model(r, true);
}

static void on_rearm(void *user_data)
{
	struct ipvs_role *r = user_data;

	loop_timer_set(r->timer, reconcile_deadline(r->reconcile));
}

static int64_t on_now(void *user_data)
{
	(void)user_data;
	return time_monotonic_us();
}

/* --- peers, requests, life --- */

static void ipvs_peer_up(void *state, enum role_id peer)
{
	struct ipvs_role *r = state;

	if (peer != ROLE_RUNNER)
		return;
	event_sender_flush(r->events);
	ipvs_role_flush_runs(r);
}

static struct json_object *ipvs_request(
	void *state, const char *command, struct json_object *request)
{
	struct ipvs_role *r = state;
	struct json_object *subject;

	if (!strcmp(command, "status")) {
		/* So that the next answer has fresh counters. */
		reconcile_freshen(r->reconcile, USEC_PER_SEC);
		run_reconcile(r);
		return ipvs_role_status(r);
	}
	if (!strcmp(command, "explain") &&
		json_object_object_get_ex(request, "subject", &subject))
		return ipvs_role_explain(r, json_object_get_string(subject));
	return NULL;
}

static void on_stop_timer(void *user_data)
{
	struct ipvs_role *r = user_data;

	log_warning("the kernel's table could not be emptied in time");
	role_stopped(r->role);
}

static void ipvs_stop(void *state, enum stop_mode mode)
{
	struct model_changes changes = { .n = 0 };
	struct ipvs_role *r = state;
	int how;

	(void)mode;
	if (!r->running) {
		role_stopped(r->role);
		return;
	}
	model_stop(r->running->model, &changes);
	ipvs_role_handle_changes(r, &changes);
	if (role_settings_flags(r->role) & SETTINGS_KEEP_IPVS) {
		role_stopped(r->role);
		return;
	}
	how = r->running->conf->globals.flush_on_stop;
	r->stopping = true;
	loop_timer_set(r->stop_timer, time_monotonic_us() + IPVS_STOP_US);
	marks_remove(r->marks);
	reconcile_remove_all(r->reconcile, how == IPVS_STOP_FLUSH_ALL);
	run_reconcile(r);
}

static const struct reconcile_handlers reconcile_callbacks = {
	.settled = on_settled,
	.rearm = on_rearm,
	.known = on_known,
	.owned_changed = ipvs_role_on_owned_changed,
	.now = on_now,
};

static void *ipvs_create(struct role *role)
{
	struct ipvs_role *r = x_new(struct ipvs_role, 1);
	struct loop *loop = role_loop(role);

	r->role = role;
	r->events = event_sender_new(role);
	r->timer = loop_timer_new(loop, on_timer, r);
	r->hold_timer = loop_timer_new(loop, on_hold_timer, r);
	r->commit_timer = loop_timer_new(loop, on_commit_timer, r);
	r->stop_timer = loop_timer_new(loop, on_stop_timer, r);
	r->marks = marks_new(loop);
	r->mark_book = mark_book_new();
	r->kept = kept_new();
	r->reconcile = reconcile_new(
		dataplane_ipvs_new(loop), &reconcile_callbacks, r);
	return r;
}

static void ipvs_destroy(void *state)
{
	struct ipvs_instance *instance;
	struct ipvs_instance *next;
	struct ipvs_role *r = state;

	ipvs_role_drop_runs(r);
	event_sender_free(r->events);
	for (instance = r->instances; instance; instance = next) {
		next = instance->hh.next;
		HASH_DEL(r->instances, instance);
		x_free(instance->name);
		x_free(instance);
	}
	marks_free(r->marks);
	mark_book_free(r->mark_book);
	kept_free(r->kept);
	reconcile_free(r->reconcile);
	ipvs_generation_free(r->prepared);
	ipvs_generation_free(r->running);
	loop_timer_free(r->timer);
	loop_timer_free(r->hold_timer);
	loop_timer_free(r->commit_timer);
	loop_timer_free(r->stop_timer);
	x_free(r);
}

const struct role_ops ipvs_role_ops = {
	.id = ROLE_IPVS,
	.peers = ipvs_peers,
	.privileges = {
		.caps = { CAP_NET_ADMIN },
		.n_caps = 1,
		.no_new_privileges = true,
	},
	.stop_after = 1u << ROLE_VRRP,
	.create = ipvs_create,
	.destroy = ipvs_destroy,
	.restore = ipvs_role_restore,
	.prepare = ipvs_prepare,
	.commit = ipvs_commit,
	.abort = ipvs_abort,
	.peer_up = ipvs_peer_up,
	.request = ipvs_request,
	.stop = ipvs_stop,
};
