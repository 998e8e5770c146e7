/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The effective configuration for people and programs: what is in the file,
 * and on request what it leaves to defaults and to inheritance.
 */
#ifndef TANDEM_CONFIG_EFFECTIVE_PRINT_H
#define TANDEM_CONFIG_EFFECTIVE_PRINT_H

#include <stdio.h>

#include "config/language.h"

struct effective_print_options {
	bool origin;   /* where each statement stands, as a comment */
	bool defaults; /* what is not in the file, as comments */
};

/* Canonical text; with everything it still means what TREE means.  Secrets
 * are hidden. */
void effective_print(FILE *out, const struct conf_language *language,
	const struct conf_tree *tree,
	const struct effective_print_options *options);

/*
 * Writes a JSON array of statements in the file's order, one a line, as
 * {"keyword", "arguments", "file", "line", "origin": "file", "value", "unit",
 * "children"}, with "overridden" where another one counts.  "value" is there
 * where a keyword has one: a number, boolean or string.  With DEFAULTS those
 * that are not in the file follow in each block, with another "origin" (see
 * effective.h), "value" (null when there is none), and "from" for what is
 * inherited.  Written as it is made: a large configuration has millions.
 */
void effective_put_json(FILE *out, const struct conf_language *language,
	const struct conf_tree *tree, bool defaults);

#endif
