/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of a virtual router, and what entering and leaving them means. */
#include <string.h>

#include "vrrp/fsm_internal.h"

/* A router that resigns waits no longer than this for its successor. */
#define LINGER_MAX_US (3 * USEC_PER_SEC)
/* What a successor needs beside its skew time. */
#define LINGER_MARGIN_US (100 * USEC_PER_MSEC)
/* The first advert of a successor waits for its addresses no longer than this
 * part of the interval: eight steps of priority in the skew time. */
#define HELD_ADVERT_PART 32

/* --- arithmetic --- */

int64_t fsm_skew_us(
	const struct vrrp_fsm *fsm, uint8_t priority, int64_t interval_us)
{
	/* RFC 3768 6.1: (256 - Priority) / 256 seconds.  RFC 9568 6.1: that
	 * part of the Active_Adver_Interval. */
	int64_t unit = fsm->conf.version == 2 ? USEC_PER_SEC : interval_us;

	return (256 - priority) * unit / 256;
}

int64_t vrrp_fsm_skew_us(const struct vrrp_fsm *fsm)
{
	return fsm_skew_us(fsm, fsm->priority, fsm->active_adver_int_us);
}

int64_t vrrp_fsm_down_interval_us(const struct vrrp_fsm *fsm)
{
	/* RFC 9568 6.1: 3 * Active_Adver_Interval + Skew_Time; the 3 is
	 * down_timer_adverts. */
	return fsm->conf.down_timer_adverts * fsm->active_adver_int_us +
	       vrrp_fsm_skew_us(fsm);
}

int64_t vrrp_fsm_deadline(const struct vrrp_fsm *fsm)
{
	int64_t deadline = TIME_NEVER;

	for (int i = 0; i < VRRP_TIMER_COUNT; i++)
		if (fsm->timers[i] < deadline)
			deadline = fsm->timers[i];
	return deadline;
}

static int64_t linger_us(const struct vrrp_fsm *fsm)
{
	int64_t linger = fsm->conf.linger_us;

	if (linger == 0)
		linger = fsm_skew_us(fsm, 1, fsm->conf.advert_int_us) +
			 LINGER_MARGIN_US;
	return linger < LINGER_MAX_US ? linger : LINGER_MAX_US;
}

bool fsm_is_owner(const struct vrrp_fsm *fsm)
{
	return fsm->priority == VRRP_PRIORITY_OWNER;
}

/* Faults that leave nobody to talk to: addresses go at once. */
bool fsm_is_hard(unsigned int faults)
{
	return (faults & (VRRP_FAULT_LINK | VRRP_FAULT_SOURCE |
				 VRRP_FAULT_SOCKET)) != 0;
}

enum reason vrrp_fsm_fault_reason(const struct vrrp_fsm *fsm)
{
	for (int i = 0; i < VRRP_FAULT_COUNT; i++)
		if (fsm->faults & 1U << i)
			return fsm->fault_reasons[i];
	return REASON_NONE;
}

/* --- actions --- */

struct vrrp_action *fsm_act(struct fsm_step *s, enum vrrp_action_type type)
{
	/* The longest step makes 9; a step that forgot its bounds must not
	 * write behind the array. */
	struct vrrp_action *action = &s->out->items[VRRP_ACTIONS_MAX - 1];

	if (s->out->n < VRRP_ACTIONS_MAX)
		action = &s->out->items[s->out->n++];
	memset(action, 0, sizeof(*action));
	action->type = type;
	return action;
}

void fsm_send_advert(struct fsm_step *s, uint8_t priority)
{
	fsm_act(s, VRRP_ACT_SEND_ADVERT)->priority = priority;
	s->fsm->advert_held = false;
	s->fsm->counters.adverts_sent++;
	if (priority == VRRP_PRIORITY_STOP)
		s->fsm->counters.prio_zero_sent++;
}

void fsm_announce(struct fsm_step *s, unsigned int count)
{
	fsm_act(s, VRRP_ACT_ANNOUNCE)->count = count ? count : 1;
}

void fsm_remove_addresses(struct fsm_step *s)
{
	s->fsm->timers[VRRP_TIMER_LINGER] = TIME_NEVER;
	if (!s->fsm->holding)
		return;
	s->fsm->holding = false;
	fsm_act(s, VRRP_ACT_REMOVE_ADDRESSES);
	if (!s->fsm->running)
		fsm_act(s, VRRP_ACT_STOPPED);
}

/* --- states --- */

/* The one place where the state changes. */
void fsm_change_state(
	struct fsm_step *s, enum vrrp_state to, enum reason reason)
{
	struct vrrp_fsm *fsm = s->fsm;
	enum vrrp_state from = fsm->state;
	struct vrrp_action *action;

	if (from == to)
		return;
	fsm->state = to;
	fsm->reason = reason;
	fsm->since_us = s->now;
	if (to == VRRP_STATE_ACTIVE)
		fsm->counters.became_active++;
	if (from == VRRP_STATE_ACTIVE)
		fsm->counters.released_active++;
	action = fsm_act(s, VRRP_ACT_STATE);
	action->state.from = from;
	action->state.to = to;
	action->state.reason = reason;
}

/* What no state but the one that is entered wants; the startup delay goes on
 * and addresses that are held have their own end. */
void fsm_cancel_timers(struct vrrp_fsm *fsm)
{
	for (int i = 0; i < VRRP_TIMER_COUNT; i++)
		if (i != VRRP_TIMER_STARTUP && i != VRRP_TIMER_LINGER)
			fsm->timers[i] = TIME_NEVER;
	fsm->willing = false;
	fsm->advert_held = false;
	fsm->tie_since_us = TIME_NEVER;
	fsm->preempt_at_us = TIME_NEVER;
}

/* An Active router was heard, or is waited for from now on. */
void fsm_restart_down_timer(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	fsm->heard_us = s->now;
	fsm->timers[VRRP_TIMER_DOWN] = s->now + vrrp_fsm_down_interval_us(fsm);
	fsm->takeover_reason = REASON_VRRP_TIMEOUT;
	fsm->willing = false;
}

/*
 * The first advertisement.  A router that resigned keeps its addresses until
 * it hears it: whoever takes over from one says so when its own are there and
 * announced, and the clients see no gap.
 */
static void first_advert(struct fsm_step *s, enum reason reason, bool had_addresses)
{
	struct vrrp_fsm *fsm = s->fsm;
	int64_t interval = fsm->conf.advert_int_us;

	if (reason != REASON_VRRP_PRIO_ZERO || had_addresses) {
		fsm_send_advert(s, fsm->priority);
		fsm->timers[VRRP_TIMER_ADVERT] = s->now + interval;
		return;
	}
	fsm->advert_held = true;
	fsm->timers[VRRP_TIMER_ADVERT] = s->now + interval / HELD_ADVERT_PART;
}

/* RFC 9568 6.4.1 (115) and 6.4.2 (340): an advertisement first, so that
 * other routers stay calm; then addresses and announcements. */
void fsm_enter_active(struct fsm_step *s, enum reason reason)
{
	struct vrrp_fsm *fsm = s->fsm;
	const struct vrrp_garp_conf *garp = &fsm->conf.garp;
	bool had_addresses = fsm->holding;

	fsm_cancel_timers(fsm);
	fsm->timers[VRRP_TIMER_LINGER] = TIME_NEVER;
	fsm->timers[VRRP_TIMER_STARTUP] = TIME_NEVER;
	fsm->active_adver_int_us = fsm->conf.advert_int_us;
	fsm->active_router = fsm->primary;
	fsm->active_priority = fsm->priority;
	fsm->active_until_us = 0;
	fsm->holding = true;

	first_advert(s, reason, had_addresses);
	fsm_act(s, VRRP_ACT_ADD_ADDRESSES);
	fsm_announce(s, garp->repeat);
	if (garp->delay_us > 0)
		fsm->timers[VRRP_TIMER_GARP_DELAY] = s->now + garp->delay_us;
	if (garp->refresh_us > 0)
		fsm->timers[VRRP_TIMER_GARP_REFRESH] =
			s->now + garp->refresh_us;
	fsm_change_state(s, VRRP_STATE_ACTIVE, reason);
}

/* RFC 9568 6.4.1 (160), 6.4.3 (725): Active_Adver_Interval is already that
 * of the Active router.  Addresses are the caller's business. */
void fsm_enter_backup(struct fsm_step *s, enum reason reason)
{
	fsm_cancel_timers(s->fsm);
	fsm_restart_down_timer(s);
	fsm_change_state(s, VRRP_STATE_BACKUP, reason);
}

/* RFC 9568 6.4.3 (615): a priority of 0 lets a Backup router take over
 * after its skew time.  Addresses stay until it is heard. */
void fsm_resign(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	fsm_send_advert(s, VRRP_PRIORITY_STOP);
	fsm->active_adver_int_us = fsm->conf.advert_int_us;
	fsm->active_router = (struct ip_addr){ .family = AF_UNSPEC };
	fsm->timers[VRRP_TIMER_LINGER] = s->now + linger_us(fsm);
}

/* Back to learning: no Active router is known. */
void fsm_forget_active_router(struct vrrp_fsm *fsm)
{
	fsm->active_router = (struct ip_addr){ .family = AF_UNSPEC };
	fsm->active_priority = 0;
	fsm->active_until_us = 0;
	fsm->active_adver_int_us = fsm->conf.advert_int_us;
}

/* RFC 9568 6.4.1, the Startup event, without delay. */
void fsm_begin(struct fsm_step *s, enum reason reason)
{
	struct vrrp_fsm *fsm = s->fsm;

	fsm_forget_active_router(fsm);
	/* (105): the address owner is Active at once ... */
	if (fsm_is_owner(fsm) && !fsm->group) {
		fsm_enter_active(s, REASON_VRRP_OWNER);
		return;
	}
	/* (140): ... others listen first. */
	fsm_enter_backup(s, reason);
	if (fsm_is_owner(fsm)) {
		fsm->timers[VRRP_TIMER_DOWN] = TIME_NEVER;
		fsm->takeover_reason = REASON_VRRP_OWNER;
		fsm->willing = true;
	}
}

void fsm_enter_fault(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (fsm_is_hard(fsm->faults))
		fsm_remove_addresses(s);
	else if (fsm->state == VRRP_STATE_ACTIVE)
		fsm_resign(s);
	else if (fsm->holding && fsm->timers[VRRP_TIMER_LINGER] == TIME_NEVER)
		fsm->timers[VRRP_TIMER_LINGER] = s->now + linger_us(fsm);
	fsm_cancel_timers(fsm);
	fsm_forget_active_router(fsm);
	fsm_change_state(s, VRRP_STATE_FAULT, vrrp_fsm_fault_reason(fsm));
}
