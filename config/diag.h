/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics: what is wrong with a configuration, where, and what to do.
 *
 * All problems of one run are collected, one message a cause, and rendered
 * for people (with the source line and a caret), for editors or as JSON.
 */
#ifndef TANDEM_CONFIG_DIAG_H
#define TANDEM_CONFIG_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct arena;
struct json_object;

enum diag_severity {
	DIAG_WARNING,
	DIAG_ERROR, /* refuses a start or a reload, unless lenient */
	DIAG_FATAL, /* even lenient cannot go on: `-t` says 4 */
};

/* Stable names for tools: "unknown-keyword", "value-range", ...; the list
 * with its texts is in diag.c. */
#define DIAG_CODE_LIST(X)                                                     \
	X(IO, "cannot-read")                                                  \
	X(EMPTY, "empty-file")                                                \
	X(NOT_TEXT, "not-text")                                               \
	X(TOO_LARGE, "too-large")                                             \
	X(INCLUDE_CYCLE, "include-cycle")                                     \
	X(UNTERMINATED, "unterminated-quote")                                 \
	X(BRACE, "brace")                                                     \
	X(UNKNOWN_KEYWORD, "unknown-keyword")                                 \
	X(WRONG_BLOCK, "wrong-block")                                         \
	X(NOT_SUPPORTED, "not-supported-yet")                                 \
	X(DEPRECATED, "deprecated")                                           \
	X(IGNORED, "ignored")                                                 \
	X(MISSING_ARGUMENT, "missing-argument")                               \
	X(EXTRA_ARGUMENT, "extra-argument")                                   \
	X(VALUE_TYPE, "value-type")                                           \
	X(VALUE_RANGE, "value-range")                                         \
	X(VALUE_UNKNOWN, "value-unknown")                                     \
	X(MISSING_KEYWORD, "missing-keyword")                                 \
	X(DUPLICATE, "duplicate")                                             \
	X(REFERENCE, "unknown-reference")                                     \
	X(CONFLICT, "conflict")                                               \
	X(SCRIPT, "script")                                                   \
	X(SCRIPT_SECURITY, "script-security")                                 \
	X(DEFINITION, "definition")                                           \
	X(ODD_CHARACTER, "odd-character")                                     \
	X(NOT_PORTABLE, "not-portable")                                       \
	X(COMMENT, "comment")                                                 \
	X(SECRET_FILE, "secret-file")                                         \
	X(SECRET_READABLE, "secret-file")                                     \
	X(LINT, "lint")

enum diag_code {
#define DIAG_ENUM(name, text) DIAG_##name,
	DIAG_CODE_LIST(DIAG_ENUM)
#undef DIAG_ENUM
};

/* A place: FILE is a name that lives as long as the list; LINE and COLUMN
 * count from 1, 0 = the file as a whole; LENGTH is that of the word. */
struct diag_place {
	const char *file;
	uint32_t line;
	uint32_t column;
	uint32_t length;
};

struct diag {
	enum diag_severity severity;
	enum diag_code code;
	struct diag_place place;
	const char *rule;    /* of lint, stands for the code; else NULL */
	const char *keyword; /* "" when there is none */
	const char *message;
	const char *hint; /* "" when there is none */
	const char *source; /* the line; NULL = read it from the file */
};

struct diag_list;

struct diag_list *diag_list_new(void);
void diag_list_free(struct diag_list *list);

/* Adds one; the same code and keyword at the same place is kept once.
 * Strings are copied, cleaned for terminals and JSON; HINT may be NULL.  The
 * message does not repeat place or keyword in brackets: rendering adds
 * them. */
void diag_add(struct diag_list *list, enum diag_severity severity,
	enum diag_code code, const struct diag_place *place,
	const char *keyword, const char *hint, const char *format, ...)
	__attribute__((format(printf, 7, 8)));

/* A finding of lint's RULE about KEYWORD: a warning. */
void diag_add_lint(struct diag_list *list, const struct diag_place *place,
	const char *rule, const char *keyword, const char *hint,
	const char *text);

/* The line of PLACE holds a secret: it is never shown as a source line. */
void diag_hide_line(struct diag_list *list, const struct diag_place *place);

/* Also say what keepalived would not understand: an error each. */
void diag_want_portable(struct diag_list *list);
/* Adds what keepalived would not understand, when that is wanted; returns
 * whether it is. */
bool diag_not_portable(struct diag_list *list, const struct diag_place *place,
	const char *keyword, const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

size_t diag_count(const struct diag_list *list);
size_t diag_count_severity(
	const struct diag_list *list, enum diag_severity severity);
bool diag_has_code(const struct diag_list *list, enum diag_code code);
/* In the order of files, lines and columns. */
const struct diag *diag_get(struct diag_list *list, size_t i);

/* "FILE:LINE:COL: error: TEXT [KEYWORD]" (lint: [RULE]), the source line with a caret (read
 * again from the file where it can be), "hint: ...". */
void diag_print(struct diag_list *list, FILE *out);
/* The same of one that came from elsewhere, with its own source line, if any;
 * its texts are clean. */
void diag_print_one(const struct diag *diag, FILE *out);
/* FILE:LINE:COL lines only, as compilers print them; what is about the file
 * as a whole has no :LINE:COL in either. */
void diag_print_gcc(struct diag_list *list, FILE *out);
/* Array of {file, line, column, severity, code, keyword, message, hint}; code
 * is the rule's name where lint found it, line and column of the file as a
 * whole are 0. */
struct json_object *diag_to_json(struct diag_list *list);
/* The same with "source" and "length" where there is a line to show: all that
 * diag_print_one() needs. */
struct json_object *diag_to_json_with_source(struct diag_list *list);

/* A copy fit for a terminal and for JSON: valid UTF-8, no control bytes. */
char *diag_clean(struct arena *arena, const char *text, size_t len);

const char *diag_code_name(enum diag_code code);
const char *diag_severity_name(enum diag_severity severity);

#endif
