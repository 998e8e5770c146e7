/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/check_diff.h"

#include <stdlib.h>

#include "lib/mem.h"

/* A set's entries under another key than their id. */
struct key {
	struct check_id id;
	size_t entry;
};

struct keys {
	struct key *items;
	size_t n;
};

static int compare_keys(const void *a, const void *b)
{
	const struct key *x = a;
	const struct key *y = b;
	int order = check_id_compare(&x->id, &y->id);

	return order ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

static int compare_key_id(const void *a, const void *b)
{
	const struct key *x = a;
	const struct key *y = b;

	return check_id_compare(&x->id, &y->id);
}

/* What OLD and NEW must have in common for FATE. */
static struct check_id key_of(
	const struct check_config *config, enum check_fate fate)
{
	struct buf_writer w = { .data = NULL };
	struct check_id id;

	if (fate == CHECK_RETIMED)
		check_config_identity(config, false, &w);
	else
		check_config_place(config, &w);
	id = check_id_of(&w);
	buf_writer_free(&w);
	return id;
}

static struct keys make_keys(const struct check_set *old, const bool *kept,
	enum check_fate fate)
{
	struct keys keys = { .items = x_new(struct key, old->n_entries) };
	size_t i;

	for (i = 0; i < old->n_entries; i++) {
		if (kept[i])
			continue;
		keys.items[keys.n].id = key_of(old->entries[i].config, fate);
		keys.items[keys.n++].entry = i;
	}
	qsort(keys.items, keys.n, sizeof(*keys.items), compare_keys);
	return keys;
}

/* Both sets are sorted by id. */
static void match_same(const struct check_set *old,
	const struct check_set *set, struct check_diff *diff)
{
	size_t i = 0;
	size_t k = 0;

	while (i < old->n_entries && k < set->n_entries) {
		int order = check_id_compare(
			&old->entries[i].id, &set->entries[k].id);

		if (order < 0) {
			i++;
		} else if (order > 0) {
			k++;
		} else {
			diff->changes[k].fate = CHECK_KEPT;
			diff->changes[k++].old = i;
			diff->claimed[i++] = true;
		}
	}
}

/* Several new checks may descend from one old check. */
static void match_by(const struct check_set *old, const struct check_set *set,
	struct check_diff *diff, const bool *kept, enum check_fate fate)
{
	struct keys keys = make_keys(old, kept, fate);
	size_t i;

	for (i = 0; keys.n && i < set->n_entries; i++) {
		const struct key *found;
		struct key key;

		if (diff->changes[i].fate != CHECK_NEW)
			continue;
		key.id = key_of(set->entries[i].config, fate);
		found = bsearch(&key, keys.items, keys.n, sizeof(key),
			compare_key_id);
		if (!found)
			continue;
		diff->changes[i].fate = fate;
		diff->changes[i].old = found->entry;
		diff->claimed[found->entry] = true;
	}
	x_free(keys.items);
}

struct check_diff check_diff_make(
	const struct check_set *old, const struct check_set *set)
{
	struct check_diff diff = {
		.changes = x_new(struct check_change, set->n_entries),
		.claimed = x_new(bool, old ? old->n_entries : 0),
	};
	bool *kept;
	size_t i;

	if (!old)
		return diff;
	match_same(old, set, &diff);
	/* Only what is gone under its old id can live on under another. */
	kept = x_new(bool, old->n_entries);
	for (i = 0; i < old->n_entries; i++)
		kept[i] = diff.claimed[i];
	match_by(old, set, &diff, kept, CHECK_RETIMED);
	match_by(old, set, &diff, kept, CHECK_REPLACES);
	x_free(kept);
	return diff;
}

void check_diff_free(struct check_diff *diff)
{
	x_free(diff->changes);
	x_free(diff->claimed);
}
