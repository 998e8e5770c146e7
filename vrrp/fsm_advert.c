/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an advert means that is heard: RFC 9568 6.4.2 and 6.4.3. */
#include "vrrp/fsm_internal.h"

/* Adverts out of turn: at most so many in one interval, so that nobody makes
 * us flood the segment. */
#define REPLIES_PER_INTERVAL 8
/* A lost tie that the first member of the group may settle. */
#define TIE_INTERVALS 2

static void dropped(
	struct fsm_step *s, const struct vrrp_event *event, enum vrrp_rx why)
{
	struct vrrp_action *action = fsm_act(s, VRRP_ACT_DROPPED);

	action->rx.why = why;
	action->rx.priority = event->advert.priority;
	action->rx.src = event->advert.src;
}

/* RFC 9568 6.4.2 (435), 6.4.3 (715): the interval of the Active router;
 * version 2 has only one for all. */
static void learn_active_router(
	struct vrrp_fsm *fsm, const struct vrrp_event *event)
{
	fsm->active_router = event->advert.src;
	fsm->active_priority = event->advert.priority;
	fsm->active_adver_int_us = fsm->conf.version == 2
					   ? fsm->conf.advert_int_us
					   : event->advert.advert_int_us;
}

/* An advert out of turn, but not more of them than is decent. */
static bool reply(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;
	int64_t gap = fsm->conf.advert_int_us / REPLIES_PER_INTERVAL;

	if (fsm->replied_us != TIME_NEVER && s->now - fsm->replied_us < gap)
		return false;
	fsm->replied_us = s->now;
	fsm_send_advert(s, fsm->priority);
	return true;
}

/* Is the Active router that sent this to be left alone? */
static bool backup_obeys(struct fsm_step *s, uint8_t priority)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (priority >= fsm->priority) {
		fsm->preempt_at_us = TIME_NEVER;
		return true;
	}
	/* RFC 9568 6.1, Preempt_Mode: the owner always preempts. */
	if (fsm_is_owner(fsm))
		return false;
	if (!fsm->conf.preempt)
		return true;
	if (fsm->conf.preempt_delay_us == 0)
		return false;
	if (fsm->preempt_at_us == TIME_NEVER)
		fsm->preempt_at_us = s->now + fsm->conf.preempt_delay_us;
	return s->now < fsm->preempt_at_us;
}

/*
 * While two routers are Active for a moment, the one that will stay is
 * followed, as long as it is not overdue.  The other one's last advert may
 * come later and, in version 3, may name a shorter interval: who learned that
 * would take over in between the adverts of the better one, whose answer
 * would make it teach others the same, and so on for ever.
 */
static bool is_outshone(struct fsm_step *s, const struct vrrp_event *event)
{
	const struct vrrp_fsm *fsm = s->fsm;
	int order = ip_addr_compare(&event->advert.src, &fsm->active_router);

	if (s->now >= fsm->active_until_us || order == 0)
		return false;
	return event->advert.priority < fsm->active_priority ||
	       (event->advert.priority == fsm->active_priority && order < 0);
}

/* RFC 9568 6.4.2 (430). */
static void backup_follows(struct fsm_step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;
	int64_t learned = fsm->active_adver_int_us;
	int64_t until;

	if (!is_outshone(s, event)) {
		learn_active_router(fsm, event);
		fsm_restart_down_timer(s);
		fsm->active_until_us = fsm->timers[VRRP_TIMER_DOWN];
		return;
	}
	/* Should the better one be gone, this is its successor. */
	if (fsm->conf.version != 2)
		fsm->active_adver_int_us = event->advert.advert_int_us;
	until = s->now + vrrp_fsm_down_interval_us(fsm);
	fsm->active_adver_int_us = learned;
	fsm->takeover_reason = REASON_VRRP_TIMEOUT;
	if (until > fsm->timers[VRRP_TIMER_DOWN])
		fsm->timers[VRRP_TIMER_DOWN] = until;
}

/* RFC 9568 6.4.2. */
static void backup_hears(struct fsm_step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;
	uint8_t priority = event->advert.priority;

	/* (420): it resigned; take over after the skew time.  A row of such
	 * adverts does not put it off. */
	if (priority == VRRP_PRIORITY_STOP) {
		int64_t soon = s->now + vrrp_fsm_skew_us(fsm);

		fsm->counters.prio_zero_received++;
		fsm->active_until_us = 0;
		if (fsm->willing || fsm->timers[VRRP_TIMER_DOWN] <= soon)
			return;
		fsm->timers[VRRP_TIMER_DOWN] = soon;
		fsm->takeover_reason = REASON_VRRP_PRIO_ZERO;
		return;
	}
	/* Somebody else has the addresses. */
	fsm_remove_addresses(s);
	if (backup_obeys(s, priority)) {
		backup_follows(s, event);
	} else if (!is_outshone(s, event)) {
		/* (450): discard, and so take over in the end. */
		fsm->active_router = event->advert.src;
		fsm->active_priority = priority;
		fsm->takeover_reason = REASON_VRRP_PREEMPT;
	}
}

/* A tie that is lost at a later member of a group is for the first member to
 * decide, if that one hears its peer as well. */
static bool tie_is_open(struct fsm_step *s)
{
	struct vrrp_fsm *fsm = s->fsm;
	int64_t patience = TIE_INTERVALS * fsm->conf.advert_int_us;

	if (!fsm->follows)
		return false;
	if (fsm->tie_since_us == TIME_NEVER ||
		s->now - fsm->tie_heard_us > patience)
		fsm->tie_since_us = s->now;
	fsm->tie_heard_us = s->now;
	return s->now - fsm->tie_since_us < patience;
}

/* RFC 9568 6.4.3 (735): discard, but assert the Active state to the sender
 * and to learning bridges. */
static void active_hears_lower(struct fsm_step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;
	const struct vrrp_garp_conf *garp = &fsm->conf.garp;
	struct vrrp_action *action;
	int64_t wait = garp->lower_prio_delay_us;

	fsm->counters.lower_prio_received++;
	if (!fsm->conf.lower_prio_no_advert)
		reply(s);
	/* The timer is the second burst and the limit for the first. */
	if (fsm->timers[VRRP_TIMER_GARP_LOWER] != TIME_NEVER)
		return;
	if (wait < fsm->conf.advert_int_us)
		wait = fsm->conf.advert_int_us;
	fsm->timers[VRRP_TIMER_GARP_LOWER] = s->now + wait;
	if (garp->lower_prio_repeat > 0)
		fsm_announce(s, garp->lower_prio_repeat);
	action = fsm_act(s, VRRP_ACT_RX_LOWER_PRIO);
	action->rx.priority = event->advert.priority;
	action->rx.src = event->advert.src;
}

static void active_yields(
	struct fsm_step *s, const struct vrrp_event *event, enum reason reason)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (fsm->conf.higher_prio_send_advert)
		fsm_send_advert(s, fsm->priority);
	learn_active_router(fsm, event);
	fsm_remove_addresses(s);
	fsm_enter_backup(s, reason);
	fsm->active_until_us = fsm->timers[VRRP_TIMER_DOWN];
}

/* RFC 9568 6.4.3. */
static void active_hears(struct fsm_step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;
	uint8_t priority = event->advert.priority;

	if (fsm_is_owner(fsm) && fsm->conf.owner_ignore_adverts) {
		dropped(s, event, VRRP_RX_IGNORED);
	} else if (priority == VRRP_PRIORITY_STOP) {
		/* (705) */
		fsm->counters.prio_zero_received++;
		if (reply(s))
			fsm->timers[VRRP_TIMER_ADVERT] =
				s->now + fsm->conf.advert_int_us;
	} else if (priority > fsm->priority) {
		/* (710) */
		active_yields(s, event, REASON_VRRP_HIGHER_ADVERT);
	} else if (priority < fsm->priority ||
		   ip_addr_compare(&event->advert.src, &fsm->primary) < 0) {
		active_hears_lower(s, event);
	} else if (!tie_is_open(s)) {
		/* (710), equal priority and a greater primary address */
		active_yields(s, event, REASON_VRRP_EQUAL_HIGHER_ADDR);
	}
}

void fsm_on_advert(struct fsm_step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (ip_addr_is_set(&fsm->primary) &&
		ip_addr_compare(&event->advert.src, &fsm->primary) == 0) {
		dropped(s, event, VRRP_RX_OWN);
		return;
	}
	/* RFC 3768 7.1 */
	if (fsm->conf.version == 2 &&
		event->advert.advert_int_us != fsm->conf.advert_int_us) {
		fsm->counters.interval_mismatches++;
		dropped(s, event, VRRP_RX_INTERVAL);
		return;
	}
	switch (fsm->state) {
	case VRRP_STATE_BACKUP:
		fsm->counters.adverts_received++;
		backup_hears(s, event);
		return;
	case VRRP_STATE_ACTIVE:
		fsm->counters.adverts_received++;
		active_hears(s, event);
		return;
	case VRRP_STATE_INITIALIZE:
	case VRRP_STATE_FAULT:
		/* A successor is there: what we still hold can go. */
		if (event->advert.priority != VRRP_PRIORITY_STOP)
			fsm_remove_addresses(s);
		dropped(s, event, VRRP_RX_IGNORED);
		return;
	}
}
