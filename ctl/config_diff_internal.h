/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the comparison share: blocks and values (config_diff.c),
 * lines of lists (config_diff_lists.c).
 */
#ifndef TANDEM_CTL_CONFIG_DIFF_INTERNAL_H
#define TANDEM_CTL_CONFIG_DIFF_INTERNAL_H

#include <stdio.h>

#include "ctl/config_diff.h"

/* Blocks of two files that are the same thing. */
struct pair {
	const struct effective_block *a;
	const struct effective_block *b;
};

struct work {
	struct config_diff *diff;
	struct effective *a;
	struct effective *b;
	const char *path;
};

/* Arguments, or a whole line with what is in it, in their one form. */
void config_diff_put_args(
	FILE *out, const struct conf_tree *tree, uint32_t node);
void config_diff_put_line(
	FILE *out, const struct conf_tree *tree, uint32_t node);
/* Ends what was written to OUT, a memory stream of *TEXT: a copy that lives as
 * long as the diff. */
const char *config_diff_take_text(struct work *w, FILE *out, char **text);
/* What PUT writes of NODE, likewise. */
const char *config_diff_text_of(struct work *w, const struct conf_tree *tree,
	uint32_t node,
	void (*put)(FILE *out, const struct conf_tree *tree, uint32_t node));

struct config_change *config_diff_add_change(
	struct work *w, enum config_change_kind kind, const char *keyword);

/* The lines of row I. */
void config_diff_compare_list(
	struct work *w, const struct pair *pair, size_t i);

#endif
