/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said about a keyword where it stands.
 */
#ifndef TANDEM_CONFIG_CHECK_H
#define TANDEM_CONFIG_CHECK_H

#include <stdbool.h>

#include "config/builder.h"
#include "config/scope.h"

enum word_use {
	WORD_ALONE,
	WORD_WITH_ARGS,
	WORD_OPENS_BLOCK, /* a '{' follows it */
};

/* WORD is no keyword of SCOPE.  BLOCK is the keyword of the block around it,
 * "" at the outermost level.  Returns the flags that its node gets:
 * NODE_SECRET when what follows may be a secret, as the word is, or was meant
 * to be, a keyword of one, or stands among such; NODE_BARE_SECRET when the
 * word itself may be it. */
unsigned int check_unknown(struct diag_list *diags, struct scopes *scopes,
	struct scope *scope, const char *block, const char *word, size_t len,
	enum word_use use, const struct diag_place *place);

/* Does WORD look different from what it is: a blank that is none, a quote
 * that does not quote?  Typists and word processors make these. */
void check_characters(struct diag_list *diags, const char *keyword,
	const char *word, size_t len, const struct diag_place *place);

/* ENTRY is used in NODE, whose parent is PARENT: is it used twice, has it no
 * effect?  QUIET: the block around it was already said to have none;
 * AMONG_SECRETS: it has a keyword with a secret. */
void check_known(struct diag_list *diags, struct scope_entry *entry,
	struct builder *b, uint32_t node, uint32_t parent, bool quiet,
	bool among_secrets, const struct diag_place *place);

#endif
