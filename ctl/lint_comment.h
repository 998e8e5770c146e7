/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that a comment switches off: `# lint: off RULE, RULE` (or without a
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

typedef void lint_visit_fn(void *arg, const struct diag_place *place,
	const char *rule, size_t len);

/* Calls VISIT for each comment in the files of TREE that names what is no
 * rule, with the first of those. */
void lint_comments_visit_unknown(struct lint_comments *comments,
	const struct conf_tree *tree, lint_visit_fn *visit, void *arg);

/* The next of the rules from *LIST to END, which commas or blanks divide; or
 * NULL. */
const char *lint_next_rule(const char **list, const char *end, size_t *ret_len);
/* Is NAME, of NAME_LEN bytes, in LIST of LIST_LEN bytes? */
bool lint_is_listed(
	const char *list, size_t list_len, const char *name, size_t name_len);

#endif
