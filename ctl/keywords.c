/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/keywords.h"

#include <json-c/json.h>
#include <string.h>

#include "ctl/keyword_block.h"
#include "ctl/keyword_text.h"
#include "ctl/keyword_tree.h"
#include "ctl/keywords_man.h"
#include "daemon/language.h"

/* Levels below the first are shown with their blocks. */
static void put_level(const struct screen *screen,
	const struct keyword_node *node, unsigned int indent, bool deep,
	struct arena *arena)
{
	size_t i;

	for (i = 0; i < node->n_children; i++) {
		const struct keyword_node *child = node->children[i];

		keyword_text_put(screen, child, indent, arena);
		if (deep && child->is_block)
			put_level(screen, child, indent + 4, true, arena);
	}
}

/* --- JSON --- */

static void add_text(
	struct json_object *json, const char *key, const char *text)
{
	if (text && *text)
		json_object_object_add(json, key, json_object_new_string(text));
}

static struct json_object *limit_json(
	const struct conf_keyword *k, int64_t limit)
{
	return k->type == CONF_TIME
		       ? json_object_new_double((double)limit / 1e6)
		       : json_object_new_int64(limit);
}

/* Limits as numbers; a side without one has none. */
static void add_range(struct json_object *json, const struct conf_keyword *k)
{
	const char *unit = conf_keyword_unit(k);

	if (k->type != CONF_INT && k->type != CONF_TIME)
		return;
	if (k->min || k->max)
		json_object_object_add(
			json, "minimum", limit_json(k, k->min));
	if (k->max && k->max < INT64_MAX / 2)
		json_object_object_add(
			json, "maximum", limit_json(k, k->max));
	add_text(json, "unit", k->type == CONF_TIME ? "seconds" : unit);
}

static void add_choices(struct json_object *json, const struct conf_keyword *k)
{
	struct json_object *list;

	if (!k->values)
		return;
	list = json_object_new_array();
	for (const struct conf_value *v = k->values; v->name; v++)
		json_object_array_add(list, json_object_new_string(v->name));
	json_object_object_add(json, "choices", list);
}

static void add_flags(struct json_object *json, const struct keyword_node *node)
{
	static const struct {
		const char *name;
		unsigned int flag;
	} flags[] = {
		{ "repeatable", CONF_MULTI },
		{ "deprecated", CONF_DEPRECATED },
		{ "ignored", CONF_IGNORED },
		{ "secret", CONF_SECRET },
		{ "optional_argument", CONF_OPTIONAL_ARG },
		{ "any_case", CONF_NOCASE | CONF_LOWER },
	};

	json_object_object_add(
		json, "supported", json_object_new_boolean(!node->not_built));
	json_object_object_add(json, "extension",
		json_object_new_boolean(
			node->keyword->flags & CONF_EXTENSION));
	/* These only where they hold. */
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (node->keyword->flags & flags[i].flag)
			json_object_object_add(json, flags[i].name,
				json_object_new_boolean(true));
}

struct json_object *keywords_to_json(
	const struct keyword_node *node, struct arena *arena)
{
	struct json_object *json = json_object_new_object();
	const struct conf_keyword *k = node->keyword;
	struct json_object *below;
	size_t i;

	add_text(json, "keyword", node->name);
	if (!k)
		add_text(json, "version", PACKAGE_VERSION);
	if (k) {
		add_text(json, "type", conf_type_name(k->type));
		add_text(json, "arguments", k->args);
		add_text(json, "values", keyword_values(k, arena));
		add_range(json, k);
		add_choices(json, k);
		add_text(json, "default", k->default_text);
		add_text(json, "doc", k->doc);
		add_text(json, "compat", k->compat);
		add_text(json, "example",
			keyword_block_example(node, arena));
		add_text(json, "same_as", k->same_as);
		add_flags(json, node);
	}
	if (!node->is_block)
		return json;
	below = json_object_new_array();
	for (i = 0; i < node->n_children; i++)
		json_object_array_add(
			below, keywords_to_json(node->children[i], arena));
	json_object_object_add(json, "children", below);
	return json;
}

static void put_json(FILE *out, struct json_object *json)
{
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(json,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

/* --- which part --- */

/* Calls PUT for each node named NAME, wherever it is; how many. */
static unsigned int find_everywhere(const struct request *request,
	const struct keyword_node *node, const char *name, struct arena *arena)
{
	unsigned int found = 0;
	size_t i;

	for (i = 0; i < node->n_children; i++) {
		const struct keyword_node *child = node->children[i];

		if (!strcmp(child->name, name)) {
			const char *path = keyword_path(node, arena);

			fprintf(request->out.out, "in %s:\n",
				*path ? path : "the file itself");
			keyword_text_put(&request->out, child, 2, arena);
			put_level(&request->out, child, 6, false, arena);
			found++;
		}
		found += find_everywhere(request, child, name, arena);
	}
	return found;
}

static const struct keyword_node *descend(const struct request *request,
	const struct keyword_node *node, unsigned int *ret_unknown)
{
	unsigned int i;
	size_t k;

	for (i = 0; i < request->n_words; i++) {
		const struct keyword_node *next = NULL;

		for (k = 0; k < node->n_children; k++)
			if (!strcmp(node->children[k]->name, request->words[i]))
				next = node->children[k];
		if (!next) {
			*ret_unknown = i;
			return NULL;
		}
		node = next;
	}
	return node;
}

static void put_node(const struct request *request,
	const struct keyword_node *node, struct arena *arena)
{
	switch (request->format) {
	case FORMAT_JSON:
		put_json(request->out.out, keywords_to_json(node, arena));
		return;
	case FORMAT_MAN:
		keywords_man_put(request->out.out, node, arena);
		return;
	case FORMAT_TEXT:
	case FORMAT_GCC:
		break;
	}
	if (node->keyword)
		keyword_text_put(&request->out, node, 0, arena);
	put_level(&request->out, node, node->keyword ? 4 : 0, true, arena);
}

enum exit_status keywords_run(
	const struct command *command, const struct request *request)
{
	struct arena *arena = arena_new();
	const struct keyword_node *root =
		keyword_tree_build(tandem_language.views, arena);
	unsigned int unknown = 0;
	const struct keyword_node *node = descend(request, root, &unknown);
	enum exit_status status = EXIT_DONE;

	(void)command;
	if (node) {
		put_node(request, node, arena);
	} else if (request->n_words > 1 ||
		   !find_everywhere(request, root, request->words[0], arena)) {
		fprintf(request->err.out,
			"tandemctl: there is no keyword '%s'%s\n",
			request->words[unknown], unknown ? " there" : "");
		status = EXIT_REFUSED;
	}
	arena_free(arena);
	return status;
}
