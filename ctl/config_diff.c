/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/config_diff_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* --- canonical text --- */

/* ADDRESS or ADDRESS/LENGTH in its one form; other words as they are. */
static void put_word(FILE *out, const char *word)
{
	struct ip_addr addr = { .family = AF_UNSPEC };
	char text[IP_ADDR_STRLEN];
	const char *slash = strchr(word, '/');
	char head[IP_ADDR_STRLEN];
	size_t len = slash ? (size_t)(slash - word) : strlen(word);

	if (len >= sizeof(head)) {
		fputs(word, out);
		return;
	}
	memcpy(head, word, len);
	head[len] = '\0';
	if (ip_addr_parse(head, &addr) < 0) {
		fputs(word, out);
		return;
	}
	ip_addr_format(&addr, text);
	fputs(text, out);
	if (slash && atoi(slash + 1) != 8 * (int)ip_family_bytes(addr.family))
		fputs(slash, out);
}

void config_diff_put_args(
	FILE *out, const struct conf_tree *tree, uint32_t node)
{
	for (uint32_t i = 0; i < conf_node_n_args(tree, node); i++) {
		if (i)
			fputc(' ', out);
		put_word(out, conf_node_arg(tree, node, i));
	}
}

/* A line of a list with whatever is in it. */
void config_diff_put_line(
	FILE *out, const struct conf_tree *tree, uint32_t node)
{
	put_word(out, conf_node_keyword(tree, node));
	if (conf_node_n_args(tree, node)) {
		fputc(' ', out);
		config_diff_put_args(out, tree, node);
	}
	if (!conf_node_is_block(tree, node))
		return;
	fputs(" {", out);
	conf_for_each_child(tree, node, child)
	{
		fputc(' ', out);
		config_diff_put_line(out, tree, child);
		fputc(';', out);
	}
	fputs(" }", out);
}

/* Ends what was written to OUT: a copy in the arena. */
const char *config_diff_take_text(struct work *w, FILE *out, char **text)
{
	const char *copy;

	fclose(out);
	copy = arena_strdup(w->diff->arena, *text ? *text : "");
	free(*text);
	return copy;
}

const char *config_diff_text_of(struct work *w, const struct conf_tree *tree,
	uint32_t node,
	void (*put)(FILE *out, const struct conf_tree *tree, uint32_t node))
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return "";
	put(out, tree, node);
	return config_diff_take_text(w, out, &text);
}

/* --- changes --- */

struct config_change *config_diff_add_change(
	struct work *w, enum config_change_kind kind, const char *keyword)
{
	struct config_diff *diff = w->diff;
	struct config_change *change;

	if (diff->n == diff->capacity) {
		diff->capacity = diff->capacity * 2 + 32;
		diff->changes = x_realloc(
			diff->changes, diff->capacity, sizeof(*change));
	}
	change = &diff->changes[diff->n++];
	*change = (struct config_change){
		.kind = kind,
		.block = w->path,
		.keyword = keyword,
		.before = { .node = CONF_NODE_NONE },
		.after = { .node = CONF_NODE_NONE },
	};
	return change;
}

/* --- values --- */

static void take_side(struct work *w, struct effective *e,
	const struct effective_block *block, size_t i,
	struct config_side *ret_side)
{
	const struct effective_row *row = &block->class->rows[i];
	struct effective_value value;

	effective_value(e, block, row, &value);
	ret_side->origin = value.origin;
	ret_side->node = block->given[i];
	if (value.text && value.origin != EFFECTIVE_GIVEN)
		ret_side->text = arena_strdup(w->diff->arena, value.text);
	else if (!value.text || row->keyword->type == CONF_SCRIPT)
		ret_side->text = ret_side->node == CONF_NODE_NONE
					 ? NULL
					 : config_diff_text_of(w, effective_tree(e),
						   ret_side->node, config_diff_put_args);
	else
		ret_side->text = arena_strdup(w->diff->arena, value.text);
}

static void compare_value(struct work *w, const struct pair *pair, size_t i)
{
	const struct effective_row *row = &pair->a->class->rows[i];
	struct config_side before = { .text = NULL };
	struct config_side after = { .text = NULL };
	struct config_change *change;

	take_side(w, w->a, pair->a, i, &before);
	take_side(w, w->b, pair->b, i, &after);
	if (before.text == after.text ||
		(before.text && after.text && !strcmp(before.text, after.text)))
		return;
	change = config_diff_add_change(w,
		!before.text  ? CONFIG_ADDED
		: !after.text ? CONFIG_REMOVED
			      : CONFIG_CHANGED,
		row->name);
	change->secret = row->keyword->flags & CONF_SECRET;
	change->before = before;
	change->after = after;
}

static bool has_lines(const struct effective_row *row)
{
	return row->keyword->type == CONF_LIST || row->multi ||
	       (row->keyword->type == CONF_CUSTOM && !row->built) ||
	       (row->keyword->type == CONF_BLOCK && !row->is_block);
}

static void compare_rows(struct work *w, const struct pair *pair)
{
	const struct effective_class *class = pair->a->class;

	for (size_t i = 0; i < class->n_rows; i++) {
		const struct effective_row *row = &class->rows[i];

		/* What neither file says follows from what they do. */
		if (row->alias_of != i || row->is_block ||
			(pair->a->given[i] == CONF_NODE_NONE &&
				pair->b->given[i] == CONF_NODE_NONE))
			continue;
		if (has_lines(row))
			config_diff_compare_list(w, pair, i);
		else
			compare_value(w, pair, i);
	}
}

/* --- blocks --- */

/* A block with what it is known by. */
struct named {
	const struct effective_block *block;
	const char *name; /* keyword, arguments, identity */
	const char *inside; /* all of it, when there are others of the name */
	bool matched;
	struct named *next; /* of the same name, in order */
	struct named *last; /* of the first: the last of them */
	struct named *same_next; /* of those that are the same inside */
	struct named *same_last;
	UT_hash_handle hh;
};

struct side {
	struct named *items;
	size_t n;
	struct named *by_name;
};

static void put_inside(FILE *out, struct effective *e,
	const struct effective_block *block);

static void put_name(FILE *out, struct effective *e,
	const struct effective_block *block)
{
	const struct effective_row *row = block->row;
	const struct effective_class *outer = block->parent->class;
	const struct effective_row *key = NULL;
	struct effective_value value;

	fputs(outer->rows[row->alias_of].name, out);
	if (conf_node_n_args(effective_tree(e), block->node))
		fputc(' ', out);
	config_diff_put_args(out, effective_tree(e), block->node);
	for (size_t v = 0; v < EFFECTIVE_VIEWS_MAX && !key; v++)
		if (block->class->blocks[v] && block->class->blocks[v]->identity)
			key = effective_find_row(block->class,
				block->class->blocks[v]->identity);
	if (!key)
		return;
	effective_value(e, block, key, &value);
	if (value.text)
		fprintf(out, " %s", value.text);
}

/* What BLOCK means, to tell it from others without a name. */
static void put_inside(FILE *out, struct effective *e,
	const struct effective_block *block)
{
	const struct effective_class *class = block->class;
	struct effective_value value;

	for (size_t i = 0; i < class->n_rows; i++) {
		const struct effective_row *row = &class->rows[i];
		uint32_t node = block->given[i];

		if (row->is_block || row->alias_of != i ||
			(node == CONF_NODE_NONE && !row->built))
			continue;
		effective_value(e, block, row, &value);
		if (!value.text && node == CONF_NODE_NONE)
			continue;
		fprintf(out, "%s ", row->name);
		if (value.text)
			fputs(value.text, out);
		else
			config_diff_put_line(out, effective_tree(e), node);
		fputc('\n', out);
	}
	for (size_t i = 0; i < block->n_blocks; i++) {
		put_name(out, e, block->blocks[i]);
		fputs(" {\n", out);
		put_inside(out, e, block->blocks[i]);
		fputs("}\n", out);
	}
}

static const char *describe(struct work *w, struct effective *e,
	const struct effective_block *block,
	void (*put)(FILE *out, struct effective *e,
		const struct effective_block *block))
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return "";
	put(out, e, block);
	return config_diff_take_text(w, out, &text);
}

static struct side gather_blocks(
	struct work *w, struct effective *e, const struct effective_block *in)
{
	struct side side = { .n = in->n_blocks };
	struct named *first;

	side.items = arena_alloc(
		w->diff->arena, (side.n + 1) * sizeof(*side.items));
	for (size_t i = 0; i < side.n; i++) {
		struct named *one = &side.items[i];

		one->block = in->blocks[i];
		one->name = describe(w, e, one->block, put_name);
		one->last = one;
		HASH_FIND_STR(side.by_name, one->name, first);
		if (first) {
			first->last->next = one;
			first->last = one;
		} else {
			HASH_ADD_KEYPTR(hh, side.by_name, one->name,
				strlen(one->name), one);
		}
	}
	return side;
}

static void compare_pair(struct work *w, const struct pair *pair);

static void enter(struct work *w, const struct named *a, const struct named *b)
{
	const struct pair inner = { .a = a->block, .b = b->block };
	const char *outer = w->path;
	char *path = x_asprintf(
		"%s%s%s", outer, *outer ? ", " : "", a->name);

	w->path = arena_strdup(w->diff->arena, path);
	x_free(path);
	compare_pair(w, &inner);
	w->path = outer;
}

static void change_block(
	struct work *w, enum config_change_kind kind, const struct named *one)
{
	const char *outer = w->path;
	char *path = x_asprintf(
		"%s%s%s", outer, *outer ? ", " : "", one->name);
	struct config_change *change;
	struct config_side side = {
		.origin = EFFECTIVE_GIVEN,
		.node = one->block->node,
	};

	w->path = arena_strdup(w->diff->arena, path);
	x_free(path);
	change = config_diff_add_change(w, kind, NULL);
	w->path = outer;
	if (kind == CONFIG_ADDED)
		change->after = side;
	else
		change->before = side;
}

/* Of several with one name, those that are the same go together. */
static void match_equal(struct work *w, struct named *a, struct named *b)
{
	struct named *by_inside = NULL;
	struct named *found;

	for (struct named *one = b; one; one = one->next) {
		one->inside = describe(w, w->b, one->block, put_inside);
		one->same_last = one;
		HASH_FIND_STR(by_inside, one->inside, found);
		if (found) {
			found->same_last->same_next = one;
			found->same_last = one;
		} else {
			HASH_ADD_KEYPTR(hh, by_inside, one->inside,
				strlen(one->inside), one);
		}
	}
	for (; a; a = a->next) {
		struct named *next;

		a->inside = describe(w, w->a, a->block, put_inside);
		HASH_FIND_STR(by_inside, a->inside, found);
		if (!found)
			continue;
		a->matched = true;
		found->matched = true;
		next = found->same_next;
		HASH_DEL(by_inside, found);
		if (!next)
			continue;
		next->same_last = found->same_last;
		HASH_ADD_KEYPTR(
			hh, by_inside, next->inside, strlen(next->inside), next);
	}
	HASH_CLEAR(hh, by_inside);
}

static void match_group(struct work *w, struct named *a, struct named *b)
{
	if (a && b && (a->next || b->next))
		match_equal(w, a, b);
	while (a || b) {
		while (a && a->matched)
			a = a->next;
		while (b && b->matched)
			b = b->next;
		if (a && b)
			enter(w, a, b);
		else if (a)
			change_block(w, CONFIG_REMOVED, a);
		else if (b)
			change_block(w, CONFIG_ADDED, b);
		a = a ? a->next : NULL;
		b = b ? b->next : NULL;
	}
}

/* A block of the root that only one side has, but that both may have: it is
 * compared with an empty one.  True when it was. */
static bool match_absent(struct work *w, const struct named *one, bool in_a)
{
	struct effective *other = in_a ? w->b : w->a;
	struct named empty = { .name = one->name };

	if (one->block->parent->row)
		return false;
	empty.block = effective_absent_block(other, one->block->row);
	if (!empty.block)
		return false;
	if (in_a)
		enter(w, one, &empty);
	else
		enter(w, &empty, one);
	return true;
}

static void compare_blocks(struct work *w, const struct pair *pair)
{
	struct side a = gather_blocks(w, w->a, pair->a);
	struct side b = gather_blocks(w, w->b, pair->b);
	struct named *one;
	struct named *next;
	struct named *other;

	HASH_ITER (hh, a.by_name, one, next) {
		HASH_FIND_STR(b.by_name, one->name, other);
		HASH_DEL(a.by_name, one);
		if (other)
			HASH_DEL(b.by_name, other);
		if (other || !match_absent(w, one, true))
			match_group(w, one, other);
	}
	HASH_ITER (hh, b.by_name, one, next) {
		HASH_DEL(b.by_name, one);
		if (!match_absent(w, one, false))
			match_group(w, NULL, one);
	}
}

static void compare_pair(struct work *w, const struct pair *pair)
{
	compare_rows(w, pair);
	compare_blocks(w, pair);
}

struct config_diff *config_diff(struct effective *a, struct effective *b)
{
	struct config_diff *diff = x_new(struct config_diff, 1);
	struct work w = { .diff = diff, .a = a, .b = b, .path = "" };
	const struct pair roots = {
		.a = effective_root(a),
		.b = effective_root(b),
	};

	diff->arena = arena_new();
	compare_pair(&w, &roots);
	return diff;
}

void config_diff_free(struct config_diff *diff)
{
	x_free(diff->changes);
	arena_free(diff->arena);
	x_free(diff);
}
