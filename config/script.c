/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/script.h"

#include <errno.h>
#include <string.h>

#include "config/lexer.h"
#include "lib/mem.h"

int conf_script_split(
	const char *command, struct arena *arena, char ***ret_argv)
{
	struct words w = { 0 };
	char **argv;
	int n;

	words_split_quoted(&w, command, strlen(command), false);
	if (!w.n || !w.items[0].len) {
		words_free(&w);
		return -EINVAL;
	}
	argv = arena_alloc(arena, (w.n + 1) * sizeof(char *));
	for (size_t i = 0; i < w.n; i++)
		argv[i] = arena_strndup(arena, w.items[i].text, w.items[i].len);
	*ret_argv = argv;
	n = (int)w.n;
	words_free(&w);
	return n;
}

bool conf_script_needs_shell(const char *command)
{
	while (lexer_is_blank(*command))
		command++;
	return command[0] == '<' && command[1] == '/';
}

int conf_script_argv(
	const char *command, struct arena *arena, char ***ret_argv)
{
	char **argv;

	if (!conf_script_needs_shell(command))
		return conf_script_split(command, arena, ret_argv);
	argv = arena_alloc(arena, 4 * sizeof(char *));
	argv[0] = arena_strdup(arena, CONF_SCRIPT_SHELL);
	argv[1] = arena_strdup(arena, "-c");
	argv[2] = arena_strdup(arena, command);
	*ret_argv = argv;
	return 3;
}
