/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "config/effective_internal.h"
#include "config/image.h"
#include "lib/mem.h"

/* --- classes --- */

static bool is_scalar(const struct conf_keyword *k)
{
	return k->type != CONF_BLOCK && k->type != CONF_LIST &&
	       k->type != CONF_CUSTOM;
}

/* Do both set the same? */
static bool is_alias(const struct conf_keyword *a, const struct conf_keyword *b)
{
	return is_scalar(a) && effective_is_built(a) && effective_is_built(b) &&
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
	row->built |= effective_is_built(k);
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
