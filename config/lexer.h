/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of one statement.
 *
 * keepalived has two tokenisers, chosen by keyword: the plain one knows
 * double quotes only, a quote also ends the word before it, and a backslash
 * is an ordinary character; the quoting one (commands, regular expressions)
 * knows both quotes, joins what touches, as a shell does, and resolves
 * escapes.
 */
#ifndef TANDEM_CONFIG_LEXER_H
#define TANDEM_CONFIG_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct word {
	const char *text; /* not terminated; valid until the next split */
	uint32_t len;
	uint32_t start;	     /* offset in the text that was split */
	uint32_t source_len; /* with quotes and escapes */
};

/* Zero-initialise; words_free() gives the memory back. */
struct words {
	struct word *items;
	size_t n;
	size_t capacity;
	char *buf;
	size_t buf_size;
	bool unterminated; /* the quote at quote_start is never closed */
	uint32_t quote_start;
};

static inline bool lexer_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void words_split(struct words *w, const char *text, size_t len);
/* With KEEP_ESCAPES the backslashes stay, for another split. */
void words_split_quoted(struct words *w, const char *text, size_t len,
	bool keep_escapes);
void words_free(struct words *w);

#endif
