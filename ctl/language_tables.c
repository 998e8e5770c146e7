/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes of the keyword tables what is kept in the tree: with "compatibility"
 * the text of doc/compatibility.md, with "tables" one line a keyword (path,
 * type, flags, least and greatest value, default, arguments, values,
 * separated by tabs) for the generator of tests/golden/keywords, with "vim" a
 * syntax file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/keyword_tree.h"
#include "daemon/language.h"

/* What Tandem does with a keyword of keepalived's. */
enum standing {
	STANDING_SAME,
	STANDING_BETTER,
	STANDING_EXTENSION,
	STANDING_NO_EFFECT,
	STANDING_NOT_BUILT,
	STANDING_COUNT,
};

struct totals {
	unsigned int n[STANDING_COUNT];
};

static enum standing standing_of(const struct keyword_node *node)
{
	const struct conf_keyword *k = node->keyword;

	if (k->flags & CONF_EXTENSION)
		return STANDING_EXTENSION;
	if (k->flags & CONF_IGNORED)
		return STANDING_NO_EFFECT;
	if (node->not_built)
		return STANDING_NOT_BUILT;
	if (k->compat && !(k->flags & CONF_DEPRECATED))
		return STANDING_BETTER;
	return STANDING_SAME;
}

static void visit(const struct keyword_node *node, struct arena *arena,
	void (*each)(const struct keyword_node *, struct arena *, void *),
	void *user_data)
{
	for (size_t i = 0; i < node->n_children; i++) {
		each(node->children[i], arena, user_data);
		visit(node->children[i], arena, each, user_data);
	}
}

/* --- doc/compatibility.md --- */

/* In a table '|' separates. */
static void put_cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void put_sentence(const char *text)
{
	size_t len = strlen(text);

	put_cell(text);
	if (len && !strchr(".?!", text[len - 1]))
		putchar('.');
}

static const char *why(const struct conf_keyword *k)
{
	return k->compat ? k->compat : k->doc ? k->doc : "";
}

static void count(
	const struct keyword_node *node, struct arena *arena, void *user_data)
{
	struct totals *totals = user_data;

	(void)arena;
	totals->n[standing_of(node)]++;
}

static void put_standing(const struct keyword_node *node)
{
	const struct conf_keyword *k = node->keyword;

	switch (standing_of(node)) {
	case STANDING_SAME:
		fputs("as keepalived", stdout);
		if (k->flags & CONF_DEPRECATED) {
			fputs("; deprecated. ", stdout);
			put_sentence(why(k));
		}
		return;
	case STANDING_BETTER:
		fputs("better: ", stdout);
		put_sentence(k->compat);
		return;
	case STANDING_EXTENSION:
		fputs("Tandem's own: ", stdout);
		put_sentence(why(k));
		return;
	case STANDING_NO_EFFECT:
		fputs("accepted without effect: ", stdout);
		put_sentence(why(k));
		return;
	case STANDING_NOT_BUILT:
		fputs("**not built**, one warning. ", stdout);
		put_sentence(why(k));
		return;
	case STANDING_COUNT:
		return;
	}
}

static void put_block(const struct keyword_node *node, struct arena *arena)
{
	const char *path = keyword_path(node, arena);

	if (!node->n_children)
		return;
	printf("\n### %s\n\n| keyword | what Tandem does |\n|---|---|\n",
		*path ? path : "Outside of any block");
	for (size_t i = 0; i < node->n_children; i++) {
		const struct keyword_node *child = node->children[i];

		printf("| `%s", child->name);
		if (child->keyword->args && *child->keyword->args) {
			putchar(' ');
			put_cell(child->keyword->args);
		}
		fputs("` | ", stdout);
		put_standing(child);
		fputs(" |\n", stdout);
	}
	for (size_t i = 0; i < node->n_children; i++)
		put_block(node->children[i], arena);
}

/* A line of the list of what is not built; what its block holds goes without
 * saying. */
static void list_not_built(const struct keyword_node *node, struct arena *arena)
{
	for (size_t i = 0; i < node->n_children; i++) {
		const struct keyword_node *child = node->children[i];
		const char *path = keyword_path(child, arena);

		if (standing_of(child) == STANDING_NOT_BUILT) {
			printf("- `%s`: ", path);
			put_sentence(why(child->keyword));
			putchar('\n');
		} else {
			list_not_built(child, arena);
		}
	}
}

#define FOREIGN_MAX 512

struct foreign {
	const struct keyword_node *items[FOREIGN_MAX];
	size_t n;
	bool errors; /* which are looked for */
};

static void find_foreign(
	const struct keyword_node *node, struct foreign *foreign)
{
	for (size_t i = 0; i < node->n_children; i++) {
		const struct keyword_node *child = node->children[i];
		unsigned int flags = child->keyword->flags;

		if (!(flags & CONF_SHARED) &&
			foreign->errors == !(flags & CONF_IGNORED) &&
			foreign->n < FOREIGN_MAX)
			foreign->items[foreign->n++] = child;
		find_foreign(child, foreign);
	}
}

/* Is the same said of both? */
static bool is_same(const struct keyword_node *a, const struct keyword_node *b)
{
	return !strcmp(a->name, b->name) &&
	       !strcmp(why(a->keyword), why(b->keyword));
}

/* "`retries` in TCP_CHECK, HTTP_GET: ..."; nothing when it is told. */
static void put_foreign(const struct foreign *foreign, size_t i)
{
	const struct keyword_node *node = foreign->items[i];

	for (size_t k = 0; k < i; k++)
		if (is_same(node, foreign->items[k]))
			return;
	printf("- `%s`", node->name);
	for (size_t k = i; k < foreign->n; k++)
		if (foreign->items[k]->parent->parent &&
			is_same(node, foreign->items[k]))
			printf("%s %s", k == i ? " in" : ",",
				foreign->items[k]->parent->name);
	fputs(": ", stdout);
	if (foreign->errors && node->keyword->doc)
		printf("%s; ", node->keyword->doc);
	put_sentence(why(node->keyword));
	putchar('\n');
}

static void list_foreign(struct arena *arena, bool errors)
{
	struct foreign foreign = { .errors = errors };

	find_foreign(keyword_tree_build_foreign(tandem_language.views, arena),
		&foreign);
	for (size_t i = 0; i < foreign.n; i++)
		put_foreign(&foreign, i);
}

static void put_head(const struct totals *t)
{
	printf("<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n"
	       "# Compatibility with keepalived\n\n"
	       "This file is made from the tables that the configuration is "
	       "read with; do not\nedit it.  After a change of the tables: "
	       "`make update-compatibility`.\n\n"
	       "Every keyword that keepalived 2.4.3 registers is known.  A "
	       "keyword counts once\nfor each block that it may stand in:\n\n"
	       "| what Tandem does | keywords |\n|---|---:|\n"
	       "| as keepalived | %u |\n| better: the difference is told | %u "
	       "|\n| Tandem's own (`tandemd -t --portable` names them) | %u |\n"
	       "| accepted without effect, with a warning | %u |\n"
	       "| not built, with a warning | %u |\n",
		t->n[STANDING_SAME], t->n[STANDING_BETTER],
		t->n[STANDING_EXTENSION], t->n[STANDING_NO_EFFECT],
		t->n[STANDING_NOT_BUILT]);
}

static void put_compatibility(
	const struct keyword_node *root, struct arena *arena)
{
	struct totals totals = { { 0 } };

	visit(root, arena, count, &totals);
	put_head(&totals);
	fputs("\n## Not built\n\n", stdout);
	list_not_built(root, arena);
	fputs("\n## Words that are no keywords\n\n"
	      "keepalived once knew them, or passes over them without harm. "
	      "A warning explains:\n\n",
		stdout);
	list_foreign(arena, false);
	fputs("\nThese are errors that say where the word comes from, or "
	      "what may be meant:\n\n",
		stdout);
	list_foreign(arena, true);
	fputs("\n## All keywords\n", stdout);
	put_block(root, arena);
}

/* --- tables --- */

static void put_row(
	const struct keyword_node *node, struct arena *arena, void *user_data)
{
	const struct conf_keyword *k = node->keyword;

	(void)user_data;
	printf("%s\t%s\t%s%s%s%s%s\t%" PRId64 "\t%" PRId64 "\t%s\t%s\t",
		keyword_path(node, arena), conf_type_name(k->type),
		node->not_built ? "not-built " : "",
		k->flags & CONF_EXTENSION ? "extension " : "",
		k->flags & CONF_IGNORED ? "ignored " : "",
		k->flags & CONF_OPTIONAL_ARG ? "optional " : "",
		k->flags & CONF_SECRET ? "secret " : "", k->min, k->max,
		k->default_text ? k->default_text : "", k->args ? k->args : "");
	for (const struct conf_value *v = k->values; v && v->name; v++)
		printf("%s%s", v == k->values ? "" : " ", v->name);
	printf("\t%s\n", k->example ? k->example : "");
}

/* --- vim --- */

struct names {
	const char **items;
	size_t n;
	size_t capacity;
};

static void add_name(struct names *names, struct arena *arena, const char *name)
{
	const char **longer;

	if (names->n == names->capacity) {
		names->capacity = names->capacity ? 2 * names->capacity : 64;
		longer = arena_alloc(
			arena, names->capacity * sizeof(*longer));
		if (names->n)
			memcpy(longer, names->items,
				names->n * sizeof(*longer));
		names->items = longer;
	}
	names->items[names->n++] = name;
}

/* Blocks are shown otherwise than plain keywords. */
struct vim_names {
	struct names blocks;
	struct names words;
};

static void collect_name(
	const struct keyword_node *node, struct arena *arena, void *user_data)
{
	struct vim_names *names = user_data;

	add_name(node->is_block ? &names->blocks : &names->words, arena,
		node->name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_vim_names(const char *group, struct names *names)
{
	size_t i;

	qsort(names->items, names->n, sizeof(*names->items), by_name);
	for (i = 0; i < names->n; i++)
		if (!i || strcmp(names->items[i], names->items[i - 1]))
			printf("syn keyword %s %s\n", group, names->items[i]);
}

static void put_vim(const struct keyword_node *root, struct arena *arena)
{
	struct vim_names names = { .blocks = { .n = 0 } };

	visit(root, arena, collect_name, &names);
	fputs("\" Vim syntax file: the configuration of tandemd(8) and of "
	      "keepalived.\n"
	      "\" Made from the keyword tables.\n"
	      "if exists(\"b:current_syntax\")\n  finish\nendif\n"
	      "syn iskeyword @,48-57,_,-\n",
		stdout);
	put_vim_names("tandemBlock", &names.blocks);
	put_vim_names("tandemKeyword", &names.words);
	fputs("syn match tandemInclude /^\\s*include[rmwba]\\?\\>/\n"
	      "syn match tandemCondition /^\\s*@^\\?\\S\\+/\n"
	      "syn match tandemDefinition /\\$\\h\\w*\\|\\${[^}]*}/\n"
	      "syn match tandemSequence /\\~\\(SEQx\\?\\|LST\\)/\n"
	      "syn match tandemNumber /\\<\\d\\+\\(\\.\\d\\+\\)*\\"
	      "(\\/\\d\\+\\)\\?\\>/\n"
	      "syn region tandemString start=/\"/ end=/\"/ oneline\n"
	      "syn match tandemComment /[#!].*$/\n"
	      "hi def link tandemBlock Structure\n"
	      "hi def link tandemKeyword Keyword\n"
	      "hi def link tandemInclude Include\n"
	      "hi def link tandemCondition PreCondit\n"
	      "hi def link tandemDefinition Identifier\n"
	      "hi def link tandemSequence Repeat\n"
	      "hi def link tandemNumber Number\n"
	      "hi def link tandemString String\n"
	      "hi def link tandemComment Comment\n"
	      "let b:current_syntax = \"tandem\"\n",
		stdout);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	const struct keyword_node *root =
		keyword_tree_build(tandem_language.views, arena);
	int status = 0;

	if (argc == 2 && !strcmp(argv[1], "compatibility")) {
		put_compatibility(root, arena);
	} else if (argc == 2 && !strcmp(argv[1], "tables")) {
		visit(root, arena, put_row, NULL);
	} else if (argc == 2 && !strcmp(argv[1], "vim")) {
		put_vim(root, arena);
	} else {
		fputs("usage: language-tables compatibility|tables|vim\n",
			stderr);
		status = 2;
	}
	arena_free(arena);
	return status;
}
