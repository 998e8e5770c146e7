/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/liveness.h"

#define MS USEC_PER_MSEC
#define LIMIT (800 * MS)

/* Looks at the times that are asked for until the role hangs or END; answers
 * each ping at once while now < DEAD.  Returns the time. */
static int64_t run(struct liveness *l, int64_t now, int64_t dead, int64_t end)
{
	struct liveness_look look;

	for (;;) {
		look = liveness_look(l, now);
		if (look.hung || now >= end)
			return now;
		if (look.ping && now < dead)
			liveness_pong(l, now, l->sent);
		assert_true(look.next_us > now);
		now = look.next_us;
	}
}

static void test_a_role_that_answers_lives_for_ever(void **state)
{
	struct liveness l;

	(void)state;
	liveness_start(&l, 1000, LIMIT);
	assert_true(run(&l, 1000, INT64_MAX, 3600 * USEC_PER_SEC) >=
		    3600 * USEC_PER_SEC);
	assert_in_range(l.sent - l.answered, 0, 1); /* one on its way */
}

static void test_pings_are_200_ms_apart(void **state)
{
	struct liveness l;

	(void)state;
	liveness_start(&l, 0, LIMIT);
	run(&l, 0, INT64_MAX, 10 * USEC_PER_SEC);
	assert_in_range(l.sent, 50, 51);
}

static void test_silence_is_noticed_within_a_second_whenever_it_begins(
	void **state)
{
	int64_t dead;

	(void)state;
	for (dead = 5000 * MS; dead < 5400 * MS; dead += 7 * MS) {
		struct liveness l;
		int64_t noticed;

		liveness_start(&l, 0, LIMIT);
		noticed = run(&l, 0, dead, 20 * USEC_PER_SEC);
		assert_true(noticed > dead);
		assert_true(noticed - dead <= LIMIT);
		/* Never on suspicion alone. */
		assert_true(noticed - dead >= LIMIT - LIVENESS_PING_US);
	}
}

static void test_any_message_is_a_sign_of_life(void **state)
{
	struct liveness_look look;
	struct liveness l;
	int64_t now;

	(void)state;
	liveness_start(&l, 0, LIMIT);
	for (now = 0; now < 10 * USEC_PER_SEC; now += 100 * MS) {
		look = liveness_look(&l, now);
		assert_false(look.hung);
		liveness_heard(&l, now);
	}
}

static void test_the_supervisors_own_stall_is_forgiven(void **state)
{
	struct liveness_look look;
	struct liveness l;
	int64_t now;

	(void)state;
	liveness_start(&l, 0, LIMIT);
	look = liveness_look(&l, 0);
	liveness_pong(&l, 0, l.sent);
	/* Both were stopped for ten seconds. */
	now = look.next_us + 10 * USEC_PER_SEC;
	look = liveness_look(&l, now);
	assert_false(look.hung);
	/* A role that stays silent is still found, one limit later. */
	now = run(&l, look.next_us, 0, now + 5 * USEC_PER_SEC);
	assert_true(now - 10 * USEC_PER_SEC <= LIMIT + LIVENESS_PING_US);
}

static void test_a_new_limit_counts_from_now(void **state)
{
	struct liveness l;

	(void)state;
	liveness_start(&l, 0, 10 * USEC_PER_SEC);
	assert_int_equal(run(&l, 0, 0, 5000 * MS), 5000 * MS);
	liveness_limit(&l, 5000 * MS, LIMIT);
	assert_int_equal(
		run(&l, 5000 * MS, 0, 20 * USEC_PER_SEC), 5000 * MS + LIMIT);
}

static void test_numbers_never_sent_are_no_answers(void **state)
{
	struct liveness l;

	(void)state;
	liveness_start(&l, 0, LIMIT);
	liveness_look(&l, 0);
	liveness_pong(&l, 10 * MS, 99);
	assert_int_equal(l.answered, 0);
	liveness_pong(&l, 20 * MS, 1);
	assert_int_equal(l.answered, 1);
	assert_int_equal(l.round_trip_us, 20 * MS);
	liveness_pong(&l, 30 * MS, 1);
	assert_int_equal(l.round_trip_us, 20 * MS);
}

static void test_the_delay_grows_while_nothing_is_answered(void **state)
{
	struct liveness l;

	(void)state;
	liveness_start(&l, 0, LIMIT);
	liveness_look(&l, 0);
	liveness_pong(&l, 3 * MS, 1);
	assert_int_equal(liveness_delay_us(&l, 100 * MS), 3 * MS);
	liveness_look(&l, 200 * MS);
	assert_int_equal(liveness_delay_us(&l, 500 * MS), 300 * MS);
}

static enum liveness_verdict judge(
	int64_t limit_us, int64_t silent_us, char state, int64_t cpu_us)
{
	struct liveness_facts facts = { .state = state, .cpu_us = cpu_us };
	struct liveness l;

	liveness_start(&l, 1000, limit_us);
	return liveness_judge(&l, 1000 + silent_us, LIMIT, &facts);
}

static void test_a_stopped_role_is_found_whatever_it_was_doing(void **state)
{
	(void)state;
	assert_int_equal(judge(LIMIT, 700 * MS, 'T', 0), LIVENESS_ALIVE);
	assert_int_equal(judge(LIMIT, 800 * MS, 'T', 0), LIVENESS_STOPPED);
	/* While it binds a large configuration, too. */
	assert_int_equal(judge(60000 * MS, 900 * MS, 'T', 0), LIVENESS_STOPPED);
	assert_int_equal(judge(60000 * MS, 900 * MS, 'S', 0), LIVENESS_ALIVE);
}

static void test_a_role_that_waits_for_something_else_hangs(void **state)
{
	(void)state;
	assert_int_equal(judge(LIMIT, 800 * MS, 'S', 0), LIVENESS_WAITS);
	/* Without /proc silence has to do. */
	assert_int_equal(judge(LIMIT, 800 * MS, 0, 0), LIVENESS_WAITS);
}

static void test_a_starved_role_is_left_alone_a_loop_is_not(void **state)
{
	(void)state;
	assert_int_equal(judge(LIMIT, 5000 * MS, 'R', 100 * MS), LIVENESS_WORKS);
	assert_int_equal(judge(LIMIT, 5000 * MS, 'D', 0), LIVENESS_WORKS);
	assert_int_equal(judge(LIMIT, 3100 * MS, 'R', 3000 * MS), LIVENESS_LOOPS);
	assert_int_equal(judge(LIMIT, 10800 * MS, 'R', 100 * MS), LIVENESS_LOOPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_role_that_answers_lives_for_ever),
		cmocka_unit_test(test_pings_are_200_ms_apart),
		cmocka_unit_test(
			test_silence_is_noticed_within_a_second_whenever_it_begins),
		cmocka_unit_test(test_any_message_is_a_sign_of_life),
		cmocka_unit_test(test_the_supervisors_own_stall_is_forgiven),
		cmocka_unit_test(test_a_new_limit_counts_from_now),
		cmocka_unit_test(test_numbers_never_sent_are_no_answers),
		cmocka_unit_test(
			test_the_delay_grows_while_nothing_is_answered),
		cmocka_unit_test(
			test_a_stopped_role_is_found_whatever_it_was_doing),
		cmocka_unit_test(
			test_a_role_that_waits_for_something_else_hangs),
		cmocka_unit_test(
			test_a_starved_role_is_left_alone_a_loop_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
