/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers of lines of routes and rules share. */
#ifndef TANDEM_VRRP_ROUTE_CONF_INTERNAL_H
#define TANDEM_VRRP_ROUTE_CONF_INTERNAL_H

#include "vrrp/line_words.h"
#include "vrrp/route_conf.h"

/* Reads the line of CONF->object.node.  IS_STATIC: track_group is a word of
 * it.  False when it is not to be used, which was reported. */
bool vrrp_route_read(struct conf_bind *ctx, struct iproute_names *names,
	bool is_static, struct vrrp_route_conf *conf);

/* Preferences of rules without one count down, for each family. */
struct vrrp_rule_order {
	uint32_t next4;
	uint32_t next6;
};

void vrrp_rule_order_init(struct vrrp_rule_order *order);
bool vrrp_rule_read(struct conf_bind *ctx, struct iproute_names *names,
	bool is_static, struct vrrp_rule_order *order,
	struct vrrp_rule_conf *conf);

/* "encap" was taken. */
bool vrrp_route_read_encap(
	struct vrrp_words *words, struct netlink_encap *ret);
/* "nexthop" was taken: this and all others, to the end of the line. */
void vrrp_route_read_nexthops(
	struct vrrp_words *words, struct conf_list *hops);
/* "via" was taken: [inet|inet6] ADDRESS. */
bool vrrp_route_read_via(struct vrrp_words *words, struct ip_addr *ret);

/* Words that both have: no_track, track_group.  True when WORD was one. */
bool vrrp_object_read_word(struct vrrp_words *words, const char *word,
	bool is_static, struct vrrp_object_conf *object);

#endif
