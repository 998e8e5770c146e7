/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/vmac_plan.h"

#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

/* Linux 4.15; older headers lack it. */
#define MODE_IPVLAN_L2 0

struct vrrp_vmac_want vrrp_vmac_identity(const struct vrrp_vmac_want *want)
{
	struct vrrp_vmac_want key;

	memcpy(&key, want, sizeof(key));
	key.uses_inet = false;
	key.uses_inet6 = false;
	return key;
}

bool vrrp_vmac_name(const struct vrrp_vmac_want *want, unsigned int n,
	char ret[static IFNAMSIZ])
{
	char number[8] = "";

	if (want->name[0]) {
		memcpy(ret, want->name, IFNAMSIZ);
		return n == 0;
	}
	if (n >= VRRP_VMAC_NAMES)
		return false;
	if (n)
		snprintf(number, sizeof(number), "%u", n);
	else if (want->inet6)
		snprintf(number, sizeof(number), "6");
	return snprintf(ret, IFNAMSIZ, "%.*s%s.%u", VRRP_VMAC_PREFIX_MAX,
		       want->prefix, number,
		       (unsigned int)want->vrid) < IFNAMSIZ;
}

bool vrrp_vmac_name_fits(const struct vrrp_vmac_want *want, const char *name)
{
	size_t prefix = strlen(want->prefix), digits;
	char end[8];

	if (want->name[0])
		return !strcmp(name, want->name);
	if (strncmp(name, want->prefix, prefix) != 0)
		return false;
	digits = strspn(name + prefix, "0123456789");
	snprintf(end, sizeof(end), ".%u", (unsigned int)want->vrid);
	return !strcmp(name + prefix + digits, end);
}

static uint32_t wanted_mode(const struct vrrp_vmac_want *want)
{
	return want->kind == NETLINK_KIND_MACVLAN ? MACVLAN_MODE_PRIVATE
						  : MODE_IPVLAN_L2;
}

uint32_t vrrp_vmac_base(const struct netlink_link_info *parent)
{
	return parent->kind == NETLINK_KIND_MACVLAN ? parent->parent
						    : parent->ifindex;
}

enum vrrp_vmac_match vrrp_vmac_compare(const struct vrrp_vmac_want *want,
	uint32_t parent, const struct netlink_link_info *link)
{
	if (link->kind != want->kind)
		return VRRP_VMAC_OTHER_KIND;
	if (link->parent != parent)
		return VRRP_VMAC_OTHER_PARENT;
	if (link->kind == NETLINK_KIND_MACVLAN &&
		(link->mac_len != NETLINK_MAC_BYTES ||
			memcmp(link->mac, want->mac, NETLINK_MAC_BYTES) != 0))
		return VRRP_VMAC_OTHER_MAC;
	if (link->mode != wanted_mode(want) ||
		(link->kind == NETLINK_KIND_IPVLAN &&
			link->mode_flags != want->ipvlan_flags))
		return VRRP_VMAC_OTHER_MODE;
	return VRRP_VMAC_MATCHES;
}

const char *vrrp_vmac_match_text(enum vrrp_vmac_match match)
{
	switch (match) {
	case VRRP_VMAC_MATCHES:
		return "is as wanted";
	case VRRP_VMAC_OTHER_KIND:
		return "is another kind of interface";
	case VRRP_VMAC_OTHER_PARENT:
		return "is on another interface";
	case VRRP_VMAC_OTHER_MAC:
		return "has another MAC";
	case VRRP_VMAC_OTHER_MODE:
		return "has another mode";
	}
	return "";
}

static uint32_t wanted_group(const struct vrrp_vmac_want *want,
	const struct netlink_link_info *parent)
{
	return want->group == VRRP_VMAC_NO_GROUP ? parent->group
						 : (uint32_t)want->group;
}

void vrrp_vmac_fill_make(const struct vrrp_vmac_want *want,
	const struct netlink_link_info *parent, const char *name,
	struct netlink_link_make *ret)
{
	*ret = (struct netlink_link_make){
		.kind = (enum netlink_kind)want->kind,
		.name = name,
		.parent = parent->ifindex,
		.mode = wanted_mode(want),
		.mode_flags = want->ipvlan_flags,
		.group = wanted_group(want, parent),
	};
	memcpy(ret->mac, want->mac, sizeof(ret->mac));
}

/* An adopted one may have them already: then nothing is written. */
static void want_devconf(struct netlink_link_change *change,
	const struct netlink_link_info *link, enum netlink_devconf setting,
	uint32_t value)
{
	if (link && link->has_devconf && link->devconf[setting] == value)
		return;
	change->devconf_mask |= 1u << setting;
	change->devconf[setting] = value;
}

bool vrrp_vmac_fill_change(const struct vrrp_vmac_want *want,
	const struct netlink_link_info *parent, uint32_t vrf, const char *name,
	const struct netlink_link_info *link, struct netlink_link_change *ret)
{
	*ret = (struct netlink_link_change){
		.ifindex = link ? link->ifindex : 0,
		.name = name,
		/* RFC 9568 7.4: no address is made of the virtual MAC.  The
		 * kernel does not tell the mode of IPv6 in each message. */
		.no_auto_address = !link && want->kind == NETLINK_KIND_MACVLAN,
		.master = vrf,
		.set_master = (link ? link->master : 0) != vrf,
		.group = wanted_group(want, parent),
		.set_group = link && link->group != wanted_group(want, parent),
	};
	/* ARP for addresses of this interface alone: one that is for IPv6
	 * hears the requests, too, and must not answer for others. */
	want_devconf(ret, link, NETLINK_DEVCONF_ARP_IGNORE, 1);
	if (want->uses_inet) {
		/* Frames of the twin are from one of our own MACs; what comes
		 * in for a virtual address goes out by another interface;
		 * addresses of one network do not depend on each other. */
		want_devconf(ret, link, NETLINK_DEVCONF_ACCEPT_LOCAL, 1);
		want_devconf(ret, link, NETLINK_DEVCONF_RP_FILTER, 0);
		want_devconf(ret, link, NETLINK_DEVCONF_PROMOTE_SECONDARIES, 1);
	}
	return ret->no_auto_address || ret->set_master || ret->set_group ||
	       ret->devconf_mask;
}
