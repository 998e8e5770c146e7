/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lint's rules ask of the tree.  Nodes are numbers of a tree that is
 * without errors; strings live as long as it does.
 */
#ifndef TANDEM_CTL_LINT_TREE_H
#define TANDEM_CTL_LINT_TREE_H

#include "ctl/lint_rules.h"

bool lint_is(const struct conf_tree *tree, uint32_t node, const char *keyword);
/* The last child of that name, which counts; or CONF_NODE_NONE. */
uint32_t lint_child(
	const struct conf_tree *tree, uint32_t node, const char *keyword);
bool lint_has(const struct conf_tree *tree, uint32_t node, const char *keyword);
/* The first argument of that child; or NULL. */
const char *lint_value(
	const struct conf_tree *tree, uint32_t node, const char *keyword);
/* The same as a number. */
double lint_number(const struct conf_tree *tree, uint32_t node,
	const char *keyword, double otherwise);

/* Is it the keyword of a check? */
bool lint_is_check(const char *keyword);
/* The address of a service; NULL when it has a fwmark or a group. */
const char *lint_service_address(const struct conf_tree *tree, uint32_t node);

/* A finding of the rule that runs, unless a comment switches it off there.
 * HINT may be NULL. */
void lint_report(
	struct lint *lint, uint32_t node, const char *hint, const char *text);

/* for (blocks of that name) */
#define for_each_top(lint, keyword_, node_)                                    \
	conf_for_each_child((lint)->tree, 0,                                   \
		node_) if (lint_is((lint)->tree, node_, keyword_))

#endif
