/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command of a script keyword as an argv.
 */
#ifndef TANDEM_CONFIG_SCRIPT_H
#define TANDEM_CONFIG_SCRIPT_H

struct arena;

/*
 * Splits COMMAND into words: blanks separate, both kinds of quotes protect,
 * escapes are resolved.  *RET_ARGV ends with NULL and lives in ARENA.
 * Returns the number of words, or -EINVAL when there is none.
 */
int conf_script_split(
	const char *command, struct arena *arena, char ***ret_argv);

#endif
