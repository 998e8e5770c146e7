/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages about routing rules, from and to values. */
#include <endian.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "lib/netlink_attr.h"
#include "lib/netlink_route.h"

#define RULE_MSG_SIZE 512

static void put_name(struct nl_msg *msg, int type, const char *name)
{
	if (name[0])
		attr_put(msg, type, name, strlen(name) + 1);
}

static void put_ports(
	struct nl_msg *msg, int type, uint16_t start, uint16_t end)
{
	struct fib_rule_port_range range = { .start = start, .end = end };

	if (start)
		attr_put(msg, type, &range, sizeof(range));
}

static void put_some(struct nl_msg *msg, int type, uint32_t value, uint32_t none)
{
	if (value != none)
		attr_put_u32(msg, type, value);
}

/* What a packet must be like. */
static void put_selectors(struct nl_msg *msg, const struct netlink_rule *rule)
{
	struct fib_rule_uid_range uids = {
		.start = rule->uid_start,
		.end = rule->uid_end,
	};
	uint64_t tunnel_id = htobe64(rule->tunnel_id);

	if (rule->src_len)
		attr_put_addr(msg, FRA_SRC, &rule->src);
	if (rule->dst_len)
		attr_put_addr(msg, FRA_DST, &rule->dst);
	put_some(msg, FRA_FWMARK, rule->fwmark, 0);
	put_some(msg, FRA_FWMASK, rule->fwmask, 0);
	put_name(msg, FRA_IIFNAME, rule->iif);
	put_name(msg, FRA_OIFNAME, rule->oif);
	if (tunnel_id)
		attr_put(msg, FRA_TUN_ID, &tunnel_id, sizeof(tunnel_id));
	if (rule->has_uids)
		attr_put(msg, FRA_UID_RANGE, &uids, sizeof(uids));
	if (rule->ip_proto)
		attr_put_u8(msg, FRA_IP_PROTO, rule->ip_proto);
	put_ports(msg, FRA_SPORT_RANGE, rule->sport_start, rule->sport_end);
	put_ports(msg, FRA_DPORT_RANGE, rule->dport_start, rule->dport_end);
}

static struct nl_msg *build_rule(
	int type, int flags, const struct netlink_rule *rule)
{
	struct fib_rule_hdr header = {
		.family = (uint8_t)rule->family,
		.dst_len = rule->dst_len,
		.src_len = rule->src_len,
		.tos = rule->tos,
		.table = rule->table < 256 ? (uint8_t)rule->table
					   : RT_TABLE_UNSPEC,
		.action = rule->action,
		.flags = rule->invert ? FIB_RULE_INVERT : 0,
	};
	struct nl_msg *msg = attr_message(
		type, flags, &header, sizeof(header), RULE_MSG_SIZE);

	attr_put_u32(msg, FRA_PRIORITY, rule->priority);
	put_some(msg, FRA_TABLE, rule->table, 0);
	put_selectors(msg, rule);
	put_some(msg, FRA_FLOW, rule->realms, 0);
	put_some(msg, FRA_SUPPRESS_PREFIXLEN, rule->suppress_prefix_len,
		UINT32_MAX);
	put_some(msg, FRA_SUPPRESS_IFGROUP, rule->suppress_group, UINT32_MAX);
	if (rule->l3mdev)
		attr_put_u8(msg, FRA_L3MDEV, 1);
	if (rule->action == FR_ACT_GOTO)
		attr_put_u32(msg, FRA_GOTO, rule->target);
	attr_put_u8(msg, FRA_PROTOCOL, rule->protocol);
	return msg;
}

struct nl_msg *netlink_build_rule_add(const struct netlink_rule *rule)
{
	return build_rule(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);
}

struct nl_msg *netlink_build_rule_remove(const struct netlink_rule *rule)
{
	return build_rule(RTM_DELRULE, 0, rule);
}

static void parse_ports(
	const struct nlattr *attr, uint16_t *ret_start, uint16_t *ret_end)
{
	struct fib_rule_port_range range = { 0, 0 };

	attr_read(attr, &range, sizeof(range));
	*ret_start = range.start;
	*ret_end = range.end;
}

static void parse_selectors(
	struct nlattr *const *attrs, struct netlink_rule *ret)
{
	struct fib_rule_uid_range uids = { 0, 0 };
	uint64_t tunnel_id = 0;

	ret->src = attr_read_addr(attrs[FRA_SRC], ret->family);
	ret->dst = attr_read_addr(attrs[FRA_DST], ret->family);
	ret->fwmark = attr_read_u32(attrs[FRA_FWMARK], 0);
	ret->fwmask = attr_read_u32(attrs[FRA_FWMASK], 0);
	attr_read_text(attrs[FRA_IIFNAME], ret->iif, sizeof(ret->iif));
	attr_read_text(attrs[FRA_OIFNAME], ret->oif, sizeof(ret->oif));
	attr_read(attrs[FRA_TUN_ID], &tunnel_id, sizeof(tunnel_id));
	ret->tunnel_id = be64toh(tunnel_id);
	ret->has_uids = attr_read(attrs[FRA_UID_RANGE], &uids, sizeof(uids));
	ret->uid_start = uids.start;
	ret->uid_end = uids.end;
	ret->ip_proto = attr_read_u8(attrs[FRA_IP_PROTO], 0);
	parse_ports(attrs[FRA_SPORT_RANGE], &ret->sport_start,
		&ret->sport_end);
	parse_ports(attrs[FRA_DPORT_RANGE], &ret->dport_start,
		&ret->dport_end);
}

int netlink_parse_rule(struct nlmsghdr *msg, struct netlink_rule *ret)
{
	struct nlattr *attrs[FRA_MAX + 1];
	const struct fib_rule_hdr *header = nlmsg_data(msg);

	if (nlmsg_parse(msg, sizeof(*header), attrs, FRA_MAX, NULL) < 0 ||
		!ip_family_bytes(header->family))
		return -EBADMSG;
	memset(ret, 0, sizeof(*ret));
	ret->family = header->family;
	ret->action = header->action;
	ret->tos = header->tos;
	ret->invert = header->flags & FIB_RULE_INVERT;
	ret->src_len = header->src_len;
	ret->dst_len = header->dst_len;
	ret->table = attr_read_u32(attrs[FRA_TABLE], header->table);
	ret->priority = attr_read_u32(attrs[FRA_PRIORITY], 0);
	ret->realms = attr_read_u32(attrs[FRA_FLOW], 0);
	ret->target = attr_read_u32(attrs[FRA_GOTO], 0);
	ret->l3mdev = attr_read_u8(attrs[FRA_L3MDEV], 0) != 0;
	ret->protocol = attr_read_u8(attrs[FRA_PROTOCOL], 0);
	ret->suppress_prefix_len =
		attr_read_u32(attrs[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX);
	ret->suppress_group =
		attr_read_u32(attrs[FRA_SUPPRESS_IFGROUP], UINT32_MAX);
	parse_selectors(attrs, ret);
	return 0;
}

static bool same_prefix(const struct ip_addr *a, uint8_t a_len,
	const struct ip_addr *b, uint8_t b_len)
{
	return a_len == b_len && (!a_len || ip_addr_compare(a, b) == 0);
}

static bool selectors_agree(
	const struct netlink_rule *want, const struct netlink_rule *have)
{
	return same_prefix(&want->src, want->src_len, &have->src,
		       have->src_len) &&
	       same_prefix(&want->dst, want->dst_len, &have->dst,
		       have->dst_len) &&
	       want->fwmark == have->fwmark && want->fwmask == have->fwmask &&
	       !strcmp(want->iif, have->iif) && !strcmp(want->oif, have->oif) &&
	       want->tunnel_id == have->tunnel_id &&
	       want->has_uids == have->has_uids &&
	       want->uid_start == have->uid_start &&
	       want->uid_end == have->uid_end &&
	       want->ip_proto == have->ip_proto &&
	       want->sport_start == have->sport_start &&
	       want->sport_end == have->sport_end &&
	       want->dport_start == have->dport_start &&
	       want->dport_end == have->dport_end;
}

bool netlink_rule_agrees(
	const struct netlink_rule *want, const struct netlink_rule *have)
{
	return want->family == have->family && want->action == have->action &&
	       want->tos == have->tos && want->invert == have->invert &&
	       want->l3mdev == have->l3mdev && want->table == have->table &&
	       want->priority == have->priority &&
	       want->protocol == have->protocol &&
	       want->realms == have->realms && want->target == have->target &&
	       want->suppress_prefix_len == have->suppress_prefix_len &&
	       want->suppress_group == have->suppress_group &&
	       selectors_agree(want, have);
}
