/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/tree.h"

#include <string.h>
#include <sys/mman.h>

#include "config/image.h"
#include "lib/mem.h"

size_t image_size(const struct image_header *header)
{
	/* Each term is below 2^38: no overflow. */
	return sizeof(*header) +
	       ((size_t)header->n_nodes + 1) * sizeof(struct image_node) +
	       (size_t)header->n_args * sizeof(struct image_arg) +
	       (size_t)header->n_files * sizeof(uint32_t) + header->strings_len;
}

struct conf_tree *image_new_tree(void *image, size_t size, bool mapped)
{
	struct conf_tree *tree = x_new(struct conf_tree, 1);
	const struct image_header *header = image;

	tree->header = header;
	tree->nodes = (const struct image_node *)(header + 1);
	tree->args =
		(const struct image_arg *)(tree->nodes + header->n_nodes + 1);
	tree->files = (const uint32_t *)(tree->args + header->n_args);
	tree->strings = (const char *)(tree->files + header->n_files);
	tree->size = size;
	tree->mapped = mapped;
	return tree;
}

void conf_tree_free(struct conf_tree *tree)
{
	void *image;

	if (!tree)
		return;
	memcpy(&image, &tree->header, sizeof(image));
	if (tree->mapped)
		munmap(image, tree->size);
	else
		x_free(image);
	x_free(tree);
}

uint32_t conf_tree_count(const struct conf_tree *tree)
{
	return tree->header->n_nodes;
}

const char *conf_node_keyword(const struct conf_tree *tree, uint32_t node)
{
	return tree->strings + tree->nodes[node].keyword;
}

bool conf_node_is_block(const struct conf_tree *tree, uint32_t node)
{
	return tree->nodes[node].flags & NODE_BLOCK;
}

bool conf_node_is_script(const struct conf_tree *tree, uint32_t node)
{
	return tree->nodes[node].flags & NODE_SCRIPT;
}

bool conf_node_is_unknown(const struct conf_tree *tree, uint32_t node)
{
	return tree->nodes[node].flags & NODE_UNKNOWN;
}

bool conf_node_has_unknown_block(const struct conf_tree *tree, uint32_t node)
{
	conf_for_each_child(tree, node, child)
	{
		if (conf_node_is_block(tree, child) &&
			tree->nodes[child].flags &
				(NODE_UNKNOWN | NODE_REPORTED))
			return true;
	}
	return false;
}

bool conf_node_is_secret(const struct conf_tree *tree, uint32_t node)
{
	return tree->nodes[node].flags & NODE_SECRET;
}

bool conf_node_is_bare_secret(const struct conf_tree *tree, uint32_t node)
{
	return (tree->nodes[node].flags & NODE_BARE_SECRET) == NODE_BARE_SECRET;
}

uint32_t conf_node_parent(const struct conf_tree *tree, uint32_t node)
{
	return tree->nodes[node].parent;
}

uint32_t conf_node_first_child(const struct conf_tree *tree, uint32_t node)
{
	uint32_t child = node + 1;

	if (child >= tree->header->n_nodes || tree->nodes[child].parent != node)
		return CONF_NODE_NONE;
	return child;
}

uint32_t conf_node_next(const struct conf_tree *tree, uint32_t node)
{
	return tree->nodes[node].next;
}

uint32_t conf_node_line(
	const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	uint32_t found = node;

	conf_for_each_child(tree, node, child)
	{
		if (!strcmp(conf_node_keyword(tree, child), keyword))
			found = child;
	}
	return found;
}

uint32_t conf_node_n_args(const struct conf_tree *tree, uint32_t node)
{
	return tree->nodes[node + 1].args - tree->nodes[node].args;
}

const char *conf_node_arg(
	const struct conf_tree *tree, uint32_t node, uint32_t i)
{
	if (i >= conf_node_n_args(tree, node))
		return NULL;
	return tree->strings + tree->args[tree->nodes[node].args + i].text;
}

struct diag_place conf_node_place(const struct conf_tree *tree, uint32_t node)
{
	const struct image_node *n = &tree->nodes[node];

	return (struct diag_place){
		.file = tree->strings + tree->files[n->file],
		.line = n->line,
		.column = n->column,
		.length = (uint32_t)strlen(tree->strings + n->keyword),
	};
}

struct diag_place conf_arg_place(
	const struct conf_tree *tree, uint32_t node, uint32_t i)
{
	struct diag_place place = conf_node_place(tree, node);
	const struct image_arg *arg;

	if (i < conf_node_n_args(tree, node)) {
		arg = &tree->args[tree->nodes[node].args + i];
		place.column = arg->column;
		place.length = arg->length;
	}
	return place;
}
