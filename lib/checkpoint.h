/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a role wants its next incarnation to know: blobs under keys, kept by
 * the supervisor in memory, one store a role.  The supervisor does not look
 * into them.  A role that may be left without a supervisor has a copy.
 */
#ifndef TANDEM_LIB_CHECKPOINT_H
#define TANDEM_LIB_CHECKPOINT_H

#include <stddef.h>

#define CHECKPOINT_BYTES_MAX (64u * 1024 * 1024)
/* With what each costs in a channel's queue, all of them fit there. */
#define CHECKPOINT_KEYS_MAX (512u * 1024)

struct checkpoint_store;

struct checkpoint_store *checkpoint_store_new(
	size_t max_bytes, unsigned int max_keys);
void checkpoint_store_free(struct checkpoint_store *store);

/* Copies; LEN 0 forgets the key.  0, or -ENOSPC when keys and data together,
 * or their number, would exceed the store's limit: the old value is kept
 * then. */
int checkpoint_store_put(struct checkpoint_store *store, const char *key,
	const void *data, size_t len);

/* In the order in which the keys first came. */
void checkpoint_store_each(const struct checkpoint_store *store,
	void (*callback)(
		const char *key, const void *data, size_t len, void *user_data),
	void *user_data);

size_t checkpoint_store_count(const struct checkpoint_store *store);
size_t checkpoint_store_bytes(const struct checkpoint_store *store);

#endif
