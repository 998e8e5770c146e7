/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual-MAC interfaces: what is wanted against what the kernel has.
 *
 * Pure: no descriptor, no clock, no log.  vmac.c asks and carries out.
 *
 * A virtual-MAC interface is a macvlan in private mode on the instance's
 * interface, with the MAC of RFC 9568 7.3; use_ipvlan makes an ipvlan instead,
 * which shares the interface's own MAC.
 */
#ifndef TANDEM_VRRP_VMAC_PLAN_H
#define TANDEM_VRRP_VMAC_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/netlink_codec.h"
#include "lib/netlink_link.h"

#define VRRP_VMAC_NO_GROUP (-1)
/* PREFIX, three digits, a dot and a VRID fit an interface name. */
#define VRRP_VMAC_PREFIX_MAX 8
#define VRRP_VMAC_NAMES 10000

/* One that is wanted.  Zero it first: all of it is its identity, but for what
 * comes on it. */
struct vrrp_vmac_want {
	char parent[IFNAMSIZ];
	char name[IFNAMSIZ];   /* "" = one made of PREFIX */
	char prefix[IFNAMSIZ];
	char vrf[IFNAMSIZ];    /* "" = the parent's, if it is in one */
	uint32_t kind;	       /* NETLINK_KIND_MACVLAN or _IPVLAN */
	uint32_t ipvlan_flags; /* IPVLAN_F_* */
	int64_t group;	       /* VRRP_VMAC_NO_GROUP = that of the parent */
	uint8_t mac[NETLINK_MAC_BYTES];
	uint8_t vrid;
	bool inet6;	 /* family of the name and the MAC */
	bool uses_inet;	 /* IPv4 addresses come on it */
	bool uses_inet6; /* likewise */
	uint8_t zero[6]; /* no padding: all bytes are compared */
};

_Static_assert(sizeof(struct vrrp_vmac_want) ==
		       4 * IFNAMSIZ + 2 * sizeof(uint32_t) + sizeof(int64_t) +
			       NETLINK_MAC_BYTES + 4 + 6,
	"struct vrrp_vmac_want has padding");

/* WANT without what does not count for its identity. */
struct vrrp_vmac_want vrrp_vmac_identity(const struct vrrp_vmac_want *want);

/* 00:00:5e:00:01:VRID or 00:00:5e:00:02:VRID. */
static inline void vrrp_vmac_default_mac(
	bool inet6, uint8_t vrid, uint8_t ret[static NETLINK_MAC_BYTES])
{
	ret[0] = ret[1] = ret[3] = 0x00;
	ret[2] = 0x5e;
	ret[4] = inet6 ? 0x02 : 0x01;
	ret[5] = vrid;
}

/* Name number N that it may have, from the most to the least usual; false
 * when there are no more. */
bool vrrp_vmac_name(const struct vrrp_vmac_want *want, unsigned int n,
	char ret[static IFNAMSIZ]);

/* Is NAME one that it may have? */
bool vrrp_vmac_name_fits(const struct vrrp_vmac_want *want, const char *name);

/* What is wrong with a link of the right name. */
enum vrrp_vmac_match {
	VRRP_VMAC_MATCHES, /* it is ours, or as good as ours */
	VRRP_VMAC_OTHER_KIND,
	VRRP_VMAC_OTHER_PARENT,
	VRRP_VMAC_OTHER_MAC,
	VRRP_VMAC_OTHER_MODE,
};

/* The interface that it will be on for the kernel: a macvlan on a macvlan is
 * on what that is on. */
uint32_t vrrp_vmac_base(const struct netlink_link_info *parent);

/* PARENT is that base. */
enum vrrp_vmac_match vrrp_vmac_compare(const struct vrrp_vmac_want *want,
	uint32_t parent, const struct netlink_link_info *link);
/* "is no macvlan or ipvlan" ... */
const char *vrrp_vmac_match_text(enum vrrp_vmac_match match);

/* What makes it. */
void vrrp_vmac_fill_make(const struct vrrp_vmac_want *want,
	const struct netlink_link_info *parent, const char *name,
	struct netlink_link_make *ret);

/*
 * What has to be changed at LINK (NULL: it was just made, under NAME, and is
 * as the kernel makes them); all but being up.  VRF is the ifindex of the VRF
 * that it belongs in, 0 = none.  False when there is nothing.
 */
bool vrrp_vmac_fill_change(const struct vrrp_vmac_want *want,
	const struct netlink_link_info *parent, uint32_t vrf, const char *name,
	const struct netlink_link_info *link, struct netlink_link_change *ret);

#endif
