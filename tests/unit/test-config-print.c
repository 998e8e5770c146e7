/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/print.h"
#include "tests/unit/config-print.h"
#include "tests/unit/config-toy.h"

static struct conf_tree *load(const char *text, struct diag_list *diags)
{
	const struct conf_load_options options = { .config_id = "here" };

	return conf_load_text(&toy_language, "toy.conf", text, strlen(text),
		&options, diags);
}

static void check_printed(const char *text, const char *expected)
{
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = load(text, diags);
	char *printed;

	assert_non_null(tree);
	printed = print_text(&toy_language, tree, false);
	assert_string_equal(printed, expected);
	free(printed);
	conf_tree_free(tree);
	diag_list_free(diags);
}

static void test_layout_is_canonical(void **state)
{
	(void)state;
	check_printed("$W=5\nvirtual_server  a{real_server 192.0.2.1 80 {\n"
		      "weight $W   # comment\n}\n}\n",
		"virtual_server a {\n\treal_server 192.0.2.1 80 {\n"
		"\t\tweight 5\n\t}\n}\n");
}

static void test_quotes_stand_where_they_are_needed(void **state)
{
	(void)state;
	check_printed("global_defs { router_id \"a b\"\nfirst \"plain\" }\n",
		"global_defs {\n\trouter_id \"a b\"\n\tfirst plain\n}\n");
	check_printed("virtual_server a {\nquorum_up '/bin/x \"{\" \\'q\\''\n}\n",
		"virtual_server a {\n"
		"\tquorum_up \"/bin/x \\042{\\042 'q'\"\n}\n");
	check_printed("virtual_server a { addresses {\n\"include\" x\n} }\n",
		"virtual_server a {\n\taddresses {\n\t\t\"include\" x\n\t}\n"
		"}\n");
}

static void test_secrets_are_hidden(void **state)
{
	(void)state;
	check_printed("global_defs { auth_pass hunter2 }\n",
		"global_defs {\n\tauth_pass ********\n}\n");
}

static void test_misspelt_and_misplaced_secrets_are_hidden(void **state)
{
	(void)state;
	check_printed("global_defs { auth_pas hunter2 }\n",
		"global_defs {\n\tauth_pas ********\n}\n");
	check_printed("virtual_server a { auth_pass hunter2 }\n",
		"virtual_server a {\n\tauth_pass ********\n}\n");
	check_printed("virtual_server a {\nauth_pass=hunter2\n}",
		"virtual_server a {\n\t********\n}\n");
}

static void test_unknown_words_among_secrets_are_hidden(void **state)
{
	(void)state;
	check_printed("global_defs {\nauth_pass a\npass hunter2\n"
		      "hunter2\nHunter 2\n}",
		"global_defs {\n\tauth_pass ********\n\tpass ********\n"
		"\t********\n\t******** ********\n}\n");
}

static void test_origin_is_a_comment(void **state)
{
	const struct conf_print_options options = { .origin = true };
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree =
		load("global_defs {\n router_id x\n}\n", diags);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	conf_print(out, &toy_language, tree, &options);
	fclose(out);
	assert_string_equal(text, "global_defs { # toy.conf:1\n"
				  "\trouter_id x # toy.conf:2\n}\n");
	free(text);
	conf_tree_free(tree);
	diag_list_free(diags);
}

/* --- words of all sorts --- */

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* Mostly what has a meaning to some part of the reader. */
static void random_word(uint32_t *seed, const char *bytes, char *word)
{
	size_t n = strlen(bytes);
	size_t len = random_next(seed) % 9;
	size_t i;

	for (i = 0; i < len; i++)
		word[i] = bytes[random_next(seed) % n];
	word[i] = '\0';
}

/* WORD, printed as the FLAGS of KEYWORD want it, is read as WORD. */
static void check_word(const char *block, const char *keyword,
	unsigned int flags, const char *word)
{
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, "%s {\n%s ", block, keyword);
	conf_print_word(out, word, flags, false);
	fputs("\n}\n", out);
	fclose(out);
	tree = load(text, diags);
	assert_non_null(tree);
	if (conf_tree_count(tree) != 3 || conf_node_n_args(tree, 2) != 1 ||
		strcmp(conf_node_arg(tree, 2, 0), word) != 0)
		fail_msg("'%s' in:\n%s", word, text);
	free(text);
	conf_tree_free(tree);
	diag_list_free(diags);
}

static void test_any_plain_word_is_read_as_it_was(void **state)
{
	uint32_t seed = 1;
	char word[16];

	(void)state;
	for (unsigned int i = 0; i < 4000; i++) {
		random_word(&seed, "ab{}#!$@~ \t'\303\244_,=%", word);
		check_word("global_defs", "router_id", 0, word);
	}
}

static void test_any_quoted_word_is_read_as_it_was(void **state)
{
	uint32_t seed = 2;
	char word[16];

	(void)state;
	for (unsigned int i = 0; i < 4000; i++) {
		random_word(&seed, "ab{}#!$@~ \t\n\\\"'\303\2440x_PWD", word);
		check_word("virtual_server a", "quorum_up", CONF_QUOTED, word);
	}
}

static void test_any_word_with_kept_escapes_is_read_as_it_was(void **state)
{
	uint32_t seed = 3;
	char word[16];

	(void)state;
	for (unsigned int i = 0; i < 4000; i++) {
		random_word(&seed, "ab{}#! \\\"'x", word);
		check_word("virtual_server a", "kept",
			CONF_QUOTED | CONF_KEEP_ESCAPES, word);
	}
}

/* --- trees of all sorts --- */

static void put_lines(FILE *out, uint32_t *seed, unsigned int depth)
{
	static const char *const lines[] = {
		"weight 5", "ops", "alpha", "snmp_name x", "hashed",
		"quorum_up \"/bin/a \\\"b\\\"\" root", "addresses {\n a b\n}",
		"lb_algo rr", "sorry_server 192.0.2.1 80", "protocol udp",
	};

	for (unsigned int n = random_next(seed) % 6; n; n--)
		fprintf(out, "%*s%s\n", (int)(random_next(seed) % 4), "",
			lines[random_next(seed) %
				(sizeof(lines) / sizeof(lines[0]))]);
	for (unsigned int n = depth ? random_next(seed) % 3 : 0; n; n--)
		fprintf(out, "real_server 192.0.2.%u 80 {\nweight %u\n%s}\n",
			random_next(seed) % 200, random_next(seed) % 9,
			random_next(seed) % 2 ? "TCP_CHECK {\nalpha\n}\n" : "");
}

static void test_any_tree_is_read_as_it_was(void **state)
{
	uint32_t seed = 4;
	char buf[256];

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		struct diag_list *diags = diag_list_new();
		struct conf_tree *tree;
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		for (unsigned int n = random_next(&seed) % 4; n; n--) {
			fprintf(out, "virtual_server s%u {\n", n);
			put_lines(out, &seed, 1);
			fputs("}\n", out);
		}
		fclose(out);
		tree = load(text, diags);
		assert_non_null(tree);
		if (print_round_trip(&toy_language, tree,
			    diag_count_severity(diags, DIAG_ERROR) > 0, buf,
			    sizeof(buf)))
			fail_msg("%s in:\n%s", buf, text);
		free(text);
		conf_tree_free(tree);
		diag_list_free(diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout_is_canonical),
		cmocka_unit_test(test_quotes_stand_where_they_are_needed),
		cmocka_unit_test(test_secrets_are_hidden),
		cmocka_unit_test(
			test_misspelt_and_misplaced_secrets_are_hidden),
		cmocka_unit_test(test_unknown_words_among_secrets_are_hidden),
		cmocka_unit_test(test_origin_is_a_comment),
		cmocka_unit_test(test_any_plain_word_is_read_as_it_was),
		cmocka_unit_test(test_any_quoted_word_is_read_as_it_was),
		cmocka_unit_test(
			test_any_word_with_kept_escapes_is_read_as_it_was),
		cmocka_unit_test(test_any_tree_is_read_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
