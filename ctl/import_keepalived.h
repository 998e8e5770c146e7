/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keepalived really does with a file, as a file without mistakes.
 *
 * Two steps, both pure.  import_keepalived.c walks over the lines as
 * keepalived's parser does: braces split them, an unknown keyword is passed
 * over but not the block behind it, and a '}' closes what is open, whatever
 * it was meant for.  import_repair.c then takes away what the tables refuse.
 * A line that is fine is kept byte by byte.
 *
 * Included files are walked in their place.  One that is fine stays an
 * include; the lines of another take the place of the include.
 */
#ifndef TANDEM_CTL_IMPORT_KEEPALIVED_H
#define TANDEM_CTL_IMPORT_KEEPALIVED_H

#include "config/language.h"
#include "ctl/import_result.h"

/* Where a line comes from. */
struct kl_origin {
	uint32_t line;	  /* of the file, or of the include in it */
	const char *file; /* that is included; NULL = the file itself */
	uint32_t file_line;
};

enum kl_kind {
	KL_LINE,
	KL_BEGIN, /* of what an include brings; its text is the include */
	KL_END,
};

/* One line of what comes out. */
struct kl_line {
	enum kl_kind kind;
	char *text;    /* "" for markers */
	char *include; /* KL_BEGIN: the line that includes */
	struct kl_origin origin;
	char *ignored; /* why it is a comment; NULL = it is not */
	bool changed;  /* it does not stand so in the file */
};

struct kl_lines {
	struct kl_line *items;
	size_t n;
	size_t capacity;
	char **files; /* names of what was included */
	size_t n_files;
};

/* How included files are found and read; both return 0 or -errno. */
struct kl_includer {
	/* The files that PATTERN in a line of FROM names; the caller frees
	 * each and the array. */
	int (*find)(const char *from, const char *pattern, char ***ret_paths,
		size_t *ret_n);
	/* All of PATH; the caller frees it. */
	int (*read)(const char *path, char **ret_text, size_t *ret_len);
};

/* Takes TEXT. */
struct kl_line *kl_add(
	struct kl_lines *lines, char *text, const struct kl_origin *origin);
/* A note on a line. */
void kl_note(struct import_notes *notes, enum import_level level,
	const struct kl_origin *origin, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void kl_lines_free(struct kl_lines *lines);

/* Is it a check that the LEN bytes of TEXT begin? */
bool kl_is_check(const char *text, size_t len);
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

/* NAME: of the file; CONFIG_ID may be NULL.  Without an INCLUDER what is
 * included is only noted.  RESULT is to be begun and ended by the caller. */
void import_keepalived(const struct conf_language *language, const char *name,
	const char *config_id, const struct kl_includer *includer,
	const char *text, size_t len, struct import_result *result);

#endif
