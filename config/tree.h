/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as a tree: immutable, position-independent, numbered.
 *
 * One line of the language is one node: a keyword, its arguments and, if it
 * opens a block, children.  Inside list blocks (virtual_ipaddress ...) the
 * first word of a line is the keyword of its node.  The same bytes serve in
 * the process that parsed them and, through a sealed memfd, in every role.
 *
 * A node number names a node of one generation in messages; 0 is the root.
 */
#ifndef TANDEM_CONFIG_TREE_H
#define TANDEM_CONFIG_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/diag.h"

struct conf_tree;

#define CONF_NODE_NONE UINT32_MAX

uint32_t conf_tree_count(const struct conf_tree *tree);

/* All of these take a valid node number; strings live as long as the tree. */
const char *conf_node_keyword(const struct conf_tree *tree, uint32_t node);
bool conf_node_is_block(const struct conf_tree *tree, uint32_t node);
uint32_t conf_node_parent(const struct conf_tree *tree, uint32_t node);
uint32_t conf_node_first_child(const struct conf_tree *tree, uint32_t node);
uint32_t conf_node_next(const struct conf_tree *tree, uint32_t node);

uint32_t conf_node_n_args(const struct conf_tree *tree, uint32_t node);
/* NULL when there is no argument I. */
const char *conf_node_arg(
	const struct conf_tree *tree, uint32_t node, uint32_t i);

/*
 * A command line (CONF_SCRIPT in any view): argument 0 is the command as it
 * stands inside its quotes, or the first word, with escapes resolved; user
 * and group follow.  config/script.h makes an argv of the command.
 */
bool conf_node_is_script(const struct conf_tree *tree, uint32_t node);
/* A line that no view knows.  It is kept, without what its block holds, so
 * that a lenient role sees that something is missing here. */
bool conf_node_is_unknown(const struct conf_tree *tree, uint32_t node);
/* Does NODE hold such a line that opens a block?  A server with one has lost
 * a check: it is to be called neither unchecked nor healthy. */
bool conf_node_has_unknown_block(const struct conf_tree *tree, uint32_t node);
/* Its arguments are not to be shown. */
bool conf_node_is_secret(const struct conf_tree *tree, uint32_t node);
/* Its keyword is not, either: an unknown word that may be a secret. */
bool conf_node_is_bare_secret(const struct conf_tree *tree, uint32_t node);

/* The last line of block NODE with KEYWORD; NODE itself when there is none. */
uint32_t conf_node_line(
	const struct conf_tree *tree, uint32_t node, const char *keyword);

/* Where the keyword, or argument I, stands in the source. */
struct diag_place conf_node_place(const struct conf_tree *tree, uint32_t node);
struct diag_place conf_arg_place(
	const struct conf_tree *tree, uint32_t node, uint32_t i);

/* for (child of node) */
#define conf_for_each_child(tree, node, child)                                \
	for (uint32_t child = conf_node_first_child((tree), (node));          \
		child != CONF_NODE_NONE;                                      \
		child = conf_node_next((tree), child))

void conf_tree_free(struct conf_tree *tree);

#endif
