/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration needs of this machine: its interfaces. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "config/diag.h"
#include "config/spelling.h"
#include "config/tree.h"
#include "lib/mem.h"
#include "vrrp/vrrp_conf.h"

/* The line that names it, or the block where it is inherited. */
static uint32_t line_of_interface(const struct conf_tree *tree, uint32_t node)
{
	conf_for_each_child(tree, node, child)
	{
		if (!strcmp(conf_node_keyword(tree, child), "interface"))
			return child;
	}
	return node;
}

/* "did you mean 'eth1'?" and what else there is to SAY, which may be "". */
static const char *interface_hint(
	const char *name, const char *say, char *buf, size_t size)
{
	struct if_nameindex *here = if_nameindex();
	struct spelling_guess guess = spelling_guess(name);

	for (const struct if_nameindex *i = here; i && i->if_index; i++)
		spelling_try(&guess, i->if_name);
	snprintf(buf, size, "%s%s%s%s%s", guess.meant ? "did you mean '" : "",
		guess.meant ? guess.meant : "", guess.meant ? "'?" : "",
		guess.meant && *say ? " " : "", say);
	if_freenameindex(here);
	return buf;
}

static void check_name(const struct conf_tree *tree, uint32_t node,
	const char *instance, const char *name, struct diag_list *diags)
{
	struct diag_place place = conf_node_place(tree, node);
	char hint[160];

	if (!name || if_nametoindex(name))
		return;
	diag_add(diags, DIAG_FATAL, DIAG_REFERENCE, &place, "interface",
		interface_hint(name,
			"'dynamic_interfaces' in global_defs waits for "
			"interfaces that come later",
			hint, sizeof(hint)),
		"instance '%s': interface '%s' does not exist here", instance,
		name);
}

/* May interfaces come later?  Binding all to learn that costs a tenth of
 * the whole check. */
static bool interfaces_may_come(const struct conf_tree *tree)
{
	conf_for_each_child(tree, 0, block)
	{
		if (strcmp(conf_node_keyword(tree, block), "global_defs"))
			continue;
		conf_for_each_child(tree, block, child)
		{
			if (!strcmp(conf_node_keyword(tree, child),
				    "dynamic_interfaces"))
				return true;
		}
	}
	return false;
}

/* A virtual-MAC interface of one of the instances? */
static bool is_made_by(const struct conf_list *instances, const char *dev)
{
	vrrp_conf_for_each(vrrp_instance_conf, inst, instances)
	{
		const char *prefix = inst->vmac.prefix ? inst->vmac.prefix
						       : "vrrp";

		if (inst->vmac.use == VRRP_VMAC_NONE)
			continue;
		if (inst->vmac.name ? !strcmp(inst->vmac.name, dev)
				    : !strncmp(dev, prefix, strlen(prefix)))
			return true;
	}
	return false;
}

static bool is_made(const struct vrrp_conf *conf, const char *dev)
{
	return is_made_by(&conf->instances, dev) ||
	       is_made_by(&conf->broken, dev);
}

/* Routes wait for their interfaces, so this is no more than a warning. */
static void check_routes(const struct conf_tree *tree,
	const struct vrrp_conf *conf, const struct conf_list *routes,
	struct diag_list *diags)
{
	char hint[64];

	vrrp_conf_for_each(vrrp_route_conf, route, routes)
	{
		struct diag_place place =
			conf_node_place(tree, route->object.node);

		if (route->dev && !if_nametoindex(route->dev) &&
			!is_made(conf, route->dev))
			diag_add(diags, DIAG_WARNING, DIAG_REFERENCE, &place,
				"dev",
				interface_hint(route->dev, "", hint,
					sizeof(hint)),
				"interface '%s' does not exist here: the route "
				"waits for it",
				route->dev);
	}
}

/* What is tracked is waited for; a misspelt one in vain.  Addresses bring
 * their interface, and those of virtual_ipaddress are told already, as are
 * routes. */
static void check_tracks(const struct conf_tree *tree,
	const struct vrrp_conf *conf, const struct conf_list *tracks,
	struct diag_list *diags)
{
	char hint[64];

	vrrp_conf_for_each(vrrp_track_conf, track, tracks)
	{
		struct diag_place place = conf_node_place(tree, track->node);
		const char *list = conf_node_keyword(
			tree, conf_node_parent(tree, track->node));

		if (track->kind != VRRP_TRACK_INTERFACE ||
			(strcmp(list, "track_interface") &&
				strcmp(list, "virtual_ipaddress_excluded")) ||
			if_nametoindex(track->name) ||
			is_made(conf, track->name))
			continue;
		diag_add(diags, DIAG_WARNING, DIAG_REFERENCE, &place, list,
			interface_hint(track->name, "", hint, sizeof(hint)),
			"interface '%s' does not exist here: it counts as down "
			"until it does",
			track->name);
	}
}

static void check_instances(const struct conf_tree *tree,
	const struct vrrp_conf *conf, const struct conf_list *instances,
	struct diag_list *diags)
{
	vrrp_conf_for_each(vrrp_instance_conf, inst, instances)
	{
		check_name(tree, line_of_interface(tree, inst->node),
			inst->name, inst->interface, diags);
		vrrp_conf_for_each(vrrp_address_conf, a, &inst->addresses)
			check_name(tree, a->node, inst->name, a->dev, diags);
		check_routes(tree, conf, &inst->routes, diags);
		check_tracks(tree, conf, &inst->tracks, diags);
	}
}

static void check_delays(const struct conf_tree *tree,
	const struct conf_list *delays, struct diag_list *diags)
{
	char hint[64];

	vrrp_conf_for_each(vrrp_delay_conf, delay, delays)
	{
		struct diag_place place = conf_node_place(tree, delay->node);

		if (!if_nametoindex(delay->interface))
			diag_add(diags, DIAG_WARNING, DIAG_REFERENCE, &place,
				delay->interface,
				interface_hint(delay->interface, "", hint,
					sizeof(hint)),
				"interface '%s' does not exist here",
				delay->interface);
	}
}

static bool has_error_at(
	struct diag_list *diags, const struct diag_place *place)
{
	for (size_t i = 0; i < diag_count(diags); i++) {
		const struct diag *diag = diag_get(diags, i);

		if (diag->severity != DIAG_WARNING &&
			diag->place.line == place->line &&
			!strcmp(diag->place.file, place->file))
			return true;
	}
	return false;
}

/* A name in a line that is wrong already may be no interface's. */
static void move_new(struct diag_list *from, struct diag_list *to)
{
	size_t n = diag_count(from);
	bool *told = x_new(bool, n);

	for (size_t i = 0; i < n; i++)
		told[i] = has_error_at(to, &diag_get(from, i)->place);
	for (size_t i = 0; i < n; i++) {
		const struct diag *diag = diag_get(from, i);

		if (!told[i])
			diag_add(to, diag->severity, diag->code, &diag->place,
				diag->keyword, diag->hint, "%s", diag->message);
	}
	x_free(told);
}

void vrrp_conf_check_present(
	const struct conf_tree *tree, struct diag_list *diags)
{
	struct conf_bind ctx = { .tree = tree };
	const struct vrrp_conf *conf;
	struct diag_list *missing;

	if (interfaces_may_come(tree))
		return;
	ctx.arena = arena_new();
	missing = diag_list_new();
	conf = conf_bind_root(&ctx, &vrrp_conf_root);
	check_delays(tree, &conf->delays, missing);
	check_routes(tree, conf, &conf->static_routes, missing);
	vrrp_conf_for_each(vrrp_group_conf, group, &conf->groups)
		check_tracks(tree, conf, &group->tracks, missing);
	check_instances(tree, conf, &conf->instances, missing);
	check_instances(tree, conf, &conf->broken, missing);
	move_new(missing, diags);
	diag_list_free(missing);
	arena_free(ctx.arena);
}
