/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps: what they show against what was believed. */
#include "ipvs-ctl/reconcile_internal.h"
#include "lib/log.h"
#include "lib/timeutil.h"

#define RECONCILE_GLANCE_US USEC_PER_SEC
#define RECONCILE_DUMP_US (5 * USEC_PER_SEC)

static int64_t at_least(int64_t interval_us, int64_t cost_us)
{
	int64_t stretched = cost_us * RECONCILE_SHARE;

	return stretched > interval_us ? stretched : interval_us;
}

/* How many of our services differ between the belief and FOUND; the first
 * goes to RET_FIRST.  Attributes alone unless WITH_DESTS. */
static size_t count_changed(const struct reconcile *r,
	const struct table *found, bool with_dests,
	struct table_key *ret_first)
{
	const struct table_service *service;
	const struct table_service *now;
	size_t n = 0;
	bool same;

	table_for_each(&r->kernel, service) {
		if (!reconcile_owns(r, &service->key))
			continue;
		now = table_find(found, &service->key);
		if (!now)
			same = false;
		else if (with_dests)
			same = table_service_equal(service, now);
		else
			same = table_attributes_equal(&service->attributes,
				&now->attributes);
		if (!same && n++ == 0)
			*ret_first = service->key;
	}
	return n;
}

/* Is there one that FOUND has, the belief has not and the policy minds? */
static bool has_new_foreign(
	const struct reconcile *r, const struct table *found)
{
	const struct table_service *service;

	if (table_count(found) == table_count(&r->kernel))
		return false;
	table_for_each(found, service)
		if (!table_find(&r->kernel, &service->key))
			return true;
	return false;
}

/* Did somebody else change what we set? */
static bool globals_changed(
	const struct reconcile *r, const struct table_globals *found)
{
	struct table_ops now = { .n = 0 };
	struct table_ops before = { .n = 0 };
	struct table_globals desired;
	bool changed;

	globals_desired(&r->globals, r->removing, &desired);
	globals_diff(found, &desired, &now);
	globals_diff(&r->kernel.globals, &desired, &before);
	changed = now.n && !before.n;
	table_ops_free(&now);
	table_ops_free(&before);
	return changed;
}

static void report_repair(
	struct reconcile *r, size_t n, const struct table_key *first)
{
	char text[TABLE_KEY_STRLEN];

	r->counters.repairs += n;
	log_warning("somebody else changed the IPVS table: %zu of our "
		    "services differ, first %s; repairing",
		n, table_key_format(first, text));
}

static void dumped_all(struct reconcile *r, struct table *table)
{
	struct table_key first;
	struct table old = r->kernel;
	bool was_known = r->known;
	size_t n = 0;

	r->counters.dumps++;
	r->dump_ended_us = reconcile_now(r);
	r->counters.dump_us = r->dump_ended_us - r->dump_began_us;
	if (r->known && !r->removing && !r->hold)
		n = count_changed(r, table, true, &first);
	if (n)
		report_repair(r, n, &first);
	if (r->known && !r->hold && globals_changed(r, &table->globals)) {
		r->counters.repairs++;
		r->globals_dirty = true;
		log_warning("somebody else changed timeouts or sync daemon of "
			    "IPVS; repairing");
	}
	r->kernel = *table;
	*table = old;
	if (!r->known || n || reconcile_has_work(r) || r->flush_once ||
		(r->unmet && reconcile_now(r) >= r->retry_us) ||
		r->foreign != IPVS_FOREIGN_LEAVE)
		reconcile_mark_all_dirty(r);
	r->known = true;
	r->gone_possible = true;
	if (!was_known)
		r->handlers->known(r->user_data);
	reconcile_adopt_foreign(r);
	r->next_dump_us = reconcile_now(r) +
		at_least(RECONCILE_DUMP_US, r->counters.dump_us);
	r->next_glance_us = reconcile_now(r) +
		at_least(RECONCILE_GLANCE_US, r->counters.dump_us);
}

static void dumped_services(struct reconcile *r, const struct table *table)
{
	struct table_key first;

	r->counters.glances++;
	if (count_changed(r, table, false, &first) ||
		has_new_foreign(r, table) ||
		globals_changed(r, &table->globals))
		r->dump_wanted = true;
	r->next_glance_us = reconcile_now(r) +
		at_least(RECONCILE_GLANCE_US, reconcile_now(r) - r->dump_began_us);
}

static void take_dump(struct reconcile *r, int err,
	enum dataplane_scope scope, struct table *table)
{
	r->phase = RECONCILE_IDLE;
	if (err) {
		reconcile_lose_track(r, err);
		return;
	}
	r->lost = 0;
	reconcile_set_dp_problem(r, 0);
	if (scope == DATAPLANE_ALL)
		dumped_all(r, table);
	else
		dumped_services(r, table);
	if (scope == DATAPLANE_ALL && !reconcile_has_work(r) && !r->dump_wanted)
		reconcile_settle(r);
	else
		reconcile_run(r);
}

void reconcile_dumped(void *user_data, int err, enum dataplane_scope scope,
	struct table *table)
{
	struct reconcile *r = user_data;

	take_dump(r, err, scope, table);
	r->handlers->rearm(r->user_data);
}

void reconcile_begin_dump(struct reconcile *r, enum dataplane_scope scope)
{
	r->phase = RECONCILE_DUMPING;
	r->dump_began_us = reconcile_now(r);
	if (scope == DATAPLANE_ALL)
		r->dump_wanted = false;
	r->dp->ops->dump(r->dp, scope);
}
