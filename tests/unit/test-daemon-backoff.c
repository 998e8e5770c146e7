/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/backoff.h"
#include "lib/timeutil.h"

static void test_first_restart_is_at_once_then_waits_grow_to_30_s(void **state)
{
	static const int64_t expected_ms[] = { 0, 500, 1000, 2000, 4000, 8000,
		16000, 30000, 30000, 30000 };
	struct backoff backoff = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(expected_ms) / sizeof(expected_ms[0]); i++)
		assert_int_equal(backoff_next_us(&backoff, USEC_PER_SEC),
			expected_ms[i] * USEC_PER_MSEC);
}

static void test_a_good_minute_forgets_the_past(void **state)
{
	struct backoff backoff = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		backoff_next_us(&backoff, 0);
	assert_int_equal(backoff_next_us(&backoff, 60 * USEC_PER_SEC), 0);
	assert_int_equal(backoff_next_us(&backoff, 60 * USEC_PER_SEC - 1),
		500 * USEC_PER_MSEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_first_restart_is_at_once_then_waits_grow_to_30_s),
		cmocka_unit_test(test_a_good_minute_forgets_the_past),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
