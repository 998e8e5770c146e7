/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keywords with several lines: what came and went, and the order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/config_diff_internal.h"
#include "lib/mem.h"

struct line {
	const char *text;
	uint32_t node;
	size_t at;   /* its place in the list */
	bool common; /* the other side has it, too */
	bool apart;  /* its place among the others does not count */
};

struct lines {
	struct line *items;
	size_t n;
	size_t capacity;
};

static void add_line(struct lines *lines, const char *text, uint32_t node)
{
	if (lines->n == lines->capacity) {
		lines->capacity = lines->capacity * 2 + 8;
		lines->items = x_realloc(
			lines->items, lines->capacity, sizeof(*lines->items));
	}
	lines->items[lines->n] = (struct line){
		.text = text,
		.node = node,
		.at = lines->n,
	};
	lines->n++;
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a;
	const struct line *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : (x->node > y->node) - (x->node < y->node);
}

/* All lines of row I of BLOCK, sorted. */
static struct lines gather_lines(struct work *w, struct effective *e,
	const struct effective_block *block, size_t i)
{
	const struct conf_tree *tree = effective_tree(e);
	const struct effective_row *row = &block->class->rows[i];
	struct lines lines = { .items = NULL };

	for (uint32_t node = block->given[i]; node != CONF_NODE_NONE;
		node = effective_next(e, block, row, node)) {
		if (!conf_node_is_block(tree, node) ||
			conf_node_n_args(tree, node))
			add_line(&lines,
				config_diff_text_of(
					w, tree, node, config_diff_put_args),
				node);
		conf_for_each_child(tree, node, child) add_line(&lines,
			config_diff_text_of(
				w, tree, child, config_diff_put_line),
			child);
	}
	if (lines.n)
		qsort(lines.items, lines.n, sizeof(*lines.items),
			compare_lines);
	return lines;
}

static void change_line(struct work *w, const struct effective_row *row,
	enum config_change_kind kind, const struct line *line)
{
	struct config_change *change =
		config_diff_add_change(w, kind, row->name);
	struct config_side *side = kind == CONFIG_ADDED ? &change->after
							: &change->before;

	change->secret = row->keyword->flags & CONF_SECRET;
	change->line = true;
	*side = (struct config_side){
		.text = line->text,
		.origin = EFFECTIVE_GIVEN,
		.node = line->node,
	};
}

static int compare_places(const void *a, const void *b)
{
	const struct line *x = a;
	const struct line *y = b;

	if (x->apart != y->apart)
		return x->apart - y->apart;
	return (x->at > y->at) - (x->at < y->at);
}

/* The kernel has a table for each family, so routes and rules of one family
 * stand beside those of the other in any order.  The first address tells. */
static bool is_inet6(const struct effective_row *row, const char *text)
{
	const char *at = text + strcspn(text, ".:");

	return (strstr(row->name, "_routes") || strstr(row->name, "_rules")) &&
	       *at == ':';
}

/* A rule with a preference stands where that says. */
static bool has_place(const struct effective_row *row, const char *text)
{
	static const char *const words[] = { "preference ", "priority ",
		"order " };

	if (!strstr(row->name, "_rules"))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at = strstr(text, words[i]);

		if (at && (at == text || at[-1] == ' '))
			return true;
	}
	return false;
}

/* Leaves those lines that both sides have and whose order counts, in it. */
static void keep_ordered(const struct effective_row *row, struct lines *lines)
{
	size_t n = 0;

	for (size_t i = 0; i < lines->n; i++) {
		struct line *line = &lines->items[i];

		line->apart = is_inet6(row, line->text);
		if (line->common && !has_place(row, line->text))
			lines->items[n++] = *line;
	}
	lines->n = n;
	if (n)
		qsort(lines->items, n, sizeof(*lines->items), compare_places);
}

/* The lines from FIRST on, with "; " between them. */
static struct config_side side_of_order(
	struct work *w, const struct lines *lines, size_t first, size_t end)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = first; out && i < end; i++)
		fprintf(out, "%s%s", i > first ? "; " : "",
			lines->items[i].text);
	return (struct config_side){
		.text = out ? config_diff_take_text(w, out, &text) : "",
		.origin = EFFECTIVE_GIVEN,
		.node = lines->items[first].node,
	};
}

/* Only what has moved is told. */
static void compare_order(struct work *w, const struct effective_row *row,
	struct lines *a, struct lines *b)
{
	struct config_change *change;
	size_t first = 0;
	size_t end;

	keep_ordered(row, a);
	keep_ordered(row, b);
	for (end = a->n; first < end &&
			 !strcmp(a->items[first].text, b->items[first].text);)
		first++;
	while (end > first &&
		!strcmp(a->items[end - 1].text, b->items[end - 1].text))
		end--;
	if (first == end)
		return;
	change = config_diff_add_change(w, CONFIG_CHANGED, row->name);
	change->order = true;
	change->before = side_of_order(w, a, first, end);
	change->after = side_of_order(w, b, first, end);
}

void config_diff_compare_list(struct work *w, const struct pair *pair, size_t i)
{
	const struct effective_row *row = &pair->a->class->rows[i];
	struct lines a = gather_lines(w, w->a, pair->a, i);
	struct lines b = gather_lines(w, w->b, pair->b, i);
	size_t x = 0;
	size_t y = 0;

	while (x < a.n || y < b.n) {
		int order = x == a.n ? 1
			    : y == b.n
				    ? -1
				    : strcmp(a.items[x].text, b.items[y].text);

		if (order < 0)
			change_line(w, row, CONFIG_REMOVED, &a.items[x]);
		else if (order > 0)
			change_line(w, row, CONFIG_ADDED, &b.items[y]);
		else
			a.items[x].common = b.items[y].common = true;
		x += order <= 0;
		y += order >= 0;
	}
	if (row->keyword->flags & CONF_ORDERED)
		compare_order(w, row, &a, &b);
	x_free(a.items);
	x_free(b.items);
}
