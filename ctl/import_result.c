/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/import_result.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

const char *import_level_name(enum import_level level)
{
	switch (level) {
	case IMPORT_NOTE:
		return "note";
	case IMPORT_DIFFERS:
		return "differs";
	case IMPORT_LOST:
		return "lost";
	case IMPORT_N_LEVELS:
		break;
	}
	return "";
}

/* Nothing that moves a terminal's cursor or ends a comment. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			*text = '?';
}

static struct import_note *new_note(struct import_notes *notes)
{
	if (notes->n == notes->capacity) {
		notes->capacity = notes->capacity ? 2 * notes->capacity : 8;
		notes->items = x_realloc(
			notes->items, notes->capacity, sizeof(*notes->items));
	}
	return &notes->items[notes->n++];
}

static void __attribute__((format(printf, 3, 0)))
add_note(struct import_notes *notes, const struct import_note *like,
	const char *format, va_list args)
{
	struct import_note *note = new_note(notes);
	char text[512];

	vsnprintf(text, sizeof(text), format, args);
	clean(text);
	*note = *like;
	note->text = x_strdup(text);
}

void import_note(struct import_notes *notes, enum import_level level,
	uint32_t line, uint32_t column, const char *format, ...)
{
	const struct import_note like = {
		.level = level,
		.line = line,
		.column = column,
	};
	va_list args;

	va_start(args, format);
	add_note(notes, &like, format, args);
	va_end(args);
}

void import_note_within(struct import_notes *notes, enum import_level level,
	uint32_t line, uint32_t within, const char *format, ...)
{
	const struct import_note like = {
		.level = level,
		.line = line,
		.within = within,
	};
	va_list args;

	va_start(args, format);
	add_note(notes, &like, format, args);
	va_end(args);
}

void import_notes_free(struct import_notes *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		x_free(notes->items[i].text);
	x_free(notes->items);
	*notes = (struct import_notes){ 0 };
}

size_t import_notes_count(
	const struct import_notes *notes, enum import_level level)
{
	size_t count = 0;

	for (size_t i = 0; i < notes->n; i++)
		count += notes->items[i].level == level;
	return count;
}

void import_result_begin(struct import_result *result)
{
	*result = (struct import_result){ 0 };
	result->out = open_memstream(&result->text, &result->len);
	if (!result->out)
		abort(); /* as lib/mem.h: no memory */
}

static int by_line(const void *a, const void *b)
{
	const struct import_note *left = a;
	const struct import_note *right = b;

	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	if (left->column != right->column)
		return left->column < right->column ? -1 : 1;
	if (left->within != right->within)
		return left->within < right->within ? -1 : 1;
	return strcmp(left->text, right->text);
}

void import_result_end(struct import_result *result)
{
	fclose(result->out);
	result->out = NULL;
	if (result->notes.n)
		qsort(result->notes.items, result->notes.n,
			sizeof(*result->notes.items), by_line);
}

void import_result_free(struct import_result *result)
{
	if (result->out)
		fclose(result->out);
	free(result->text);
	import_notes_free(&result->notes);
}

void import_put_notes(struct import_result *result, struct import_notes *notes,
	const char *indent)
{
	for (size_t i = 0; i < notes->n; i++) {
		const struct import_note *note = &notes->items[i];

		fprintf(result->out, "%s# %s: ", indent,
			import_level_name(note->level));
		if (note->line)
			fprintf(result->out, "line %u: ", note->line);
		import_put_quoted_line(result, note->text, strlen(note->text));
		*new_note(&result->notes) = *note;
	}
	x_free(notes->items);
	*notes = (struct import_notes){ 0 };
}

void import_put_quoted_line(
	struct import_result *result, const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if ((c < ' ' && c != '\t') || c > '~')
			c = '?';
		fputc(c, result->out);
	}
	fputc('\n', result->out);
}

void import_put_string(
	struct import_result *result, const char *text, bool escapes)
{
	fputc('"', result->out);
	for (; *text; text++) {
		if (escapes && *text == '\\')
			fputc('\\', result->out);
		/* An escaped quote would still end the quotes for braces and
		 * comments; %22 as in a URL. */
		if (*text == '"')
			fputs(escapes ? "\\042" : "%22", result->out);
		else
			fputc(*text, result->out);
	}
	fputc('"', result->out);
}
