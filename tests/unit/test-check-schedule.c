/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "healthcheck/schedule.h"
#include "healthcheck/verdict.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define N 50000

static void test_an_empty_schedule_is_never_due(void **state)
{
	struct schedule s = { .heap = NULL };

	(void)state;
	assert_null(schedule_first(&s));
	assert_int_equal(schedule_next_us(&s), TIME_NEVER);
	schedule_free(&s);
}

static void test_entries_come_out_in_order(void **state)
{
	struct schedule_entry *entries = x_new(struct schedule_entry, N);
	struct schedule s = { .heap = NULL };
	uint64_t seed = 3;
	int64_t last = 0;
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		schedule_put(&s, &entries[i],
			(int64_t)(verdict_random(&seed) % 1000000));
	for (i = 0; i < N; i++) {
		struct schedule_entry *e = schedule_first(&s);

		assert_non_null(e);
		assert_true(e->due_us >= last);
		last = e->due_us;
		schedule_remove(&s, e);
		assert_false(schedule_has(e));
	}
	assert_null(schedule_first(&s));
	schedule_free(&s);
	x_free(entries);
}

static int64_t true_minimum(const struct schedule_entry *entries, size_t n)
{
	int64_t min = TIME_NEVER;
	size_t i;

	for (i = 0; i < n; i++)
		if (schedule_has(&entries[i]) && entries[i].due_us < min)
			min = entries[i].due_us;
	return min;
}

static void test_moves_and_removals_keep_the_first_right(void **state)
{
	struct schedule_entry entries[64] = { { .slot = 0 } };
	struct schedule s = { .heap = NULL };
	uint64_t seed = 4;
	int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		struct schedule_entry *e =
			&entries[verdict_random(&seed) % 64];

		if (verdict_random(&seed) % 3)
			schedule_put(&s, e,
				(int64_t)(verdict_random(&seed) % 1000));
		else
			schedule_remove(&s, e);
		assert_int_equal(
			schedule_next_us(&s), true_minimum(entries, 64));
	}
	schedule_free(&s);
}

/* 50,000 checks every 10 minutes for an hour of virtual time: none is lost, none is
 * late, none runs twice. */
static void test_an_hour_of_50000_checks(void **state)
{
	struct schedule_entry *entries = x_new(struct schedule_entry, N);
	unsigned int *runs = x_new(unsigned int, N);
	struct schedule s = { .heap = NULL };
	const int64_t interval = 600 * USEC_PER_SEC;
	uint64_t seed = 5;
	int64_t end = 3600 * USEC_PER_SEC;
	struct schedule_entry *e;
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		schedule_put(&s, &entries[i],
			(int64_t)(verdict_random(&seed) % (uint64_t)interval));
	while ((e = schedule_first(&s)) && e->due_us < end) {
		runs[e - entries]++;
		schedule_put(&s, e, e->due_us + interval);
	}
	for (i = 0; i < N; i++)
		assert_int_equal(runs[i], 6);
	schedule_free(&s);
	x_free(runs);
	x_free(entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_schedule_is_never_due),
		cmocka_unit_test(test_entries_come_out_in_order),
		cmocka_unit_test(test_moves_and_removals_keep_the_first_right),
		cmocka_unit_test(test_an_hour_of_50000_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
