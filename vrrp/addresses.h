/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual addresses: what should be on the interfaces against what is.
 *
 * A set holds the addresses of one owner (an instance, or static_ipaddress)
 * and is either wanted or not; all sets together are the table.  Whatever is
 * asked, the answer is the difference between that and the kernel, sent as
 * one batch: an address that is there already is adopted without a write.
 * Only addresses that are in the table, or were, are ever removed.
 *
 * Results come back through the loop.  Borrowed: the netlink cache and
 * writer; events of the cache are passed in by the owner of both.
 */
#ifndef TANDEM_VRRP_ADDRESSES_H
#define TANDEM_VRRP_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/netlink.h"
#include "lib/netlink_writer.h"

struct vrrp_addresses;
struct vrrp_address_set;

struct vrrp_address_want {
	struct netlink_addr_info info; /* ifindex 0: interface missing */
	bool no_track;		       /* its loss is nobody's business */
};

struct vrrp_address_events {
	/* A batch is done.  N_FAILED of its N_ADDED additions failed, ERROR
	 * is one of their errors. */
	void (*done)(void *owner, size_t n_added, size_t n_failed, int error);
	/* Somebody else removed an address of a wanted set. */
	void (*lost)(void *owner, const struct netlink_addr_info *info);
};

struct vrrp_addresses *vrrp_addresses_new(struct netlink *netlink,
	struct netlink_writer *writer,
	const struct vrrp_address_events *events);
/* All sets must be freed; leaves the kernel as it is.  Before the writer. */
void vrrp_addresses_free(struct vrrp_addresses *addresses);

/* NAME is for the log and copied.  Without OWNER nobody hears of events. */
struct vrrp_address_set *vrrp_address_set_new(
	struct vrrp_addresses *addresses, const char *name, void *owner);
/* Leaves the kernel as it is.  NULL is fine. */
void vrrp_address_set_free(struct vrrp_address_set *set);

/*
 * What the sets consist of is said anew for all of them between begin and
 * end.  An address may move from one set to another; the first that defines
 * it has it.  KEEP_FOREIGN: the owner of the addresses (priority 255) does
 * not remove those that were there before us.  end() removes what is in no
 * set any more; nothing else is written before the next sync.
 */
void vrrp_addresses_begin(struct vrrp_addresses *addresses);
void vrrp_address_set_define(struct vrrp_address_set *set,
	const struct vrrp_address_want *wants, size_t n, bool keep_foreign);
void vrrp_addresses_end(struct vrrp_addresses *addresses);

/* Makes the kernel agree with WANT; done() follows if there was anything to
 * write.  True when something is being written. */
bool vrrp_address_set_sync(struct vrrp_address_set *set, bool want);
bool vrrp_address_set_is_wanted(const struct vrrp_address_set *set);
bool vrrp_address_set_is_busy(const struct vrrp_address_set *set);

/* INFO (ifindex, address, prefix length, peer) was put there by our
 * predecessor: it is no foreign address, or, if it is in no set, to be
 * removed. */
void vrrp_addresses_inherit(
	struct vrrp_addresses *addresses, const struct netlink_addr_info *info);

/* Is any of the set on its interface, other than foreign ones to keep? */
bool vrrp_address_set_any_present(const struct vrrp_address_set *set);

struct vrrp_address_status {
	const struct netlink_addr_info *info;
	bool present;
	bool fresh; /* added since the last vrrp_address_set_seen() */
	int error;  /* of the last attempt to add it */
};

void vrrp_address_set_each(const struct vrrp_address_set *set,
	void (*callback)(
		const struct vrrp_address_status *status, void *user_data),
	void *user_data);
void vrrp_address_set_seen(struct vrrp_address_set *set);

/* Is the address (with its interface) one that comes and goes with its owner?
 * Those without an owner are addresses of the machine. */
bool vrrp_addresses_is_virtual(const struct vrrp_addresses *addresses,
	const struct netlink_addr_info *info);

/* Events of the netlink cache. */
void vrrp_addresses_on_addr(struct vrrp_addresses *addresses,
	const struct netlink_addr_info *before,
	const struct netlink_addr_info *after);
void vrrp_addresses_on_settled(struct vrrp_addresses *addresses);

#endif
