/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What instances need of virtual-MAC interfaces and of settings of others:
 * made of the configuration, and kept over the death of the role. */
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "lib/mem.h"
#include "vrrp/shell.h"

#define CHECKPOINT_VERSION 1
#define OWNED_KEY "vmac/"
#define SETTINGS_KEY "settings"
/* More links have no settings of ours; the rest would not be put back. */
#define SETTINGS_MAX 4096

/* --- what the configuration asks for --- */

static void put_name(char ret[static IFNAMSIZ], const char *name)
{
	if (name)
		memcpy(ret, name, strnlen(name, IFNAMSIZ - 1));
}

/* The interface of the instance itself. */
static void fill_want(
	const struct vrrp_instance_conf *conf, struct vrrp_vmac_want *want)
{
	const struct vrrp_vmac_conf *vmac = &conf->vmac;

	memset(want, 0, sizeof(*want));
	put_name(want->parent, conf->interface);
	put_name(want->name, vmac->name);
	put_name(want->prefix, vmac->prefix);
	put_name(want->vrf, vmac->vrf);
	want->kind = vmac->use == VRRP_VMAC_IPVLAN ? NETLINK_KIND_IPVLAN
						   : NETLINK_KIND_MACVLAN;
	want->group = vmac->group;
	want->ipvlan_flags = vmac->ipvlan_flags;
	want->vrid = (uint8_t)conf->vrid;
	want->inet6 = conf->family == AF_INET6;
	want->uses_inet = !want->inet6;
	want->uses_inet6 = want->inet6;
	if (vmac->use == VRRP_VMAC_MACVLAN)
		memcpy(want->mac, vmac->mac, sizeof(want->mac));
}

static bool on_own_interface(const struct vrrp_instance_conf *conf,
	const struct vrrp_address_conf *addr)
{
	return conf->interface &&
	       (!addr->dev || !strcmp(addr->dev, conf->interface));
}

/* Does ADDR go on the instance's own virtual-MAC interface? */
static bool uses_main(const struct vrrp_instance_conf *conf,
	const struct vrrp_address_conf *addr)
{
	if (conf->vmac.use == VRRP_VMAC_NONE || !on_own_interface(conf, addr))
		return false;
	return addr->addr.family == conf->family ||
	       !(conf->vmac.for_addresses || addr->use_vmac);
}

/* Or on another, that is there for such addresses alone? */
static bool fill_address_want(const struct vrrp_instance_conf *conf,
	const struct vrrp_address_conf *addr, struct vrrp_vmac_want *want)
{
	const char *dev = addr->dev ? addr->dev : conf->interface;
	bool elsewhere = !on_own_interface(conf, addr) ||
			 addr->addr.family != conf->family;

	if (!dev || uses_main(conf, addr) ||
		!(addr->use_vmac || (conf->vmac.for_addresses && elsewhere)))
		return false;
	memset(want, 0, sizeof(*want));
	put_name(want->parent, dev);
	put_name(want->prefix, conf->vmac.addr_prefix);
	want->kind = NETLINK_KIND_MACVLAN;
	want->group = VRRP_VMAC_NO_GROUP;
	want->vrid = (uint8_t)conf->vrid;
	want->inet6 = addr->addr.family == AF_INET6;
	want->uses_inet = !want->inet6;
	want->uses_inet6 = want->inet6;
	vrrp_vmac_default_mac(want->inet6, want->vrid, want->mac);
	return true;
}

static void note_families(const struct vrrp_instance_conf *conf,
	const struct conf_list *list, struct vrrp_vmac_want *want)
{
	vrrp_conf_for_each(vrrp_address_conf, addr, list)
	{
		if (!uses_main(conf, addr))
			continue;
		want->uses_inet |= addr->addr.family == AF_INET;
		want->uses_inet6 |= addr->addr.family == AF_INET6;
	}
}

static bool main_want(
	const struct vrrp_instance_conf *conf, struct vrrp_vmac_want *want)
{
	if (conf->vmac.use == VRRP_VMAC_NONE)
		return false;
	fill_want(conf, want);
	note_families(conf, &conf->excluded, want);
	return true;
}

static void claim_for_list(
	struct vrrp_instance *inst, const struct conf_list *list, bool live)
{
	struct vrrp_vmac_want want;

	vrrp_conf_for_each(vrrp_address_conf, addr, list)
	{
		if (fill_address_want(inst->conf, addr, &want))
			vrrp_vmacs_share(inst->role->vmacs, &want,
				inst->subject, live);
	}
}

static void claim_main(struct vrrp_instance *inst, bool live)
{
	const struct vrrp_instance_conf *conf = inst->conf;
	struct vrrp_vmac_want want;

	inst->vmac = NULL;
	if (!main_want(conf, &want))
		return;
	inst->vmac = vrrp_vmacs_claim(
		inst->role->vmacs, &want, inst->subject, live);
	vrrp_vmac_set_address(
		inst->vmac, &conf->vmac.address, conf->vmac.address_len);
}

static void claim_others(struct vrrp_instance *inst, bool live)
{
	claim_for_list(inst, &inst->conf->addresses, live);
	claim_for_list(inst, &inst->conf->excluded, live);
}

/* --- settings of others --- */

/* A stop that leaves the addresses leaves what they are on. */
static bool keeps_all(const struct vrrp_role *role)
{
	return role->stopping &&
	       (role_settings_flags(role->role) & SETTINGS_KEEP_VIPS);
}

static void want_link(struct vrrp_role *role, uint32_t ifindex,
	enum netlink_devconf what, uint32_t value)
{
	const struct vrrp_setting_key key = { .scope = VRRP_SETTING_LINK,
		.ifindex = ifindex, .what = what };

	vrrp_settings_want(role->settings, &key, value);
}

struct wanting {
	struct vrrp_role *role;
	bool any_inet;
	uint32_t rp_filter;
};

/* An interface below must not answer for virtual addresses, nor ask in their
 * name: who hears it would learn its MAC for them. */
static void want_quiet(struct vrrp_role *role, uint32_t ifindex)
{
	want_link(role, ifindex, NETLINK_DEVCONF_ARP_IGNORE, 1);
	want_link(role, ifindex, NETLINK_DEVCONF_ARP_FILTER, 1);
	want_link(role, ifindex, NETLINK_DEVCONF_ARP_ANNOUNCE, 2);
}

static void want_parent(const struct vrrp_vmac *vmac, void *user_data)
{
	const struct vrrp_vmac_want *want = vrrp_vmac_get_want(vmac);
	struct wanting *w = user_data;
	const struct netlink_link *link =
		netlink_find_link_by_name(w->role->netlink, want->parent);

	if (!want->uses_inet)
		return;
	w->any_inet = true;
	if (!link || want->kind != NETLINK_KIND_MACVLAN)
		return;
	want_quiet(w->role, link->info.ifindex);
	if (vrrp_vmac_base(&link->info) != link->info.ifindex &&
		!link->info.parent_elsewhere)
		want_quiet(w->role, vrrp_vmac_base(&link->info));
}

static void want_rp_filter_of(const struct netlink_link *link, void *user_data)
{
	const struct vrrp_setting_key key = {
		.scope = VRRP_SETTING_LINK,
		.ifindex = link->info.ifindex,
		.what = NETLINK_DEVCONF_RP_FILTER,
	};
	struct vrrp_settings *settings;
	struct wanting *w = user_data;
	uint32_t now = link->info.devconf[NETLINK_DEVCONF_RP_FILTER];

	settings = w->role->settings;
	/* Ours have it at 0. */
	if (link->info.kind == NETLINK_KIND_MACVLAN &&
		!memcmp(link->info.mac, "\0\0\x5e\0", 4))
		return;
	/* What the cache knows will do: it is read anew before it is written,
	 * and there may be thousands. */
	if (vrrp_settings_is_held(settings, &key) ||
		(link->info.has_devconf && now < w->rp_filter))
		vrrp_settings_want(settings, &key, w->rp_filter);
}

/* The larger of "all" and an interface counts, and what comes to a virtual
 * MAC goes out by another interface: so "all" moves into each interface. */
static void want_no_rp_filter(struct wanting *w)
{
	const struct vrrp_setting_key all = { VRRP_SETTING_ALL_RP_FILTER, 0,
		0 };
	const struct vrrp_setting_key fresh = { VRRP_SETTING_DEFAULT_RP_FILTER,
		0, 0 };
	struct vrrp_settings *settings = w->role->settings;
	uint32_t now;

	if (!vrrp_settings_original(settings, &all, &w->rp_filter) ||
		!w->rp_filter)
		return;
	vrrp_settings_want(settings, &all, 0);
	if (vrrp_settings_original(settings, &fresh, &now) &&
		now < w->rp_filter)
		vrrp_settings_want(settings, &fresh, w->rp_filter);
	netlink_each_link(w->role->netlink, want_rp_filter_of, w);
}

static void save_settings(struct vrrp_role *role)
{
	struct buf_writer body = { .data = NULL };
	const struct vrrp_setting *held;
	size_t n, i;

	held = vrrp_settings_held(role->settings, &n);
	n = n < SETTINGS_MAX ? n : SETTINGS_MAX;
	if (!n) {
		role_checkpoint(role->role, SETTINGS_KEY, NULL, 0);
		return;
	}
	buf_put_u8(&body, CHECKPOINT_VERSION);
	buf_put_u32(&body, (uint32_t)n);
	for (i = 0; i < n; i++) {
		buf_put_u32(&body, held[i].key.scope);
		buf_put_u32(&body, held[i].key.ifindex);
		buf_put_u32(&body, held[i].key.what);
		buf_put_u32(&body, held[i].value);
		buf_put_u32(&body, held[i].original);
	}
	role_checkpoint(role->role, SETTINGS_KEY, body.data, body.len);
	buf_writer_free(&body);
}

static void want_of_instance(const struct vrrp_instance *inst)
{
	const struct netlink_link *link;

	if (!inst->conf->promote_secondaries || !inst->conf->interface)
		return;
	link = netlink_find_link_by_name(
		inst->role->netlink, inst->conf->interface);
	if (link)
		want_link(inst->role, link->info.ifindex,
			NETLINK_DEVCONF_PROMOTE_SECONDARIES, 1);
}

void vrrp_sync_settings(struct vrrp_role *role)
{
	const struct vrrp_setting_key igmp = { VRRP_SETTING_IGMP, 0, 0 };
	struct wanting w = { .role = role };
	struct vrrp_instance *inst;

	if (!role->running || keeps_all(role))
		return;
	vrrp_settings_begin(role->settings);
	vrrp_vmacs_each(role->vmacs, want_parent, &w);
	if (w.any_inet)
		want_no_rp_filter(&w);
	vrrp_for_each_instance(role, live) want_of_instance(live);
	DL_FOREACH (role->retired, inst)
		want_of_instance(inst);
	if (role->running->conf->globals->disable_local_igmp &&
		(role->instances || role->retired))
		vrrp_settings_want(role->settings, &igmp, 0);
	if (vrrp_settings_end(role->settings, role->settings_changed))
		save_settings(role);
	role->settings_changed = false;
}

/* --- all of them --- */

void vrrp_define_vmacs(struct vrrp_role *role)
{
	struct vrrp_instance *inst;

	vrrp_vmacs_begin(role->vmacs);
	/* What is an instance's own comes before what addresses may share. */
	vrrp_for_each_instance(role, live) claim_main(live, true);
	vrrp_for_each_instance(role, live) claim_others(live, true);
	DL_FOREACH (role->retired, inst) {
		claim_main(inst, false);
		claim_others(inst, false);
	}
	vrrp_vmacs_end(role->vmacs, keeps_all(role));
	vrrp_sync_settings(role);
}

static void changed(void *user_data)
{
	struct vrrp_role *role = user_data;

	role->rebind = true;
	role->links_changed = true;
	/* Settles, and all is looked at. */
	netlink_read(role->netlink);
}

static void owned(uint32_t ifindex, bool is_ours, void *user_data)
{
	struct vrrp_role *role = user_data;
	char *key = x_asprintf("%s%u", OWNED_KEY, (unsigned int)ifindex);
	const uint8_t version = CHECKPOINT_VERSION;

	role_checkpoint(role->role, key, &version, is_ours ? 1 : 0);
	x_free(key);
}

static const struct vrrp_vmac_events vmac_events = {
	.changed = changed,
	.owned = owned,
};

void vrrp_vmac_role_create(struct vrrp_role *role)
{
	role->vmacs = vrrp_vmacs_new(
		role->loop, role->netlink, role->writer, &vmac_events, role);
	role->settings = vrrp_settings_new(role->netlink, role->writer);
	role->filter = vrrp_filter_new(role->loop);
}

void vrrp_vmac_role_destroy(struct vrrp_role *role)
{
	vrrp_filter_free(role->filter);
	vrrp_settings_free(role->settings);
	vrrp_vmacs_free(role->vmacs);
	x_free(role->inherited_vmacs);
}

/* --- what an instance asks --- */

bool vrrp_instance_find_ports(struct vrrp_instance *inst, uint32_t base)
{
	const struct vrrp_vmac_conf *vmac = &inst->conf->vmac;
	uint32_t port = base, rx, tx;
	bool same;

	if (vmac->use != VRRP_VMAC_NONE)
		port = base && inst->vmac ? vrrp_vmac_ifindex(inst->vmac) : 0;
	/* A macvlan in private mode gets all multicast, whether it was sent
	 * from a virtual MAC or not; the interface below gets less. */
	rx = inst->conf->unicast ? base : port;
	tx = vmac->use != VRRP_VMAC_NONE &&
			     (inst->conf->unicast || vmac->xmit_base)
		     ? base
		     : port;
	if (!port)
		rx = tx = 0;
	same = inst->ifindex == base && inst->port == port &&
	       inst->rx_ifindex == rx && inst->tx_ifindex == tx;
	inst->ifindex = base;
	inst->port = port;
	inst->rx_ifindex = rx;
	inst->tx_ifindex = tx;
	return !same;
}

uint32_t vrrp_instance_source_link(const struct vrrp_instance *inst)
{
	const struct vrrp_vmac_conf *vmac = &inst->conf->vmac;

	/* An ipvlan has addresses of its own. */
	return vmac->use == VRRP_VMAC_IPVLAN ? inst->tx_ifindex : inst->ifindex;
}

bool vrrp_instance_waits_for_vmac(const struct vrrp_instance *inst)
{
	return inst->vmac && vrrp_vmac_is_pending(inst->vmac);
}

bool vrrp_instance_port_is_up(const struct vrrp_instance *inst)
{
	const struct netlink_link *link;

	if (!inst->vmac)
		return true;
	link = netlink_find_link(inst->role->netlink, inst->port);
	return link && (link->info.flags & IFF_UP);
}

void vrrp_instance_place_address(const struct vrrp_instance *inst,
	const struct vrrp_address_conf *addr, struct vrrp_address_want *want)
{
	struct vrrp_vmac_want vmac_want;
	const struct vrrp_vmac *vmac = NULL;

	if (uses_main(inst->conf, addr))
		vmac = inst->vmac;
	else if (fill_address_want(inst->conf, addr, &vmac_want))
		vmac = vrrp_vmacs_find_shared(inst->role->vmacs, &vmac_want);
	else
		return;
	want->info.ifindex = vmac ? vrrp_vmac_ifindex(vmac) : 0;
}

/* --- from the predecessor --- */

static void restore_settings(
	struct vrrp_role *role, const void *data, size_t len)
{
	struct vrrp_setting *list;
	struct buf_reader r;
	uint32_t n, i;

	buf_reader_init(&r, data, len);
	if (buf_get_u8(&r) != CHECKPOINT_VERSION)
		return;
	n = buf_get_u32(&r);
	if (n > SETTINGS_MAX)
		return;
	list = x_new(struct vrrp_setting, n + 1);
	for (i = 0; i < n; i++) {
		list[i].key.scope = buf_get_u32(&r);
		list[i].key.ifindex = buf_get_u32(&r);
		list[i].key.what = buf_get_u32(&r);
		list[i].value = buf_get_u32(&r);
		list[i].original = buf_get_u32(&r);
	}
	if (buf_reader_finish(&r) == 0)
		vrrp_settings_inherit(role->settings, list, n);
	x_free(list);
}

bool vrrp_vmac_role_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len)
{
	if (!strcmp(key, SETTINGS_KEY)) {
		restore_settings(role, data, len);
		return true;
	}
	if (vrrp_filter_role_restore(role, key, data, len))
		return true;
	if (strncmp(key, OWNED_KEY, strlen(OWNED_KEY)) != 0)
		return false;
	role->inherited_vmacs = x_realloc(role->inherited_vmacs,
		role->n_inherited_vmacs + 1, sizeof(*role->inherited_vmacs));
	role->inherited_vmacs[role->n_inherited_vmacs++] =
		(uint32_t)strtoul(key + strlen(OWNED_KEY), NULL, 10);
	return true;
}

void vrrp_vmac_role_finish(struct vrrp_role *role)
{
	size_t i;

	for (i = 0; i < role->n_inherited_vmacs; i++)
		vrrp_vmacs_inherit(role->vmacs, role->inherited_vmacs[i]);
	role->n_inherited_vmacs = 0;
}
