/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftables_ipvs: which services get which mark. */
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

/* There are more marks than a configuration can have services. */
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
