/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of a virtual router that are no packets, and its timers. */
#include "vrrp/fsm.h"

#include <string.h>

#include "vrrp/fsm_internal.h"

/* --- events that are no packets --- */

static void on_startup(struct fsm_step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;
	bool resumes = event->startup.resume != VRRP_STATE_INITIALIZE;
	int64_t delay = fsm->conf.startup_delay_us;
	bool was_active = event->startup.resume == VRRP_STATE_ACTIVE;

	if (fsm->running)
		return;
	fsm->running = true;
	fsm->since_us = s->now;
	fsm->reason = REASON_STARTUP;
	fsm->timers[VRRP_TIMER_LINGER] = TIME_NEVER;
	fsm_forget_active_router(fsm);
	if (was_active || event->startup.leftovers)
		fsm->holding = true;
	if (delay < event->startup.delay_us)
		delay = event->startup.delay_us;
	if (!resumes && delay > 0)
		fsm->timers[VRRP_TIMER_STARTUP] = s->now + delay;
	if (fsm->faults) {
		/* The predecessor could not say it any more. */
		if (was_active && !fsm_is_hard(fsm->faults))
			fsm_send_advert(s, VRRP_PRIORITY_STOP);
		fsm_enter_fault(s);
	} else if (was_active &&
		   event->startup.gap_us <= vrrp_fsm_down_interval_us(fsm)) {
		fsm_enter_active(s, REASON_ADOPTED);
	} else if (fsm->timers[VRRP_TIMER_STARTUP] == TIME_NEVER) {
		fsm_begin(s, resumes ? REASON_ADOPTED : REASON_STARTUP);
	}
}

static void on_shutdown(struct fsm_step *s, enum reason reason)
{
	struct vrrp_fsm *fsm = s->fsm;
	bool was_active = fsm->state == VRRP_STATE_ACTIVE;

	if (!fsm->running) {
		/* Asked twice: somebody is in a hurry. */
		fsm_remove_addresses(s);
		return;
	}
	fsm->running = false;
	/* RFC 9568 6.4.2 (310), 6.4.3 (610). */
	fsm_cancel_timers(fsm);
	fsm->timers[VRRP_TIMER_STARTUP] = TIME_NEVER;
	if (was_active)
		fsm_resign(s);
	fsm_change_state(s, VRRP_STATE_INITIALIZE, reason);
	if (!fsm->holding)
		fsm_act(s, VRRP_ACT_STOPPED);
	else if (fsm->timers[VRRP_TIMER_LINGER] == TIME_NEVER)
		fsm_remove_addresses(s);
}

static void on_fault_set(struct fsm_step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;
	unsigned int fault = (unsigned int)event->fault.fault;

	fsm->faults |= fault;
	for (int i = 0; i < VRRP_FAULT_COUNT; i++)
		if (fault & 1U << i)
			fsm->fault_reasons[i] = event->fault.reason;
	if (fsm_is_hard(fault) && fsm->state != VRRP_STATE_ACTIVE)
		fsm_remove_addresses(s);
	if (fsm->running && fsm->state != VRRP_STATE_FAULT)
		fsm_enter_fault(s);
}

static void on_fault_clear(struct fsm_step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;

	fsm->faults &= ~(unsigned int)event->fault.fault;
	if (fsm->faults || fsm->state != VRRP_STATE_FAULT)
		return;
	if (fsm->timers[VRRP_TIMER_STARTUP] != TIME_NEVER)
		fsm_change_state(s, VRRP_STATE_INITIALIZE, event->fault.reason);
	else
		fsm_begin(s, event->fault.reason);
}

/* The down timer again, from the time it was started, after one of the
 * values in it changed. */
static void recompute_down_timer(struct vrrp_fsm *fsm)
{
	if (fsm->state == VRRP_STATE_BACKUP &&
		fsm->timers[VRRP_TIMER_DOWN] != TIME_NEVER &&
		fsm->takeover_reason != REASON_VRRP_PRIO_ZERO)
		fsm->timers[VRRP_TIMER_DOWN] =
			fsm->heard_us + vrrp_fsm_down_interval_us(fsm);
}

static void on_priority(struct vrrp_fsm *fsm, uint8_t priority)
{
	fsm->priority = priority;
	if (fsm->state == VRRP_STATE_ACTIVE)
		fsm->active_priority = priority;
	recompute_down_timer(fsm);
}

static void on_primary(struct vrrp_fsm *fsm, const struct ip_addr *address)
{
	fsm->primary = *address;
	if (fsm->state == VRRP_STATE_ACTIVE)
		fsm->active_router = *address;
}

static void on_reconfigure(struct fsm_step *s, const struct vrrp_fsm_conf *conf)
{
	struct vrrp_fsm *fsm = s->fsm;
	bool base_changed = conf->priority != fsm->conf.priority;
	bool interval_changed = conf->advert_int_us != fsm->conf.advert_int_us;
	int64_t next = s->now + conf->advert_int_us;

	fsm->conf = *conf;
	if (conf->preempt_delay_us == 0)
		fsm->preempt_at_us = TIME_NEVER;
	/* Version 3 learns the interval from the Active router. */
	if (interval_changed &&
		(fsm->state == VRRP_STATE_ACTIVE || fsm->conf.version == 2))
		fsm->active_adver_int_us = conf->advert_int_us;
	if (fsm->state == VRRP_STATE_ACTIVE) {
		if (next < fsm->timers[VRRP_TIMER_ADVERT])
			fsm->timers[VRRP_TIMER_ADVERT] = next;
		if (conf->garp.refresh_us == 0)
			fsm->timers[VRRP_TIMER_GARP_REFRESH] = TIME_NEVER;
		else if (fsm->timers[VRRP_TIMER_GARP_REFRESH] == TIME_NEVER)
			fsm->timers[VRRP_TIMER_GARP_REFRESH] =
				s->now + conf->garp.refresh_us;
	}
	if (base_changed)
		on_priority(fsm, conf->priority);
	else
		recompute_down_timer(fsm);
}

/* Gives ACTIVE away without being asked to by a packet. */
static void step_aside(struct fsm_step *s, enum reason reason)
{
	if (s->fsm->state != VRRP_STATE_ACTIVE)
		return;
	fsm_resign(s);
	fsm_forget_active_router(s->fsm);
	fsm_enter_backup(s, reason);
}

static void on_addresses_there(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (!fsm->advert_held)
		return;
	fsm_send_advert(s, fsm->priority);
	fsm->timers[VRRP_TIMER_ADVERT] = s->now + fsm->conf.advert_int_us;
}

static void on_addresses_gone(struct fsm_step *s)
{
	if (s->fsm->state != VRRP_STATE_ACTIVE)
		return;
	fsm_act(s, VRRP_ACT_ADD_ADDRESSES);
	fsm_announce(s, s->fsm->conf.garp.repeat);
}

/* Another member heard its Active router resign.  If ours is gone too, it
 * missed an advertisement by then; no need to wait for three. */
static void on_group_hurry(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;
	int64_t sooner = fsm->heard_us + fsm->active_adver_int_us +
			 vrrp_fsm_skew_us(fsm);

	if (fsm->state != VRRP_STATE_BACKUP ||
		sooner >= fsm->timers[VRRP_TIMER_DOWN] ||
		fsm->timers[VRRP_TIMER_DOWN] == TIME_NEVER)
		return;
	fsm->timers[VRRP_TIMER_DOWN] = sooner;
	fsm->takeover_reason = REASON_VRRP_PRIO_ZERO;
}

/* --- timers --- */

static bool take_timer(struct fsm_step *s, enum vrrp_timer timer)
{
	if (s->fsm->timers[timer] > s->now)
		return false;
	s->fsm->timers[timer] = TIME_NEVER;
	return true;
}

/* RFC 9568 6.4.2 (335). */
static void on_down_timer(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (fsm->state != VRRP_STATE_BACKUP)
		return;
	if (fsm->group)
		fsm->willing = true; /* group.c goes on */
	else
		fsm_enter_active(s, fsm->takeover_reason);
}

/* The last advert was sent one interval before the one that is due. */
static bool was_succeeded(const struct fsm_step *s)
{
	const struct vrrp_fsm *fsm = s->fsm;
	int64_t due = fsm->timers[VRRP_TIMER_ADVERT];
	int64_t interval = fsm->conf.advert_int_us;

	if (!fsm->conf.expired_priority || due == TIME_NEVER)
		return false;
	return s->now - due >=
	       ((int64_t)fsm->conf.down_timer_adverts - 1) * interval +
		       fsm_skew_us(fsm, fsm->conf.expired_priority, interval);
}

/* Somebody else may well be Active by now; who speaks first would be in its
 * way.  The addresses go when it is heard. */
static void listen_again(struct fsm_step *s)
{
	fsm_forget_active_router(s->fsm);
	fsm_enter_backup(s, REASON_VRRP_TIMER_EXPIRED);
}

static void on_active_timers(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;
	const struct vrrp_garp_conf *garp = &fsm->conf.garp;
	int64_t due = fsm->timers[VRRP_TIMER_ADVERT];

	/* RFC 9568 6.4.3 (625).  Counted from when it was due, so that a
	 * late loop does not stretch the interval. */
	if (take_timer(s, VRRP_TIMER_ADVERT)) {
		fsm_send_advert(s, fsm->priority);
		due += fsm->conf.advert_int_us;
		fsm->timers[VRRP_TIMER_ADVERT] =
			due > s->now ? due : s->now + fsm->conf.advert_int_us;
	}
	if (take_timer(s, VRRP_TIMER_GARP_DELAY))
		fsm_announce(s, garp->repeat);
	if (take_timer(s, VRRP_TIMER_GARP_REFRESH)) {
		fsm_announce(s, garp->refresh_repeat);
		if (garp->refresh_us > 0)
			fsm->timers[VRRP_TIMER_GARP_REFRESH] =
				s->now + garp->refresh_us;
	}
	if (take_timer(s, VRRP_TIMER_GARP_LOWER) &&
		garp->lower_prio_delay_us > 0 && garp->lower_prio_repeat > 0)
		fsm_announce(s, garp->lower_prio_repeat);
}

static void on_timer(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (take_timer(s, VRRP_TIMER_LINGER) && fsm->state != VRRP_STATE_ACTIVE)
		fsm_remove_addresses(s);
	if (take_timer(s, VRRP_TIMER_STARTUP) &&
		fsm->state == VRRP_STATE_INITIALIZE)
		fsm_begin(s, REASON_STARTUP);
	if (fsm->state == VRRP_STATE_ACTIVE && was_succeeded(s))
		listen_again(s);
	else if (fsm->state == VRRP_STATE_ACTIVE)
		on_active_timers(s);
	if (take_timer(s, VRRP_TIMER_DOWN))
		on_down_timer(s);
}

/* --- the door --- */

void vrrp_fsm_init(struct vrrp_fsm *fsm, const struct vrrp_fsm_conf *conf,
	const struct ip_addr *primary)
{
	memset(fsm, 0, sizeof(*fsm));
	fsm->conf = *conf;
	fsm->state = VRRP_STATE_INITIALIZE;
	fsm->reason = REASON_NONE;
	fsm->priority = conf->priority;
	fsm->primary = *primary;
	fsm->active_adver_int_us = conf->advert_int_us;
	fsm->preempt_at_us = TIME_NEVER;
	fsm->replied_us = TIME_NEVER;
	fsm->tie_since_us = TIME_NEVER;
	fsm->takeover_reason = REASON_VRRP_TIMEOUT;
	for (int i = 0; i < VRRP_TIMER_COUNT; i++)
		fsm->timers[i] = TIME_NEVER;
}

void vrrp_fsm_step(struct vrrp_fsm *fsm, const struct vrrp_event *event,
	int64_t now_us, struct vrrp_actions *out)
{
	struct fsm_step s = { .fsm = fsm, .now = now_us, .out = out };

	out->n = 0;
	switch (event->type) {
	case VRRP_EVENT_STARTUP:
		on_startup(&s, event);
		return;
	case VRRP_EVENT_SHUTDOWN:
		on_shutdown(&s, event->reason);
		return;
	case VRRP_EVENT_TIMER:
		on_timer(&s);
		return;
	case VRRP_EVENT_ADVERT:
		fsm_on_advert(&s, event);
		return;
	case VRRP_EVENT_FAULT_SET:
		on_fault_set(&s, event);
		return;
	case VRRP_EVENT_FAULT_CLEAR:
		on_fault_clear(&s, event);
		return;
	case VRRP_EVENT_PRIORITY:
		on_priority(fsm, event->priority);
		return;
	case VRRP_EVENT_PRIMARY:
		on_primary(fsm, &event->address);
		return;
	case VRRP_EVENT_RECONFIGURE:
		on_reconfigure(&s, event->conf);
		return;
	case VRRP_EVENT_RELEASE:
	case VRRP_EVENT_GROUP_BACKUP:
		step_aside(&s, event->reason);
		return;
	case VRRP_EVENT_ADDRESSES_GONE:
		on_addresses_gone(&s);
		return;
	case VRRP_EVENT_ADDRESSES_THERE:
		on_addresses_there(&s);
		return;
	case VRRP_EVENT_GROUP_ACTIVE:
		if (fsm->state == VRRP_STATE_BACKUP && fsm->willing)
			fsm_enter_active(&s, event->reason);
		return;
	case VRRP_EVENT_GROUP_HURRY:
		on_group_hurry(&s);
		return;
	}
}
