/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/filter_plan.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

int vrrp_filter_family(enum vrrp_filter_set set)
{
	switch (set) {
	case VRRP_FILTER_MACS4:
	case VRRP_FILTER_ADDRS4:
		return AF_INET;
	case VRRP_FILTER_MACS6:
	case VRRP_FILTER_ADDRS6:
	case VRRP_FILTER_LINK_LOCALS:
	case VRRP_FILTER_SETS:
		break;
	}
	return AF_INET6;
}

struct nft_set_def vrrp_filter_set_def(enum vrrp_filter_set set, bool by_index)
{
	struct nft_set_def def = { .name = "" };

	switch (set) {
	case VRRP_FILTER_MACS4:
	case VRRP_FILTER_MACS6:
		def.name = "virtual_macs";
		def.key = NFT_TYPE_IFINDEX;
		def.value = NFT_TYPE_IFINDEX;
		break;
	case VRRP_FILTER_ADDRS4:
		def.name = "addresses";
		def.key = NFT_TYPE_IPV4;
		break;
	case VRRP_FILTER_ADDRS6:
		def.name = "addresses";
		def.key = NFT_TYPE_IPV6;
		break;
	case VRRP_FILTER_LINK_LOCALS:
		def.name = "link_locals";
		def.key = NFT_TYPE_IPV6;
		def.key2 = by_index ? NFT_TYPE_IFINDEX : NFT_TYPE_IFNAME;
		break;
	case VRRP_FILTER_SETS:
		break;
	}
	return def;
}

/* --- elements --- */

static struct vrrp_filter_element *append(
	struct vrrp_filter_list *list, enum vrrp_filter_set set)
{
	struct vrrp_filter_element *item;

	if (list->n == list->capacity) {
		list->capacity = list->capacity ? 2 * list->capacity : 16;
		list->items = x_realloc(
			list->items, list->capacity, sizeof(*list->items));
	}
	item = &list->items[list->n++];
	memset(item, 0, sizeof(*item));
	item->set = (uint8_t)set;
	return item;
}

void vrrp_filter_add_mac(struct vrrp_filter_list *list, bool inet6,
	uint32_t ifindex, uint32_t parent)
{
	struct vrrp_filter_element *item;

	if (!ifindex || !parent)
		return;
	item = append(list, inet6 ? VRRP_FILTER_MACS6 : VRRP_FILTER_MACS4);
	memcpy(item->element.key, &ifindex, sizeof(ifindex));
	item->element.value = parent;
}

void vrrp_filter_add_addr(struct vrrp_filter_list *list,
	const struct ip_addr *addr, bool by_index, uint32_t ifindex,
	const char *name)
{
	struct vrrp_filter_element *item;
	unsigned int bytes = ip_family_bytes(addr->family);

	if (addr->family == AF_INET) {
		item = append(list, VRRP_FILTER_ADDRS4);
	} else if (!ip_addr_is_link_local(addr)) {
		item = append(list, VRRP_FILTER_ADDRS6);
	} else if (by_index ? ifindex != 0 : name && *name) {
		item = append(list, VRRP_FILTER_LINK_LOCALS);
		if (by_index)
			memcpy(item->element.key + bytes, &ifindex,
				sizeof(ifindex));
		else
			memcpy(item->element.key + bytes, name,
				strnlen(name, IFNAMSIZ - 1));
	} else {
		return;
	}
	memcpy(item->element.key, addr->bytes, bytes);
}

static int compare(const void *a, const void *b)
{
	const struct vrrp_filter_element *x = a, *y = b;

	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	return memcmp(x->element.key, y->element.key, sizeof(x->element.key));
}

void vrrp_filter_sort(struct vrrp_filter_list *list)
{
	size_t n = 0, i;

	if (!list->n)
		return;
	qsort(list->items, list->n, sizeof(*list->items), compare);
	for (i = 0; i < list->n; i++)
		if (!n || compare(&list->items[n - 1], &list->items[i]))
			list->items[n++] = list->items[i];
	list->n = n;
}

bool vrrp_filter_any(const struct vrrp_filter_list *list, int family)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (vrrp_filter_family(
			    (enum vrrp_filter_set)list->items[i].set) ==
			family)
			return true;
	return false;
}

static void copy(
	struct vrrp_filter_list *list, const struct vrrp_filter_element *item)
{
	*append(list, (enum vrrp_filter_set)item->set) = *item;
}

void vrrp_filter_diff(const struct vrrp_filter_list *have,
	const struct vrrp_filter_list *want, struct vrrp_filter_list *ret_add,
	struct vrrp_filter_list *ret_remove)
{
	const struct vrrp_filter_element *h = have->items, *w = want->items;
	const struct vrrp_filter_element *h_end = h + have->n;
	const struct vrrp_filter_element *w_end = w + want->n;
	int order;

	while (h < h_end || w < w_end) {
		if (h == h_end)
			order = 1;
		else if (w == w_end)
			order = -1;
		else
			order = compare(h, w);
		if (order < 0) {
			copy(ret_remove, h++);
		} else if (order > 0) {
			copy(ret_add, w++);
		} else {
			if (h->element.value != w->element.value) {
				copy(ret_remove, h);
				copy(ret_add, w);
			}
			h++;
			w++;
		}
	}
}
