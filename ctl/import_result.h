/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an import makes: the text of a configuration, and notes on what has
 * no equal or changes meaning.  Each note names its line, and stands in the
 * text as a comment as well.  No file, clock or log is touched.
 */
#ifndef TANDEM_CTL_IMPORT_RESULT_H
#define TANDEM_CTL_IMPORT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum import_level {
	IMPORT_NOTE,	/* good to know */
	IMPORT_DIFFERS, /* it will not behave as before; look at it */
	IMPORT_LOST,	/* it could not be taken over */
	IMPORT_N_LEVELS,
};

const char *import_level_name(enum import_level level);

struct import_note {
	enum import_level level;
	uint32_t line; /* from 1; 0 = the input as a whole */
	uint32_t column;
	uint32_t within; /* orders notes of the same line */
	char *text;
};

/* Zero-initialise. */
struct import_notes {
	struct import_note *items;
	size_t n;
	size_t capacity;
};

void import_note(struct import_notes *notes, enum import_level level,
	uint32_t line, uint32_t column, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* The same for a line that comes in through LINE. */
void import_note_within(struct import_notes *notes, enum import_level level,
	uint32_t line, uint32_t within, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void import_notes_free(struct import_notes *notes);
size_t import_notes_count(
	const struct import_notes *notes, enum import_level level);

struct import_result {
	FILE *out; /* the text goes here; closed by import_result_end() */
	char *text;
	size_t len;
	struct import_notes notes;
	size_t n_services;
	size_t n_servers;
};

void import_result_begin(struct import_result *result);
/* Now text and len are valid, and the notes are in the order of lines. */
void import_result_end(struct import_result *result);
void import_result_free(struct import_result *result);

/* Writes NOTES as comments behind INDENT and moves them to the result. */
void import_put_notes(struct import_result *result, struct import_notes *notes,
	const char *indent);
/* The same for LEN bytes of a line, cleaned of what is no text. */
void import_put_quoted_line(
	struct import_result *result, const char *line, size_t len);
/* TEXT as one word, in double quotes.  ESCAPES: of a keyword whose backslashes
 * are escapes. */
void import_put_string(
	struct import_result *result, const char *text, bool escapes);

/* How names become addresses and ports; NULL functions know none. */
struct import_resolver {
	/* Writes the address of NAME of FAMILY to BUF; 0 or -errno. */
	int (*address)(const char *name, int family, char *buf, size_t size);
	/* Port number of a service's NAME, or -errno. */
	int (*port)(const char *name, const char *protocol);
};

#endif
