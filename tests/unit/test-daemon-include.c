/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include_check and -e: what of an include has to be there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/language.h"
#include "daemon/language.h"

static char dir[] = "include-test-XXXXXX";

static void write_file(const char *name, const char *text)
{
	char path[64];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void remove_file(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

/* Errors of a file that says CHECK in global_defs, and then LINES. */
static size_t errors(const char *check, const char *lines, bool all_files)
{
	const struct conf_load_options options = { .all_files = all_files };
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree;
	char text[512];
	char path[64];
	size_t n;

	snprintf(text, sizeof(text), "global_defs {\n%s\n}\n%s\n", check,
		lines);
	write_file("main", text);
	snprintf(path, sizeof(path), "%s/main", dir);
	tree = conf_load(&tandem_language, path, &options, diags);
	assert_non_null(tree);
	n = diag_count_severity(diags, DIAG_ERROR);
	conf_tree_free(tree);
	diag_list_free(diags);
	remove_file("main");
	return n;
}

static void test_without_it_an_include_may_find_nothing(void **state)
{
	(void)state;
	assert_int_equal(errors("", "include nowhere", false), 0);
	assert_int_equal(errors("", "include *.none", false), 0);
	assert_int_equal(errors("", "include {a,b}.none", false), 0);
	assert_int_equal(errors("", "includea nowhere", false), 1);
}

static void test_each_word_is_about_its_own_kind(void **state)
{
	static const struct {
		const char *check;
		size_t plain, wild, brace;
	} cases[] = {
		{ "include_check readable", 0, 0, 0 },
		{ "include_check match", 1, 0, 0 },
		{ "include_check wildcard_match", 0, 1, 0 },
		{ "include_check brace_match", 0, 0, 1 },
		{ "include_check match brace_match", 1, 0, 1 },
		{ "include_check", 1, 1, 1 },
		{ "include_check\ninclude_check -match", 0, 1, 1 },
		{ "include_check match\ninclude_check +wildcard_match", 1, 1,
			0 },
		{ "include_check match\ninclude_check wildcard_match", 0, 1,
			0 },
	};
	size_t i;

	(void)state;
	write_file("a.there", "");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(errors(cases[i].check, "include nowhere",
					 false),
			cases[i].plain);
		assert_int_equal(
			errors(cases[i].check, "include *.none", false),
			cases[i].wild);
		/* One of the words is there. */
		assert_int_equal(
			errors(cases[i].check, "include {a,b}.there", false),
			cases[i].brace);
	}
	remove_file("a.there");
}

static void test_braces_may_stand_in_braces(void **state)
{
	static const char check[] = "include_check brace_match";

	(void)state;
	write_file("a.there", "");
	write_file("b1.there", "");
	write_file("b2.there", "");
	assert_int_equal(errors(check, "include {a,b{1,2}}.there", false), 0);
	assert_int_equal(errors(check, "include {b{1,2},a}.there", false), 0);
	assert_int_equal(errors(check, "include {a,c{1,2}}.there", false), 1);
	remove_file("a.there");
	remove_file("b1.there");
	remove_file("b2.there");
}

static void test_the_option_asks_for_all(void **state)
{
	(void)state;
	assert_int_equal(errors("", "include nowhere", true), 1);
	assert_int_equal(errors("", "include *.none", true), 1);
	assert_int_equal(
		errors("include_check -match", "include nowhere", true), 0);
}

/* It ends with the file that says it, and holds for those below. */
static void test_it_ends_with_its_file(void **state)
{
	(void)state;
	write_file("strict", "global_defs {\ninclude_check match\n}\n"
			     "include nowhere\n");
	write_file("plain", "include nowhere\n");
	assert_int_equal(errors("", "include strict\ninclude nowhere", false),
		1);
	assert_int_equal(
		errors("include_check match", "include plain", false), 1);
	remove_file("strict");
	remove_file("plain");
}

static void test_a_word_that_is_none_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(errors("include_check readble", "", false), 1);
	assert_int_equal(errors("include_check +match -x", "", false), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_it_an_include_may_find_nothing),
		cmocka_unit_test(test_each_word_is_about_its_own_kind),
		cmocka_unit_test(test_braces_may_stand_in_braces),
		cmocka_unit_test(test_the_option_asks_for_all),
		cmocka_unit_test(test_it_ends_with_its_file),
		cmocka_unit_test(test_a_word_that_is_none_is_an_error),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return failed;
}
