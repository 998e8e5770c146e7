/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/show_config.h"

#include <json-c/json.h>
#include <stdio.h>

#include "config/print.h"
#include "daemon/generation.h"
#include "daemon/language.h"
#include "lib/mem.h"

char *show_config_text(const struct generation *generation)
{
	const struct conf_print_options options = { .origin = true };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return x_strdup("");
	conf_print(out, &tandem_language, generation->tree, &options);
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
			json_object_new_string(
				conf_node_is_secret(tree, node)
					? CONF_PRINT_HIDDEN
					: conf_node_arg(tree, node, i)));
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
