/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that a comment switches off: `# lint: off RULE,RULE` (or without a
 * rule: all) at the end of a line or on the line above covers that statement
 * with its block, in the first line of a file the whole file.
 *
 * The tree has no comments, so the files are read again, each once.
 */
#ifndef TANDEM_CTL_LINT_COMMENT_H
#define TANDEM_CTL_LINT_COMMENT_H

#include "config/tree.h"

struct lint_comments;

struct lint_comments *lint_comments_new(void);
void lint_comments_free(struct lint_comments *comments);

/* Is RULE switched off at NODE? */
bool lint_comments_switch_off(struct lint_comments *comments,
	const struct conf_tree *tree, uint32_t node, const char *rule);

/* Is NAME, of NAME_LEN bytes, in LIST, which commas divide? */
bool lint_is_listed(
	const char *list, size_t list_len, const char *name, size_t name_len);

#endif
