/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keyword tables of all roles together: each is in order by itself, and
 * those of different roles agree on what they share.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/scope.h"
#include "daemon/language.h"

#define DEPTH_MAX 8

struct walk {
	/* Called for each keyword of a view; PATH ends with its name. */
	void (*visit)(const struct conf_block *block,
		const struct conf_keyword *k, const char *const *path,
		size_t depth, void *user_data);
	void *user_data;
};

static void walk_block(const struct walk *w, const struct conf_block *block,
	const char **path, size_t depth)
{
	const struct conf_keyword *k = block->keywords;

	for (; depth < DEPTH_MAX && k && k->name; k++) {
		path[depth] = k->name;
		w->visit(block, k, path, depth + 1, w->user_data);
		if (k->type == CONF_BLOCK && k->block)
			walk_block(w, k->block, path, depth + 1);
	}
}

static void walk_language(const struct walk *w)
{
	const char *path[DEPTH_MAX];

	for (size_t i = 0; tandem_language.views[i]; i++)
		walk_block(w, tandem_language.views[i], path, 0);
}

static void fail_at(
	const char *const *path, size_t depth, unsigned int *n, const char *why)
{
	for (size_t i = 0; i < depth; i++)
		fprintf(stderr, "%s%s", i ? " / " : "", path[i]);
	fprintf(stderr, ": %s\n", why);
	++*n;
}

static void check_keyword(const struct conf_block *block,
	const struct conf_keyword *k, const char *const *path, size_t depth,
	void *user_data)
{
	unsigned int *n = user_data;
	bool built = !(k->flags & CONF_NOT_BUILT);

	for (const struct conf_keyword *other = block->keywords; other != k;
		other++)
		if (!strcmp(other->name, k->name))
			fail_at(path, depth, n, "twice in its table");
	if (k->flags & CONF_FOREIGN && k->type != CONF_BLOCK && !k->compat)
		fail_at(path, depth, n, "does not say why it is foreign");
	if (!(k->flags & (CONF_SHARED | CONF_FOREIGN)) && !(k->doc && k->doc[0]))
		fail_at(path, depth, n, "has no text");
	if (k->min > k->max)
		fail_at(path, depth, n, "has an empty range");
	if (k->type == CONF_ENUM && built && !k->values)
		fail_at(path, depth, n, "has no values");
	if (k->type == CONF_BLOCK && built && !k->block)
		fail_at(path, depth, n, "has no block");
	if (built && block->size && k->type != CONF_CUSTOM &&
		k->type != CONF_LIST && k->offset >= block->size)
		fail_at(path, depth, n, "lies outside of its struct");
}

static void test_tables_are_in_order(void **state)
{
	unsigned int n = 0;
	const struct walk w = { check_keyword, &n };

	(void)state;
	walk_language(&w);
	assert_int_equal(n, 0);
}

/* Does a line of this type open a block, and of what? */
static int shape(const struct conf_keyword *k)
{
	if (k->type == CONF_BLOCK)
		return k->block ? 1 : 2;
	return k->type == CONF_LIST ? 2 : 0;
}

static void check_agreement(const struct conf_block *block,
	const struct conf_keyword *k, const char *const *path, size_t depth,
	void *user_data)
{
	const struct conf_block *one[2] = { NULL, NULL };

	(void)block;
	for (size_t i = 0; tandem_language.views[i]; i++) {
		const struct conf_keyword *other;

		one[0] = tandem_language.views[i];
		other = conf_find_keyword(one, path, depth);
		if (!other || other == k)
			continue;
		if (shape(other) != shape(k) && k->type != CONF_CUSTOM &&
			other->type != CONF_CUSTOM)
			fail_at(path, depth, user_data,
				"opens a block in one view only");
		/* Blocks that are repeated may be collected or merged. */
		if (k->type != CONF_BLOCK &&
			!((other->flags | k->flags) & CONF_NOT_BUILT) &&
			(other->flags ^ k->flags) &
				(CONF_MULTI | CONF_FIRST_WINS))
			fail_at(path, depth, user_data,
				"views differ on which one counts");
	}
}

static void test_views_agree(void **state)
{
	unsigned int n = 0;
	const struct walk w = { check_agreement, &n };

	(void)state;
	walk_language(&w);
	assert_int_equal(n, 0);
}

/* --- every keyword of keepalived --- */

static void test_every_word_of_keepalived_is_known(void **state)
{
	static const char *const instance[] = { "vrrp_instance" };
	const char *srcdir = getenv("srcdir");
	struct scopes *scopes;
	char path[1024];
	char word[128];
	char where[256];
	unsigned int missing = 0;
	unsigned int n = 0;
	FILE *f;

	(void)state;
	if (!conf_find_keyword(tandem_language.views, instance, 1))
		skip(); /* built without the role that has most of them */
	snprintf(path, sizeof(path), "%s/tests/golden/keepalived-keywords",
		srcdir ? srcdir : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	scopes = scopes_new(tandem_language.views);
	while (fgets(word, sizeof(word), f)) {
		word[strcspn(word, "\n")] = '\0';
		if (!word[0] || word[0] == '#')
			continue;
		n++;
		if (scopes_where(
			    scopes, word, strlen(word), where, sizeof(where)))
			continue;
		fprintf(stderr, "%s is not known\n", word);
		missing++;
	}
	fclose(f);
	scopes_free(scopes);
	assert_true(n > 360);
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_are_in_order),
		cmocka_unit_test(test_views_agree),
		cmocka_unit_test(test_every_word_of_keepalived_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
