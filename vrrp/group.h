/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sync groups, and the one door through which events reach the state
 * machines.
 *
 * A group moves as a whole:
 * - a fault of one member is a fault of all (VRRP_FAULT_GROUP);
 * - it becomes ACTIVE when the down timers of all members are over, not
 *   when the first one is: a router that misses adverts on one segment
 *   only does not fight an Active router that is well on the others;
 * - it goes to BACKUP when one member has to.
 *
 * Two groups of equal priority that meet as ACTIVE are parted by the primary
 * addresses of the first member alone, if that one meets its peer too:
 * otherwise each could lose on one segment, over and over.  So all routers
 * should add the members in the same order (by VRID and family).
 *
 * Pure, as fsm.h.  The shell owns groups and members; members are borrowed.
 */
#ifndef TANDEM_VRRP_GROUP_H
#define TANDEM_VRRP_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/fsm.h"

/* Where results go.  Called from within vrrp_dispatch(), in order; must not
 * call it again (queue the event instead). */
struct vrrp_sink {
	void (*actions)(void *ctx, struct vrrp_fsm *fsm,
		const struct vrrp_actions *actions);
	/* The state of a group as a whole changed; may be NULL. */
	void (*group_state)(void *ctx, struct vrrp_group *group,
		enum vrrp_state from, enum vrrp_state to, enum reason reason);
	void *ctx;
};

struct vrrp_group {
	void *user; /* the shell's */
	struct vrrp_fsm **members;
	size_t n_members;
	size_t capacity;
	bool dirty; /* members came or went */
	enum vrrp_state state; /* of the whole */
	enum reason reason;
	int64_t since_us;
};

void vrrp_group_init(struct vrrp_group *group);
/*
 * Membership.  add sets fsm->group; clear forgets all members and frees what
 * the group holds, the members stay.  Nothing moves yet: the next event of a
 * member, or of one that left, settles it (at a reload that is RECONFIGURE).
 */
void vrrp_group_add(struct vrrp_group *group, struct vrrp_fsm *fsm);
void vrrp_group_remove(struct vrrp_group *group, struct vrrp_fsm *fsm);
void vrrp_group_clear(struct vrrp_group *group);

/*
 * Gives EVENT to FSM, moves the rest of its group as needed and hands each
 * result to SINK.  Afterwards the deadlines of FSM and of all members of its
 * group may have changed.
 */
void vrrp_dispatch(struct vrrp_fsm *fsm, const struct vrrp_event *event,
	int64_t now_us, const struct vrrp_sink *sink);

#endif
