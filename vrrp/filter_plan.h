/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet filters of VRRP as sets of elements: what is wanted, against what was
 * written before.
 *
 * Pure: no descriptor, no clock, no log.  filter.c has the rules that look
 * into the sets, and writes the difference.
 */
#ifndef TANDEM_VRRP_FILTER_PLAN_H
#define TANDEM_VRRP_FILTER_PLAN_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ipaddr.h"
#include "lib/nft.h"

/* In the order of vrrp_filter_set_def(). */
enum vrrp_filter_set {
	VRRP_FILTER_MACS4, /* virtual-MAC interface -> the one below */
	VRRP_FILTER_ADDRS4, /* addresses that are not answered for */
	VRRP_FILTER_MACS6,
	VRRP_FILTER_ADDRS6,
	VRRP_FILTER_LINK_LOCALS, /* likewise, with their interface */
	VRRP_FILTER_SETS,
};

int vrrp_filter_family(enum vrrp_filter_set set);
/* BY_INDEX: link-local addresses go with the number of their interface, not
 * with its name. */
struct nft_set_def vrrp_filter_set_def(
	enum vrrp_filter_set set, bool by_index);

/* An element and its set; zeroed before it is filled. */
struct vrrp_filter_element {
	uint8_t set; /* enum vrrp_filter_set */
	struct nft_element element;
};

/* A growing list; free items with x_free(). */
struct vrrp_filter_list {
	struct vrrp_filter_element *items;
	size_t n;
	size_t capacity;
};

void vrrp_filter_add_mac(struct vrrp_filter_list *list, bool inet6,
	uint32_t ifindex, uint32_t parent);
/* A link-local address needs IFINDEX or NAME, by what BY_INDEX says. */
void vrrp_filter_add_addr(struct vrrp_filter_list *list,
	const struct ip_addr *addr, bool by_index, uint32_t ifindex,
	const char *name);

/* Sorts, and leaves out what is there twice. */
void vrrp_filter_sort(struct vrrp_filter_list *list);

/* Elements of FAMILY in a sorted list. */
bool vrrp_filter_any(const struct vrrp_filter_list *list, int family);

/*
 * The difference of two sorted lists.  What a map maps to something else now
 * is in both results.  The results are sorted.
 */
void vrrp_filter_diff(const struct vrrp_filter_list *have,
	const struct vrrp_filter_list *want, struct vrrp_filter_list *ret_add,
	struct vrrp_filter_list *ret_remove);

#endif
