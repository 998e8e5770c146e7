/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/timeutil.h"
#include "vrrp/process_rule.h"

/* A command line with its NULs. */
#define LINE(text) text, sizeof(text)
#define MS(n) ((n)*USEC_PER_MSEC)

static bool by_command(const char *params, size_t len, enum process_match match,
	const char *line, size_t line_len)
{
	const struct process_rule rule = {
		.name = "/bin/x",
		.params = params,
		.params_len = len,
		.match = match,
		.full_command = true,
	};

	return process_rule_matches(&rule, "other", line, line_len);
}

static void test_name_is_the_kernel_s(void **state)
{
	const struct process_rule rule = { .name = "nginx" };

	(void)state;
	assert_true(process_rule_matches(&rule, "nginx", NULL, 0));
	assert_false(process_rule_matches(&rule, "nginx2", NULL, 0));
	assert_false(process_rule_matches(&rule, "ngin", LINE("nginx")));
}

static void test_full_command_is_the_first_word(void **state)
{
	(void)state;
	assert_true(by_command(NULL, 0, PROCESS_MATCH_NONE, LINE("/bin/x")));
	assert_true(
		by_command(NULL, 0, PROCESS_MATCH_NONE, LINE("/bin/x\0-a")));
	assert_true(by_command(NULL, 0, PROCESS_MATCH_NONE, "/bin/x", 6));
	assert_false(by_command(NULL, 0, PROCESS_MATCH_NONE, LINE("/bin/xy")));
	assert_false(by_command(NULL, 0, PROCESS_MATCH_NONE, LINE("/bin/")));
	/* A zombie, or a thread of the kernel. */
	assert_false(by_command(NULL, 0, PROCESS_MATCH_NONE, NULL, 0));
	assert_false(by_command(NULL, 0, PROCESS_MATCH_NONE, "", 0));
}

static void test_parameters_match_as_keepalived_compares_them(void **state)
{
	(void)state;
	/* Exactly. */
	assert_true(by_command(
		LINE("-a"), PROCESS_MATCH_EXACT, LINE("/bin/x\0-a")));
	assert_false(by_command(
		LINE("-a"), PROCESS_MATCH_EXACT, LINE("/bin/x\0-a\0b")));
	assert_false(by_command(
		LINE("-a"), PROCESS_MATCH_EXACT, LINE("/bin/x\0-ab")));
	assert_false(
		by_command(LINE("-a"), PROCESS_MATCH_EXACT, LINE("/bin/x")));
	assert_true(by_command(NULL, 0, PROCESS_MATCH_EXACT, LINE("/bin/x")));
	assert_false(
		by_command(NULL, 0, PROCESS_MATCH_EXACT, LINE("/bin/x\0-a")));
	/* The first ones. */
	assert_true(by_command(
		LINE("-a"), PROCESS_MATCH_PARTIAL, LINE("/bin/x\0-a\0b")));
	assert_false(by_command(
		LINE("-a"), PROCESS_MATCH_PARTIAL, LINE("/bin/x\0-ab")));
	assert_false(by_command(
		LINE("-a\0b"), PROCESS_MATCH_PARTIAL, LINE("/bin/x\0-a")));
	/* The first ones, the last of them as a beginning. */
	assert_true(by_command(
		LINE("-a"), PROCESS_MATCH_INITIAL, LINE("/bin/x\0-ab")));
	assert_true(by_command(
		LINE("-a"), PROCESS_MATCH_INITIAL, LINE("/bin/x\0-a\0b")));
	assert_true(by_command(
		LINE("-a\0b"), PROCESS_MATCH_INITIAL, LINE("/bin/x\0-a\0bc")));
	assert_false(by_command(
		LINE("-a\0b"), PROCESS_MATCH_INITIAL, LINE("/bin/x\0-ab\0b")));
	assert_true(
		by_command(NULL, 0, PROCESS_MATCH_INITIAL, LINE("/bin/x\0-a")));
}

/* --- how many --- */

static struct process_quorum quorum_of(
	uint32_t least, uint32_t most, int64_t fork_us, int64_t end_us)
{
	const struct process_quorum_conf conf = { least, most, fork_us,
		end_us };
	struct process_quorum quorum;

	process_quorum_init(&quorum, &conf);
	return quorum;
}

static void test_first_count_decides_at_once(void **state)
{
	struct process_quorum q = quorum_of(1, UINT32_MAX, MS(5), MS(5));

	(void)state;
	assert_true(process_quorum_set(&q, 0, PROCESS_BY_SCAN, 0));
	assert_true(q.known);
	assert_false(q.up);
	q = quorum_of(2, 3, 0, 0);
	assert_true(process_quorum_set(&q, 2, PROCESS_BY_SCAN, 0));
	assert_true(q.up);
}

static void test_numbers_within_the_limits_are_up(void **state)
{
	struct process_quorum q = quorum_of(2, 3, 0, 0);

	(void)state;
	process_quorum_set(&q, 1, PROCESS_BY_SCAN, 0);
	assert_false(q.up);
	assert_true(process_quorum_set(&q, 2, PROCESS_BY_FORK, 1));
	assert_false(process_quorum_set(&q, 3, PROCESS_BY_FORK, 2));
	assert_true(q.up);
	assert_true(process_quorum_set(&q, 4, PROCESS_BY_FORK, 3));
	assert_false(q.up);
	assert_true(process_quorum_set(&q, 3, PROCESS_BY_EXIT, 4));
	assert_true(q.up);
	/* quorum_max 0: none may be there. */
	q = quorum_of(0, 0, 0, 0);
	process_quorum_set(&q, 0, PROCESS_BY_SCAN, 0);
	assert_true(q.up);
	assert_true(process_quorum_set(&q, 1, PROCESS_BY_EXEC, 1));
	assert_false(q.up);
}

static void test_process_that_comes_back_within_the_delay_was_never_gone(
	void **state)
{
	struct process_quorum q = quorum_of(1, UINT32_MAX, 0, MS(100));

	(void)state;
	process_quorum_set(&q, 1, PROCESS_BY_SCAN, 0);
	assert_false(process_quorum_set(&q, 0, PROCESS_BY_EXIT, MS(10)));
	assert_int_equal(q.due_us, MS(110));
	assert_false(process_quorum_timer(&q, MS(109)));
	assert_true(q.up);
	assert_false(process_quorum_set(&q, 1, PROCESS_BY_EXEC, MS(109)));
	assert_int_equal(q.due_us, TIME_NEVER);
	assert_false(process_quorum_timer(&q, MS(200)));
	/* And one that does not is. */
	process_quorum_set(&q, 0, PROCESS_BY_EXIT, MS(300));
	assert_false(process_quorum_set(&q, 0, PROCESS_BY_SCAN, MS(350)));
	assert_true(process_quorum_timer(&q, MS(400)));
	assert_false(q.up);
}

static void test_forked_process_counts_after_its_delay(void **state)
{
	struct process_quorum q = quorum_of(2, UINT32_MAX, MS(50), 0);

	(void)state;
	process_quorum_set(&q, 1, PROCESS_BY_SCAN, 0);
	assert_false(process_quorum_set(&q, 2, PROCESS_BY_FORK, MS(10)));
	assert_false(q.up);
	/* It became another program. */
	assert_false(process_quorum_set(&q, 1, PROCESS_BY_EXEC, MS(20)));
	assert_int_equal(q.due_us, TIME_NEVER);
	process_quorum_set(&q, 2, PROCESS_BY_FORK, MS(100));
	assert_true(process_quorum_timer(&q, MS(150)));
	assert_true(q.up);
	/* One that was started as what it is needs no delay. */
	process_quorum_set(&q, 1, PROCESS_BY_EXIT, MS(200));
	assert_false(q.up);
	assert_true(process_quorum_set(&q, 2, PROCESS_BY_EXEC, MS(210)));
}

static void test_other_limits_count_at_once(void **state)
{
	const struct process_quorum_conf two = { 2, UINT32_MAX, 0, 0 };
	struct process_quorum q = quorum_of(1, UINT32_MAX, 0, 0);

	(void)state;
	assert_false(process_quorum_reconfigure(&q, &two, 0));
	assert_false(q.known);
	process_quorum_set(&q, 1, PROCESS_BY_SCAN, 0);
	assert_false(q.up);
	q.conf.quorum = 1;
	process_quorum_set(&q, 1, PROCESS_BY_SCAN, 0);
	assert_true(q.up);
	assert_true(process_quorum_reconfigure(&q, &two, 1));
	assert_false(q.up);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_is_the_kernel_s),
		cmocka_unit_test(test_full_command_is_the_first_word),
		cmocka_unit_test(
			test_parameters_match_as_keepalived_compares_them),
		cmocka_unit_test(test_first_count_decides_at_once),
		cmocka_unit_test(test_numbers_within_the_limits_are_up),
		cmocka_unit_test(
			test_process_that_comes_back_within_the_delay_was_never_gone),
		cmocka_unit_test(test_forked_process_counts_after_its_delay),
		cmocka_unit_test(test_other_limits_count_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
