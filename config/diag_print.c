/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics as text.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/diag_internal.h"
#include "lib/mem.h"

#define LINE_MAX_SHOWN (DIAG_LINE_SIZE - 1)

/* The length of the UTF-8 character at TEXT, 0 when there is none. */
static size_t utf8_len(const unsigned char *text, size_t len)
{
	size_t n = 1;

	if (text[0] < 0x80)
		return 1;
	if (text[0] >= 0xC2 && text[0] <= 0xF4)
		n = text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;
	if (n == 1 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((text[i] & 0xC0) != 0x80)
			return 0;
	/* Overlong, surrogates, beyond the last plane. */
	if ((text[0] == 0xE0 && text[1] < 0xA0) ||
		(text[0] == 0xED && text[1] > 0x9F) ||
		(text[0] == 0xF0 && text[1] < 0x90) ||
		(text[0] == 0xF4 && text[1] > 0x8F))
		return 0;
	return n;
}

static void clean_in_place(char *text, size_t len)
{
	unsigned char *pos = (unsigned char *)text;

	while (len) {
		size_t n = utf8_len(pos, len);

		if (!n || (*pos < ' ' && *pos != '\t') || *pos == 0x7F) {
			*pos = '?';
			n = 1;
		}
		pos += n;
		len -= n;
	}
}

char *diag_clean(struct arena *arena, const char *text, size_t len)
{
	char *clean = arena_strndup(arena, text, len);

	clean_in_place(clean, len);
	return clean;
}

const char *diag_clean_line(struct arena *arena, const char *text, size_t len)
{
	while (len && (text[len - 1] == '\r' || text[len - 1] == '\n'))
		len--;
	if (len > LINE_MAX_SHOWN)
		len = LINE_MAX_SHOWN;
	return diag_clean(arena, text, len);
}

static void print_head(const struct diag *diag, FILE *out)
{
	/* A rule's name is what switches it off. */
	const char *what = diag->rule ? diag->rule : diag->keyword;

	fputs(diag->place.file, out);
	if (diag->place.line)
		fprintf(out, ":%u:%u", diag->place.line, diag->place.column);
	fprintf(out, ": %s: %s", diag_severity_name(diag->severity),
		diag->message);
	if (*what)
		fprintf(out, " [%s]", what);
	fputc('\n', out);
}

/* A pipe has nothing more to say, and would be waited for. */
static FILE *open_again(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	FILE *f = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		f = fdopen(fd, "r");
	if (!f)
		close(fd);
	return f;
}

/* Reads line LINE of FILE; an empty string when that is not possible. */
static void read_line(
	const char *file, uint32_t line, char *buf, size_t buf_size)
{
	FILE *f = open_again(file);
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
			buf[len++] = (char)c;
	buf[len] = '\0';
	clean_in_place(buf, len);
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

const char *diag_source_line(const struct diag_list *list,
	const struct diag *diag, char buf[static DIAG_LINE_SIZE])
{
	if (!diag->place.line ||
		diag_is_hidden(list, diag->place.file, diag->place.line))
		return "";
	if (diag->source)
		return diag->source;
	read_line(diag->place.file, diag->place.line, buf, DIAG_LINE_SIZE);
	return buf;
}

void diag_print_one(const struct diag *diag, FILE *out)
{
	print_head(diag, out);
	if (diag->place.line && diag->source && *diag->source) {
		fprintf(out, "%s\n", diag->source);
		if (diag->place.column)
			print_caret(diag->source, diag->place.column,
				diag->place.length, out);
	}
	if (diag->hint[0])
		fprintf(out, "hint: %s\n", diag->hint);
}

static void print_left_out(const struct diag_list *list, FILE *out)
{
	if (diag_left_out(list))
		fprintf(out, "%zu more problems are not shown\n",
			diag_left_out(list));
}

void diag_print(struct diag_list *list, FILE *out)
{
	char buf[DIAG_LINE_SIZE];

	for (size_t i = 0; i < diag_count(list); i++) {
		struct diag diag = *diag_get(list, i);

		diag.source = diag_source_line(list, &diag, buf);
		diag_print_one(&diag, out);
	}
	print_left_out(list, out);
}

void diag_print_gcc(struct diag_list *list, FILE *out)
{
	for (size_t i = 0; i < diag_count(list); i++)
		print_head(diag_get(list, i), out);
	print_left_out(list, out);
}
