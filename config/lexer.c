/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/lexer.h"

#include <ctype.h>
#include <string.h>

#include "lib/mem.h"

static const bool is_sign[256] = {
	['"'] = true,
	['#'] = true,
	['!'] = true,
	['\\'] = true,
	['$'] = true,
	['{'] = true,
	['}'] = true,
	[0x80 ... 0xFF] = true,
};

struct lexer_signs lexer_scan(const char *text, size_t start, size_t len)
{
	struct lexer_signs signs = { .len = len };
	bool quoted = false;

	for (size_t i = start; i < len; i++) {
		if (!is_sign[(unsigned char)text[i]])
			continue;
		switch (text[i]) {
		case '"':
			quoted = !quoted;
			break;
		case '#':
		case '!':
			if (quoted)
				break;
			signs.len = i;
			return signs;
		case '\\':
			i++;
			if (i < len && !quoted &&
				(text[i] == '#' || text[i] == '!'))
				signs.escaped = true;
			else if (i < len && text[i] == '$')
				signs.dollar = true;
			else if (i < len && text[i] != '"')
				signs.braces = true;
			break;
		case '$':
			signs.dollar = true;
			break;
		case '{':
		case '}':
			signs.braces = true;
			break;
		default:
			signs.foreign = true;
		}
	}
	return signs;
}

size_t lexer_find_brace(const char *text, size_t start, size_t len)
{
	bool quoted = false;
	char last = len ? text[len - 1] : 0;

	for (size_t i = start; i < len; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '}'))
			return i;
	}
	if (quoted && (last == '{' || last == '}'))
		return len - 1;
	return len;
}

static bool is_name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

size_t lexer_definition(const char *text, size_t len, size_t *ret_name_end)
{
	size_t name_end = 1;
	size_t pos;

	if (len < 2 || text[0] != '$' || !is_name_start(text[1]))
		return 0;
	while (name_end < len && (is_name_start(text[name_end]) ||
					 isdigit((unsigned char)text[name_end])))
		name_end++;
	pos = name_end;
	while (pos < len && lexer_is_blank(text[pos]))
		pos++;
	if (pos == len || text[pos] != '=')
		return 0;
	*ret_name_end = name_end;
	return pos;
}

static struct word *add_word(struct words *w, const char *text, size_t start)
{
	struct word *word;

	if (w->n == w->capacity) {
		w->capacity = w->capacity ? w->capacity * 2 : 16;
		w->items = x_realloc(w->items, w->capacity, sizeof(*word));
	}
	word = &w->items[w->n++];
	word->text = text;
	word->len = 0;
	word->start = (uint32_t)start;
	word->source_len = 0;
	return word;
}

static void end_word(struct word *word, size_t len, size_t end)
{
	word->len = (uint32_t)len;
	word->source_len = (uint32_t)(end - word->start);
}

static const bool ends_word[256] = {
	['\t' ... '\r'] = true,
	[' '] = true,
	['"'] = true,
};

void words_split(struct words *w, const char *text, size_t len)
{
	size_t i = 0;

	w->n = 0;
	w->unterminated = false;
	while (i < len) {
		size_t start = i;

		if (lexer_is_blank(text[i])) {
			i++;
		} else if (text[i] == '"') {
			const char *end =
				memchr(text + i + 1, '"', len - i - 1);
			size_t stop = end ? (size_t)(end - text) : len;

			if (!end) {
				w->unterminated = true;
				w->quote_start = (uint32_t)start;
			}
			i = end ? stop + 1 : len;
			end_word(add_word(w, text + start + 1, start),
				stop - start - 1, i);
		} else {
			while (i < len && !ends_word[(unsigned char)text[i]])
				i++;
			end_word(
				add_word(w, text + start, start), i - start, i);
		}
	}
}

static unsigned int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	return (unsigned int)(tolower((unsigned char)c) - 'a') + 10;
}

/* Resolves the escape whose backslash stands before TEXT; *RET is the
 * character.  Returns how many of TEXT's LEN > 0 bytes it took. */
static size_t resolve_escape(const char *text, size_t len, char *ret)
{
	static const char letters[] = "abEfnrtv";
	static const char values[] = "\a\b\033\f\n\r\t\v";
	const char *letter = memchr(letters, text[0], sizeof(letters) - 1);
	unsigned int value = 0;
	size_t n = 0;

	if (letter) {
		*ret = values[letter - letters];
		return 1;
	}
	if (text[0] == 'x' && len > 1 && isxdigit((unsigned char)text[1])) {
		for (n = 1; n < len && isxdigit((unsigned char)text[n]); n++)
			value = value * 16 + hex_digit(text[n]);
	} else if (text[0] == 'c' && len > 1) {
		value = (unsigned char)text[1] & 0x1F;
		n = 2;
	} else {
		for (; n < 3 && n < len && text[n] >= '0' && text[n] <= '7';
			n++)
			value = value * 8 + (unsigned int)(text[n] - '0');
	}
	*ret = n ? (char)value : text[0];
	return n ? n : 1;
}

/* One word of the quoting kind from I on; returns where it ends. */
static size_t read_quoted(struct words *w, const char *text, size_t len,
	size_t i, bool keep_escapes, char **out)
{
	struct word *word = add_word(w, *out, i);
	char *start = *out;
	size_t quote_start = 0;
	char quote = 0;

	while (i < len && (quote || !lexer_is_blank(text[i]))) {
		if (quote ? text[i] == quote
			  : text[i] == '"' || text[i] == '\'') {
			quote_start = i;
			quote = quote ? 0 : text[i];
			i++;
		} else if (text[i] == '\\' && i + 1 < len) {
			if (keep_escapes)
				*(*out)++ = text[i];
			i++;
			if (keep_escapes)
				*(*out)++ = text[i++];
			else
				i += resolve_escape(
					text + i, len - i, (*out)++);
		} else {
			*(*out)++ = text[i++];
		}
	}
	if (quote) {
		w->unterminated = true;
		w->quote_start = (uint32_t)quote_start;
	}
	end_word(word, (size_t)(*out - start), i);
	return i;
}

void words_split_quoted(
	struct words *w, const char *text, size_t len, bool keep_escapes)
{
	char *out;
	size_t i = 0;

	w->n = 0;
	w->unterminated = false;
	if (w->buf_size < len) {
		w->buf_size = len;
		w->buf = x_realloc(w->buf, len, 1);
	}
	out = w->buf;
	while (i < len) {
		if (lexer_is_blank(text[i]))
			i++;
		else
			i = read_quoted(w, text, len, i, keep_escapes, &out);
	}
}

void words_free(struct words *w)
{
	x_free(w->items);
	x_free(w->buf);
	memset(w, 0, sizeof(*w));
}
