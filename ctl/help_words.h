/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of the language that are no keywords of a block: what stands on any
 * line and is read before keywords are, such as include and ~SEQ.
 */
#ifndef TANDEM_CTL_HELP_WORDS_H
#define TANDEM_CTL_HELP_WORDS_H

#include "ctl/keyword_tree.h"

struct help_word {
	const char *word; /* as it is asked for */
	struct conf_keyword keyword;
};

/* The one that TEXT is, or is an example of: "~SEQ(i, 1, 3)", "$NAME",
 * "@director-a"; or NULL. */
const struct help_word *help_find_word(const char *text);

#endif
