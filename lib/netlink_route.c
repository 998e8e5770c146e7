/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages about routes, from and to values. */
#include "lib/netlink_route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/lwtunnel.h>
#include <linux/mpls.h>
#include <linux/mpls_iptunnel.h>
#include <linux/ila.h>
#include <linux/rtnetlink.h>

#include "lib/mem.h"
#include "lib/netlink_attr.h"

#define ROUTE_MSG_SIZE 1024
#define HOP_MSG_SIZE 256

bool netlink_route_type_is_dead(uint8_t type)
{
	return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE ||
	       type == RTN_PROHIBIT || type == RTN_THROW;
}

/* --- build: tunnels --- */

static void put_u64(struct nl_msg *msg, int type, uint64_t value)
{
	attr_put(msg, type, &value, sizeof(value));
}

/* Attributes of the same meaning have other numbers with IPv6. */
struct ip_tunnel_attrs {
	int id, dst, src, ttl, tos, flags;
};

static const struct ip_tunnel_attrs tunnel4 = { LWTUNNEL_IP_ID,
	LWTUNNEL_IP_DST, LWTUNNEL_IP_SRC, LWTUNNEL_IP_TTL, LWTUNNEL_IP_TOS,
	LWTUNNEL_IP_FLAGS };
static const struct ip_tunnel_attrs tunnel6 = { LWTUNNEL_IP6_ID,
	LWTUNNEL_IP6_DST, LWTUNNEL_IP6_SRC, LWTUNNEL_IP6_HOPLIMIT,
	LWTUNNEL_IP6_TC, LWTUNNEL_IP6_FLAGS };

static void put_ip_tunnel(struct nl_msg *msg, const struct netlink_encap *encap,
	const struct ip_tunnel_attrs *attrs)
{
	if (encap->has_id)
		put_u64(msg, attrs->id, htobe64(encap->id));
	attr_put_addr(msg, attrs->dst, &encap->dst);
	attr_put_addr(msg, attrs->src, &encap->src);
	if (encap->has_ttl)
		attr_put_u8(msg, attrs->ttl, encap->ttl);
	if (encap->has_tos)
		attr_put_u8(msg, attrs->tos, encap->tos);
	if (encap->has_flags)
		attr_put_u16(msg, attrs->flags, htons(encap->flags));
}

static void put_labels(struct nl_msg *msg, const struct netlink_encap *encap)
{
	uint32_t entries[NETLINK_LABELS_MAX];
	unsigned int i;

	for (i = 0; i < encap->n_labels; i++)
		entries[i] = htonl(encap->labels[i] << MPLS_LS_LABEL_SHIFT |
				   (i + 1 == encap->n_labels
						   ? 1u << MPLS_LS_S_SHIFT
						   : 0));
	attr_put(msg, MPLS_IPTUNNEL_DST, entries, i * sizeof(entries[0]));
}

static void put_encap(struct nl_msg *msg, const struct netlink_encap *encap)
{
	struct nlattr *nest;

	if (encap->type == LWTUNNEL_ENCAP_NONE)
		return;
	attr_put_u16(msg, RTA_ENCAP_TYPE, encap->type);
	nest = attr_nest(msg, RTA_ENCAP);
	if (encap->type == LWTUNNEL_ENCAP_IP)
		put_ip_tunnel(msg, encap, &tunnel4);
	else if (encap->type == LWTUNNEL_ENCAP_IP6)
		put_ip_tunnel(msg, encap, &tunnel6);
	else if (encap->type == LWTUNNEL_ENCAP_MPLS)
		put_labels(msg, encap);
	else if (encap->type == LWTUNNEL_ENCAP_ILA)
		put_u64(msg, ILA_ATTR_LOCATOR, encap->locator);
	nla_nest_end(msg, nest);
}

/* --- build: hops, metrics --- */

static void put_gateway(struct nl_msg *msg, const struct netlink_route *route,
	const struct ip_addr *gateway)
{
	unsigned int len = ip_family_bytes(gateway->family);
	const struct rtvia via = { .rtvia_family = gateway->family };
	uint8_t other[sizeof(via) + sizeof(gateway->bytes)];

	if (!ip_addr_is_set(gateway))
		return;
	if (gateway->family == route->family) {
		attr_put_addr(msg, RTA_GATEWAY, gateway);
		return;
	}
	memcpy(other, &via, sizeof(via));
	memcpy(other + sizeof(via), gateway->bytes, len);
	attr_put(msg, RTA_VIA, other, sizeof(via) + len);
}

static void put_hop(struct nl_msg *msg, const struct netlink_route *route,
	const struct netlink_hop *hop)
{
	put_gateway(msg, route, &hop->gateway);
	put_encap(msg, &hop->encap);
}

static void put_multipath(
	struct nl_msg *msg, const struct netlink_route *route)
{
	struct nlattr *nest = attr_nest(msg, RTA_MULTIPATH);

	for (size_t i = 0; i < route->n_hops; i++) {
		const struct netlink_hop *hop = &route->hops[i];
		struct rtnexthop *next = nlmsg_reserve(
			msg, sizeof(*next), NLMSG_ALIGNTO);

		if (!next)
			log_fatal("netlink: message too small for its hops");
		next->rtnh_flags = hop->flags;
		next->rtnh_hops = hop->weight;
		next->rtnh_ifindex = (int)hop->ifindex;
		put_hop(msg, route, hop);
		if (hop->realms)
			attr_put_u32(msg, RTA_FLOW, hop->realms);
		next->rtnh_len = (uint16_t)((uint8_t *)nlmsg_tail(
						    nlmsg_hdr(msg)) -
					    (uint8_t *)next);
	}
	nla_nest_end(msg, nest);
}

static void put_metrics(struct nl_msg *msg, const struct netlink_route *route)
{
	bool any = route->congctl[0] || route->locks;
	struct nlattr *nest;

	for (int i = 0; i < NETLINK_METRICS; i++)
		any |= route->metrics[i] != 0;
	if (!any)
		return;
	nest = attr_nest(msg, RTA_METRICS);
	if (route->locks)
		attr_put_u32(msg, RTAX_LOCK, route->locks);
	for (int i = 0; i < NETLINK_METRICS; i++)
		if (route->metrics[i])
			attr_put_u32(msg, i, route->metrics[i]);
	if (route->congctl[0])
		attr_put(msg, RTAX_CC_ALGO, route->congctl,
			strlen(route->congctl) + 1);
	nla_nest_end(msg, nest);
}

static struct nl_msg *build_route(
	int type, int flags, const struct netlink_route *route)
{
	struct rtmsg header = {
		.rtm_family = (uint8_t)route->family,
		.rtm_dst_len = route->dst_len,
		.rtm_src_len = route->src_len,
		.rtm_tos = route->tos,
		.rtm_table = route->table < 256 ? (uint8_t)route->table
						: RT_TABLE_UNSPEC,
		.rtm_protocol = route->protocol,
		.rtm_scope = route->scope,
		.rtm_type = route->type,
	};
	struct nl_msg *msg;

	if (route->n_hops == 1)
		header.rtm_flags = route->hops[0].flags;
	msg = attr_message(type, flags, &header, sizeof(header),
		ROUTE_MSG_SIZE + route->n_hops * HOP_MSG_SIZE);
	if (route->dst_len)
		attr_put_addr(msg, RTA_DST, &route->dst);
	if (route->src_len)
		attr_put_addr(msg, RTA_SRC, &route->src);
	attr_put_u32(msg, RTA_TABLE, route->table);
	if (route->priority)
		attr_put_u32(msg, RTA_PRIORITY, route->priority);
	attr_put_addr(msg, RTA_PREFSRC, &route->pref_src);
	if (route->n_hops == 1) {
		put_hop(msg, route, &route->hops[0]);
		if (route->hops[0].ifindex)
			attr_put_u32(msg, RTA_OIF, route->hops[0].ifindex);
	} else if (route->n_hops > 1) {
		put_multipath(msg, route);
	}
	if (route->realms)
		attr_put_u32(msg, RTA_FLOW, route->realms);
	put_metrics(msg, route);
	if (route->has_ttl_propagate)
		attr_put_u8(msg, RTA_TTL_PROPAGATE, route->ttl_propagate);
	if (route->pref)
		attr_put_u8(msg, RTA_PREF, route->pref);
	if (route->has_expires)
		attr_put_u32(msg, RTA_EXPIRES, route->expires_s);
	return msg;
}

struct nl_msg *netlink_build_route_add(
	const struct netlink_route *route, enum netlink_route_place place)
{
	int flags = NLM_F_CREATE;

	if (place == NETLINK_ROUTE_APPEND)
		flags |= NLM_F_APPEND;
	else if (place == NETLINK_ROUTE_ALONE)
		flags |= NLM_F_EXCL;
	return build_route(RTM_NEWROUTE, flags, route);
}

struct nl_msg *netlink_build_route_remove(const struct netlink_route *route)
{
	return build_route(RTM_DELROUTE, 0, route);
}

/* --- parse --- */

static void parse_ip_tunnel(const struct nlattr *attr, sa_family_t family,
	const struct ip_tunnel_attrs *attrs, struct netlink_encap *ret)
{
	struct nlattr *parts[LWTUNNEL_IP_MAX + 1];
	uint64_t id = 0;
	uint16_t flags = 0;

	if (nla_parse_nested(parts, LWTUNNEL_IP_MAX,
		    (struct nlattr *)(uintptr_t)attr, NULL) < 0)
		return;
	ret->has_id = attr_read(parts[attrs->id], &id, sizeof(id));
	ret->id = be64toh(id);
	ret->dst = attr_read_addr(parts[attrs->dst], family);
	ret->src = attr_read_addr(parts[attrs->src], family);
	ret->has_ttl = attr_read(parts[attrs->ttl], &ret->ttl, 1);
	ret->has_tos = attr_read(parts[attrs->tos], &ret->tos, 1);
	ret->has_flags =
		attr_read(parts[attrs->flags], &flags, sizeof(flags));
	ret->flags = ntohs(flags);
}

static void parse_labels(const struct nlattr *attr, struct netlink_encap *ret)
{
	struct nlattr *parts[MPLS_IPTUNNEL_DST + 1];
	uint32_t entries[NETLINK_LABELS_MAX];
	size_t n;

	if (nla_parse_nested(parts, MPLS_IPTUNNEL_DST,
		    (struct nlattr *)(uintptr_t)attr, NULL) < 0 ||
		!parts[MPLS_IPTUNNEL_DST])
		return;
	n = (size_t)nla_len(parts[MPLS_IPTUNNEL_DST]) / sizeof(entries[0]);
	if (n > NETLINK_LABELS_MAX)
		return;
	memcpy(entries, nla_data(parts[MPLS_IPTUNNEL_DST]),
		n * sizeof(entries[0]));
	for (size_t i = 0; i < n; i++)
		ret->labels[i] = ntohl(entries[i]) >> MPLS_LS_LABEL_SHIFT;
	ret->n_labels = (uint8_t)n;
}

static void parse_locator(const struct nlattr *attr, struct netlink_encap *ret)
{
	struct nlattr *parts[ILA_ATTR_LOCATOR + 1];

	if (nla_parse_nested(parts, ILA_ATTR_LOCATOR,
		    (struct nlattr *)(uintptr_t)attr, NULL) == 0)
		attr_read(parts[ILA_ATTR_LOCATOR], &ret->locator,
			sizeof(ret->locator));
}

static void parse_encap(const struct nlattr *type, const struct nlattr *attr,
	struct netlink_encap *ret)
{
	if (!attr || !attr_read(type, &ret->type, sizeof(ret->type)))
		return;
	if (ret->type == LWTUNNEL_ENCAP_IP)
		parse_ip_tunnel(attr, AF_INET, &tunnel4, ret);
	else if (ret->type == LWTUNNEL_ENCAP_IP6)
		parse_ip_tunnel(attr, AF_INET6, &tunnel6, ret);
	else if (ret->type == LWTUNNEL_ENCAP_MPLS)
		parse_labels(attr, ret);
	else if (ret->type == LWTUNNEL_ENCAP_ILA)
		parse_locator(attr, ret);
}

static struct ip_addr parse_via(const struct nlattr *attr)
{
	struct ip_addr addr = { .family = AF_UNSPEC };
	struct rtvia via;
	unsigned int len;

	if (!attr_read(attr, &via, sizeof(via)))
		return addr;
	len = ip_family_bytes(via.rtvia_family);
	if (!len || nla_len(attr) != (int)(sizeof(via) + len))
		return addr;
	addr.family = via.rtvia_family;
	memcpy(addr.bytes, (const uint8_t *)nla_data(attr) + sizeof(via), len);
	return addr;
}

static void parse_hop(struct nlattr *const *attrs, sa_family_t family,
	struct netlink_hop *ret)
{
	ret->gateway = attrs[RTA_VIA] ? parse_via(attrs[RTA_VIA])
				      : attr_read_addr(
						attrs[RTA_GATEWAY], family);
	parse_encap(attrs[RTA_ENCAP_TYPE], attrs[RTA_ENCAP], &ret->encap);
}

static struct netlink_hop *add_hop(struct netlink_route *route)
{
	struct netlink_hop *hop;

	route->hops = x_realloc(
		route->hops, route->n_hops + 1, sizeof(*route->hops));
	hop = &route->hops[route->n_hops++];
	memset(hop, 0, sizeof(*hop));
	return hop;
}

static int parse_multipath(
	const struct nlattr *attr, struct netlink_route *route)
{
	struct rtnexthop *next = nla_data(attr);
	int left = nla_len(attr);

	while (left >= (int)sizeof(*next) && next->rtnh_len >= sizeof(*next) &&
		next->rtnh_len <= left) {
		struct nlattr *attrs[RTA_MAX + 1];
		struct netlink_hop *hop = add_hop(route);

		if (nla_parse(attrs, RTA_MAX,
			    (struct nlattr *)RTNH_DATA(next),
			    next->rtnh_len - (int)sizeof(*next), NULL) < 0)
			return -EBADMSG;
		parse_hop(attrs, route->family, hop);
		hop->ifindex = (uint32_t)next->rtnh_ifindex;
		hop->weight = next->rtnh_hops;
		hop->flags = next->rtnh_flags & RTNH_F_ONLINK;
		hop->realms = attr_read_u32(attrs[RTA_FLOW], 0);
		left -= (int)RTNH_ALIGN(next->rtnh_len);
		next = RTNH_NEXT(next);
	}
	return 0;
}

static void parse_metrics(const struct nlattr *attr, struct netlink_route *ret)
{
	struct nlattr *parts[NETLINK_METRICS];

	if (!attr || nla_parse_nested(parts, NETLINK_METRICS - 1,
			     (struct nlattr *)(uintptr_t)attr, NULL) < 0)
		return;
	for (int i = 0; i < NETLINK_METRICS; i++)
		if (i != RTAX_LOCK && i != RTAX_CC_ALGO)
			ret->metrics[i] = attr_read_u32(parts[i], 0);
	ret->locks = attr_read_u32(parts[RTAX_LOCK], 0);
	attr_read_text(
		parts[RTAX_CC_ALGO], ret->congctl, sizeof(ret->congctl));
}

int netlink_parse_route(struct nlmsghdr *msg, struct netlink_route *ret)
{
	struct nlattr *attrs[RTA_MAX + 1];
	const struct rtmsg *header = nlmsg_data(msg);
	struct netlink_route route = { .hops = NULL };
	struct netlink_hop *hop;

	if (nlmsg_parse(msg, sizeof(*header), attrs, RTA_MAX, NULL) < 0 ||
		!ip_family_bytes(header->rtm_family))
		return -EBADMSG;
	route.family = header->rtm_family;
	route.type = header->rtm_type;
	route.tos = header->rtm_tos;
	route.scope = header->rtm_scope;
	route.protocol = header->rtm_protocol;
	route.table = attr_read_u32(attrs[RTA_TABLE], header->rtm_table);
	route.dst = attr_read_addr(attrs[RTA_DST], route.family);
	route.dst_len = header->rtm_dst_len;
	route.src = attr_read_addr(attrs[RTA_SRC], route.family);
	route.src_len = header->rtm_src_len;
	route.pref_src = attr_read_addr(attrs[RTA_PREFSRC], route.family);
	route.priority = attr_read_u32(attrs[RTA_PRIORITY], 0);
	route.realms = attr_read_u32(attrs[RTA_FLOW], 0);
	route.pref = attr_read_u8(attrs[RTA_PREF], 0);
	route.has_ttl_propagate = attr_read(
		attrs[RTA_TTL_PROPAGATE], &route.ttl_propagate, 1);
	parse_metrics(attrs[RTA_METRICS], &route);
	if (attrs[RTA_MULTIPATH]) {
		if (parse_multipath(attrs[RTA_MULTIPATH], &route) < 0) {
			netlink_route_clear(&route);
			return -EBADMSG;
		}
	} else if (attrs[RTA_GATEWAY] || attrs[RTA_VIA] || attrs[RTA_OIF] ||
		   attrs[RTA_ENCAP]) {
		hop = add_hop(&route);
		parse_hop(attrs, route.family, hop);
		hop->ifindex = attr_read_u32(attrs[RTA_OIF], 0);
		hop->flags = (uint8_t)(header->rtm_flags & RTNH_F_ONLINK);
	}
	*ret = route;
	return 0;
}

void netlink_route_copy(
	const struct netlink_route *route, struct netlink_route *ret)
{
	*ret = *route;
	ret->hops = x_new(struct netlink_hop, route->n_hops);
	if (route->n_hops)
		memcpy(ret->hops, route->hops,
			route->n_hops * sizeof(*ret->hops));
}

void netlink_route_clear(struct netlink_route *route)
{
	x_free(route->hops);
	route->hops = NULL;
	route->n_hops = 0;
}
