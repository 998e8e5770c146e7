/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftables_ipvs: which services get which mark. */
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "ipvs-ctl/ipvs_conf_internal.h"

struct taken_mark {
	uint32_t mark;
	UT_hash_handle hh;
};

struct mark_giver {
	struct arena *arena;
	struct taken_mark *taken;
	uint32_t next;
};

static bool is_taken(const struct mark_giver *giver, uint32_t mark)
{
	struct taken_mark *taken;

	HASH_FIND(hh, giver->taken, &mark, sizeof(mark), taken);
	return taken != NULL;
}

static void take(struct mark_giver *giver, uint32_t mark)
{
	struct taken_mark *taken;

	if (!mark || is_taken(giver, mark))
		return;
	taken = arena_new_object(giver->arena, struct taken_mark);
	taken->mark = mark;
	HASH_ADD(hh, giver->taken, mark, sizeof(taken->mark), taken);
}

struct mark_giver *mark_giver_begin(
	const struct ipvs_conf *conf, struct arena *arena)
{
	struct mark_giver *giver = arena_new_object(arena, struct mark_giver);
	uint32_t i;
	uint32_t j;

	giver->arena = arena;
	giver->next = (uint32_t)conf->globals.marks.first;
	for (i = 0; i < conf->services.n; i++) {
		const struct ipvs_conf_service *service =
			conf->services.items[i];

		take(giver, service->fwmark);
	}
	for (i = 0; i < conf->groups.n; i++) {
		const struct ipvs_conf_group *group = conf->groups.items[i];

		for (j = 0; j < group->entries.n; j++) {
			const struct ipvs_conf_entry *entry =
				group->entries.items[j];

			take(giver, entry->fwmark);
		}
	}
	return giver;
}

void mark_giver_end(struct mark_giver *giver)
{
	if (giver)
		HASH_CLEAR(hh, giver->taken);
}

/* There are more marks than two configurations can have services. */
static uint32_t give(struct mark_giver *giver)
{
	while (!giver->next || is_taken(giver, giver->next))
		giver->next++;
	return giver->next++;
}

void mark_giver_mark(struct mark_giver *giver,
	struct ipvs_conf_service *service, struct arena *arena)
{
	size_t n = service->n_keys;
	struct table_key *keys = arena_alloc(arena, (n + 2) * sizeof(*keys));
	bool v4 = false;
	bool v6 = false;
	size_t kept = 0;
	size_t i;

	service->marked = arena_alloc(arena, n * sizeof(*keys));
	for (i = 0; i < n; i++) {
		const struct table_key *key = &service->keys[i];

		if (key->fwmark) {
			keys[kept++] = *key;
			continue;
		}
		v4 |= key->family == AF_INET;
		v6 |= key->family == AF_INET6;
		service->marked[service->n_marked++] = *key;
	}
	if (!service->n_marked)
		return;
	service->mark = give(giver);
	if (v4)
		table_key_fwmark(&keys[kept++], AF_INET, service->mark);
	if (v6)
		table_key_fwmark(&keys[kept++], AF_INET6, service->mark);
	service->keys = keys;
	service->n_keys = kept;
}

/* --- across a reload --- */

struct had_mark {
	const struct ipvs_conf_mark *had;
	UT_hash_handle hh;
};

/* The group's name with its protocol: each service of a group has its own. */
static char *name_mark(
	struct arena *arena, const char *group, int protocol)
{
	char *text = arena_alloc(arena, strlen(group) + 16);

	sprintf(text, "%d %s", protocol, group);
	return text;
}

static void change_mark(struct ipvs_conf_service *service, uint32_t mark)
{
	size_t i;

	for (i = 0; i < service->n_keys; i++)
		if (service->keys[i].fwmark == service->mark)
			service->keys[i].fwmark = mark;
	service->mark = mark;
}

/* The mark that SERVICE had and may keep; 0 = none. */
static uint32_t mark_before(struct mark_giver *giver,
	struct had_mark *index, const struct ipvs_conf_service *service,
	int64_t first)
{
	struct had_mark *found;
	char *name = name_mark(
		giver->arena, service->group_name, service->protocol);

	HASH_FIND_STR(index, name, found);
	if (!found || found->had->mark < first ||
		is_taken(giver, found->had->mark))
		return 0;
	return found->had->mark;
}

static struct had_mark *index_marks(struct arena *arena,
	const struct ipvs_conf_mark *had, size_t n)
{
	struct had_mark *index = NULL;
	struct had_mark *entry;
	char *name;
	size_t i;

	for (i = 0; i < n; i++) {
		name = name_mark(arena, had[i].group, had[i].protocol);
		HASH_FIND_STR(index, name, entry);
		if (entry)
			continue;
		entry = arena_new_object(arena, struct had_mark);
		entry->had = &had[i];
		HASH_ADD_KEYPTR(hh, index, name, strlen(name), entry);
	}
	return index;
}

void ipvs_conf_keep_marks(
	struct ipvs_conf *conf, const struct ipvs_conf_mark *had, size_t n)
{
	struct arena *arena = arena_new();
	struct mark_giver *giver = mark_giver_begin(conf, arena);
	struct had_mark *index = index_marks(arena, had, n);
	uint32_t *marks =
		arena_alloc(arena, (conf->services.n + 1) * sizeof(*marks));
	size_t i;

	for (i = 0; i < conf->services.n; i++) {
		const struct ipvs_conf_service *service =
			conf->services.items[i];

		marks[i] = service->mark ? mark_before(giver, index, service,
						   conf->globals.marks.first)
					 : 0;
	}
	/* Nobody gets what another one has until the reload is over. */
	for (i = 0; i < n; i++)
		take(giver, had[i].mark);
	for (i = 0; i < conf->services.n; i++) {
		struct ipvs_conf_service *service = conf->services.items[i];

		if (service->mark)
			change_mark(service, marks[i] ? marks[i] : give(giver));
	}
	HASH_CLEAR(hh, index);
	mark_giver_end(giver);
	arena_free(arena);
}
