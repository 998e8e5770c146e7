/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is told about a change of state: notify scripts, and the ipvs role. */
#include <stdio.h>
#include <string.h>

#include "vrrp/shell.h"

/* keepalived's words, which are arguments of scripts. */
static const char *state_word(enum vrrp_state state)
{
	switch (state) {
	case VRRP_STATE_ACTIVE:
		return "MASTER";
	case VRRP_STATE_BACKUP:
		return "BACKUP";
	case VRRP_STATE_FAULT:
		return "FAULT";
	case VRRP_STATE_INITIALIZE:
		return "STOP";
	}
	return "STOP";
}

static const struct conf_script *state_script(
	const struct vrrp_notify_conf *conf, enum vrrp_state state)
{
	switch (state) {
	case VRRP_STATE_ACTIVE:
		return &conf->master;
	case VRRP_STATE_BACKUP:
		return &conf->backup;
	case VRRP_STATE_FAULT:
		return &conf->fault;
	case VRRP_STATE_INITIALIZE:
		return &conf->stop;
	}
	return &conf->stop;
}

static void run_script(struct vrrp_runs *runs, const struct conf_script *script,
	const char *subject)
{
	const struct msg_run run = {
		.node = script->node,
		.subject = subject,
	};

	if (script->node)
		vrrp_runs_notify(runs, &run);
}

/* `notify`: after the one for the state, with four arguments more. */
static void run_any(struct vrrp_runs *runs, const struct conf_script *script,
	const char *subject, const char *kind, const char *name,
	const char *word, unsigned int priority)
{
	char number[8];
	const struct msg_run run = {
		.node = script->node,
		.subject = subject,
		.n_args = 4,
		.args = { kind, name, word, number },
	};

	if (!script->node)
		return;
	snprintf(number, sizeof(number), "%u", priority);
	vrrp_runs_notify(runs, &run);
}

/* Taken out of the configuration: keepalived says FAULT, or DELETED where
 * notify_deleted asks for it. */
static void notify_deleted(struct vrrp_instance *inst)
{
	const struct vrrp_notify_conf *conf = &inst->conf->notify;
	struct vrrp_runs *runs = inst->role->runs;
	bool deleted = conf->deleted_said;

	run_script(
		runs, deleted ? &conf->deleted : &conf->fault, inst->subject);
	run_any(runs, &conf->any, inst->subject, "INSTANCE", inst->name,
		deleted ? "DELETED" : "FAULT", inst->fsm.priority);
	vrrp_tell_instance(inst, deleted ? EVENT_DELETED : EVENT_FAULT);
}

void vrrp_notify_instance(
	struct vrrp_instance *inst, enum vrrp_state from, enum vrrp_state to)
{
	const struct vrrp_notify_conf *conf = &inst->conf->notify;
	struct vrrp_runs *runs = inst->role->runs;

	(void)from;
	/* Scripts know it already: the predecessor told them. */
	if (inst->has_notified && inst->notified == to)
		return;
	inst->has_notified = true;
	inst->notified = to;
	if (to == VRRP_STATE_INITIALIZE && !inst->role->stopping) {
		/* A startup delay is nothing to talk about. */
		if (inst->phase == VRRP_PHASE_RETIRING && !inst->replaced)
			notify_deleted(inst);
		return;
	}
	run_script(runs, state_script(conf, to), inst->subject);
	run_any(runs, &conf->any, inst->subject, "INSTANCE", inst->name,
		state_word(to), inst->fsm.priority);
	vrrp_tell_instance(inst, vrrp_event_of_state(to));
}

void vrrp_notify_lower_prio(struct vrrp_instance *inst)
{
	run_script(inst->role->runs, &inst->conf->notify.master_rx_lower_pri,
		inst->subject);
	vrrp_tell_instance(inst, EVENT_MASTER_RX_LOWER_PRI);
}

void vrrp_notify_group(struct vrrp_sync_group *group, struct vrrp_role *role,
	enum vrrp_state to)
{
	const struct vrrp_notify_conf *conf;

	/* INITIALIZE while starting is nothing. */
	if (!group->conf || (to == VRRP_STATE_INITIALIZE && !role->stopping))
		return;
	conf = &group->conf->notify;
	run_script(role->runs, state_script(conf, to), group->subject);
	run_any(role->runs, &conf->any, group->subject, "GROUP", group->name,
		state_word(to), 0);
	vrrp_tell_group(group, role, vrrp_event_of_state(to));
}

void vrrp_tell_ipvs(struct vrrp_role *role, const struct vrrp_instance *inst)
{
	const struct msg_vrrp_state m = {
		.instance = inst->name,
		.state = inst->fsm.state,
	};
	struct buf_writer body = { .data = NULL };

	if (!role_peer_is_up(role->role, ROLE_IPVS))
		return;
	msg_put_vrrp_state(&body, &m);
	role_send(role->role, ROLE_IPVS, MSG_VRRP_STATE,
		role_generation(role->role), &body, -1);
	buf_writer_free(&body);
}
