/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a tree, as they lie in memory and in a generation's memfd:
 *
 *   header | nodes | arguments | files | strings
 *
 * Nodes stand in preorder, so a block's first child is the node after it.
 * A node's arguments end where those of the next node begin; a last, empty
 * node closes the row.  All strings are offsets into the pool.
 */
#ifndef TANDEM_CONFIG_IMAGE_H
#define TANDEM_CONFIG_IMAGE_H

#include <stddef.h>

#include "config/tree.h"

#define IMAGE_MAGIC UINT64_C(0x31656572746e6154) /* "Tantree1" */
#define IMAGE_LINE_MAX ((UINT32_C(1) << 25) - 1)
#define IMAGE_COLUMN_MAX UINT16_MAX
/* Blocks in blocks; deeper ones are refused. */
#define IMAGE_DEPTH_MAX 64

enum image_flags {
	NODE_BLOCK = 1 << 0,
	NODE_SCRIPT = 1 << 1,
	NODE_UNKNOWN = 1 << 2,	/* no view knows the keyword */
	NODE_REPORTED = 1 << 3, /* its extra words were complained of */
	NODE_SECRET = 1 << 4,
	NODE_LINE = 1 << 5, /* of a list: the first word is no keyword */
	NODE_SKIP = 1 << 6, /* an earlier one counts */
	/* Neither its keyword nor its arguments are to be shown. */
	NODE_BARE_SECRET = NODE_UNKNOWN | NODE_SECRET | NODE_LINE,
};

struct image_node {
	uint32_t keyword;
	uint32_t parent;
	uint32_t next;
	uint32_t args; /* first of them */
	uint32_t line : 25;
	uint32_t flags : 7;
	uint16_t column;
	uint16_t file;
};

struct image_arg {
	uint32_t text;
	uint16_t column;
	uint16_t length;
};

struct image_header {
	uint64_t magic;
	uint64_t size;	  /* of all */
	uint32_t n_nodes; /* without the closing one */
	uint32_t n_args;
	uint32_t n_files;
	uint32_t strings_len;
};

struct conf_tree {
	const struct image_header *header;
	const struct image_node *nodes;
	const struct image_arg *args;
	const uint32_t *files;
	const char *strings;
	size_t size;
	bool mapped; /* munmap() it, else x_free() */
};

/* Takes IMAGE of SIZE bytes; header and sizes must be right already. */
struct conf_tree *image_new_tree(void *image, size_t size, bool mapped);
/* The size that HEADER announces; 0 when it cannot be. */
size_t image_size(const struct image_header *header);

#endif
