/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/reconcile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ipvs-ctl/diff.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define RECONCILE_GLANCE_US USEC_PER_SEC
#define RECONCILE_DUMP_US (5 * USEC_PER_SEC)
/* A dump takes at most this share of the time: one in so many. */
#define RECONCILE_SHARE 50
/* The same for dumps that somebody waits for. */
#define RECONCILE_SEEN_SHARE 10
#define RECONCILE_RETRY_US (10 * USEC_PER_SEC)
/* After answers were lost; the data plane is there. */
#define RECONCILE_AGAIN_US (100 * USEC_PER_MSEC)
#define RECONCILE_AGAIN_MAX 3

enum reconcile_phase {
	RECONCILE_IDLE,
	RECONCILE_DUMPING,
	RECONCILE_GIVING,
	RECONCILE_TAKING,
};

/* A set of services. */
struct key_entry {
	struct table_key key;
	UT_hash_handle hh;
};

/* A service that the data plane does not take as it should be. */
struct problem {
	struct table_key key;
	int err;
	enum table_op_kind kind;
	unsigned int pass;
	char *text;
	UT_hash_handle hh;
};

struct reconcile {
	struct dataplane *dp;
	const struct reconcile_handlers *handlers;
	void *user_data;

	struct table desired;
	struct table kernel; /* the belief */
	struct globals globals;
	bool globals_dirty;
	bool known;
	struct key_entry *owned;
	struct key_entry *adopted;
	enum ipvs_foreign foreign;
	bool flush_once;
	bool flush_now; /* in this pass */
	bool removing; /* the end: nothing is desired any more */
	bool removing_all;
	bool hold;

	enum reconcile_phase phase;
	bool dump_wanted;
	bool all_dirty;
	struct key_entry *dirty;
	struct diff_result diff; /* being written */
	bool pass_whole; /* this pass looked at every service */
	unsigned int pass;
	bool pass_failed;
	bool pass_surprised; /* an operation met another state than believed */
	unsigned int surprises; /* passes of that kind, in a row */
	bool unmet; /* the table is not yet as desired: look again */

	int64_t dump_began_us;
	int64_t dump_ended_us;
	int64_t next_dump_us;
	int64_t next_glance_us;
	int64_t retry_us; /* of what failed */
	int dp_err; /* the data plane as a whole */
	unsigned int lost; /* answers, in a row */
	struct problem *problems;
	char *dp_text;
	bool owned_dirty;
	bool gone_possible; /* something ours may be gone for good */
	struct reconcile_counters counters;
};

/* --- sets of keys --- */

static struct key_entry *set_find(
	struct key_entry *set, const struct table_key *key)
{
	struct key_entry *entry;

	HASH_FIND(hh, set, key, sizeof(*key), entry);
	return entry;
}

/* False when it was there already. */
static bool set_add(struct key_entry **set, const struct table_key *key)
{
	struct key_entry *entry;

	if (set_find(*set, key))
		return false;
	entry = x_new(struct key_entry, 1);
	entry->key = *key;
	HASH_ADD(hh, *set, key, sizeof(entry->key), entry);
	return true;
}

static void set_clear(struct key_entry **set)
{
	struct key_entry *entry = *set;
	struct key_entry *next;

	for (; entry; entry = next) {
		next = entry->hh.next;
		HASH_DEL(*set, entry);
		x_free(entry);
	}
}

/* --- ownership --- */

void reconcile_own(struct reconcile *r, const struct table_key *key)
{
	if (set_add(&r->owned, key))
		r->owned_dirty = true;
}

bool reconcile_owns(const struct reconcile *r, const struct table_key *key)
{
	return set_find(r->owned, key) != NULL;
}

void reconcile_for_each_owned(const struct reconcile *r,
	void (*visit)(const struct table_key *key, void *user_data),
	void *user_data)
{
	const struct key_entry *entry;

	for (entry = r->owned; entry; entry = entry->hh.next)
		if (!set_find(r->adopted, &entry->key))
			visit(&entry->key, user_data);
}

static bool policy_owns(const struct table_key *key, const void *user_data)
{
	const struct reconcile *r = user_data;

	if (r->removing)
		return r->removing_all || reconcile_owns(r, key);
	return r->foreign == IPVS_FOREIGN_FLUSH || r->flush_now ||
		reconcile_owns(r, key);
}

/* What is neither desired nor there is no longer ours. */
static void forget_gone(struct reconcile *r)
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
		HASH_DEL(r->owned, entry);
		x_free(entry);
		r->owned_dirty = true;
	}
}

/* Foreign services become ours as they are. */
static void adopt_foreign(struct reconcile *r)
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
		set_add(&r->adopted, &service->key);
		reconcile_own(r, &service->key);
		log_notice("adopted service %s, found in the kernel with %zu "
			   "servers",
			table_key_format(&service->key, text),
			service->n_dests);
	}
}

/* --- problems --- */

static enum reason reason_of_dp(int err)
{
	if (err == -ENOENT || err == -EPROTONOSUPPORT || err == -EAFNOSUPPORT)
		return REASON_KERNEL_NO_IPVS;
	if (err == -EPERM || err == -EACCES)
		return REASON_KERNEL_NO_PERMISSION;
	return REASON_KERNEL_ERROR;
}

static enum reason reason_of_op(enum table_op_kind kind, int err)
{
	if (err == -EPERM || err == -EACCES)
		return REASON_KERNEL_NO_PERMISSION;
	if (err == -ENOENT && (kind == TABLE_OP_NEW_SERVICE ||
				      kind == TABLE_OP_SET_SERVICE))
		return REASON_KERNEL_NO_SCHEDULER;
	return REASON_KERNEL_ERROR;
}

static char *dp_problem_text(int err)
{
	enum reason reason = reason_of_dp(err);

	if (reason == REASON_KERNEL_NO_IPVS)
		return x_strdup("the kernel has no IPVS: nothing is "
				"forwarded (hint: modprobe ip_vs)");
	if (reason == REASON_KERNEL_NO_PERMISSION)
		return x_strdup("the kernel does not let us change IPVS: "
				"CAP_NET_ADMIN is missing");
	return x_asprintf("IPVS of the kernel does not answer: %s",
		strerror(-err));
}

static void set_dp_problem(struct reconcile *r, int err)
{
	if (err == r->dp_err)
		return;
	if (!err)
		log_notice("IPVS of the kernel answers again");
	r->dp_err = err;
	x_free(r->dp_text);
	r->dp_text = err ? dp_problem_text(err) : NULL;
	if (err)
		log_error("%s", r->dp_text);
}

static char *op_problem_text(const struct reconcile *r,
	const struct table_op *op, int err)
{
	const struct table_service *wanted = table_find(&r->desired, &op->key);
	char what[TABLE_OP_STRLEN];
	char key[TABLE_KEY_STRLEN];

	if (reason_of_op(op->kind, err) == REASON_KERNEL_NO_SCHEDULER &&
		wanted && wanted->attributes.engine[0])
		return x_asprintf("service %s: the kernel lacks the scheduler "
				  "%s or the persistence engine %s (hint: "
				  "modprobe -a ip_vs_%s ip_vs_pe_%s)",
			table_key_format(&op->key, key),
			wanted->attributes.scheduler,
			wanted->attributes.engine,
			wanted->attributes.scheduler,
			wanted->attributes.engine);
	if (reason_of_op(op->kind, err) == REASON_KERNEL_NO_SCHEDULER)
		return x_asprintf("service %s: the kernel has no scheduler %s "
				  "(hint: modprobe ip_vs_%s)",
			table_key_format(&op->key, key),
			wanted ? wanted->attributes.scheduler : "",
			wanted ? wanted->attributes.scheduler : "");
	return x_asprintf("the kernel refuses to %s: %s",
		table_op_format(op, what), strerror(-err));
}

/* One problem a service is enough: the first of a pass. */
static void add_problem(
	struct reconcile *r, const struct table_op *op, int err)
{
	struct problem *problem;

	HASH_FIND(hh, r->problems, &op->key, sizeof(op->key), problem);
	if (problem && problem->pass == r->pass)
		return;
	if (!problem) {
		problem = x_new(struct problem, 1);
		problem->key = op->key;
		HASH_ADD(hh, r->problems, key, sizeof(problem->key), problem);
	}
	problem->pass = r->pass;
	if (problem->err == err && problem->kind == op->kind)
		return;
	problem->err = err;
	problem->kind = op->kind;
	x_free(problem->text);
	problem->text = op_problem_text(r, op, err);
	log_error("%s", problem->text);
}

static void drop_problem(struct reconcile *r, struct problem *problem)
{
	char key[TABLE_KEY_STRLEN];

	if (problem->key.family)
		log_notice("service %s: the kernel no longer refuses it",
			table_key_format(&problem->key, key));
	else
		log_notice("timeouts and sync daemon: the kernel no longer "
			   "refuses them");
	HASH_DEL(r->problems, problem);
	x_free(problem->text);
	x_free(problem);
}

/* Problems of services that this pass looked at and did not meet again. */
static void drop_old_problems(struct reconcile *r)
{
	struct problem *problem = r->problems;
	struct problem *next;

	for (; problem; problem = next) {
		next = problem->hh.next;
		if (problem->pass != r->pass &&
			(r->pass_whole ||
				(problem->key.family &&
					!table_find(&r->desired,
						&problem->key))))
			drop_problem(r, problem);
	}
}

void reconcile_for_each_problem(const struct reconcile *r,
	void (*visit)(enum reason reason, const char *text, void *user_data),
	void *user_data)
{
	const struct problem *problem;

	if (r->dp_err)
		visit(reason_of_dp(r->dp_err), r->dp_text, user_data);
	for (problem = r->problems; problem; problem = problem->hh.next)
		visit(reason_of_op(problem->kind, problem->err), problem->text,
			user_data);
}

/* --- writing --- */

static int64_t now_of(const struct reconcile *r)
{
	return r->handlers->now(r->user_data);
}

static void mark_dirty(struct reconcile *r, const struct table_key *key)
{
	if (!r->all_dirty)
		set_add(&r->dirty, key);
}

static void mark_all_dirty(struct reconcile *r)
{
	r->all_dirty = true;
	set_clear(&r->dirty);
}

static bool has_work(const struct reconcile *r)
{
	return r->all_dirty || r->dirty || r->globals_dirty;
}

static void diff_dirty(struct reconcile *r)
{
	struct key_entry *entry = r->dirty;

	for (; entry; entry = entry->hh.next) {
		const struct table_service *wanted =
			table_find(&r->desired, &entry->key);

		if (wanted || policy_owns(&entry->key, r))
			diff_service(table_find(&r->kernel, &entry->key),
				wanted, &r->diff);
	}
}

static void settle(struct reconcile *r)
{
	forget_gone(r);
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
	r->retry_us = now_of(r);
	if (r->pass_failed || r->surprises > RECONCILE_AGAIN_MAX)
		r->retry_us += RECONCILE_RETRY_US;
	if (r->pass_surprised && r->surprises <= RECONCILE_AGAIN_MAX)
		reconcile_refresh(r);
}

static void end_pass(struct reconcile *r)
{
	r->phase = RECONCILE_IDLE;
	drop_old_problems(r);
	plan_retry(r);
	if (r->pass_whole) {
		r->flush_once = false;
		r->gone_possible = true;
	}
	r->flush_now = false;
	if (!has_work(r) && !r->dump_wanted)
		settle(r);
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
		.owned = policy_owns,
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
	set_clear(&r->dirty);
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

/* A service that could not be made has no servers either. */
static bool is_explained(const struct reconcile *r, const struct table_op *op)
{
	const struct problem *problem;

	HASH_FIND(hh, r->problems, &op->key, sizeof(op->key), problem);
	return problem && problem->pass == r->pass;
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
			r->pass_surprised |= !is_explained(r, &ops->items[i]);
			continue;
		}
		r->pass_failed = true;
		add_problem(r, &ops->items[i], errors[i]);
	}
}

/* It is unknown what became of the operations. */
static void lose_track(struct reconcile *r, int err)
{
	int64_t now = now_of(r);

	r->phase = RECONCILE_IDLE;
	r->flush_now = false;
	diff_result_free(&r->diff);
	mark_all_dirty(r);
	r->dump_wanted = true;
	if (r->lost++ < RECONCILE_AGAIN_MAX && reason_of_dp(err) ==
			REASON_KERNEL_ERROR) {
		r->next_dump_us = now + RECONCILE_AGAIN_US;
		return;
	}
	set_dp_problem(r, err);
	r->next_dump_us = now + RECONCILE_RETRY_US;
	r->handlers->settled(r->user_data, err);
}

static void take_result(struct reconcile *r, int err, const int *errors)
{
	bool giving = r->phase == RECONCILE_GIVING;
	struct table_ops *ops = giving ? &r->diff.give : &r->diff.take;

	if (err) {
		lose_track(r, err);
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

/* --- reading --- */

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
	r->dump_ended_us = now_of(r);
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
	if (!r->known || n || has_work(r) || r->flush_once ||
		(r->unmet && now_of(r) >= r->retry_us) ||
		r->foreign != IPVS_FOREIGN_LEAVE)
		mark_all_dirty(r);
	r->known = true;
	r->gone_possible = true;
	if (!was_known)
		r->handlers->known(r->user_data);
	adopt_foreign(r);
	r->next_dump_us = now_of(r) +
		at_least(RECONCILE_DUMP_US, r->counters.dump_us);
	r->next_glance_us = now_of(r) +
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
	r->next_glance_us = now_of(r) +
		at_least(RECONCILE_GLANCE_US, now_of(r) - r->dump_began_us);
}

static void take_dump(struct reconcile *r, int err,
	enum dataplane_scope scope, struct table *table)
{
	r->phase = RECONCILE_IDLE;
	if (err) {
		lose_track(r, err);
		return;
	}
	r->lost = 0;
	set_dp_problem(r, 0);
	if (scope == DATAPLANE_ALL)
		dumped_all(r, table);
	else
		dumped_services(r, table);
	if (scope == DATAPLANE_ALL && !has_work(r) && !r->dump_wanted)
		settle(r);
	else
		reconcile_run(r);
}

static void dumped(void *user_data, int err, enum dataplane_scope scope,
	struct table *table)
{
	struct reconcile *r = user_data;

	take_dump(r, err, scope, table);
	r->handlers->rearm(r->user_data);
}

static void begin_dump(struct reconcile *r, enum dataplane_scope scope)
{
	r->phase = RECONCILE_DUMPING;
	r->dump_began_us = now_of(r);
	if (scope == DATAPLANE_ALL)
		r->dump_wanted = false;
	r->dp->ops->dump(r->dp, scope);
}

/* --- running --- */

void reconcile_run(struct reconcile *r)
{
	bool backing_off = r->dp_err || r->lost;
	int64_t now = now_of(r);

	if (r->phase != RECONCILE_IDLE)
		return;
	if (r->removing && r->dp_err) {
		/* Nobody is there to remove it from. */
		r->handlers->settled(r->user_data, r->dp_err);
		return;
	}
	if (backing_off || !r->known) {
		if (now >= r->next_dump_us)
			begin_dump(r, DATAPLANE_ALL);
	} else if (r->dump_wanted || (now >= r->next_dump_us && !r->removing)) {
		begin_dump(r, DATAPLANE_ALL);
	} else if (has_work(r) && !r->hold) {
		begin_pass(r);
	} else if (now >= r->next_glance_us && !r->removing) {
		begin_dump(r, DATAPLANE_SERVICES);
	}
}

int64_t reconcile_deadline(const struct reconcile *r)
{
	if (r->phase != RECONCILE_IDLE)
		return TIME_NEVER;
	if (r->dp_err || r->lost || !r->known)
		return r->next_dump_us;
	if (r->dump_wanted || (has_work(r) && !r->hold))
		return 0;
	if (r->removing)
		return TIME_NEVER;
	return r->next_dump_us < r->next_glance_us ? r->next_dump_us :
						     r->next_glance_us;
}

bool reconcile_is_settled(const struct reconcile *r)
{
	return r->phase == RECONCILE_IDLE && r->known && !has_work(r) &&
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
			HASH_DEL(r->adopted, entry);
			x_free(entry);
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
	desired->services = NULL;
	table_clear(&old);
	mark_all_dirty(r);
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
	set_clear(&r->adopted);
	mark_all_dirty(r);
	reconcile_run(r);
}

void reconcile_refresh(struct reconcile *r)
{
	r->dump_wanted = true;
}

void reconcile_freshen(struct reconcile *r, int64_t age_us)
{
	int64_t age = now_of(r) - r->dump_ended_us;

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
		!set_find(plan->reconcile->adopted, key);
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
	.dumped = dumped,
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
	struct problem *problem;
	struct problem *next;

	if (!r)
		return;
	dataplane_free(r->dp);
	for (problem = r->problems; problem; problem = next) {
		next = problem->hh.next;
		HASH_DEL(r->problems, problem);
		x_free(problem->text);
		x_free(problem);
	}
	diff_result_free(&r->diff);
	table_clear(&r->desired);
	table_clear(&r->kernel);
	set_clear(&r->owned);
	set_clear(&r->adopted);
	set_clear(&r->dirty);
	x_free(r->dp_text);
	x_free(r);
}
