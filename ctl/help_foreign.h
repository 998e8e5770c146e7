/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `tandemctl help` says of words that the language knows and does not
 * have: of the past, of other programs, and often written by mistake.
 */
#ifndef TANDEM_CTL_HELP_FOREIGN_H
#define TANDEM_CTL_HELP_FOREIGN_H

#include "ctl/command.h"

struct arena;
struct json_object;

/* Says it on OUT, or adds to JSON unless that is NULL.  FIRST: nothing was
 * said before.  In how many blocks the word is. */
unsigned int help_foreign(const struct screen *out, struct json_object *json,
	const char *word, bool first, struct arena *arena);

#endif
