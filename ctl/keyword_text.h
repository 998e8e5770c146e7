/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One keyword for people: what it is, takes and defaults to. */
#ifndef TANDEM_CTL_KEYWORD_TEXT_H
#define TANDEM_CTL_KEYWORD_TEXT_H

#include "ctl/keyword_tree.h"
#include "ctl/table.h"

/* INDENT blanks from the left.  Intermediate text is from ARENA. */
void keyword_text_put(const struct screen *screen,
	const struct keyword_node *node, unsigned int indent,
	struct arena *arena);

/* TITLE and TEXT, unless there is none, in lines of their own. */
void keyword_text_note(const struct screen *screen, const char *title,
	const char *text, unsigned int indent);

#endif
