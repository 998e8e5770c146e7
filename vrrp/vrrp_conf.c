/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The root of VRRP's view of the language. */
#include "vrrp/vrrp_conf.h"

#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/vrrp_conf_internal.h"

#define AT(field) .offset = offsetof(struct vrrp_conf, field)

const char *vrrp_conf_block_name(struct conf_bind *ctx, uint32_t node)
{
	const char *name = conf_node_arg(ctx->tree, node, 0);

	if (name)
		return arena_strdup(ctx->arena, name);
	conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1, NULL,
		"the block needs a name");
	return "";
}

uint32_t vrrp_conf_child(
	const struct conf_bind *ctx, uint32_t node, const char *keyword)
{
	uint32_t found = node;

	conf_for_each_child(ctx->tree, node, child)
	{
		if (!strcmp(conf_node_keyword(ctx->tree, child), keyword))
			found = child;
	}
	return found;
}

/* A line of static_ipaddress. */
static void bind_static_address(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_conf *conf = target;
	struct vrrp_address_conf *addr = vrrp_conf_read_address(ctx, node);

	if (addr)
		conf_list_add(ctx->arena, &conf->static_addresses, addr);
}

static void bind_static_route(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_conf *conf = target;

	vrrp_conf_add_route(ctx, node, &conf->static_routes);
}

static void bind_static_rule(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_conf *conf = target;

	vrrp_conf_add_rule(ctx, node, &conf->static_rules);
}

static const struct conf_keyword root_keywords[] = {
	{ .name = "global_defs", .type = CONF_BLOCK, .flags = CONF_SHARED,
		AT(globals), .block = &vrrp_conf_globals,
		.doc = "Settings of the whole." },
	{ .name = "vrrp_instance", .type = CONF_BLOCK, .flags = CONF_MULTI,
		AT(instances), .block = &vrrp_conf_instance, .args = "NAME",
		.doc = "One virtual router: its addresses move together "
		       "between the directors." },
	{ .name = "vrrp_sync_group", .type = CONF_BLOCK, .flags = CONF_MULTI,
		AT(groups), .block = &vrrp_conf_group, .args = "NAME",
		.doc = "Instances that change state together." },
	{ .name = "vrrp_script", .type = CONF_BLOCK, .flags = CONF_MULTI,
		AT(scripts), .block = &vrrp_conf_script, .args = "NAME",
		.doc = "A script that is run regularly and tracked." },
	{ .name = "vrrp_track_process", .type = CONF_BLOCK,
		.flags = CONF_MULTI, AT(processes),
		.block = &vrrp_conf_track_process, .args = "NAME",
		.doc = "Processes whose existence is tracked." },
	{ .name = "track_file", .type = CONF_BLOCK, .flags = CONF_MULTI,
		AT(files), .block = &vrrp_conf_track_file, .args = "NAME",
		.doc = "A file that holds a number, which is tracked." },
	{ .name = "vrrp_track_file", .type = CONF_BLOCK, .flags = CONF_MULTI,
		AT(files), .block = &vrrp_conf_track_file, .args = "NAME",
		.doc = "Old name of track_file." },
	{ .name = "bfd_instance", .type = CONF_BLOCK, .flags = CONF_MULTI,
		AT(bfds), .block = &vrrp_conf_bfd, .args = "NAME",
		.doc = "A BFD session with a neighbour (RFC 5880)." },
	{ .name = "garp_group", .type = CONF_BLOCK, .flags = CONF_MULTI,
		AT(garp_groups), .block = &vrrp_conf_garp_group, .args = "",
		.doc = "Interfaces that share one pace of announcements." },
	{ .name = "track_group", .type = CONF_BLOCK, .flags = CONF_MULTI,
		AT(track_groups), .block = &vrrp_conf_track_group,
		.args = "NAME",
		.doc = "Instances that are in FAULT when a static address, "
		       "route or rule of this track_group is lost." },
	{ .name = "static_ipaddress", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_static_address,
		.args = "{ ADDRESS[/LENGTH] dev INTERFACE ... }",
		.doc = "Addresses that are there whatever VRRP does." },
	{ .name = "static_routes", .type = CONF_LIST,
		.flags = CONF_MULTI | CONF_ORDERED,
		.bind = bind_static_route, .args = "{ ROUTE ... }",
		.doc = "Routes that are there whatever VRRP does, as 'ip "
		       "route add' has them, and track_group NAME.",
		.example = "static_routes { 192.0.2.0/24 via 10.0.0.254 dev "
			   "eth0 }" },
	{ .name = "static_rules", .type = CONF_LIST,
		.flags = CONF_MULTI | CONF_ORDERED,
		.bind = bind_static_rule, .args = "{ RULE ... }",
		.doc = "Routing rules that are there whatever VRRP does, as "
		       "'ip rule add' has them, and track_group NAME.",
		.example = "static_rules { from 192.0.2.0/24 table 100 "
			   "preference 1000 }" },
	{ .name = "interface_up_down_delays", .type = CONF_LIST,
		.flags = CONF_MULTI, .bind = vrrp_conf_bind_delay,
		.args = "{ INTERFACE DOWN [UP] ... }",
		.doc = "Changes of a link count only after so many seconds, "
		       "0 to 255; UP is as DOWN when not set. DOWN is cut "
		       "to what the instances on the interface allow.",
		.example = "interface_up_down_delays { eth0 0.5 2 }" },
	{ .name = "linkbeat_interfaces", .type = CONF_CUSTOM,
		.flags = CONF_IGNORED | CONF_MULTI,
		.args = "{ INTERFACE ... }",
		.doc = "Poll the state of these links; the kernel tells it." },
	{ .name = "linkbeat_use_polling", .type = CONF_CUSTOM,
		.flags = CONF_IGNORED, .args = "",
		.doc = "Poll the state of all links; the kernel tells it." },
	{ .name = NULL },
};

static void finish_root(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct vrrp_conf *conf = target;

	(void)node;
	(void)parent;
	if (!conf->globals) {
		conf->globals = arena_new_object(
			ctx->arena, struct vrrp_globals_conf);
		vrrp_conf_globals_init(conf->globals, NULL);
		vrrp_conf_globals_settle(conf->globals);
	}
	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
		vrrp_conf_resolve_instance(ctx, conf->globals, inst);
	vrrp_conf_read_routes(ctx, conf);
	vrrp_conf_link(ctx, conf);
	vrrp_conf_link_delays(ctx, conf);
	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
		vrrp_conf_fill_fsm(conf->globals, inst);
}

const struct conf_block vrrp_conf_root = {
	.size = sizeof(struct vrrp_conf),
	.keywords = root_keywords,
	.finish = finish_root,
};
