/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/netlink_link.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "lib/log.h"

/* Larger than any message built here. */
#define LINK_MSG_SIZE 512

static struct nl_msg *begin(
	int type, int flags, uint32_t ifindex, unsigned int up)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)ifindex,
		.ifi_flags = up,
		.ifi_change = up,
	};
	struct nl_msg *msg = nlmsg_alloc_size(LINK_MSG_SIZE);

	if (!msg || !nlmsg_put(msg, 0, 0, type, 0, flags) ||
		nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) < 0)
		log_fatal("netlink: no memory for a message");
	return msg;
}

static void put(struct nl_msg *msg, int type, const void *data, size_t len)
{
	if (nla_put(msg, type, (int)len, data) < 0)
		log_fatal("netlink: message too small for its attributes");
}

static void put_u32(struct nl_msg *msg, int type, uint32_t value)
{
	put(msg, type, &value, sizeof(value));
}

static void put_u16(struct nl_msg *msg, int type, uint32_t value)
{
	uint16_t small = (uint16_t)value;

	put(msg, type, &small, sizeof(small));
}

static void put_text(struct nl_msg *msg, int type, const char *text)
{
	put(msg, type, text, strlen(text) + 1);
}

static struct nlattr *nest(struct nl_msg *msg, int type)
{
	struct nlattr *attr = nla_nest_start(msg, type);

	if (!attr)
		log_fatal("netlink: message too small for its attributes");
	return attr;
}

static void put_kind(struct nl_msg *msg, const struct netlink_link_make *make)
{
	bool macvlan = make->kind == NETLINK_KIND_MACVLAN;
	struct nlattr *info = nest(msg, IFLA_LINKINFO);
	struct nlattr *data;

	put_text(msg, IFLA_INFO_KIND, macvlan ? "macvlan" : "ipvlan");
	data = nest(msg, IFLA_INFO_DATA);
	if (macvlan) {
		put_u32(msg, IFLA_MACVLAN_MODE, make->mode);
	} else {
		put_u16(msg, IFLA_IPVLAN_MODE, make->mode);
		put_u16(msg, IFLA_IPVLAN_FLAGS, make->mode_flags);
	}
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
}

struct nl_msg *netlink_build_link_make(const struct netlink_link_make *make)
{
	struct nl_msg *msg =
		begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, 0);

	put_text(msg, IFLA_IFNAME, make->name);
	put_u32(msg, IFLA_LINK, make->parent);
	put_u32(msg, IFLA_GROUP, make->group);
	if (make->kind == NETLINK_KIND_MACVLAN)
		put(msg, IFLA_ADDRESS, make->mac, sizeof(make->mac));
	put_kind(msg, make);
	return msg;
}

static void put_devconf(
	struct nl_msg *msg, const struct netlink_link_change *change)
{
	struct nlattr *inet = nest(msg, AF_INET);
	struct nlattr *conf = nest(msg, IFLA_INET_CONF);
	unsigned int i;

	for (i = 0; i < NETLINK_DEVCONF_COUNT; i++)
		if (change->devconf_mask & 1u << i)
			put_u32(msg,
				(int)netlink_devconf_number(
					(enum netlink_devconf)i),
				change->devconf[i]);
	nla_nest_end(msg, conf);
	nla_nest_end(msg, inet);
}

static void put_no_auto_address(struct nl_msg *msg)
{
	const uint8_t mode = IN6_ADDR_GEN_MODE_NONE;
	struct nlattr *inet6 = nest(msg, AF_INET6);

	put(msg, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof(mode));
	nla_nest_end(msg, inet6);
}

struct nl_msg *netlink_build_link_change(
	const struct netlink_link_change *change)
{
	struct nl_msg *msg = begin(
		RTM_NEWLINK, 0, change->ifindex, change->up ? IFF_UP : 0);
	struct nlattr *spec;

	if (!change->ifindex)
		put_text(msg, IFLA_IFNAME, change->name);
	if (change->set_master)
		put_u32(msg, IFLA_MASTER, change->master);
	if (change->set_group)
		put_u32(msg, IFLA_GROUP, change->group);
	if (change->devconf_mask || change->no_auto_address) {
		spec = nest(msg, IFLA_AF_SPEC);
		if (change->devconf_mask)
			put_devconf(msg, change);
		if (change->no_auto_address)
			put_no_auto_address(msg);
		nla_nest_end(msg, spec);
	}
	return msg;
}

struct nl_msg *netlink_build_link_remove(uint32_t ifindex)
{
	return begin(RTM_DELLINK, 0, ifindex, 0);
}

struct nl_msg *netlink_build_link_remove_group(uint32_t group)
{
	struct nl_msg *msg = begin(RTM_DELLINK, 0, 0, 0);

	put_u32(msg, IFLA_GROUP, group);
	return msg;
}
