/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "healthcheck/verdict.h"
#include "lib/timeutil.h"

#define LOOP_US (10 * USEC_PER_SEC)
#define RETRY_US (1 * USEC_PER_SEC)

static struct verdict_timing timing(uint32_t retry, bool alpha)
{
	return (struct verdict_timing){
		.interval_us = LOOP_US,
		.retry_interval_us = RETRY_US,
		.warmup_us = LOOP_US,
		.rise = 1,
		.fall = retry + 1,
		.first_failure_decides = !alpha,
	};
}

static struct verdict_change pass(
	struct verdict *v, const struct verdict_timing *t, int64_t now)
{
	return verdict_step(v, t, VERDICT_PASSED, REASON_CHECK_OK, now);
}

static struct verdict_change refuse(
	struct verdict *v, const struct verdict_timing *t, int64_t now)
{
	return verdict_step(v, t, VERDICT_FAILED, REASON_CHECK_REFUSED, now);
}

static void test_starts_unknown_and_pending(void **state)
{
	struct verdict v;

	(void)state;
	verdict_init(&v, 5);
	assert_int_equal(v.state, VERDICT_UNKNOWN);
	assert_int_equal(v.reason, REASON_CHECK_PENDING);
	assert_int_equal(v.since_us, 5);
}

static void test_one_pass_brings_up(void **state)
{
	struct verdict_timing t = timing(3, false);
	struct verdict_change c;
	struct verdict v;

	(void)state;
	verdict_init(&v, 0);
	c = pass(&v, &t, 100);
	assert_true(c.changed);
	assert_int_equal(c.from, VERDICT_UNKNOWN);
	assert_int_equal(v.state, VERDICT_UP);
	assert_int_equal(v.since_us, 100);
	assert_int_equal(c.next_us, 100 + LOOP_US);
}

static void test_retries_are_used_up_before_down(void **state)
{
	struct verdict_timing t = timing(3, false);
	struct verdict_change c;
	struct verdict v;
	int i;

	(void)state;
	verdict_init(&v, 0);
	pass(&v, &t, 0);
	for (i = 1; i <= 3; i++) {
		c = refuse(&v, &t, i);
		assert_false(c.changed);
		assert_int_equal(v.state, VERDICT_UP);
		assert_int_equal(v.reason, REASON_CHECK_OK);
		assert_int_equal(c.next_us, i + RETRY_US);
	}
	c = refuse(&v, &t, 4);
	assert_true(c.changed);
	assert_int_equal(c.from, VERDICT_UP);
	assert_int_equal(v.state, VERDICT_DOWN);
	assert_int_equal(v.reason, REASON_CHECK_REFUSED);
	assert_int_equal(c.next_us, 4 + LOOP_US);
}

static void test_a_pass_between_failures_starts_the_count_again(void **state)
{
	struct verdict_timing t = timing(1, false);
	struct verdict v;

	(void)state;
	verdict_init(&v, 0);
	pass(&v, &t, 0);
	refuse(&v, &t, 1);
	assert_int_equal(pass(&v, &t, 2).next_us, 2 + LOOP_US);
	refuse(&v, &t, 3);
	assert_int_equal(v.state, VERDICT_UP);
	refuse(&v, &t, 4);
	assert_int_equal(v.state, VERDICT_DOWN);
}

static void test_first_failure_decides_unless_alpha(void **state)
{
	struct verdict_timing normal = timing(3, false);
	struct verdict_timing alpha = timing(3, true);
	struct verdict v;
	int i;

	(void)state;
	verdict_init(&v, 0);
	assert_true(refuse(&v, &normal, 1).changed);
	assert_int_equal(v.state, VERDICT_DOWN);

	verdict_init(&v, 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(refuse(&v, &alpha, i).next_us, i + RETRY_US);
		assert_int_equal(v.state, VERDICT_UNKNOWN);
	}
	refuse(&v, &alpha, 3);
	assert_int_equal(v.state, VERDICT_DOWN);
}

static void test_down_takes_the_newest_reason_but_keeps_its_time(void **state)
{
	struct verdict_timing t = timing(0, false);
	struct verdict v;

	(void)state;
	verdict_init(&v, 0);
	refuse(&v, &t, 7);
	assert_false(verdict_step(&v, &t, VERDICT_FAILED,
		REASON_CHECK_TIMEOUT_CONNECT, 9)
			     .changed);
	assert_int_equal(v.reason, REASON_CHECK_TIMEOUT_CONNECT);
	assert_int_equal(v.since_us, 7);
}

static void test_a_run_that_did_not_happen_counts_for_nothing(void **state)
{
	struct verdict_timing t = timing(0, false);
	struct verdict_change c;
	struct verdict v;

	(void)state;
	verdict_init(&v, 0);
	pass(&v, &t, 0);
	c = verdict_step(
		&v, &t, VERDICT_INCONCLUSIVE, REASON_CHECK_SOCKET, 50);
	assert_false(c.changed);
	assert_int_equal(c.next_us, 50 + RETRY_US);
	assert_int_equal(v.state, VERDICT_UP);
	assert_int_equal(v.reason, REASON_CHECK_OK);
}

static void test_rise_counts_passes(void **state)
{
	struct verdict_timing t = timing(0, false);
	struct verdict v;

	(void)state;
	t.rise = 3;
	verdict_init(&v, 0);
	refuse(&v, &t, 0);
	assert_int_equal(pass(&v, &t, 1).next_us, 1 + RETRY_US);
	pass(&v, &t, 2);
	assert_int_equal(v.state, VERDICT_DOWN);
	assert_true(pass(&v, &t, 3).changed);
	assert_int_equal(v.state, VERDICT_UP);
}

static void test_first_runs_are_spread_over_the_warmup(void **state)
{
	struct verdict_timing t = timing(1, false);
	unsigned int buckets[10] = { 0 };
	uint64_t seed = 1;
	unsigned int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		int64_t at = verdict_first_run(
			&t, 1000, verdict_random(&seed));

		assert_in_range(at, 1000, 1000 + LOOP_US - 1);
		buckets[(at - 1000) * 10 / LOOP_US]++;
	}
	for (i = 0; i < 10; i++)
		assert_in_range(buckets[i], 9500, 10500);
	t.warmup_us = 0;
	assert_int_equal(verdict_first_run(&t, 77, 12345), 77);
}

/*
 * Random results against a model that is written from the outside: what the
 * last results were says what the state must be.
 */
static void run_model(uint64_t *seed, uint32_t retry, bool alpha)
{
	struct verdict_timing t = timing(retry, alpha);
	uint32_t failed = 0;
	int expect = VERDICT_UNKNOWN;
	int64_t now = 0;
	struct verdict v;
	int i;

	verdict_init(&v, 0);
	for (i = 0; i < 100000; i++) {
		enum verdict_outcome outcome = verdict_random(seed) % 3;
		int before = expect;
		struct verdict_change c = verdict_step(
			&v, &t, outcome, REASON_CHECK_REFUSED, now);

		if (outcome == VERDICT_PASSED) {
			failed = 0;
			expect = VERDICT_UP;
		} else if (outcome == VERDICT_FAILED) {
			failed++;
			if (failed > retry ||
				(expect == VERDICT_UNKNOWN && !alpha))
				expect = VERDICT_DOWN;
		}
		if (v.state != (enum verdict_state)expect ||
			c.changed != (before != expect) ||
			c.next_us <= now || c.next_us > now + LOOP_US)
			fail_msg("step %d: state %d, expected %d", i, v.state,
				expect);
		now = c.next_us;
	}
}

static void test_millions_of_steps_agree_with_a_model(void **state)
{
	uint64_t seed = 20261124;
	uint32_t retry;

	(void)state;
	for (retry = 0; retry < 12; retry++) {
		run_model(&seed, retry, false);
		run_model(&seed, retry, true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts_unknown_and_pending),
		cmocka_unit_test(test_one_pass_brings_up),
		cmocka_unit_test(test_retries_are_used_up_before_down),
		cmocka_unit_test(
			test_a_pass_between_failures_starts_the_count_again),
		cmocka_unit_test(test_first_failure_decides_unless_alpha),
		cmocka_unit_test(
			test_down_takes_the_newest_reason_but_keeps_its_time),
		cmocka_unit_test(
			test_a_run_that_did_not_happen_counts_for_nothing),
		cmocka_unit_test(test_rise_counts_passes),
		cmocka_unit_test(test_first_runs_are_spread_over_the_warmup),
		cmocka_unit_test(test_millions_of_steps_agree_with_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
