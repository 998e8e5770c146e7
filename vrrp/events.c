/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What FIFOs and mail are told; the runner makes the words of it. */
#include "lib/event_sender.h"
#include "vrrp/shell.h"

enum event_what vrrp_event_of_state(enum vrrp_state state)
{
	switch (state) {
	case VRRP_STATE_ACTIVE:
		return EVENT_MASTER;
	case VRRP_STATE_BACKUP:
		return EVENT_BACKUP;
	case VRRP_STATE_FAULT:
		return EVENT_FAULT;
	case VRRP_STATE_INITIALIZE:
		return EVENT_STOP;
	}
	return EVENT_STOP;
}

static void tell(const struct vrrp_role *role, uint32_t generation,
	const struct msg_event *event)
{
	event_sender_put(role->events, generation, event);
	event_sender_flush(role->events);
}

static void tell_instance(const struct vrrp_instance *inst,
	enum event_what what, uint8_t flags)
{
	const struct msg_event event = {
		.subject = EVENT_INSTANCE,
		.what = what,
		.flags = flags,
		.priority = inst->fsm.priority,
		.node = inst->conf->node,
	};

	tell(inst->role, inst->generation->number, &event);
}

static void tell_group(const struct vrrp_sync_group *group,
	const struct vrrp_role *role, enum event_what what, uint8_t flags)
{
	const struct msg_event event = {
		.subject = EVENT_GROUP,
		.what = what,
		.flags = flags,
		.node = group->conf->node,
	};

	tell(role, role->running->number, &event);
}

void vrrp_tell_instance(const struct vrrp_instance *inst, enum event_what what)
{
	if (inst->conf)
		tell_instance(inst, what, 0);
}

void vrrp_tell_group(const struct vrrp_sync_group *group,
	const struct vrrp_role *role, enum event_what what)
{
	tell_group(group, role, what, 0);
}

void vrrp_tell_priority(struct vrrp_instance *inst)
{
	bool first = !inst->told_priority;

	inst->told_priority = inst->fsm.priority;
	if (first || inst->phase != VRRP_PHASE_LIVE ||
		!inst->conf->notify_priority_changes)
		return;
	tell_instance(inst,
		inst->fsm.state == VRRP_STATE_ACTIVE ? EVENT_MASTER_PRIORITY
						     : EVENT_BACKUP_PRIORITY,
		0);
}

void vrrp_tell_states(const struct vrrp_role *role)
{
	struct vrrp_sync_group *group, *next;

	if (!role->running->conf->globals->tell_states_on_reload)
		return;
	HASH_ITER (hh, role->groups, group, next)
		if (group->core.state != VRRP_STATE_INITIALIZE)
			tell_group(group, role,
				vrrp_event_of_state(group->core.state),
				EVENT_AGAIN);
	vrrp_for_each_instance(role, inst)
		if (inst->fsm.state != VRRP_STATE_INITIALIZE)
			tell_instance(inst,
				vrrp_event_of_state(inst->fsm.state),
				EVENT_AGAIN);
}
