/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel holds: links and their addresses, kept current.
 *
 * The first dump is read when the cache is made; from then on a monitor
 * socket, driven by the loop, changes the cache and tells its owner.  A dump
 * does not wait for anything but the kernel itself.  When the monitor socket
 * overflows, everything is dumped again and the differences are told as if
 * they had been heard one by one, so that nobody needs a second code path.
 */
#ifndef TANDEM_LIB_NETLINK_H
#define TANDEM_LIB_NETLINK_H

#include <uthash.h>

#include "lib/loop.h"
#include "lib/netlink_codec.h"

struct netlink;

/* Identity of an address.  IPv4 knows the same address with other prefix
 * lengths or peers, IPv6 does not. */
struct netlink_addr_key {
	uint32_t ifindex;
	uint32_t prefix_len; /* 0 for IPv6 */
	struct ip_addr addr;
	struct ip_addr peer; /* AF_UNSPEC for IPv6 */
};

struct netlink_addr {
	struct netlink_addr_info info;
	/* private */
	struct netlink_addr_key key;
	struct netlink_addr *prev;
	struct netlink_addr *next;
	UT_hash_handle hh;
	uint32_t seen;
};

struct netlink_link {
	struct netlink_link_info info;
	/* In the kernel's order, which is the order of source selection; a
	 * utlist.h DL list. */
	struct netlink_addr *addrs;
	/* private */
	UT_hash_handle hh;
	UT_hash_handle hh_name;
	uint32_t seen;
};

/*
 * What changed.  The objects belong to the cache and are valid during the
 * call; BEFORE is NULL for a new link, AFTER for one that is gone.  An
 * address of a link that goes is told before the link.  SETTLED comes after
 * all changes that were there to read.  Callbacks must not free the cache.
 */
struct netlink_events {
	void (*link)(const struct netlink_link_info *before,
		const struct netlink_link_info *after, void *user_data);
	void (*addr)(const struct netlink_addr_info *before,
		const struct netlink_addr_info *after, void *user_data);
	void (*settled)(void *user_data);
	/* net.ipv4.conf.all.rp_filter was written.  Without this function,
	 * changes of rp_filter of links are not heard either. */
	void (*all_rp_filter)(void *user_data);
};

/* EVENTS is borrowed, its functions may be NULL.  0 or -errno. */
int netlink_new(struct loop *loop, const struct netlink_events *events,
	void *user_data, struct netlink **ret_netlink);
void netlink_free(struct netlink *netlink); /* NULL is fine */

/* NULL when there is none; borrowed until the next event. */
const struct netlink_link *netlink_find_link(
	const struct netlink *netlink, uint32_t ifindex);
const struct netlink_link *netlink_find_link_by_name(
	const struct netlink *netlink, const char *name);
/* All of them; CALLBACK must not change the cache. */
void netlink_each_link(const struct netlink *netlink,
	void (*callback)(const struct netlink_link *link, void *user_data),
	void *user_data);
/* Looks for the identity in INFO: ifindex, address, prefix length, peer. */
const struct netlink_addr_info *netlink_find_addr(
	const struct netlink *netlink, const struct netlink_addr_info *info);

/* An address ADDR on any link that can be used as a source; looks through
 * all of them. */
const struct netlink_addr *netlink_find_local(
	const struct netlink *netlink, const struct ip_addr *addr);

/* Calls VISIT for each address. */
void netlink_for_each_addr(const struct netlink *netlink,
	void (*visit)(const struct netlink_addr_info *info, void *user_data),
	void *user_data);

/* Reads everything from the kernel again; events tell what differs.  0 or
 * -errno, in which case the cache is as before or partly new. */
int netlink_resync(struct netlink *netlink);

/* Reads one link from the kernel again: its IPv4 settings change without an
 * event.  0 or -errno; events tell what differs. */
int netlink_refresh_link(struct netlink *netlink, uint32_t ifindex);

/* Reads what the monitor socket holds now, so that the cache knows what an
 * answered change has done; events are told from within. */
void netlink_read(struct netlink *netlink);

/*
 * The kernel has acknowledged that INFO was added or removed; events tell
 * what that changes.  For IPv6 the kernel says so on the monitor socket only
 * some time after its acknowledgement.
 */
void netlink_note_added(
	struct netlink *netlink, const struct netlink_addr_info *info);
void netlink_note_removed(
	struct netlink *netlink, const struct netlink_addr_info *info);

/* How often the monitor socket overflowed. */
uint64_t netlink_overruns(const struct netlink *netlink);

#endif
