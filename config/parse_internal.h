/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parser's parts: parse.c takes lines apart at braces, conditions.c sees
 * to blocks whose lines are not all for this configuration, blocks.c knows
 * which blocks are open and mends what braces are missing, statement.c makes
 * a node of what stands between braces.
 */
#ifndef TANDEM_CONFIG_PARSE_INTERNAL_H
#define TANDEM_CONFIG_PARSE_INTERNAL_H

#include "config/builder.h"
#include "config/lexer.h"
#include "config/parse.h"
#include "config/scope.h"

enum frame_kind {
	FRAME_KEYWORDS,
	FRAME_LIST,
	FRAME_SKIP, /* of an unknown block: only braces matter */
};

/* An open block. */
struct frame {
	enum frame_kind kind;
	uint32_t node; /* of the opening line */
	uint32_t last_child;
	struct scope *scope; /* FRAME_KEYWORDS */
	bool loose;	     /* FRAME_LIST: blocks in it are fine */
	unsigned int flags;  /* FRAME_LIST: how lines are split */
	bool quiet;	     /* said to have no effect */
	bool counted;	     /* its first statement was looked at */
	bool transparent;    /* a second '{': the inside is the outside's */
	bool orphaned;	     /* its head is not for this configuration */
	uint32_t indent;
	uint32_t file;
	struct diag_place place;
};

/* The last statement, while it is open whether a '{' follows. */
struct pending {
	bool active;
	bool unknown;
	bool skip; /* unknown, or inside of what is skipped */
	bool list_line;
	uint32_t node;
	struct scope_entry *entry;
	uint32_t indent;
	uint32_t file;
	struct diag_place place;
};

/* Part of a line: what stands between braces. */
struct part {
	const struct source_line *line;
	size_t start;
	size_t end;
	bool first; /* nothing stands before it on the line */
	bool opens;
};

/* What lines that are not for this configuration opened and did not close. */
struct left_out {
	size_t n;
	struct source_line head; /* the first one; its text is owned */
	uint32_t condition;	 /* of the last one */
};

struct parser {
	struct source *source;
	struct scopes *scopes;
	enum parse_mode mode;
	struct builder *builder;
	struct diag_list *diags;
	struct parse_result *result;
	struct words words;
	struct frame frames[IMAGE_DEPTH_MAX];
	size_t depth;
	struct pending pending;
	struct left_out left_out;
	bool chosen; /* the last line opens a block under a condition */
	struct diag_place end; /* of what was read last */
	size_t n_files;
	bool stray_reported;
	bool suspicious; /* a '}' may be missing, should the count say so */
	bool skip_line; /* the rest of it was in quotes for the author */
	bool stop;
};

static inline struct frame *parse_top(struct parser *p)
{
	return &p->frames[p->depth - 1];
}

/* --- parse.c --- */

/* A line at its braces, whatever its condition. */
void parse_parts(struct parser *p, const struct source_line *line);

/* --- conditions.c --- */

/* A line that has a condition, or follows one that has. */
void parse_conditional(struct parser *p, const struct source_line *line);
void parse_end_conditions(struct parser *p);

/* --- statement.c --- */

/* Makes PART the pending statement. */
void parse_statement(struct parser *p, const struct part *part);
/* Says that FROM is unknown, once it is clear whether it OPENS a block. */
void parse_report_unknown(
	struct parser *p, const struct pending *from, bool opens);
/* The keyword of a part: the first word, quoted or not. */
const char *parse_first_word(
	struct parser *p, const struct part *part, size_t *ret_len);
/* Makes the files read so far known to the tree. */
void parse_add_files(struct parser *p);

/* --- blocks.c --- */

/* Words between braces, a '{', a '}', the end of all. */
void parse_words(struct parser *p, const struct part *part);
void parse_open_block(struct parser *p, const struct part *part);
void parse_close_block(struct parser *p, const struct part *part);
/* Closes the topmost block; nothing is said. */
void parse_pop(struct parser *p);
void parse_end_of_file(struct parser *p);

#endif
