/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A generation as the supervisor holds it: the memfd for the roles, its
 * number, and what the supervisor itself reads from it.
 */
#ifndef TANDEM_DAEMON_GENERATION_H
#define TANDEM_DAEMON_GENERATION_H

#include <stdint.h>

struct conf_tree;
struct global_conf;
struct files_conf;
struct process_conf;
struct arena;

struct generation {
	uint32_t number;
	int fd;
	struct conf_tree *tree;
	const struct global_conf *global;
	const struct process_conf *process;
	const struct files_conf *files;
	struct arena *arena;
	char *file;
};

/* Takes FD, also on failure.  FILE is copied.  0 or -errno. */
int generation_new(uint32_t number, int fd, const char *file,
	struct generation **ret_generation);
void generation_free(struct generation *generation); /* NULL is fine */

#endif
