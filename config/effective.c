/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/effective.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/image.h"
#include "config/values.h"
#include "lib/mem.h"

/* A struct that a view bound for a node. */
struct bound {
	uint32_t node;
	uint32_t next; /* index plus 1 of another of the same node */
	size_t view;
	const void *target;
};

struct effective {
	const struct conf_tree *tree;
	const struct conf_block *const *views;
	size_t n_views;
	struct arena *arena;
	struct effective_class *classes;
	struct effective_block *root;
	struct effective_block **by_node;
	struct bound *bound;
	size_t n_bound;
	size_t bound_capacity;
	uint32_t *first; /* of each node: index plus 1 */
	size_t view;	 /* that is being bound */
};

const char *effective_origin_name(enum effective_origin origin)
{
	switch (origin) {
	case EFFECTIVE_GIVEN:
		return "file";
	case EFFECTIVE_INHERITED:
		return "inherited";
	case EFFECTIVE_DEFAULT:
		return "default";
	case EFFECTIVE_DERIVED:
		return "derived";
	case EFFECTIVE_UNSET:
		return "unset";
	}
	return "";
}

/* --- classes --- */

static bool is_built(const struct conf_keyword *k)
{
	return !(k->flags & (CONF_NOT_BUILT | CONF_IGNORED | CONF_FOREIGN));
}

static bool is_scalar(const struct conf_keyword *k)
{
	return k->type != CONF_BLOCK && k->type != CONF_LIST &&
	       k->type != CONF_CUSTOM;
}

/* Do both set the same? */
static bool is_alias(const struct conf_keyword *a, const struct conf_keyword *b)
{
	return is_scalar(a) && is_built(a) && is_built(b) &&
	       a->type == b->type && a->offset == b->offset;
}

/* The row that I is another name of, as the tables say it. */
static size_t named_alias(const struct effective_class *class, size_t i)
{
	const char *name = class->rows[i].keyword->same_as;
	struct effective_row *row = NULL;

	if (name)
		HASH_FIND_STR(class->by_name, name, row);
	return row ? (size_t)(row - class->rows) : i;
}

static void find_alias(struct effective_class *class, size_t i, size_t n_views)
{
	struct effective_row *row = &class->rows[i];
	bool old = row->keyword->flags & CONF_DEPRECATED;

	row->alias_of = named_alias(class, i);
	for (size_t k = 0; row->alias_of == i && k < class->n_rows; k++) {
		struct effective_row *other = &class->rows[k];
		bool other_old = other->keyword->flags & CONF_DEPRECATED;

		/* Of two names, the first that is not deprecated counts. */
		if (k == i || (other_old && !old) ||
			(other_old == old && k > i))
			continue;
		for (size_t v = 0; v < n_views; v++)
			if (row->in_view[v] && other->in_view[v] &&
				class->blocks[v]->size &&
				is_alias(row->in_view[v], other->in_view[v])) {
				row->alias_of = k;
				break;
			}
	}
}

/* A block is one when a view takes its parts together. */
static void find_multi(struct effective_row *row, size_t n_views)
{
	row->multi = row->is_block;
	for (size_t v = 0; v < n_views; v++) {
		const struct conf_keyword *k = row->in_view[v];
		bool multi = k && k->flags & CONF_MULTI;

		if (k && row->is_block)
			row->multi &= multi;
		else if (k)
			row->multi |= multi;
	}
}

static void add_row(struct effective_class *class, size_t view,
	const struct conf_keyword *k)
{
	struct effective_row *row;

	HASH_FIND_STR(class->by_name, k->name, row);
	if (!row) {
		row = &class->rows[class->n_rows];
		row->name = k->name;
		row->keyword = k;
		row->alias_of = class->n_rows++;
		HASH_ADD_KEYPTR(
			hh, class->by_name, row->name, strlen(row->name), row);
	} else if (row->keyword->flags & CONF_SHARED &&
		   !(k->flags & CONF_SHARED)) {
		row->keyword = k;
	}
	row->in_view[view] = k;
	row->is_block |= k->type == CONF_BLOCK && k->block;
	row->built |= is_built(k);
}

static struct effective_class *make_class(
	struct effective *e, const struct conf_block *const *blocks)
{
	struct effective_class *class;
	const struct conf_keyword *k;
	size_t n = 0;

	for (class = e->classes; class; class = class->next)
		if (!memcmp(class->blocks, blocks, sizeof(class->blocks)))
			return class;
	class = arena_new_object(e->arena, struct effective_class);
	memcpy(class->blocks, blocks, sizeof(class->blocks));
	class->next = e->classes;
	e->classes = class;
	for (size_t v = 0; v < e->n_views; v++)
		for (k = blocks[v] ? blocks[v]->keywords : NULL; k && k->name;
			k++)
			n++;
	class->rows = arena_alloc(e->arena, (n + 1) * sizeof(*class->rows));
	for (size_t v = 0; v < e->n_views; v++)
		for (k = blocks[v] ? blocks[v]->keywords : NULL; k && k->name;
			k++)
			if (!(k->flags & CONF_FOREIGN))
				add_row(class, v, k);
	for (size_t i = 0; i < class->n_rows; i++) {
		find_alias(class, i, e->n_views);
		find_multi(&class->rows[i], e->n_views);
	}
	return class;
}

static struct effective_class *inner_class(
	struct effective *e, struct effective_row *row)
{
	const struct conf_block *blocks[EFFECTIVE_VIEWS_MAX] = { NULL };

	if (row->inner)
		return row->inner;
	for (size_t v = 0; v < e->n_views; v++)
		if (row->in_view[v] && row->in_view[v]->type == CONF_BLOCK)
			blocks[v] = row->in_view[v]->block;
	return row->inner = make_class(e, blocks);
}

const struct effective_row *effective_find_row(
	const struct effective_class *class, const char *name)
{
	struct effective_row *row;

	HASH_FIND_STR(class->by_name, name, row);
	return row;
}

/* --- blocks --- */

static void take_bound(void *user_data, uint32_t node, const void *target)
{
	struct effective *e = user_data;
	struct bound *bound;

	if (e->n_bound == e->bound_capacity) {
		e->bound_capacity = e->bound_capacity * 2 + 64;
		e->bound = x_realloc(
			e->bound, e->bound_capacity, sizeof(*bound));
	}
	bound = &e->bound[e->n_bound++];
	*bound = (struct bound){
		.node = node,
		.next = e->first[node],
		.view = e->view,
		.target = target,
	};
	e->first[node] = (uint32_t)e->n_bound;
}

static void bind_views(struct effective *e)
{
	for (e->view = 0; e->view < e->n_views; e->view++) {
		struct conf_bind ctx = {
			.tree = e->tree,
			.arena = e->arena,
			.lenient = true,
			.bound = take_bound,
			.bound_data = e,
		};

		if (e->views[e->view]->size)
			take_bound(e, 0,
				conf_bind_root(&ctx, e->views[e->view]));
	}
}

/* The next block of the same keyword, which continues NODE. */
static uint32_t next_part(const struct conf_tree *tree, uint32_t node)
{
	const char *keyword = conf_node_keyword(tree, node);

	do
		node = conf_node_next(tree, node);
	while (node != CONF_NODE_NONE &&
		conf_node_keyword(tree, node) != keyword);
	return node;
}

static struct effective_block *build_block(struct effective *e, uint32_t node,
	const struct effective_class *class, const struct effective_row *row,
	const struct effective_block *parent);

static struct effective_row *row_of(const struct effective *e,
	const struct effective_class *class, uint32_t node)
{
	struct effective_row *row;

	if (e->tree->nodes[node].flags & (NODE_UNKNOWN | NODE_SKIP))
		return NULL;
	HASH_FIND_STR(class->by_name, conf_node_keyword(e->tree, node), row);
	return row;
}

/* What of the children of NODE, a part of BLOCK, is a block or is given. */
static void take_children(
	struct effective *e, struct effective_block *block, uint32_t node)
{
	conf_for_each_child(e->tree, node, child)
	{
		struct effective_row *row = row_of(e, block->class, child);
		uint32_t *given;

		if (!row)
			continue;
		given = &block->given[row->alias_of];
		if (*given != CONF_NODE_NONE && row->is_block && !row->multi)
			continue; /* it goes on here */
		/* Of several values the last counts; lists begin here. */
		if (*given == CONF_NODE_NONE ||
			(!row->multi && row->keyword->type != CONF_LIST))
			*given = child;
		if (row->is_block && conf_node_is_block(e->tree, child))
			block->blocks[block->n_blocks++] = build_block(e,
				child, inner_class(e, row), row, block);
	}
}

static struct effective_block *new_block(struct effective *e, uint32_t node,
	const struct effective_class *class, const struct effective_row *row,
	const struct effective_block *parent)
{
	struct effective_block *block =
		arena_new_object(e->arena, struct effective_block);

	block->node = node;
	block->class = class;
	block->row = row;
	block->parent = parent;
	block->targets =
		arena_alloc(e->arena, e->n_views * sizeof(*block->targets));
	block->given = arena_alloc(
		e->arena, (class->n_rows + 1) * sizeof(*block->given));
	for (size_t i = 0; i < class->n_rows; i++)
		block->given[i] = CONF_NODE_NONE;
	return block;
}

static struct effective_block *build_block(struct effective *e, uint32_t node,
	const struct effective_class *class, const struct effective_row *row,
	const struct effective_block *parent)
{
	struct effective_block *block = new_block(e, node, class, row, parent);
	bool multi = !row || row->multi;
	uint32_t part = node;
	size_t n = 0;

	for (uint32_t i = e->first[node]; i; i = e->bound[i - 1].next)
		block->targets[e->bound[i - 1].view] = e->bound[i - 1].target;
	for (; part != CONF_NODE_NONE;
		part = multi ? CONF_NODE_NONE : next_part(e->tree, part))
		conf_for_each_child(e->tree, part, child)
			n += conf_node_is_block(e->tree, child);
	block->blocks =
		arena_alloc(e->arena, (n + 1) * sizeof(*block->blocks));
	e->by_node[node] = block;
	for (part = node; part != CONF_NODE_NONE;
		part = multi ? CONF_NODE_NONE : next_part(e->tree, part))
		take_children(e, block, part);
	return block;
}

struct effective *effective_new(
	const struct conf_language *language, const struct conf_tree *tree)
{
	struct effective *e = x_new(struct effective, 1);
	const struct conf_block *blocks[EFFECTIVE_VIEWS_MAX] = { NULL };
	struct effective_row *defs;

	e->tree = tree;
	e->views = language->views;
	while (e->n_views < EFFECTIVE_VIEWS_MAX && e->views[e->n_views]) {
		blocks[e->n_views] = e->views[e->n_views];
		e->n_views++;
	}
	e->arena = arena_new();
	e->first = x_new(uint32_t, conf_tree_count(tree));
	e->by_node = x_new(struct effective_block *, conf_tree_count(tree));
	bind_views(e);
	e->root = build_block(e, 0, make_class(e, blocks), NULL, NULL);
	/* What others may inherit from, whether it is there or not. */
	HASH_FIND_STR(e->root->class->by_name, "global_defs", defs);
	if (defs && defs->is_block)
		inner_class(e, defs);
	return e;
}

void effective_free(struct effective *e)
{
	if (!e)
		return;
	for (struct effective_class *c = e->classes; c; c = c->next)
		HASH_CLEAR(hh, c->by_name);
	arena_free(e->arena);
	x_free(e->bound);
	x_free(e->first);
	x_free(e->by_node);
	x_free(e);
}

const struct conf_tree *effective_tree(const struct effective *e)
{
	return e->tree;
}

const struct effective_block *effective_root(const struct effective *e)
{
	return e->root;
}

const struct effective_block *effective_block_of(
	const struct effective *e, uint32_t node)
{
	return e->by_node[node];
}

uint32_t effective_next(const struct effective *e,
	const struct effective_block *block, const struct effective_row *row,
	uint32_t node)
{
	uint32_t part = conf_node_parent(e->tree, node);
	bool multi = !block->row || block->row->multi;

	while (part != CONF_NODE_NONE) {
		for (node = conf_node_next(e->tree, node);
			node != CONF_NODE_NONE;
			node = conf_node_next(e->tree, node)) {
			const struct effective_row *found =
				row_of(e, block->class, node);

			if (found && found->alias_of == row->alias_of)
				return node;
		}
		do {
			part = multi ? CONF_NODE_NONE
				     : next_part(e->tree, part);
			node = part == CONF_NODE_NONE
				       ? CONF_NODE_NONE
				       : conf_node_first_child(e->tree, part);
		} while (part != CONF_NODE_NONE && node == CONF_NODE_NONE);
		if (node != CONF_NODE_NONE) {
			const struct effective_row *found =
				row_of(e, block->class, node);

			if (found && found->alias_of == row->alias_of)
				return node;
		}
	}
	return CONF_NODE_NONE;
}

const struct effective_block *effective_absent_block(
	struct effective *e, const struct effective_row *row)
{
	struct effective_row *mine;
	struct effective_block *block;

	HASH_FIND_STR(e->root->class->by_name, row->name, mine);
	if (!mine || !mine->is_block || mine->multi ||
		e->root->given[mine->alias_of] != CONF_NODE_NONE)
		return NULL;
	block = new_block(
		e, CONF_NODE_NONE, inner_class(e, mine), mine, e->root);
	for (size_t v = 0; v < e->n_views; v++) {
		const struct conf_block *b = block->class->blocks[v];
		void *target;

		if (!b || !b->size || !e->root->targets[v])
			continue;
		target = arena_alloc(e->arena, b->size);
		if (b->init)
			b->init(target, e->root->targets[v]);
		block->targets[v] = target;
	}
	return block;
}

/* --- values --- */

/* What view V bound for BLOCK, or for the part of it that GIVEN stands in. */
static const void *target_of(const struct effective *e,
	const struct effective_block *block, size_t v, uint32_t given)
{
	uint32_t part = given == CONF_NODE_NONE
				? block->node
				: conf_node_parent(e->tree, given);

	if (part != block->node)
		for (uint32_t i = e->first[part]; i; i = e->bound[i - 1].next)
			if (e->bound[i - 1].view == v)
				return e->bound[i - 1].target;
	return block->targets[v];
}

/* The view whose struct has the value of ROW: that which documents it, if it
 * is bound there. */
static const struct conf_keyword *choose(const struct effective *e,
	const struct effective_block *block, const struct effective_row *row,
	const void **ret_target)
{
	const struct conf_keyword *found = NULL;

	for (size_t v = 0; v < e->n_views; v++) {
		const struct conf_keyword *k = row->in_view[v];
		const void *target;

		if (!k || !is_built(k) || !block->class->blocks[v]->size)
			continue;
		target = target_of(e, block, v, block->given[row->alias_of]);
		if (!target)
			continue;
		if (found && !(found->flags & CONF_SHARED))
			continue;
		if (found && k->flags & CONF_SHARED)
			continue;
		found = k;
		*ret_target = target;
	}
	return found;
}

static void take_number(struct effective_value *value,
	const struct conf_keyword *k, int64_t number)
{
	bool limited = k->min || k->max;

	/* What no file can say is the role's way to say "not set". */
	if (value->origin != EFFECTIVE_GIVEN && limited &&
		(number < k->min || number > k->max))
		return;
	value->number = number;
	if (k->type == CONF_TIME)
		conf_format_time(number, value->buf, sizeof(value->buf));
	else
		snprintf(value->buf, sizeof(value->buf), "%" PRId64, number);
	value->text = value->buf;
}

static void take_bool(struct effective_value *value, bool on)
{
	value->number = on;
	value->text = on ? "on" : "off";
}

static void take_enum(struct effective_value *value,
	const struct conf_keyword *k, int number)
{
	for (const struct conf_value *v = k->values; v && v->name; v++)
		if (v->value == number) {
			value->text = v->name;
			return;
		}
}

static void take_address(
	struct effective_value *value, const struct ip_addr *addr)
{
	_Static_assert(sizeof(value->buf) >= IP_ADDR_STRLEN, "too short");
	if (addr->family == AF_UNSPEC)
		return;
	ip_addr_format(addr, value->buf);
	value->text = value->buf;
}

/* The arguments of the node that sets VALUE, with a blank between them. */
static void take_words(struct effective *e, struct effective_value *value)
{
	uint32_t n = conf_node_n_args(e->tree, value->node);
	size_t size = 1;
	char *text;

	for (uint32_t i = 0; i < n; i++)
		size += strlen(conf_node_arg(e->tree, value->node, i)) + 1;
	text = arena_alloc(e->arena, size);
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, conf_node_arg(e->tree, value->node, i));
	}
	value->text = text;
}

static void take_shown(struct effective *e, struct effective_value *value,
	const struct conf_keyword *k, const void *target)
{
	char *text = NULL;
	size_t len;
	FILE *out = k->show ? open_memstream(&text, &len) : NULL;

	if (!out)
		return;
	k->show(target, out);
	fclose(out);
	if (text && *text)
		value->text = arena_strdup(e->arena, text);
	free(text);
}

/* What is bound at K. */
static void take_bound_value(struct effective *e, struct effective_value *value,
	const struct conf_keyword *k, const void *target)
{
	const void *at = (const char *)target + k->offset;

	switch (k->type) {
	case CONF_FLAG:
	case CONF_BOOL:
		take_bool(value, *(const bool *)at);
		return;
	case CONF_INT:
	case CONF_TIME:
		take_number(value, k, *(const int64_t *)at);
		return;
	case CONF_STRING:
		value->text = *(const char *const *)at;
		return;
	case CONF_ADDRESS:
		take_address(value, at);
		return;
	case CONF_ENUM:
		take_enum(value, k, *(const int *)at);
		return;
	case CONF_SCRIPT:
		if (value->origin != EFFECTIVE_GIVEN)
			value->text = ((const struct conf_script *)at)->command;
		return;
	case CONF_CUSTOM:
		take_shown(e, value, k, target);
		if (!value->text && value->origin == EFFECTIVE_GIVEN)
			take_words(e, value);
		return;
	case CONF_BLOCK:
	case CONF_LIST:
		return;
	}
}

/* Is VALUE what K has when nothing is said?  A text that only explains holds
 * for all of them. */
static bool is_default(
	const struct effective_value *value, const struct conf_keyword *k)
{
	const char *text = k->default_text;
	char *end;
	double number;

	if (k->type == CONF_FLAG || k->type == CONF_BOOL)
		return value->number == (text && (!strcmp(text, "on") ||
							 !strcmp(text, "yes") ||
							 !strcmp(text, "true")));
	if (!text || strchr(text, ' ') || !strcmp(text, value->text))
		return true;
	number = strtod(text, &end);
	return end != text && !*end && number == strtod(value->text, NULL);
}

/* Is VALUE that which row NAME of BLOCK, of CLASS, has?  Then says where it
 * comes from.  BLOCK is NULL when it is not in the file.  *RET_ANY: there is
 * such a row. */
static bool inherits_from(struct effective *e,
	const struct effective_class *class,
	const struct effective_block *block, const char *name,
	struct effective_value *value, bool *ret_any)
{
	const struct effective_row *row = effective_find_row(class, name);
	struct effective_value other;

	if (!row || !row->built || row->is_block)
		return false;
	*ret_any = true;
	if (!block) {
		value->origin = EFFECTIVE_DEFAULT;
		return row->keyword->default_text &&
		       is_default(value, row->keyword);
	}
	effective_value(e, block, row, &other);
	if (!other.text || strcmp(other.text, value->text) != 0)
		return false;
	value->origin = other.origin;
	value->node = other.node;
	value->from = other.from;
	if (other.origin == EFFECTIVE_GIVEN) {
		value->origin = EFFECTIVE_INHERITED;
		value->from = conf_node_keyword(e->tree, other.node);
	}
	return true;
}

static bool find_ancestor(struct effective *e,
	const struct effective_block *block, const struct effective_row *row,
	struct effective_value *value, bool *ret_any)
{
	const struct effective_row *defs =
		effective_find_row(e->root->class, "global_defs");
	const struct effective_block *global = NULL;
	uint32_t node;
	static const char *const prefixes[] = { "vrrp_", "checker_", "" };
	char name[80];
	bool found = false;

	for (const struct effective_block *up = block->parent; up && up->row;
		up = up->parent)
		if (inherits_from(e, up->class, up, row->name, value, ret_any))
			return true;
	if (!defs || !defs->inner || block->class == defs->inner)
		return false;
	node = e->root->given[defs->alias_of];
	if (node != CONF_NODE_NONE)
		global = e->by_node[node];
	for (size_t i = 0; i < 3 && !found; i++) {
		snprintf(name, sizeof(name), "%s%s", prefixes[i], row->name);
		found = inherits_from(
			e, defs->inner, global, name, value, ret_any);
	}
	return found;
}

/* The default of K as it is documented. */
static void take_default(
	struct effective_value *value, const struct conf_keyword *k)
{
	char *end;
	double number;

	if (!k->default_text)
		return;
	number = strtod(k->default_text, &end);
	if (k->type == CONF_TIME && end != k->default_text && !*end)
		take_number(value, k, (int64_t)(number * 1e6 + 0.5));
	else if (k->type == CONF_INT && end != k->default_text && !*end)
		take_number(value, k, (int64_t)number);
	if (!value->text)
		value->text = k->default_text;
	value->origin = EFFECTIVE_DEFAULT;
}

static void find_origin(struct effective *e,
	const struct effective_block *block, const struct effective_row *row,
	struct effective_value *value)
{
	const struct conf_keyword *k = row->keyword;
	bool any = false;

	if (!value->text) {
		take_default(value, k);
		return;
	}
	if (find_ancestor(e, block, row, value, &any))
		return;
	value->origin = is_default(value, k) && (k->default_text || !any)
				? EFFECTIVE_DEFAULT
				: EFFECTIVE_DERIVED;
}

void effective_value(struct effective *e, const struct effective_block *block,
	const struct effective_row *row, struct effective_value *ret)
{
	const void *target = NULL;
	const struct conf_keyword *k = choose(e, block, row, &target);
	uint32_t given = block->given[row->alias_of];

	ret->origin = given == CONF_NODE_NONE ? EFFECTIVE_UNSET
					      : EFFECTIVE_GIVEN;
	ret->node = given;
	ret->from = NULL;
	ret->text = NULL;
	ret->number = 0;
	if (k)
		take_bound_value(e, ret, k, target);
	if (given == CONF_NODE_NONE && row->built)
		find_origin(e, block, row, ret);
}
