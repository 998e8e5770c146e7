/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a reconciler, shared by its files and nobody else.
 */
#ifndef TANDEM_IPVS_RECONCILE_INTERNAL_H
#define TANDEM_IPVS_RECONCILE_INTERNAL_H

#include "ipvs-ctl/diff.h"
#include "ipvs-ctl/key_set.h"
#include "ipvs-ctl/reconcile.h"

/* A dump takes at most this share of the time: one in so many. */
#define RECONCILE_SHARE 50

enum reconcile_phase {
	RECONCILE_IDLE,
	RECONCILE_DUMPING,
	RECONCILE_GIVING,
	RECONCILE_TAKING,
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
	bool has_desired; /* it was said */
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

/* --- reconcile.c --- */

int64_t reconcile_now(const struct reconcile *r);
void reconcile_mark_all_dirty(struct reconcile *r);
/* Something is to be compared and written. */
bool reconcile_has_work(const struct reconcile *r);
/* Nothing is: tells the owner. */
void reconcile_settle(struct reconcile *r);
/* It is unknown what became of the operations, or of a dump: ERR. */
void reconcile_lose_track(struct reconcile *r, int err);

/* --- reconcile_read.c --- */

/* Asks for SCOPE. */
void reconcile_begin_dump(struct reconcile *r, enum dataplane_scope scope);
/* It is there: handler of the data plane. */
void reconcile_dumped(void *user_data, int err, enum dataplane_scope scope,
	struct table *table);

/* --- reconcile_owned.c --- */

/* May KEY be changed: the owned function of a diff_policy; USER_DATA is the
 * reconciler. */
bool reconcile_policy_owns(
	const struct table_key *key, const void *user_data);
/* What is neither desired nor there is no longer ours. */
void reconcile_forget_gone(struct reconcile *r);
/* Foreign services become ours as they are, where the policy says so. */
void reconcile_adopt_foreign(struct reconcile *r);

/* --- reconcile_problem.c --- */

enum reason reconcile_reason_of_dp(int err);
/* The data plane as a whole answers with ERR, 0 = works. */
void reconcile_set_dp_problem(struct reconcile *r, int err);
/* OP was refused with ERR.  One problem a service is enough: the first of a
 * pass. */
void reconcile_add_problem(
	struct reconcile *r, const struct table_op *op, int err);
/* Forgets those of services that this pass looked at and did not meet
 * again. */
void reconcile_drop_old_problems(struct reconcile *r);
/* The service of OP has a problem in this pass: one that could not be made
 * has no servers either. */
bool reconcile_is_explained(
	const struct reconcile *r, const struct table_op *op);
void reconcile_free_problems(struct reconcile *r);

#endif
