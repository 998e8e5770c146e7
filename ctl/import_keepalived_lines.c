/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a keepalived.conf, where they come from, and their statements. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/lexer.h"
#include "ctl/import_keepalived.h"
#include "lib/mem.h"

struct kl_line *kl_add(
	struct kl_lines *lines, char *text, const struct kl_origin *origin)
{
	if (lines->n == lines->capacity) {
		lines->capacity = lines->capacity ? 2 * lines->capacity : 64;
		lines->items = x_realloc(
			lines->items, lines->capacity, sizeof(*lines->items));
	}
	lines->items[lines->n] = (struct kl_line){
		.text = text,
		.origin = *origin,
	};
	return &lines->items[lines->n++];
}

void kl_note(struct import_notes *notes, enum import_level level,
	const struct kl_origin *origin, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!origin->file)
		import_note(notes, level, origin->line, 0, "%s", text);
	else
		import_note_within(notes, level, origin->line,
			origin->file_line, "%s:%u: %s", origin->file,
			origin->file_line, text);
}

void kl_lines_free(struct kl_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		x_free(lines->items[i].text);
		x_free(lines->items[i].include);
		x_free(lines->items[i].ignored);
	}
	for (size_t i = 0; i < lines->n_files; i++)
		x_free(lines->files[i]);
	x_free(lines->files);
	x_free(lines->items);
	*lines = (struct kl_lines){ 0 };
}

bool kl_is_check(const char *text, size_t len)
{
	while (len && lexer_is_blank(*text)) {
		text++;
		len--;
	}
	return (len >= 8 && !memcmp(text, "HTTP_GET", 8)) ||
	       (len >= 7 && !memcmp(text, "SSL_GET", 7)) ||
	       memmem(text, len, "_CHECK", 6);
}

size_t kl_code_len(const char *line, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\\' && !quoted && i + 1 < len)
			i++;
		else if (line[i] == '"')
			quoted = !quoted;
		else if ((line[i] == '#' || line[i] == '!') && !quoted)
			return i;
	}
	return len;
}

bool kl_statement(const char *code, size_t len, size_t *at, size_t *ret_start,
	size_t *ret_len)
{
	size_t i = *at;
	char quote = 0;
	size_t end;

	while (i < len && lexer_is_blank(code[i]))
		i++;
	if (i == len)
		return false;
	*ret_start = i;
	if (code[i] == '{' || code[i] == '}') {
		*ret_len = 1;
		*at = i + 1;
		return true;
	}
	for (; i < len && (quote || (code[i] != '{' && code[i] != '}')); i++) {
		if (quote)
			quote = code[i] == quote ? 0 : quote;
		else if (code[i] == '"')
			quote = code[i];
		else if (code[i] == '$' && i + 1 < len && code[i + 1] == '{')
			quote = '}'; /* ${NAME} is no brace */
	}
	*at = i;
	for (end = i; lexer_is_blank(code[end - 1]); end--)
		;
	*ret_len = end - *ret_start;
	return true;
}
