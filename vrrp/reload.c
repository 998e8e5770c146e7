/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generations: what a new one would change, and making it the running one. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "config/generation.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "vrrp/bfd_role.h"
#include "vrrp/plan.h"
#include "vrrp/process_role.h"
#include "vrrp/shell.h"

struct vrrp_generation *vrrp_generation_ref(struct vrrp_generation *g)
{
	g->refs++;
	return g;
}

void vrrp_generation_unref(struct vrrp_generation *g)
{
	if (!g || --g->refs)
		return;
	arena_free(g->arena);
	conf_tree_free(g->tree);
	x_free(g);
}

static int generation_bind(
	int fd, uint32_t number, struct vrrp_generation **ret)
{
	struct vrrp_generation *g = x_new(struct vrrp_generation, 1);
	struct conf_bind ctx = { .diags = NULL };
	int err = conf_generation_open(fd, &g->tree);

	if (err) {
		x_free(g);
		return err;
	}
	g->refs = 1;
	g->number = number;
	g->arena = arena_new();
	ctx.tree = g->tree;
	ctx.arena = g->arena;
	g->conf = conf_bind_root(&ctx, &vrrp_conf_root);
	*ret = g;
	return 0;
}

/* --- prepare --- */

static char *missing_text(const struct vrrp_generation *g, uint32_t node,
	const char *subject, const char *interface, const char *what)
{
	struct diag_place place = conf_node_place(g->tree, node);

	return x_asprintf("%s:%u:%u: error: %s: interface %s %s [interface] "
			  "(hint: 'dynamic_interfaces' in global_defs waits "
			  "for interfaces that come later)",
		place.file ? place.file : "?", (unsigned int)place.line,
		(unsigned int)place.column, subject, interface, what);
}

static char *check_interface(const struct vrrp_role *role,
	const struct vrrp_generation *g, const struct vrrp_instance_conf *conf,
	uint32_t node, const char *name)
{
	const struct netlink_link *link =
		netlink_find_link_by_name(role->netlink, name);
	char *subject, *text = NULL;

	subject = x_asprintf("vrrp_instance %s", conf->name);
	if (!link && !g->conf->globals->dynamic_interfaces)
		text = missing_text(g, node, subject, name, "does not exist");
	else if (link && link->info.flags & IFF_LOOPBACK && conf->node == node)
		text = missing_text(g, node, subject, name,
			"is a loopback interface, which has no peers");
	x_free(subject);
	return text;
}

/* The first interface that is not there, or NULL. */
static char *check_interfaces(
	const struct vrrp_role *role, const struct vrrp_generation *g)
{
	char *text;

	vrrp_conf_for_each(vrrp_instance_conf, conf, &g->conf->instances)
	{
		if (conf->interface) {
			text = check_interface(
				role, g, conf, conf->node, conf->interface);
			if (text)
				return text;
		}
		vrrp_conf_for_each(vrrp_address_conf, a, &conf->addresses)
		{
			text = a->dev ? check_interface(
						role, g, conf, a->node, a->dev)
				      : NULL;
			if (text)
				return text;
		}
	}
	return NULL;
}

int vrrp_prepare(void *state, uint32_t generation, int fd, bool dry_run,
	struct json_object *plan, char **ret_error)
{
	struct vrrp_role *role = state;
	struct vrrp_generation *g;
	char *text;
	int err;

	(void)dry_run;
	vrrp_abort(role);
	netlink_read(role->netlink);
	err = generation_bind(fd, generation, &g);
	if (err)
		return err;
	text = check_interfaces(role, g);
	if (text) {
		vrrp_generation_unref(g);
		*ret_error = text;
		return -ENODEV;
	}
	vrrp_plan(role->running ? role->running->conf : NULL, g->conf, plan);
	vrrp_bfd_role_plan(role->running ? role->running->conf : NULL, g->conf,
		plan);
	role->prepared = g;
	return 0;
}

void vrrp_abort(void *state)
{
	struct vrrp_role *role = state;

	vrrp_generation_unref(role->prepared);
	role->prepared = NULL;
}

/* --- commit --- */

/* Gone from the configuration: it hands over in its own time. */
static void retire(struct vrrp_role *role, struct vrrp_instance *inst)
{
	if (inst->fsm.group)
		vrrp_group_remove(inst->fsm.group, &inst->fsm);
	HASH_DELETE(hh, role->instances, inst);
	DL_APPEND(role->retired, inst);
	vrrp_instance_shutdown(inst, REASON_RELOAD);
}

/* Makes room for another with the same name or VRID, at once. */
static void hurry(struct vrrp_instance *inst)
{
	if (inst->phase == VRRP_PHASE_RETIRING)
		vrrp_instance_shutdown(inst, REASON_RELOAD);
	vrrp_instance_close(inst);
}

static void retire_old(struct vrrp_role *role, struct vrrp_plan_index *index)
{
	const struct vrrp_instance_conf *conf;
	struct vrrp_instance *old, *next;

	/* What an earlier reload retired must not be in the way. */
	DL_FOREACH_SAFE (role->retired, old, next)
		hurry(old);
	vrrp_for_each_instance(role, inst)
	{
		conf = vrrp_plan_index_find(index, inst->name);
		if (conf && vrrp_plan_can_stay(inst->conf, conf))
			continue;
		log_info("%s: %s", inst->subject,
			conf ? "starts anew, as the reload changed what it is"
			     : "is no longer configured");
		inst->replaced = conf != NULL;
		/* It may linger, unless another takes its place, which then
		 * keeps the addresses that both have while it listens. */
		inst->hands_down =
			conf || vrrp_plan_index_has_router(index, inst->conf);
		retire(role, inst);
		if (inst->hands_down)
			hurry(inst);
	}
}

static void configure_all(
	struct vrrp_role *role, struct vrrp_generation *g, bool first_start)
{
	struct vrrp_instance *inst;

	role->has_owner = false;
	vrrp_links_define(role->links, &g->conf->delays);
	vrrp_tracker_begin(role->tracker, first_start);
	vrrp_conf_for_each(vrrp_instance_conf, conf, &g->conf->instances)
	{
		HASH_FIND_STR(role->instances, conf->name, inst);
		if (!inst) {
			inst = vrrp_instance_new(role, conf);
			HASH_ADD_KEYPTR(hh, role->instances, inst->name,
				strlen(inst->name), inst);
		}
		vrrp_instance_configure(inst, g, conf);
		role->has_owner |= conf->priority == VRRP_PRIORITY_OWNER;
	}
	/* Retired ones track nothing any more. */
	DL_FOREACH (role->retired, inst)
		inst->n_tracks = 0;
	vrrp_tracker_end(role->tracker);
}

static void define_statics(struct vrrp_role *role)
{
	const struct conf_list *list = &role->running->conf->static_addresses;
	struct vrrp_address_want *wants =
		x_new(struct vrrp_address_want, list->n);
	size_t n = 0;

	vrrp_conf_for_each(vrrp_address_conf, conf,
		list) vrrp_address_want_from_conf(role->netlink, conf,
		role->running->conf->globals->default_interface, &wants[n++]);
	vrrp_address_set_define(role->statics, wants, n, true);
	x_free(wants);
}

void vrrp_define_all_addresses(struct vrrp_role *role)
{
	struct vrrp_instance *inst;

	vrrp_addresses_begin(role->addresses);
	vrrp_for_each_instance(role, live) vrrp_instance_define_addresses(live);
	define_statics(role);
	/* Last: what a live one has too is not theirs any more. */
	DL_FOREACH (role->retired, inst)
		vrrp_instance_define_addresses(inst);
	vrrp_addresses_end(role->addresses);
	role->networks_epoch++;
	DL_FOREACH (role->retired, inst)
		if (inst->hands_down)
			vrrp_address_set_sync(inst->addresses, false);
	vrrp_address_set_sync(role->statics, true);
}

/* --- sync groups --- */

static struct vrrp_sync_group *group_get(
	struct vrrp_role *role, const char *name)
{
	struct vrrp_sync_group *group;

	HASH_FIND_STR(role->groups, name, group);
	if (group)
		return group;
	group = x_new(struct vrrp_sync_group, 1);
	group->name = x_strdup(name);
	group->subject = x_asprintf("group %s", name);
	vrrp_group_init(&group->core);
	group->core.user = group;
	HASH_ADD_KEYPTR(
		hh, role->groups, group->name, strlen(group->name), group);
	return group;
}

static struct vrrp_instance *find_instance(
	struct vrrp_role *role, const char *name)
{
	struct vrrp_instance *inst;

	HASH_FIND_STR(role->instances, name, inst);
	return inst;
}

static bool same_members(
	struct vrrp_role *role, const struct vrrp_sync_group *group)
{
	const struct conf_list *members = &group->conf->members;
	size_t i = 0;

	if (members->n != group->core.n_members)
		return false;
	vrrp_conf_for_each(vrrp_instance_conf, conf, members)
	{
		const struct vrrp_instance *inst =
			find_instance(role, conf->name);

		if (!inst || group->core.members[i++] != &inst->fsm)
			return false;
	}
	return true;
}

static void group_fill(struct vrrp_role *role, struct vrrp_sync_group *group)
{
	vrrp_conf_for_each(vrrp_instance_conf, conf, &group->conf->members)
	{
		struct vrrp_instance *inst = find_instance(role, conf->name);

		if (inst && !inst->fsm.group)
			vrrp_group_add(&group->core, &inst->fsm);
	}
}

static void group_free(struct vrrp_role *role, struct vrrp_sync_group *group)
{
	HASH_DELETE(hh, role->groups, group);
	vrrp_group_clear(&group->core);
	x_free(group->subject);
	x_free(group->name);
	x_free(group);
}

static void regroup(struct vrrp_role *role, const struct vrrp_conf *conf)
{
	struct vrrp_sync_group *group, *next;

	HASH_ITER (hh, role->groups, group, next)
		group->used = false;
	vrrp_conf_for_each(vrrp_group_conf, c, &conf->groups)
	{
		group = group_get(role, c->name);
		group->conf = c;
		group->used = true;
	}
	/* First all members leave, then all join: they may have moved. */
	HASH_ITER (hh, role->groups, group, next) {
		if (!group->used)
			group_free(role, group);
		else if (!same_members(role, group))
			vrrp_group_clear(&group->core);
	}
	HASH_ITER (hh, role->groups, group, next)
		if (!group->core.n_members)
			group_fill(role, group);
}

/* Groups settle with the next event of a member. */
static void nudge_groups(struct vrrp_role *role)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_TIMER };
	struct vrrp_sync_group *group, *next;

	HASH_ITER (hh, role->groups, group, next)
		if (group->core.n_members)
			vrrp_instance_event(
				group->core.members[0]->user, &event);
}

static void set_pace(struct vrrp_role *role, const struct vrrp_conf *conf)
{
	struct vrrp_announcer *announcer = role->announcer;
	struct vrrp_announce_group *group;

	vrrp_announcer_set_intervals(announcer, conf->globals->garp_interval_us,
		conf->globals->gna_interval_us);
	vrrp_announcer_clear_groups(announcer);
	vrrp_conf_for_each(vrrp_garp_group_conf, c, &conf->garp_groups)
	{
		group = vrrp_announcer_add_group(
			announcer, c->garp_interval_us, c->gna_interval_us);
		for (size_t i = 0; i < c->interfaces.n; i++)
			vrrp_announcer_group_interface(
				announcer, group, c->interfaces.items[i]);
	}
}

void vrrp_commit(void *state, uint32_t generation)
{
	struct vrrp_role *role = state;
	struct vrrp_generation *g = role->prepared, *old = role->running;
	struct vrrp_plan_index *index;

	if (!g || g->number != generation) {
		log_error("generation %u was not prepared",
			(unsigned int)generation);
		return;
	}
	index = vrrp_plan_index_new(g->conf);
	set_pace(role, g->conf);
	/* Those that go speak in the name of the old generation. */
	retire_old(role, index);
	vrrp_runs_set_generation(role->runs, generation);
	role->running = g;
	role->prepared = NULL;
	configure_all(role, g, !old && !role_predecessor_us(role->role));
	vrrp_bfd_role_apply(role, g->conf);
	vrrp_process_role_apply(role, g->conf);
	regroup(role, g->conf);
	role->settings_changed = true;
	vrrp_define_vmacs(role);
	vrrp_define_all_addresses(role);
	vrrp_define_filter(role);
	vrrp_define_all_routes(role);
	vrrp_checkpoint_finish(role);
	vrrp_vmac_role_finish(role);
	vrrp_for_each_instance(role, inst) vrrp_instance_apply(inst);
	vrrp_fib_sweep(role->fib);
	nudge_groups(role);
	if (old)
		vrrp_tell_states(role);
	vrrp_generation_unref(old);
	vrrp_plan_index_free(index);
	role_committed(role->role, generation);
	role_ready(role->role);
}
