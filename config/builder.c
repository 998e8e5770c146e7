/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/builder.h"

#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"

/* Of ordinary files, which have a few more. */
#define BYTES_PER_NODE 24

/* A place in the table of interned strings; 0 = free. */
struct slot {
	uint32_t offset_plus_1;
	uint32_t hash;
};

struct builder {
	char *image; /* header and nodes; the rest is added at the end */
	size_t nodes_capacity;
	uint32_t n_nodes;
	struct image_arg *args;
	size_t args_capacity;
	uint32_t n_args;
	uint32_t *files;
	uint32_t n_files;
	char *strings;
	size_t strings_len;
	size_t strings_capacity;
	struct slot *slots;
	size_t n_slots; /* a power of two */
	size_t n_interned;
};

static struct image_node *nodes(const struct builder *b)
{
	return (struct image_node *)(void *)(b->image +
					     sizeof(struct image_header));
}

/* Eight bytes at a time: every word of the file comes through here. */
static uint32_t hash_bytes(const char *text, size_t len)
{
	const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
	uint64_t hash = len * factor;
	uint64_t part;

	for (; len >= sizeof(part); len -= sizeof(part)) {
		memcpy(&part, text, sizeof(part));
		hash = (hash ^ part) * factor;
		hash ^= hash >> 29;
		text += sizeof(part);
	}
	part = 0;
	memcpy(&part, text, len);
	hash = (hash ^ part) * factor;
	return (uint32_t)(hash >> 32);
}

static void grow_slots(struct builder *b)
{
	struct slot *old = b->slots;
	size_t n_old = b->n_slots;

	b->n_slots = n_old ? n_old * 2 : 1024;
	b->slots = x_new(struct slot, b->n_slots);
	for (size_t i = 0; i < n_old; i++) {
		size_t pos = old[i].hash & (b->n_slots - 1);

		if (!old[i].offset_plus_1)
			continue;
		while (b->slots[pos].offset_plus_1)
			pos = (pos + 1) & (b->n_slots - 1);
		b->slots[pos] = old[i];
	}
	x_free(old);
}

static uint32_t add_string(struct builder *b, const char *text, size_t len)
{
	size_t offset = b->strings_len;

	/* The reader limits its input long before. */
	if (len >= UINT32_MAX - 1 - offset)
		log_fatal("config: the strings of one tree exceed 4 GiB");
	if (b->strings_capacity - offset < len + 1) {
		b->strings_capacity = (b->strings_capacity + len + 1) * 3 / 2;
		b->strings = x_realloc(b->strings, b->strings_capacity, 1);
	}
	memcpy(b->strings + offset, text, len);
	b->strings[offset + len] = '\0';
	b->strings_len = offset + len + 1;
	return (uint32_t)offset;
}

static uint32_t intern(struct builder *b, const char *text, size_t len)
{
	uint32_t hash = hash_bytes(text, len);
	const char *nul = memchr(text, '\0', len);
	size_t pos;

	if (nul)
		len = (size_t)(nul - text);
	if (b->n_interned * 2 >= b->n_slots)
		grow_slots(b);
	pos = hash & (b->n_slots - 1);
	for (; b->slots[pos].offset_plus_1;
		pos = (pos + 1) & (b->n_slots - 1)) {
		size_t offset = b->slots[pos].offset_plus_1 - 1;

		if (b->slots[pos].hash == hash &&
			b->strings_len - offset > len &&
			!memcmp(b->strings + offset, text, len) &&
			!b->strings[offset + len])
			return (uint32_t)offset;
	}
	b->slots[pos].hash = hash;
	b->slots[pos].offset_plus_1 = add_string(b, text, len) + 1;
	b->n_interned++;
	return b->slots[pos].offset_plus_1 - 1;
}

struct builder *builder_new(void)
{
	struct builder *b = x_new(struct builder, 1);

	builder_add_node(b, CONF_NODE_NONE, CONF_NODE_NONE, "", 0);
	builder_node(b, 0)->flags = NODE_BLOCK;
	return b;
}

void builder_expect(struct builder *b, size_t bytes)
{
	size_t n = bytes / BYTES_PER_NODE;

	if (n <= b->nodes_capacity)
		return;
	b->nodes_capacity = n;
	b->image = x_realloc(b->image,
		sizeof(struct image_header) + n * sizeof(struct image_node), 1);
	b->args_capacity = n;
	b->args = x_realloc(b->args, n, sizeof(struct image_arg));
}

void builder_free(struct builder *b)
{
	if (!b)
		return;
	x_free(b->image);
	x_free(b->args);
	x_free(b->files);
	x_free(b->strings);
	x_free(b->slots);
	x_free(b);
}

uint16_t builder_add_file(struct builder *b, const char *name)
{
	if (b->n_files > UINT16_MAX)
		return UINT16_MAX;
	b->files = x_realloc(b->files, b->n_files + 1, sizeof(uint32_t));
	b->files[b->n_files] = intern(b, name, strlen(name));
	return (uint16_t)b->n_files++;
}

uint32_t builder_add_node(struct builder *b, uint32_t parent, uint32_t previous,
	const char *keyword, size_t len)
{
	struct image_node *node;

	if (b->n_nodes + 1 >= b->nodes_capacity) {
		b->nodes_capacity =
			b->nodes_capacity ? b->nodes_capacity * 3 / 2 : 64;
		b->image = x_realloc(b->image,
			sizeof(struct image_header) +
				b->nodes_capacity * sizeof(*node),
			1);
	}
	node = &nodes(b)[b->n_nodes];
	memset(node, 0, sizeof(*node));
	node->keyword = intern(b, keyword, len);
	node->parent = parent;
	node->next = CONF_NODE_NONE;
	node->args = b->n_args;
	if (previous != CONF_NODE_NONE)
		nodes(b)[previous].next = b->n_nodes;
	return b->n_nodes++;
}

void builder_add_arg(struct builder *b, const char *text, size_t len,
	uint32_t column, uint32_t length)
{
	struct image_arg *arg;

	if (b->n_args == b->args_capacity) {
		b->args_capacity = b->args_capacity ? b->args_capacity * 3 / 2
						    : 64;
		b->args = x_realloc(b->args, b->args_capacity, sizeof(*arg));
	}
	arg = &b->args[b->n_args++];
	arg->text = intern(b, text, len);
	arg->column = (uint16_t)(column < IMAGE_COLUMN_MAX ? column
							   : IMAGE_COLUMN_MAX);
	arg->length = (uint16_t)(length < UINT16_MAX ? length : UINT16_MAX);
}

struct image_node *builder_node(struct builder *b, uint32_t node)
{
	return &nodes(b)[node];
}

const char *builder_keyword(const struct builder *b, uint32_t node)
{
	return b->strings + nodes(b)[node].keyword;
}

static uint32_t args_end(const struct builder *b, uint32_t node)
{
	return node + 1 < b->n_nodes ? nodes(b)[node + 1].args : b->n_args;
}

const char *builder_arg(const struct builder *b, uint32_t node, uint32_t i)
{
	uint32_t arg = nodes(b)[node].args + i;

	return arg < args_end(b, node) ? b->strings + b->args[arg].text : NULL;
}

const char *builder_label(
	const struct builder *b, uint32_t node, char *buf, size_t buf_size)
{
	uint32_t end = args_end(b, node);
	int len = snprintf(buf, buf_size, "%s", builder_keyword(b, node));

	for (uint32_t i = nodes(b)[node].args; i < end; i++)
		if (len >= 0 && (size_t)len < buf_size)
			len += snprintf(buf + len, buf_size - (size_t)len,
				" %s", b->strings + b->args[i].text);
	return buf;
}

uint32_t builder_count(const struct builder *b)
{
	return b->n_nodes;
}

static char *put(char *pos, const void *data, size_t len)
{
	if (len)
		memcpy(pos, data, len);
	return pos + len;
}

struct conf_tree *builder_finish(struct builder *b)
{
	struct image_header header = {
		.magic = IMAGE_MAGIC,
		.n_nodes = b->n_nodes,
		.n_args = b->n_args,
		.strings_len = 0,
	};
	struct conf_tree *tree;
	char *pos;

	if (!b->n_files)
		builder_add_file(b, "");
	header.n_files = b->n_files;
	header.strings_len = (uint32_t)b->strings_len;
	/* The nodes' closing one. */
	builder_add_node(b, CONF_NODE_NONE, CONF_NODE_NONE, "", 0);
	header.size = image_size(&header);
	x_free(b->slots);
	b->slots = NULL;
	b->image = x_realloc(b->image, header.size, 1);
	memcpy(b->image, &header, sizeof(header));
	pos = b->image + sizeof(header) +
	      b->n_nodes * sizeof(struct image_node);
	pos = put(pos, b->args, b->n_args * sizeof(struct image_arg));
	pos = put(pos, b->files, b->n_files * sizeof(uint32_t));
	put(pos, b->strings, b->strings_len);
	tree = image_new_tree(b->image, header.size, false);
	b->image = NULL;
	builder_free(b);
	return tree;
}
