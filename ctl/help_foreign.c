/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/help_foreign.h"

#include <json-c/json.h>
#include <string.h>

#include "ctl/keyword_text.h"
#include "ctl/keyword_tree.h"
#include "daemon/language.h"

#define PLACES_MAX 32

struct places {
	const char *word;
	const struct keyword_node *items[PLACES_MAX];
	unsigned int n;
};

static void find(const struct keyword_node *node, struct places *places)
{
	for (size_t i = 0; i < node->n_children; i++) {
		const struct keyword_node *child = node->children[i];

		/* CONF_SHARED: a block of ours that such words are in. */
		if (!(child->keyword->flags & CONF_SHARED) &&
			!strcmp(child->name, places->word) &&
			places->n < PLACES_MAX)
			places->items[places->n++] = child;
		find(child, places);
	}
}

static bool is_same(const struct keyword_node *a, const struct keyword_node *b)
{
	const char *x = a->keyword->doc ? a->keyword->doc : "";
	const char *y = b->keyword->doc ? b->keyword->doc : "";

	return a->keyword->flags == b->keyword->flags && !strcmp(x, y) &&
	       !strcmp(a->keyword->compat, b->keyword->compat);
}

static bool is_ignored(const struct keyword_node *node)
{
	return node->keyword->flags & CONF_IGNORED;
}

static void put_what(const struct screen *out, const struct keyword_node *node)
{
	fprintf(out->out, "%s\n", node->name);
	if (is_ignored(node))
		keyword_text_note(
			out, "no keyword:", "it is ignored, with a warning", 4);
	else
		keyword_text_note(out, "no keyword:",
			node->keyword->doc ? node->keyword->doc
					   : "it is an error",
			4);
	keyword_text_note(out, "hint:", node->keyword->compat, 4);
}

/* Blocks of which the same is to be said are named together. */
static void put_all(const struct screen *out, const struct places *places,
	bool first, struct arena *arena)
{
	bool done[PLACES_MAX] = { false };

	for (unsigned int i = 0; i < places->n; i++) {
		const struct keyword_node *node = places->items[i];

		if (done[i])
			continue;
		if (!first)
			fputc('\n', out->out);
		first = false;
		for (unsigned int k = i; k < places->n; k++) {
			const char *path;

			if (!is_same(node, places->items[k]))
				continue;
			done[k] = true;
			path = keyword_path(places->items[k]->parent, arena);
			fprintf(out->out, "in %s:\n",
				*path ? path : "the file itself");
		}
		put_what(out, node);
	}
}

static struct json_object *to_json(
	const struct keyword_node *node, struct arena *arena)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(
		json, "keyword", json_object_new_string(node->name));
	json_object_object_add(json, "block",
		json_object_new_string(keyword_path(node->parent, arena)));
	json_object_object_add(json, "foreign", json_object_new_boolean(true));
	json_object_object_add(
		json, "ignored", json_object_new_boolean(is_ignored(node)));
	if (node->keyword->doc)
		json_object_object_add(json, "doc",
			json_object_new_string(node->keyword->doc));
	json_object_object_add(
		json, "hint", json_object_new_string(node->keyword->compat));
	return json;
}

unsigned int help_foreign(const struct screen *out, struct json_object *json,
	const char *word, bool first, struct arena *arena)
{
	struct places places = { .word = word };

	find(keyword_tree_build_foreign(tandem_language.views, arena), &places);
	if (!json)
		put_all(out, &places, first, arena);
	for (unsigned int i = 0; json && i < places.n; i++)
		json_object_array_add(json, to_json(places.items[i], arena));
	return places.n;
}
