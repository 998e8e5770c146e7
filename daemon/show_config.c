/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/show_config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "config/schema.h"
#include "config/tree.h"
#include "daemon/generation.h"
#include "daemon/language.h"
#include "lib/mem.h"

/* Deeper nesting than the language has. */
#define SHOW_DEPTH_MAX 16
#define SHOW_HIDDEN "********"

/* Where we are in the tree: the keywords from the root. */
struct show_path {
	const struct conf_tree *tree;
	const char *names[SHOW_DEPTH_MAX];
	size_t depth;
};

static bool show_is_secret(const struct show_path *path)
{
	const struct conf_keyword *keyword = conf_find_keyword(
		tandem_language.views, path->names, path->depth);

	return keyword && keyword->flags & CONF_SECRET;
}

static bool show_enter(struct show_path *path, uint32_t node)
{
	if (path->depth == SHOW_DEPTH_MAX)
		return false;
	path->names[path->depth++] = conf_node_keyword(path->tree, node);
	return true;
}

/* --- text --- */

static void print_indent(FILE *out, size_t depth)
{
	while (depth--)
		fputc('\t', out);
}

static void print_word(FILE *out, const char *word)
{
	const char *quote = "";

	if (!*word || strpbrk(word, " \t{}#!\"'"))
		quote = strchr(word, '"') ? "'" : "\"";
	fprintf(out, "%s%s%s", quote, word, quote);
}

static void print_node(FILE *out, struct show_path *path, uint32_t node);

static void print_children(FILE *out, struct show_path *path, uint32_t node)
{
	conf_for_each_child (path->tree, node, child)
		print_node(out, path, child);
}

static void print_node(FILE *out, struct show_path *path, uint32_t node)
{
	const struct conf_tree *tree = path->tree;
	struct diag_place place = conf_node_place(tree, node);
	size_t depth = path->depth;
	bool secret;
	uint32_t i;

	if (!show_enter(path, node))
		return;
	secret = show_is_secret(path);
	print_indent(out, depth);
	print_word(out, conf_node_keyword(tree, node));
	for (i = 0; i < conf_node_n_args(tree, node); i++) {
		fputc(' ', out);
		print_word(out, secret ? SHOW_HIDDEN :
					 conf_node_arg(tree, node, i));
	}
	if (conf_node_is_block(tree, node)) {
		fprintf(out, " { # %s:%u\n", place.file, place.line);
		print_children(out, path, node);
		print_indent(out, depth);
		fputs("}\n", out);
	} else {
		fputc('\n', out);
	}
	path->depth = depth;
}

char *show_config_text(const struct generation *generation)
{
	struct show_path path = { .tree = generation->tree };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return x_strdup("");
	print_children(out, &path, 0);
	fclose(out);
	return text ? text : x_strdup("");
}

/* --- JSON --- */

static struct json_object *node_list(struct show_path *path, uint32_t node);

static struct json_object *node_arguments(
	const struct show_path *path, uint32_t node)
{
	struct json_object *list = json_object_new_array();
	bool secret = show_is_secret(path);
	uint32_t i;

	for (i = 0; i < conf_node_n_args(path->tree, node); i++)
		json_object_array_add(list,
			json_object_new_string(secret ?
					SHOW_HIDDEN :
					conf_node_arg(path->tree, node, i)));
	return list;
}

static struct json_object *node_json(struct show_path *path, uint32_t node)
{
	struct diag_place place = conf_node_place(path->tree, node);
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "keyword",
		json_object_new_string(conf_node_keyword(path->tree, node)));
	json_object_object_add(
		json, "arguments", node_arguments(path, node));
	json_object_object_add(
		json, "file", json_object_new_string(place.file));
	json_object_object_add(
		json, "line", json_object_new_int64(place.line));
	if (conf_node_is_block(path->tree, node))
		json_object_object_add(
			json, "children", node_list(path, node));
	return json;
}

static struct json_object *node_list(struct show_path *path, uint32_t node)
{
	struct json_object *list = json_object_new_array();

	conf_for_each_child (path->tree, node, child) {
		size_t depth = path->depth;

		if (!show_enter(path, child))
			continue;
		json_object_array_add(list, node_json(path, child));
		path->depth = depth;
	}
	return list;
}

struct json_object *show_config_json(const struct generation *generation)
{
	struct show_path path = { .tree = generation->tree };
	struct json_object *json = json_object_new_object();
	char *text = show_config_text(generation);

	json_object_object_add(json, "generation",
		json_object_new_int64(generation->number));
	json_object_object_add(
		json, "file", json_object_new_string(generation->file));
	json_object_object_add(json, "text", json_object_new_string(text));
	json_object_object_add(json, "config", node_list(&path, 0));
	x_free(text);
	return json;
}
