/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of virtual_routes, virtual_rules, static_routes and static_rules, as
 * `ip route` and `ip rule` have them, bound.
 *
 * Interfaces are names here; who writes to the kernel knows their numbers.
 */
#ifndef TANDEM_VRRP_ROUTE_CONF_H
#define TANDEM_VRRP_ROUTE_CONF_H

#include "config/schema.h"
#include "lib/netlink_route.h"

/* track_group: instances that are in FAULT when a static object is lost. */
struct vrrp_track_group_conf {
	uint32_t node;
	const char *name;
	struct conf_list members; /* struct vrrp_instance_conf, resolved */
	struct conf_list member_names; /* struct vrrp_member_conf */
};

/* What routes and rules have in common. */
struct vrrp_object_conf {
	uint32_t node;
	const char *text; /* the line, but for what is not for the kernel */
	bool no_track; /* its loss changes nothing */
	uint32_t group_node; /* of the line, when it has a track_group */
	const char *group_name;
	const struct vrrp_track_group_conf *group; /* NULL = none */
};

struct vrrp_hop_conf {
	struct netlink_hop hop; /* .ifindex is not known here */
	const char *dev; /* NULL = the kernel's choice */
};

struct vrrp_route_conf {
	struct vrrp_object_conf object;
	struct netlink_route route; /* without its hops */
	enum netlink_route_place place;
	struct conf_list hops; /* struct vrrp_hop_conf */
	const char *dev; /* of the line itself: what is tracked */
	const char *vrf; /* its table is the one of this interface */
};

struct vrrp_rule_conf {
	struct vrrp_object_conf object;
	struct netlink_rule rule;
};

#endif
