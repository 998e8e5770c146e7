/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/fsm.h"

#include <string.h>

/* A router that resigns waits no longer than this for its successor. */
#define LINGER_MAX_US (3 * USEC_PER_SEC)
/* What a successor needs beside its skew time. */
#define LINGER_MARGIN_US (100 * USEC_PER_MSEC)
/* Adverts out of turn: at most so many in one interval, so that nobody makes
 * us flood the segment. */
#define REPLIES_PER_INTERVAL 8
/* The first advert of a successor waits for its addresses no longer than this
 * part of the interval: eight steps of priority in the skew time. */
#define HELD_ADVERT_PART 32
/* A lost tie that the first member of the group may settle. */
#define TIE_INTERVALS 2

/* One step under way. */
struct step {
	struct vrrp_fsm *fsm;
	int64_t now;
	struct vrrp_actions *out;
};

/* --- arithmetic --- */

static int64_t skew_us(
	const struct vrrp_fsm *fsm, uint8_t priority, int64_t interval_us)
{
	/* RFC 3768 6.1: (256 - Priority) / 256 seconds.  RFC 9568 6.1: that
	 * part of the Active_Adver_Interval. */
	int64_t unit = fsm->conf.version == 2 ? USEC_PER_SEC : interval_us;

	return (256 - priority) * unit / 256;
}

int64_t vrrp_fsm_skew_us(const struct vrrp_fsm *fsm)
{
	return skew_us(fsm, fsm->priority, fsm->active_adver_int_us);
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
		linger = skew_us(fsm, 1, fsm->conf.advert_int_us) +
			 LINGER_MARGIN_US;
	return linger < LINGER_MAX_US ? linger : LINGER_MAX_US;
}

static bool is_owner(const struct vrrp_fsm *fsm)
{
	return fsm->priority == VRRP_PRIORITY_OWNER;
}

/* Faults that leave nobody to talk to: addresses go at once. */
static bool is_hard(unsigned int faults)
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

static struct vrrp_action *act(struct step *s, enum vrrp_action_type type)
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

static void send_advert(struct step *s, uint8_t priority)
{
	act(s, VRRP_ACT_SEND_ADVERT)->priority = priority;
	s->fsm->advert_held = false;
	s->fsm->counters.adverts_sent++;
	if (priority == VRRP_PRIORITY_STOP)
		s->fsm->counters.prio_zero_sent++;
}

static void announce(struct step *s, unsigned int count)
{
	act(s, VRRP_ACT_ANNOUNCE)->count = count ? count : 1;
}

static void remove_addresses(struct step *s)
{
	s->fsm->timers[VRRP_TIMER_LINGER] = TIME_NEVER;
	if (!s->fsm->holding)
		return;
	s->fsm->holding = false;
	act(s, VRRP_ACT_REMOVE_ADDRESSES);
	if (!s->fsm->running)
		act(s, VRRP_ACT_STOPPED);
}

static void dropped(
	struct step *s, const struct vrrp_event *event, enum vrrp_rx why)
{
	struct vrrp_action *action = act(s, VRRP_ACT_DROPPED);

	action->rx.why = why;
	action->rx.priority = event->advert.priority;
	action->rx.src = event->advert.src;
}

/* --- states --- */

/* The one place where the state changes. */
static void change_state(struct step *s, enum vrrp_state to, enum reason reason)
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
	action = act(s, VRRP_ACT_STATE);
	action->state.from = from;
	action->state.to = to;
	action->state.reason = reason;
}

/* What no state but the one that is entered wants; the startup delay goes on
 * and addresses that are held have their own end. */
static void cancel_timers(struct vrrp_fsm *fsm)
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
static void restart_down_timer(struct step *s)
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
static void first_advert(struct step *s, enum reason reason, bool had_addresses)
{
	struct vrrp_fsm *fsm = s->fsm;
	int64_t interval = fsm->conf.advert_int_us;

	if (reason != REASON_VRRP_PRIO_ZERO || had_addresses) {
		send_advert(s, fsm->priority);
		fsm->timers[VRRP_TIMER_ADVERT] = s->now + interval;
		return;
	}
	fsm->advert_held = true;
	fsm->timers[VRRP_TIMER_ADVERT] = s->now + interval / HELD_ADVERT_PART;
}

static void on_addresses_there(struct step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (!fsm->advert_held)
		return;
	send_advert(s, fsm->priority);
	fsm->timers[VRRP_TIMER_ADVERT] = s->now + fsm->conf.advert_int_us;
}

/* RFC 9568 6.4.1 (115) and 6.4.2 (340): an advertisement first, so that
 * other routers stay calm; then addresses and announcements. */
static void enter_active(struct step *s, enum reason reason)
{
	struct vrrp_fsm *fsm = s->fsm;
	const struct vrrp_garp_conf *garp = &fsm->conf.garp;
	bool had_addresses = fsm->holding;

	cancel_timers(fsm);
	fsm->timers[VRRP_TIMER_LINGER] = TIME_NEVER;
	fsm->timers[VRRP_TIMER_STARTUP] = TIME_NEVER;
	fsm->active_adver_int_us = fsm->conf.advert_int_us;
	fsm->active_router = fsm->primary;
	fsm->active_priority = fsm->priority;
	fsm->active_until_us = 0;
	fsm->holding = true;

	first_advert(s, reason, had_addresses);
	act(s, VRRP_ACT_ADD_ADDRESSES);
	announce(s, garp->repeat);
	if (garp->delay_us > 0)
		fsm->timers[VRRP_TIMER_GARP_DELAY] = s->now + garp->delay_us;
	if (garp->refresh_us > 0)
		fsm->timers[VRRP_TIMER_GARP_REFRESH] =
			s->now + garp->refresh_us;
	change_state(s, VRRP_STATE_ACTIVE, reason);
}

/* RFC 9568 6.4.1 (160), 6.4.3 (725): Active_Adver_Interval is already that
 * of the Active router.  Addresses are the caller's business. */
static void enter_backup(struct step *s, enum reason reason)
{
	cancel_timers(s->fsm);
	restart_down_timer(s);
	change_state(s, VRRP_STATE_BACKUP, reason);
}

/* RFC 9568 6.4.3 (615): a priority of 0 lets a Backup router take over
 * after its skew time.  Addresses stay until it is heard. */
static void resign(struct step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	send_advert(s, VRRP_PRIORITY_STOP);
	fsm->active_adver_int_us = fsm->conf.advert_int_us;
	fsm->active_router = (struct ip_addr){ .family = AF_UNSPEC };
	fsm->timers[VRRP_TIMER_LINGER] = s->now + linger_us(fsm);
}

/* Back to learning: no Active router is known. */
static void forget_active_router(struct vrrp_fsm *fsm)
{
	fsm->active_router = (struct ip_addr){ .family = AF_UNSPEC };
	fsm->active_priority = 0;
	fsm->active_until_us = 0;
	fsm->active_adver_int_us = fsm->conf.advert_int_us;
}

/* RFC 9568 6.4.1, the Startup event, without delay. */
static void begin(struct step *s, enum reason reason)
{
	struct vrrp_fsm *fsm = s->fsm;

	forget_active_router(fsm);
	/* (105): the address owner is Active at once ... */
	if (is_owner(fsm) && !fsm->group) {
		enter_active(s, REASON_VRRP_OWNER);
		return;
	}
	/* (140): ... others listen first. */
	enter_backup(s, reason);
	if (is_owner(fsm)) {
		fsm->timers[VRRP_TIMER_DOWN] = TIME_NEVER;
		fsm->takeover_reason = REASON_VRRP_OWNER;
		fsm->willing = true;
	}
}

static void enter_fault(struct step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (is_hard(fsm->faults))
		remove_addresses(s);
	else if (fsm->state == VRRP_STATE_ACTIVE)
		resign(s);
	else if (fsm->holding && fsm->timers[VRRP_TIMER_LINGER] == TIME_NEVER)
		fsm->timers[VRRP_TIMER_LINGER] = s->now + linger_us(fsm);
	cancel_timers(fsm);
	forget_active_router(fsm);
	change_state(s, VRRP_STATE_FAULT, vrrp_fsm_fault_reason(fsm));
}

/* --- events that are no packets --- */

static void on_startup(struct step *s, const struct vrrp_event *event)
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
	forget_active_router(fsm);
	if (was_active || event->startup.leftovers)
		fsm->holding = true;
	if (delay < event->startup.delay_us)
		delay = event->startup.delay_us;
	if (!resumes && delay > 0)
		fsm->timers[VRRP_TIMER_STARTUP] = s->now + delay;
	if (fsm->faults) {
		/* The predecessor could not say it any more. */
		if (was_active && !is_hard(fsm->faults))
			send_advert(s, VRRP_PRIORITY_STOP);
		enter_fault(s);
	} else if (was_active &&
		   event->startup.gap_us <= vrrp_fsm_down_interval_us(fsm)) {
		enter_active(s, REASON_ADOPTED);
	} else if (fsm->timers[VRRP_TIMER_STARTUP] == TIME_NEVER) {
		begin(s, resumes ? REASON_ADOPTED : REASON_STARTUP);
	}
}

static void on_shutdown(struct step *s, enum reason reason)
{
	struct vrrp_fsm *fsm = s->fsm;
	bool was_active = fsm->state == VRRP_STATE_ACTIVE;

	if (!fsm->running) {
		/* Asked twice: somebody is in a hurry. */
		remove_addresses(s);
		return;
	}
	fsm->running = false;
	/* RFC 9568 6.4.2 (310), 6.4.3 (610). */
	cancel_timers(fsm);
	fsm->timers[VRRP_TIMER_STARTUP] = TIME_NEVER;
	if (was_active)
		resign(s);
	change_state(s, VRRP_STATE_INITIALIZE, reason);
	if (!fsm->holding)
		act(s, VRRP_ACT_STOPPED);
	else if (fsm->timers[VRRP_TIMER_LINGER] == TIME_NEVER)
		remove_addresses(s);
}

static void on_fault_set(struct step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;
	unsigned int fault = (unsigned int)event->fault.fault;

	fsm->faults |= fault;
	for (int i = 0; i < VRRP_FAULT_COUNT; i++)
		if (fault & 1U << i)
			fsm->fault_reasons[i] = event->fault.reason;
	if (is_hard(fault) && fsm->state != VRRP_STATE_ACTIVE)
		remove_addresses(s);
	if (fsm->running && fsm->state != VRRP_STATE_FAULT)
		enter_fault(s);
}

static void on_fault_clear(struct step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;

	fsm->faults &= ~(unsigned int)event->fault.fault;
	if (fsm->faults || fsm->state != VRRP_STATE_FAULT)
		return;
	if (fsm->timers[VRRP_TIMER_STARTUP] != TIME_NEVER)
		change_state(s, VRRP_STATE_INITIALIZE, event->fault.reason);
	else
		begin(s, event->fault.reason);
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

static void on_reconfigure(struct step *s, const struct vrrp_fsm_conf *conf)
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
static void step_aside(struct step *s, enum reason reason)
{
	if (s->fsm->state != VRRP_STATE_ACTIVE)
		return;
	resign(s);
	forget_active_router(s->fsm);
	enter_backup(s, reason);
}

static void on_addresses_gone(struct step *s)
{
	if (s->fsm->state != VRRP_STATE_ACTIVE)
		return;
	act(s, VRRP_ACT_ADD_ADDRESSES);
	announce(s, s->fsm->conf.garp.repeat);
}

/* Another member heard its Active router resign.  If ours is gone too, it
 * missed an advertisement by then; no need to wait for three. */
static void on_group_hurry(struct step *s)
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

static bool take_timer(struct step *s, enum vrrp_timer timer)
{
	if (s->fsm->timers[timer] > s->now)
		return false;
	s->fsm->timers[timer] = TIME_NEVER;
	return true;
}

/* RFC 9568 6.4.2 (335). */
static void on_down_timer(struct step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (fsm->state != VRRP_STATE_BACKUP)
		return;
	if (fsm->group)
		fsm->willing = true; /* group.c goes on */
	else
		enter_active(s, fsm->takeover_reason);
}

static void on_active_timers(struct step *s)
{
	struct vrrp_fsm *fsm = s->fsm;
	const struct vrrp_garp_conf *garp = &fsm->conf.garp;
	int64_t due = fsm->timers[VRRP_TIMER_ADVERT];

	/* RFC 9568 6.4.3 (625).  Counted from when it was due, so that a
	 * late loop does not stretch the interval. */
	if (take_timer(s, VRRP_TIMER_ADVERT)) {
		send_advert(s, fsm->priority);
		due += fsm->conf.advert_int_us;
		fsm->timers[VRRP_TIMER_ADVERT] =
			due > s->now ? due : s->now + fsm->conf.advert_int_us;
	}
	if (take_timer(s, VRRP_TIMER_GARP_DELAY))
		announce(s, garp->repeat);
	if (take_timer(s, VRRP_TIMER_GARP_REFRESH)) {
		announce(s, garp->refresh_repeat);
		if (garp->refresh_us > 0)
			fsm->timers[VRRP_TIMER_GARP_REFRESH] =
				s->now + garp->refresh_us;
	}
	if (take_timer(s, VRRP_TIMER_GARP_LOWER) &&
		garp->lower_prio_delay_us > 0 && garp->lower_prio_repeat > 0)
		announce(s, garp->lower_prio_repeat);
}

static void on_timer(struct step *s)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (take_timer(s, VRRP_TIMER_LINGER) && fsm->state != VRRP_STATE_ACTIVE)
		remove_addresses(s);
	if (take_timer(s, VRRP_TIMER_STARTUP) &&
		fsm->state == VRRP_STATE_INITIALIZE)
		begin(s, REASON_STARTUP);
	if (fsm->state == VRRP_STATE_ACTIVE)
		on_active_timers(s);
	if (take_timer(s, VRRP_TIMER_DOWN))
		on_down_timer(s);
}

/* --- adverts --- */

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
static bool reply(struct step *s)
{
	struct vrrp_fsm *fsm = s->fsm;
	int64_t gap = fsm->conf.advert_int_us / REPLIES_PER_INTERVAL;

	if (fsm->replied_us != TIME_NEVER && s->now - fsm->replied_us < gap)
		return false;
	fsm->replied_us = s->now;
	send_advert(s, fsm->priority);
	return true;
}

/* Is the Active router that sent this to be left alone? */
static bool backup_obeys(struct step *s, uint8_t priority)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (priority >= fsm->priority) {
		fsm->preempt_at_us = TIME_NEVER;
		return true;
	}
	/* RFC 9568 6.1, Preempt_Mode: the owner always preempts. */
	if (is_owner(fsm))
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
static bool is_outshone(struct step *s, const struct vrrp_event *event)
{
	const struct vrrp_fsm *fsm = s->fsm;
	int order = ip_addr_compare(&event->advert.src, &fsm->active_router);

	if (s->now >= fsm->active_until_us || order == 0)
		return false;
	return event->advert.priority < fsm->active_priority ||
	       (event->advert.priority == fsm->active_priority && order < 0);
}

/* RFC 9568 6.4.2 (430). */
static void backup_follows(struct step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;
	int64_t learned = fsm->active_adver_int_us;
	int64_t until;

	if (!is_outshone(s, event)) {
		learn_active_router(fsm, event);
		restart_down_timer(s);
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
static void backup_hears(struct step *s, const struct vrrp_event *event)
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
	remove_addresses(s);
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
static bool tie_is_open(struct step *s)
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
static void active_hears_lower(struct step *s, const struct vrrp_event *event)
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
		announce(s, garp->lower_prio_repeat);
	action = act(s, VRRP_ACT_RX_LOWER_PRIO);
	action->rx.priority = event->advert.priority;
	action->rx.src = event->advert.src;
}

static void active_yields(
	struct step *s, const struct vrrp_event *event, enum reason reason)
{
	struct vrrp_fsm *fsm = s->fsm;

	if (fsm->conf.higher_prio_send_advert)
		send_advert(s, fsm->priority);
	learn_active_router(fsm, event);
	remove_addresses(s);
	enter_backup(s, reason);
	fsm->active_until_us = fsm->timers[VRRP_TIMER_DOWN];
}

/* RFC 9568 6.4.3. */
static void active_hears(struct step *s, const struct vrrp_event *event)
{
	struct vrrp_fsm *fsm = s->fsm;
	uint8_t priority = event->advert.priority;

	if (is_owner(fsm) && fsm->conf.owner_ignore_adverts) {
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

static void on_advert(struct step *s, const struct vrrp_event *event)
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
			remove_addresses(s);
		dropped(s, event, VRRP_RX_IGNORED);
		return;
	}
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
	struct step s = { .fsm = fsm, .now = now_us, .out = out };

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
		on_advert(&s, event);
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
			enter_active(&s, event->reason);
		return;
	case VRRP_EVENT_GROUP_HURRY:
		on_group_hurry(&s);
		return;
	}
}
