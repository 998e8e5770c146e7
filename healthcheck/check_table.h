/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running checks: when each is due, its probe, its verdict, its past.
 *
 * The table starts what is due as long as the engine has room, counts what
 * comes back and tells its owner what changed.  A reload replaces the set of
 * checks: what is the same keeps everything, its place in the schedule and a
 * probe in flight included.
 */
#ifndef TANDEM_HEALTHCHECK_CHECK_TABLE_H
#define TANDEM_HEALTHCHECK_CHECK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "healthcheck/check_diff.h"
#include "healthcheck/check_set.h"
#include "healthcheck/probe.h"
#include "healthcheck/schedule.h"
#include "healthcheck/verdict.h"

/* A change of state, newest first; at most CHECK_EVENTS_MAX are kept. */
#define CHECK_EVENTS_MAX 8

struct check_event {
	struct check_event *next;
	int64_t realtime_us;
	int32_t total_us; /* of the run, -1 = there was none */
	enum verdict_state from;
	enum verdict_state to;
	enum reason reason;
	char detail[];
};

struct check_table;

struct check {
	struct check_table *table;
	const struct check_entry *entry; /* of the running set */
	struct schedule_entry due; /* in the schedule unless it runs */
	struct probe *probe; /* NULL = it does not run */
	struct check_set *probe_set; /* a reference while it runs */
	struct verdict verdict;
	int64_t since_realtime_us; /* of the verdict */
	int64_t last_run_us; /* realtime, end of the last run; 0 = never */
	struct probe_latency latency; /* of the last run */
	enum reason last_reason; /* of the last run */
	int32_t weight; /* or CHECK_WEIGHT_NONE */
	bool resting; /* is not run: see check_table_rest() */
	bool reported; /* in the list of what is to be reported */
	char *detail; /* of the last run; NULL = none */
	struct check_event *events;
};

struct check_table_stats {
	uint64_t runs;
	int64_t late_worst_us; /* since the last question */
	uint64_t inconclusive;
	int64_t inconclusive_us; /* realtime of the last one; 0 = never */
	char inconclusive_detail[PROBE_DETAIL_MAX];
};

/* CHANGED: the state, the reason or the weight of CHECK is another one. */
struct check_table *check_table_new(struct loop *loop,
	struct probe_engine *engine, uint64_t seed,
	void (*changed)(struct check *check, void *user_data),
	void *user_data);
void check_table_free(struct check_table *table);

/* The running set, NULL before the first. */
struct check_set *check_table_set(const struct check_table *table);
/* The check of an entry of the running set. */
struct check *check_table_get(const struct check_table *table, size_t entry);
size_t check_table_count(const struct check_table *table);

/*
 * Makes SET, of which it takes a reference, the running one.  RESTORED may
 * be NULL; it is asked for each new check and fills in verdict, times and
 * weight when it knows it.
 */
void check_table_apply(struct check_table *table, struct check_set *set,
	bool (*restored)(struct check *check, void *user_data),
	void *user_data);

/* CHECK is not run any more, or is again and soon; its verdict stays. */
void check_table_rest(
	struct check_table *table, struct check *check, bool rest);
/* CHECK runs as soon as may be, unless it rests. */
void check_table_hasten(struct check_table *table, struct check *check);

/* No check runs any more. */
void check_table_stop(struct check_table *table);

/* Borrowed; resets the worst lateness. */
struct check_table_stats check_table_stats(struct check_table *table);

/* Timing of a check as the verdicts need it. */
struct verdict_timing check_timing(const struct check_config *config);

#endif
