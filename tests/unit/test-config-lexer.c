/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "config/lexer.h"
#include "config/script.h"
#include "lib/mem.h"

static void assert_word(const struct words *w, size_t i, const char *text)
{
	assert_true(i < w->n);
	assert_int_equal(w->items[i].len, strlen(text));
	assert_memory_equal(w->items[i].text, text, strlen(text));
}

static void test_plain_words_know_double_quotes_only(void **state)
{
	const char *text = "a\\b \"c d\"'e f'\tg\"h\"";
	struct words w = { 0 };

	(void)state;
	words_split(&w, text, strlen(text));
	assert_int_equal(w.n, 6);
	assert_word(&w, 0, "a\\b");
	assert_word(&w, 1, "c d");
	assert_word(&w, 2, "'e");
	assert_word(&w, 3, "f'");
	assert_word(&w, 4, "g");
	assert_word(&w, 5, "h");
	assert_int_equal(w.items[1].start, 4);
	assert_int_equal(w.items[1].source_len, 5);
	assert_false(w.unterminated);
	words_free(&w);
}

static void test_open_quote_takes_the_rest(void **state)
{
	struct words w = { 0 };

	(void)state;
	words_split(&w, "a \"b c", 6);
	assert_int_equal(w.n, 2);
	assert_word(&w, 1, "b c");
	assert_true(w.unterminated);
	assert_int_equal(w.quote_start, 2);
	words_split_quoted(&w, "a 'b c", 6, false);
	assert_int_equal(w.n, 2);
	assert_word(&w, 1, "b c");
	assert_true(w.unterminated);
	words_free(&w);
}

static void test_quoted_words_join_and_resolve_escapes(void **state)
{
	const char *text = "x\"a b\"'c d' \\x41\\102\\cC\\n\\E\\\"\\q '\\n'";
	struct words w = { 0 };

	(void)state;
	words_split_quoted(&w, text, strlen(text), false);
	assert_int_equal(w.n, 3);
	assert_word(&w, 0, "xa bc d");
	assert_word(&w, 1, "AB\003\n\033\"q");
	assert_word(&w, 2, "\n");
	words_free(&w);
}

static void test_escapes_can_stay_for_another_split(void **state)
{
	const char *text = "x \"a\\\"b \\\\ c\" d";
	struct words w = { 0 };

	(void)state;
	words_split_quoted(&w, text, strlen(text), true);
	assert_int_equal(w.n, 3);
	assert_word(&w, 1, "a\\\"b \\\\ c");
	words_free(&w);
}

static void test_empty_quotes_are_a_word(void **state)
{
	struct words w = { 0 };

	(void)state;
	words_split(&w, "a \"\" b", 6);
	assert_int_equal(w.n, 3);
	assert_word(&w, 1, "");
	words_split_quoted(&w, "a '' b", 6, false);
	assert_int_equal(w.n, 3);
	assert_word(&w, 1, "");
	words_split(&w, " \t ", 3);
	assert_int_equal(w.n, 0);
	words_free(&w);
}

static void test_command_becomes_an_argv(void **state)
{
	struct arena *arena = arena_new();
	char **argv = NULL;

	(void)state;
	assert_int_equal(conf_script_split("/bin/x 'a b'  c", arena, &argv), 3);
	assert_string_equal(argv[0], "/bin/x");
	assert_string_equal(argv[1], "a b");
	assert_string_equal(argv[2], "c");
	assert_null(argv[3]);
	assert_int_equal(conf_script_split("  ", arena, &argv), -EINVAL);
	assert_int_equal(conf_script_split("\"\"", arena, &argv), -EINVAL);
	arena_free(arena);
}

static void test_a_redirection_is_left_to_a_shell(void **state)
{
	struct arena *arena = arena_new();
	char **argv = NULL;

	(void)state;
	assert_true(conf_script_needs_shell("</dev/tcp/192.0.2.1/80"));
	assert_true(conf_script_needs_shell(" \t</etc/ready"));
	/* keepalived looks for scripts of these names. */
	assert_false(conf_script_needs_shell("< /etc/ready"));
	assert_false(conf_script_needs_shell("<ready"));
	assert_false(conf_script_needs_shell(">/run/x"));
	assert_false(conf_script_needs_shell("/bin/true </dev/null"));
	assert_int_equal(conf_script_argv("</a 'b  c'", arena, &argv), 3);
	assert_string_equal(argv[0], "/bin/sh");
	assert_string_equal(argv[1], "-c");
	assert_string_equal(argv[2], "</a 'b  c'");
	assert_null(argv[3]);
	assert_int_equal(conf_script_argv("/bin/x 'b  c'", arena, &argv), 2);
	assert_string_equal(argv[1], "b  c");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_words_know_double_quotes_only),
		cmocka_unit_test(test_open_quote_takes_the_rest),
		cmocka_unit_test(test_quoted_words_join_and_resolve_escapes),
		cmocka_unit_test(test_escapes_can_stay_for_another_split),
		cmocka_unit_test(test_empty_quotes_are_a_word),
		cmocka_unit_test(test_command_becomes_an_argv),
		cmocka_unit_test(test_a_redirection_is_left_to_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
