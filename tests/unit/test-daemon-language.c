/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The language as a whole: every keyword of keepalived's is known by name
 * somewhere, and every keyword is documented.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "daemon/language.h"
#include "lib/mem.h"

#define GOLDEN "/tests/golden/keywords.txt"
/* Of keepalived's own list; debug words of a build option are in it. */
#define GOLDEN_COUNT 363
/* Deeper than any block is; blocks may hold themselves. */
#define DEPTH_MAX 8

struct word {
	UT_hash_handle hh;
	const char *name;
};

static void walk(const struct conf_block *block, unsigned int depth,
	void (*visitor)(const struct conf_keyword *keyword, void *user_data),
	void *user_data)
{
	const struct conf_keyword *keyword;

	if (!block || !block->keywords || depth == DEPTH_MAX)
		return;
	for (keyword = block->keywords; keyword->name; keyword++) {
		visitor(keyword, user_data);
		walk(keyword->block, depth + 1, visitor, user_data);
	}
}

static void walk_all(
	void (*visitor)(const struct conf_keyword *keyword, void *user_data),
	void *user_data)
{
	const struct conf_block *const *view;

	for (view = tandem_language.views; *view; view++)
		walk(*view, 0, visitor, user_data);
}

static void collect(const struct conf_keyword *keyword, void *user_data)
{
	struct word **words = user_data;
	struct word *word;

	HASH_FIND_STR(*words, keyword->name, word);
	if (word)
		return;
	word = x_new(struct word, 1);
	word->name = keyword->name;
	HASH_ADD_KEYPTR(hh, *words, word->name, strlen(word->name), word);
}

static void free_words(struct word *words)
{
	struct word *word;
	struct word *next;

	HASH_ITER (hh, words, word, next) {
		HASH_DEL(words, word);
		x_free(word);
	}
}

static FILE *open_golden(void)
{
	const char *srcdir = getenv("srcdir");
	char *path = x_asprintf("%s" GOLDEN, srcdir ? srcdir : "..");
	FILE *file = fopen(path, "r");

	x_free(path);
	assert_non_null(file);
	return file;
}

static void test_every_keyword_of_keepalived_is_known(void **state)
{
	FILE *golden = open_golden();
	struct word *words = NULL;
	unsigned int missing = 0;
	unsigned int n = 0;
	char line[128];

	(void)state;
	walk_all(collect, &words);
	while (fgets(line, sizeof(line), golden)) {
		struct word *word;

		line[strcspn(line, "\n")] = '\0';
		if (*line == '#' || !*line)
			continue;
		n++;
		HASH_FIND_STR(words, line, word);
		if (word)
			continue;
		print_error("nobody knows the keyword %s\n", line);
		missing++;
	}
	fclose(golden);
	free_words(words);
	assert_int_equal(n, GOLDEN_COUNT);
	assert_int_equal(missing, 0);
}

static void check_documented(
	const struct conf_keyword *keyword, void *user_data)
{
	unsigned int *undocumented = user_data;
	/* Of a word that is no keyword there is to say what it was. */
	const char *text = keyword->flags & CONF_FOREIGN ? keyword->compat
							 : keyword->doc;

	if (keyword->flags & CONF_SHARED || (text && *text))
		return;
	print_error("no documentation: %s\n", keyword->name);
	(*undocumented)++;
}

static void test_every_keyword_is_documented(void **state)
{
	unsigned int undocumented = 0;

	(void)state;
	walk_all(check_documented, &undocumented);
	assert_int_equal(undocumented, 0);
}

static void check_range(const struct conf_keyword *keyword, void *user_data)
{
	unsigned int *wrong = user_data;

	if (keyword->min <= keyword->max)
		return;
	print_error("empty range: %s\n", keyword->name);
	(*wrong)++;
}

static void test_ranges_are_not_empty(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	walk_all(check_range, &wrong);
	assert_int_equal(wrong, 0);
}

/* What ${_RANDOM} is behind LINE in global_defs. */
static char *random_behind(const char *line)
{
	char *text = x_asprintf(
		"global_defs {\n%s\nrouter_id r${_RANDOM 1 1000000}\n}\n", line);
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(
		&tandem_language, "t.conf", text, strlen(text), NULL, diags);
	uint32_t defs, node;
	char *value;

	assert_non_null(tree);
	assert_int_equal(diag_count(diags), 0);
	defs = conf_node_first_child(tree, 0);
	node = conf_node_next(tree, conf_node_first_child(tree, defs));
	value = x_strdup(conf_node_arg(tree, node, 0));
	conf_tree_free(tree);
	diag_list_free(diags);
	x_free(text);
	return value;
}

static void test_random_seed_makes_random_numbers_repeatable(void **state)
{
	char *first = random_behind("random_seed 4294967295");
	char *again = random_behind("random_seed 4294967295");
	char *other = random_behind("random_seed 8");

	(void)state;
	assert_string_equal(first, again);
	assert_string_not_equal(first, other);
	x_free(first);
	x_free(again);
	x_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_keyword_of_keepalived_is_known),
		cmocka_unit_test(test_every_keyword_is_documented),
		cmocka_unit_test(test_ranges_are_not_empty),
		cmocka_unit_test(test_random_seed_makes_random_numbers_repeatable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
