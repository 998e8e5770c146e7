/* SPDX-License-Identifier: GPL-2.0-or-later */
/* garp_group: interfaces that share one pace of announcements. */
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/vrrp_conf_internal.h"

#define AT(field) .offset = offsetof(struct vrrp_garp_group_conf, field)
#define INTERVAL_MAX_US (3600 * USEC_PER_SEC)

static void add_interface(struct conf_bind *ctx,
	struct vrrp_garp_group_conf *group, const char *name)
{
	conf_list_add(
		ctx->arena, &group->interfaces, arena_strdup(ctx->arena, name));
}

static void bind_interface(struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *name = conf_node_arg(ctx->tree, node, 0);

	if (name)
		add_interface(ctx, target, name);
	else
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1,
			"interface INTERFACE", "the interface is missing");
}

/* Several names on a line are several interfaces. */
static void bind_interfaces(struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *word = conf_node_keyword(ctx->tree, node);

	for (uint32_t i = 0; word; word = conf_node_arg(ctx->tree, node, i++))
		add_interface(ctx, target, word);
}

#define EXTRA_MAX_US (86400 * USEC_PER_SEC)

static void read_extra(struct conf_bind *ctx, uint32_t node, int64_t min_us,
	struct vrrp_extra_garp_conf *extra)
{
	const char *word = conf_node_arg(ctx->tree, node, 0);
	bool all = word && !strcmp(word, "all");
	int64_t interval_us;

	if (conf_arg_time(ctx, node, all, min_us, EXTRA_MAX_US, &interval_us) <
		0)
		return;
	conf_check_extra(ctx, node, all ? 2 : 1);
	extra->all = all;
	extra->interval_us = interval_us;
}

void vrrp_conf_bind_extra_garp(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	read_extra(ctx, node, 0, &inst->extra_garp);
}

void vrrp_conf_bind_extra_garp_global(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_globals_conf *globals = target;

	read_extra(ctx, node, USEC_PER_SEC, &globals->extra_garp);
}

static const struct conf_keyword keywords[] = {
	{ .name = "garp_interval", .type = CONF_TIME, AT(garp_interval_us),
		.min = 0, .max = INTERVAL_MAX_US, .args = "SECONDS",
		.doc = "Time between two gratuitous ARPs on any of the "
		       "interfaces; vrrp_garp_interval when not set." },
	{ .name = "gna_interval", .type = CONF_TIME, AT(gna_interval_us),
		.min = 0, .max = INTERVAL_MAX_US, .args = "SECONDS",
		.doc = "Time between two unsolicited NAs on any of the "
		       "interfaces; vrrp_gna_interval when not set." },
	{ .name = "interface", .type = CONF_CUSTOM, .flags = CONF_MULTI,
		.bind = bind_interface, .args = "INTERFACE",
		.doc = "One of the interfaces." },
	{ .name = "interfaces", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_interfaces, .args = "{ INTERFACE ... }",
		.doc = "The interfaces that share the pace." },
	{ .name = NULL },
};

static void init(void *target, const void *parent)
{
	struct vrrp_garp_group_conf *group = target;

	(void)parent;
	group->garp_interval_us = VRRP_CONF_UNSET;
	group->gna_interval_us = VRRP_CONF_UNSET;
}

static void finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct vrrp_garp_group_conf *group = target;

	(void)parent;
	group->node = node;
	if (!group->interfaces.n)
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD, node, -1,
			"interface INTERFACE",
			"the garp_group names no interface");
}

const struct conf_block vrrp_conf_garp_group = {
	.size = sizeof(struct vrrp_garp_group_conf),
	.keywords = keywords,
	.init = init,
	.finish = finish,
};
