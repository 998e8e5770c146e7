/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which links count as running: as the kernel says, or, for those of
 * interface_up_down_delays, when they have been so for long enough.  A link
 * that is missing is not delayed.
 */
#ifndef TANDEM_VRRP_LINK_STATE_H
#define TANDEM_VRRP_LINK_STATE_H

#include <stdbool.h>

#include "lib/loop.h"
#include "lib/netlink.h"
#include "vrrp/vrrp_conf.h"

struct vrrp_links;

/* What counts for the link NAME has changed, by time alone. */
typedef void vrrp_links_changed_fn(const char *name, void *user_data);

/* Borrows LOOP and NETLINK. */
struct vrrp_links *vrrp_links_new(struct loop *loop,
	const struct netlink *netlink, vrrp_links_changed_fn *changed,
	void *user_data);
void vrrp_links_free(struct vrrp_links *links); /* NULL is fine */

/* The delays of a generation (struct vrrp_delay_conf).  What counts for a
 * link that keeps its delay stays; CHANGED is not called. */
void vrrp_links_define(
	struct vrrp_links *links, const struct conf_list *delays);

/* The kernel told something about the link NAME; to be called before anybody
 * asks what that means. */
void vrrp_links_on_link(struct vrrp_links *links, const char *name);

bool vrrp_links_is_running(
	const struct vrrp_links *links, const struct netlink_link_info *link);

#endif
