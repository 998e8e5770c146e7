/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/reconcile.h"

#include <errno.h>

#include "ipvs-ctl/reconcile_internal.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* Of dumps that somebody waits for; see RECONCILE_SHARE. */
#define RECONCILE_SEEN_SHARE 10
#define RECONCILE_RETRY_US (10 * USEC_PER_SEC)
/* After answers were lost; the data plane is there. */
#define RECONCILE_AGAIN_US (100 * USEC_PER_MSEC)
#define RECONCILE_AGAIN_MAX 3

int64_t reconcile_now(const struct reconcile *r)
{
	return r->handlers->now(r->user_data);
}

/* --- writing --- */

static void mark_dirty(struct reconcile *r, const struct table_key *key)
{
	if (!r->all_dirty)
		key_set_add(&r->dirty, key);
}

void reconcile_mark_all_dirty(struct reconcile *r)
{
	r->all_dirty = true;
	key_set_clear(&r->dirty);
}

bool reconcile_has_work(const struct reconcile *r)
{
	return r->all_dirty || r->dirty || r->globals_dirty;
}

static void diff_dirty(struct reconcile *r)
{
	struct key_entry *entry = r->dirty;

	for (; entry; entry = entry->hh.next) {
		const struct table_service *wanted =
			table_find(&r->desired, &entry->key);

		if (wanted || reconcile_policy_owns(&entry->key, r))
			diff_service(table_find(&r->kernel, &entry->key),
				wanted, &r->diff);
	}
}

void reconcile_settle(struct reconcile *r)
{
	reconcile_forget_gone(r);
	r->owned_dirty |= globals_settled(&r->globals, &r->kernel.globals);
	if (r->owned_dirty) {
		r->owned_dirty = false;
		r->handlers->owned_changed(r->user_data);
	}
	r->handlers->settled(r->user_data, 0);
}

/* What did not work is tried again: after a surprise at once, behind the dump
 * that it leads to, but not for ever. */
static void plan_retry(struct reconcile *r)
{
	r->surprises = r->pass_surprised ? r->surprises + 1 : 0;
	if (!r->pass_failed && !r->pass_surprised) {
		if (r->pass_whole)
			r->unmet = false;
		return;
	}
	r->unmet = true;
	r->retry_us = reconcile_now(r);
	if (r->pass_failed || r->surprises > RECONCILE_AGAIN_MAX)
		r->retry_us += RECONCILE_RETRY_US;
	if (r->pass_surprised && r->surprises <= RECONCILE_AGAIN_MAX)
		reconcile_refresh(r);
}

static void end_pass(struct reconcile *r)
{
	r->phase = RECONCILE_IDLE;
	reconcile_drop_old_problems(r);
	plan_retry(r);
	if (r->pass_whole) {
		r->flush_once = false;
		r->gone_possible = true;
	}
	r->flush_now = false;
	if (!reconcile_has_work(r) && !r->dump_wanted)
		reconcile_settle(r);
	else
		reconcile_run(r);
}

static void begin_take(struct reconcile *r)
{
	r->counters.held_back += diff_guard_take(
		&r->kernel, &r->desired, &r->diff.take);
	table_ops_free(&r->diff.give);
	if (!r->diff.take.n) {
		end_pass(r);
		return;
	}
	r->phase = RECONCILE_TAKING;
	r->dp->ops->apply(r->dp, r->diff.take.items, r->diff.take.n);
}

static void begin_globals(struct reconcile *r)
{
	if (globals_prepare(&r->globals, &r->kernel.globals))
		r->handlers->owned_changed(r->user_data);
	globals_desired(&r->globals, r->removing, &r->desired.globals);
	globals_diff(&r->kernel.globals, &r->desired.globals, &r->diff.give);
	r->globals_dirty = false;
}

static void begin_pass(struct reconcile *r)
{
	const struct diff_policy policy = {
		.owned = reconcile_policy_owns,
		.user_data = r,
	};

	r->pass++;
	r->pass_failed = false;
	r->pass_surprised = false;
	r->pass_whole = r->all_dirty;
	r->flush_now = r->all_dirty && r->flush_once;
	if (r->all_dirty || r->globals_dirty)
		begin_globals(r);
	if (r->all_dirty)
		diff_tables(&r->kernel, &r->desired, &policy, &r->diff);
	else
		diff_dirty(r);
	r->all_dirty = false;
	key_set_clear(&r->dirty);
	if (!r->diff.give.n) {
		begin_take(r);
		return;
	}
	r->phase = RECONCILE_GIVING;
	r->dp->ops->apply(r->dp, r->diff.give.items, r->diff.give.n);
}

/* What the belief was wrong about shows as one of these. */
static bool is_surprise(const struct table_op *op, int err)
{
	if (err == -EEXIST || err == -ESRCH)
		return true;
	return err == -ENOENT && (op->kind == TABLE_OP_SET_DEST ||
					 op->kind == TABLE_OP_DEL_DEST);
}

static void take_errors(
	struct reconcile *r, const struct table_ops *ops, const int *errors)
{
	size_t i;

	for (i = 0; i < ops->n; i++) {
		if (!errors[i])
			continue;
		r->counters.failed++;
		if (is_surprise(&ops->items[i], errors[i])) {
			r->pass_surprised |= !reconcile_is_explained(r, &ops->items[i]);
			continue;
		}
		r->pass_failed = true;
		reconcile_add_problem(r, &ops->items[i], errors[i]);
	}
}

void reconcile_lose_track(struct reconcile *r, int err)
{
	int64_t now = reconcile_now(r);

	r->phase = RECONCILE_IDLE;
	r->flush_now = false;
	diff_result_free(&r->diff);
	reconcile_mark_all_dirty(r);
	r->dump_wanted = true;
	if (r->lost++ < RECONCILE_AGAIN_MAX && reconcile_reason_of_dp(err) ==
			REASON_KERNEL_ERROR) {
		r->next_dump_us = now + RECONCILE_AGAIN_US;
		return;
	}
	reconcile_set_dp_problem(r, err);
	r->next_dump_us = now + RECONCILE_RETRY_US;
	r->handlers->settled(r->user_data, err);
}

static void take_result(struct reconcile *r, int err, const int *errors)
{
	bool giving = r->phase == RECONCILE_GIVING;
	struct table_ops *ops = giving ? &r->diff.give : &r->diff.take;

	if (err) {
		reconcile_lose_track(r, err);
		return;
	}
	table_apply(&r->kernel, ops->items, errors, ops->n);
	take_errors(r, ops, errors);
	if (giving) {
		begin_take(r);
		return;
	}
	table_ops_free(ops);
	end_pass(r);
}

static void applied(void *user_data, int err, const int *errors)
{
	struct reconcile *r = user_data;

	take_result(r, err, errors);
	r->handlers->rearm(r->user_data);
}

/* --- running --- */

/* Until the owner has said what is desired, nothing is known to be too
 * much. */
static bool may_write(const struct reconcile *r)
{
	return reconcile_has_work(r) && !r->hold &&
		(r->has_desired || r->removing);
}

void reconcile_run(struct reconcile *r)
{
	bool backing_off = r->dp_err || r->lost;
	int64_t now = reconcile_now(r);

	if (r->phase != RECONCILE_IDLE)
		return;
	if (r->removing && r->dp_err) {
		/* Nobody is there to remove it from. */
		r->handlers->settled(r->user_data, r->dp_err);
		return;
	}
	if (backing_off || !r->known) {
		if (now >= r->next_dump_us)
			reconcile_begin_dump(r, DATAPLANE_ALL);
	} else if (r->dump_wanted || (now >= r->next_dump_us && !r->removing)) {
		reconcile_begin_dump(r, DATAPLANE_ALL);
	} else if (may_write(r)) {
		begin_pass(r);
	} else if (now >= r->next_glance_us && !r->removing) {
		reconcile_begin_dump(r, DATAPLANE_SERVICES);
	}
}

int64_t reconcile_deadline(const struct reconcile *r)
{
	if (r->phase != RECONCILE_IDLE)
		return TIME_NEVER;
	if (r->dp_err || r->lost || !r->known)
		return r->next_dump_us;
	if (r->dump_wanted || may_write(r))
		return 0;
	if (r->removing)
		return TIME_NEVER;
	return r->next_dump_us < r->next_glance_us ? r->next_dump_us :
						     r->next_glance_us;
}

bool reconcile_is_settled(const struct reconcile *r)
{
	return r->phase == RECONCILE_IDLE && r->known && !reconcile_has_work(r) &&
		!r->dump_wanted;
}

/* --- what is wanted --- */

void reconcile_set_policy(
	struct reconcile *r, enum ipvs_foreign foreign, bool flush_once)
{
	if (r->foreign != foreign || flush_once)
		reconcile_refresh(r);
	r->foreign = foreign;
	r->flush_once |= flush_once;
}

/* Adopted services go on unless DESIRED names them or they are to go. */
static void keep_adopted(struct reconcile *r, struct table *desired)
{
	struct key_entry *entry = r->adopted;
	struct key_entry *next;

	for (; entry; entry = next) {
		const struct table_service *old =
			table_find(&r->desired, &entry->key);
		struct table_service *copy;

		next = entry->hh.next;
		if (!old || table_find(desired, &entry->key) ||
			r->foreign != IPVS_FOREIGN_ADOPT) {
			key_set_remove(&r->adopted, entry);
			continue;
		}
		copy = table_service_new(&old->key, &old->attributes);
		table_service_copy_dests(copy, old);
		table_put(desired, copy);
	}
}

void reconcile_set_table(struct reconcile *r, struct table *desired)
{
	const struct table_service *service;
	struct table old;

	keep_adopted(r, desired);
	table_for_each(desired, service)
		reconcile_own(r, &service->key);
	old = r->desired;
	r->desired = *desired;
	r->has_desired = true;
	desired->services = NULL;
	table_clear(&old);
	reconcile_mark_all_dirty(r);
}

void reconcile_set_service(struct reconcile *r, struct table_service *service)
{
	reconcile_own(r, &service->key);
	mark_dirty(r, &service->key);
	table_put(&r->desired, service);
}

void reconcile_set_globals(
	struct reconcile *r, const struct table_globals *wanted)
{
	struct table_daemon *daemons = r->kernel.globals.daemons;
	int i;

	/* What the kernel made of a length cannot be compared: another one
	 * starts the daemon anew. */
	for (i = 0; i < 2; i++)
		if (wanted->daemons[i].max_len !=
				r->globals.wanted.daemons[i].max_len &&
			r->globals.wanted.daemons[i].running)
			daemons[i].interface[0] = '\0';
	r->globals.wanted = *wanted;
	r->globals_dirty = true;
}

const struct globals *reconcile_globals(const struct reconcile *r)
{
	return &r->globals;
}

void reconcile_inherit_globals(struct reconcile *r,
	const struct table_timeouts *before, bool owns_daemons)
{
	r->globals.before = *before;
	r->globals.owns_daemons = owns_daemons;
}

void reconcile_hold(struct reconcile *r, bool hold)
{
	r->hold = hold;
}

void reconcile_remove_all(struct reconcile *r, bool all)
{
	r->removing = true;
	r->removing_all = all;
	r->hold = false;
	table_clear(&r->desired);
	key_set_clear(&r->adopted);
	reconcile_mark_all_dirty(r);
	reconcile_run(r);
}

void reconcile_refresh(struct reconcile *r)
{
	r->dump_wanted = true;
}

void reconcile_freshen(struct reconcile *r, int64_t age_us)
{
	int64_t age = reconcile_now(r) - r->dump_ended_us;

	if (age > age_us && age > r->counters.dump_us * RECONCILE_SEEN_SHARE)
		reconcile_refresh(r);
}

/* --- what is known --- */

int reconcile_error(const struct reconcile *r)
{
	return r->dp_err;
}

bool reconcile_knows_kernel(const struct reconcile *r)
{
	return r->known;
}

const struct table *reconcile_kernel(const struct reconcile *r)
{
	return &r->kernel;
}

struct plan_policy {
	const struct reconcile *reconcile;
};

static bool plan_owns(const struct table_key *key, const void *user_data)
{
	const struct plan_policy *plan = user_data;

	/* Adopted services stay. */
	return reconcile_owns(plan->reconcile, key) &&
		!key_set_find(plan->reconcile->adopted, key);
}

void reconcile_plan(const struct reconcile *r, const struct table *desired,
	const struct table_globals *wanted, struct diff_result *result)
{
	struct globals globals = r->globals;
	struct table_globals global;
	const struct plan_policy plan = { .reconcile = r };
	const struct diff_policy policy = {
		.owned = plan_owns,
		.user_data = &plan,
	};

	globals.wanted = *wanted;
	globals_desired(&globals, false, &global);
	globals_diff(&r->kernel.globals, &global, &result->give);
	diff_tables(&r->kernel, desired, &policy, result);
}

const struct reconcile_counters *reconcile_counters(const struct reconcile *r)
{
	return &r->counters;
}

uint64_t reconcile_writes(const struct reconcile *r)
{
	return r->dp->writes;
}

/* --- life --- */

static const struct dataplane_handlers dp_handlers = {
	.dumped = reconcile_dumped,
	.applied = applied,
};

struct reconcile *reconcile_new(struct dataplane *dp,
	const struct reconcile_handlers *handlers, void *user_data)
{
	struct reconcile *r = x_new(struct reconcile, 1);

	r->dp = dp;
	dp->handlers = &dp_handlers;
	dp->user_data = r;
	r->handlers = handlers;
	r->user_data = user_data;
	return r;
}

void reconcile_free(struct reconcile *r)
{
	if (!r)
		return;
	dataplane_free(r->dp);
	reconcile_free_problems(r);
	diff_result_free(&r->diff);
	table_clear(&r->desired);
	table_clear(&r->kernel);
	key_set_clear(&r->owned);
	key_set_clear(&r->adopted);
	key_set_clear(&r->dirty);
	x_free(r);
}
