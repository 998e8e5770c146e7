/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What instances need of packet filters, made of the configuration, and the
 * announcements on interfaces that no advert leaves by. */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/shell.h"

#define CHECKPOINT_KEY "filter"

/* --- what is wanted --- */

static void add_mac(const struct vrrp_vmac *vmac, void *user_data)
{
	const struct vrrp_vmac_want *want = vrrp_vmac_get_want(vmac);
	struct vrrp_role *role = user_data;
	const struct netlink_link *parent =
		netlink_find_link_by_name(role->netlink, want->parent);
	uint32_t below = parent ? parent->info.ifindex : 0;

	/* An ipvlan has the MAC of the interface below. */
	if (want->kind != NETLINK_KIND_MACVLAN)
		return;
	if (want->uses_inet)
		vrrp_filter_add_mac(&role->filter_want, false,
			vrrp_vmac_ifindex(vmac), below);
	if (want->uses_inet6)
		vrrp_filter_add_mac(&role->filter_want, true,
			vrrp_vmac_ifindex(vmac), below);
}

static void add_address(
	const struct vrrp_address_status *status, void *user_data)
{
	struct vrrp_role *role = user_data;
	const struct netlink_link *link =
		netlink_find_link(role->netlink, status->info->ifindex);

	vrrp_filter_add_addr(&role->filter_want, &status->info->addr,
		vrrp_filter_by_index(role->filter), status->info->ifindex,
		link ? link->info.name : NULL);
}

static void add_instance(const struct vrrp_instance *inst)
{
	if (!inst->conf->accept && inst->conf->priority != VRRP_PRIORITY_OWNER)
		vrrp_address_set_each(inst->addresses, add_address, inst->role);
}

static void save(struct vrrp_role *role, const char *before)
{
	const char *now = vrrp_filter_table(role->filter);

	if (now && (!before || strcmp(now, before) != 0))
		role_checkpoint(
			role->role, CHECKPOINT_KEY, now, strlen(now) + 1);
	else if (!now && before)
		role_checkpoint(role->role, CHECKPOINT_KEY, NULL, 0);
}

void vrrp_define_filter(struct vrrp_role *role)
{
	const struct vrrp_filter_conf *conf;
	struct vrrp_instance *inst;
	const char *table = vrrp_filter_table(role->filter);
	char *before;

	/* A stop that leaves the addresses leaves their filters. */
	if (!role->running ||
		(role->stopping && (role_settings_flags(role->role) &
					   SETTINGS_KEEP_VIPS)))
		return;
	before = table ? x_strdup(table) : NULL;
	conf = &role->running->conf->globals->filter;
	vrrp_filter_configure(role->filter, conf->table,
		(int32_t)conf->priority, conf->counters, conf->by_index);
	vrrp_vmacs_each(role->vmacs, add_mac, role);
	vrrp_for_each_instance(role, live) add_instance(live);
	/* Until its addresses are gone. */
	DL_FOREACH (role->retired, inst)
		add_instance(inst);
	vrrp_filter_set(role->filter, &role->filter_want);
	save(role, before);
	x_free(before);
}

bool vrrp_filter_role_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len)
{
	const char *table = data;

	if (strcmp(key, CHECKPOINT_KEY) != 0)
		return false;
	if (len > 1 && !table[len - 1])
		vrrp_filter_inherit(role->filter, table);
	return true;
}

/* --- garp_extra_if --- */

struct extra {
	uint32_t ifindex;
	size_t order;
	struct ip_addr addr;
};

struct extras {
	const struct vrrp_instance *inst;
	struct extra *list;
	size_t n;
	size_t capacity;
};

static void add_extra(const struct vrrp_address_status *status, void *user_data)
{
	struct extras *e = user_data;
	const struct netlink_link *link = netlink_find_link(
		e->inst->role->netlink, status->info->ifindex);

	if (!status->present || !link ||
		status->info->ifindex == e->inst->tx_ifindex)
		return;
	if (!e->inst->conf->extra_garp.all &&
		link->info.kind != NETLINK_KIND_MACVLAN)
		return;
	if (e->n == e->capacity) {
		e->capacity = e->capacity ? 2 * e->capacity : 16;
		e->list = x_realloc(e->list, e->capacity, sizeof(*e->list));
	}
	e->list[e->n] = (struct extra){ status->info->ifindex, e->n,
		status->info->addr };
	e->n++;
}

static int compare_extras(const void *a, const void *b)
{
	const struct extra *x = a, *y = b;

	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Switches forget the MAC of an interface that sends nothing: one address of
 * each will do. */
static void announce_extra(struct vrrp_instance *inst)
{
	struct extras e = { .inst = inst };
	size_t i;

	vrrp_address_set_each(inst->addresses, add_extra, &e);
	if (e.n)
		qsort(e.list, e.n, sizeof(*e.list), compare_extras);
	for (i = 0; i < e.n; i++)
		if (!i || e.list[i].ifindex != e.list[i - 1].ifindex)
			vrrp_announcer_add(inst->role->announcer,
				inst->announce_id, e.list[i].ifindex,
				&e.list[i].addr);
	x_free(e.list);
}

static void extra_timer(void *user_data)
{
	struct vrrp_instance *inst = user_data;

	announce_extra(inst);
	loop_timer_set(inst->extra_timer,
		time_monotonic_us() + inst->conf->extra_garp.interval_us);
}

void vrrp_instance_arm_extra(struct vrrp_instance *inst)
{
	int64_t interval = inst->conf->extra_garp.interval_us;

	if (inst->fsm.state != VRRP_STATE_ACTIVE || interval <= 0) {
		loop_timer_free(inst->extra_timer);
		inst->extra_timer = NULL;
		return;
	}
	if (inst->extra_timer && interval == inst->extra_interval_us)
		return;
	if (!inst->extra_timer)
		inst->extra_timer =
			loop_timer_new(inst->role->loop, extra_timer, inst);
	inst->extra_interval_us = interval;
	loop_timer_set(inst->extra_timer, time_monotonic_us() + interval);
}
