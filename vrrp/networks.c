/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/networks.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define PREFIX_MAX 30

bool vrrp_network_of(const struct ip_addr *addr, uint8_t prefix_len,
	struct vrrp_network *ret)
{
	uint32_t hosts;

	if (addr->family != AF_INET || prefix_len > PREFIX_MAX)
		return false;
	hosts = UINT32_MAX >> prefix_len;
	ret->first = ntohl(addr->v4.s_addr) & ~hosts;
	ret->last = ret->first | hosts;
	return true;
}

/* The outer one of two that begin at the same number first. */
static int compare(const void *a, const void *b)
{
	const struct vrrp_network *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->last < y->last) - (x->last > y->last);
}

void vrrp_networks_normalise(struct vrrp_networks *networks)
{
	struct vrrp_network *list = networks->list;
	size_t n = 0;

	if (!networks->n)
		return;
	qsort(list, networks->n, sizeof(*list), compare);
	/* Two networks are disjoint, or one is in the other. */
	for (size_t i = 0; i < networks->n; i++)
		if (n == 0 || list[i].first > list[n - 1].last)
			list[n++] = list[i];
	networks->n = n;
}

bool vrrp_networks_have(
	const struct vrrp_networks *networks, const struct ip_addr *addr)
{
	size_t low = 0, high = networks->n;
	uint32_t number;

	if (addr->family != AF_INET)
		return ip_addr_is_link_local(addr);
	number = ntohl(addr->v4.s_addr);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct vrrp_network *network = &networks->list[middle];

		if (number > network->first && number < network->last)
			return true;
		if (number <= network->first)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
