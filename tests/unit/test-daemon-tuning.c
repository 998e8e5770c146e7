/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the words about processes mean for each role.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "config/language.h"
#include "daemon/language.h"
#include "daemon/tuning.h"

struct loaded {
	struct diag_list *diags;
	struct conf_tree *tree;
	struct arena *arena;
	const struct process_conf *conf;
};

static void load(struct loaded *l, const char *text)
{
	const struct conf_load_options options = { .lenient = true };
	struct conf_bind bind = { .diags = NULL };
	const struct process_root *root;

	l->diags = diag_list_new();
	l->arena = arena_new();
	l->tree = conf_load_text(&tandem_language, "text", text, strlen(text),
		&options, l->diags);
	assert_non_null(l->tree);
	bind.tree = l->tree;
	bind.arena = l->arena;
	root = conf_bind_root(&bind, &process_conf_root);
	l->conf = root->conf;
}

static void unload(struct loaded *l)
{
	conf_tree_free(l->tree);
	arena_free(l->arena);
	diag_list_free(l->diags);
}

static void test_nothing_said_leaves_a_process_as_it_began(void **state)
{
	struct tuning_state own = { .rt_priority = 1, .nice = -3 };
	struct tuning_state goal;
	struct tuning_wish wish;
	struct loaded l;

	(void)state;
	CPU_ZERO(&own.cpus);
	CPU_SET(2, &own.cpus);
	load(&l, "global_defs {\n}\n");
	tuning_of(l.conf, ROLE_VRRP, &wish);
	goal = tuning_goal(&own, &wish, 0);
	assert_int_equal(goal.rt_priority, 1);
	assert_int_equal(goal.nice, -3);
	assert_true(CPU_EQUAL(&goal.cpus, &own.cpus));
	assert_string_equal(wish.name, "");
	assert_int_equal(wish.rttime_us, 3000000);
	assert_false(wish.lock_memory);
	assert_int_equal(l.conf->umask, PROCESS_UNSET);
	assert_string_equal(tuning_own_name(l.conf), "tandemd");
	unload(&l);
}

static void test_checker_words_are_for_healthcheck_and_ipvs(void **state)
{
	struct tuning_state own = { .nice = 0 };
	struct tuning_state goal;
	struct tuning_wish wish;
	struct loaded l;

	(void)state;
	load(&l, "global_defs {\n"
		 "checker_priority -5\nchecker_rt_priority 20\n"
		 "checker_cpu_affinity 1 3\nchecker_no_swap\n"
		 "checker_rlimit_rttime 20000\n"
		 "checker_process_name checks_of_this_machine\n}\n");
	tuning_of(l.conf, ROLE_HEALTHCHECK, &wish);
	goal = tuning_goal(&own, &wish, 0);
	assert_int_equal(goal.nice, -5);
	assert_int_equal(goal.rt_priority, 20);
	assert_int_equal(CPU_COUNT(&goal.cpus), 2);
	assert_true(CPU_ISSET(1, &goal.cpus) && CPU_ISSET(3, &goal.cpus));
	assert_true(wish.lock_memory);
	assert_int_equal(wish.rttime_us, 20000);
	assert_string_equal(wish.name, "checks_of_this_");
	tuning_of(l.conf, ROLE_IPVS, &wish);
	assert_int_equal(wish.rt_priority, 20);
	assert_string_equal(wish.name, "");
	tuning_of(l.conf, ROLE_VRRP, &wish);
	assert_int_equal(wish.rt_priority, 0);
	tuning_of(l.conf, ROLE_RUNNER, &wish);
	assert_int_equal(wish.nice, PROCESS_UNSET);
	assert_int_equal(wish.rttime_us, 0);
	unload(&l);
}

static void test_names_of_the_suite_and_of_ones_own(void **state)
{
	struct tuning_wish wish;
	struct loaded l;

	(void)state;
	load(&l, "global_defs {\nprocess_names\nprocess_name boss\n"
		 "vrrp_process_name vip\n}\n");
	assert_string_equal(tuning_own_name(l.conf), "boss");
	tuning_of(l.conf, ROLE_VRRP, &wish);
	assert_string_equal(wish.name, "vip");
	tuning_of(l.conf, ROLE_HEALTHCHECK, &wish);
	assert_string_equal(wish.name, "tandem_check");
	unload(&l);
}

static void test_late_timers_earn_priority_up_to_the_limit(void **state)
{
	struct tuning_state own = { .rt_priority = 0 };
	struct tuning_wish wish = { .nice = PROCESS_UNSET };
	struct loaded l;

	(void)state;
	load(&l, "global_defs {\nmax_auto_priority 2\n"
		 "min_auto_priority_delay 500000\n}\n");
	assert_int_equal(l.conf->max_auto_priority, 2);
	assert_int_equal(l.conf->min_auto_delay_us, 500000);
	assert_int_equal(tuning_earn(0, 2), 1);
	assert_int_equal(tuning_earn(1, 2), 2);
	assert_int_equal(tuning_earn(2, 2), 2);
	assert_int_equal(tuning_earn(0, -1), 0);
	assert_int_equal(tuning_earn(5, 2), 5);
	assert_int_equal(tuning_goal(&own, &wish, 2).rt_priority, 2);
	wish.rt_priority = 7;
	assert_int_equal(tuning_goal(&own, &wish, 2).rt_priority, 7);
	unload(&l);
	load(&l, "global_defs {\nmax_auto_priority\n}\n");
	assert_int_equal(l.conf->max_auto_priority, 99);
	unload(&l);
	load(&l, "global_defs {\n}\n");
	assert_int_equal(l.conf->max_auto_priority, 0);
	unload(&l);
}

static void test_umask_as_number_and_as_bits(void **state)
{
	static const struct {
		const char *text;
		int64_t mask;
		bool error;
	} cases[] = {
		{ "global_defs {\numask 027\n}\n", 027, false },
		{ "global_defs {\numask 0x1f\n}\n", 037, false },
		{ "global_defs {\numask IWGRP|IRWOTH\n}\n", 0, true },
		{ "global_defs {\numask IWGRP|IROTH|IWOTH\n}\n", 026, false },
		{ "global_defs {\numask 01000\n}\n", 0, true },
	};
	struct loaded l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		load(&l, cases[i].text);
		assert_int_equal(diag_count_severity(l.diags, DIAG_ERROR),
			cases[i].error);
		assert_int_equal(l.conf->umask,
			cases[i].error ? PROCESS_UNSET : cases[i].mask);
		unload(&l);
	}
}

static void test_processors_that_are_no_numbers_are_errors(void **state)
{
	struct loaded l;

	(void)state;
	load(&l, "global_defs {\nvrrp_cpu_affinity 0 two\n}\n");
	assert_int_equal(diag_count_severity(l.diags, DIAG_ERROR), 1);
	unload(&l);
	load(&l, "global_defs {\nvrrp_cpu_affinity\n}\n");
	assert_int_equal(diag_count_severity(l.diags, DIAG_ERROR), 1);
	assert_false(l.conf->kinds[PROCESS_VRRP].has_cpus);
	unload(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_nothing_said_leaves_a_process_as_it_began),
		cmocka_unit_test(
			test_checker_words_are_for_healthcheck_and_ipvs),
		cmocka_unit_test(test_names_of_the_suite_and_of_ones_own),
		cmocka_unit_test(
			test_late_timers_earn_priority_up_to_the_limit),
		cmocka_unit_test(test_umask_as_number_and_as_bits),
		cmocka_unit_test(
			test_processors_that_are_no_numbers_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
