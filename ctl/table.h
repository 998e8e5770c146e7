/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aligned columns for people, with colours where the output has them.
 *
 * Everything that is printed may come from a configuration or a real
 * server: control characters are replaced, so that no text moves a cursor.
 */
#ifndef TANDEM_CTL_TABLE_H
#define TANDEM_CTL_TABLE_H

#include <stdbool.h>
#include <stdio.h>

enum style {
	STYLE_PLAIN,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_DIM,
	STYLE_HEAD,
};

/* Where output goes, and whether it may have colours. */
struct screen {
	FILE *out;
	bool colours;
};

/* Colours only on a terminal, and not when NO_COLOR is set or TERM is dumb. */
struct screen screen_for(FILE *out);

/* TEXT without control characters, in STYLE. */
void screen_put(
	const struct screen *screen, enum style style, const char *text);

enum table_align {
	TABLE_LEFT,
	TABLE_RIGHT,
};

struct table_column {
	const char *title;
	enum table_align align;
};

struct table;

/* COLUMNS are borrowed. */
struct table *table_new(const struct table_column *columns, unsigned int n);
void table_free(struct table *table);

/* The next cell, row by row; TEXT is copied. */
void table_add(struct table *table, enum style style, const char *text);
/* The same from a format. */
void table_addf(struct table *table, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool table_is_empty(const struct table *table);

/* A title line and the rows, INDENT blanks from the left.  Columns without
 * any text are left out. */
void table_print(const struct table *table, const struct screen *screen,
	unsigned int indent);

#endif
