/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/timeutil.h"
#include "vrrp/debounce.h"

#define DOWN 100
#define UP 300

static struct vrrp_debounce make(bool up)
{
	struct vrrp_debounce d;

	vrrp_debounce_init(&d, DOWN, UP, up);
	return d;
}

static void test_a_link_that_stays_down_counts_after_the_delay(void **state)
{
	struct vrrp_debounce d = make(true);

	(void)state;
	assert_false(vrrp_debounce_set(&d, false, 1000));
	assert_true(d.counts);
	assert_int_equal(d.due_us, 1000 + DOWN);
	assert_false(vrrp_debounce_expire(&d, 1000 + DOWN - 1));
	assert_true(vrrp_debounce_expire(&d, 1000 + DOWN));
	assert_false(d.counts);
	assert_int_equal(d.due_us, TIME_NEVER);
	assert_false(vrrp_debounce_expire(&d, 1000 + 2 * DOWN));
}

static void test_a_link_that_comes_back_in_time_never_was_away(void **state)
{
	struct vrrp_debounce d = make(true);

	(void)state;
	assert_false(vrrp_debounce_set(&d, false, 1000));
	assert_false(vrrp_debounce_set(&d, true, 1000 + DOWN - 1));
	assert_int_equal(d.due_us, TIME_NEVER);
	assert_true(d.counts);
}

static void test_hearing_of_it_again_does_not_put_it_off(void **state)
{
	struct vrrp_debounce d = make(true);

	(void)state;
	assert_false(vrrp_debounce_set(&d, false, 1000));
	assert_false(vrrp_debounce_set(&d, false, 1050));
	assert_int_equal(d.due_us, 1000 + DOWN);
	/* The timer is late. */
	assert_true(vrrp_debounce_set(&d, false, 1000 + DOWN));
	assert_false(d.counts);
}

static void test_up_has_a_delay_of_its_own(void **state)
{
	struct vrrp_debounce d = make(false);

	(void)state;
	assert_false(vrrp_debounce_set(&d, true, 1000));
	assert_int_equal(d.due_us, 1000 + UP);
	assert_true(vrrp_debounce_expire(&d, 1000 + UP));
	assert_true(d.counts);
}

static void test_without_delays_all_counts_at_once(void **state)
{
	struct vrrp_debounce d;

	(void)state;
	vrrp_debounce_init(&d, 0, 0, true);
	assert_true(vrrp_debounce_set(&d, false, 1000));
	assert_false(vrrp_debounce_set(&d, false, 1000));
	assert_true(vrrp_debounce_set(&d, true, 1000));
	assert_true(d.counts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_link_that_stays_down_counts_after_the_delay),
		cmocka_unit_test(
			test_a_link_that_comes_back_in_time_never_was_away),
		cmocka_unit_test(test_hearing_of_it_again_does_not_put_it_off),
		cmocka_unit_test(test_up_has_a_delay_of_its_own),
		cmocka_unit_test(test_without_delays_all_counts_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
