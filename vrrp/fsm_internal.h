/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the state machine (vrrp/fsm.h) share.
 *
 *	fsm.c		events, timers
 *	fsm_advert.c	adverts that are heard
 *	fsm_states.c	states: what entering and leaving them means
 */
#ifndef TANDEM_VRRP_FSM_INTERNAL_H
#define TANDEM_VRRP_FSM_INTERNAL_H

#include "vrrp/fsm.h"

/* One step under way. */
struct fsm_step {
	struct vrrp_fsm *fsm;
	int64_t now;
	struct vrrp_actions *out;
};

/* --- fsm_states.c --- */

/* RFC 9568 6.1: of a router with PRIORITY at this interval. */
int64_t fsm_skew_us(
	const struct vrrp_fsm *fsm, uint8_t priority, int64_t interval_us);
bool fsm_is_owner(const struct vrrp_fsm *fsm);
/* Faults that leave nobody to talk to: addresses go at once. */
bool fsm_is_hard(unsigned int faults);

/* A new action at the end of what the step asks for. */
struct vrrp_action *fsm_act(struct fsm_step *s, enum vrrp_action_type type);
void fsm_send_advert(struct fsm_step *s, uint8_t priority);
void fsm_announce(struct fsm_step *s, unsigned int count);
/* If it has them; after a shutdown that is the end. */
void fsm_remove_addresses(struct fsm_step *s);

/* The one place where the state changes. */
void fsm_change_state(
	struct fsm_step *s, enum vrrp_state to, enum reason reason);
/* Those that belong to the state that is left. */
void fsm_cancel_timers(struct vrrp_fsm *fsm);
/* An Active router was heard, or is waited for from now on. */
void fsm_restart_down_timer(struct fsm_step *s);
/* Back to learning: no Active router is known. */
void fsm_forget_active_router(struct vrrp_fsm *fsm);

/* The Startup event of RFC 9568 6.4.1, without delay. */
void fsm_begin(struct fsm_step *s, enum reason reason);
void fsm_enter_active(struct fsm_step *s, enum reason reason);
/* Addresses are the caller's business. */
void fsm_enter_backup(struct fsm_step *s, enum reason reason);
/* Priority 0, and addresses until the successor is heard. */
void fsm_resign(struct fsm_step *s);
/* By the faults that are set. */
void fsm_enter_fault(struct fsm_step *s);

/* --- fsm_advert.c --- */

void fsm_on_advert(struct fsm_step *s, const struct vrrp_event *event);

#endif
