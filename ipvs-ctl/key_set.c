/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/key_set.h"

#include "lib/mem.h"

struct key_entry *key_set_find(
	struct key_entry *set, const struct table_key *key)
{
	struct key_entry *entry;

	HASH_FIND(hh, set, key, sizeof(*key), entry);
	return entry;
}

bool key_set_add(struct key_entry **set, const struct table_key *key)
{
	struct key_entry *entry;

	if (key_set_find(*set, key))
		return false;
	entry = x_new(struct key_entry, 1);
	entry->key = *key;
	HASH_ADD(hh, *set, key, sizeof(entry->key), entry);
	return true;
}

void key_set_remove(struct key_entry **set, struct key_entry *entry)
{
	HASH_DEL(*set, entry);
	x_free(entry);
}

void key_set_clear(struct key_entry **set)
{
	struct key_entry *entry = *set;
	struct key_entry *next;

	for (; entry; entry = next) {
		next = entry->hh.next;
		key_set_remove(set, entry);
	}
}
