/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/netlink_codec.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"

/* Larger than any message built here. */
#define NETLINK_MSG_SIZE 256

/* Linux 5.18; older headers lack it. */
#define NETLINK_IFA_PROTO 11

bool netlink_link_is_running(const struct netlink_link_info *link)
{
	return (link->flags & IFF_UP) && (link->flags & IFF_RUNNING);
}

bool netlink_addr_is_usable(const struct netlink_addr_info *addr)
{
	if (addr->flags & IFA_F_DADFAILED)
		return false;
	return !(addr->flags & IFA_F_TENTATIVE) ||
	       (addr->flags & IFA_F_OPTIMISTIC);
}

static uint32_t attr_u32(const struct nlattr *attr, uint32_t otherwise)
{
	if (!attr || nla_len(attr) < (int)sizeof(uint32_t))
		return otherwise;
	return nla_get_u32(attr);
}

/* Copies a string that need not be terminated; longer ones are cut. */
static void attr_name(const struct nlattr *attr, char ret[static IFNAMSIZ])
{
	memset(ret, 0, IFNAMSIZ);
	if (attr && nla_len(attr) > 0)
		memcpy(ret, nla_data(attr),
			strnlen(nla_data(attr), nla_len(attr) < IFNAMSIZ
							? (size_t)nla_len(attr)
							: IFNAMSIZ - 1));
	ret[IFNAMSIZ - 1] = 0;
}

static struct ip_addr attr_addr(const struct nlattr *attr, uint8_t family)
{
	struct ip_addr addr = { .family = AF_UNSPEC };
	unsigned int len = ip_family_bytes(family);

	if (attr && len && nla_len(attr) == (int)len) {
		addr.family = family;
		memcpy(addr.bytes, nla_data(attr), len);
	}
	return addr;
}

/* --- links --- */

static const struct {
	const char *name;
	unsigned int number; /* IPV4_DEVCONF_* */
} devconfs[NETLINK_DEVCONF_COUNT] = {
	[NETLINK_DEVCONF_ARP_IGNORE] = { "arp_ignore", IPV4_DEVCONF_ARP_IGNORE },
	[NETLINK_DEVCONF_ARP_FILTER] = { "arp_filter", IPV4_DEVCONF_ARPFILTER },
	[NETLINK_DEVCONF_ARP_ANNOUNCE] = { "arp_announce",
		IPV4_DEVCONF_ARP_ANNOUNCE },
	[NETLINK_DEVCONF_ACCEPT_LOCAL] = { "accept_local",
		IPV4_DEVCONF_ACCEPT_LOCAL },
	[NETLINK_DEVCONF_RP_FILTER] = { "rp_filter", IPV4_DEVCONF_RP_FILTER },
	[NETLINK_DEVCONF_PROMOTE_SECONDARIES] = { "promote_secondaries",
		IPV4_DEVCONF_PROMOTE_SECONDARIES },
};

const char *netlink_devconf_name(enum netlink_devconf setting)
{
	return devconfs[setting].name;
}

unsigned int netlink_devconf_number(enum netlink_devconf setting)
{
	return devconfs[setting].number;
}

static uint32_t attr_u16(const struct nlattr *attr)
{
	if (!attr || nla_len(attr) < (int)sizeof(uint16_t))
		return 0;
	return nla_get_u16(attr);
}

static bool parse_nested(
	struct nlattr **attrs, int max, const struct nlattr *nest)
{
	return nest && nla_parse(attrs, max, nla_data(nest), nla_len(nest),
			       NULL) == 0;
}

static void parse_kind(
	const struct nlattr *linkinfo, struct netlink_link_info *ret)
{
	struct nlattr *attrs[IFLA_INFO_MAX + 1];
	struct nlattr *macvlan[IFLA_MACVLAN_MODE + 1];
	struct nlattr *ipvlan[IFLA_IPVLAN_FLAGS + 1];
	struct nlattr *vrf[IFLA_VRF_TABLE + 1];
	char kind[IFNAMSIZ];

	if (!parse_nested(attrs, IFLA_INFO_MAX, linkinfo))
		return;
	attr_name(attrs[IFLA_INFO_KIND], kind);
	if (!strcmp(kind, "vrf")) {
		ret->kind = NETLINK_KIND_VRF;
		if (parse_nested(vrf, IFLA_VRF_TABLE, attrs[IFLA_INFO_DATA]))
			ret->vrf_table = attr_u32(vrf[IFLA_VRF_TABLE], 0);
	}
	if (!strcmp(kind, "macvlan")) {
		ret->kind = NETLINK_KIND_MACVLAN;
		if (parse_nested(macvlan, IFLA_MACVLAN_MODE,
			    attrs[IFLA_INFO_DATA]))
			ret->mode = attr_u32(macvlan[IFLA_MACVLAN_MODE], 0);
	}
	if (!strcmp(kind, "ipvlan")) {
		ret->kind = NETLINK_KIND_IPVLAN;
		if (!parse_nested(ipvlan, IFLA_IPVLAN_FLAGS,
			    attrs[IFLA_INFO_DATA]))
			return;
		ret->mode = attr_u16(ipvlan[IFLA_IPVLAN_MODE]);
		ret->mode_flags = attr_u16(ipvlan[IFLA_IPVLAN_FLAGS]);
	}
}

/* The kernel sends all settings as an array that begins with number 1. */
static void parse_devconf(
	const struct nlattr *spec, struct netlink_link_info *ret)
{
	struct nlattr *families[AF_INET + 1];
	struct nlattr *inet[IFLA_INET_CONF + 1];
	const uint8_t *data;
	unsigned int i, n;

	if (!parse_nested(families, AF_INET, spec) ||
		!parse_nested(inet, IFLA_INET_CONF, families[AF_INET]) ||
		!inet[IFLA_INET_CONF])
		return;
	data = nla_data(inet[IFLA_INET_CONF]);
	n = (unsigned int)nla_len(inet[IFLA_INET_CONF]) / 4;
	for (i = 0; i < NETLINK_DEVCONF_COUNT; i++)
		if (devconfs[i].number > n)
			return;
	for (i = 0; i < NETLINK_DEVCONF_COUNT; i++)
		memcpy(&ret->devconf[i], data + 4 * (devconfs[i].number - 1),
			4);
	ret->has_devconf = true;
}

int netlink_parse_link(struct nlmsghdr *msg, struct netlink_link_info *ret)
{
	struct nlattr *attrs[IFLA_MAX + 1];
	const struct ifinfomsg *info = nlmsg_data(msg);

	if (nlmsg_parse(msg, sizeof(*info), attrs, IFLA_MAX, NULL) < 0)
		return -EBADMSG;
	memset(ret, 0, sizeof(*ret));
	if (info->ifi_index <= 0 || !attrs[IFLA_IFNAME])
		return -EBADMSG;
	ret->ifindex = (uint32_t)info->ifi_index;
	ret->type = info->ifi_type;
	ret->flags = info->ifi_flags;
	ret->mtu = attr_u32(attrs[IFLA_MTU], 0);
	ret->parent = attr_u32(attrs[IFLA_LINK], 0);
	ret->parent_elsewhere = attrs[IFLA_LINK_NETNSID];
	ret->master = attr_u32(attrs[IFLA_MASTER], 0);
	ret->group = attr_u32(attrs[IFLA_GROUP], 0);
	parse_kind(attrs[IFLA_LINKINFO], ret);
	parse_devconf(attrs[IFLA_AF_SPEC], ret);
	attr_name(attrs[IFLA_IFNAME], ret->name);
	if (attrs[IFLA_ADDRESS] &&
		nla_len(attrs[IFLA_ADDRESS]) <= NETLINK_MAC_MAX) {
		ret->mac_len = (uint8_t)nla_len(attrs[IFLA_ADDRESS]);
		memcpy(ret->mac, nla_data(attrs[IFLA_ADDRESS]), ret->mac_len);
	}
	return 0;
}

int netlink_parse_rp_filter(
	struct nlmsghdr *msg, int32_t *ret_ifindex, uint32_t *ret_value)
{
	struct nlattr *attrs[NETCONFA_RP_FILTER + 1];
	const struct netconfmsg *info = nlmsg_data(msg);
	uint32_t ifindex;

	if (nlmsg_parse(msg, sizeof(*info), attrs, NETCONFA_RP_FILTER, NULL) <
			0 ||
		info->ncm_family != AF_INET || !attrs[NETCONFA_IFINDEX] ||
		!attrs[NETCONFA_RP_FILTER])
		return -EBADMSG;
	ifindex = attr_u32(attrs[NETCONFA_IFINDEX], 0);
	memcpy(ret_ifindex, &ifindex, sizeof(*ret_ifindex));
	*ret_value = attr_u32(attrs[NETCONFA_RP_FILTER], 0);
	return 0;
}

/* --- addresses --- */

static void parse_addr_lifetime(
	const struct nlattr *attr, struct netlink_addr_info *ret)
{
	const struct ifa_cacheinfo *cache;

	ret->preferred_s = NETLINK_LIFETIME_FOREVER;
	ret->valid_s = NETLINK_LIFETIME_FOREVER;
	if (!attr || nla_len(attr) < (int)sizeof(*cache))
		return;
	cache = nla_data(attr);
	ret->preferred_s = cache->ifa_prefered;
	ret->valid_s = cache->ifa_valid;
}

int netlink_parse_addr(struct nlmsghdr *msg, struct netlink_addr_info *ret)
{
	struct nlattr *attrs[NETLINK_IFA_PROTO + 1];
	const struct ifaddrmsg *info = nlmsg_data(msg);
	struct ip_addr local, address;

	if (nlmsg_parse(msg, sizeof(*info), attrs, NETLINK_IFA_PROTO, NULL) < 0)
		return -EBADMSG;
	local = attr_addr(attrs[IFA_LOCAL], info->ifa_family);
	address = attr_addr(attrs[IFA_ADDRESS], info->ifa_family);
	memset(ret, 0, sizeof(*ret));
	/* Without a peer both attributes hold the address; IPv6 then sends
	 * IFA_ADDRESS alone (if_addr.h). */
	ret->addr = ip_addr_is_set(&local) ? local : address;
	if (!info->ifa_index || !ip_addr_is_set(&ret->addr))
		return -EBADMSG;
	if (ip_addr_is_set(&address) && ip_addr_compare(&address, &ret->addr))
		ret->peer = address;
	ret->ifindex = info->ifa_index;
	ret->prefix_len = info->ifa_prefixlen;
	ret->scope = info->ifa_scope;
	ret->flags = attr_u32(attrs[IFA_FLAGS], info->ifa_flags);
	ret->broadcast = attr_addr(attrs[IFA_BROADCAST], info->ifa_family);
	attr_name(attrs[IFA_LABEL], ret->label);
	if (attrs[NETLINK_IFA_PROTO] && nla_len(attrs[NETLINK_IFA_PROTO]) >= 1)
		ret->proto =
			*(const uint8_t *)nla_data(attrs[NETLINK_IFA_PROTO]);
	parse_addr_lifetime(attrs[IFA_CACHEINFO], ret);
	return 0;
}

static void put(struct nl_msg *msg, int type, const void *data, size_t len)
{
	if (nla_put(msg, type, (int)len, data) < 0)
		log_fatal("netlink: message too small for its attributes");
}

static void put_addr(struct nl_msg *msg, int type, const struct ip_addr *addr)
{
	put(msg, type, addr->bytes, ip_family_bytes(addr->family));
}

static struct nl_msg *build_addr(
	int type, int flags, const struct netlink_addr_info *addr)
{
	struct ifaddrmsg info = {
		.ifa_family = (uint8_t)addr->addr.family,
		.ifa_prefixlen = addr->prefix_len,
		.ifa_flags = (uint8_t)addr->flags,
		.ifa_scope = addr->scope,
		.ifa_index = addr->ifindex,
	};
	struct nl_msg *msg = nlmsg_alloc_size(NETLINK_MSG_SIZE);

	if (!msg || !nlmsg_put(msg, 0, 0, type, 0, flags) ||
		nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) < 0)
		log_fatal("netlink: no memory for a message");
	put_addr(msg, IFA_LOCAL, &addr->addr);
	put_addr(msg, IFA_ADDRESS,
		ip_addr_is_set(&addr->peer) ? &addr->peer : &addr->addr);
	return msg;
}

struct nl_msg *netlink_build_addr_add(const struct netlink_addr_info *addr)
{
	struct ifa_cacheinfo cache = {
		.ifa_prefered = addr->preferred_s,
		.ifa_valid = addr->valid_s,
	};
	struct nl_msg *msg =
		build_addr(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, addr);

	if (ip_addr_is_set(&addr->broadcast))
		put_addr(msg, IFA_BROADCAST, &addr->broadcast);
	if (addr->label[0])
		put(msg, IFA_LABEL, addr->label, strlen(addr->label) + 1);
	put(msg, IFA_FLAGS, &addr->flags, sizeof(addr->flags));
	if (addr->preferred_s != NETLINK_LIFETIME_FOREVER ||
		addr->valid_s != NETLINK_LIFETIME_FOREVER)
		put(msg, IFA_CACHEINFO, &cache, sizeof(cache));
	if (addr->proto)
		put(msg, NETLINK_IFA_PROTO, &addr->proto, 1);
	return msg;
}

struct nl_msg *netlink_build_addr_remove(const struct netlink_addr_info *addr)
{
	return build_addr(RTM_DELADDR, 0, addr);
}
