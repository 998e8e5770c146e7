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

/* What a look at each byte of a line tells. */
struct lexer_signs {
	size_t len;   /* up to the comment */
	bool escaped; /* comment signs that are none */
	bool dollar;
	bool braces;
	bool foreign; /* bytes beyond ASCII */
};

/* Comment signs count outside of double quotes, unless a backslash stands
 * before them.  Before START is nothing but blanks. */
struct lexer_signs lexer_scan(const char *text, size_t start, size_t len);

/* Where the next brace outside of quotes stands, from START on, or LEN.  TEXT
 * has no comment and no blanks at its end.  A quote that is never closed does
 * not hide a brace at the very end. */
size_t lexer_find_brace(const char *text, size_t start, size_t len);

/* "$NAME =": where the '=' stands, and the name ends; 0 when TEXT, which
 * begins with no blanks, is no definition. */
size_t lexer_definition(const char *text, size_t len, size_t *ret_name_end);

void words_split(struct words *w, const char *text, size_t len);
/* With KEEP_ESCAPES the backslashes stay, for another split. */
void words_split_quoted(struct words *w, const char *text, size_t len,
	bool keep_escapes);
void words_free(struct words *w);

#endif
