/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is an address that of a neighbour on a link?  For IPv4 the networks of the
 * link's own addresses say so, for IPv6 it is the link-local ones.
 *
 * Pure.  A search is logarithmic, however many addresses the link has.
 */
#ifndef TANDEM_VRRP_NETWORKS_H
#define TANDEM_VRRP_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ipaddr.h"

/* From the network's own number to its broadcast address, both of which are
 * nobody's, in host order. */
struct vrrp_network {
	uint32_t first;
	uint32_t last;
};

struct vrrp_networks {
	struct vrrp_network *list; /* of the caller; sorted, disjoint */
	size_t n;
};

/* False for what says nothing about neighbours: IPv6, and IPv4 without room
 * for another host (a prefix of 31 or 32 bits). */
bool vrrp_network_of(const struct ip_addr *addr, uint8_t prefix_len,
	struct vrrp_network *ret);

/* Sorts NETWORKS->list, and leaves the outermost ones. */
void vrrp_networks_normalise(struct vrrp_networks *networks);

/* Only normalised ones.  An IPv6 address is asked for being link-local. */
bool vrrp_networks_have(
	const struct vrrp_networks *networks, const struct ip_addr *addr);

#endif
