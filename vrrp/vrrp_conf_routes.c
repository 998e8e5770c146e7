/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The blocks of routes and rules, track_group, and what follows from them for
 * instances. */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"
#include "vrrp/route_conf_internal.h"
#include "vrrp/vrrp_conf_internal.h"

/* --- lines, read when all globals are known --- */

void vrrp_conf_add_route(
	struct conf_bind *ctx, uint32_t node, struct conf_list *list)
{
	struct vrrp_route_conf *route =
		arena_new_object(ctx->arena, struct vrrp_route_conf);

	route->object.node = node;
	conf_list_add(ctx->arena, list, route);
}

void vrrp_conf_add_rule(
	struct conf_bind *ctx, uint32_t node, struct conf_list *list)
{
	struct vrrp_rule_conf *rule =
		arena_new_object(ctx->arena, struct vrrp_rule_conf);

	rule->object.node = node;
	conf_list_add(ctx->arena, list, rule);
}

static void read_routes(struct conf_bind *ctx, struct iproute_names *names,
	bool is_static, struct conf_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if (vrrp_route_read(ctx, names, is_static, list->items[i]))
			list->items[kept++] = list->items[i];
	list->n = (uint32_t)kept;
}

/* Rules without a preference are counted in the order of the file. */
struct rule_line {
	struct vrrp_rule_conf *rule;
	bool is_static;
	bool good;
};

static int compare_lines(const void *a, const void *b)
{
	const struct rule_line *x = a, *y = b;

	return x->rule->object.node < y->rule->object.node ? -1 : 1;
}

static void collect_rules(struct rule_line *lines, size_t *n,
	const struct conf_list *list, bool is_static)
{
	vrrp_conf_for_each(vrrp_rule_conf, rule, list)
		lines[(*n)++] = (struct rule_line){ rule, is_static, false };
}

/* A rule that was not good has no text. */
static void keep_good_rules(struct conf_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct vrrp_rule_conf *rule = list->items[i];

		if (rule->object.text)
			list->items[kept++] = list->items[i];
	}
	list->n = (uint32_t)kept;
}

static void read_rules(struct conf_bind *ctx, struct iproute_names *names,
	struct vrrp_conf *conf)
{
	size_t total = conf->static_rules.n, n = 0;
	struct vrrp_rule_order order;
	struct rule_line *lines;

	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
		total += inst->rules.n;
	lines = x_new(struct rule_line, total);
	collect_rules(lines, &n, &conf->static_rules, true);
	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
		collect_rules(lines, &n, &inst->rules, false);
	if (n)
		qsort(lines, n, sizeof(*lines), compare_lines);
	vrrp_rule_order_init(&order);
	for (size_t i = 0; i < n; i++)
		vrrp_rule_read(ctx, names, lines[i].is_static, &order,
			lines[i].rule);
	x_free(lines);
	keep_good_rules(&conf->static_rules);
	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
		keep_good_rules(&inst->rules);
}

/* --- what an instance tracks for its addresses, routes and rules --- */

static bool tracks_interface(
	const struct vrrp_instance_conf *inst, const char *dev)
{
	vrrp_conf_for_each(vrrp_track_conf, track, &inst->tracks)
	{
		if (track->kind == VRRP_TRACK_INTERFACE &&
			!strcmp(track->name, dev))
			return true;
	}
	return false;
}

/* Without the interface there is no address and no route.  The instance's own is looked
 * after anyway, and lo does not go. */
static void track_interface(struct conf_bind *ctx,
	struct vrrp_instance_conf *inst, const char *dev, uint32_t node)
{
	struct vrrp_track_conf *track;

	if (!dev || !*dev || !strcmp(dev, "lo") ||
		(inst->interface && !strcmp(dev, inst->interface)) ||
		tracks_interface(inst, dev))
		return;
	track = arena_new_object(ctx->arena, struct vrrp_track_conf);
	track->node = node;
	track->kind = VRRP_TRACK_INTERFACE;
	track->name = arena_strdup(ctx->arena, dev);
	conf_list_add(ctx->arena, &inst->tracks, track);
}

static void track_addresses(struct conf_bind *ctx,
	struct vrrp_instance_conf *inst, const struct conf_list *addresses)
{
	vrrp_conf_for_each(vrrp_address_conf, addr, addresses)
	{
		if (!addr->no_track)
			track_interface(ctx, inst, addr->dev, addr->node);
	}
}

static void track_own(struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	track_addresses(ctx, inst, &inst->addresses);
	track_addresses(ctx, inst, &inst->excluded);
	vrrp_conf_for_each(vrrp_route_conf, route, &inst->routes)
	{
		if (!route->object.no_track)
			track_interface(
				ctx, inst, route->dev, route->object.node);
	}
	vrrp_conf_for_each(vrrp_rule_conf, rule, &inst->rules)
	{
		if (!rule->object.no_track)
			track_interface(ctx, inst, rule->rule.iif,
				rule->object.node);
	}
}

/* --- track_group --- */

static void bind_member(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_track_group_conf *group = target;
	struct vrrp_member_conf *member =
		arena_new_object(ctx->arena, struct vrrp_member_conf);

	member->node = node;
	member->name = arena_strdup(
		ctx->arena, conf_node_keyword(ctx->tree, node));
	conf_list_add(ctx->arena, &group->member_names, member);
}

static void group_arguments(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_track_group_conf *group = target;

	group->node = node;
	group->name = vrrp_conf_block_name(ctx, node);
	conf_check_extra(ctx, node, 1);
}

static const struct conf_keyword group_keywords[] = {
	{ .name = "group", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_member, .args = "{ INSTANCE ... }",
		.doc = "The instances.",
		.example = "group { VI_1 VI_2 }" },
	{ .name = NULL },
};

const struct conf_block vrrp_conf_track_group = {
	.size = sizeof(struct vrrp_track_group_conf),
	.keywords = group_keywords,
	.arguments = group_arguments,
	.stray_words = "members of the group stand in 'group { NAME ... }'",
};

/* Borrowed objects by name. */
struct named {
	const char *name;
	void *object;
	UT_hash_handle hh;
};

static void *find_named(struct named *names, const char *name)
{
	struct named *found;

	HASH_FIND_STR(names, name, found);
	return found ? found->object : NULL;
}

/* Of two with one name, which is an error elsewhere, the first counts. */
static bool add_named(struct named **names, const char *name, void *object)
{
	struct named *item;

	if (find_named(*names, name))
		return false;
	item = x_new(struct named, 1);
	item->name = name;
	item->object = object;
	HASH_ADD_KEYPTR(hh, *names, name, strlen(name), item);
	return true;
}

static void free_named(struct named **names)
{
	struct named *item, *next;

	HASH_ITER (hh, *names, item, next) {
		HASH_DEL(*names, item);
		x_free(item);
	}
}

static void link_members(struct conf_bind *ctx, struct named *instances,
	struct vrrp_track_group_conf *group)
{
	vrrp_conf_for_each(vrrp_member_conf, member, &group->member_names)
	{
		struct vrrp_instance_conf *inst =
			find_named(instances, member->name);

		if (!inst) {
			conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE,
				member->node, -1, NULL,
				"there is no vrrp_instance '%s'",
				member->name);
			continue;
		}
		conf_list_add(ctx->arena, &group->members, inst);
		conf_list_add(ctx->arena, &inst->track_groups, group);
	}
	if (!group->member_names.n)
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD,
			group->node, -1, "group { INSTANCE ... }",
			"track_group '%s' has no members", group->name);
}

/* The group of a static object; its members track DEV. */
static void join_group(struct conf_bind *ctx, struct named *groups,
	struct vrrp_object_conf *object, const char *dev)
{
	const char *name = object->group_name;

	if (!name)
		return;
	object->group = find_named(groups, name);
	if (!object->group) {
		conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE, object->node, -1,
			"define it: track_group NAME { group { INSTANCE } }",
			"there is no track_group '%s'", name);
		return;
	}
	vrrp_conf_for_each(
		vrrp_instance_conf, inst, &object->group->members)
		track_interface(ctx, inst, dev, object->node);
}

static void link_groups(
	struct conf_bind *ctx, struct vrrp_conf *conf, struct named **groups)
{
	struct named *instances = NULL;

	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
		add_named(&instances, inst->name, inst);
	vrrp_conf_for_each(vrrp_track_group_conf, group, &conf->track_groups)
	{
		if (add_named(groups, group->name, group))
			link_members(ctx, instances, group);
		else
			conf_report(ctx, DIAG_ERROR, DIAG_DUPLICATE,
				group->node, 0, NULL,
				"the name '%s' is used twice", group->name);
	}
	free_named(&instances);
}

static void link_statics(struct conf_bind *ctx, struct vrrp_conf *conf)
{
	struct named *groups = NULL;

	link_groups(ctx, conf, &groups);
	vrrp_conf_for_each(vrrp_route_conf, route, &conf->static_routes)
		join_group(ctx, groups, &route->object, route->dev);
	vrrp_conf_for_each(vrrp_rule_conf, rule, &conf->static_rules)
		join_group(ctx, groups, &rule->object, rule->rule.iif);
	vrrp_conf_for_each(vrrp_address_conf, addr, &conf->static_addresses)
	{
		struct vrrp_object_conf object = { .node = addr->node,
			.group_name = addr->track_group };

		join_group(ctx, groups, &object,
			addr->dev ? addr->dev
				  : conf->globals->default_interface);
	}
	free_named(&groups);
}

/* track_group is a word of static addresses only. */
static void check_virtual(
	struct conf_bind *ctx, const struct conf_list *addresses)
{
	vrrp_conf_for_each(vrrp_address_conf, addr, addresses)
	{
		if (addr->track_group)
			conf_report(ctx, DIAG_WARNING, DIAG_IGNORED, addr->node,
				-1, NULL,
				"track_group is for static addresses; this "
				"one is tracked anyway");
	}
}

void vrrp_conf_read_routes(struct conf_bind *ctx, struct vrrp_conf *conf)
{
	struct iproute_names *names =
		iproute_names_new(conf->globals->iproute_usr_dir,
			conf->globals->iproute_etc_dir);

	read_routes(ctx, names, true, &conf->static_routes);
	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
		read_routes(ctx, names, false, &inst->routes);
	read_rules(ctx, names, conf);
	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
	{
		track_own(ctx, inst);
		check_virtual(ctx, &inst->addresses);
		check_virtual(ctx, &inst->excluded);
	}
	link_statics(ctx, conf);
	iproute_names_free(names);
}
