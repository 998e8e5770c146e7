/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/show_config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "config/tree.h"
#include "daemon/generation.h"
#include "lib/mem.h"

#define SHOW_HIDDEN "********"

/* An argument as it may be seen. */
static const char *show_arg(
	const struct conf_tree *tree, uint32_t node, uint32_t i)
{
	return conf_node_is_secret(tree, node) ? SHOW_HIDDEN
					       : conf_node_arg(tree, node, i);
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

static void print_children(
	FILE *out, const struct conf_tree *tree, uint32_t node, size_t depth);

static void print_node(
	FILE *out, const struct conf_tree *tree, uint32_t node, size_t depth)
{
	struct diag_place place = conf_node_place(tree, node);
	uint32_t i;

	print_indent(out, depth);
	print_word(out, conf_node_keyword(tree, node));
	for (i = 0; i < conf_node_n_args(tree, node); i++) {
		fputc(' ', out);
		print_word(out, show_arg(tree, node, i));
	}
	if (conf_node_is_block(tree, node)) {
		fprintf(out, " { # %s:%u\n", place.file, place.line);
		print_children(out, tree, node, depth + 1);
		print_indent(out, depth);
		fputs("}\n", out);
	} else {
		fputc('\n', out);
	}
}

static void print_children(
	FILE *out, const struct conf_tree *tree, uint32_t node, size_t depth)
{
	conf_for_each_child(tree, node, child)
		print_node(out, tree, child, depth);
}

char *show_config_text(const struct generation *generation)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return x_strdup("");
	print_children(out, generation->tree, 0, 0);
	fclose(out);
	return text ? text : x_strdup("");
}

/* --- JSON --- */

static struct json_object *node_list(
	const struct conf_tree *tree, uint32_t node);

static struct json_object *node_json(
	const struct conf_tree *tree, uint32_t node)
{
	struct diag_place place = conf_node_place(tree, node);
	struct json_object *json = json_object_new_object();
	struct json_object *arguments = json_object_new_array();
	uint32_t i;

	json_object_object_add(json, "keyword",
		json_object_new_string(conf_node_keyword(tree, node)));
	for (i = 0; i < conf_node_n_args(tree, node); i++)
		json_object_array_add(arguments,
			json_object_new_string(show_arg(tree, node, i)));
	json_object_object_add(json, "arguments", arguments);
	json_object_object_add(
		json, "file", json_object_new_string(place.file));
	json_object_object_add(json, "line", json_object_new_int64(place.line));
	if (conf_node_is_block(tree, node))
		json_object_object_add(json, "children", node_list(tree, node));
	return json;
}

static struct json_object *node_list(
	const struct conf_tree *tree, uint32_t node)
{
	struct json_object *list = json_object_new_array();

	conf_for_each_child(tree, node, child)
		json_object_array_add(list, node_json(tree, child));
	return list;
}

struct json_object *show_config_json(const struct generation *generation)
{
	struct json_object *json = json_object_new_object();
	char *text = show_config_text(generation);

	json_object_object_add(
		json, "generation", json_object_new_int64(generation->number));
	json_object_object_add(
		json, "file", json_object_new_string(generation->file));
	json_object_object_add(json, "text", json_object_new_string(text));
	json_object_object_add(json, "config", node_list(generation->tree, 0));
	x_free(text);
	return json;
}
