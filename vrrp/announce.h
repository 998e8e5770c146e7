/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends gratuitous ARP and unsolicited Neighbor Advertisements: queued per
 * interface and family, spaced as configured, in bursts otherwise.
 *
 * Never blocks: what a full device queue does not take is tried again a
 * little later.  An address that is queued twice is sent twice.  What waits is
 * bounded: with an interval that is too long for what is asked, the rest is
 * left out and counted.
 */
#ifndef TANDEM_VRRP_ANNOUNCE_H
#define TANDEM_VRRP_ANNOUNCE_H

#include <stdint.h>

#include "lib/ipaddr.h"
#include "lib/loop.h"
#include "lib/netlink.h"

struct vrrp_announcer;
struct vrrp_announce_group;

/* NETLINK (borrowed) tells the hardware addresses. */
struct vrrp_announcer *vrrp_announcer_new(
	struct loop *loop, struct netlink *netlink);
void vrrp_announcer_free(struct vrrp_announcer *announcer); /* NULL is fine */

/* Time between two packets on one interface, by family; 0 = none. */
void vrrp_announcer_set_intervals(
	struct vrrp_announcer *announcer, int64_t garp_us, int64_t na_us);

/*
 * Groups of interfaces that share one pace.  An interval of -1 is that of
 * vrrp_announcer_set_intervals().  The groups belong to the announcer; an
 * interface that is named twice is in the last group.
 */
void vrrp_announcer_clear_groups(struct vrrp_announcer *announcer);
struct vrrp_announce_group *vrrp_announcer_add_group(
	struct vrrp_announcer *announcer, int64_t garp_us, int64_t na_us);
void vrrp_announcer_group_interface(struct vrrp_announcer *announcer,
	struct vrrp_announce_group *group, const char *name);

/* Queues one packet for ADDR on link IFINDEX.  OWNER is a number by which it
 * can be taken back. */
void vrrp_announcer_add(struct vrrp_announcer *announcer, uint64_t owner,
	uint32_t ifindex, const struct ip_addr *addr);
/* Sends now what the loop would send in its next turn. */
void vrrp_announcer_flush(struct vrrp_announcer *announcer);
/* Forgets what OWNER has waiting. */
void vrrp_announcer_cancel(struct vrrp_announcer *announcer, uint64_t owner);

struct vrrp_announcer_counters {
	uint64_t sent;
	uint64_t failed; /* given up: interface gone, down ... */
};

const struct vrrp_announcer_counters *vrrp_announcer_counters(
	const struct vrrp_announcer *announcer);

#endif
