/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives state machines by hand in tests: one event a call, and what came
 * out as a line of text, so that a test reads like a protocol.
 */
#ifndef TANDEM_TESTS_VRRP_FSM_DRIVER_H
#define TANDEM_TESTS_VRRP_FSM_DRIVER_H

#include "vrrp/fsm.h"
#include "vrrp/group.h"

#define MS USEC_PER_MSEC
#define SECOND USEC_PER_SEC

struct driver {
	int64_t now;
	char text[1024]; /* actions of the last call, ' ' between */
	struct vrrp_fsm fsm;
};

/* Version 3, priority 100, 1 s, preempt, no delayed announcements; primary
 * 10.0.0.5. */
struct vrrp_fsm_conf driver_conf(void);
void driver_init(struct driver *d, const struct vrrp_fsm_conf *conf);

/* All return d->text: "adv:100 add garp:5 BACKUP>ACTIVE(no-adverts-heard)";
 * also "del", "lower:50", "drop:own-packet", "stopped". */
const char *driver_give(struct driver *d, const struct vrrp_event *event);
const char *driver_start(struct driver *d);
const char *driver_timer(struct driver *d);
/* The addresses are there. */
const char *driver_there(struct driver *d);
/* Moves the time to the deadline and gives TIMER. */
const char *driver_wait(struct driver *d);
/* An advert from 10.0.0.LAST with the interval of the conf. */
const char *driver_hear(struct driver *d, uint8_t priority, int last);
const char *driver_fault(struct driver *d, enum vrrp_fault fault, bool set);
const char *driver_reason(
	struct driver *d, enum vrrp_event_type type, enum reason reason);

/* Appends the actions of one step to TEXT. */
void driver_append(
	char *text, size_t size, const struct vrrp_actions *actions);
struct ip_addr driver_addr(int last);

#endif
