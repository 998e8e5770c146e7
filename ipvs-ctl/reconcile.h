/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps a data plane equal to the desired table.
 *
 * It believes to know what the data plane holds: the last dump and every
 * acknowledged operation since.  Changes of the desired table are written
 * without a dump.  Every second or two the services are dumped, every few
 * seconds everything, both less often when they are expensive; what then
 * differs from the belief was changed by somebody else and is repaired.
 *
 * Ownership: services that are or were desired here are ours, with all their
 * servers; others are foreign and treated as the policy says.
 *
 * No clock and no loop: the owner calls reconcile_run() when its deadline has
 * come or something changed, and the data plane calls back.
 */
#ifndef TANDEM_IPVS_RECONCILE_H
#define TANDEM_IPVS_RECONCILE_H

#include "ipvs-ctl/dataplane.h"
#include "ipvs-ctl/globals.h"
#include "ipvs-ctl/ipvs_conf.h"
#include "lib/reason.h"

struct reconcile;

struct reconcile_handlers {
	/* A pass ended and nothing is left to write, or the data plane does
	 * not answer (then ERR). */
	void (*settled)(void *user_data, int err);
	/* reconcile_deadline() may have changed. */
	void (*rearm)(void *user_data);
	/* The first dump is there: it is known what the data plane holds. */
	void (*known)(void *user_data);
	/* The set of owned services changed: keep it for a successor. */
	void (*owned_changed)(void *user_data);
	int64_t (*now)(void *user_data);
};

struct reconcile_counters {
	uint64_t dumps; /* of everything */
	uint64_t glances; /* of services alone */
	uint64_t repairs; /* services that somebody else had changed */
	uint64_t failed; /* operations that the data plane refused */
	uint64_t held_back; /* removals put off because additions failed */
	int64_t dump_us; /* how long the last dump took */
};

/* Takes DP, whose handlers it becomes. */
struct reconcile *reconcile_new(struct dataplane *dp,
	const struct reconcile_handlers *handlers, void *user_data);
void reconcile_free(struct reconcile *r);

/* --- what is wanted --- */

/* Foreign services from now on; FLUSH_ONCE removes them at the next pass. */
void reconcile_set_policy(
	struct reconcile *r, enum ipvs_foreign foreign, bool flush_once);
/* The whole desired table; takes its contents.  Adopted services that it
 * does not name stay.  Before the first call nothing is written. */
void reconcile_set_table(struct reconcile *r, struct table *desired);
/* One service of it. */
void reconcile_set_service(
	struct reconcile *r, struct table_service *service);
/* Timeouts and sync daemons; see globals.h. */
void reconcile_set_globals(
	struct reconcile *r, const struct table_globals *wanted);
/* While held nothing is written. */
void reconcile_hold(struct reconcile *r, bool hold);
/* Remove what is ours (with ALL: everything); settled() tells the end. */
void reconcile_remove_all(struct reconcile *r, bool all);
/* Dump as soon as possible. */
void reconcile_refresh(struct reconcile *r);
/* The same, unless the last dump is younger than AGE_US or dumps cost much:
 * for those who only want to see. */
void reconcile_freshen(struct reconcile *r, int64_t age_us);

/* Does what is due.  The next deadline is in reconcile_deadline(). */
void reconcile_run(struct reconcile *r);
int64_t reconcile_deadline(const struct reconcile *r);
/* Nothing is under way or left to write. */
bool reconcile_is_settled(const struct reconcile *r);

/* --- ownership --- */

void reconcile_own(struct reconcile *r, const struct table_key *key);
/* Calls VISIT for each owned key, adopted ones aside: a successor adopts
 * them again. */
void reconcile_for_each_owned(const struct reconcile *r,
	void (*visit)(const struct table_key *key, void *user_data),
	void *user_data);
bool reconcile_owns(const struct reconcile *r, const struct table_key *key);
/* Is it owned because it was found, in no configuration? */
bool reconcile_has_adopted(
	const struct reconcile *r, const struct table_key *key);
/* What of the globals a successor must know: to keep, and kept. */
const struct globals *reconcile_globals(const struct reconcile *r);
void reconcile_inherit_globals(struct reconcile *r,
	const struct table_timeouts *before, bool owns_daemons);

/* --- what is known --- */

/* Why the data plane does not answer: -errno, or 0 when it does. */
int reconcile_error(const struct reconcile *r);
/* Was there a dump yet? */
bool reconcile_knows_kernel(const struct reconcile *r);
/* The belief; not to be changed. */
const struct table *reconcile_kernel(const struct reconcile *r);
/* The operations from the belief to DESIRED, were it set (not written). */
void reconcile_plan(const struct reconcile *r, const struct table *desired,
	const struct table_globals *globals,
	struct diff_result *result);
const struct reconcile_counters *reconcile_counters(const struct reconcile *r);
uint64_t reconcile_writes(const struct reconcile *r);

/* What stands in the way, each once; texts live until the next call of
 * anything above. */
void reconcile_for_each_problem(const struct reconcile *r,
	void (*visit)(enum reason reason, const char *text, void *user_data),
	void *user_data);

#endif
