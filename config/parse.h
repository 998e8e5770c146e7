/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From lines to a tree, with every keyword checked where it stands.
 */
#ifndef TANDEM_CONFIG_PARSE_H
#define TANDEM_CONFIG_PARSE_H

#include "config/source.h"

struct builder;
struct scopes;

enum parse_mode {
	/* Braces alone say what is in what, as for keepalived. */
	PARSE_BRACES,
	/* The braces are known to be wrong: indentation says which. */
	PARSE_INDENTATION,
	/* ... and there is none: keywords say which block they fit. */
	PARSE_KEYWORDS,
};

struct parse_result {
	bool braces_wrong;
	uint32_t n_statements;
	uint32_t n_blocks;
	uint32_t n_deeper; /* statements indented deeper than their block */
	uint32_t n_flat;   /* and those that are not */
	int64_t n_surplus; /* '}' more than '{': in from the first parse, used
			      by the second */
};

void parse_source(struct source *source, struct scopes *scopes,
	enum parse_mode mode, struct builder *builder, struct diag_list *diags,
	struct parse_result *ret);

#endif
