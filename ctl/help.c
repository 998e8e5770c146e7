/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/help.h"

#include <json-c/json.h>
#include <string.h>

#include "config/scope.h"
#include "ctl/help_foreign.h"
#include "ctl/help_words.h"
#include "ctl/keyword_block.h"
#include "ctl/keyword_text.h"
#include "ctl/keyword_tree.h"
#include "ctl/keywords.h"
#include "daemon/language.h"
#include "lib/mem.h"

#define SUGGESTIONS_MAX 8

/* What a walk over the tree looks for, and what it has found. */
struct help {
	const struct screen *out;
	struct json_object *json; /* an array, or NULL for text */
	struct arena *arena;
	const char *word;
	unsigned int found;
	const char *similar[SUGGESTIONS_MAX];
	unsigned int n_similar;
};

static void walk(struct help *help, const struct keyword_node *node,
	void (*visit)(struct help *help, const struct keyword_node *node))
{
	size_t i;

	/* The block itself before the blocks in it. */
	for (i = 0; i < node->n_children; i++)
		visit(help, node->children[i]);
	for (i = 0; i < node->n_children; i++)
		walk(help, node->children[i], visit);
}

/* --- the keyword --- */

static void put_example(
	const struct help *help, const struct keyword_node *node)
{
	const char *text = keyword_block_example(node, help->arena);
	bool block = strchr(text, '\n') != NULL;

	fputs(block ? "    example:\n" : "    example: ", help->out->out);
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = x_strndup(text, len);

		if (block)
			fputs("        ", help->out->out);
		/* Tabs are as wide as where the text begins. */
		for (size_t i = 0; line[i] == '\t'; i++)
			fputs("    ", help->out->out);
		screen_put(help->out, STYLE_GOOD, line + strspn(line, "\t"));
		fputc('\n', help->out->out);
		x_free(line);
		text += len + (text[len] == '\n');
	}
}

static void put_inside(const struct help *help, const struct keyword_node *node)
{
	size_t i;
	size_t column = 78;

	if (!node->n_children)
		return;
	fputs("    inside:", help->out->out);
	column = 11;
	for (i = 0; i < node->n_children; i++) {
		const char *name = node->children[i]->name;

		if (column + 1 + strlen(name) > 78) {
			fputs("\n           ", help->out->out);
			column = 11;
		}
		column += (size_t)fprintf(help->out->out, " %s", name);
	}
	fputc('\n', help->out->out);
}

static void add_json(const struct help *help, const struct keyword_node *node)
{
	struct json_object *json = keywords_to_json(node, help->arena);

	json_object_object_add(json, "block",
		json_object_new_string(
			keyword_path(node->parent, help->arena)));
	json_object_array_add(help->json, json);
}

/* What tandemd says when it meets the keyword. */
static void put_warning(const struct help *help, const struct conf_keyword *k)
{
	if (k->flags & CONF_IGNORED)
		fputs("    it has no effect, which is a warning\n",
			help->out->out);
	else if (k->flags & CONF_DEPRECATED)
		fputs("    it is deprecated: it works, with a warning\n",
			help->out->out);
}

static void visit_same(struct help *help, const struct keyword_node *node)
{
	const char *path;

	if (strcmp(node->name, help->word))
		return;
	help->found++;
	if (help->json) {
		add_json(help, node);
		return;
	}
	path = keyword_path(node->parent, help->arena);
	fprintf(help->out->out, "%sin %s:\n", help->found > 1 ? "\n" : "",
		*path ? path : "the file itself");
	keyword_text_put(help->out, node, 0, help->arena);
	put_example(help, node);
	if (node->keyword->flags & CONF_EXTENSION)
		fputs("    keepalived does not know it\n", help->out->out);
	put_warning(help, node->keyword);
	put_inside(help, node);
}

/* What is read before keywords are. */
static void tell_word(struct help *help)
{
	const struct help_word *word = help_find_word(help->word);
	struct keyword_node node = { 0 };

	if (!word)
		return;
	node.name = word->keyword.name;
	node.keyword = &word->keyword;
	help->found++;
	if (help->json) {
		struct json_object *json = keywords_to_json(&node, help->arena);

		json_object_object_add(
			json, "block", json_object_new_string(""));
		json_object_array_add(help->json, json);
		return;
	}
	fputs("on any line:\n", help->out->out);
	keyword_text_put(help->out, &node, 0, help->arena);
	put_example(help, &node);
}

/* --- a word that is none --- */

static void try_similar(struct help *help, const char *name)
{
	size_t len = strlen(help->word);
	size_t name_len = strlen(name);
	unsigned int i;

	if (help->n_similar == SUGGESTIONS_MAX)
		return;
	if (!(len >= 3 && strstr(name, help->word)) &&
		spelling_distance(help->word, len, name, name_len) >
			spelling_tolerance(len))
		return;
	for (i = 0; i < help->n_similar; i++)
		if (!strcmp(help->similar[i], name))
			return;
	help->similar[help->n_similar++] = name;
}

static void visit_similar(struct help *help, const struct keyword_node *node)
{
	try_similar(help, node->name);
}

static void put_similar(const struct help *help, const struct request *request)
{
	unsigned int i;

	fprintf(request->err.out, "tandemctl: there is no keyword '%s'\n",
		help->word);
	if (!help->n_similar)
		return;
	fputs("hint: did you mean", request->err.out);
	for (i = 0; i < help->n_similar; i++)
		fprintf(request->err.out, "%s '%s'", i ? "," : "",
			help->similar[i]);
	fputs("?\n", request->err.out);
}

/* --- the command --- */

enum exit_status help_run(
	const struct command *command, const struct request *request)
{
	struct arena *arena = arena_new();
	const struct keyword_node *root =
		keyword_tree_build(tandem_language.views, arena);
	struct help help = {
		.out = &request->out,
		.arena = arena,
		.word = request->words[0],
	};

	(void)command;
	if (request->format == FORMAT_JSON)
		help.json = json_object_new_array();
	tell_word(&help);
	walk(&help, root, visit_same);
	help.found += help_foreign(
		help.out, help.json, help.word, !help.found, arena);
	if (!help.found) {
		try_similar(&help, "include");
		walk(&help, root, visit_similar);
		put_similar(&help, request);
	} else if (help.json) {
		fprintf(request->out.out, "%s\n",
			json_object_to_json_string_ext(help.json,
				JSON_C_TO_STRING_PRETTY |
					JSON_C_TO_STRING_SPACED |
					JSON_C_TO_STRING_NOSLASHESCAPE));
	}
	json_object_put(help.json);
	arena_free(arena);
	return help.found ? EXIT_DONE : EXIT_REFUSED;
}
