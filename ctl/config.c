/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/config.h"

#include <json-c/json.h>
#include <string.h>

#include "config/print.h"
#include "ctl/config_diff.h"
#include "ctl/input.h"
#include "ctl/show_file.h"
#include "daemon/language.h"
#include "lib/mem.h"

struct files {
	struct conf_tree *tree[2];
	struct effective *meaning[2];
};

/* --- text --- */

static const char *shown(
	const struct config_change *change, const struct config_side *side)
{
	return change->secret && side->text ? CONF_PRINT_HIDDEN : side->text;
}

static void put_side(const struct request *request,
	const struct config_change *change, const struct config_side *side)
{
	const char *text = shown(change, side);

	if (!text)
		text = "not set";
	else if (!*text)
		text = "set";
	screen_put(&request->out, STYLE_PLAIN, text);
	if (side->text && side->origin != EFFECTIVE_GIVEN)
		fprintf(request->out.out, " (%s)",
			effective_origin_name(side->origin));
}

static void put_place(const struct request *request, const char *before,
	const struct conf_tree *tree, uint32_t node)
{
	struct diag_place place;
	char *text;

	if (node == CONF_NODE_NONE)
		return;
	place = conf_node_place(tree, node);
	text = x_asprintf("%s%s:%u", before, place.file, place.line);
	screen_put(&request->out, STYLE_DIM, text);
	x_free(text);
}

static void put_places(const struct request *request, const struct files *f,
	const struct config_change *change)
{
	bool both = change->before.node != CONF_NODE_NONE &&
		    change->after.node != CONF_NODE_NONE;

	put_place(request, "  # ", f->tree[0], change->before.node);
	put_place(request, both ? ", " : "  # ", f->tree[1],
		change->after.node);
	fputc('\n', request->out.out);
}

/* "+", "-" or "~" in its colour. */
static void put_sign(
	const struct request *request, enum config_change_kind kind)
{
	static const struct {
		const char *sign;
		enum style style;
	} signs[] = {
		[CONFIG_ADDED] = { "+ ", STYLE_GOOD },
		[CONFIG_REMOVED] = { "- ", STYLE_BAD },
		[CONFIG_CHANGED] = { "~ ", STYLE_WARN },
	};

	screen_put(&request->out, signs[kind].style, signs[kind].sign);
}

static void put_change(const struct request *request,
	const struct config_change *change)
{
	const struct config_side *only = change->kind == CONFIG_ADDED
						 ? &change->after
						 : &change->before;

	fputs("    ", request->out.out);
	put_sign(request, change->kind);
	if (change->order)
		fputs("order of ", request->out.out);
	screen_put(&request->out, STYLE_PLAIN, change->keyword);
	fputs(": ", request->out.out);
	if (change->line) {
		put_side(request, change, only);
		return;
	}
	put_side(request, change, &change->before);
	fputs(" -> ", request->out.out);
	put_side(request, change, &change->after);
}

static void put_text(const struct request *request, const struct files *f,
	const struct config_diff *diff)
{
	const char *block = NULL;

	for (size_t i = 0; i < diff->n; i++) {
		const struct config_change *change = &diff->changes[i];

		if (!change->keyword) {
			put_sign(request, change->kind);
			screen_put(&request->out, STYLE_HEAD, change->block);
			put_places(request, f, change);
			block = NULL;
			continue;
		}
		if (!block || strcmp(block, change->block) != 0) {
			block = change->block;
			fputs("  ", request->out.out);
			screen_put(&request->out, STYLE_HEAD,
				*block ? block : "outside of any block");
			fputc('\n', request->out.out);
		}
		put_change(request, change);
		put_places(request, f, change);
	}
	fprintf(request->out.out, "%zu difference%s\n", diff->n,
		diff->n == 1 ? "" : "s");
}

/* --- JSON --- */

static struct json_object *side_json(const struct config_change *change,
	const struct config_side *side, const struct conf_tree *tree)
{
	struct json_object *json = json_object_new_object();
	const char *text = shown(change, side);
	struct diag_place place;

	if (change->keyword)
		json_object_object_add(json, "value",
			text ? json_object_new_string(text) : NULL);
	json_object_object_add(json, "origin",
		json_object_new_string(effective_origin_name(side->origin)));
	if (side->node == CONF_NODE_NONE)
		return json;
	place = conf_node_place(tree, side->node);
	json_object_object_add(json, "file", json_object_new_string(place.file));
	json_object_object_add(json, "line", json_object_new_int64(place.line));
	return json;
}

static struct json_object *change_json(
	const struct files *f, const struct config_change *change)
{
	static const char *const kinds[] = {
		[CONFIG_ADDED] = "added",
		[CONFIG_REMOVED] = "removed",
		[CONFIG_CHANGED] = "changed",
	};
	struct json_object *json = json_object_new_object();
	bool whole = change->line || !change->keyword;

	json_object_object_add(
		json, "change", json_object_new_string(kinds[change->kind]));
	json_object_object_add(
		json, "block", json_object_new_string(change->block));
	if (change->keyword)
		json_object_object_add(json, "keyword",
			json_object_new_string(change->keyword));
	if (change->order)
		json_object_object_add(
			json, "order", json_object_new_boolean(true));
	if (!whole || change->kind == CONFIG_REMOVED)
		json_object_object_add(json, "before",
			side_json(change, &change->before, f->tree[0]));
	if (!whole || change->kind == CONFIG_ADDED)
		json_object_object_add(json, "after",
			side_json(change, &change->after, f->tree[1]));
	return json;
}

static void put_json(const struct request *request, const struct files *f,
	const struct config_diff *diff)
{
	struct json_object *json = json_object_new_object();
	struct json_object *list = json_object_new_array();

	json_object_object_add(
		json, "same", json_object_new_boolean(diff->n == 0));
	for (size_t i = 0; i < diff->n; i++)
		json_object_array_add(list, change_json(f, &diff->changes[i]));
	json_object_object_add(json, "changes", list);
	fprintf(request->out.out, "%s\n",
		json_object_to_json_string_ext(json,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

/* --- the command --- */

static bool load(const struct request *request, struct files *f)
{
	bool good = true;

	for (size_t i = 0; i < 2; i++) {
		const char *file = input_name(request, request->words[i + 1]);
		bool this_one = false;

		f->tree[i] = file ? show_load(request, file, &this_one) : NULL;
		good &= f->tree[i] && this_one;
	}
	for (size_t i = 0; good && i < 2; i++)
		f->meaning[i] = effective_new(&tandem_language, f->tree[i]);
	return good;
}

enum exit_status config_run(
	const struct command *command, const struct request *request)
{
	struct files f = { .tree = { NULL } };
	enum exit_status status = EXIT_USAGE;
	struct config_diff *diff;

	(void)command;
	if (strcmp(request->words[0], "diff") != 0) {
		fprintf(request->err.out,
			"tandemctl: config %s? Only config diff FILE FILE is "
			"known\n",
			request->words[0]);
		return EXIT_USAGE;
	}
	if (!strcmp(request->words[1], "-") &&
		!strcmp(request->words[2], "-")) {
		fputs("tandemctl: only one of the two can be '-'\n",
			request->err.out);
		return EXIT_USAGE;
	}
	if (load(request, &f)) {
		diff = config_diff(f.meaning[0], f.meaning[1]);
		status = diff->n ? EXIT_REFUSED : EXIT_DONE;
		switch (request->format) {
		case FORMAT_JSON:
			put_json(request, &f, diff);
			break;
		case FORMAT_TEXT:
		case FORMAT_GCC:
		case FORMAT_MAN:
			put_text(request, &f, diff);
			break;
		}
		config_diff_free(diff);
	}
	for (size_t i = 0; i < 2; i++) {
		effective_free(f.meaning[i]);
		conf_tree_free(f.tree[i]);
	}
	return status;
}
