/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink messages about links and addresses, as values: pure translation
 * without socket or state.  With lib/netlink.c and lib/netlink_writer.c the
 * only place that knows libnl.
 */
#ifndef TANDEM_LIB_NETLINK_CODEC_H
#define TANDEM_LIB_NETLINK_CODEC_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/ipaddr.h"

struct nl_msg;
struct nlmsghdr;

#define NETLINK_MAC_MAX 32

/* The mark that our addresses carry where the kernel keeps one (IFA_PROTO,
 * Linux 5.18): "T". */
#define NETLINK_ADDR_PROTO 0x54

/* Kinds of links that something is done with. */
enum netlink_kind {
	NETLINK_KIND_OTHER,
	NETLINK_KIND_MACVLAN,
	NETLINK_KIND_IPVLAN,
	NETLINK_KIND_VRF,
};

/* Settings of IPv4 on a device, as in /proc/sys/net/ipv4/conf. */
enum netlink_devconf {
	NETLINK_DEVCONF_ARP_IGNORE,
	NETLINK_DEVCONF_ARP_FILTER,
	NETLINK_DEVCONF_ARP_ANNOUNCE,
	NETLINK_DEVCONF_ACCEPT_LOCAL,
	NETLINK_DEVCONF_RP_FILTER,
	NETLINK_DEVCONF_PROMOTE_SECONDARIES,
	NETLINK_DEVCONF_COUNT,
};

/* "arp_ignore" ... */
const char *netlink_devconf_name(enum netlink_devconf setting);
/* Its number in the kernel's own list, IPV4_DEVCONF_*. */
unsigned int netlink_devconf_number(enum netlink_devconf setting);

struct netlink_link_info {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	uint32_t flags; /* IFF_* */
	uint32_t mtu;
	uint32_t parent; /* ifindex below a VLAN, macvlan ...; 0 = none */
	bool parent_elsewhere; /* which is in another network namespace */
	uint32_t master; /* ifindex of a bridge, VRF ... it is in; 0 = none */
	uint32_t group;
	enum netlink_kind kind;
	uint32_t vrf_table; /* routing table of a VRF */
	uint32_t mode; /* MACVLAN_MODE_*, IPVLAN_MODE_* */
	uint32_t mode_flags; /* IPVLAN_F_* */
	/* As of the last message about the link: a change of these alone is
	 * not announced (netlink_refresh_link()). */
	bool has_devconf;
	uint32_t devconf[NETLINK_DEVCONF_COUNT];
	uint16_t type;	 /* ARPHRD_* */
	uint8_t mac_len;
	uint8_t mac[NETLINK_MAC_MAX];
};

/* Administratively up and with carrier: what RFC 9568 calls enabled. */
bool netlink_link_is_running(const struct netlink_link_info *link);

#define NETLINK_LIFETIME_FOREVER UINT32_MAX

struct netlink_addr_info {
	uint32_t ifindex;
	struct ip_addr addr;
	struct ip_addr peer;	  /* AF_UNSPEC = none */
	struct ip_addr broadcast; /* AF_UNSPEC = none */
	uint32_t flags;		  /* IFA_F_* */
	uint32_t preferred_s;
	uint32_t valid_s;
	uint8_t prefix_len;
	uint8_t scope;	      /* RT_SCOPE_* */
	uint8_t proto;	      /* IFAPROT_*, 0 = unknown */
	char label[IFNAMSIZ]; /* IPv4; "" = none */
};

/* Can be used as a source: no duplicate, DAD not under way. */
bool netlink_addr_is_usable(const struct netlink_addr_info *addr);

/* MSG is RTM_NEWLINK or RTM_DELLINK, or RTM_NEWADDR or RTM_DELADDR.  0, or
 * -EBADMSG with *RET undefined. */
int netlink_parse_link(struct nlmsghdr *msg, struct netlink_link_info *ret);
int netlink_parse_addr(struct nlmsghdr *msg, struct netlink_addr_info *ret);

#define NETLINK_ALL_LINKS (-1)

/* MSG is RTM_NEWNETCONF.  0 when it is about rp_filter of IPv4 on a link, or
 * on NETLINK_ALL_LINKS; else -EBADMSG. */
int netlink_parse_rp_filter(
	struct nlmsghdr *msg, int32_t *ret_ifindex, uint32_t *ret_value);

/* A message that adds the address (fails if it is there), or removes it; the
 * caller frees it.  Sequence number and NLM_F_ACK are the sender's. */
struct nl_msg *netlink_build_addr_add(const struct netlink_addr_info *addr);
struct nl_msg *netlink_build_addr_remove(const struct netlink_addr_info *addr);

#endif
