/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/link_state.h"

#include <string.h>
#include <uthash.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/debounce.h"

struct delayed {
	char *name;
	struct vrrp_links *links;
	struct vrrp_debounce state;
	struct loop_timer *timer;
	bool used; /* in this generation */
	UT_hash_handle hh;
};

struct vrrp_links {
	struct loop *loop;
	const struct netlink *netlink;
	vrrp_links_changed_fn *changed;
	void *user_data;
	struct delayed *delayed; /* hash by name */
};

static struct delayed *find(const struct vrrp_links *links, const char *name)
{
	struct delayed *d;

	HASH_FIND_STR(links->delayed, name, d);
	return d;
}

static void tell(const struct delayed *d)
{
	log_notice("interface %s counts as %s now", d->name,
		d->state.counts ? "up" : "down");
}

static void expired(void *user_data)
{
	struct delayed *d = user_data;

	if (vrrp_debounce_expire(&d->state, time_monotonic_us())) {
		tell(d);
		d->links->changed(d->name, d->links->user_data);
	}
	loop_timer_set(d->timer, d->state.due_us);
}

/* As the kernel has it, for a link that is there. */
static bool is_up(const struct vrrp_links *links, const char *name)
{
	const struct netlink_link *link =
		netlink_find_link_by_name(links->netlink, name);

	return link && netlink_link_is_running(&link->info);
}

static void delayed_free(struct vrrp_links *links, struct delayed *d)
{
	HASH_DELETE(hh, links->delayed, d);
	loop_timer_free(d->timer);
	x_free(d->name);
	x_free(d);
}

void vrrp_links_on_link(struct vrrp_links *links, const char *name)
{
	struct delayed *d = find(links, name);
	const struct netlink_link *link;

	if (!d)
		return;
	link = netlink_find_link_by_name(links->netlink, name);
	if (!link)
		vrrp_debounce_init(
			&d->state, d->state.down_us, d->state.up_us, false);
	else if (vrrp_debounce_set(&d->state,
			 netlink_link_is_running(&link->info),
			 time_monotonic_us()))
		tell(d);
	loop_timer_set(d->timer, d->state.due_us);
}

bool vrrp_links_is_running(
	const struct vrrp_links *links, const struct netlink_link_info *link)
{
	const struct delayed *d = find(links, link->name);

	return d ? d->state.counts : netlink_link_is_running(link);
}

static void define_one(
	struct vrrp_links *links, const struct vrrp_delay_conf *conf)
{
	struct delayed *d = find(links, conf->interface);

	if (!d) {
		d = x_new(struct delayed, 1);
		d->links = links;
		d->name = x_strdup(conf->interface);
		d->timer = loop_timer_new(links->loop, expired, d);
		vrrp_debounce_init(&d->state, conf->down_us, conf->up_us,
			is_up(links, conf->interface));
		HASH_ADD_KEYPTR(
			hh, links->delayed, d->name, strlen(d->name), d);
	}
	/* A change under way goes on as it began. */
	d->state.down_us = conf->down_us;
	d->state.up_us = conf->up_us;
	d->used = true;
}

void vrrp_links_define(struct vrrp_links *links, const struct conf_list *delays)
{
	struct delayed *d, *next;

	HASH_ITER (hh, links->delayed, d, next)
		d->used = false;
	vrrp_conf_for_each(vrrp_delay_conf, conf, delays)
		define_one(links, conf);
	HASH_ITER (hh, links->delayed, d, next)
		if (!d->used)
			delayed_free(links, d);
}

struct vrrp_links *vrrp_links_new(struct loop *loop,
	const struct netlink *netlink, vrrp_links_changed_fn *changed,
	void *user_data)
{
	struct vrrp_links *links = x_new(struct vrrp_links, 1);

	links->loop = loop;
	links->netlink = netlink;
	links->changed = changed;
	links->user_data = user_data;
	return links;
}

void vrrp_links_free(struct vrrp_links *links)
{
	struct delayed *d, *next;

	if (!links)
		return;
	HASH_ITER (hh, links->delayed, d, next)
		delayed_free(links, d);
	x_free(links);
}
