/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way that a line of routes names: via, nexthop, encap. */
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/route_conf_internal.h"
#include "vrrp/vrrp_conf_internal.h"

#define WEIGHT_MAX 256
#define LABEL_MAX 0xfffff
#define HOPS_MAX 64

bool vrrp_route_read_via(struct vrrp_words *words, struct ip_addr *ret)
{
	sa_family_t line = words->family;
	sa_family_t said = AF_UNSPEC;
	bool good;

	if (vrrp_words_take_if(words, "inet"))
		said = AF_INET;
	else if (vrrp_words_take_if(words, "inet6"))
		said = AF_INET6;
	if (said == AF_UNSPEC)
		return vrrp_words_address(words, ret);
	/* IPv4 by way of an IPv6 router. */
	if (line != AF_UNSPEC && line != said)
		conf_not_portable(words->ctx, words->node,
			(int)words->next - 2, NULL,
			"keepalived takes a gateway of the route's own "
			"family only");
	words->family = said;
	good = vrrp_words_address(words, ret);
	words->family = line == AF_UNSPEC ? said : line;
	return good;
}

/* --- encap --- */

static bool read_labels(struct vrrp_words *words, struct netlink_encap *ret)
{
	const char *text = vrrp_words_take(words);
	const char *at = text;
	char *end;

	while (at && ret->n_labels < NETLINK_LABELS_MAX) {
		unsigned long label = strtoul(at, &end, 0);

		if (end == at || at[0] == '-' || at[0] == '+' ||
			label > LABEL_MAX || (*end && *end != '/'))
			break;
		ret->labels[ret->n_labels++] = (uint32_t)label;
		if (!*end)
			return true;
		at = end + 1;
	}
	vrrp_words_report(words, DIAG_ERROR,
		text ? DIAG_VALUE_TYPE : DIAG_MISSING_ARGUMENT,
		"LABEL[/LABEL...], each 0 to 1048575, at most 16",
		"MPLS labels belong behind 'mpls'");
	return false;
}

/* Four groups of hexadecimal digits. */
static bool read_locator(struct vrrp_words *words, struct netlink_encap *ret)
{
	const char *text = vrrp_words_take(words);
	const char *at = text;
	uint8_t bytes[8];
	char *end;
	int i;

	for (i = 0; at && i < 4; i++) {
		unsigned long part = strtoul(at, &end, 16);

		if (end == at || end - at > 4 || at[0] == '-' || at[0] == '+' ||
			part > UINT16_MAX || *end != (i < 3 ? ':' : '\0'))
			break;
		bytes[2 * i] = (uint8_t)(part >> 8);
		bytes[2 * i + 1] = (uint8_t)part;
		at = end + 1;
	}
	if (!text || i < 4) {
		vrrp_words_report(words, DIAG_ERROR,
			text ? DIAG_VALUE_TYPE : DIAG_MISSING_ARGUMENT,
			"as in 2001:db8:0:1", "a locator belongs behind 'ila'");
		return false;
	}
	memcpy(&ret->locator, bytes, sizeof(ret->locator));
	return true;
}

/* An address of the tunnel, whose family is not that of the route. */
static bool read_tunnel_address(struct vrrp_words *words, sa_family_t family,
	struct ip_addr *ret)
{
	sa_family_t line = words->family;
	bool good;

	words->family = family;
	good = vrrp_words_address(words, ret);
	words->family = line;
	return good;
}

static bool read_u8(struct vrrp_words *words, uint8_t *ret, bool *ret_has)
{
	uint32_t value;

	if (!vrrp_words_u32(words, 0, UINT8_MAX, &value))
		return false;
	*ret = (uint8_t)value;
	*ret_has = true;
	return true;
}

static bool read_traffic_class(
	struct vrrp_words *words, struct netlink_encap *ret)
{
	uint32_t value;

	if (!vrrp_words_name(words, IPROUTE_DSFIELD, &value))
		return false;
	ret->tos = (uint8_t)value;
	ret->has_tos = true;
	return true;
}

static bool read_flags(struct vrrp_words *words, struct netlink_encap *ret)
{
	uint32_t value;

	if (!vrrp_words_u32(words, 0, UINT16_MAX, &value))
		return false;
	ret->flags = (uint16_t)value;
	ret->has_flags = true;
	return true;
}

static bool is_said(struct vrrp_words *words, const struct netlink_encap *encap)
{
	if (encap->has_id || encap->has_tos || encap->has_ttl ||
		encap->has_flags || ip_addr_is_set(&encap->dst) ||
		ip_addr_is_set(&encap->src))
		return true;
	vrrp_words_report(words, DIAG_ERROR, DIAG_MISSING_ARGUMENT,
		"[id N] dst ADDRESS [src ADDRESS] [tos N] [ttl N]",
		"a tunnel needs to know where it leads");
	return false;
}

/* The words of ip and ip6, up to the first that is none of them. */
static bool read_ip_tunnel(struct vrrp_words *words, sa_family_t family,
	struct netlink_encap *ret)
{
	bool good = true;

	while (good) {
		if (vrrp_words_take_if(words, "id"))
			good = ret->has_id = vrrp_words_u64(words, &ret->id);
		else if (vrrp_words_take_if(words, "dst"))
			good = read_tunnel_address(words, family, &ret->dst);
		else if (vrrp_words_take_if(words, "src"))
			good = read_tunnel_address(words, family, &ret->src);
		else if (vrrp_words_take_if(words, "tos") ||
			 vrrp_words_take_if(words, "dsfield") ||
			 vrrp_words_take_if(words, "tc"))
			good = read_traffic_class(words, ret);
		else if (vrrp_words_take_if(words, "ttl") ||
			 vrrp_words_take_if(words, "hoplimit"))
			good = read_u8(words, &ret->ttl, &ret->has_ttl);
		else if (vrrp_words_take_if(words, "flags"))
			good = read_flags(words, ret);
		else
			return is_said(words, ret);
	}
	return false;
}

bool vrrp_route_read_encap(struct vrrp_words *words, struct netlink_encap *ret)
{
	const char *type = vrrp_words_take(words);

	memset(ret, 0, sizeof(*ret));
	if (type && !strcmp(type, "mpls")) {
		ret->type = LWTUNNEL_ENCAP_MPLS;
		return read_labels(words, ret);
	}
	if (type && !strcmp(type, "ila")) {
		ret->type = LWTUNNEL_ENCAP_ILA;
		return read_locator(words, ret);
	}
	if (type && !strcmp(type, "ip")) {
		ret->type = LWTUNNEL_ENCAP_IP;
		return read_ip_tunnel(words, AF_INET, ret);
	}
	if (type && !strcmp(type, "ip6")) {
		ret->type = LWTUNNEL_ENCAP_IP6;
		return read_ip_tunnel(words, AF_INET6, ret);
	}
	vrrp_words_report(words, DIAG_ERROR,
		type ? DIAG_VALUE_UNKNOWN : DIAG_MISSING_ARGUMENT,
		"one of: mpls, ip, ip6, ila", "a kind belongs behind 'encap'");
	vrrp_words_skip(words);
	return false;
}

/* --- nexthop --- */

static void read_weight(struct vrrp_words *words, struct netlink_hop *hop)
{
	uint32_t weight = 1;

	vrrp_words_u32(words, 1, WEIGHT_MAX, &weight);
	hop->weight = (uint8_t)(weight - 1);
}

static void read_hop_realms(struct vrrp_words *words, struct netlink_hop *hop)
{
	if (vrrp_words_set_family(words, AF_INET))
		vrrp_words_realms(words, &hop->realms);
}

/* One word of a nexthop; false when it is none. */
static bool read_hop_word(struct vrrp_words *words, struct vrrp_hop_conf *hop)
{
	if (vrrp_words_take_if(words, "via"))
		vrrp_route_read_via(words, &hop->hop.gateway);
	else if (vrrp_words_take_if(words, "dev"))
		vrrp_words_interface(words, &hop->dev);
	else if (vrrp_words_take_if(words, "weight"))
		read_weight(words, &hop->hop);
	else if (vrrp_words_take_if(words, "onlink"))
		hop->hop.flags |= RTNH_F_ONLINK;
	else if (vrrp_words_take_if(words, "encap"))
		vrrp_route_read_encap(words, &hop->hop.encap);
	else if (vrrp_words_take_if(words, "realms"))
		read_hop_realms(words, &hop->hop);
	else
		return false;
	return true;
}

void vrrp_route_read_nexthops(struct vrrp_words *words, struct conf_list *hops)
{
	const char *word;

	do {
		struct vrrp_hop_conf *hop = arena_new_object(
			words->ctx->arena, struct vrrp_hop_conf);

		if (hops->n == HOPS_MAX) {
			vrrp_words_report(words, DIAG_ERROR, DIAG_VALUE_RANGE,
				NULL, "a route has %d nexthops at most",
				HOPS_MAX);
			vrrp_words_skip(words);
			return;
		}
		while (read_hop_word(words, hop))
			;
		if (!ip_addr_is_set(&hop->hop.gateway) && !hop->dev &&
			!words->failed)
			vrrp_words_report(words, DIAG_ERROR,
				DIAG_MISSING_ARGUMENT,
				"nexthop via ADDRESS dev INTERFACE",
				"a nexthop needs via or dev");
		conf_list_add(words->ctx->arena, hops, hop);
	} while (vrrp_words_take_if(words, "nexthop"));
	word = vrrp_words_take(words);
	if (!word)
		return;
	vrrp_words_report(words, DIAG_ERROR, DIAG_VALUE_UNKNOWN,
		"via, dev, weight, onlink, encap, realms or nexthop; what is "
		"of the route stands before the first nexthop",
		"'%s' is no word of a nexthop", word);
	vrrp_words_skip(words);
}
