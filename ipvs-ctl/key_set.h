/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of services, by what the kernel knows them as.  NULL is the empty
 * set.
 */
#ifndef TANDEM_IPVS_KEY_SET_H
#define TANDEM_IPVS_KEY_SET_H

#include <stdbool.h>
#include <uthash.h>

#include "ipvs-ctl/table.h"

struct key_entry {
	struct table_key key;
	UT_hash_handle hh; /* of the set */
};

/* NULL when it is not in SET. */
struct key_entry *key_set_find(
	struct key_entry *set, const struct table_key *key);
/* False when it was there already. */
bool key_set_add(struct key_entry **set, const struct table_key *key);
/* ENTRY, which is freed, leaves SET. */
void key_set_remove(struct key_entry **set, struct key_entry *entry);
void key_set_clear(struct key_entry **set);

#endif
