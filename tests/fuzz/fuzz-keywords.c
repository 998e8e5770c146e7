/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every keyword of the whole language with any arguments: the first two bytes
 * choose it from the tables, the rest stands behind it, where it belongs.  So
 * each type and each reader of the roles' tables meets what a file may hold;
 * more lines may follow.
 */
#include <assert.h>
#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/effective_print.h"
#include "daemon/language.h"
#include "lib/mem.h"
#include "tests/unit/config-print.h"

#define DEPTH_MAX 6
#define ROWS_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct row {
	const char *path[DEPTH_MAX];
	size_t depth;
};

struct rows {
	struct row items[ROWS_MAX];
	size_t n;
};

static void collect(
	struct rows *rows, const struct conf_block *block, struct row at)
{
	const struct conf_keyword *k = block->keywords;

	for (; k && k->name; k++) {
		struct row row = at;

		if (row.depth == DEPTH_MAX || rows->n == ROWS_MAX)
			return;
		row.path[row.depth++] = k->name;
		rows->items[rows->n++] = row;
		if (k->type == CONF_BLOCK && k->block)
			collect(rows, k->block, row);
	}
}

static const struct rows *all_rows(void)
{
	static struct rows rows;

	if (!rows.n)
		for (size_t i = 0; tandem_language.views[i]; i++)
			collect(&rows, tandem_language.views[i],
				(struct row){ .depth = 0 });
	return &rows;
}

/* Words that the named block needs to be bound at all. */
static void open_block(FILE *out, const char *name)
{
	const char *rest = "";

	if (!strcmp(name, "vrrp_instance"))
		rest = " V {\ninterface eth0\nvirtual_router_id 1";
	else if (!strcmp(name, "virtual_server"))
		rest = " 192.0.2.1 80 {\nprotocol TCP\nlb_algo rr";
	else if (!strcmp(name, "real_server"))
		rest = " 192.0.2.2 80 {";
	else
		rest = " n {";
	fprintf(out, "%s%s\n", name, rest);
}

/* What it means, as text and as JSON: a document, whatever is in it. */
static void show(const struct conf_tree *tree)
{
	const struct effective_print_options options = {
		.origin = true,
		.defaults = true,
	};
	struct json_object *json;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(out);
	effective_put_json(out, &tandem_language, tree, true);
	fflush(out);
	json = json_tokener_parse(text);
	assert(json);
	json_object_put(json);
	effective_print(out, &tandem_language, tree, &options);
	fclose(out);
	free(text);
}

/* Their share decides whether a file is text, and the comments that count as
 * well are not printed. */
static bool has_control(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' &&
			    !strchr("\t\n\v\f\r", *text)) ||
			*text == 0x7F)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct conf_load_options options = {
		.config_id = "here",
		.max_bytes = 1 << 20,
		.portable = size > 2 && data[2] & 1,
	};
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree;
	const struct row *row;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(out);
	if (size >= 2) {
		row = &all_rows()->items[(data[0] | data[1] << 8) %
					 all_rows()->n];
		for (size_t i = 0; i + 1 < row->depth; i++)
			open_block(out, row->path[i]);
		fprintf(out, "%s ", row->path[row->depth - 1]);
		fwrite(data + 2, 1, size - 2, out);
		for (size_t i = 0; i + 1 < row->depth; i++)
			fputs("\n}\n", out);
	}
	fclose(out);
	tree = conf_load_text(
		&tandem_language, "/x/fuzz.conf", text, len, &options, diags);
	out = fopen("/dev/null", "w");
	diag_print(diags, out);
	fclose(out);
	if (tree)
		show(tree);
	if (tree && !diag_count_severity(diags, DIAG_ERROR) &&
		!diag_count_severity(diags, DIAG_FATAL) &&
		!strchr(text, '\\') && !has_control(text)) {
		char buf[256];

		assert(!print_round_trip(&tandem_language, tree, false, buf,
			sizeof(buf)));
	}
	conf_tree_free(tree);
	diag_list_free(diags);
	free(text);
	return 0;
}
