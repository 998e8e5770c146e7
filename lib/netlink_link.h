/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink messages that make, change and remove links: pure translation,
 * as netlink_codec.h.  Sequence number and NLM_F_ACK are the sender's, and
 * the caller frees what is returned.
 */
#ifndef TANDEM_LIB_NETLINK_LINK_H
#define TANDEM_LIB_NETLINK_LINK_H

#include "lib/netlink_codec.h"

#define NETLINK_MAC_BYTES 6

/* A macvlan or ipvlan on top of PARENT. */
struct netlink_link_make {
	enum netlink_kind kind;
	const char *name;
	uint32_t parent; /* ifindex */
	uint32_t mode; /* MACVLAN_MODE_*, IPVLAN_MODE_* */
	uint32_t mode_flags; /* IPVLAN_F_* */
	uint32_t group;
	uint8_t mac[NETLINK_MAC_BYTES]; /* macvlan only */
};

/* What is to be different.  The link is IFINDEX, or, when that is 0, the one
 * with the name NAME: one that an earlier message of the same batch makes. */
struct netlink_link_change {
	uint32_t ifindex;
	const char *name;
	unsigned int devconf_mask; /* bits 1 << enum netlink_devconf */
	uint32_t devconf[NETLINK_DEVCONF_COUNT];
	bool no_auto_address; /* IPv6: no link-local address by itself */
	bool set_master;
	uint32_t master; /* ifindex; 0 = none */
	bool set_group;
	uint32_t group;
	bool up;
};

struct nl_msg *netlink_build_link_make(const struct netlink_link_make *make);
struct nl_msg *netlink_build_link_change(
	const struct netlink_link_change *change);
struct nl_msg *netlink_build_link_remove(uint32_t ifindex);
/* All links of GROUP (not 0) at once, which waits once for the kernel's other
 * processors, not once for each: 15 ms a link are saved. */
struct nl_msg *netlink_build_link_remove_group(uint32_t group);

#endif
