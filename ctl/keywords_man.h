/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keyword reference as a manual page, in mdoc.
 */
#ifndef TANDEM_CTL_KEYWORDS_MAN_H
#define TANDEM_CTL_KEYWORDS_MAN_H

#include <stdio.h>

#include "ctl/keyword_tree.h"

/* The page for everything below ROOT. */
void keywords_man_put(
	FILE *out, const struct keyword_node *root, struct arena *arena);

#endif
