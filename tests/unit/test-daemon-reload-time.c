/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/reload_time.h"

/* 2026-03-28 12:00:00 UTC; the clocks of ZONE go forward in the night. */
#define NOW INT64_C(1774699200)
#define HOUR 3600
#define DAY (24 * HOUR)
#define ZONE "CET-1CEST,M3.5.0,M10.5.0/3"

static void assert_when(
	const char *text, int64_t now, int64_t expected, bool daily)
{
	int64_t when = 0;
	bool got_daily = !daily;

	assert_int_equal(reload_time_parse(text, strlen(text), now, &when,
				 &got_daily),
		0);
	assert_int_equal(when, expected);
	assert_int_equal(got_daily, daily);
}

static void assert_error(const char *text, int expected)
{
	int64_t when = 7;
	bool daily = true;

	assert_int_equal(
		reload_time_parse(text, strlen(text), NOW, &when, &daily),
		expected);
	assert_int_equal(when, 7);
}

static void test_a_time_is_the_next_one_today_or_tomorrow(void **state)
{
	(void)state;
	assert_when("12:00:01Z", NOW, NOW + 1, true);
	assert_when("12:00:00Z\n", NOW, NOW + DAY, true);
	assert_when("11:59:59Z", NOW, NOW + DAY - 1, true);
	/* 13:00 of the clock on the wall is now. */
	assert_when("13:00:01", NOW, NOW + 1, true);
	assert_when("14:00:00\nanything", NOW, NOW + HOUR, true);
}

static void test_a_night_that_is_shorter_or_longer_is_counted_so(void **state)
{
	/* 2026-10-24 12:00:00 UTC, 14:00 on the wall. */
	int64_t autumn = INT64_C(1792843200);

	(void)state;
	assert_when("12:00:00", NOW, NOW + DAY - 2 * HOUR, true);
	assert_when("14:00:00", autumn, autumn + DAY + HOUR, true);
	/* There is no 02:30 in this night. */
	assert_when("26-03-29 02:30:00", NOW, NOW + 13 * HOUR + HOUR / 2, false);
}

static void test_dates_with_two_and_four_digits(void **state)
{
	(void)state;
	assert_when("2026-03-28 12:00:01Z", NOW, NOW + 1, false);
	assert_when("26-03-29 12:00:00Z", NOW, NOW + DAY, false);
	assert_when("2028-02-29 00:00:00Z", NOW, INT64_C(1835395200), false);
	assert_when("2026-03-28 14:00:00", NOW, NOW + HOUR, false);
}

static void test_a_date_that_is_over_is_none(void **state)
{
	(void)state;
	assert_error("2026-03-28 12:00:00Z", -ETIME);
	assert_error("26-03-28 12:59:59", -ETIME);
}

static void test_anything_else_is_refused(void **state)
{
	static const char *const texts[] = { "", "\n", "Z", "12:00", "12:00:0",
		"24:00:00", "12:60:00", "12:00:60", " 12:00:00", "12:00:00 ",
		"12:00:00z", "12:00:00ZZ", "12-00-00", "1a:00:00",
		"2026-13-01 00:00:00", "2026-00-01 00:00:00",
		"2026-02-29 00:00:00", "2100-02-29 00:00:00",
		"2026-04-31 00:00:00", "2026-04-00 00:00:00",
		"2026-03-28  13:00:00", "2026/03/28 13:00:00",
		"026-03-28 13:00:00", "\t12:00:00", "12:00:00\r\n" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_error(texts[i], -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_time_is_the_next_one_today_or_tomorrow),
		cmocka_unit_test(
			test_a_night_that_is_shorter_or_longer_is_counted_so),
		cmocka_unit_test(test_dates_with_two_and_four_digits),
		cmocka_unit_test(test_a_date_that_is_over_is_none),
		cmocka_unit_test(test_anything_else_is_refused),
	};

	setenv("TZ", ZONE, 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
