/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which blocks are open.  What opens and closes them is braces; in the second
 * parse of a file whose braces are wrong, indentation or keywords say which
 * one is missing or too much.
 */
#include <stdio.h>
#include <string.h>

#include "config/diag.h"
#include "config/parse_internal.h"

#define BY_INDENTATION "by the indentation"

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

void parse_pop(struct parser *p)
{
	struct frame *frame = parse_top(p);

	p->depth--;
	if (frame->transparent)
		parse_top(p)->last_child = frame->last_child;
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
	for (; p->depth > keep; parse_pop(p))
		diag_add(p->diags, DIAG_ERROR, DIAG_BRACE, &parse_top(p)->place,
			builder_keyword(p->builder, parse_top(p)->node), hint,
			"'%s' is never closed",
			builder_label(p->builder, parse_top(p)->node, label,
				sizeof(label)));
}

/* --- braces --- */

static void enter(struct parser *p, const struct pending *from)
{
	const struct scope_entry *entry = from->entry;
	struct scope *scope = NULL;
	bool quiet = parse_top(p)->quiet || entry->not_built;
	struct frame *frame;

	builder_node(p->builder, from->node)->flags |= NODE_BLOCK;
	if (entry->kind == SCOPE_BLOCK)
		scope = scope_enter(
			p->scopes, parse_top(p)->scope, from->entry);
	frame = push(p, scope ? FRAME_KEYWORDS : FRAME_LIST, from->node, from);
	if (!frame)
		return;
	p->result->n_blocks++;
	frame->scope = scope;
	frame->loose = entry->keyword->type != CONF_LIST;
	frame->flags = entry->flags;
	frame->quiet = quiet;
}

/* A '{' after a keyword that opens no block: is it meant for a keyword
 * further on in the line? */
static void refuse_block(struct parser *p, const struct pending *from,
	const struct diag_place *place)
{
	struct scope *scope = parse_top(p)->scope;
	const char *word = NULL;
	char hint[128];
	bool found = false;

	/* From the tree: the brace may be on another line than the words. */
	for (uint32_t i = 0; !from->list_line && !found; i++) {
		word = builder_arg(p->builder, from->node, i);
		if (!word)
			break;
		found = scope_find(scope, word, strlen(word));
	}
	if (found)
		snprintf(hint, sizeof(hint),
			"put '%.40s' on a line of its own: only braces end a "
			"statement",
			word);
	builder_node(p->builder, from->node)->flags |= NODE_REPORTED |
						       NODE_BLOCK;
	diag_add(p->diags, DIAG_ERROR, DIAG_BRACE, place,
		builder_keyword(p->builder,
			from->list_line ? parse_top(p)->node : from->node),
		found ? hint : NULL,
		"'{' is not expected here: '%s' opens no block; what is in it "
		"is skipped",
		builder_keyword(p->builder, from->node));
	push(p, FRAME_SKIP, from->node, from);
}

static void open_stray(struct parser *p, const struct part *part,
	const struct diag_place *place)
{
	struct frame outer = *parse_top(p);
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

void parse_open_block(struct parser *p, const struct part *part)
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
			parse_report_unknown(p, &from, true);
		/* Kept empty, but known to be a block. */
		builder_node(p->builder, from.node)->flags |= NODE_BLOCK;
		push(p, FRAME_SKIP, from.node, &from);
	} else if (from.list_line ? parse_top(p)->loose : false) {
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
	char hint[128];
	bool is_list;

	p->pending.active = false;
	if (from.active && from.unknown)
		parse_report_unknown(p, &from, false);
	if (!from.active || from.skip || !from.entry ||
		(from.entry->kind != SCOPE_BLOCK &&
			from.entry->kind != SCOPE_LIST))
		return;
	p->result->braces_wrong = true;
	is_list = from.entry->kind == SCOPE_LIST && next_indent > from.indent;
	snprintf(hint, sizeof(hint), "write '%s { ... }', each item on a line",
		builder_keyword(p->builder, from.node));
	builder_node(p->builder, from.node)->flags |= NODE_REPORTED;
	diag_add(p->diags, is_list ? DIAG_WARNING : DIAG_ERROR, DIAG_BRACE,
		&from.place, builder_keyword(p->builder, from.node),
		from.entry->kind == SCOPE_LIST ? hint : NULL,
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

	word = parse_first_word(p, part, &len);
	while (keep > 1 &&
		!(p->frames[keep - 1].kind == FRAME_KEYWORDS &&
			scope_find(p->frames[keep - 1].scope, word, len)))
		keep--;
	if (keep == p->depth || parse_top(p)->kind != FRAME_KEYWORDS ||
		!scope_find(p->frames[keep - 1].scope, word, len))
		return;
	place = source_place(p->source, part->line, part->start, len);
	close_missing(p, keep, &place, "by the keyword that follows");
}

/* Is the first statement of a block indented deeper than the block?  Where
 * braces are missing, the others would tell less. */
static void count_indent(struct parser *p, const struct part *part)
{
	struct frame *frame = parse_top(p);

	if (p->depth < 2 || frame->counted || frame->file != part->line->file)
		return;
	frame->counted = true;
	if (part->line->indent > frame->indent)
		p->result->n_deeper++;
	else
		p->result->n_flat++;
}

void parse_words(struct parser *p, const struct part *part)
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
	parse_statement(p, part);
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
	const struct frame *frame = parse_top(p);

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

void parse_close_block(struct parser *p, const struct part *part)
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
	parse_pop(p);
}

void parse_end_of_file(struct parser *p)
{
	char label[128];

	if (p->stop)
		return;
	end_pending(p, -1);
	if (p->suspicious && p->result->n_surplus)
		p->result->braces_wrong = true;
	if (p->depth == 1)
		return;
	p->result->braces_wrong = true;
	for (; p->depth > 1; parse_pop(p))
		diag_add(p->diags, DIAG_ERROR, DIAG_BRACE, &parse_top(p)->place,
			builder_keyword(p->builder, parse_top(p)->node),
			"'}' is missing, at the latest at the end of the file",
			"'%s' is never closed",
			builder_label(p->builder, parse_top(p)->node, label,
				sizeof(label)));
}
