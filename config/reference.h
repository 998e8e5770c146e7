/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One "$NAME" or "${NAME PARAMETERS}" of a line: where it ends and what it
 * stands for.  expand.c says what becomes of it.
 */
#ifndef TANDEM_CONFIG_REFERENCE_H
#define TANDEM_CONFIG_REFERENCE_H

#include "config/source_internal.h"

struct reference {
	size_t at;
	size_t end;
	const char *name; /* borrowed from the line, as params */
	size_t name_len;
	const char *params; /* after the name, to the brace */
	size_t params_len;
	bool braces;
	bool glued; /* no blank follows: keepalived leaves it */
};

/* Reads the one whose '$' is at AT; false when it is none. */
bool reference_read(
	const struct line_text *t, size_t at, struct reference *ret);
/* ${A_${B}}: keepalived replaces what it can and looks at the line again, so
 * that a name may be made of others.  Where the '$' is that comes first; AT
 * itself when nothing is in the way. */
size_t reference_innermost(const struct line_text *t, size_t at);

/* Is R defined, or one of keepalived's own?  ${_ENV NAME} may still have no
 * value. */
bool reference_has_value(struct source *s, const struct reference *r);
/* The value of R to be freed, or NULL. */
char *reference_value(struct source *s, const struct source_line *line,
	const struct reference *r);

#endif
