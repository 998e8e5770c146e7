/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the kernel, for a successor of this process. */
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>

#include "lib/mem.h"
#include "vrrp/fib_internal.h"

void vrrp_fib_set_each_removal(const struct vrrp_fib_set *set,
	void (*callback)(const void *message, size_t len, void *user_data),
	void *user_data)
{
	for (size_t i = 0; i < set->n; i++)
		if (fib_is_there(set->objects[i]) && !set->objects[i]->foreign)
			callback(set->objects[i]->key, set->objects[i]->key_len,
				user_data);
}

static bool parse_want(struct nlmsghdr *msg, struct netlink_route *route,
	struct netlink_rule *rule, struct vrrp_fib_want *ret)
{
	*ret = (struct vrrp_fib_want){ .text = "of the predecessor" };
	if (msg->nlmsg_type == RTM_DELROUTE &&
		netlink_parse_route(msg, route) == 0)
		ret->route = route;
	else if (msg->nlmsg_type == RTM_DELRULE &&
		 netlink_parse_rule(msg, rule) == 0)
		ret->rule = rule;
	return ret->route || ret->rule;
}

void vrrp_fib_inherit(struct vrrp_fib *fib, const void *message, size_t len)
{
	struct nlmsghdr *msg = x_calloc(1, len);
	struct object *object = fib_find(fib, message, len);
	struct netlink_route route = { .hops = NULL };
	struct vrrp_fib_want want;
	struct netlink_rule rule;

	memcpy(msg, message, len);
	if (object) {
		object->foreign = false;
		object->present |= !fib_is_read(object);
	} else if (len >= NLMSG_HDRLEN && msg->nlmsg_len == len &&
		   parse_want(msg, &route, &rule, &want)) {
		object = fib_object_new(fib, message, len, &want);
		fib_remove_leftover(object);
	}
	netlink_route_clear(&route);
	x_free(msg);
}

