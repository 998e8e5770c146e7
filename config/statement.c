/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One statement: its keyword looked up where it stands, its words split as
 * the keyword wants them, a node made of it.
 */
#include <stdlib.h>
#include <string.h>

#include "config/check.h"
#include "config/diag_internal.h"
#include "config/parse_internal.h"
#include "config/secret.h"
#include "lib/mem.h"

/* Adds the word I of a secret keyword: what it names, or itself. */
static void add_secret(struct parser *p, const struct word *word, size_t i,
	const struct scope_entry *entry, const struct diag_place *place)
{
	bool key_file = entry->flags & CONF_KEY_FILE;
	bool pem = entry->flags & CONF_PEM;
	const char *keyword = entry->keyword->name;
	char *secret;

	/* An argument in front of a key (its number) is no secret. */
	if (key_file || pem ? (pem || i > 1) && secret_is_credential(
							word->text, word->len)
			    : i == 1)
		diag_not_portable(p->diags, place, keyword, NULL,
			"keepalived takes this for the %s itself",
			pem	   ? "name of a file" :
			key_file ? "key" :
				   "password");
	secret = pem ? secret_read_pem(word->text, word->len, keyword, place,
			       p->diags)
		     : secret_read(word->text, word->len, keyword, key_file,
			       place, p->diags);
	if (!secret) {
		builder_node(p->builder, builder_count(p->builder) - 1)
			->flags |= NODE_REPORTED;
		return;
	}
	builder_add_arg(p->builder, secret, strlen(secret), place->column,
		place->length);
	explicit_bzero(secret, strlen(secret));
	x_free(secret);
}

static void add_words(struct parser *p, const struct part *part, size_t from,
	const struct scope_entry *entry)
{
	const struct words *w = &p->words;

	for (size_t i = from; i < w->n; i++) {
		struct diag_place place = source_place(p->source, part->line,
			part->start + w->items[i].start,
			w->items[i].source_len);

		if (entry && entry->flags & CONF_SECRET &&
			((entry->flags & CONF_PEM && i == 1) ||
				secret_is_reference(w->items[i].text,
					w->items[i].len))) {
			add_secret(p, &w->items[i], i, entry, &place);
			continue;
		}
		builder_add_arg(p->builder, w->items[i].text, w->items[i].len,
			place.column, place.length);
		if (part->line->foreign)
			check_characters(p->diags, NULL, w->items[i].text,
				w->items[i].len, &place);
	}
}

void parse_add_files(struct parser *p)
{
	for (; p->n_files < source_n_files(p->source); p->n_files++)
		builder_add_file(p->builder,
			source_file_name(p->source, (uint32_t)p->n_files));
}

static uint32_t add_node(struct parser *p, const struct part *part,
	const struct diag_place *place, const struct scope_entry *entry)
{
	struct frame *frame = parse_top(p);
	const struct word *word = &p->words.items[0];
	struct image_node *n;
	uint32_t file = part->line->file;
	uint32_t node;

	if (file >= p->n_files)
		parse_add_files(p);
	node = builder_add_node(p->builder, frame->node, frame->last_child,
		word->text, word->len);
	frame->last_child = node;
	n = builder_node(p->builder, node);
	n->line = place->line < IMAGE_LINE_MAX ? place->line : IMAGE_LINE_MAX;
	n->column = (uint16_t)(place->column < IMAGE_COLUMN_MAX
				       ? place->column
				       : IMAGE_COLUMN_MAX);
	n->file = (uint16_t)(file < UINT16_MAX ? file : UINT16_MAX);
	add_words(p, part, 1, entry);
	return node;
}

/* A \" inside of quotes is a quote to the search for braces, to keepalived's
 * as well: a brace behind it ends the statement.  What the author meant is
 * clear, so nothing is said of the rest of the line. */
static bool is_cut_at_brace(
	const struct part *part, const char *text, size_t len)
{
	return part->end < part->line->len && memmem(text, len, "\\\"", 2);
}

static void report_quote(struct parser *p, const struct part *part,
	const char *text, size_t len, unsigned int flags)
{
	struct diag_place place = source_place(
		p->source, part->line, part->start + p->words.quote_start, 1);

	if (flags & CONF_QUOTED && is_cut_at_brace(part, text, len)) {
		diag_add(p->diags, DIAG_ERROR, DIAG_UNTERMINATED, &place, "",
			"write the quotes inside as ' or \\042, which "
			"keepalived needs, too",
			"behind \\\", a brace in these quotes is not "
			"protected");
		p->skip_line = true;
		return;
	}
	diag_add(p->diags, DIAG_ERROR, DIAG_UNTERMINATED, &place, "", NULL,
		"this quote is not closed on its line");
}

/* FLAGS are CONF_QUOTED and CONF_KEEP_ESCAPES. */
static void split(struct parser *p, const struct part *part, unsigned int flags)
{
	const char *text = part->line->text + part->start;
	size_t len = part->end - part->start;

	if (flags & CONF_QUOTED)
		words_split_quoted(
			&p->words, text, len, flags & CONF_KEEP_ESCAPES);
	else
		words_split(&p->words, text, len);
	if (p->words.unterminated)
		report_quote(p, part, text, len, flags);
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
void parse_report_unknown(
	struct parser *p, const struct pending *from, bool opens)
{
	const char *word = builder_keyword(p->builder, from->node);
	enum word_use use = opens ? WORD_OPENS_BLOCK : WORD_ALONE;
	unsigned int flags;

	if (!opens && builder_arg(p->builder, from->node, 0))
		use = WORD_WITH_ARGS;
	flags = check_unknown(p->diags, p->scopes, parse_top(p)->scope,
		builder_keyword(p->builder, parse_top(p)->node), word,
		strlen(word), use, &from->place);
	builder_node(p->builder, from->node)->flags |= flags;
}

static void unknown_keyword(struct parser *p, const struct part *part,
	const char *word, size_t len, const struct diag_place *place)
{
	struct frame *frame = parse_top(p);
	uint32_t node;

	if (part->first && part->line->file == frame->file && p->depth > 1 &&
		part->line->indent <= frame->indent &&
		fits_outside(p, word, len))
		p->suspicious = true;
	split(p, part, 0);
	node = add_node(p, part, place, NULL);
	builder_node(p->builder, node)->flags |= NODE_UNKNOWN;
	p->pending.unknown = true;
	p->pending.skip = true;
	p->pending.node = node;
}

/* random_seed counts at once, as with keepalived: for the lines behind it. */
static void take_seed(struct parser *p, const struct scope_entry *entry)
{
	const struct words *w = &p->words;
	char digits[16], *end;
	unsigned long long seed;

	if (strcmp(entry->keyword->name, "random_seed") != 0 || w->n < 2 ||
		w->items[1].len >= sizeof(digits))
		return;
	memcpy(digits, w->items[1].text, w->items[1].len);
	digits[w->items[1].len] = '\0';
	seed = strtoull(digits, &end, 10);
	/* What is no seed is reported where it is bound. */
	if (digits[0] >= '0' && digits[0] <= '9' && !*end && seed <= UINT32_MAX)
		source_seed(p->source, (uint32_t)seed);
}

/* include_check counts at once, too.  Without words it is all of them; a word
 * without a sign begins anew. */
static void take_include_check(
	struct parser *p, const struct scope_entry *entry)
{
	static const struct {
		const char *name;
		unsigned int checks;
	} names[] = {
		{ "readable", SOURCE_INCLUDE_READABLE },
		{ "match", SOURCE_INCLUDE_READABLE | SOURCE_INCLUDE_MATCH },
		{ "wildcard_match",
			SOURCE_INCLUDE_READABLE | SOURCE_INCLUDE_WILDCARD },
		{ "brace_match",
			SOURCE_INCLUDE_READABLE | SOURCE_INCLUDE_BRACE },
	};
	const struct words *w = &p->words;

	if (strcmp(entry->keyword->name, "include_check") != 0)
		return;
	if (w->n == 1)
		source_include_checks(p->source, 0, SOURCE_INCLUDE_ALL);
	for (size_t i = 1; i < w->n; i++) {
		const char *text = w->items[i].text;
		size_t len = w->items[i].len;
		bool sign = len && (*text == '+' || *text == '-');
		bool anew = !sign && i == 1;

		for (size_t k = 0; k < 4; k++) {
			if (strlen(names[k].name) != len - sign ||
				memcmp(names[k].name, text + sign, len - sign))
				continue;
			if (sign && *text == '-')
				source_include_checks(
					p->source, names[k].checks, 0);
			else
				source_include_checks(p->source,
					anew ? SOURCE_INCLUDE_ALL : 0,
					names[k].checks);
		}
	}
}

static void known_keyword(struct parser *p, const struct part *part,
	struct scope_entry *entry, const struct diag_place *place)
{
	uint32_t parent = parse_top(p)->node;
	bool quiet = parse_top(p)->quiet;
	uint32_t node;

	split(p, part,
		entry->script ? entry->flags | CONF_QUOTED : entry->flags);
	if (!p->words.n)
		return;
	node = add_node(p, part, place, entry);
	take_seed(p, entry);
	take_include_check(p, entry);
	check_known(p->diags, entry, p->builder, node, parent, quiet,
		scope_has_secret(parse_top(p)->scope), place);
	p->pending.node = node;
	p->pending.entry = entry;
}

/* The keyword of a part: the first word, quoted or not. */
const char *parse_first_word(
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

	split(p, part, parse_top(p)->flags);
	if (!p->words.n)
		return;
	place = source_place(p->source, part->line, part->start,
		p->words.items[0].source_len);
	node = add_node(p, part, &place, NULL);
	builder_node(p->builder, node)->flags |= NODE_LINE;
	p->pending.list_line = true;
	p->pending.node = node;
	p->pending.place = place;
}

void parse_statement(struct parser *p, const struct part *part)
{
	struct frame *frame = parse_top(p);
	struct scope_entry *entry;
	const char *word;
	size_t len;

	p->result->n_statements++;
	memset(&p->pending, 0, sizeof(p->pending));
	start_pending(p, part);
	p->pending.node = frame->node;
	word = parse_first_word(p, part, &len);
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
		if (entry && !scope_is_refused(entry))
			known_keyword(p, part, entry, &p->pending.place);
		else
			unknown_keyword(p, part, word, len, &p->pending.place);
		break;
	}
}
