/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The language as one tree: what all views know, block by block.
 *
 * Several roles look at the same block with tables of their own; here each
 * keyword is there once, with the documentation of the view that owns it.
 */
#ifndef TANDEM_CTL_KEYWORD_TREE_H
#define TANDEM_CTL_KEYWORD_TREE_H

#include "config/schema.h"

struct keyword_node {
	const char *name;		    /* "" for the root */
	const struct conf_keyword *keyword; /* NULL for the root */
	struct keyword_node *parent;
	struct keyword_node **children; /* in the order of the tables */
	size_t n_children;
	bool is_block;	/* in any view */
	bool not_built; /* in all views */
};

/* Everything lives in ARENA. */
struct keyword_node *keyword_tree_build(
	const struct conf_block *const *views, struct arena *arena);
/* The same of words that are CONF_FOREIGN alone, in the blocks that have
 * some. */
struct keyword_node *keyword_tree_build_foreign(
	const struct conf_block *const *views, struct arena *arena);

/* "seconds, 0.01 to 40.95", "1 to 255", "on or off", "a, b or c"; "" where
 * the arguments' name says it all. */
const char *keyword_values(
	const struct conf_keyword *keyword, struct arena *arena);

/* Microseconds as a file has them: "0.25". */
void keyword_seconds(int64_t us, char *text, size_t size);

/* The path of NODE from the root: "virtual_server real_server". */
const char *keyword_path(const struct keyword_node *node, struct arena *arena);

#endif
