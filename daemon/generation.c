/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/generation.h"

#include <unistd.h>

#include "config/generation.h"
#include "config/schema.h"
#include "daemon/files_conf.h"
#include "daemon/global_conf.h"
#include "daemon/process_conf.h"
#include "lib/mem.h"

int generation_new(uint32_t number, int fd, const char *file,
	struct generation **ret_generation)
{
	struct conf_bind bind = { .diags = NULL };
	struct generation *generation;
	const struct process_root *process;
	const struct files_root *files;
	struct conf_tree *tree;
	int err = conf_generation_open(fd, &tree);

	if (err) {
		close(fd);
		return err;
	}
	generation = x_new(struct generation, 1);
	generation->number = number;
	generation->fd = fd;
	generation->tree = tree;
	generation->arena = arena_new();
	generation->file = x_strdup(file);
	bind.tree = tree;
	bind.arena = generation->arena;
	generation->global = conf_bind_root(&bind, &global_conf_root);
	process = conf_bind_root(&bind, &process_conf_root);
	generation->process = process->conf;
	files = conf_bind_root(&bind, &files_conf_root);
	generation->files = files->conf;
	*ret_generation = generation;
	return 0;
}

void generation_free(struct generation *generation)
{
	if (!generation)
		return;
	conf_tree_free(generation->tree);
	arena_free(generation->arena);
	close(generation->fd);
	x_free(generation->file);
	x_free(generation);
}
