/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `@` conditions and `$` definitions.
 *
 * As keepalived does it: a definition is replaced when a line is used, not
 * when it is defined, and what it is replaced by is looked at again.  A name
 * ends before a blank or the end of the line, or stands in braces.  Names
 * that are not defined stay as they are.  A definition of several lines may
 * stand at the end of a line only; its other lines follow.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/lexer.h"
#include "config/reference.h"
#include "config/scope.h"
#include "config/sequence.h"
#include "config/source_internal.h"
#include "lib/mem.h"

#define LINE_LEN_MAX 65536
#define REPLACEMENTS_MAX 1000
/* Different names that are not defined. */
#define SUGGESTIONS_MAX 100

/* --- a line that changes --- */

static void line_text_reserve(struct line_text *t, size_t len)
{
	if (t->capacity >= len)
		return;
	t->capacity = len + len / 2 + 64;
	t->text = x_realloc(t->text, t->capacity, 1);
	t->columns = x_realloc(t->columns, t->capacity, sizeof(uint32_t));
}

void line_text_set(struct line_text *t, const struct source_line *line)
{
	line_text_reserve(t, line->len + 1);
	for (size_t i = 0; i < line->len; i++)
		t->columns[i] = line->columns ? line->columns[i]
					      : (uint32_t)i + 1;
	memmove(t->text, line->text, line->len);
	t->len = line->len;
}

/* N bytes at AT become VALUE, all of it at the column of the first. */
void line_text_replace(
	struct line_text *t, size_t at, size_t n, const char *value, size_t len)
{
	size_t tail = t->len - at - n;
	uint32_t column = at < t->len ? t->columns[at] : 1;

	line_text_reserve(t, t->len + len + 1);
	memmove(t->text + at + len, t->text + at + n, tail);
	memmove(t->columns + at + len, t->columns + at + n,
		tail * sizeof(uint32_t));
	if (len)
		memcpy(t->text + at, value, len);
	for (size_t i = 0; i < len; i++)
		t->columns[at + i] = column;
	t->len = at + len + tail;
}

void line_text_free(struct line_text *t)
{
	x_free(t->text);
	x_free(t->columns);
	memset(t, 0, sizeof(*t));
}

/* --- definitions --- */

struct definition *definition_find(
	struct source *s, const char *name, size_t len)
{
	struct definition *definition;

	HASH_FIND(hh, s->definitions, name, len, definition);
	return definition;
}

struct definition *definition_set(struct source *s, const char *name,
	size_t name_len, const char *value, size_t len)
{
	struct definition *definition = definition_find(s, name, name_len);

	if (!definition) {
		definition = x_new(struct definition, 1);
		definition->name = x_strndup(name, name_len);
		HASH_ADD_KEYPTR(hh, s->definitions, definition->name, name_len,
			definition);
	}
	x_free(definition->value);
	definition->value = x_strndup(value, len);
	definition->len = strlen(definition->value);
	definition->capacity = definition->len + 1;
	return definition;
}

void definition_remove(struct source *s, struct definition *definition)
{
	HASH_DEL(s->definitions, definition);
	if (s->open == definition)
		s->open = NULL;
	x_free(definition->name);
	x_free(definition->value);
	x_free(definition);
}

void source_forget_definitions(struct source *s)
{
	struct definition *definition;
	struct definition *next;
	struct undefined *u;
	struct undefined *next_u;

	HASH_ITER (hh, s->definitions, definition, next)
		definition_remove(s, definition);
	HASH_ITER (hh, s->undefined, u, next_u) {
		HASH_DEL(s->undefined, u);
		x_free(u->name);
		x_free(u->meant);
		x_free(u);
	}
	s->open = NULL;
}

/* Cuts a '\' at the end and the blanks before it; true when there was one. */
static bool cut_continuation(const char *text, size_t *len)
{
	if (!*len || text[*len - 1] != '\\')
		return false;
	--*len;
	while (*len && lexer_is_blank(text[*len - 1]))
		--*len;
	return true;
}

static size_t skip_blanks(const char *text, size_t len, size_t i)
{
	while (i < len && lexer_is_blank(text[i]))
		i++;
	return i;
}

static void report_blank(
	struct source *s, const struct source_line *line, size_t at)
{
	const struct diag_place place = {
		.file = source_file_name(s, line->file),
		.line = line->line,
		.column = s->work.columns[at],
		.length = 1,
	};

	diag_not_portable(s->diags, &place, "", "write $NAME=VALUE",
		"keepalived wants no blank before this '='");
}

/* Is the work line a definition?  Then stores it. */
static bool try_definition(struct source *s, const struct source_line *line)
{
	const char *text = s->work.text;
	size_t len = s->work.len;
	size_t name_end;
	size_t pos = lexer_definition(text, len, &name_end);
	bool open;

	if (!pos)
		return false;
	if (pos > name_end)
		report_blank(s, line, pos);
	pos = skip_blanks(text, len, pos + 1);
	len -= pos;
	open = !line->expanded && cut_continuation(text + pos, &len);
	s->open = definition_set(s, text + 1, name_end - 1, text + pos, len);
	if (!open)
		s->open = NULL;
	return true;
}

void source_continue_definition(
	struct source *s, const struct source_line *line)
{
	struct definition *definition = s->open;
	size_t start = skip_blanks(line->text, line->len, 0);
	const char *text = line->text + start;
	size_t len = line->len - start;
	size_t before = definition->len;

	if (!cut_continuation(text, &len))
		s->open = NULL;
	if (!len)
		return;
	if (definition->capacity < before + len + 2) {
		definition->capacity = (before + len + 2) * 2;
		definition->value =
			x_realloc(definition->value, definition->capacity, 1);
	}
	if (before)
		definition->value[before++] = '\n';
	memcpy(definition->value + before, text, len);
	definition->len = before + len;
	definition->value[definition->len] = '\0';
}

/* --- references --- */

static struct diag_place work_place(
	const struct source *s, const struct source_line *line, size_t at)
{
	return (struct diag_place){
		.file = source_file_name(s, line->file),
		.line = line->line,
		.column = at < s->work.len ? s->work.columns[at] : 1,
		.length = 1,
	};
}

static bool is_quoted_at(const struct line_text *t, size_t at)
{
	bool quoted = false;

	for (size_t i = 0; i < at; i++)
		if (t->text[i] == '"')
			quoted = !quoted;
	return quoted;
}

static const struct definition *similar(
	struct source *s, const struct reference *r)
{
	unsigned int best = spelling_tolerance(r->name_len) + 1;
	const struct definition *found = NULL;

	for (struct definition *d = s->definitions; d; d = d->hh.next) {
		size_t len = strlen(d->name);
		unsigned int distance;

		if (len > r->name_len + best || r->name_len > len + best)
			continue;
		distance =
			spelling_distance(r->name, r->name_len, d->name, len);
		if (distance < best) {
			best = distance;
			found = d;
		}
	}
	return found;
}

/* What R probably means, thought of once for each name; NULL when nothing. */
static const char *meant_by(struct source *s, const struct reference *r)
{
	const struct definition *meant;
	struct undefined *u;

	HASH_FIND(hh, s->undefined, r->name, r->name_len, u);
	if (u)
		return u->meant;
	if (HASH_COUNT(s->undefined) >= SUGGESTIONS_MAX)
		return NULL;
	meant = similar(s, r);
	u = x_new(struct undefined, 1);
	u->name = x_strndup(r->name, r->name_len);
	u->meant = meant ? x_strdup(meant->name) : NULL;
	HASH_ADD_KEYPTR(hh, s->undefined, u->name, r->name_len, u);
	return u->meant;
}

/* "$NAMEx" where "$NAME" is known: the name went on further than meant. */
static const struct definition *prefix_of(
	struct source *s, const struct reference *r)
{
	for (size_t len = r->name_len - 1; len; len--) {
		struct definition *d = definition_find(s, r->name, len);

		if (d && isalpha((unsigned char)r->name[len]) && meant_by(s, r))
			return NULL;
		if (d)
			return d;
	}
	return NULL;
}

/* An undefined name stays: in quotes it may be meant for a shell.  Outside
 * of them, braces would be taken for those of a block. */
static size_t keep_undefined(struct source *s, const struct source_line *line,
	const struct reference *r)
{
	const struct definition *prefix = r->braces ? NULL : prefix_of(s, r);
	const char *meant = prefix ? prefix->name : meant_by(s, r);
	bool error = r->braces && !is_quoted_at(&s->work, r->at);
	struct diag_place place = work_place(s, line, r->at);
	char hint[128];
	char *name = x_strndup(r->name, r->name_len);
	size_t next = r->end;

	if (prefix)
		snprintf(hint, sizeof(hint), "did you mean '${%s}%s'?", meant,
			name + strlen(meant));
	else if (meant)
		snprintf(hint, sizeof(hint), "did you mean '$%s'?", meant);
	if (error || meant)
		diag_add(s->diags, error ? DIAG_ERROR : DIAG_WARNING,
			DIAG_DEFINITION, &place, "", meant ? hint : NULL,
			"'$%s' is not defined", name);
	if (error) {
		line_text_replace(&s->work, r->end - 1, 1, "", 0);
		line_text_replace(&s->work, r->at + 1, 1, "", 0);
		next -= 2;
	}
	x_free(name);
	return next;
}

/* Pushes the lines after the first one of VALUE; false when that nests too
 * deep.  *RET_LEN is the length of the first. */
static bool push_rest(struct source *s, const struct source_line *line,
	const char *value, size_t at, size_t *ret_len)
{
	size_t first = strcspn(value, "\n");
	struct diag_place place = work_place(s, line, at);
	struct input_frame *frame;

	*ret_len = first;
	if (!value[first])
		return true;
	frame = source_push(s, INPUT_TEXT, s->files[line->file], &place);
	if (!frame)
		return false;
	frame->text = x_strdup(value + first + 1);
	frame->pos = frame->text;
	frame->end = frame->text + strlen(frame->text);
	return true;
}

/* Replaces R by VALUE; false when that nests too deep.  *RET_POS is where to
 * go on. */
static bool replace(struct source *s, const struct source_line *line,
	const struct reference *r, const char *value, size_t *ret_pos)
{
	struct diag_place place = work_place(s, line, r->at);
	size_t len;

	*ret_pos = r->end;
	if (r->glued) {
		diag_add(s->diags, DIAG_WARNING, DIAG_DEFINITION, &place, "",
			"write ${NAME} where no blank follows",
			"this is not replaced: a name ends before a blank");
		return true;
	}
	if (strchr(value, '\n') && r->end != s->work.len) {
		diag_add(s->diags, DIAG_ERROR, DIAG_DEFINITION, &place, "",
			NULL,
			"a definition of several lines can only stand at the "
			"end of a line");
		return true;
	}
	if (!push_rest(s, line, value, r->at, &len))
		return false;
	line_text_replace(&s->work, r->at, r->end - r->at, value, len);
	*ret_pos = r->at;
	return true;
}

/* The braces from the one at OPEN to its end are none of a block: takes them
 * away and returns where what they were around ends, 0 when it has no end. */
static size_t strip_braces(struct line_text *t, size_t open)
{
	size_t depth = 0;
	size_t end = open;

	for (; end < t->len; end++) {
		depth += t->text[end] == '{';
		if (t->text[end] == '}' && !--depth)
			break;
	}
	if (end == t->len)
		return 0;
	for (size_t i = ++end; i-- > open;)
		if (t->text[i] == '{' || t->text[i] == '}') {
			line_text_replace(t, i, 1, "", 0);
			end--;
		}
	return end;
}

/* The name in braces at AT cannot be made out, as the '$' at INNER in it
 * stays.  Returns where to go on. */
static size_t keep_outer(struct source *s, const struct source_line *line,
	size_t at, size_t inner)
{
	struct diag_place place = work_place(s, line, inner);
	struct reference r;
	char *name;
	size_t end;

	if (s->work.text[at + 1] != '{' || is_quoted_at(&s->work, at) ||
		!reference_read(&s->work, inner, &r))
		return at + 1;
	name = x_strndup(r.name, r.name_len);
	end = strip_braces(&s->work, at + 1);
	if (end && reference_has_value(s, &r))
		diag_add(s->diags, DIAG_ERROR, DIAG_DEFINITION, &place, "",
			"write ${NAME} where no blank follows",
			"'$%s' is not replaced: a name ends before a blank",
			name);
	else if (end)
		diag_add(s->diags, DIAG_ERROR, DIAG_DEFINITION, &place, "",
			NULL, "'$%s' is not defined", name);
	x_free(name);
	return end ? end : at + 1;
}

/* Reads what has to be replaced first of the '$' at *POS: itself, or one
 * that its name or parameters are made of.  False, with *POS moved on, when
 * there is nothing to replace. */
static bool next_reference(struct source *s, const struct source_line *line,
	size_t *pos, struct reference *ret)
{
	size_t inner = reference_innermost(&s->work, *pos);

	if (inner != *pos && reference_read(&s->work, inner, ret) &&
		!ret->glued && reference_has_value(s, ret))
		return true;
	if (reference_read(&s->work, *pos, ret))
		return true;
	*pos = inner != *pos ? keep_outer(s, line, *pos, inner) : *pos + 1;
	return false;
}

/* Deals with the '$' at *POS and moves on; false when there is no end.
 * *RET_STARTS says that a sequence may start here. */
static bool replace_one(struct source *s, const struct source_line *line,
	size_t *pos, bool *ret_starts)
{
	size_t outer = *pos;
	struct reference r;
	char *value;
	bool ok;

	if (!source_charge(s, 1 + s->work.len / 16))
		return false;
	if (!next_reference(s, line, pos, &r))
		return true;
	value = reference_value(s, line, &r);
	if (!value) {
		*pos = keep_undefined(s, line, &r);
		return true;
	}
	*ret_starts = value[strspn(value, " \t")] == '~';
	ok = source_charge(s, strlen(value)) &&
	     replace(s, line, &r, value, pos);
	if (*pos == r.at)
		*pos = outer;
	x_free(value);
	return ok && s->work.len <= LINE_LEN_MAX;
}

bool definitions_replace(
	struct source *s, const struct source_line *line, size_t from)
{
	struct line_text *t = &s->work;
	struct diag_place place = work_place(s, line, 0);
	unsigned int n = 0;
	size_t pos = from;
	const char *dollar;
	bool starts = false;
	bool ok = t->len <= LINE_LEN_MAX;

	while (ok && !starts && pos < t->len &&
		(dollar = memchr(t->text + pos, '$', t->len - pos))) {
		pos = (size_t)(dollar - t->text);
		ok = replace_one(s, line, &pos, &starts) &&
		     ++n < REPLACEMENTS_MAX;
	}
	if (ok)
		return true;
	diag_add(s->diags, DIAG_ERROR, DIAG_DEFINITION, &place, "",
		"does a definition refer to itself?",
		"this line grows without end: it is left out");
	source_abandon_expansions(s);
	return false;
}

/* --- conditions --- */

static uint32_t hash_text(const char *text, size_t len)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash ? hash : 1;
}

/* Takes "@ID " away; false when the rest is not for this configuration. */
static bool pass_condition(struct source *s, struct source_line *line)
{
	struct line_text *t = &s->work;
	bool reverse = t->len > 1 && t->text[1] == '^';
	size_t start = reverse ? 2 : 1;
	size_t end = start;
	bool same;

	while (end < t->len && !lexer_is_blank(t->text[end]))
		end++;
	if (end == t->len)
		return false;
	line->condition = hash_text(t->text, end);
	same = strlen(s->config_id) == end - start &&
	       !memcmp(s->config_id, t->text + start, end - start);
	line_text_replace(t, 0, skip_blanks(t->text, t->len, end), "", 0);
	return same != reverse;
}

enum expand_result source_expand(struct source *s, struct source_line *line)
{
	struct line_text *t = &s->work;
	bool again = true;

	if (line->text != t->text)
		line_text_set(t, line);
	line_text_replace(t, 0, skip_blanks(t->text, t->len, 0), "", 0);
	for (unsigned int round = 0; again && round < REPLACEMENTS_MAX;
		round++) {
		again = false;
		if (t->len && t->text[0] == '@' && !pass_condition(s, line)) {
			/* The parser looks after what a brace leaves behind. */
			if (lexer_find_brace(t->text, 0, t->len) == t->len)
				return EXPAND_NOTHING;
			line->dropped = true;
			break;
		}
		if (try_definition(s, line) ||
			sequence_start(s, line))
			return EXPAND_NOTHING;
		if (!memchr(t->text, '$', t->len))
			break;
		if (!definitions_replace(s, line, 0))
			return EXPAND_NOTHING;
		again = t->len && (t->text[0] == '@' || t->text[0] == '~');
	}
	source_charge(s, t->len);
	line->expanded = true;
	line->text = t->text;
	line->len = t->len;
	line->columns = t->columns;
	return t->len ? EXPAND_LINE : EXPAND_NOTHING;
}
