/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What instances, groups and scripts say about each other, and what two of
 * them cannot have in common. */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "vrrp/vrrp_conf_internal.h"

/* --- names --- */

/* Names of one kind; objects are borrowed. */
struct named {
	const char *name;
	void *object;
	uint32_t node;
	UT_hash_handle hh;
};

static void *find_named(struct named *names, const char *name)
{
	struct named *found;

	HASH_FIND_STR(names, name, found);
	return found ? found->object : NULL;
}

/* False when the name is used already, which was reported. */
static bool add_named(struct conf_bind *ctx, struct named **names,
	const char *name, void *object, uint32_t node)
{
	struct named *found;

	HASH_FIND_STR(*names, name, found);
	if (found) {
		conf_report(ctx, DIAG_ERROR, DIAG_DUPLICATE, node, 0, NULL,
			"the name '%s' is used twice, first in line %u", name,
			conf_node_place(ctx->tree, found->node).line);
		return false;
	}
	found = x_new(struct named, 1);
	found->name = name;
	found->object = object;
	found->node = node;
	HASH_ADD_KEYPTR(hh, *names, name, strlen(name), found);
	return true;
}

/* As keepalived: of two with one name the first counts.  Nothing more is said
 * about the second. */
#define NAME_ALL(ctx, names, type, list)                                       \
	do {                                                                   \
		struct conf_list *list_ = (list);                              \
		uint32_t kept_ = 0;                                            \
		for (uint32_t i_ = 0; i_ < list_->n; i_++) {                   \
			struct type *item_ = list_->items[i_];                 \
			if (add_named((ctx), (names), item_->name, item_,      \
				    item_->node))                              \
				list_->items[kept_++] = item_;                 \
		}                                                              \
		list_->n = kept_;                                              \
	} while (0)

static void free_named(struct named **names)
{
	struct named *item;
	struct named *next;

	HASH_ITER (hh, *names, item, next) {
		HASH_DEL(*names, item);
		x_free(item);
	}
}

/* --- tracked scripts and files --- */

struct trackable {
	struct named *scripts;
	struct named *files;
	struct named *bfds;
	struct named *processes;
};

static void report_unknown(struct conf_bind *ctx,
	const struct vrrp_track_conf *track, const char *block,
	const char *hint)
{
	conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE, track->node, -1, hint,
		"there is no %s '%s'", block, track->name);
}

static void inherit(struct vrrp_track_conf *track, int64_t weight, bool reverse)
{
	if (!track->has_weight)
		track->weight = (int)weight;
	if (!track->has_reverse)
		track->reverse = reverse;
}

/* False when there is nothing to track, which was reported. */
static bool link_script(struct conf_bind *ctx, struct named *scripts,
	struct vrrp_track_conf *track)
{
	track->script = find_named(scripts, track->name);
	if (!track->script) {
		report_unknown(ctx, track, "vrrp_script",
			"define it: vrrp_script NAME { script \"COMMAND\" }");
		return false;
	}
	inherit(track, track->script->weight, track->script->reverse);
	/* Reported with the script itself. */
	return track->script->script.node != 0;
}

static bool link_file(struct conf_bind *ctx, struct named *files,
	struct vrrp_track_conf *track)
{
	track->file = find_named(files, track->name);
	if (!track->file) {
		report_unknown(ctx, track, "track_file",
			"define it: track_file NAME { file PATH }");
		return false;
	}
	inherit(track, track->file->weight, track->file->reverse);
	return track->file->path != NULL;
}

static bool link_bfd(struct conf_bind *ctx, struct named *bfds,
	struct vrrp_track_conf *track)
{
	track->bfd = find_named(bfds, track->name);
	if (!track->bfd) {
		report_unknown(ctx, track, "bfd_instance",
			"define it: bfd_instance NAME { neighbor_ip ADDRESS }");
		return false;
	}
	if (!track->bfd->for_vrrp)
		conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE, track->node, -1,
			"write 'vrrp' in the bfd_instance, too",
			"bfd_instance '%s' is for health checks only",
			track->name);
	inherit(track, track->bfd->weight, track->bfd->reverse);
	return track->bfd->for_vrrp && !track->bfd->broken;
}

static bool link_process(struct conf_bind *ctx, struct named *processes,
	struct vrrp_track_conf *track)
{
	track->process = find_named(processes, track->name);
	if (!track->process) {
		report_unknown(ctx, track, "vrrp_track_process",
			"define it: vrrp_track_process NAME { process NAME }");
		return false;
	}
	inherit(track, track->process->weight, track->process->reverse);
	return track->process->rule.name != NULL;
}

static bool link_track(struct conf_bind *ctx, const struct trackable *names,
	struct vrrp_track_conf *track)
{
	switch (track->kind) {
	case VRRP_TRACK_INTERFACE:
		return true;
	case VRRP_TRACK_SCRIPT:
		return link_script(ctx, names->scripts, track);
	case VRRP_TRACK_FILE:
		return link_file(ctx, names->files, track);
	case VRRP_TRACK_PROCESS:
		return link_process(ctx, names->processes, track);
	case VRRP_TRACK_BFD:
		return link_bfd(ctx, names->bfds, track);
	}
	return false;
}

static void link_tracks(struct conf_bind *ctx, const struct trackable *names,
	struct conf_list *tracks)
{
	struct conf_list kept = { .n = 0 };

	vrrp_conf_for_each(vrrp_track_conf, track, tracks)
	{
		if (link_track(ctx, names, track))
			conf_list_add(ctx->arena, &kept, track);
	}
	*tracks = kept;
}

/* --- sync groups --- */

static int compare_tracks(const void *a, const void *b)
{
	const struct vrrp_track_conf *const *x = a;
	const struct vrrp_track_conf *const *y = b;

	if ((*x)->kind != (*y)->kind)
		return (*x)->kind < (*y)->kind ? -1 : 1;
	return strcmp((*x)->name, (*y)->name);
}

/* An instance tracks what its group tracks, but nothing twice; what it says
 * itself counts. */
static void add_group_tracks(struct conf_bind *ctx,
	struct vrrp_instance_conf *inst, const struct vrrp_group_conf *group)
{
	size_t n = inst->tracks.n;
	void **own = x_new(void *, n + 1);

	if (n)
		memcpy(own, inst->tracks.items, n * sizeof(*own));
	qsort(own, n, sizeof(*own), compare_tracks);
	for (size_t i = 0; i < group->tracks.n; i++)
		if (!bsearch(&group->tracks.items[i], own, n, sizeof(*own),
			    compare_tracks))
			conf_list_add(ctx->arena, &inst->tracks,
				group->tracks.items[i]);
	x_free(own);
}

static void join_group(struct conf_bind *ctx, struct vrrp_group_conf *group,
	struct vrrp_instance_conf *inst, uint32_t node)
{
	if (inst->group) {
		conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, node, -1, NULL,
			"instance '%s' is in group '%s' already", inst->name,
			inst->group->name);
		return;
	}
	inst->group = group;
	inst->ignore_weights = !group->tracking_weight;
	conf_list_add(ctx->arena, &group->members, inst);
	add_group_tracks(ctx, inst, group);
}

/* The order in which all routers of a group agree (vrrp/group.h). */
static int compare_members(const void *a, const void *b)
{
	const struct vrrp_instance_conf *const *x = a;
	const struct vrrp_instance_conf *const *y = b;

	if ((*x)->vrid != (*y)->vrid)
		return (*x)->vrid < (*y)->vrid ? -1 : 1;
	if ((*x)->family != (*y)->family)
		return (*x)->family < (*y)->family ? -1 : 1;
	return strcmp((*x)->name, (*y)->name);
}

/* Members of different priority pull the group to and fro. */
static void check_priorities(
	struct conf_bind *ctx, const struct vrrp_group_conf *group)
{
	const struct vrrp_instance_conf *first;

	if (group->members.n < 2 || group->tracking_weight)
		return;
	first = group->members.items[0];
	vrrp_conf_for_each(vrrp_instance_conf, inst, &group->members)
	{
		if (inst->priority == first->priority)
			continue;
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
			vrrp_conf_child(ctx, inst->node, "priority"), -1,
			"give all members the same priority",
			"'%s' and '%s' of group '%s' differ in priority: the "
			"group may not settle",
			first->name, inst->name, group->name);
		return;
	}
}

static void link_group(struct conf_bind *ctx, struct named *instances,
	struct vrrp_group_conf *group)
{
	vrrp_conf_for_each(vrrp_member_conf, member, &group->member_names)
	{
		struct vrrp_instance_conf *inst =
			find_named(instances, member->name);

		if (inst)
			join_group(ctx, group, inst, member->node);
		else
			conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE,
				member->node, -1, NULL,
				"there is no vrrp_instance '%s'", member->name);
	}
	if (group->members.n > 1)
		qsort(group->members.items, group->members.n,
			sizeof(*group->members.items), compare_members);
	check_priorities(ctx, group);
	/* Others were named, and that they are not there was told. */
	if (group->members.n == 1 && group->member_names.n == 1)
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT, group->node, 0,
			NULL, "group '%s' has one member only", group->name);
	/* Names without `group` around them were reported one by one. */
	if (!group->members.n && !group->member_names.n &&
		conf_node_first_child(ctx->tree, group->node) == CONF_NODE_NONE)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, group->node,
			-1, "group { INSTANCE ... }",
			"group '%s' has no members", group->name);
}

/* --- VRIDs --- */

/* One virtual router is a family, an interface, a multicast group and a VRID;
 * routers of the same peers are told apart by their source. */
struct router_key {
	int64_t vrid;
	struct ip_addr address; /* group, or source of unicast */
	int family;
	char interface[IF_NAMESIZE];
};

struct router {
	struct router_key key;
	const struct vrrp_instance_conf *inst;
	UT_hash_handle hh;
};

static void router_key_fill(
	struct router_key *key, const struct vrrp_instance_conf *inst)
{
	const struct ip_addr *address =
		inst->unicast ? &inst->source : &inst->mcast_group;

	memset(key, 0, sizeof(*key));
	key->vrid = inst->vrid;
	key->family = inst->family;
	if (ip_addr_is_set(address)) {
		key->address.family = address->family;
		memcpy(key->address.bytes, address->bytes,
			ip_family_bytes(address->family));
	}
	if (inst->interface)
		strncpy(key->interface, inst->interface,
			sizeof(key->interface) - 1);
}

static void free_routers(struct router **routers)
{
	struct router *item;
	struct router *next;

	HASH_ITER (hh, *routers, item, next) {
		HASH_DEL(*routers, item);
		x_free(item);
	}
}

static void check_vrid(struct conf_bind *ctx, struct router **routers,
	struct vrrp_instance_conf *inst)
{
	const struct vrrp_instance_conf *other;
	struct router *router;
	struct router_key key;
	struct diag_place place;

	if (!inst->vrid)
		return;
	router_key_fill(&key, inst);
	HASH_FIND(hh, *routers, &key, sizeof(key), router);
	if (!router) {
		router = x_new(struct router, 1);
		router->key = key;
		router->inst = inst;
		HASH_ADD(hh, *routers, key, sizeof(key), router);
		return;
	}
	other = router->inst;
	place = conf_node_place(ctx->tree,
		vrrp_conf_child(ctx, other->node, "virtual_router_id"));
	conf_report(ctx, DIAG_FATAL, DIAG_DUPLICATE,
		vrrp_conf_child(ctx, inst->node, "virtual_router_id"), 0,
		"choose a number that no other router on this network has",
		"VRID %lld is used by instance '%s' on %s already (%s:%u)",
		(long long)inst->vrid, other->name,
		inst->interface ? inst->interface : "its peers", place.file,
		place.line);
}

/* --- what cannot run --- */

static void check_owner_weights(
	struct conf_bind *ctx, const struct vrrp_instance_conf *inst)
{
	if (inst->priority != VRRP_PRIORITY_OWNER)
		return;
	vrrp_conf_for_each(vrrp_track_conf, track, &inst->tracks)
	{
		if (track->weight)
			conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
				track->node, -1, NULL,
				"the priority of an address owner (255) never "
				"changes");
	}
}

/* Who goes on in spite of errors goes on without these. */
static bool can_run(const struct vrrp_instance_conf *inst)
{
	return inst->vrid &&
	       (inst->interface ? strcmp(inst->interface, "lo") != 0
				: inst->unicast);
}

/* BROKEN gets them, or is NULL. */
static void drop_broken(struct conf_bind *ctx, struct conf_list *instances,
	struct conf_list *broken)
{
	size_t kept = 0;

	for (size_t i = 0; i < instances->n; i++)
		if (can_run(instances->items[i]))
			instances->items[kept++] = instances->items[i];
		else if (broken)
			conf_list_add(ctx->arena, broken, instances->items[i]);
	instances->n = kept;
}

/* As keepalived: a script without a command is removed, and who tracks it
 * tracks nothing. */
static void drop_empty_scripts(struct vrrp_conf *conf)
{
	size_t kept = 0;

	for (size_t i = 0; i < conf->scripts.n; i++) {
		const struct vrrp_script_conf *script = conf->scripts.items[i];

		if (script->script.node)
			conf->scripts.items[kept++] = conf->scripts.items[i];
	}
	conf->scripts.n = kept;
}

static void drop_broken_processes(struct conf_list *processes)
{
	size_t kept = 0;

	for (size_t i = 0; i < processes->n; i++) {
		const struct vrrp_process_conf *process = processes->items[i];

		if (process->rule.name && !process->broken)
			processes->items[kept++] = processes->items[i];
	}
	processes->n = (uint32_t)kept;
}

void vrrp_conf_link(struct conf_bind *ctx, struct vrrp_conf *conf)
{
	struct trackable names = { NULL, NULL, NULL, NULL };
	struct named *instances = NULL;
	struct named *groups = NULL;
	struct router *routers = NULL;

	NAME_ALL(ctx, &names.scripts, vrrp_script_conf, &conf->scripts);
	NAME_ALL(ctx, &names.files, vrrp_file_conf, &conf->files);
	NAME_ALL(ctx, &instances, vrrp_instance_conf, &conf->instances);
	NAME_ALL(ctx, &groups, vrrp_group_conf, &conf->groups);
	vrrp_conf_for_each(vrrp_bfd_conf, bfd, &conf->bfds)
		bfd->broken |= !add_named(
			ctx, &names.bfds, bfd->name, bfd, bfd->node);
	vrrp_conf_for_each(vrrp_process_conf, process, &conf->processes)
		process->broken = !add_named(ctx, &names.processes,
			process->name, process, process->node);
	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
	{
		link_tracks(ctx, &names, &inst->tracks);
		check_vrid(ctx, &routers, inst);
	}
	vrrp_conf_for_each(vrrp_group_conf, group, &conf->groups)
	{
		link_tracks(ctx, &names, &group->tracks);
		link_group(ctx, instances, group);
	}
	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
		check_owner_weights(ctx, inst);
	vrrp_conf_check_vmacs(ctx, conf);
	drop_empty_scripts(conf);
	vrrp_conf_settle_bfds(ctx, &conf->bfds);
	drop_broken_processes(&conf->processes);
	drop_broken(ctx, &conf->instances, &conf->broken);
	vrrp_conf_for_each(vrrp_group_conf, group, &conf->groups)
		drop_broken(ctx, &group->members, NULL);
	free_named(&names.scripts);
	free_named(&names.files);
	free_named(&names.bfds);
	free_named(&names.processes);
	free_named(&instances);
	free_named(&groups);
	free_routers(&routers);
}
