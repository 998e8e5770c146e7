/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said about a keyword where it stands.
 */
#ifndef TANDEM_CONFIG_CHECK_H
#define TANDEM_CONFIG_CHECK_H

#include <stdbool.h>

#include "config/builder.h"
#include "config/scope.h"

/* WORD is no keyword of SCOPE.  BLOCK is the keyword of the block around it,
 * "" at the outermost level; OPENS says that a '{' follows it.  True when what
 * follows may be a secret: the word is, or was meant to be, a keyword of one. */
bool check_unknown(struct diag_list *diags, struct scopes *scopes,
	struct scope *scope, const char *block, const char *word, size_t len,
	bool opens, const struct diag_place *place);

/* Does WORD look different from what it is: a blank that is none, a quote
 * that does not quote?  Typists and word processors make these. */
void check_characters(struct diag_list *diags, const char *keyword,
	const char *word, size_t len, const struct diag_place *place);

/* ENTRY is used in NODE, whose parent is PARENT: is it used twice, has it no
 * effect?  QUIET: the block around it was already said to have none. */
void check_known(struct diag_list *diags, struct scope_entry *entry,
	struct builder *b, uint32_t node, uint32_t parent, bool quiet,
	const struct diag_place *place);

#endif
