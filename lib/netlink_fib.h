/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The routes and rules that carry our number (NETLINK_ROUTE_PROTO) in the
 * kernel: read when asked, and told of when they change.
 *
 * A director may hold a million routes of a routing daemon.  So nothing is
 * cached here: the kernel filters what it dumps, and a packet filter drops
 * what the monitor socket would hear of other routes.
 */
#ifndef TANDEM_LIB_NETLINK_FIB_H
#define TANDEM_LIB_NETLINK_FIB_H

#include "lib/loop.h"
#include "lib/netlink_route.h"

struct netlink_fib;

/* CHANGED: something was added or removed, by whomever; or events were lost.
 * 0 or -errno. */
int netlink_fib_new(struct loop *loop, void (*changed)(void *user_data),
	void *user_data, struct netlink_fib **ret_fib);
void netlink_fib_free(struct netlink_fib *fib); /* NULL is fine */

/*
 * Calls back for each route and rule with our number, of both families.  What
 * they are given is theirs during the call only.  0 or -errno, after which
 * nothing is known of what was not told.  Does not wait for anything but the
 * kernel itself.
 */
struct netlink_fib_visitor {
	void (*route)(const struct netlink_route *route, void *user_data);
	void (*rule)(const struct netlink_rule *rule, void *user_data);
	void *user_data;
};

int netlink_fib_read(
	struct netlink_fib *fib, const struct netlink_fib_visitor *visitor);

#endif
