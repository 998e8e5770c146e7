/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vrrp/track.h"

static struct vrrp_tracked with_status(enum vrrp_track_status status)
{
	return (struct vrrp_tracked){ .kind = VRRP_TRACK_SCRIPT,
		.status = status, .rise = 1, .fall = 1 };
}

static uint8_t priority_with(uint8_t base, enum vrrp_track_status status,
	int weight, bool reverse)
{
	struct vrrp_tracked object = with_status(status);
	struct vrrp_track_ref ref = { &object, weight, reverse };

	return vrrp_track_evaluate(base, &ref, 1, false).priority;
}

static void test_positive_weight_counts_while_up(void **state)
{
	(void)state;
	assert_int_equal(priority_with(100, VRRP_TRACK_UP, 20, false), 120);
	assert_int_equal(priority_with(100, VRRP_TRACK_DOWN, 20, false), 100);
	assert_int_equal(priority_with(100, VRRP_TRACK_PENDING, 20, false), 100);
}

static void test_negative_weight_counts_while_down(void **state)
{
	(void)state;
	assert_int_equal(priority_with(100, VRRP_TRACK_UP, -20, false), 100);
	assert_int_equal(priority_with(100, VRRP_TRACK_DOWN, -20, false), 80);
	assert_int_equal(
		priority_with(100, VRRP_TRACK_PENDING, -20, false), 100);
}

static void test_reverse_turns_the_sign(void **state)
{
	(void)state;
	assert_int_equal(priority_with(100, VRRP_TRACK_UP, 20, true), 80);
	assert_int_equal(priority_with(100, VRRP_TRACK_DOWN, -20, true), 120);
}

static void test_priority_stays_in_1_to_254(void **state)
{
	(void)state;
	assert_int_equal(priority_with(254, VRRP_TRACK_UP, 253, false), 254);
	assert_int_equal(priority_with(1, VRRP_TRACK_DOWN, -253, false), 1);
}

static void test_owner_keeps_its_priority(void **state)
{
	(void)state;
	assert_int_equal(priority_with(255, VRRP_TRACK_DOWN, -100, false), 255);
}

static void test_sums_are_cut_at_the_end_only(void **state)
{
	struct vrrp_tracked up = with_status(VRRP_TRACK_UP);
	struct vrrp_tracked down = with_status(VRRP_TRACK_DOWN);
	const struct vrrp_track_ref refs[] = {
		{ &up, 253, false },
		{ &down, -253, false },
		{ &up, 5, false },
	};

	(void)state;
	assert_int_equal(
		vrrp_track_evaluate(200, refs, 3, false).priority, 205);
	assert_int_equal(vrrp_track_evaluate(200, refs, 3, true).priority, 200);
}

static void test_without_weight_down_is_a_fault(void **state)
{
	struct vrrp_tracked script = with_status(VRRP_TRACK_DOWN);
	struct vrrp_tracked interface;
	struct vrrp_track_ref ref = { &script, 0, false };
	struct vrrp_track_result result;

	(void)state;
	result = vrrp_track_evaluate(100, &ref, 1, true);
	assert_true(result.fault);
	assert_int_equal(result.reason, REASON_VRRP_TRACK_SCRIPT);
	script.status = VRRP_TRACK_UP;
	assert_false(vrrp_track_evaluate(100, &ref, 1, false).fault);
	ref.reverse = true;
	assert_true(vrrp_track_evaluate(100, &ref, 1, false).fault);
	vrrp_tracked_init_interface(&interface, false);
	ref = (struct vrrp_track_ref){ &interface, 0, false };
	result = vrrp_track_evaluate(100, &ref, 1, false);
	assert_true(result.fault);
	assert_int_equal(result.reason, REASON_VRRP_TRACK_INTERFACE);
}

static struct vrrp_track_result with_file(
	int64_t value, int weight, bool reverse, bool ignore_weights)
{
	struct vrrp_tracked file;
	struct vrrp_track_ref ref = { &file, weight, reverse };

	vrrp_tracked_init_file(&file, value);
	return vrrp_track_evaluate(100, &ref, 1, ignore_weights);
}

static void test_a_file_adds_its_number_times_the_weight(void **state)
{
	(void)state;
	assert_int_equal(with_file(7, 2, false, false).priority, 114);
	assert_int_equal(with_file(7, -2, false, false).priority, 86);
	assert_int_equal(with_file(7, 2, true, false).priority, 86);
	assert_int_equal(with_file(0, 2, false, false).priority, 100);
	assert_int_equal(with_file(INT32_MAX, 254, false, false).priority, 254);
	assert_int_equal(with_file(7, 2, false, true).priority, 100);
}

static void test_a_file_that_takes_all_is_a_fault(void **state)
{
	struct vrrp_track_result result = with_file(-254, 1, false, false);

	(void)state;
	assert_true(result.fault);
	assert_int_equal(result.reason, REASON_VRRP_TRACK_FILE);
	assert_int_equal(result.priority, 100);
	assert_false(with_file(-253, 1, false, false).fault);
	assert_int_equal(with_file(-253, 1, false, false).priority, 1);
	assert_true(with_file(-INT32_MAX, 254, false, false).fault);
	assert_true(with_file(254, 1, true, false).fault);
}

static void test_a_file_without_weight_is_a_fault_unless_zero(void **state)
{
	(void)state;
	assert_true(with_file(1, 0, false, true).fault);
	assert_true(with_file(-1, 0, false, false).fault);
	assert_false(with_file(0, 0, false, false).fault);
	assert_true(with_file(0, 0, true, false).fault);
	assert_false(with_file(1, 0, true, false).fault);
}

static void test_pending_without_weight_holds_the_start(void **state)
{
	struct vrrp_tracked script;
	struct vrrp_track_ref ref = { &script, 0, false };
	struct vrrp_track_result result;

	(void)state;
	vrrp_tracked_init_script(&script, 3, 3, false);
	result = vrrp_track_evaluate(100, &ref, 1, false);
	assert_true(result.pending);
	assert_false(result.fault);
	ref.weight = 10;
	assert_false(vrrp_track_evaluate(100, &ref, 1, false).pending);
}

static void test_first_result_counts_at_once(void **state)
{
	struct vrrp_tracked script;

	(void)state;
	vrrp_tracked_init_script(&script, 3, 3, false);
	assert_true(vrrp_tracked_script_result(&script, true));
	assert_int_equal(script.status, VRRP_TRACK_UP);
	vrrp_tracked_init_script(&script, 3, 3, false);
	assert_true(vrrp_tracked_script_result(&script, false));
	assert_int_equal(script.status, VRRP_TRACK_DOWN);
}

static void test_init_fail_wants_all_of_rise(void **state)
{
	struct vrrp_tracked script;

	(void)state;
	vrrp_tracked_init_script(&script, 2, 1, true);
	assert_int_equal(script.status, VRRP_TRACK_DOWN);
	assert_false(vrrp_tracked_script_result(&script, true));
	assert_true(vrrp_tracked_script_result(&script, true));
	assert_int_equal(script.status, VRRP_TRACK_UP);
}

static void test_fall_and_rise_count_results_in_a_row(void **state)
{
	struct vrrp_tracked script;

	(void)state;
	vrrp_tracked_init_script(&script, 2, 3, false);
	vrrp_tracked_script_result(&script, true);
	assert_false(vrrp_tracked_script_result(&script, false));
	assert_false(vrrp_tracked_script_result(&script, false));
	assert_false(vrrp_tracked_script_result(&script, true));
	assert_false(vrrp_tracked_script_result(&script, false));
	assert_false(vrrp_tracked_script_result(&script, false));
	assert_true(vrrp_tracked_script_result(&script, false));
	assert_int_equal(script.status, VRRP_TRACK_DOWN);
	assert_false(vrrp_tracked_script_result(&script, true));
	assert_false(vrrp_tracked_script_result(&script, false));
	assert_false(vrrp_tracked_script_result(&script, true));
	assert_true(vrrp_tracked_script_result(&script, true));
	assert_int_equal(script.status, VRRP_TRACK_UP);
}

static void test_interface_changes_are_told_once(void **state)
{
	struct vrrp_tracked interface;

	(void)state;
	vrrp_tracked_init_interface(&interface, true);
	assert_false(vrrp_tracked_set_interface(&interface, true));
	assert_true(vrrp_tracked_set_interface(&interface, false));
	assert_false(vrrp_tracked_set_interface(&interface, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_positive_weight_counts_while_up),
		cmocka_unit_test(test_negative_weight_counts_while_down),
		cmocka_unit_test(test_reverse_turns_the_sign),
		cmocka_unit_test(test_priority_stays_in_1_to_254),
		cmocka_unit_test(test_owner_keeps_its_priority),
		cmocka_unit_test(test_sums_are_cut_at_the_end_only),
		cmocka_unit_test(test_without_weight_down_is_a_fault),
		cmocka_unit_test(test_a_file_adds_its_number_times_the_weight),
		cmocka_unit_test(test_a_file_that_takes_all_is_a_fault),
		cmocka_unit_test(test_a_file_without_weight_is_a_fault_unless_zero),
		cmocka_unit_test(test_pending_without_weight_holds_the_start),
		cmocka_unit_test(test_first_result_counts_at_once),
		cmocka_unit_test(test_init_fail_wants_all_of_rise),
		cmocka_unit_test(test_fall_and_rise_count_results_in_a_row),
		cmocka_unit_test(test_interface_changes_are_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
