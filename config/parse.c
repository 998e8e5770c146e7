/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/parse.h"

#include <stdio.h>
#include <string.h>

#include "config/builder.h"
#include "config/check.h"
#include "config/lexer.h"
#include "config/scope.h"
#include "lib/mem.h"

#define BY_INDENTATION "by the indentation"

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
	bool quoted;	     /* FRAME_LIST: lines have escapes */
	bool quiet;	     /* said to have no effect */
	bool counted;	     /* its first statement was looked at */
	bool transparent;    /* a second '{': the inside is the outside's */
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
	struct diag_place end; /* of what was read last */
	size_t n_files;
	bool stray_reported;
	bool stop;
};

static struct frame *top(struct parser *p)
{
	return &p->frames[p->depth - 1];
}

/* --- frames --- */

static struct frame *push(struct parser *p, enum frame_kind kind, uint32_t node,
	const struct pending *from)
{
	struct frame *frame;
	char label[128];

	if (p->depth == IMAGE_DEPTH_MAX) {
		diag_add(p->diags, DIAG_ERROR, DIAG_BRACE, &p->end,
			builder_keyword(p->builder, node), NULL,
			"blocks are nested more than %d deep: the rest is "
			"not read ('%s')",
			IMAGE_DEPTH_MAX,
			builder_label(p->builder, node, label, sizeof(label)));
		p->stop = true;
		return NULL;
	}
	frame = &p->frames[p->depth++];
	memset(frame, 0, sizeof(*frame));
	frame->kind = kind;
	frame->node = node;
	frame->last_child = CONF_NODE_NONE;
	frame->indent = from->indent;
	frame->file = from->file;
	frame->place = from->place;
	return frame;
}

static void pop(struct parser *p)
{
	struct frame *frame = top(p);

	p->depth--;
	if (frame->transparent)
		top(p)->last_child = frame->last_child;
}

/* Says that the frames above the first KEEP ones are never closed, which was
 * seen at PLACE, and closes them. */
static void close_missing(struct parser *p, size_t keep,
	const struct diag_place *place, const char *why)
{
	char hint[128];
	char label[128];

	snprintf(hint, sizeof(hint), "%s, '}' is missing before line %u", why,
		place->line);
	for (; p->depth > keep; pop(p))
		diag_add(p->diags, DIAG_ERROR, DIAG_BRACE, &top(p)->place,
			builder_keyword(p->builder, top(p)->node), hint,
			"'%s' is never closed",
			builder_label(p->builder, top(p)->node, label,
				sizeof(label)));
}

/* --- statements --- */

static void add_words(struct parser *p, const struct part *part, size_t from)
{
	const struct words *w = &p->words;

	for (size_t i = from; i < w->n; i++) {
		struct diag_place place = source_place(p->source, part->line,
			part->start + w->items[i].start,
			w->items[i].source_len);

		builder_add_arg(p->builder, w->items[i].text, w->items[i].len,
			place.column, place.length);
	}
}

static void add_files(struct parser *p)
{
	for (; p->n_files < source_n_files(p->source); p->n_files++)
		builder_add_file(p->builder,
			source_file_name(p->source, (uint32_t)p->n_files));
}

static uint32_t add_node(struct parser *p, const struct part *part,
	const struct diag_place *place)
{
	struct frame *frame = top(p);
	const struct word *word = &p->words.items[0];
	struct image_node *n;
	uint32_t file = part->line->file;
	uint32_t node;

	if (file >= p->n_files)
		add_files(p);
	node = builder_add_node(p->builder, frame->node, frame->last_child,
		word->text, word->len);
	frame->last_child = node;
	n = builder_node(p->builder, node);
	n->line = place->line < IMAGE_LINE_MAX ? place->line : IMAGE_LINE_MAX;
	n->column = (uint16_t)(place->column < IMAGE_COLUMN_MAX
				       ? place->column
				       : IMAGE_COLUMN_MAX);
	n->file = (uint16_t)(file < UINT16_MAX ? file : UINT16_MAX);
	add_words(p, part, 1);
	return node;
}

static void report_quote(struct parser *p, const struct part *part)
{
	struct diag_place place = source_place(
		p->source, part->line, part->start + p->words.quote_start, 1);

	diag_add(p->diags, DIAG_ERROR, DIAG_UNTERMINATED, &place, "", NULL,
		"this quote is not closed on its line");
}

static void split(struct parser *p, const struct part *part, bool quoted)
{
	const char *text = part->line->text + part->start;
	size_t len = part->end - part->start;

	if (quoted)
		words_split_quoted(&p->words, text, len);
	else
		words_split(&p->words, text, len);
	if (p->words.unterminated)
		report_quote(p, part);
}

static void start_pending(struct parser *p, const struct part *part)
{
	p->pending.active = true;
	p->pending.indent = part->line->indent;
	p->pending.file = part->line->file;
}

/* The open block around here in which WORD would be a keyword. */
static bool fits_outside(struct parser *p, const char *word, size_t len)
{
	for (size_t i = p->depth - 1; i > 0; i--) {
		const struct frame *frame = &p->frames[i - 1];

		if (frame->kind == FRAME_KEYWORDS &&
			scope_find(frame->scope, word, len))
			return true;
	}
	return false;
}

/* Says that the last statement is unknown, once it is clear whether it OPENS
 * a block. */
static void report_unknown(
	struct parser *p, const struct pending *from, bool opens)
{
	const char *word = builder_keyword(p->builder, from->node);

	check_unknown(p->diags, p->scopes, top(p)->scope,
		builder_keyword(p->builder, top(p)->node), word, strlen(word),
		opens, &from->place);
}

static void unknown_keyword(struct parser *p, const struct part *part,
	const char *word, size_t len, const struct diag_place *place)
{
	struct frame *frame = top(p);
	uint32_t node;

	if (part->first && part->line->file == frame->file && p->depth > 1 &&
		part->line->indent <= frame->indent &&
		fits_outside(p, word, len))
		p->result->braces_wrong = true;
	split(p, part, false);
	node = add_node(p, part, place);
	builder_node(p->builder, node)->flags |= NODE_UNKNOWN;
	p->pending.unknown = true;
	p->pending.skip = true;
	p->pending.node = node;
}

static void known_keyword(struct parser *p, const struct part *part,
	struct scope_entry *entry, const struct diag_place *place)
{
	uint32_t parent = top(p)->node;
	bool quiet = top(p)->quiet;
	uint32_t node;

	split(p, part, entry->script || entry->flags & CONF_QUOTED);
	if (!p->words.n)
		return;
	node = add_node(p, part, place);
	check_known(p->diags, entry, p->builder, node, parent, quiet, place);
	p->pending.node = node;
	p->pending.entry = entry;
}

/* The keyword of a part: the first word, quoted or not. */
static const char *first_word(
	struct parser *p, const struct part *part, size_t *ret_len)
{
	const char *text = part->line->text + part->start;
	size_t max = part->end - part->start;
	size_t len = 0;

	if (text[0] == '"') {
		words_split(&p->words, text, max);
		*ret_len = p->words.items[0].len;
		return p->words.items[0].text;
	}
	while (len < max && !lexer_is_blank(text[len]) && text[len] != '"')
		len++;
	*ret_len = len;
	return text;
}

static void list_line(struct parser *p, const struct part *part)
{
	struct diag_place place;
	uint32_t node;

	split(p, part, top(p)->quoted);
	if (!p->words.n)
		return;
	place = source_place(p->source, part->line, part->start,
		p->words.items[0].source_len);
	node = add_node(p, part, &place);
	builder_node(p->builder, node)->flags |= NODE_LINE;
	p->pending.list_line = true;
	p->pending.node = node;
	p->pending.place = place;
}

static void statement(struct parser *p, const struct part *part)
{
	struct frame *frame = top(p);
	struct scope_entry *entry;
	const char *word;
	size_t len;

	p->result->n_statements++;
	memset(&p->pending, 0, sizeof(p->pending));
	start_pending(p, part);
	p->pending.node = frame->node;
	word = first_word(p, part, &len);
	p->pending.place =
		source_place(p->source, part->line, part->start, len);
	p->end = p->pending.place;
	if (part->line->dropped) {
		p->pending.skip = true;
		return;
	}
	switch (frame->kind) {
	case FRAME_SKIP:
		p->pending.skip = true;
		break;
	case FRAME_LIST:
		list_line(p, part);
		break;
	case FRAME_KEYWORDS:
		entry = scope_find(frame->scope, word, len);
		if (entry)
			known_keyword(p, part, entry, &p->pending.place);
		else
			unknown_keyword(p, part, word, len, &p->pending.place);
		break;
	}
}

/* --- braces --- */

static void enter(struct parser *p, const struct pending *from)
{
	const struct scope_entry *entry = from->entry;
	struct scope *scope = NULL;
	bool quiet = top(p)->quiet || entry->not_built;
	struct frame *frame;

	builder_node(p->builder, from->node)->flags |= NODE_BLOCK;
	if (entry->kind == SCOPE_BLOCK)
		scope = scope_enter(p->scopes, top(p)->scope, from->entry);
	frame = push(p, scope ? FRAME_KEYWORDS : FRAME_LIST, from->node, from);
	if (!frame)
		return;
	p->result->n_blocks++;
	frame->scope = scope;
	frame->loose = entry->keyword->type != CONF_LIST;
	frame->quoted = entry->flags & CONF_QUOTED;
	frame->quiet = quiet;
}

/* A '{' after a keyword that opens no block: is it meant for a keyword
 * further on in the line? */
static void refuse_block(struct parser *p, const struct pending *from,
	const struct diag_place *place)
{
	struct scope *scope = top(p)->scope;
	char hint[128];
	bool found = false;

	for (size_t i = 1; !from->list_line && i < p->words.n; i++) {
		const struct word *word = &p->words.items[i];

		if (!scope_find(scope, word->text, word->len))
			continue;
		snprintf(hint, sizeof(hint),
			"put '%.*s' on a line of its own: only braces end a "
			"statement",
			(int)(word->len < 40 ? word->len : 40), word->text);
		found = true;
		break;
	}
	builder_node(p->builder, from->node)->flags |= NODE_REPORTED |
						       NODE_BLOCK;
	diag_add(p->diags, DIAG_ERROR, DIAG_BRACE, place,
		builder_keyword(p->builder,
			from->list_line ? top(p)->node : from->node),
		found ? hint : NULL,
		"'{' is not expected here: '%s' opens no block; what is in it "
		"is skipped",
		builder_keyword(p->builder, from->node));
	push(p, FRAME_SKIP, from->node, from);
}

static void open_stray(struct parser *p, const struct part *part,
	const struct diag_place *place)
{
	struct frame outer = *top(p);
	struct pending here = {
		.indent = part->line->indent,
		.file = part->line->file,
		.place = *place,
	};
	struct frame *frame;

	diag_add(p->diags, DIAG_ERROR, DIAG_BRACE, place, "", NULL,
		"'{' is not expected here: no block begins");
	frame = push(p, outer.kind, outer.node, &here);
	if (!frame)
		return;
	outer.indent = frame->indent;
	outer.file = frame->file;
	outer.place = frame->place;
	*frame = outer;
	frame->transparent = true;
}

static void open_block(struct parser *p, const struct part *part)
{
	struct diag_place place =
		source_place(p->source, part->line, part->start, 1);
	struct pending from = p->pending;

	p->pending.active = false;
	p->end = place;
	if (!from.active)
		open_stray(p, part, &place);
	else if (from.skip) {
		if (from.unknown)
			report_unknown(p, &from, true);
		/* Kept empty, but known to be a block. */
		builder_node(p->builder, from.node)->flags |= NODE_BLOCK;
		push(p, FRAME_SKIP, from.node, &from);
	} else if (from.list_line ? top(p)->loose : false) {
		struct frame *frame = push(p, FRAME_LIST, from.node, &from);

		builder_node(p->builder, from.node)->flags |= NODE_BLOCK;
		if (frame)
			frame->loose = true;
	} else if (!from.entry || from.entry->kind == SCOPE_PLAIN)
		refuse_block(p, &from, &place);
	else
		enter(p, &from);
}

/* The statement before is complete.  NEXT_INDENT is that of what follows, in
 * the same file, or -1. */
static void end_pending(struct parser *p, int64_t next_indent)
{
	struct pending from = p->pending;
	bool is_list;

	p->pending.active = false;
	if (from.active && from.unknown)
		report_unknown(p, &from, false);
	if (!from.active || from.skip || !from.entry ||
		(from.entry->kind != SCOPE_BLOCK &&
			from.entry->kind != SCOPE_LIST))
		return;
	p->result->braces_wrong = true;
	is_list = from.entry->kind == SCOPE_LIST && next_indent > from.indent;
	diag_add(p->diags, is_list ? DIAG_WARNING : DIAG_ERROR, DIAG_BRACE,
		&from.place, builder_keyword(p->builder, from.node), NULL,
		"'{' is missing after this");
	if (next_indent > from.indent)
		enter(p, &from);
}

/* Blocks that the indentation of a statement shows to be over. */
static void close_by_indent(struct parser *p, const struct part *part)
{
	const struct source_line *line = part->line;
	size_t keep = p->depth;
	struct diag_place place;

	while (keep > 1 && p->frames[keep - 1].file == line->file &&
		line->indent <= p->frames[keep - 1].indent)
		keep--;
	if (keep == p->depth)
		return;
	place = source_place(p->source, line, part->start, 1);
	close_missing(p, keep, &place, BY_INDENTATION);
}

/* Unindented files: a keyword that fits further out only. */
static void close_by_keyword(struct parser *p, const struct part *part)
{
	struct diag_place place;
	const char *word;
	size_t keep = p->depth;
	size_t len;

	word = first_word(p, part, &len);
	while (keep > 1 &&
		!(p->frames[keep - 1].kind == FRAME_KEYWORDS &&
			scope_find(p->frames[keep - 1].scope, word, len)))
		keep--;
	if (keep == p->depth || top(p)->kind != FRAME_KEYWORDS ||
		!scope_find(p->frames[keep - 1].scope, word, len))
		return;
	place = source_place(p->source, part->line, part->start, len);
	close_missing(p, keep, &place, "by the keyword that follows");
}

/* Is the first statement of a block indented deeper than the block?  Where
 * braces are missing, the others would tell less. */
static void count_indent(struct parser *p, const struct part *part)
{
	struct frame *frame = top(p);

	if (p->depth < 2 || frame->counted || frame->file != part->line->file)
		return;
	frame->counted = true;
	if (part->line->indent > frame->indent)
		p->result->n_deeper++;
	else
		p->result->n_flat++;
}

static void on_words(struct parser *p, const struct part *part)
{
	bool same_file = p->pending.file == part->line->file;

	end_pending(
		p, same_file && part->first ? (int64_t)part->line->indent : -1);
	if (p->stop)
		return;
	if (part->first && !part->line->expanded) {
		count_indent(p, part);
		switch (p->mode) {
		case PARSE_BRACES:
			break;
		case PARSE_INDENTATION:
			close_by_indent(p, part);
			break;
		case PARSE_KEYWORDS:
			close_by_keyword(p, part);
			break;
		}
	}
	statement(p, part);
}

static void stray_close(struct parser *p, const struct diag_place *place)
{
	p->result->braces_wrong = true;
	if (!p->stray_reported)
		diag_add(p->diags, DIAG_ERROR, DIAG_BRACE, place, "",
			"remove it, or see whether a '{' is missing before",
			"this '}' closes nothing");
	p->stray_reported = true;
}

/* Which frames does a '}' at this indentation end?  Returns how many stay,
 * or the present depth when it is a stray one. */
static size_t match_close(struct parser *p, const struct part *part)
{
	const struct source_line *line = part->line;
	const struct frame *frame = top(p);

	if (!part->first || line->expanded || frame->file != line->file ||
		p->mode != PARSE_INDENTATION || line->indent == frame->indent)
		return p->depth - 1;
	if (line->indent > frame->indent)
		return p->result->n_surplus > 0 ? p->depth : p->depth - 1;
	for (size_t i = p->depth - 1; i > 1; i--)
		if (p->frames[i - 1].file == line->file &&
			p->frames[i - 1].indent == line->indent)
			return i - 1;
	return p->depth - 1;
}

static void close_block(struct parser *p, const struct part *part)
{
	struct diag_place place =
		source_place(p->source, part->line, part->start, 1);
	size_t keep;

	end_pending(p, -1);
	p->end = place;
	if (p->depth == 1) {
		stray_close(p, &place);
		return;
	}
	keep = match_close(p, part);
	if (keep == p->depth) {
		p->result->n_surplus--;
		stray_close(p, &place);
		return;
	}
	if (keep + 1 < p->depth)
		close_missing(p, keep + 1, &place, BY_INDENTATION);
	pop(p);
}

/* --- lines --- */

/* The next brace outside of quotes from START on, or the line's end.  A quote
 * that is never closed does not hide a brace at the very end. */
static size_t find_brace(const struct source_line *line, size_t start)
{
	bool quoted = false;
	char last = line->text[line->len - 1];

	if (!line->braces)
		return line->len;
	for (size_t i = start; i < line->len; i++) {
		if (line->text[i] == '"')
			quoted = !quoted;
		else if (!quoted &&
			 (line->text[i] == '{' || line->text[i] == '}'))
			return i;
	}
	if (quoted && (last == '{' || last == '}'))
		return line->len - 1;
	return line->len;
}

static void parse_line(struct parser *p, const struct source_line *line)
{
	struct part part = { .line = line, .first = true };
	size_t pos = 0;

	while (pos < line->len && !p->stop) {
		size_t brace = find_brace(line, pos);

		part.start = pos;
		part.end = brace;
		part.opens = brace < line->len && line->text[brace] == '{';
		while (part.start < part.end &&
			lexer_is_blank(line->text[part.start]))
			part.start++;
		while (part.end > part.start &&
			lexer_is_blank(line->text[part.end - 1]))
			part.end--;
		if (part.start < part.end) {
			on_words(p, &part);
			part.first = false;
		}
		if (brace == line->len || p->stop)
			return;
		part.start = brace;
		part.end = brace + 1;
		if (part.opens)
			open_block(p, &part);
		else
			close_block(p, &part);
		if (p->mode == PARSE_BRACES)
			p->result->n_surplus += part.opens ? -1 : 1;
		part.first = false;
		pos = brace + 1;
	}
}

static void end_of_file(struct parser *p)
{
	char label[128];

	if (p->stop)
		return;
	end_pending(p, -1);
	if (p->depth == 1)
		return;
	p->result->braces_wrong = true;
	for (; p->depth > 1; pop(p))
		diag_add(p->diags, DIAG_ERROR, DIAG_BRACE, &top(p)->place,
			builder_keyword(p->builder, top(p)->node),
			"'}' is missing, at the latest at the end of the file",
			"'%s' is never closed",
			builder_label(p->builder, top(p)->node, label,
				sizeof(label)));
}

void parse_source(struct source *source, struct scopes *scopes,
	enum parse_mode mode, struct builder *builder, struct diag_list *diags,
	struct parse_result *ret)
{
	struct parser *p = x_new(struct parser, 1);
	struct source_line line;

	p->source = source;
	p->scopes = scopes;
	p->mode = mode;
	p->builder = builder;
	p->diags = diags;
	p->result = ret;
	p->depth = 1;
	p->frames[0].kind = FRAME_KEYWORDS;
	p->frames[0].scope = scope_root(scopes);
	p->frames[0].last_child = CONF_NODE_NONE;
	p->end = (struct diag_place){
		.file = source_file_name(source, 0),
		.line = 1,
		.column = 1,
	};
	add_files(p);
	while (!p->stop && source_next(source, &line))
		parse_line(p, &line);
	end_of_file(p);
	words_free(&p->words);
	x_free(p);
}
