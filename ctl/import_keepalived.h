/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keepalived really does with a file, as a file without mistakes.
 *
 * Two steps, both pure.  import_keepalived.c walks over the lines as
 * keepalived's parser does: braces split them, an unknown keyword is passed
 * over but not the block behind it, and a '}' closes what is open, whatever
 * it was meant for.  import_repair.c then takes away what the tables refuse.
 * A line that is fine is kept byte by byte.
 */
#ifndef TANDEM_CTL_IMPORT_KEEPALIVED_H
#define TANDEM_CTL_IMPORT_KEEPALIVED_H

#include "config/language.h"
#include "ctl/import_result.h"

/* One line of what comes out. */
struct kl_line {
	char *text;
	uint32_t origin; /* line of the file */
	char *ignored;	 /* why it is a comment; NULL = it is not */
};

struct kl_lines {
	struct kl_line *items;
	size_t n;
	size_t capacity;
};

/* Takes TEXT. */
struct kl_line *kl_add(struct kl_lines *lines, char *text, uint32_t origin);
void kl_lines_free(struct kl_lines *lines);

/* How many bytes of LINE stand before a comment. */
size_t kl_code_len(const char *line, size_t len);
/* The next statement of CODE from *AT on: words, "{" or "}"; false at its
 * end.  *RET_START and *RET_LEN are without blanks. */
bool kl_statement(const char *code, size_t len, size_t *at, size_t *ret_start,
	size_t *ret_len);

/* Makes comments of what LANGUAGE refuses in LINES, and says so in NOTES.
 * NAME is the file's name, for its includes.  Returns whether all is good. */
bool kl_repair(const struct conf_language *language, const char *name,
	const char *config_id, struct kl_lines *lines,
	struct import_notes *notes);

/* NAME: of the file; CONFIG_ID may be NULL.  RESULT is to be begun and ended
 * by the caller. */
void import_keepalived(const struct conf_language *language, const char *name,
	const char *config_id, const char *text, size_t len,
	struct import_result *result);

#endif
