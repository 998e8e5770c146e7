/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines under an `@` condition that open or close blocks.
 *
 * A condition holds for its line alone, and a line that is not for this
 * configuration is gone, with its braces.  So every line of a block may have
 * the same condition, and a block may have one head for each host:
 *
 *	@left  vrrp_instance A {
 *	@^left vrrp_instance B {
 *		...
 *	}
 *
 * What is neither leaves the inside of a block without its head.  That is
 * said, and the inside is skipped: keepalived would take it for a part of the
 * block around.
 */
#include <string.h>

#include "config/diag.h"
#include "config/parse_internal.h"
#include "lib/mem.h"

/* How many more braces LINE opens than it closes. */
static int64_t balance(const struct source_line *line)
{
	int64_t n = 0;
	size_t pos = lexer_find_brace(line->text, 0, line->len);

	while (pos < line->len) {
		n += line->text[pos] == '{' ? 1 : -1;
		pos = lexer_find_brace(line->text, pos + 1, line->len);
	}
	return n;
}

/* The keyword of LINE, with nothing but a '{' behind it; its length. */
static size_t first_word(const struct source_line *line, const char **ret)
{
	size_t start = 0;
	size_t end;

	while (start < line->len && lexer_is_blank(line->text[start]))
		start++;
	for (end = start; end < line->len; end++)
		if (lexer_is_blank(line->text[end]) ||
			strchr("{}\"", line->text[end]))
			break;
	*ret = line->text + start;
	return end - start;
}

static bool opens_block(
	const struct frame *frame, const char *word, size_t len)
{
	const struct scope_entry *entry = NULL;

	if (frame->kind == FRAME_KEYWORDS)
		entry = scope_find(frame->scope, word, len);
	return entry && entry->kind != SCOPE_PLAIN;
}

/* --- heads that go --- */

static void forget(struct left_out *out)
{
	union {
		const void *borrowed;
		void *owned;
	} text = { out->head.text }, columns = { out->head.columns };

	x_free(text.owned);
	x_free(columns.owned);
	memset(out, 0, sizeof(*out));
}

static void remember(struct left_out *out, const struct source_line *line)
{
	size_t size = line->len * sizeof(uint32_t);
	uint32_t *columns = x_realloc(NULL, line->len, sizeof(uint32_t));

	memcpy(columns, line->columns, size);
	out->head = *line;
	out->head.text = x_strndup(line->text, line->len);
	out->head.columns = columns;
}

/* The inside of what was left out follows: skips it. */
static void skip_inside(struct parser *p)
{
	struct left_out *out = &p->left_out;
	struct diag_place place = source_place(p->source, &out->head, 0, 1);
	size_t before = p->depth;

	if (parse_top(p)->kind != FRAME_SKIP)
		diag_add(p->diags, DIAG_ERROR, DIAG_DEFINITION, &place, "",
			"put the condition before each line of the block, "
			"write a head for every host, or include the block "
			"from a file of its own",
			"the condition holds for this line, not for the "
			"block that it opens");
	for (size_t i = 0; i < out->n && p->depth < before + out->n; i++)
		parse_parts(p, &out->head);
	for (size_t i = before; i < p->depth; i++)
		p->frames[i].orphaned = true;
	forget(out);
}

/* Is the '{' of the last line, which counts, instead of that of LINE?  Unless
 * LINE opens a block inside of it. */
static bool is_alternative(
	const struct parser *p, const struct source_line *line)
{
	const struct frame *inside = &p->frames[p->depth - 1];
	const char *word;
	size_t len = first_word(line, &word);

	return p->depth < 2 || !opens_block(inside, word, len) ||
	       opens_block(inside - 1, word, len);
}

static void open_left_out(
	struct parser *p, const struct source_line *line, size_t n)
{
	struct left_out *out = &p->left_out;

	if (p->chosen && is_alternative(p, line))
		return;
	/* For yet another host. */
	if (out->n && line->condition != out->condition)
		return;
	if (!out->n)
		remember(out, line);
	out->n += n;
	out->condition = line->condition;
}

static void close_left_out(struct parser *p, size_t n)
{
	struct left_out *out = &p->left_out;

	for (; n && out->n; n--)
		if (!--out->n)
			forget(out);
	for (; n && parse_top(p)->orphaned; n--) {
		parse_pop(p);
		if (p->mode == PARSE_BRACES)
			p->result->n_surplus++;
	}
}

/* --- lines that stay --- */

/* Is LINE the head that counts, of those for other hosts before it? */
static bool is_chosen_head(const struct parser *p,
	const struct source_line *line, int64_t braces)
{
	const char *word;
	size_t len = first_word(line, &word);
	bool brace = lexer_find_brace(line->text, 0, line->len) < line->len;

	if (!line->condition || (brace && braces <= 0))
		return false;
	return !len || opens_block(&p->frames[p->depth - 1], word, len);
}

void parse_conditional(struct parser *p, const struct source_line *line)
{
	int64_t braces = balance(line);

	if (line->dropped) {
		if (braces > 0)
			open_left_out(p, line, (size_t)braces);
		else
			close_left_out(p, (size_t)-braces);
		return;
	}
	if (p->left_out.n && is_chosen_head(p, line, braces))
		forget(&p->left_out);
	else if (p->left_out.n)
		skip_inside(p);
	p->chosen = line->condition && braces > 0;
	if (!p->stop)
		parse_parts(p, line);
}

void parse_end_conditions(struct parser *p)
{
	forget(&p->left_out);
}
