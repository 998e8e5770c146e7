/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree as text in the language it was read from: one statement a line, one
 * tab for each open block, quotes where they are needed.  Includes,
 * definitions and conditions are resolved.  Reading the text gives the same
 * tree again, but for places in files.
 *
 * Secrets are printed as asterisks, so the text of a configuration with a
 * password is to be looked at, not to be run.
 */
#ifndef TANDEM_CONFIG_PRINT_H
#define TANDEM_CONFIG_PRINT_H

#include <stdio.h>

#include "config/language.h"

#define CONF_PRINT_HIDDEN "********"

struct conf_print_options {
	bool origin;  /* "# FILE:LINE" behind each statement */
	bool secrets; /* as they are: for tests alone */
	/* Writes what else belongs into the block NODE (0 = the file), whose
	 * lines are indented by DEPTH tabs.  NULL = nothing. */
	void (*inside)(void *user_data, FILE *out, uint32_t node,
		unsigned int depth);
	void *user_data;
};

/* OPTIONS may be NULL. */
void conf_print(FILE *out, const struct conf_language *language,
	const struct conf_tree *tree, const struct conf_print_options *options);

/* WORD so that one that stands for itself is read; FLAGS are CONF_QUOTED and
 * CONF_KEEP_ESCAPES of its keyword, FIRST is true at the start of a line. */
void conf_print_word(
	FILE *out, const char *word, unsigned int flags, bool first);

#endif
