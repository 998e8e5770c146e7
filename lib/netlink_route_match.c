/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a route of the kernel the one that is wanted? */
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/netlink_route.h"

static bool same_addr(const struct ip_addr *a, const struct ip_addr *b)
{
	return ip_addr_compare(a, b) == 0;
}

/* Of length 0, there is no address to compare. */
static bool same_prefix(const struct ip_addr *a, uint8_t a_len,
	const struct ip_addr *b, uint8_t b_len)
{
	return a_len == b_len && (!a_len || same_addr(a, b));
}

/* What was not said, the kernel has set to 0. */
static bool encap_agrees(
	const struct netlink_encap *want, const struct netlink_encap *have)
{
	if (want->type != have->type)
		return false;
	if (want->type == LWTUNNEL_ENCAP_NONE)
		return true;
	return (!want->has_id || want->id == have->id) &&
	       (!want->has_tos || want->tos == have->tos) &&
	       (!want->has_ttl || want->ttl == have->ttl) &&
	       (!ip_addr_is_set(&want->dst) ||
		       same_addr(&want->dst, &have->dst)) &&
	       (!ip_addr_is_set(&want->src) ||
		       same_addr(&want->src, &have->src)) &&
	       want->locator == have->locator &&
	       want->n_labels == have->n_labels &&
	       !memcmp(want->labels, have->labels,
		       want->n_labels * sizeof(want->labels[0]));
}

static bool hop_agrees(
	const struct netlink_hop *want, const struct netlink_hop *have)
{
	return same_addr(&want->gateway, &have->gateway) &&
	       (!want->ifindex || want->ifindex == have->ifindex) &&
	       want->flags == have->flags &&
	       encap_agrees(&want->encap, &have->encap);
}

/* In any order: IPv6 tells them in its own. */
static bool hops_agree(
	const struct netlink_route *want, const struct netlink_route *have)
{
	bool parts = want->n_hops > 1;
	size_t found = 0;

	if (netlink_route_type_is_dead(want->type))
		return true;
	if (want->n_hops != have->n_hops)
		return false;
	for (size_t i = 0; i < want->n_hops; i++)
		for (size_t k = 0; k < have->n_hops; k++) {
			const struct netlink_hop *a = &want->hops[i];
			const struct netlink_hop *b = &have->hops[k];

			if (!hop_agrees(a, b) ||
				(parts && (a->weight != b->weight ||
						  a->realms != b->realms)))
				continue;
			found++;
			break;
		}
	return found == want->n_hops;
}

bool netlink_route_same_way(
	const struct netlink_route *a, const struct netlink_route *b)
{
	return a->type == b->type && hops_agree(a, b);
}

/* Of these, IPv6 knows nothing. */
static bool ipv4_agrees(
	const struct netlink_route *want, const struct netlink_route *have)
{
	return want->family != AF_INET ||
	       (want->tos == have->tos && want->scope == have->scope &&
		       want->realms == have->realms);
}

bool netlink_route_agrees(
	const struct netlink_route *want, const struct netlink_route *have)
{
	return want->family == have->family && want->table == have->table &&
	       want->type == have->type && want->protocol == have->protocol &&
	       want->priority == have->priority &&
	       same_prefix(&want->dst, want->dst_len, &have->dst,
		       have->dst_len) &&
	       same_prefix(&want->src, want->src_len, &have->src,
		       have->src_len) &&
	       same_addr(&want->pref_src, &have->pref_src) &&
	       want->pref == have->pref && ipv4_agrees(want, have) &&
	       hops_agree(want, have);
}

bool netlink_route_metrics_agree(
	const struct netlink_route *want, const struct netlink_route *have)
{
	return !memcmp(want->metrics, have->metrics, sizeof(want->metrics)) &&
	       want->locks == have->locks &&
	       !strcmp(want->congctl, have->congctl);
}
