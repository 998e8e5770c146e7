/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/sequence.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/lexer.h"
#include "lib/mem.h"

/* Names or values in braces, or a single one. */
struct tuple {
	char **items;
	size_t n;
};

struct sequence {
	struct tuple names;
	char *text; /* what is repeated */
	bool is_list;
	/* numbers */
	bool hex;
	bool done;
	long next;
	long last;
	long step;
	/* lists */
	struct tuple *values;
	size_t n_values;
	size_t position;
};

static void tuple_free(struct tuple *t)
{
	for (size_t i = 0; i < t->n; i++)
		x_free(t->items[i]);
	x_free(t->items);
}

void sequence_free(struct source *s, struct sequence *q)
{
	for (size_t i = 0; i < q->names.n; i++) {
		struct definition *d = definition_find(
			s, q->names.items[i], strlen(q->names.items[i]));

		if (d && d->sequence)
			definition_remove(s, d);
	}
	tuple_free(&q->names);
	for (size_t i = 0; i < q->n_values; i++)
		tuple_free(&q->values[i]);
	x_free(q->values);
	x_free(q->text);
	x_free(q);
}

static void set_variable(struct source *s, const char *name, const char *value)
{
	definition_set(s, name, strlen(name), value, strlen(value))->sequence =
		true;
}

static bool next_number(struct source *s, struct sequence *q)
{
	char value[32];

	if (q->done)
		return false;
	if (q->hex)
		snprintf(value, sizeof(value), "%lx", (unsigned long)q->next);
	else
		snprintf(value, sizeof(value), "%ld", q->next);
	set_variable(s, q->names.items[0], value);
	q->done = __builtin_add_overflow(q->next, q->step, &q->next) ||
		  (q->step > 0 ? q->next > q->last : q->next < q->last);
	return true;
}

static bool next_values(struct source *s, struct sequence *q)
{
	const struct tuple *values;

	if (q->position == q->n_values)
		return false;
	values = &q->values[q->position++];
	for (size_t i = 0; i < q->names.n; i++)
		set_variable(s, q->names.items[i],
			i < values->n ? values->items[i] : "");
	return true;
}

bool sequence_next(
	struct source *s, struct input_frame *frame, struct source_line *line)
{
	struct sequence *q = frame->sequence;

	if (!(q->is_list ? next_values(s, q) : next_number(s, q)))
		return false;
	line->text = q->text;
	line->len = strlen(q->text);
	return true;
}

/* --- reading "(...)" --- */

struct cursor {
	const char *pos;
	const char *end;
};

static void skip(struct cursor *c)
{
	while (c->pos < c->end && lexer_is_blank(*c->pos))
		c->pos++;
}

static bool take(struct cursor *c, char sign)
{
	skip(c);
	if (c->pos == c->end || *c->pos != sign)
		return false;
	c->pos++;
	return true;
}

static void add_item(struct tuple *t, const char *text, size_t len)
{
	while (len && lexer_is_blank(text[len - 1]))
		len--;
	t->items = x_realloc(t->items, t->n + 1, sizeof(char *));
	t->items[t->n++] = x_strndup(text, len);
}

/* Text up to one of the two signs. */
static void take_item(struct cursor *c, struct tuple *t, char stop)
{
	const char *start;

	skip(c);
	start = c->pos;
	while (c->pos < c->end && *c->pos != ',' && *c->pos != stop)
		c->pos++;
	add_item(t, start, (size_t)(c->pos - start));
}

/* "a" or "{a,b}". */
static bool take_tuple(struct cursor *c, struct tuple *t)
{
	if (!take(c, '{')) {
		take_item(c, t, ')');
		return true;
	}
	do
		take_item(c, t, '}');
	while (take(c, ','));
	return take(c, '}');
}

static bool take_number(struct cursor *c, long *ret)
{
	char buf[32];
	char *end;
	size_t len;

	skip(c);
	len = (size_t)(c->end - c->pos);
	if (len >= sizeof(buf))
		len = sizeof(buf) - 1;
	memcpy(buf, c->pos, len);
	buf[len] = '\0';
	errno = 0;
	*ret = strtol(buf, &end, 0);
	c->pos += end - buf;
	return end != buf && !errno;
}

/* What is wrong with the numbers, or NULL. */
static const char *read_numbers(struct cursor *c, struct sequence *q)
{
	long numbers[3];
	size_t n = 0;

	while (n < 3 && take(c, ','))
		if (!take_number(c, &numbers[n++]))
			return "a number is expected here";
	if (!n)
		return "the end of the sequence is missing";
	q->next = n > 1 ? numbers[0] : numbers[0] < 0 ? -1 : 1;
	q->last = numbers[n - 1];
	q->step = n == 3 ? numbers[1] : q->next <= q->last ? 1 : -1;
	if (!q->step || (q->next < q->last && q->step < 0) ||
		(q->next > q->last && q->step > 0))
		return "the sequence never reaches its end";
	if (q->hex && (q->next < 0 || q->last < 0))
		return "hexadecimal sequences have no negative numbers";
	return NULL;
}

static const char *read_list(struct cursor *c, struct sequence *q)
{
	while (take(c, ',')) {
		q->values = x_realloc(
			q->values, q->n_values + 1, sizeof(struct tuple));
		memset(&q->values[q->n_values], 0, sizeof(struct tuple));
		if (!take_tuple(c, &q->values[q->n_values++]))
			return "'}' is missing";
		if (q->values[q->n_values - 1].n != q->names.n)
			return "each item needs as many values as there are "
			       "names";
	}
	return q->n_values ? NULL : "the list has no items";
}

static const char *check_names(struct source *s, const struct sequence *q)
{
	for (size_t i = 0; i < q->names.n; i++) {
		const char *name = q->names.items[i];

		if (!name[0] || name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
						  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						  "0123456789_")])
			return "the name of a variable is expected here";
		if (definition_find(s, name, strlen(name)))
			return "this variable is defined already";
	}
	return NULL;
}

/* Reads all of "~SEQ(...) text"; what is wrong, or NULL. */
static const char *read_sequence(
	struct source *s, struct cursor *c, struct sequence *q)
{
	const char *wrong;

	if (!take(c, '('))
		return "'(' is missing";
	if (!take_tuple(c, &q->names))
		return "'}' is missing";
	if (!q->is_list && q->names.n != 1)
		return "a sequence of numbers has one variable";
	wrong = check_names(s, q);
	if (!wrong)
		wrong = q->is_list ? read_list(c, q) : read_numbers(c, q);
	if (wrong)
		return wrong;
	if (!take(c, ')'))
		return "')' is missing";
	skip(c);
	if (c->pos == c->end)
		return "there is nothing to repeat";
	q->text = x_strndup(c->pos, (size_t)(c->end - c->pos));
	return NULL;
}

/* Definitions in the parentheses are replaced at once, those of the text
 * when it is used. */
static bool replace_in_parentheses(
	struct source *s, const struct source_line *line)
{
	struct line_text *t = &s->work;
	const char *close = memchr(t->text, ')', t->len);
	char *rest;
	bool ok;

	if (!close || !memchr(t->text, '$', (size_t)(close - t->text)))
		return true;
	rest = x_strndup(close, t->len - (size_t)(close - t->text));
	t->len = (size_t)(close - t->text);
	ok = definitions_replace(s, line, 0);
	line_text_replace(t, t->len, 0, rest, strlen(rest));
	x_free(rest);
	return ok;
}

bool sequence_start(struct source *s, const struct source_line *line)
{
	struct line_text *t = &s->work;
	struct diag_place place = {
		.file = source_file_name(s, line->file),
		.line = line->line,
		.column = t->len ? t->columns[0] : 1,
		.length = 4,
	};
	struct sequence *q;
	struct cursor c;
	struct input_frame *frame = NULL;
	const char *wrong;
	size_t skipped = 4;

	if (t->len < 4 || (memcmp(t->text, "~SEQ", 4) != 0 &&
				  memcmp(t->text, "~LST", 4) != 0))
		return false;
	if (!replace_in_parentheses(s, line))
		return true;
	q = x_new(struct sequence, 1);
	q->is_list = t->text[1] == 'L';
	q->hex = !q->is_list && t->len > 4 && t->text[4] == 'x';
	skipped += q->hex;
	c.pos = t->text + skipped;
	c.end = t->text + t->len;
	wrong = read_sequence(s, &c, q);
	if (wrong)
		diag_add(s->diags, DIAG_ERROR, DIAG_DEFINITION, &place, "",
			q->is_list ? "~LST(NAME, VALUE, VALUE ...) TEXT"
				   : "~SEQ(NAME, FIRST, STEP, LAST) TEXT",
			"%s", wrong);
	else
		frame = source_push(
			s, INPUT_SEQUENCE, s->files[line->file], &place);
	if (frame)
		frame->sequence = q;
	else
		sequence_free(s, q);
	if (!wrong && !frame)
		source_abandon_expansions(s);
	return true;
}
