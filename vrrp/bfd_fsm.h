/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine and the timers of one BFD session (RFC 5880 6.8), in
 * asynchronous mode, without echo and without authentication.
 *
 * Pure: an event, the time and a random number go in; a packet to be sent, a
 * change of state and the next deadline come out.  The owner sends the packet
 * at once, and gives BFD_EVENT_TIMER when the deadline has come.  After a
 * stall it gives the packets that wait first: they are better news than the
 * timer.
 *
 * bfd_fsm.c has one function that changes the state.  A session is made Down;
 * it ends in AdminDown, from which only a new one comes.
 */
#ifndef TANDEM_VRRP_BFD_FSM_H
#define TANDEM_VRRP_BFD_FSM_H

#include "lib/timeutil.h"
#include "vrrp/bfd_packet.h"

struct bfd_fsm_conf {
	uint32_t min_tx_us;  /* DesiredMinTxInterval while Up */
	uint32_t min_rx_us;  /* RequiredMinRxInterval */
	uint32_t idle_tx_us; /* DesiredMinTxInterval while not Up */
	uint8_t multiplier;  /* DetectMult, at least 1 */
	bool passive;
};

enum bfd_poll {
	BFD_POLL_NONE,
	BFD_POLL_ACTIVE, /* packets have P until one with F comes */
	BFD_POLL_AGAIN,	 /* and then another sequence is needed */
	BFD_POLL_PAUSE,	 /* one packet without P, then that one begins */
};

struct bfd_fsm {
	struct bfd_fsm_conf conf;
	enum bfd_state state;
	enum bfd_diag diag;
	int64_t since_us; /* in this state */

	uint32_t discr;	       /* ours */
	uint32_t remote_discr; /* 0 = not known */
	enum bfd_state remote_state;
	uint8_t remote_diag;
	uint8_t remote_multiplier;
	uint32_t remote_min_tx_us;
	uint32_t remote_min_rx_us;
	bool remote_demand;

	/* What packets say, and what is in use until a poll has ended. */
	uint32_t tx_us;
	uint32_t used_tx_us;
	uint32_t rx_us;
	uint32_t used_rx_us;
	enum bfd_poll poll;

	int64_t sent_us;   /* last regular packet; 0 = none */
	int64_t send_us;   /* next one, or TIME_NEVER */
	int64_t interval_us; /* that it was planned with */
	int64_t heard_us;  /* last packet; 0 = none */
	int64_t detect_us; /* the neighbour is lost then, or TIME_NEVER */
};

enum bfd_event_type {
	BFD_EVENT_TIMER,
	BFD_EVENT_PACKET,      /* decoded, and meant for this session */
	BFD_EVENT_RECONFIGURE, /* conf */
	BFD_EVENT_ADMIN_DOWN,  /* the end */
};

struct bfd_event {
	enum bfd_event_type type;
	const struct bfd_packet *packet;
	const struct bfd_fsm_conf *conf;
};

struct bfd_actions {
	bool send;
	struct bfd_packet packet;
	bool changed; /* the state, from .. to what the session has now */
	enum bfd_state from;
	bool dropped; /* the packet was not used: AdminDown */
};

/* DISCR is unique among the sessions of the host and not 0.  The first
 * deadline is NOW, unless the session is passive. */
void bfd_fsm_init(struct bfd_fsm *fsm, const struct bfd_fsm_conf *conf,
	uint32_t discr, int64_t now);

/* Goes on where a predecessor with this state left off: for a process that
 * was replaced before its neighbour could notice.  Only the state, the
 * discriminators and the neighbour's values of STATE are used; silence counts
 * from NOW. */
void bfd_fsm_resume(
	struct bfd_fsm *fsm, const struct bfd_fsm *state, int64_t now);

/* JITTER is random, over the whole range of its type (RFC 5880 6.8.7). */
void bfd_fsm_step(struct bfd_fsm *fsm, const struct bfd_event *event,
	int64_t now, uint32_t jitter, struct bfd_actions *ret);

/* When the next BFD_EVENT_TIMER is due; TIME_NEVER = not at all. */
int64_t bfd_fsm_deadline(const struct bfd_fsm *fsm);

/* The agreed interval between our packets, before jitter; and the time of
 * silence after which the neighbour is lost (6.8.4), 0 while nothing is
 * known. */
int64_t bfd_fsm_tx_interval_us(const struct bfd_fsm *fsm);
int64_t bfd_fsm_detection_us(const struct bfd_fsm *fsm);
/* The same for the neighbour, about us. */
int64_t bfd_fsm_remote_detection_us(const struct bfd_fsm *fsm);

#endif
