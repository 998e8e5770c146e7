/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one instance means, once its globals are known. */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/vrrp_conf_internal.h"

#define PRIORITY_DEFAULT 100

/* --- one instance --- */

static void inherit_int(int *value, int global)
{
	if (*value == VRRP_CONF_UNSET)
		*value = global;
}

static void inherit_int64(int64_t *value, int64_t global)
{
	if (*value == VRRP_CONF_UNSET)
		*value = global;
}

static void inherit(const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst)
{
	inherit_int(&inst->check_unicast_src, globals->check_unicast_src);
	inherit_int(&inst->lower_prio_no_advert, globals->lower_prio_no_advert);
	inherit_int(&inst->higher_prio_send_advert,
		globals->higher_prio_send_advert);
	inherit_int(&inst->owner_ignore_adverts, globals->owner_ignore_adverts);
	inherit_int(&inst->skip_check_adv_addr, globals->skip_check_adv_addr);
	inherit_int(&inst->strict, globals->strict);
	inherit_int(&inst->v3_checksum_as_v2, globals->v3_checksum_as_v2);
	inherit_int64(&inst->down_timer_adverts, globals->down_timer_adverts);
	inherit_int64(
		&inst->garp_master_delay_us, globals->garp_master_delay_us);
	inherit_int64(&inst->garp_master_repeat, globals->garp_master_repeat);
	inherit_int64(
		&inst->garp_master_refresh_us, globals->garp_master_refresh_us);
	inherit_int64(&inst->garp_master_refresh_repeat,
		globals->garp_master_refresh_repeat);
	inherit_int64(&inst->garp_lower_prio_delay_us,
		globals->garp_lower_prio_delay_us);
	inherit_int64(
		&inst->garp_lower_prio_delay_us, globals->garp_master_delay_us);
	inherit_int64(
		&inst->garp_lower_prio_repeat, globals->garp_lower_prio_repeat);
	inherit_int64(
		&inst->garp_lower_prio_repeat, globals->garp_master_repeat);
}

/* The first address, else a peer, else a source decides. */
static sa_family_t find_family(const struct vrrp_instance_conf *inst)
{
	const struct vrrp_address_conf *addr;
	const struct vrrp_peer_conf *peer;

	if (inst->addresses.n) {
		addr = inst->addresses.items[0];
		return addr->addr.family;
	}
	if (inst->peers.n) {
		peer = inst->peers.items[0];
		return peer->addr.family;
	}
	if (ip_addr_is_set(&inst->unicast_src))
		return inst->unicast_src.family;
	if (ip_addr_is_set(&inst->mcast_src))
		return inst->mcast_src.family;
	if (inst->excluded.n) {
		addr = inst->excluded.items[0];
		return addr->addr.family;
	}
	return AF_INET;
}

static int compare_addresses(const void *a, const void *b)
{
	const struct vrrp_address_conf *const *x = a;
	const struct vrrp_address_conf *const *y = b;
	int order = ip_addr_compare(&(*x)->addr, &(*y)->addr);

	if (order)
		return order;
	if ((*x)->node == (*y)->node)
		return 0;
	return (*x)->node < (*y)->node ? -1 : 1;
}

static void drop_duplicates(struct conf_bind *ctx, struct conf_list *list)
{
	struct conf_list kept = { .n = 0 };

	vrrp_conf_for_each(vrrp_address_conf, addr, list)
	{
		if (!addr->duplicate)
			conf_list_add(ctx->arena, &kept, addr);
	}
	*list = kept;
}

/* The same address twice in one instance; keepalived takes it once. */
static void check_address_twice(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	size_t n = inst->addresses.n + inst->excluded.n;
	void **all = x_new(void *, n);
	size_t i;

	for (i = 0; i < n; i++)
		all[i] = i < inst->addresses.n
				 ? inst->addresses.items[i]
				 : inst->excluded.items[i - inst->addresses.n];
	qsort(all, n, sizeof(*all), compare_addresses);
	for (i = 1; i < n; i++) {
		const struct vrrp_address_conf *a = all[i - 1];
		struct vrrp_address_conf *b = all[i];

		if (ip_addr_compare(&a->addr, &b->addr))
			continue;
		b->duplicate = true;
		conf_report(ctx, DIAG_WARNING, DIAG_DUPLICATE, b->node, -1,
			NULL, "the address is there twice, first in line %u",
			conf_node_place(ctx->tree, a->node).line);
	}
	x_free(all);
	drop_duplicates(ctx, &inst->addresses);
	drop_duplicates(ctx, &inst->excluded);
}

static void check_addresses(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	struct conf_list kept = { .n = 0 };

	vrrp_conf_for_each(vrrp_address_conf, addr, &inst->addresses)
	{
		if (addr->addr.family != inst->family)
			conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, addr->node,
				-1,
				"put it into virtual_ipaddress_excluded, or "
				"make an instance for it",
				"an instance advertises addresses of one "
				"family, and the first one is %s",
				inst->family == AF_INET ? "IPv4" : "IPv6");
		else if (kept.n == VRRP_ADDRESSES_MAX)
			conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE,
				addr->node, -1,
				"put it into virtual_ipaddress_excluded",
				"an advert carries %d addresses at most",
				VRRP_ADDRESSES_MAX);
		else
			conf_list_add(ctx->arena, &kept, addr);
	}
	inst->addresses = kept;
	inst->advertised =
		arena_alloc(ctx->arena, (kept.n + 1) * sizeof(struct ip_addr));
	vrrp_conf_for_each(vrrp_address_conf, addr, &kept)
		inst->advertised[inst->n_advertised++] = addr->addr;
	if (kept.n && inst->family == AF_INET6 &&
		!ip_addr_is_link_local(&inst->advertised[0]))
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE,
			((const struct vrrp_address_conf *)kept.items[0])->node,
			-1, "begin with a virtual link-local address",
			"the first IPv6 address should be a link-local one "
			"(RFC 9568 5.2.9)");
	if (!kept.n && !inst->excluded.n && !inst->no_virtual_ipaddress &&
		vrrp_conf_child(ctx, inst->node, "virtual_ipaddress") ==
			inst->node)
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD, inst->node,
			-1, "no_virtual_ipaddress says that this is on purpose",
			"instance '%s' has no virtual address", inst->name);
}

static void decide_version(struct conf_bind *ctx,
	const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst)
{
	bool said = inst->version != 0;

	if (!said)
		inst->version = globals->version;
	if (inst->family != AF_INET6 || inst->version == 3)
		return;
	/* What is said for all is meant for IPv4. */
	if (said && inst->strict != 1) {
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
			vrrp_conf_child(ctx, inst->node, "version"), 0,
			"version 3 on all routers of this VRID",
			"no RFC has version 2 for IPv6: only keepalived and "
			"Tandem speak it");
		return;
	}
	if (said)
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
			vrrp_conf_child(ctx, inst->node, "version"), 0, NULL,
			"with vrrp_strict IPv6 is version 3");
	inst->version = 3;
}

static void report_interval(struct conf_bind *ctx,
	const struct vrrp_instance_conf *inst, const char *hint,
	const char *text)
{
	uint32_t node = vrrp_conf_child(ctx, inst->node, "advert_int");

	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node,
		node == inst->node ? -1 : 0, hint, "%s", text);
}

static void check_interval(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	const int64_t max_v3 = VRRP_V3_INTERVAL_MAX_CS * VRRP_CENTISECOND_US;

	if (inst->version == 2 && inst->advert_int_us % USEC_PER_SEC) {
		report_interval(ctx, inst,
			"vrrp_version 3 has intervals of 0.01 to 40.95 s",
			"version 2 has whole seconds only, 1 to 255");
		inst->advert_int_us =
			(inst->advert_int_us / USEC_PER_SEC + 1) * USEC_PER_SEC;
	}
	if (inst->version == 3 && inst->advert_int_us > max_v3) {
		report_interval(ctx, inst, NULL,
			"version 3 has intervals of 0.01 to 40.95 s");
		inst->advert_int_us = max_v3;
	}
	/* The packet has centiseconds. */
	if (inst->version == 3)
		inst->advert_int_us -=
			inst->advert_int_us % VRRP_CENTISECOND_US;
}

/* The field of the password is not in the packet, see packet.c. */
static void check_authentication_ipv6(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	if (inst->family != AF_INET6)
		return;
	conf_report(ctx, DIAG_WARNING, DIAG_IGNORED,
		vrrp_conf_child(ctx, inst->node, "authentication"), -1, NULL,
		inst->auth->type == VRRP_AUTH_AH
			? "AH is for IPv4 only: it is ignored"
			: "with IPv6 the password is neither sent nor "
			  "compared, only that there is one");
	if (inst->auth->type == VRRP_AUTH_AH)
		inst->auth->type = VRRP_AUTH_NONE;
}

static void check_authentication(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	if (!inst->auth || inst->auth->type == VRRP_AUTH_NONE)
		return;
	if (inst->version == 2 && inst->strict != 1) {
		check_authentication_ipv6(ctx, inst);
		return;
	}
	conf_report(ctx, DIAG_WARNING, DIAG_IGNORED,
		vrrp_conf_child(ctx, inst->node, "authentication"), -1, NULL,
		inst->version == 3
			? "version 3 has no authentication: it is ignored"
			: "vrrp_strict has no authentication: it is ignored");
	inst->auth->type = VRRP_AUTH_NONE;
}

static void drop_preempt_delay(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst, const char *why)
{
	if (!inst->preempt_delay_us)
		return;
	conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
		vrrp_conf_child(ctx, inst->node, "preempt_delay"), -1, NULL,
		"preempt_delay has no effect with %s", why);
	inst->preempt_delay_us = 0;
}

static void check_preemption(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	const char *why = inst->want == VRRP_STATE_ACTIVE ? "state MASTER"
							  : "priority 255";

	if (inst->want != VRRP_STATE_ACTIVE &&
		inst->priority != VRRP_PRIORITY_OWNER) {
		if (inst->nopreempt)
			drop_preempt_delay(ctx, inst, "nopreempt");
		return;
	}
	if (inst->nopreempt)
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
			vrrp_conf_child(ctx, inst->node, "nopreempt"), -1,
			"write 'state BACKUP' on both routers",
			"nopreempt has no effect with %s", why);
	inst->nopreempt = false;
	drop_preempt_delay(ctx, inst, why);
}

/* Who preempts takes over again anyway. */
static void check_expired(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	uint32_t node = vrrp_conf_child(ctx, inst->node, "timer_expired_backup");

	if (!inst->expired_priority || inst->nopreempt)
		return;
	if (node == inst->node)
		node = vrrp_conf_child(
			ctx, inst->node, "thread_timer_expired");
	conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT, node, -1,
		"nopreempt, with state BACKUP",
		"it has no effect without nopreempt");
	inst->expired_priority = 0;
}

static void check_source_family(struct conf_bind *ctx,
	const struct vrrp_instance_conf *inst, const char *keyword,
	struct ip_addr *addr)
{
	if (!ip_addr_is_set(addr) || addr->family == inst->family)
		return;
	conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT,
		vrrp_conf_child(ctx, inst->node, keyword), 0, NULL,
		"the instance is %s",
		inst->family == AF_INET ? "IPv4" : "IPv6");
	*addr = (struct ip_addr){ .family = AF_UNSPEC };
}

static int compare_peers(const void *a, const void *b)
{
	const struct vrrp_peer_conf *const *x = a;
	const struct vrrp_peer_conf *const *y = b;
	int order = ip_addr_compare(&(*x)->addr, &(*y)->addr);

	if (order)
		return order;
	return (*x)->node < (*y)->node ? -1 : (*x)->node > (*y)->node;
}

/* The first of each stays. */
static void check_peer_twice(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	size_t n = inst->peers.n;
	void **all = x_new(void *, n);
	struct conf_list kept = { .n = 0 };
	char text[IP_ADDR_STRLEN];
	size_t i;

	if (n)
		memcpy(all, inst->peers.items, n * sizeof(*all));
	qsort(all, n, sizeof(*all), compare_peers);
	for (i = 1; i < n; i++) {
		struct vrrp_peer_conf *a = all[i - 1], *b = all[i];

		b->duplicate = ip_addr_compare(&a->addr, &b->addr) == 0;
		if (b->duplicate)
			conf_report(ctx, DIAG_ERROR, DIAG_DUPLICATE, b->node,
				-1, NULL, "peer %s is there twice",
				ip_addr_format(&b->addr, text));
	}
	x_free(all);
	vrrp_conf_for_each(vrrp_peer_conf, peer, &inst->peers)
	{
		if (!peer->duplicate)
			conf_list_add(ctx->arena, &kept, peer);
	}
	inst->peers = kept;
}

/* A multicast destination, and peers that are somebody else. */
static void check_destinations(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	if (ip_addr_is_set(&inst->mcast_group) &&
		!ip_addr_is_multicast(&inst->mcast_group)) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE,
			vrrp_conf_child(ctx, inst->node, "mcast_dst_ip"), 0,
			NULL, "no multicast address");
		inst->mcast_group = (struct ip_addr){ .family = AF_UNSPEC };
	}
	vrrp_conf_for_each(vrrp_peer_conf, peer, &inst->peers)
	{
		if (ip_addr_compare(&peer->addr, &inst->source) == 0)
			conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, peer->node,
				-1, NULL, "a router is no peer of itself");
	}
	if (inst->peers.n && !ip_addr_is_set(&inst->source))
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD,
			vrrp_conf_child(ctx, inst->node, "unicast_peer"), -1,
			"unicast_src_ip ADDRESS, as the peers know it",
			"without a source, the first address of the "
			"interface is used");
}

/* Words of unicast do not make it so. */
static void check_no_peer(
	struct conf_bind *ctx, const struct vrrp_instance_conf *inst)
{
	static const char *const words[] = { "unicast_src_ip", "unicast_peer",
		"unicast_ttl", "check_unicast_src", "old_unicast_checksum" };
	uint32_t node = inst->node;

	if (inst->unicast_fault_no_peer)
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (node == inst->node)
			node = vrrp_conf_child(ctx, inst->node, words[i]);
	if (node != inst->node)
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD, node, -1,
			"unicast_peer { ADDRESS ... }, or "
			"unicast_fault_no_peer",
			"there is no unicast peer: adverts go to the multicast "
			"group");
}

static void decide_transport(struct conf_bind *ctx,
	const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst)
{
	struct conf_list kept = { .n = 0 };

	check_peer_twice(ctx, inst);
	vrrp_conf_for_each(vrrp_peer_conf, peer, &inst->peers)
	{
		if (peer->addr.family == inst->family)
			conf_list_add(ctx->arena, &kept, peer);
		else
			conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, peer->node,
				-1, NULL, "the instance is %s",
				inst->family == AF_INET ? "IPv4" : "IPv6");
		/* keepalived: either limit implies the check. */
		if (peer->has_ttl)
			inst->check_unicast_src = 1;
	}
	if (!inst->peers.n)
		check_no_peer(ctx, inst);
	inst->peers = kept;
	inst->unicast = kept.n > 0 || inst->unicast_fault_no_peer;
	if (!kept.n && inst->unicast_fault_no_peer)
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD,
			vrrp_conf_child(ctx, inst->node,
				"unicast_fault_no_peer"),
			-1, "unicast_peer { ADDRESS ... }",
			"without a peer the instance stays in FAULT");
	check_source_family(ctx, inst, "unicast_src_ip", &inst->unicast_src);
	check_source_family(ctx, inst, "mcast_src_ip", &inst->mcast_src);
	check_source_family(ctx, inst, "mcast_dst_ip", &inst->mcast_group);
	inst->source = inst->unicast ? inst->unicast_src : inst->mcast_src;
	if (!ip_addr_is_set(&inst->source))
		inst->source = inst->unicast ? inst->mcast_src
					     : inst->unicast_src;
	check_destinations(ctx, inst);
	if (!ip_addr_is_set(&inst->mcast_group))
		inst->mcast_group = inst->family == AF_INET
					    ? globals->mcast_group4
					    : globals->mcast_group6;
}

static void decide_priority(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	if (inst->priority)
		return;
	inst->priority = PRIORITY_DEFAULT;
	if (inst->want != VRRP_STATE_ACTIVE ||
		vrrp_conf_child(ctx, inst->node, "priority") != inst->node)
		return;
	inst->priority = VRRP_PRIORITY_OWNER;
	conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD, inst->node, -1,
		"write a priority, 1 to 254, unless it owns the addresses",
		"state MASTER without a priority makes instance '%s' the "
		"address owner (255)",
		inst->name);
}

static void check_interface(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	const char *wrong = NULL;

	if (!inst->interface && !inst->unicast)
		conf_report(ctx, DIAG_FATAL, DIAG_MISSING_KEYWORD, inst->node,
			-1, "write 'interface NAME'",
			"instance '%s' has no interface", inst->name);
	if (!inst->interface)
		return;
	if (!strcmp(inst->interface, "lo"))
		wrong = "VRRP does not run on the loopback interface";
	else if (strlen(inst->interface) >= IF_NAMESIZE)
		wrong = "an interface name has 15 characters at most";
	if (wrong)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE,
			vrrp_conf_child(ctx, inst->node, "interface"), 0, NULL,
			"%s", wrong);
}

static void check_vrid_said(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	if (!inst->vrid &&
		vrrp_conf_child(ctx, inst->node, "virtual_router_id") ==
			inst->node)
		conf_report(ctx, DIAG_FATAL, DIAG_MISSING_KEYWORD, inst->node,
			-1, "write 'virtual_router_id N', 1 to 255",
			"instance '%s' has no virtual_router_id", inst->name);
}

void vrrp_conf_resolve_instance(struct conf_bind *ctx,
	const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst)
{
	inherit(globals, inst);
	inst->family = find_family(inst);
	vrrp_conf_resolve_accept(ctx, globals, inst);
	check_address_twice(ctx, inst);
	check_addresses(ctx, inst);
	decide_version(ctx, globals, inst);
	check_interval(ctx, inst);
	vrrp_conf_resolve_hmac(ctx, inst);
	check_authentication(ctx, inst);
	decide_priority(ctx, inst);
	vrrp_conf_resolve_strict(ctx, inst);
	check_preemption(ctx, inst);
	check_expired(ctx, inst);
	decide_transport(ctx, globals, inst);
	check_interface(ctx, inst);
	check_vrid_said(ctx, inst);
	vrrp_conf_resolve_vmac(ctx, globals, inst);
	inst->notify.deleted_said = vrrp_conf_child(ctx, inst->node,
					    "notify_deleted") != inst->node;
}

void vrrp_conf_fill_fsm(const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst)
{
	if (inst->group)
		inherit_int(&inst->notify_priority_changes,
			inst->group->notify_priority_changes);
	inherit_int(&inst->notify_priority_changes,
		globals->notify_priority_changes);
	inst->fsm = (struct vrrp_fsm_conf){
		.version = (uint8_t)inst->version,
		.priority = (uint8_t)inst->priority,
		.advert_int_us = inst->advert_int_us,
		.preempt = !inst->nopreempt,
		.preempt_delay_us = inst->preempt_delay_us,
		.expired_priority = (uint8_t)inst->expired_priority,
		.startup_delay_us = globals->startup_delay_us,
		.down_timer_adverts = (unsigned int)inst->down_timer_adverts,
		.lower_prio_no_advert = inst->lower_prio_no_advert == 1,
		.higher_prio_send_advert = inst->higher_prio_send_advert == 1,
		.owner_ignore_adverts =
			inst->owner_ignore_adverts == 1 || inst->strict == 1,
		.garp = {
			.delay_us = inst->garp_master_delay_us,
			.repeat = (unsigned int)inst->garp_master_repeat,
			.refresh_us = inst->garp_master_refresh_us,
			.refresh_repeat =
				(unsigned int)inst->garp_master_refresh_repeat,
			.lower_prio_delay_us = inst->garp_lower_prio_delay_us,
			.lower_prio_repeat =
				(unsigned int)inst->garp_lower_prio_repeat,
		},
	};
}
