/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/checkpoint.h"

#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"

struct checkpoint {
	UT_hash_handle hh;
	char *key;
	void *data;
	size_t len;
};

struct checkpoint_store {
	struct checkpoint *entries;
	size_t bytes;
	size_t max_bytes;
	unsigned int max_keys;
};

struct checkpoint_store *checkpoint_store_new(
	size_t max_bytes, unsigned int max_keys)
{
	struct checkpoint_store *store = x_new(struct checkpoint_store, 1);

	store->max_bytes = max_bytes;
	store->max_keys = max_keys;
	return store;
}

static void checkpoint_remove(
	struct checkpoint_store *store, struct checkpoint *entry)
{
	HASH_DEL(store->entries, entry);
	store->bytes -= strlen(entry->key) + entry->len;
	x_free(entry->key);
	x_free(entry->data);
	x_free(entry);
}

void checkpoint_store_free(struct checkpoint_store *store)
{
	struct checkpoint *entry;
	struct checkpoint *next;

	if (!store)
		return;
	HASH_ITER (hh, store->entries, entry, next)
		checkpoint_remove(store, entry);
	x_free(store);
}

static struct checkpoint *checkpoint_add(
	struct checkpoint_store *store, const char *key)
{
	struct checkpoint *entry = x_new(struct checkpoint, 1);

	entry->key = x_strdup(key);
	HASH_ADD_KEYPTR(
		hh, store->entries, entry->key, strlen(entry->key), entry);
	store->bytes += strlen(key);
	return entry;
}

int checkpoint_store_put(struct checkpoint_store *store, const char *key,
	const void *data, size_t len)
{
	struct checkpoint *entry;
	size_t free_bytes;

	HASH_FIND_STR(store->entries, key, entry);
	if (!len) {
		if (entry)
			checkpoint_remove(store, entry);
		return 0;
	}
	if (!entry && HASH_COUNT(store->entries) >= store->max_keys)
		return -ENOSPC;
	free_bytes = store->max_bytes - store->bytes;
	free_bytes += entry ? entry->len : 0;
	if (len > free_bytes || (!entry && strlen(key) > free_bytes - len))
		return -ENOSPC;
	if (!entry)
		entry = checkpoint_add(store, key);
	store->bytes += len - entry->len;
	entry->data = x_realloc(entry->data, len, 1);
	memcpy(entry->data, data, len);
	entry->len = len;
	return 0;
}

void checkpoint_store_each(const struct checkpoint_store *store,
	void (*callback)(
		const char *key, const void *data, size_t len, void *user_data),
	void *user_data)
{
	const struct checkpoint *entry;

	for (entry = store->entries; entry; entry = entry->hh.next)
		callback(entry->key, entry->data, entry->len, user_data);
}

size_t checkpoint_store_count(const struct checkpoint_store *store)
{
	return HASH_COUNT(store->entries);
}

size_t checkpoint_store_bytes(const struct checkpoint_store *store)
{
	return store->bytes;
}
