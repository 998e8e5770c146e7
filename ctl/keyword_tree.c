/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/keyword_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/timeutil.h"

/* Deeper than the language is; a table that contains itself ends here. */
#define DEPTH_MAX 12

/* The blocks of all views that one node stands for. */
struct blocks {
	const struct conf_block *const *items;
	size_t n;
	bool foreign; /* words that are no keywords, instead of those */
};

static struct keyword_node *find_child(
	const struct keyword_node *node, const char *name)
{
	size_t i;

	for (i = 0; i < node->n_children; i++)
		if (!strcmp(node->children[i]->name, name))
			return node->children[i];
	return NULL;
}

static void add_child(struct arena *arena, struct keyword_node *node,
	struct keyword_node *child)
{
	struct keyword_node **longer =
		arena_alloc(arena, (node->n_children + 1) * sizeof(*longer));

	if (node->n_children)
		memcpy(longer, node->children,
			node->n_children * sizeof(*longer));
	longer[node->n_children++] = child;
	node->children = longer;
	child->parent = node;
}

static void merge_keyword(struct arena *arena, struct keyword_node *node,
	const struct conf_keyword *keyword)
{
	bool not_built = keyword->flags & CONF_NOT_BUILT;
	struct keyword_node *child = find_child(node, keyword->name);

	if (!child) {
		child = arena_new_object(arena, struct keyword_node);
		child->name = keyword->name;
		child->keyword = keyword;
		child->not_built = not_built;
		add_child(arena, node, child);
	} else if (child->keyword->flags & CONF_SHARED &&
		   !(keyword->flags & CONF_SHARED)) {
		/* The first that does not leave it to another documents it. */
		child->keyword = keyword;
	}
	child->is_block |= keyword->type == CONF_BLOCK ||
			   keyword->type == CONF_LIST;
	child->not_built &= not_built;
}

static void build_level(struct arena *arena, struct keyword_node *node,
	const struct blocks *blocks, unsigned int depth);

/* What all views have below the keyword NAME of BLOCKS. */
static void build_child(struct arena *arena, struct keyword_node *child,
	const struct blocks *blocks, unsigned int depth)
{
	const struct conf_block **below =
		arena_alloc(arena, blocks->n * sizeof(*below));
	struct blocks inner = { .items = below, .foreign = blocks->foreign };
	const struct conf_keyword *k;
	size_t i;

	for (i = 0; i < blocks->n; i++)
		for (k = blocks->items[i]->keywords; k && k->name; k++)
			if (k->block && !strcmp(k->name, child->name) &&
				blocks->foreign ==
					!!(k->flags & CONF_FOREIGN)) {
				below[inner.n++] = k->block;
				break;
			}
	build_level(arena, child, &inner, depth + 1);
}

static void build_level(struct arena *arena, struct keyword_node *node,
	const struct blocks *blocks, unsigned int depth)
{
	const struct conf_keyword *k;
	size_t i;

	if (depth > DEPTH_MAX)
		return;
	for (i = 0; i < blocks->n; i++)
		for (k = blocks->items[i]->keywords; k && k->name; k++)
			if (blocks->foreign == !!(k->flags & CONF_FOREIGN))
				merge_keyword(arena, node, k);
	for (i = 0; i < node->n_children; i++)
		build_child(arena, node->children[i], blocks, depth);
}

static struct keyword_node *build(const struct conf_block *const *views,
	bool foreign, struct arena *arena)
{
	struct keyword_node *root =
		arena_new_object(arena, struct keyword_node);
	struct blocks blocks = { .items = views, .foreign = foreign };

	while (views[blocks.n])
		blocks.n++;
	root->name = "";
	root->is_block = true;
	build_level(arena, root, &blocks, 0);
	return root;
}

struct keyword_node *keyword_tree_build(
	const struct conf_block *const *views, struct arena *arena)
{
	return build(views, false, arena);
}

struct keyword_node *keyword_tree_build_foreign(
	const struct conf_block *const *views, struct arena *arena)
{
	return build(views, true, arena);
}

/* --- values --- */

void keyword_seconds(int64_t us, char *text, size_t size)
{
	char *end;

	snprintf(text, size, "%" PRId64 ".%06d", us / USEC_PER_SEC,
		(int)(us % USEC_PER_SEC));
	end = text + strlen(text) - 1;
	while (*end == '0')
		*end-- = '\0';
	if (*end == '.')
		*end = '\0';
}

static const char *time_values(
	const struct conf_keyword *keyword, struct arena *arena)
{
	char text[96];
	char min[32];
	char max[32];

	if (!keyword->min && !keyword->max)
		return "seconds";
	keyword_seconds(keyword->min, min, sizeof(min));
	keyword_seconds(keyword->max, max, sizeof(max));
	if (keyword->max <= keyword->min || keyword->max > INT64_MAX / 2)
		snprintf(text, sizeof(text), "seconds, %s or more", min);
	else
		snprintf(text, sizeof(text), "seconds, %s to %s", min, max);
	return arena_strdup(arena, text);
}

static const char *int_values(
	const struct conf_keyword *keyword, struct arena *arena)
{
	char text[96];

	if (keyword->max <= keyword->min || keyword->max >= INT32_MAX)
		snprintf(text, sizeof(text), "%" PRId64 " or more",
			keyword->min);
	else
		snprintf(text, sizeof(text), "%" PRId64 " to %" PRId64,
			keyword->min, keyword->max);
	return arena_strdup(arena, text);
}

static const char *enum_values(
	const struct conf_keyword *keyword, struct arena *arena)
{
	const struct conf_value *value;
	char text[512] = "";
	size_t len = 0;

	for (value = keyword->values; value && value->name; value++) {
		bool last = !value[1].name;

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
			!len   ? ""
			: last ? " or "
			       : ", ",
			value->name);
		if (len >= sizeof(text))
			break;
	}
	return arena_strdup(arena, text);
}

/* VALUES, with what counts where the argument is left out. */
static const char *with_implied(
	const struct conf_keyword *k, const char *values, struct arena *arena)
{
	const struct conf_value *value = k->values;
	char implied[32] = "";
	char text[640];

	if (!(k->flags & CONF_OPTIONAL_ARG))
		return values;
	if (k->type == CONF_INT)
		snprintf(implied, sizeof(implied), "%" PRId64, k->implied);
	else if (k->type == CONF_TIME)
		keyword_seconds(k->implied, implied, sizeof(implied));
	while (value && value->name && value->value != k->implied)
		value++;
	snprintf(text, sizeof(text), "%s; %s when nothing is said", values,
		value && value->name ? value->name : implied);
	return arena_strdup(arena, text);
}

const char *keyword_values(
	const struct conf_keyword *keyword, struct arena *arena)
{
	switch (keyword->type) {
	case CONF_BOOL:
		return "on or off; on when nothing is said";
	case CONF_INT:
		return with_implied(keyword, int_values(keyword, arena), arena);
	case CONF_TIME:
		return with_implied(
			keyword, time_values(keyword, arena), arena);
	case CONF_ENUM:
		return with_implied(
			keyword, enum_values(keyword, arena), arena);
	case CONF_FLAG:
	case CONF_STRING:
	case CONF_ADDRESS:
	case CONF_SCRIPT:
	case CONF_BLOCK:
	case CONF_LIST:
	case CONF_CUSTOM:
		return "";
	}
	return "";
}

const char *keyword_path(const struct keyword_node *node, struct arena *arena)
{
	const char *above;
	char *path;
	size_t size;

	if (!node->parent)
		return "";
	above = keyword_path(node->parent, arena);
	size = strlen(above) + strlen(node->name) + 2;
	path = arena_alloc(arena, size);
	snprintf(path, size, "%s%s%s", above, *above ? " " : "", node->name);
	return path;
}
