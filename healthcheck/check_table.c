/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/check_table.h"

#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* The timer waits a little longer than it must, so that what is due soon
 * after is started with the same wakeup. */
#define SLACK_US (4 * USEC_PER_MSEC)
/* Started in a row before replies get their turn. */
#define STARTS_AT_ONCE 64
/* A check that takes another's place is run soon. */
#define REPLACED_WARMUP_US (1 * USEC_PER_SEC)

struct check_table {
	struct probe_engine *engine;
	struct loop_timer *timer;
	int64_t timer_us; /* when it fires; TIME_NEVER = not set */
	struct schedule schedule;
	struct check_set *set;
	struct check **checks; /* one for each entry of the set */
	uint64_t random;
	bool stopped;
	struct check_table_stats stats;
	void (*changed)(struct check *check, void *user_data);
	void *user_data;
};

struct verdict_timing check_timing(const struct check_config *config)
{
	const struct check_defaults *timing = &config->timing;

	return (struct verdict_timing){
		.interval_us = timing->delay_loop_us,
		/* 0 means at once, but not in a loop that starves others. */
		.retry_interval_us = timing->delay_before_retry_us < 1000
			? 1000
			: timing->delay_before_retry_us,
		.warmup_us = timing->warmup_us,
		.rise = 1,
		.fall = (uint32_t)timing->retry + 1,
		.first_failure_decides = timing->alpha != CHECK_YES,
	};
}

/* --- the past --- */

static void forget_events(struct check_event *event)
{
	struct check_event *next;

	for (; event; event = next) {
		next = event->next;
		x_free(event);
	}
}

static void add_event(struct check *check, enum verdict_state from,
	const struct probe_result *result)
{
	size_t len = strlen(result->detail);
	struct check_event *event = x_calloc(1, sizeof(*event) + len + 1);
	struct check_event **pos = &check->events;
	unsigned int n;

	event->realtime_us = check->since_realtime_us;
	event->total_us = result->latency.total_us;
	event->from = from;
	event->to = check->verdict.state;
	event->reason = check->verdict.reason;
	memcpy(event->detail, result->detail, len + 1);
	event->next = check->events;
	check->events = event;
	for (n = 0; *pos && n < CHECK_EVENTS_MAX; n++)
		pos = &(*pos)->next;
	forget_events(*pos);
	*pos = NULL;
}

static void copy_events(struct check *check, const struct check *old)
{
	const struct check_event *event;
	struct check_event **end = &check->events;

	for (event = old->events; event; event = event->next) {
		size_t size = sizeof(*event) + strlen(event->detail) + 1;

		*end = x_calloc(1, size);
		memcpy(*end, event, size);
		(*end)->next = NULL;
		end = &(*end)->next;
	}
}

/* --- log --- */

static void log_change(const struct check *check, enum verdict_state from,
	const struct probe_result *result)
{
	char name[CHECK_NAME_MAX];
	/* At a start there is one for each check. */
	enum log_level level = from == VERDICT_UNKNOWN &&
			check->verdict.state == VERDICT_UP ?
		LOG_LEVEL_INFO :
		LOG_LEVEL_NOTICE;

	log_write(level, "check %s: %s -> %s, %s%s%s%s, %.1f ms",
		check_config_name(check->entry->config, name),
		verdict_state_name(from),
		verdict_state_name(check->verdict.state),
		reason_text(check->verdict.reason),
		result->detail[0] ? " (" : "", result->detail,
		result->detail[0] ? ")" : "",
		(double)result->latency.total_us / (double)USEC_PER_MSEC);
}

static void log_failure(
	const struct check *check, const struct probe_result *result)
{
	char name[CHECK_NAME_MAX];

	log_info("check %s failed while %s: %s (%s), %u in a row",
		check_config_name(check->entry->config, name),
		verdict_state_name(check->verdict.state),
		reason_text(result->reason), result->detail,
		check->verdict.failed);
}

/* --- results --- */

static void keep_detail(struct check *check, const char *detail)
{
	if (check->detail ? !strcmp(check->detail, detail) : !*detail)
		return;
	x_free(check->detail);
	check->detail = *detail ? x_strdup(detail) : NULL;
}

static void count_inconclusive(
	struct check_table *table, const struct probe_result *result)
{
	static struct log_limit limit;

	table->stats.inconclusive++;
	table->stats.inconclusive_us = time_realtime_us();
	memcpy(table->stats.inconclusive_detail, result->detail,
		sizeof(result->detail));
	log_limited(&limit, LOG_LEVEL_WARNING, "a check could not be run: %s",
		result->detail);
}

static void keep_result(struct check *check, const struct probe_result *result)
{
	check->last_run_us = time_realtime_us();
	check->last_reason = result->reason;
	check->latency = result->latency;
	keep_detail(check, result->detail);
}

static void arm_timer(struct check_table *table, bool at_once);

static void on_result(const struct probe_result *result, void *user_data)
{
	struct check *check = user_data;
	struct check_table *table = check->table;
	const struct check_config *config = check->entry->config;
	struct verdict_timing timing = check_timing(config);
	enum reason reason = check->verdict.reason;
	int32_t weight = check->weight;
	int64_t now = time_monotonic_us();
	struct verdict_change change = verdict_step(&check->verdict, &timing,
		result->outcome, result->reason, now);

	check->probe = NULL;
	check_set_unref(check->probe_set);
	check->probe_set = NULL;
	if (result->outcome == VERDICT_INCONCLUSIVE)
		count_inconclusive(table, result);
	else
		keep_result(check, result);
	if (result->outcome == VERDICT_PASSED)
		check->weight = result->weight;
	schedule_put(&table->schedule, &check->due, change.next_us);
	arm_timer(table, false);
	if (change.changed) {
		check->since_realtime_us = check->last_run_us;
		add_event(check, change.from, result);
		log_change(check, change.from, result);
	} else if (result->outcome == VERDICT_FAILED &&
		config->timing.log_all_failures == CHECK_YES) {
		log_failure(check, result);
	}
	if (change.changed || reason != check->verdict.reason ||
		weight != check->weight)
		table->changed(check, table->user_data);
}

/* --- what is due --- */

static void start(struct check_table *table, struct check *check, int64_t now)
{
	int64_t late = now - check->due.due_us;

	if (late > table->stats.late_worst_us)
		table->stats.late_worst_us = late;
	table->stats.runs++;
	schedule_remove(&table->schedule, &check->due);
	check->probe_set = check_set_ref(table->set);
	check->probe = probe_start(table->engine, check->entry->config,
		check->entry->program, on_result, check);
}

static void on_timer(void *user_data)
{
	struct check_table *table = user_data;
	int64_t now = time_monotonic_us();
	struct schedule_entry *entry;
	int started = 0;

	table->timer_us = TIME_NEVER;
	while ((entry = schedule_first(&table->schedule)) &&
		entry->due_us <= now && started < STARTS_AT_ONCE &&
		!probe_engine_is_full(table->engine)) {
		start(table,
			(struct check *)((char *)entry -
				offsetof(struct check, due)),
			now);
		started++;
	}
	arm_timer(table, started == STARTS_AT_ONCE);
}

/* AT_ONCE: more is due already.  While the engine is full nothing is armed:
 * the end of a probe does it. */
static void arm_timer(struct check_table *table, bool at_once)
{
	int64_t next = schedule_next_us(&table->schedule);

	if (table->stopped || next == TIME_NEVER ||
		probe_engine_is_full(table->engine))
		return;
	if (!at_once)
		next += SLACK_US;
	if (next >= table->timer_us)
		return;
	table->timer_us = next;
	loop_timer_set(table->timer, next);
}

void check_table_hasten(struct check_table *table, struct check *check)
{
	if (check->probe || check->resting)
		return;
	schedule_put(&table->schedule, &check->due, time_monotonic_us());
	arm_timer(table, true);
}

static void stop_probe(struct check *check)
{
	if (check->probe)
		probe_cancel(check->probe);
	check->probe = NULL;
	check_set_unref(check->probe_set);
	check->probe_set = NULL;
}

void check_table_rest(
	struct check_table *table, struct check *check, bool rest)
{
	uint64_t random;

	if (check->resting == rest)
		return;
	check->resting = rest;
	if (rest) {
		schedule_remove(&table->schedule, &check->due);
		stop_probe(check);
		/* An end may have been what the others waited for. */
		arm_timer(table, false);
		return;
	}
	random = verdict_random(&table->random);
	schedule_put(&table->schedule, &check->due,
		time_monotonic_us() + (int64_t)(random % REPLACED_WARMUP_US));
	arm_timer(table, false);
}

/* --- reload --- */

static void check_free(struct check *check)
{
	schedule_remove(&check->table->schedule, &check->due);
	if (check->probe)
		probe_cancel(check->probe);
	check_set_unref(check->probe_set);
	forget_events(check->events);
	x_free(check->detail);
	x_free(check);
}

static struct check *check_new(
	struct check_table *table, const struct check_entry *entry, int64_t now)
{
	struct check *check = x_new(struct check, 1);

	check->table = table;
	check->entry = entry;
	check->weight = CHECK_WEIGHT_NONE;
	check->last_reason = REASON_CHECK_PENDING;
	check->latency = (struct probe_latency){ -1, -1, -1, -1 };
	check->since_realtime_us = time_realtime_us();
	verdict_init(&check->verdict, now);
	return check;
}

static void inherit(struct check *check, const struct check *old)
{
	check->verdict = old->verdict;
	check->since_realtime_us = old->since_realtime_us;
	check->last_run_us = old->last_run_us;
	check->last_reason = old->last_reason;
	check->latency = old->latency;
	check->weight = old->weight;
	check->detail = old->detail ? x_strdup(old->detail) : NULL;
	copy_events(check, old);
}

static int64_t min_time(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When a check that was not there before runs first. */
static int64_t first_run(struct check_table *table, const struct check *check,
	enum check_fate fate, const struct check *old, int64_t now)
{
	struct verdict_timing timing = check_timing(check->entry->config);
	uint64_t random = verdict_random(&table->random);
	int64_t first = verdict_first_run(&timing, now, random);
	int64_t soon = now + (int64_t)(random % REPLACED_WARMUP_US);

	/* It is hastened as soon as something is said of its session. */
	if (check->entry->config->kind == CHECK_KIND_BFD &&
		check->entry->config->bfd_found)
		return TIME_NEVER;
	switch (fate) {
	case CHECK_NEW:
	case CHECK_KEPT:
		break;
	case CHECK_RETIMED:
		/* One that rests, or whose probe is cut short, has no time. */
		if (!schedule_has(&old->due))
			return min_time(first, soon);
		return min_time(
			old->due.due_us, now + timing.interval_us);
	case CHECK_REPLACES:
		return min_time(first, soon);
	}
	return first;
}

static struct check *make_check(struct check_table *table,
	const struct check_entry *entry, const struct check_change *change,
	bool (*restored)(struct check *check, void *user_data),
	void *user_data)
{
	struct check *old = change->fate == CHECK_NEW ?
		NULL :
		table->checks[change->old];
	int64_t now = time_monotonic_us();
	struct check *check;

	if (change->fate == CHECK_KEPT) {
		old->entry = entry;
		return old;
	}
	check = check_new(table, entry, now);
	if (old)
		inherit(check, old);
	else if (restored)
		restored(check, user_data);
	schedule_put(&table->schedule, &check->due,
		first_run(table, check, change->fate, old, now));
	return check;
}

/* Those that live on under their own id have moved to the new array. */
static void drop_old(struct check_table *table, const struct check_diff *diff,
	const struct check_set *set)
{
	size_t i;

	for (i = 0; i < set->n_entries; i++)
		if (diff->changes[i].fate == CHECK_KEPT)
			table->checks[diff->changes[i].old] = NULL;
	for (i = 0; table->set && i < table->set->n_entries; i++)
		if (table->checks[i])
			check_free(table->checks[i]);
	x_free(table->checks);
}

void check_table_apply(struct check_table *table, struct check_set *set,
	bool (*restored)(struct check *check, void *user_data),
	void *user_data)
{
	struct check_diff diff = check_diff_make(table->set, set);
	struct check **checks = x_new(struct check *, set->n_entries);
	size_t i;

	for (i = 0; i < set->n_entries; i++)
		checks[i] = make_check(table, &set->entries[i],
			&diff.changes[i], restored, user_data);
	drop_old(table, &diff, set);
	check_diff_free(&diff);
	check_set_unref(table->set);
	table->set = check_set_ref(set);
	table->checks = checks;
	arm_timer(table, false);
}

/* --- life --- */

struct check_table *check_table_new(struct loop *loop,
	struct probe_engine *engine, uint64_t seed,
	void (*changed)(struct check *check, void *user_data),
	void *user_data)
{
	struct check_table *table = x_new(struct check_table, 1);

	table->engine = engine;
	table->timer = loop_timer_new(loop, on_timer, table);
	table->timer_us = TIME_NEVER;
	table->random = seed;
	table->changed = changed;
	table->user_data = user_data;
	return table;
}

void check_table_stop(struct check_table *table)
{
	size_t i;

	table->stopped = true;
	loop_timer_set(table->timer, TIME_NEVER);
	for (i = 0; i < check_table_count(table); i++)
		stop_probe(table->checks[i]);
}

void check_table_free(struct check_table *table)
{
	size_t i;

	for (i = 0; i < check_table_count(table); i++)
		check_free(table->checks[i]);
	x_free(table->checks);
	schedule_free(&table->schedule);
	loop_timer_free(table->timer);
	check_set_unref(table->set);
	x_free(table);
}

struct check_set *check_table_set(const struct check_table *table)
{
	return table->set;
}

struct check *check_table_get(const struct check_table *table, size_t entry)
{
	return table->checks[entry];
}

size_t check_table_count(const struct check_table *table)
{
	return table->set ? table->set->n_entries : 0;
}

struct check_table_stats check_table_stats(struct check_table *table)
{
	struct check_table_stats stats = table->stats;

	table->stats.late_worst_us = 0;
	return stats;
}
