/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/effective_print.h"

#include <json-c/json.h>
#include <string.h>

#include "config/effective.h"
#include "config/print.h"

/* Is ROW worth a line in BLOCK though the file does not have it? */
static bool is_told(const struct effective_block *block, size_t i)
{
	const struct effective_row *row = &block->class->rows[i];

	return row->alias_of == i && row->built && !row->is_block &&
	       block->given[i] == CONF_NODE_NONE &&
	       !(row->keyword->flags & CONF_DEPRECATED);
}

/* --- text --- */

struct text {
	struct effective *e;
	FILE *out;
};

static void put_prefix(FILE *out, unsigned int depth, bool absent)
{
	for (; depth; depth--)
		fputc('\t', out);
	fputs(absent ? "#     " : "# ", out);
}

static void put_words(
	FILE *out, const struct conf_keyword *k, const char *text)
{
	if (k->flags & CONF_SECRET)
		fputs(CONF_PRINT_HIDDEN, out);
	else if (k->type == CONF_STRING || k->type == CONF_SCRIPT)
		conf_print_word(out, text, k->flags, false);
	else
		fputs(text, out);
}

static void put_value(struct text *t, const struct effective_row *row,
	const struct effective_value *value)
{
	const struct conf_keyword *k = row->keyword;
	struct diag_place place;

	fputs(row->name, t->out);
	if (!value->text) {
		fputs(" is not set\n", t->out);
		return;
	}
	if (k->type == CONF_FLAG)
		fprintf(t->out, " is %s", value->text);
	else {
		fputc(' ', t->out);
		put_words(t->out, k, value->text);
	}
	fprintf(t->out, " (%s", effective_origin_name(value->origin));
	if (value->origin == EFFECTIVE_INHERITED) {
		place = conf_node_place(effective_tree(t->e), value->node);
		fprintf(t->out, " from %s, %s:%u", value->from, place.file,
			place.line);
	}
	fputs(")\n", t->out);
}

static void put_rows(struct text *t, const struct effective_block *block,
	unsigned int depth, bool absent)
{
	struct effective_value value;

	for (size_t i = 0; i < block->class->n_rows; i++) {
		const struct effective_row *row = &block->class->rows[i];

		if (!is_told(block, i))
			continue;
		effective_value(t->e, block, row, &value);
		put_prefix(t->out, depth, absent);
		put_value(t, row, &value);
	}
}

static void put_absent(struct text *t, const struct effective_block *root)
{
	for (size_t i = 0; i < root->class->n_rows; i++) {
		const struct effective_row *row = &root->class->rows[i];
		const struct effective_block *block;

		if (!row->is_block || !row->built)
			continue;
		block = effective_absent_block(t->e, row);
		if (!block)
			continue;
		fprintf(t->out, "# %s {\n", row->name);
		put_rows(t, block, 0, true);
		fputs("# }\n", t->out);
	}
}

static void put_inside(
	void *user_data, FILE *out, uint32_t node, unsigned int depth)
{
	struct text *t = user_data;
	const struct effective_block *block = effective_block_of(t->e, node);

	(void)out;
	if (!block)
		return;
	put_rows(t, block, depth, false);
	if (node == 0)
		put_absent(t, block);
}

void effective_print(FILE *out, const struct conf_language *language,
	const struct conf_tree *tree,
	const struct effective_print_options *options)
{
	struct text t = { .out = out };
	const struct conf_print_options print = {
		.origin = options->origin,
		.inside = options->defaults ? put_inside : NULL,
		.user_data = &t,
	};

	if (options->defaults)
		t.e = effective_new(language, tree);
	conf_print(out, language, tree, &print);
	effective_free(t.e);
}

/* --- JSON --- */

/* What is being written, and where the next statement goes. */
struct json {
	struct effective *e;
	FILE *out;
	bool defaults;
	unsigned int depth;
	bool begun; /* the array has an element */
};

static void begin_list(struct json *j)
{
	fputc('[', j->out);
	j->depth++;
	j->begun = false;
}

static void put_line_end(struct json *j)
{
	fputc('\n', j->out);
	for (unsigned int i = 0; i < j->depth; i++)
		fputc(' ', j->out);
}

static void end_list(struct json *j)
{
	j->depth--;
	if (j->begun)
		put_line_end(j);
	fputc(']', j->out);
	j->begun = true;
}

/* The statement ONE, which is freed; its children follow when OPEN. */
static void put_statement(struct json *j, struct json_object *one, bool open)
{
	const char *text = json_object_to_json_string_ext(one,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t len = strlen(text);

	if (j->begun)
		fputc(',', j->out);
	put_line_end(j);
	fwrite(text, 1, open ? len - 1 : len, j->out);
	if (open)
		fputs(",\"children\":", j->out);
	j->begun = true;
	json_object_put(one);
}

static void add_text(
	struct json_object *json, const char *key, const char *text)
{
	json_object_object_add(json, key, json_object_new_string(text));
}

static void add_place(struct json_object *json, const struct conf_tree *tree,
	uint32_t node)
{
	struct diag_place place = conf_node_place(tree, node);

	add_text(json, "file", place.file);
	json_object_object_add(json, "line", json_object_new_int64(place.line));
}

static struct json_object *number_json(int64_t us)
{
	if (us % 1000000 == 0)
		return json_object_new_int64(us / 1000000);
	return json_object_new_double((double)us / 1e6);
}

static struct json_object *value_json(
	const struct conf_keyword *k, const struct effective_value *value)
{
	bool bound = value->text == value->buf;

	if (!value->text)
		return NULL;
	if (k->flags & CONF_SECRET)
		return json_object_new_string(CONF_PRINT_HIDDEN);
	if (k->type != CONF_STRING && (!strcmp(value->text, "on") ||
					      !strcmp(value->text, "off")))
		return json_object_new_boolean(value->text[1] == 'n');
	if (k->type == CONF_TIME && bound)
		return number_json(value->number);
	if (k->type == CONF_INT && bound)
		return json_object_new_int64(value->number);
	return json_object_new_string(value->text);
}

static bool has_value(const struct conf_keyword *k)
{
	return k->type != CONF_BLOCK && k->type != CONF_LIST &&
	       k->type != CONF_SCRIPT;
}

static void add_value(struct json_object *json, const struct conf_keyword *k,
	const struct effective_value *value)
{
	json_object_object_add(json, "value", value_json(k, value));
	if (k->type == CONF_TIME && value->text == value->buf)
		add_text(json, "unit", "seconds");
}

static void put_json_rows(struct json *j, const struct effective_block *block)
{
	struct effective_value value;

	for (size_t i = 0; i < block->class->n_rows; i++) {
		const struct effective_row *row = &block->class->rows[i];
		struct json_object *json;
		struct json_object *from;

		if (!is_told(block, i))
			continue;
		effective_value(j->e, block, row, &value);
		json = json_object_new_object();
		add_text(json, "keyword", row->name);
		add_text(json, "origin", effective_origin_name(value.origin));
		add_value(json, row->keyword, &value);
		if (value.origin == EFFECTIVE_INHERITED) {
			from = json_object_new_object();
			add_text(from, "keyword", value.from);
			add_place(from, effective_tree(j->e), value.node);
			json_object_object_add(json, "from", from);
		}
		put_statement(j, json, false);
	}
}

static void put_json_absent(struct json *j, const struct effective_block *root)
{
	for (size_t i = 0; i < root->class->n_rows; i++) {
		const struct effective_row *row = &root->class->rows[i];
		const struct effective_block *block;
		struct json_object *json;

		if (!row->is_block || !row->built)
			continue;
		block = effective_absent_block(j->e, row);
		if (!block)
			continue;
		json = json_object_new_object();
		add_text(json, "keyword", row->name);
		add_text(json, "origin",
			effective_origin_name(EFFECTIVE_DEFAULT));
		put_statement(j, json, true);
		begin_list(j);
		put_json_rows(j, block);
		end_list(j);
		fputc('}', j->out);
	}
}

/* What BLOCK says about NODE, a statement in it. */
static void add_meaning(struct json_object *json, struct effective *e,
	const struct effective_block *block, uint32_t node)
{
	const struct conf_tree *tree = effective_tree(e);
	const struct effective_row *row = NULL;
	struct effective_value value;

	if (block && !conf_node_is_unknown(tree, node))
		row = effective_find_row(
			block->class, conf_node_keyword(tree, node));
	if (!row || !row->built || !has_value(row->keyword) ||
		row->keyword->flags & CONF_MULTI)
		return;
	if (block->given[row->alias_of] != node) {
		json_object_object_add(
			json, "overridden", json_object_new_boolean(true));
		return;
	}
	effective_value(e, block, row, &value);
	add_value(json, row->keyword, &value);
}

static void put_json_list(
	struct json *j, const struct effective_block *block, uint32_t node);

static void put_json_node(
	struct json *j, const struct effective_block *block, uint32_t node)
{
	const struct conf_tree *tree = effective_tree(j->e);
	struct json_object *json = json_object_new_object();
	struct json_object *arguments = json_object_new_array();
	bool open = conf_node_is_block(tree, node);

	add_text(json, "keyword",
		conf_node_is_bare_secret(tree, node)
			? CONF_PRINT_HIDDEN
			: conf_node_keyword(tree, node));
	for (uint32_t i = 0; i < conf_node_n_args(tree, node); i++)
		json_object_array_add(arguments,
			json_object_new_string(
				conf_node_is_secret(tree, node)
					? CONF_PRINT_HIDDEN
					: conf_node_arg(tree, node, i)));
	json_object_object_add(json, "arguments", arguments);
	add_place(json, tree, node);
	add_text(json, "origin", effective_origin_name(EFFECTIVE_GIVEN));
	add_meaning(json, j->e, block, node);
	put_statement(j, json, open);
	if (open) {
		put_json_list(j, effective_block_of(j->e, node), node);
		fputc('}', j->out);
	}
}

/* BLOCK is NULL where no table says what may stand in NODE, and in the
 * further parts of a block. */
static void put_json_list(
	struct json *j, const struct effective_block *block, uint32_t node)
{
	begin_list(j);
	conf_for_each_child(effective_tree(j->e), node, child)
		put_json_node(j, block, child);
	if (j->defaults && block)
		put_json_rows(j, block);
	if (j->defaults && node == 0)
		put_json_absent(j, block);
	end_list(j);
}

void effective_put_json(FILE *out, const struct conf_language *language,
	const struct conf_tree *tree, bool defaults)
{
	struct json j = {
		.e = effective_new(language, tree),
		.out = out,
		.defaults = defaults,
	};

	put_json_list(&j, effective_root(j.e), 0);
	effective_free(j.e);
}
