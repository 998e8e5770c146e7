/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the image of a tree, node after node in preorder.
 */
#ifndef TANDEM_CONFIG_BUILDER_H
#define TANDEM_CONFIG_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "config/image.h"

struct builder;

/* Starts with the root node. */
struct builder *builder_new(void);
/* Makes room for the tree of a file of BYTES, so that what follows need not
 * grow again and again; memory that is not used is not touched. */
void builder_expect(struct builder *b, size_t bytes);
void builder_free(struct builder *b); /* NULL is fine */

/* The number of file NAME in places. */
uint16_t builder_add_file(struct builder *b, const char *name);

/*
 * Appends a node under PARENT; PREVIOUS is the last child that PARENT has so
 * far, or CONF_NODE_NONE.  Its arguments follow with builder_add_arg().
 */
uint32_t builder_add_node(struct builder *b, uint32_t parent, uint32_t previous,
	const char *keyword, size_t len);
void builder_add_arg(struct builder *b, const char *text, size_t len,
	uint32_t column, uint32_t length);

/* Valid until the next node is added. */
struct image_node *builder_node(struct builder *b, uint32_t node);
/* Strings: valid until something is added.  Argument I of NODE is NULL when
 * there are fewer. */
const char *builder_arg(const struct builder *b, uint32_t node, uint32_t i);
const char *builder_keyword(const struct builder *b, uint32_t node);
/* Keyword and arguments of NODE in BUF, cut to its size. */
const char *builder_label(
	const struct builder *b, uint32_t node, char *buf, size_t buf_size);
uint32_t builder_count(const struct builder *b);

/* Ends the building: B is freed, the caller owns the tree. */
struct conf_tree *builder_finish(struct builder *b);

#endif
