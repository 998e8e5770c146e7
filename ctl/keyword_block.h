/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small block that can stand in a configuration as it is: the line that
 * opens it, what it needs or mostly has, and its end.
 */
#ifndef TANDEM_CTL_KEYWORD_BLOCK_H
#define TANDEM_CTL_KEYWORD_BLOCK_H

#include "ctl/keyword_tree.h"

/* Lines, the inner ones with tabs in front; no end of line at the end.  Of
 * what is no block the one line that keyword_example() has. */
const char *keyword_block_example(
	const struct keyword_node *node, struct arena *arena);

#endif
