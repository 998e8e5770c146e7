/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes and routing rules as values, and the rtnetlink messages about them:
 * pure translation and comparison without socket or state.
 *
 * A route that is wanted says as much as the configuration does; one that the
 * kernel holds says all.  netlink_route_agrees() compares the one with the
 * other, so what was not said is not compared.
 */
#ifndef TANDEM_LIB_NETLINK_ROUTE_H
#define TANDEM_LIB_NETLINK_ROUTE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ipaddr.h"

struct nl_msg;
struct nlmsghdr;

/* Who made a route or rule (RTPROT_*): the number that iproute2 calls
 * "keepalived", so that either program adopts what the other left. */
#define NETLINK_ROUTE_PROTO 18

/* RTAX_MAX of Linux 6.1, plus one. */
#define NETLINK_METRICS 18
#define NETLINK_LABELS_MAX 16
#define NETLINK_CONGCTL_MAX 16

/* A tunnel without an interface. */
struct netlink_encap {
	uint16_t type; /* LWTUNNEL_ENCAP_*; 0 = none */
	bool has_id;
	bool has_tos;
	bool has_ttl;
	bool has_flags;
	uint8_t tos; /* or traffic class */
	uint8_t ttl; /* or hop limit */
	uint16_t flags;
	uint64_t id;
	struct ip_addr dst; /* AF_UNSPEC = none */
	struct ip_addr src;
	uint64_t locator;		     /* ILA, network order */
	uint32_t labels[NETLINK_LABELS_MAX]; /* MPLS, host order, bare */
	uint8_t n_labels;
};

struct netlink_hop {
	struct ip_addr gateway; /* AF_UNSPEC = none; may be of the other family
				   than the route */
	uint32_t ifindex;	/* 0 = the kernel's choice */
	uint8_t weight;		/* less one, as in rtnh_hops */
	uint8_t flags;		/* RTNH_F_ONLINK */
	uint32_t realms;	/* of a part of a multipath route */
	struct netlink_encap encap;
};

struct netlink_route {
	sa_family_t family;
	uint8_t type; /* RTN_* */
	uint8_t tos;
	uint8_t scope; /* RT_SCOPE_* */
	uint8_t protocol;
	uint32_t table;
	struct ip_addr dst; /* AF_UNSPEC with dst_len 0 */
	uint8_t dst_len;
	struct ip_addr src; /* "from", IPv6 */
	uint8_t src_len;
	struct ip_addr pref_src; /* "src" */
	uint32_t priority;	 /* of IPv6 never 0: the default is 1024 */
	uint32_t realms;
	uint32_t metrics[NETLINK_METRICS]; /* by RTAX_*; 0 = not set */
	uint32_t locks;			   /* bits 1 << RTAX_* */
	char congctl[NETLINK_CONGCTL_MAX]; /* "" = none */
	uint8_t pref;			   /* of IPv6; 0 = medium */
	bool has_expires;
	uint32_t expires_s;
	bool has_ttl_propagate;
	uint8_t ttl_propagate;
	/* None: blackhole and the like.  Several: multipath. */
	struct netlink_hop *hops;
	size_t n_hops;
};

/* The default of IPv6 (IP6_RT_PRIO_USER). */
#define NETLINK_ROUTE6_PRIORITY 1024

/* Does this type have no hops: blackhole, unreachable, prohibit, throw? */
bool netlink_route_type_is_dead(uint8_t type);

/* How a new route relates to those that are there for the destination. */
enum netlink_route_place {
	NETLINK_ROUTE_PREPEND, /* before them */
	NETLINK_ROUTE_APPEND,
	NETLINK_ROUTE_ALONE, /* fails if there is one */
};

/* The caller frees the message.  Sequence number and NLM_F_ACK are the
 * sender's. */
struct nl_msg *netlink_build_route_add(
	const struct netlink_route *route, enum netlink_route_place place);
struct nl_msg *netlink_build_route_remove(const struct netlink_route *route);

/* RTM_NEWROUTE or RTM_DELROUTE.  0, or -EBADMSG with *RET undefined; what it
 * holds is given back with netlink_route_clear(). */
int netlink_parse_route(struct nlmsghdr *msg, struct netlink_route *ret);

void netlink_route_copy(
	const struct netlink_route *route, struct netlink_route *ret);
void netlink_route_clear(struct netlink_route *route);

/* HAVE, of the kernel, is what WANT asks for: destination, type, hops ... */
bool netlink_route_agrees(
	const struct netlink_route *want, const struct netlink_route *have);
/* Both lead the same way: a message that removes the one may hit the other. */
bool netlink_route_same_way(
	const struct netlink_route *a, const struct netlink_route *b);
/* And the metrics (mtu ...) do, too.  The kernel may have cut them. */
bool netlink_route_metrics_agree(
	const struct netlink_route *want, const struct netlink_route *have);

/* --- rules --- */

struct netlink_rule {
	sa_family_t family;
	uint8_t action; /* FR_ACT_* */
	uint8_t tos;
	uint8_t protocol;
	bool invert;
	bool l3mdev;
	uint32_t table;
	struct ip_addr src; /* AF_UNSPEC with src_len 0 */
	uint8_t src_len;
	struct ip_addr dst;
	uint8_t dst_len;
	uint32_t priority;
	uint32_t fwmark;
	uint32_t fwmask; /* of a mark but 0 that has none: all bits */
	uint32_t realms;
	uint32_t target; /* of goto */
	uint64_t tunnel_id;
	uint32_t suppress_prefix_len; /* UINT32_MAX = none */
	uint32_t suppress_group;      /* UINT32_MAX = none */
	bool has_uids;
	uint32_t uid_start;
	uint32_t uid_end;
	uint8_t ip_proto; /* 0 = any */
	uint16_t sport_start; /* 0 = any */
	uint16_t sport_end;
	uint16_t dport_start;
	uint16_t dport_end;
	char iif[IFNAMSIZ]; /* "" = any */
	char oif[IFNAMSIZ];
};

struct nl_msg *netlink_build_rule_add(const struct netlink_rule *rule);
struct nl_msg *netlink_build_rule_remove(const struct netlink_rule *rule);
int netlink_parse_rule(struct nlmsghdr *msg, struct netlink_rule *ret);
bool netlink_rule_agrees(
	const struct netlink_rule *want, const struct netlink_rule *have);

#endif
