/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which services are ours. */
#include "ipvs-ctl/reconcile_internal.h"
#include "lib/log.h"

void reconcile_own(struct reconcile *r, const struct table_key *key)
{
	if (key_set_add(&r->owned, key))
		r->owned_dirty = true;
}

bool reconcile_owns(const struct reconcile *r, const struct table_key *key)
{
	return key_set_find(r->owned, key) != NULL;
}

bool reconcile_has_adopted(
	const struct reconcile *r, const struct table_key *key)
{
	return key_set_find(r->adopted, key) != NULL;
}

void reconcile_for_each_owned(const struct reconcile *r,
	void (*visit)(const struct table_key *key, void *user_data),
	void *user_data)
{
	const struct key_entry *entry;

	for (entry = r->owned; entry; entry = entry->hh.next)
		if (!key_set_find(r->adopted, &entry->key))
			visit(&entry->key, user_data);
}

bool reconcile_policy_owns(const struct table_key *key, const void *user_data)
{
	const struct reconcile *r = user_data;

	if (r->removing)
		return r->removing_all || reconcile_owns(r, key);
	return r->foreign == IPVS_FOREIGN_FLUSH || r->flush_now ||
		reconcile_owns(r, key);
}

void reconcile_forget_gone(struct reconcile *r)
{
	struct key_entry *entry = r->owned;
	struct key_entry *next;

	/* Not with each verdict: it costs a look at every service. */
	if (!r->gone_possible)
		return;
	r->gone_possible = false;
	for (; entry; entry = next) {
		next = entry->hh.next;
		if (table_find(&r->desired, &entry->key) ||
			table_find(&r->kernel, &entry->key))
			continue;
		key_set_remove(&r->owned, entry);
		r->owned_dirty = true;
	}
}

void reconcile_adopt_foreign(struct reconcile *r)
{
	const struct table_service *service;
	struct table_service *copy;
	char text[TABLE_KEY_STRLEN];

	if (r->foreign != IPVS_FOREIGN_ADOPT || r->removing)
		return;
	table_for_each(&r->kernel, service) {
		if (reconcile_owns(r, &service->key) ||
			table_find(&r->desired, &service->key))
			continue;
		copy = table_service_new(&service->key, &service->attributes);
		table_service_copy_dests(copy, service);
		table_put(&r->desired, copy);
		key_set_add(&r->adopted, &service->key);
		reconcile_own(r, &service->key);
		log_notice("adopted service %s, found in the kernel with %zu "
			   "servers",
			table_key_format(&service->key, text),
			service->n_dests);
	}
}
