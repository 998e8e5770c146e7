/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/schema.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "config/image.h"
#include "config/values.h"

#define CACHE_SIZE 128

/* A block's keywords by name. */
struct block_index {
	const struct conf_block *block;
	const struct conf_keyword **slots;
	size_t mask;
	/* Words are interned in a tree: the same word, the same keyword. */
	struct cached {
		const char *word;
		const struct conf_keyword *keyword;
	} cache[CACHE_SIZE];
	UT_hash_handle hh;
};

#define RECENT 16

struct conf_bind_index {
	struct block_index *blocks;
	struct block_index *recent[RECENT]; /* by the address of their block */
};

void conf_list_add(struct arena *arena, struct conf_list *list, void *item)
{
	void **items;

	if (list->n == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 1;
		items = arena_alloc(arena, list->capacity * sizeof(void *));
		if (list->n)
			memcpy(items, list->items, list->n * sizeof(void *));
		list->items = items;
	}
	list->items[list->n++] = item;
}

/* --- keywords by name --- */

static uint32_t hash_name(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash ^ hash >> 15;
}

static struct block_index *index_block(
	struct conf_bind *ctx, const struct conf_block *block)
{
	struct block_index **recent;
	struct block_index *index;
	const struct conf_keyword *k;
	size_t n = 0;
	size_t slots = 8;

	recent = &ctx->index->recent[(uintptr_t)block / sizeof(*block) % RECENT];
	if (*recent && (*recent)->block == block)
		return *recent;
	HASH_FIND_PTR(ctx->index->blocks, &block, index);
	if (index)
		return *recent = index;
	for (k = block->keywords; k && k->name; k++)
		n++;
	while (slots < n * 2)
		slots *= 2;
	index = x_new(struct block_index, 1);
	index->block = block;
	index->slots = x_new(const struct conf_keyword *, slots);
	index->mask = slots - 1;
	for (k = block->keywords; k && k->name; k++) {
		size_t pos = hash_name(k->name) & index->mask;

		while (index->slots[pos])
			pos = (pos + 1) & index->mask;
		index->slots[pos] = k;
	}
	HASH_ADD_PTR(ctx->index->blocks, block, index);
	return index;
}

static const struct conf_keyword *search_keyword(
	const struct block_index *index, const char *name)
{
	size_t pos = hash_name(name) & index->mask;

	for (; index->slots[pos]; pos = (pos + 1) & index->mask)
		if (!strcmp(index->slots[pos]->name, name))
			return index->slots[pos];
	return NULL;
}

/* The keyword of NODE in the block, NULL when this view has none. */
static const struct conf_keyword *find_keyword(
	const struct conf_bind *ctx, struct block_index *index, uint32_t node)
{
	const char *word = conf_node_keyword(ctx->tree, node);
	struct cached *cached = &index->cache[(uintptr_t)word % CACHE_SIZE];

	if (ctx->tree->nodes[node].flags & (NODE_UNKNOWN | NODE_SKIP))
		return NULL;
	if (cached->word != word) {
		cached->word = word;
		cached->keyword = search_keyword(index, word);
	}
	return cached->keyword;
}

static void free_index(struct conf_bind_index *index)
{
	struct block_index *block;
	struct block_index *next;

	HASH_ITER (hh, index->blocks, block, next) {
		HASH_DEL(index->blocks, block);
		x_free(block->slots);
		x_free(block);
	}
	x_free(index);
}

/* --- values --- */

static void *at(void *target, size_t offset)
{
	return (char *)target + offset;
}

static void check_extra(
	struct conf_bind *ctx, uint32_t node, uint32_t max, unsigned int flags)
{
	uint32_t n = conf_node_n_args(ctx->tree, node);

	if (n <= max || flags & CONF_GLOB_TAIL ||
		ctx->tree->nodes[node].flags & NODE_REPORTED)
		return;
	conf_report(ctx, DIAG_WARNING, DIAG_EXTRA_ARGUMENT, node, (int)max,
		NULL, "'%s'%s ignored",
		conf_node_is_secret(ctx->tree, node)
			? "(secret)"
			: conf_node_arg(ctx->tree, node, max),
		n == max + 1 ? " is" : " and what follows on the line are");
}

void conf_check_extra(struct conf_bind *ctx, uint32_t node, uint32_t max)
{
	check_extra(ctx, node, max, 0);
}

/* Says how the keyword is written when its argument is missing. */
static bool check_missing(
	struct conf_bind *ctx, const struct conf_keyword *k, uint32_t node)
{
	char hint[128];

	if (conf_node_n_args(ctx->tree, node) || !k->args)
		return true;
	if (ctx->tree->nodes[node].flags & NODE_REPORTED)
		return false;
	snprintf(hint, sizeof(hint), "write '%s %s'", k->name, k->args);
	conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1, hint,
		"its value is missing");
	return false;
}

static bool needs_argument(const struct conf_keyword *k)
{
	switch (k->type) {
	case CONF_INT:
	case CONF_TIME:
	case CONF_STRING:
	case CONF_ADDRESS:
	case CONF_ENUM:
	case CONF_SCRIPT:
		return true;
	case CONF_FLAG:
	case CONF_BOOL:
	case CONF_BLOCK:
	case CONF_LIST:
		break;
	case CONF_CUSTOM:
		return k->bind && k->args && *k->args && !strchr("[{", *k->args);
	}
	return false;
}

static void bind_script(
	struct conf_bind *ctx, uint32_t node, struct conf_script *script)
{
	const char *command = conf_node_arg(ctx->tree, node, 0);

	if (!command || !command[0]) {
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1,
			NULL, "a command is missing");
		return;
	}
	script->node = node;
	script->command = arena_strdup(ctx->arena, command);
}

static int64_t range_min(const struct conf_keyword *k)
{
	if (k->min || k->max)
		return k->min;
	return k->type == CONF_TIME ? 0 : INT64_MIN;
}

static int64_t range_max(const struct conf_keyword *k)
{
	return k->min || k->max ? k->max : INT64_MAX;
}

/* " seconds" for [SECONDS] and the like; "" for bare numbers. */
static const char *unit_of(const struct conf_keyword *k)
{
	static const char *const units[][2] = {
		{ "SECONDS", " seconds" },
		{ "MICROSECONDS", " microseconds" },
		{ "MILLISECONDS", " milliseconds" },
		{ "BYTES", " bytes" },
		{ "CONNECTIONS", " connections" },
	};
	const char *args = k->args ? k->args : "";

	args += *args == '[';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (*args == units[i][0][0] &&
			!strncmp(args, units[i][0], strlen(units[i][0])))
			return units[i][1];
	return "";
}

const char *conf_keyword_unit(const struct conf_keyword *k)
{
	const char *unit = unit_of(k);

	return *unit ? unit + 1 : unit;
}

static void check_whole(
	struct conf_bind *ctx, uint32_t node, const struct conf_keyword *k)
{
	const char *text = conf_node_arg(ctx->tree, node, 0);

	if (k->flags & CONF_WHOLE && text && strchr(text, '.'))
		conf_not_portable(ctx, node, 0, "write whole seconds",
			"keepalived takes no fractions of a second here");
}

/* An optional argument that is not there. */
static void bind_implied(const struct conf_keyword *k, void *value)
{
	switch (k->type) {
	case CONF_INT:
	case CONF_TIME:
		*(int64_t *)value = k->implied;
		break;
	case CONF_ENUM:
		*(int *)value = (int)k->implied;
		break;
	case CONF_FLAG:
	case CONF_BOOL:
		*(bool *)value = true;
		break;
	case CONF_STRING:
	case CONF_ADDRESS:
	case CONF_SCRIPT:
	case CONF_BLOCK:
	case CONF_LIST:
	case CONF_CUSTOM:
		break; /* the default stays */
	}
}

static void bind_list(struct conf_bind *ctx, const struct conf_keyword *k,
	uint32_t node, void *target)
{
	if (!k->bind)
		return;
	conf_for_each_child(ctx->tree, node, child) k->bind(ctx, child, target);
}

static void bind_scalar(struct conf_bind *ctx, const struct conf_keyword *k,
	uint32_t node, void *target)
{
	void *value = at(target, k->offset);
	uint32_t n_args = conf_node_n_args(ctx->tree, node);
	uint32_t max_args = 1;

	if (!n_args && k->flags & CONF_OPTIONAL_ARG && k->type != CONF_CUSTOM &&
		k->type != CONF_LIST) {
		bind_implied(k, value);
		return;
	}
	if (needs_argument(k) && !check_missing(ctx, k, node))
		return;
	switch (k->type) {
	case CONF_FLAG:
		*(bool *)value = true;
		max_args = 0;
		break;
	case CONF_BOOL:
		if (n_args)
			conf_arg_bool(ctx, node, 0, value);
		else
			*(bool *)value = true;
		break;
	case CONF_INT:
		conf_arg_quantity(ctx, node, 0, range_min(k), range_max(k),
			unit_of(k), value);
		break;
	case CONF_TIME:
		conf_arg_time(ctx, node, 0, range_min(k), range_max(k), value);
		check_whole(ctx, node, k);
		break;
	case CONF_STRING:
		conf_arg_string(ctx, node, 0, value);
		break;
	case CONF_ADDRESS:
		conf_arg_address(ctx, node, 0, value);
		break;
	case CONF_ENUM:
		conf_arg_keyword_choice(ctx, node, 0, k, value);
		break;
	case CONF_SCRIPT:
		bind_script(ctx, node, value);
		max_args = 3;
		break;
	case CONF_LIST:
		bind_list(ctx, k, node, target);
		max_args = 0;
		break;
	case CONF_CUSTOM:
		if (k->bind)
			k->bind(ctx, node, target);
		return;
	case CONF_BLOCK:
		return;
	}
	check_extra(ctx, node, max_args, k->flags);
}

/* --- blocks --- */

/* True when there are blocks to be bound as well. */
static bool bind_scalars(struct conf_bind *ctx, struct block_index *index,
	uint32_t node, void *target)
{
	bool blocks = false;

	conf_for_each_child(ctx->tree, node, child)
	{
		const struct conf_keyword *k = find_keyword(ctx, index, child);

		if (!k || k->flags & CONF_NOT_BUILT)
			continue;
		if (k->type == CONF_BLOCK)
			blocks = true;
		else
			bind_scalar(ctx, k, child, target);
	}
	return blocks;
}

static void bind_children(struct conf_bind *ctx, struct block_index *index,
	uint32_t node, void *target);

/* The next block of the same keyword after NODE, which continues it. */
static uint32_t next_part(const struct conf_bind *ctx, uint32_t node)
{
	const struct image_node *nodes = ctx->tree->nodes;
	uint32_t keyword = nodes[node].keyword;

	do
		node = nodes[node].next;
	while (node != CONF_NODE_NONE && nodes[node].keyword != keyword);
	return node;
}

static void bind_inside(struct conf_bind *ctx, struct block_index *index,
	uint32_t node, bool multi, void *target)
{
	bool blocks = bind_scalars(ctx, index, node, target);
	uint32_t part;

	if (multi) {
		if (blocks)
			bind_children(ctx, index, node, target);
		return;
	}
	for (part = next_part(ctx, node); part != CONF_NODE_NONE;
		part = next_part(ctx, part))
		bind_scalars(ctx, index, part, target);
	for (part = node; part != CONF_NODE_NONE; part = next_part(ctx, part))
		bind_children(ctx, index, part, target);
}

/* The first block of a list makes room for those that follow it. */
static void add_block(struct conf_bind *ctx, struct conf_list *list,
	uint32_t node, void *target)
{
	uint32_t part = node;

	if (!list->capacity) {
		for (; part != CONF_NODE_NONE; part = next_part(ctx, part))
			list->capacity++;
		list->items = arena_alloc(
			ctx->arena, list->capacity * sizeof(void *));
	}
	conf_list_add(ctx->arena, list, target);
}

static void bind_block(struct conf_bind *ctx, const struct conf_keyword *k,
	uint32_t node, void *parent)
{
	const struct conf_block *block = k->block;
	void *place = at(parent, k->offset);
	bool multi = k->flags & CONF_MULTI;
	void *target;

	if (!multi && *(void **)place)
		return; /* bound with the first */
	target = arena_alloc(ctx->arena, block->size ? block->size : 1);
	if (multi)
		add_block(ctx, place, node, target);
	else
		*(void **)place = target;
	if (ctx->bound)
		ctx->bound(ctx->bound_data, node, target);
	if (block->init)
		block->init(target, parent);
	if (block->arguments)
		block->arguments(ctx, node, target);
	else
		check_extra(ctx, node, 0, k->flags);
	bind_inside(ctx, index_block(ctx, block), node, multi, target);
	if (block->finish)
		block->finish(ctx, node, target, parent);
}

static void bind_children(struct conf_bind *ctx, struct block_index *index,
	uint32_t node, void *target)
{
	conf_for_each_child(ctx->tree, node, child)
	{
		const struct conf_keyword *k;

		if (!conf_node_is_block(ctx->tree, child))
			continue;
		k = find_keyword(ctx, index, child);
		if (k && k->type == CONF_BLOCK && k->block &&
			!(k->flags & CONF_NOT_BUILT))
			bind_block(ctx, k, child, target);
	}
}

void *conf_bind_root(struct conf_bind *ctx, const struct conf_block *view)
{
	struct conf_bind_index *outer = ctx->index;
	void *target = arena_alloc(ctx->arena, view->size ? view->size : 1);
	struct block_index *index;

	ctx->index = x_new(struct conf_bind_index, 1);
	if (view->init)
		view->init(target, NULL);
	index = index_block(ctx, view);
	bind_scalars(ctx, index, 0, target);
	bind_children(ctx, index, 0, target);
	if (view->finish)
		view->finish(ctx, 0, target, NULL);
	free_index(ctx->index);
	ctx->index = outer;
	return target;
}

const char *conf_type_name(enum conf_type type)
{
	switch (type) {
	case CONF_FLAG:
		return "flag";
	case CONF_BOOL:
		return "bool";
	case CONF_INT:
		return "int";
	case CONF_TIME:
		return "time";
	case CONF_STRING:
		return "string";
	case CONF_ADDRESS:
		return "address";
	case CONF_ENUM:
		return "enum";
	case CONF_SCRIPT:
		return "script";
	case CONF_BLOCK:
		return "block";
	case CONF_LIST:
		return "list";
	case CONF_CUSTOM:
		return "custom";
	}
	return "";
}

const struct conf_keyword *conf_find_keyword(
	const struct conf_block *const *views, const char *const *path,
	size_t depth)
{
	for (; *views; views++) {
		const struct conf_block *block = *views;
		const struct conf_keyword *k = NULL;

		for (size_t i = 0; i < depth; i++) {
			for (k = block ? block->keywords : NULL; k && k->name;
				k++)
				if (!strcmp(k->name, path[i]))
					break;
			if (!k || !k->name)
				break;
			block = k->type == CONF_BLOCK ? k->block : NULL;
			if (i + 1 == depth)
				return k;
		}
	}
	return NULL;
}
