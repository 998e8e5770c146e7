/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command of a script keyword as an argv.
 */
#ifndef TANDEM_CONFIG_SCRIPT_H
#define TANDEM_CONFIG_SCRIPT_H

#include <stdbool.h>

struct arena;

#define CONF_SCRIPT_SHELL "/bin/sh"

/*
 * Splits COMMAND into words: blanks separate, both kinds of quotes protect,
 * escapes are resolved.  *RET_ARGV ends with NULL and lives in ARENA.
 * Returns the number of words, or -EINVAL when there is none.
 */
int conf_script_split(
	const char *command, struct arena *arena, char ***ret_argv);

/*
 * Is COMMAND a redirection with nothing in front, "</FILE ..."?  keepalived
 * leaves that form, and no other, to a shell: whether FILE can be opened is
 * the result.
 */
bool conf_script_needs_shell(const char *command);

/* What is run for COMMAND: its words as above, or the shell with "-c" and all
 * of COMMAND, where that is needed. */
int conf_script_argv(
	const char *command, struct arena *arena, char ***ret_argv);

#endif
