/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of a configuration that shows a keyword in use: the one of the
 * table, or one made of the keyword's type, range, default and what its
 * arguments are called.
 */
#ifndef TANDEM_CTL_KEYWORD_EXAMPLE_H
#define TANDEM_CTL_KEYWORD_EXAMPLE_H

#include "ctl/keyword_tree.h"

/* One line; of a block that which opens it.  Never empty. */
const char *keyword_example(
	const struct keyword_node *node, struct arena *arena);

#endif
