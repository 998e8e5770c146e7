/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the configuration says about virtual-MAC interfaces.  Part of
 * vrrp_conf.h, which includes it; the same rules hold.
 */
#ifndef TANDEM_VRRP_VMAC_CONF_H
#define TANDEM_VRRP_VMAC_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ipaddr.h"

enum vrrp_vmac_use {
	VRRP_VMAC_NONE,
	VRRP_VMAC_MACVLAN, /* use_vmac */
	VRRP_VMAC_IPVLAN,  /* use_ipvlan */
};

/* use_vmac or use_ipvlan, and what goes with them. */
struct vrrp_vmac_conf {
	int use; /* enum vrrp_vmac_use */
	uint32_t node;
	const char *name; /* NULL = made of the prefix */
	bool has_mac;
	uint8_t mac[6]; /* has_mac; the last is the VRID if 5 were given */
	uint8_t mac_bytes;
	int64_t group; /* -1 = as the interface */
	const char *group_text; /* as written, NULL = not; argument ... */
	uint32_t group_arg;
	uint32_t ipvlan_flags; /* IPVLAN_F_* */
	struct ip_addr address; /* of the ipvlan; AF_UNSPEC = none */
	uint8_t address_len;
	bool for_addresses; /* use_vmac_addr */
	bool xmit_base;	    /* vmac_xmit_base */
	const char *vrf;    /* NULL = as the interface */
	const char *prefix; /* of the name */
	const char *addr_prefix; /* of names for addresses elsewhere */
};

/* garp_extra_if */
struct vrrp_extra_garp_conf {
	int64_t interval_us; /* -1 = as the global one, 0 = none */
	bool all; /* also on interfaces without a virtual MAC */
};

/* nftables and its companions in global_defs. */
struct vrrp_filter_conf {
	const char *table; /* NULL only while binding */
	int64_t priority;
	bool counters;
	bool by_index;
};

#endif
