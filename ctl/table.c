/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

#define TABLE_GAP 2

struct table_cell {
	char *text;
	enum style style;
};

struct table {
	const struct table_column *columns;
	unsigned int n_columns;
	struct table_cell *cells;
	size_t n_cells;
	size_t capacity;
};

static const char *const escapes[] = {
	[STYLE_PLAIN] = "",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_WARN] = "\033[33m",
	[STYLE_BAD] = "\033[1;31m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_HEAD] = "\033[1m",
};

struct screen screen_for(FILE *out)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	struct screen screen = { .out = out };

	screen.colours = isatty(fileno(out)) && (!no_colour || !*no_colour) &&
			 term && strcmp(term, "dumb");
	return screen;
}

static char *clean(const char *text)
{
	char *copy = x_strdup(text);
	char *c;

	for (c = copy; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = *c == '\t' ? ' ' : '?';
	return copy;
}

static void put_clean(
	const struct screen *screen, enum style style, const char *text)
{
	bool colour = screen->colours && style != STYLE_PLAIN && *text;

	fprintf(screen->out, "%s%s%s", colour ? escapes[style] : "", text,
		colour ? "\033[0m" : "");
}

void screen_put(const struct screen *screen, enum style style, const char *text)
{
	char *copy = clean(text);

	put_clean(screen, style, copy);
	x_free(copy);
}

struct table *table_new(const struct table_column *columns, unsigned int n)
{
	struct table *table = x_new(struct table, 1);

	table->columns = columns;
	table->n_columns = n;
	return table;
}

void table_free(struct table *table)
{
	size_t i;

	for (i = 0; i < table->n_cells; i++)
		x_free(table->cells[i].text);
	x_free(table->cells);
	x_free(table);
}

static void add_cell(struct table *table, enum style style, char *text)
{
	if (table->n_cells == table->capacity) {
		table->capacity = table->capacity * 2 + 64;
		table->cells = x_realloc(
			table->cells, table->capacity, sizeof(*table->cells));
	}
	table->cells[table->n_cells++] =
		(struct table_cell){ .text = text, .style = style };
}

void table_add(struct table *table, enum style style, const char *text)
{
	add_cell(table, style, clean(text));
}

void table_addf(struct table *table, enum style style, const char *format, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	va_end(ap);
	table_add(table, style, text ? text : "");
	free(text);
}

bool table_is_empty(const struct table *table)
{
	return !table->n_cells;
}

/* Characters, not bytes: what continues a UTF-8 sequence takes no room. */
static size_t text_width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* 0 = nothing in this column. */
static size_t column_width(const struct table *table, unsigned int column)
{
	size_t width = 0;
	size_t i;

	for (i = column; i < table->n_cells; i += table->n_columns) {
		size_t w = text_width(table->cells[i].text);

		width = w > width ? w : width;
	}
	if (width && width < text_width(table->columns[column].title))
		width = text_width(table->columns[column].title);
	return width;
}

static void put_blanks(const struct screen *screen, size_t n)
{
	fprintf(screen->out, "%*s", (int)n, "");
}

/* Blanks are owed until something follows, so that no line ends in them. */
static void put_cell(const struct screen *screen, enum style style,
	const char *text, enum table_align align, size_t width, size_t *owed)
{
	size_t pad = width - text_width(text);

	if (align == TABLE_RIGHT) {
		*owed += pad;
		pad = 0;
	}
	if (*text) {
		put_blanks(screen, *owed);
		*owed = 0;
		put_clean(screen, style, text);
	}
	*owed += pad + TABLE_GAP;
}

void table_print(const struct table *table, const struct screen *screen,
	unsigned int indent)
{
	size_t *widths = x_new(size_t, table->n_columns);
	size_t owed = indent;
	size_t i;

	for (i = 0; i < table->n_columns; i++) {
		const struct table_column *column = &table->columns[i];

		widths[i] = column_width(table, (unsigned int)i);
		if (widths[i])
			put_cell(screen, STYLE_HEAD, column->title,
				column->align, widths[i], &owed);
	}
	fputc('\n', screen->out);
	for (i = 0; i < table->n_cells; i++) {
		size_t column = i % table->n_columns;

		if (column == 0)
			owed = indent;
		if (widths[column])
			put_cell(screen, table->cells[i].style,
				table->cells[i].text,
				table->columns[column].align, widths[column],
				&owed);
		if (column == table->n_columns - 1)
			fputc('\n', screen->out);
	}
	x_free(widths);
}
