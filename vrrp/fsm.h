/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VRRP state machine of one virtual router: RFC 9568 section 6 for
 * version 3, RFC 3768 section 6 for version 2.
 *
 * Pure: an event and the time go in; the new state, actions and the next
 * deadline come out.  It never reads a clock, opens, logs or allocates.  The
 * shell owns the struct, calls vrrp_dispatch() (group.h) for each event,
 * carries out the actions in their order and arms one timer for
 * vrrp_fsm_deadline().  Fields are public for reading (status, tests); only
 * fsm*.c write them.
 *
 * States: INITIALIZE, BACKUP, ACTIVE as in the RFC, and FAULT while at least
 * one fault is set.  `running` is false before STARTUP and after SHUTDOWN;
 * an INITIALIZE router that runs waits for its startup delay.
 *
 * Addresses are there in ACTIVE, and beside it in two cases, so that nobody
 * is cut off without need (`holding`):
 * - make before break: a router that resigns keeps them until it hears its
 *   successor, or until `linger_us` is over;
 * - leftovers: a router that starts with addresses of a predecessor keeps
 *   them while it listens, until it hears an Active router or becomes it.
 *
 * Priorities are those on the wire; times are microseconds on the clock of
 * NOW.  Read the sockets empty before passing a TIMER event: an advert that
 * waits unread is better news than a timer that ran out.
 */
#ifndef TANDEM_VRRP_FSM_H
#define TANDEM_VRRP_FSM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ipaddr.h"
#include "lib/messages.h"
#include "lib/reason.h"
#include "lib/timeutil.h"
#include "vrrp/packet.h"

#define VRRP_PRIORITY_STOP 0
#define VRRP_PRIORITY_OWNER 255

struct vrrp_group;

/* GARP / unsolicited NA timing; bursts are in packets per address. */
struct vrrp_garp_conf {
	int64_t delay_us; /* second burst after becoming ACTIVE; 0 = none */
	unsigned int repeat; /* size of a burst; 0 is taken as 1 */
	int64_t refresh_us; /* 0 = never */
	unsigned int refresh_repeat;
	int64_t lower_prio_delay_us; /* second burst after a lower advert */
	unsigned int lower_prio_repeat; /* 0 = none */
};

/* What the configuration says; copied in, so it may go away. */
struct vrrp_fsm_conf {
	uint8_t version; /* 2 or 3 */
	uint8_t priority; /* base: 1..255 */
	int64_t advert_int_us;
	bool preempt;
	int64_t preempt_delay_us;
	int64_t startup_delay_us;
	int64_t linger_us; /* 0 = what the slowest successor needs */
	unsigned int down_timer_adverts; /* 3 in the RFC */
	bool lower_prio_no_advert;
	bool higher_prio_send_advert;
	bool owner_ignore_adverts; /* RFC 9568 7.1 */
	/* An Active router that was not run for so long that a router of
	 * this priority has taken over goes back to listening, with its
	 * addresses; 0 = it stays Active. */
	uint8_t expired_priority;
	struct vrrp_garp_conf garp;
};

/* Why an instance cannot take part; bits of vrrp_fsm.faults. */
enum vrrp_fault {
	VRRP_FAULT_LINK = 1 << 0, /* interface down or missing */
	VRRP_FAULT_SOURCE = 1 << 1, /* no source address to send from */
	VRRP_FAULT_SOCKET = 1 << 2,
	VRRP_FAULT_TRACK = 1 << 3, /* tracked object without weight */
	VRRP_FAULT_ADDRESS = 1 << 4, /* an address could not be set, was lost */
	VRRP_FAULT_GROUP = 1 << 5, /* another member of the sync group; set by
				      group.c only */
};
#define VRRP_FAULT_COUNT 6

enum vrrp_event_type {
	VRRP_EVENT_STARTUP, /* .startup */
	VRRP_EVENT_SHUTDOWN, /* .reason; ACT_STOPPED says when it is over */
	VRRP_EVENT_TIMER, /* the deadline is there; too early is harmless */
	VRRP_EVENT_ADVERT, /* .advert: passed vrrp_packet_decode() */
	VRRP_EVENT_FAULT_SET, /* .fault */
	VRRP_EVENT_FAULT_CLEAR, /* .fault */
	VRRP_EVENT_PRIORITY, /* .priority: effective one, from track.h */
	VRRP_EVENT_PRIMARY, /* .address: our source address changed */
	/* .conf: a reload that keeps version and VRID; state is kept.  Send
	 * PRIORITY after it when objects are tracked. */
	VRRP_EVENT_RECONFIGURE,
	VRRP_EVENT_RELEASE, /* .reason: give ACTIVE away, stay in BACKUP */
	VRRP_EVENT_ADDRESSES_GONE, /* somebody removed addresses: put them
				      back if they should be there */
	/* All that ADD_ADDRESSES asked for are there and announced. */
	VRRP_EVENT_ADDRESSES_THERE,
	/* Sent by group.c only. */
	VRRP_EVENT_GROUP_ACTIVE, /* .reason */
	VRRP_EVENT_GROUP_BACKUP, /* .reason */
	VRRP_EVENT_GROUP_HURRY, /* a resignation was heard in the group */
};

struct vrrp_event {
	enum vrrp_event_type type;
	union {
		struct {
			/* What the predecessor was, by its checkpoint;
			 * VRRP_STATE_INITIALIZE when there is none. */
			enum vrrp_state resume;
			/* How long it did not run, at most; if longer than
			 * the down interval, resume only holds on to the
			 * addresses and listens. */
			int64_t gap_us;
			/* Some of our addresses are on the interface. */
			bool leftovers;
			/* Wait at least so long, as startup_delay_us does. */
			int64_t delay_us;
		} startup;
		struct {
			uint8_t priority;
			int64_t advert_int_us;
			struct ip_addr src;
		} advert;
		struct {
			enum vrrp_fault fault;
			enum reason reason;
		} fault;
		uint8_t priority;
		struct ip_addr address;
		const struct vrrp_fsm_conf *conf;
		enum reason reason;
	};
};

enum vrrp_action_type {
	VRRP_ACT_SEND_ADVERT, /* .priority */
	/* Make all addresses be there: those that are, stay as they are. */
	VRRP_ACT_ADD_ADDRESSES,
	VRRP_ACT_REMOVE_ADDRESSES,
	VRRP_ACT_ANNOUNCE, /* .count GARPs / NAs for each address */
	VRRP_ACT_STATE, /* .state: log it, checkpoint it, notify */
	VRRP_ACT_RX_LOWER_PRIO, /* .rx: notify_master_rx_lower_pri */
	VRRP_ACT_DROPPED, /* .rx: the advert was not used; count .rx.why */
	VRRP_ACT_STOPPED, /* after SHUTDOWN: nothing more will come */
};

struct vrrp_action {
	enum vrrp_action_type type;
	union {
		uint8_t priority;
		unsigned int count;
		struct {
			enum vrrp_state from;
			enum vrrp_state to;
			enum reason reason;
		} state;
		struct {
			enum vrrp_rx why;
			uint8_t priority;
			struct ip_addr src;
		} rx;
	};
};

#define VRRP_ACTIONS_MAX 16

struct vrrp_actions {
	unsigned int n;
	struct vrrp_action items[VRRP_ACTIONS_MAX];
};

enum vrrp_timer {
	VRRP_TIMER_DOWN, /* Active_Down_Timer */
	VRRP_TIMER_ADVERT, /* Adver_Timer */
	VRRP_TIMER_STARTUP, /* startup delay */
	VRRP_TIMER_LINGER, /* addresses go at the latest then */
	VRRP_TIMER_GARP_DELAY,
	VRRP_TIMER_GARP_REFRESH,
	VRRP_TIMER_GARP_LOWER,
	VRRP_TIMER_COUNT,
};

struct vrrp_fsm_counters {
	uint64_t adverts_received; /* used ones, priority 0 included */
	uint64_t adverts_sent; /* that actions asked for */
	uint64_t became_active;
	uint64_t released_active;
	uint64_t prio_zero_received;
	uint64_t prio_zero_sent;
	uint64_t lower_prio_received; /* while ACTIVE */
	uint64_t interval_mismatches;
};

struct vrrp_fsm {
	/* Set by the shell, never looked at in here. */
	void *user;
	/* Set by vrrp_group_add(); NULL outside of sync groups. */
	struct vrrp_group *group;

	struct vrrp_fsm_conf conf;
	enum vrrp_state state;
	enum reason reason; /* of the last change of state */
	int64_t since_us; /* time of the last change of state */
	bool running;
	bool holding; /* addresses are (still) on the interface */
	bool willing; /* in a group: down timer is over, waits for others */
	bool advert_held; /* the first one waits for the addresses */
	bool follows; /* in a group, but not its first member: see group.h */
	unsigned int faults; /* bits of enum vrrp_fault */
	enum reason fault_reasons[VRRP_FAULT_COUNT];
	uint8_t priority; /* effective */
	struct ip_addr primary; /* our source address */

	/* RFC 9568 6.1: learned from the Active router in version 3. */
	int64_t active_adver_int_us;
	struct ip_addr active_router; /* last heard or self; may be unset */
	uint8_t active_priority;
	int64_t active_until_us; /* when it counts as gone; 0 = not known */
	int64_t heard_us; /* when the down timer was last restarted */
	int64_t preempt_at_us; /* end of preempt_delay, TIME_NEVER = idle */
	int64_t replied_us; /* last advert out of turn, TIME_NEVER = none */
	int64_t tie_since_us; /* a lost tie that the group may settle */
	int64_t tie_heard_us;
	enum reason takeover_reason; /* if the down timer runs out now */

	int64_t timers[VRRP_TIMER_COUNT];
	struct vrrp_fsm_counters counters;
};

/* State INITIALIZE, not running; PRIMARY may be AF_UNSPEC for now. */
void vrrp_fsm_init(struct vrrp_fsm *fsm, const struct vrrp_fsm_conf *conf,
	const struct ip_addr *primary);

/*
 * Takes one event at time NOW_US (which never goes back) and fills OUT.
 * The shell calls vrrp_dispatch() of group.h instead, which calls this.
 */
void vrrp_fsm_step(struct vrrp_fsm *fsm, const struct vrrp_event *event,
	int64_t now_us, struct vrrp_actions *out);

/* When the next TIMER event is due; TIME_NEVER when nothing is. */
int64_t vrrp_fsm_deadline(const struct vrrp_fsm *fsm);

/* Skew_Time and Active_Down_Interval as they are now (RFC 9568 6.1,
 * RFC 3768 6.1), microseconds. */
int64_t vrrp_fsm_skew_us(const struct vrrp_fsm *fsm);
int64_t vrrp_fsm_down_interval_us(const struct vrrp_fsm *fsm);

/* The reason behind the most important fault; REASON_NONE without one. */
enum reason vrrp_fsm_fault_reason(const struct vrrp_fsm *fsm);

#endif
