/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/group.h"

#include <string.h>

#include "lib/mem.h"

void vrrp_group_init(struct vrrp_group *group)
{
	memset(group, 0, sizeof(*group));
	group->state = VRRP_STATE_INITIALIZE;
	group->reason = REASON_NONE;
}

/* A member that waited for the others need not wait any longer. */
static void forget_member(struct vrrp_fsm *fsm)
{
	fsm->group = NULL;
	fsm->follows = false;
	if (fsm->willing)
		fsm->timers[VRRP_TIMER_DOWN] = fsm->heard_us;
	fsm->willing = false;
}

void vrrp_group_clear(struct vrrp_group *group)
{
	for (size_t i = 0; i < group->n_members; i++)
		forget_member(group->members[i]);
	x_free((void *)group->members);
	group->members = NULL;
	group->n_members = 0;
	group->capacity = 0;
}

void vrrp_group_add(struct vrrp_group *group, struct vrrp_fsm *fsm)
{
	if (group->n_members == group->capacity) {
		group->capacity = group->capacity ? 2 * group->capacity : 4;
		group->members = x_realloc((void *)group->members,
			group->capacity, sizeof(*group->members));
	}
	fsm->follows = group->n_members > 0;
	fsm->group = group;
	group->members[group->n_members++] = fsm;
	group->dirty = true;
}

void vrrp_group_remove(struct vrrp_group *group, struct vrrp_fsm *fsm)
{
	size_t kept = 0;

	for (size_t i = 0; i < group->n_members; i++)
		if (group->members[i] != fsm)
			group->members[kept++] = group->members[i];
	group->n_members = kept;
	if (kept > 0)
		group->members[0]->follows = false;
	forget_member(fsm);
	group->dirty = true;
}

/* What is true of the members together. */
struct census {
	size_t running;
	size_t own_faults; /* members with a fault that is not the group's */
	size_t in_fault;
	size_t in_initialize;
	size_t active;
	size_t willing;
};

static bool has_own_fault(const struct vrrp_fsm *fsm)
{
	return (fsm->faults & ~(unsigned int)VRRP_FAULT_GROUP) != 0;
}

static struct census take_census(const struct vrrp_group *group)
{
	struct census c = { 0 };

	for (size_t i = 0; i < group->n_members; i++) {
		const struct vrrp_fsm *fsm = group->members[i];

		c.running += fsm->running;
		c.own_faults += has_own_fault(fsm);
		c.in_fault += fsm->state == VRRP_STATE_FAULT;
		c.in_initialize += fsm->state == VRRP_STATE_INITIALIZE;
		c.active += fsm->state == VRRP_STATE_ACTIVE;
		c.willing += fsm->willing;
	}
	return c;
}

static void step_one(struct vrrp_fsm *fsm, const struct vrrp_event *event,
	int64_t now_us, const struct vrrp_sink *sink)
{
	struct vrrp_actions actions;

	vrrp_fsm_step(fsm, event, now_us, &actions);
	if (actions.n > 0)
		sink->actions(sink->ctx, fsm, &actions);
}

/* A member has VRRP_FAULT_GROUP while another one has a fault of its own. */
static void settle_faults(struct vrrp_group *group, enum reason recovered,
	int64_t now_us, const struct vrrp_sink *sink)
{
	size_t own_faults = take_census(group).own_faults;

	for (size_t i = 0; i < group->n_members; i++) {
		struct vrrp_fsm *fsm = group->members[i];
		bool want = own_faults > has_own_fault(fsm);
		bool has = (fsm->faults & VRRP_FAULT_GROUP) != 0;
		struct vrrp_event event = {
			.type = want ? VRRP_EVENT_FAULT_SET
				     : VRRP_EVENT_FAULT_CLEAR,
			.fault = { VRRP_FAULT_GROUP,
				want ? REASON_VRRP_SYNC_GROUP : recovered },
		};

		if (want != has)
			step_one(fsm, &event, now_us, sink);
	}
}

static void settle_states(
	struct vrrp_group *group, int64_t now_us, const struct vrrp_sink *sink)
{
	struct census c = take_census(group);
	struct vrrp_event event = { .type = VRRP_EVENT_GROUP_ACTIVE };

	if (c.willing == group->n_members) {
		for (size_t i = 0; i < group->n_members; i++) {
			event.reason = group->members[i]->takeover_reason;
			step_one(group->members[i], &event, now_us, sink);
		}
		return;
	}
	if (c.active == 0 || c.active == group->n_members)
		return;
	event.type = VRRP_EVENT_GROUP_BACKUP;
	event.reason = REASON_VRRP_SYNC_GROUP;
	for (size_t i = 0; i < group->n_members; i++)
		step_one(group->members[i], &event, now_us, sink);
}

static void hurry_others(
	struct vrrp_fsm *fsm, int64_t now_us, const struct vrrp_sink *sink)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_GROUP_HURRY };

	for (size_t i = 0; i < fsm->group->n_members; i++)
		if (fsm->group->members[i] != fsm)
			step_one(fsm->group->members[i], &event, now_us, sink);
}

static enum vrrp_state state_of(
	const struct vrrp_group *group, const struct census *c)
{
	if (c->in_fault > 0)
		return VRRP_STATE_FAULT;
	if (c->in_initialize > 0 || group->n_members == 0)
		return VRRP_STATE_INITIALIZE;
	if (c->active == group->n_members)
		return VRRP_STATE_ACTIVE;
	return VRRP_STATE_BACKUP;
}

/* The one place where the state of a group changes. */
static void change_state(struct vrrp_group *group, enum reason reason,
	int64_t now_us, const struct vrrp_sink *sink)
{
	struct census c = take_census(group);
	enum vrrp_state from = group->state, to = state_of(group, &c);

	if (from == to)
		return;
	group->state = to;
	group->reason = reason;
	group->since_us = now_us;
	if (sink->group_state)
		sink->group_state(sink->ctx, group, from, to, reason);
}

/* Moves the rest of the group after FSM changed. */
static void settle(struct vrrp_group *group, const struct vrrp_fsm *fsm,
	const struct vrrp_event *event, int64_t now_us,
	const struct vrrp_sink *sink)
{
	enum reason recovered = REASON_VRRP_TRACK_RECOVERED;

	group->dirty = false;
	/* While members are still being started or already stopped, nobody
	 * is moved by the others. */
	if (take_census(group).running == group->n_members) {
		if (event->type == VRRP_EVENT_FAULT_CLEAR)
			recovered = event->fault.reason;
		settle_faults(group, recovered, now_us, sink);
		settle_states(group, now_us, sink);
	}
	change_state(group, fsm->reason, now_us, sink);
}

/* A fault that a former group left behind. */
static void clear_group_fault(
	struct vrrp_fsm *fsm, int64_t now_us, const struct vrrp_sink *sink)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_FAULT_CLEAR,
		.fault = { VRRP_FAULT_GROUP, REASON_VRRP_TRACK_RECOVERED },
	};

	if (fsm->faults & VRRP_FAULT_GROUP)
		step_one(fsm, &event, now_us, sink);
}

void vrrp_dispatch(struct vrrp_fsm *fsm, const struct vrrp_event *event,
	int64_t now_us, const struct vrrp_sink *sink)
{
	struct vrrp_group *group = fsm->group;
	uint64_t resigned = fsm->counters.prio_zero_received;
	enum vrrp_state state = fsm->state;
	unsigned int faults = fsm->faults;
	bool willing = fsm->willing, running = fsm->running;

	step_one(fsm, event, now_us, sink);
	if (!group) {
		clear_group_fault(fsm, now_us, sink);
		return;
	}
	if (fsm->state == VRRP_STATE_BACKUP &&
		fsm->counters.prio_zero_received != resigned)
		hurry_others(fsm, now_us, sink);
	if (group->dirty || fsm->state != state || fsm->faults != faults ||
		fsm->willing != willing || fsm->running != running)
		settle(group, fsm, event, now_us, sink);
}
