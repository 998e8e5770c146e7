/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's own part of the diagnostics: order of files, source lines,
 * lists that are thrown away when a file is parsed a second time.
 */
#ifndef TANDEM_CONFIG_DIAG_INTERNAL_H
#define TANDEM_CONFIG_DIAG_INTERNAL_H

#include <stdarg.h>

#include "config/diag.h"

struct arena;

/* What was added, to be changed by the caller; NULL when it was not. */
struct diag *diag_addv(struct diag_list *list, enum diag_severity severity,
	enum diag_code code, const struct diag_place *place,
	const char *keyword, const char *hint, const char *format, va_list ap)
	__attribute__((format(printf, 7, 0)));

bool diag_is_hidden(
	const struct diag_list *list, const char *file, uint32_t line);

/* As diag_add(), for a line that may hold a secret: it is not shown. */
void diag_add_secret(struct diag_list *list, enum diag_severity severity,
	enum diag_code code, const struct diag_place *place, const char *hint,
	const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Diagnostics come in the order in which their files were added.  Returns
 * the list's own copy of NAME. */
const char *diag_add_file(struct diag_list *list, const char *name);

/* Was an error reported at this line? */
bool diag_has_error_at(
	const struct diag_list *list, const struct diag_place *place);

/* Makes an error that was reported at this line a fatal one; false when there
 * is none. */
bool diag_make_fatal(struct diag_list *list, const struct diag_place *place);

/* Was something said with CODE at this line?  Then it is an error. */
bool diag_make_error_at(struct diag_list *list, enum diag_code code,
	const struct diag_place *place);

/* Makes errors of the warnings with CODE. */
void diag_make_errors(struct diag_list *list, enum diag_code code);

/* The same was said already: a hint need not be thought of. */
bool diag_is_said(struct diag_list *list, enum diag_code code,
	const struct diag_place *place, const char *keyword);

/* Nothing more is kept: hints need not be thought of. */
bool diag_is_full(const struct diag_list *list);

/* Copies everything that FROM holds. */
void diag_move_all(struct diag_list *to, struct diag_list *from);

/* Copies the source lines that diagnostics of FILE point at out of TEXT. */
void diag_keep_lines(
	struct diag_list *list, const char *file, const char *text, size_t len);

/* The line that DIAG points at: its own, or BUF with what is read from the
 * file; "" when there is none, or it must not be shown. */
#define DIAG_LINE_SIZE 401
const char *diag_source_line(const struct diag_list *list,
	const struct diag *diag, char buf[static DIAG_LINE_SIZE]);

/* The name of a file of LIST, cleaned. */
const char *diag_shown_file(const struct diag_list *list, const char *name);

/* One line, fit for a terminal: bounded length. */
const char *diag_clean_line(struct arena *arena, const char *text, size_t len);

size_t diag_left_out(const struct diag_list *list);

#endif
