/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics as text.
 */
#include <string.h>

#include "config/diag_internal.h"
#include "lib/mem.h"

#define LINE_MAX_SHOWN 400

const char *diag_clean_line(struct arena *arena, const char *text, size_t len)
{
	char *line;

	while (len && (text[len - 1] == '\r' || text[len - 1] == '\n'))
		len--;
	if (len > LINE_MAX_SHOWN)
		len = LINE_MAX_SHOWN;
	line = arena_strndup(arena, text, len);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' && line[i] != '\t')
			line[i] = '?';
	return line;
}

static void print_head(const struct diag *diag, FILE *out)
{
	fprintf(out, "%s:%u:%u: %s: %s", diag->place.file, diag->place.line,
		diag->place.column, diag_severity_name(diag->severity),
		diag->message);
	if (diag->keyword[0])
		fprintf(out, " [%s]", diag->keyword);
	fputc('\n', out);
}

/* Reads line LINE of FILE; an empty string when that is not possible. */
static void read_line(
	const char *file, uint32_t line, char *buf, size_t buf_size)
{
	FILE *f = fopen(file, "re");
	uint32_t number = 1;
	size_t len = 0;
	int c;

	buf[0] = '\0';
	if (!f)
		return;
	while (number < line && (c = getc(f)) != EOF)
		if (c == '\n')
			number++;
	while (len + 1 < buf_size && (c = getc(f)) != EOF && c != '\n')
		if (c != '\r')
			buf[len++] = (c < ' ' && c != '\t') ? '?' : (char)c;
	buf[len] = '\0';
	fclose(f);
}

/* Blanks as wide as the first COLUMN - 1 bytes of LINE, then the caret. */
static void print_caret(
	const char *line, uint32_t column, uint32_t length, FILE *out)
{
	size_t len = strlen(line);
	size_t end = column - 1 + (length ? length : 1);

	if (column - 1 > len)
		return;
	for (size_t i = 0; i + 1 < column; i++)
		if (((unsigned char)line[i] & 0xC0) != 0x80)
			fputc(line[i] == '\t' ? '\t' : ' ', out);
	fputc('^', out);
	for (size_t i = column; i < end && i < len; i++)
		if (((unsigned char)line[i] & 0xC0) != 0x80)
			fputc('~', out);
	fputc('\n', out);
}

static void print_source(const struct diag *diag, FILE *out)
{
	char buf[LINE_MAX_SHOWN + 1];
	const char *line = diag->source;

	if (!diag->place.line)
		return;
	if (!line) {
		read_line(diag->place.file, diag->place.line, buf, sizeof(buf));
		line = buf;
	}
	if (!line[0])
		return;
	fprintf(out, "%s\n", line);
	if (diag->place.column)
		print_caret(line, diag->place.column, diag->place.length, out);
}

static void print_left_out(const struct diag_list *list, FILE *out)
{
	if (diag_left_out(list))
		fprintf(out, "%zu more problems are not shown\n",
			diag_left_out(list));
}

void diag_print(struct diag_list *list, FILE *out)
{
	for (size_t i = 0; i < diag_count(list); i++) {
		const struct diag *diag = diag_get(list, i);

		print_head(diag, out);
		print_source(diag, out);
		if (diag->hint[0])
			fprintf(out, "hint: %s\n", diag->hint);
	}
	print_left_out(list, out);
}

void diag_print_gcc(struct diag_list *list, FILE *out)
{
	for (size_t i = 0; i < diag_count(list); i++)
		print_head(diag_get(list, i), out);
	print_left_out(list, out);
}
