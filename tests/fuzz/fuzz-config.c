/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole way of a configuration that somebody else wrote: read, expand,
 * parse, check, bind, print, pass on.  An input that starts with a NUL byte
 * is the image of a generation instead: from it nothing may crash either.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/generation.h"
#include "config/script.h"
#include "tests/unit/config-print.h"
#include "tests/unit/config-toy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const struct conf_tree *tree, uint32_t node)
{
	size_t sum = strlen(conf_node_keyword(tree, node)) +
		     conf_node_place(tree, node).line;

	for (uint32_t i = 0; i < conf_node_n_args(tree, node); i++)
		sum += strlen(conf_node_arg(tree, node, i)) +
		       conf_arg_place(tree, node, i).column;
	conf_for_each_child(tree, node, child) sum += walk(tree, child);
	return sum;
}

static void bind_tree(const struct conf_tree *tree)
{
	struct conf_bind ctx = { .tree = tree, .arena = arena_new() };
	char **argv;

	conf_bind_root(&ctx, &toy_root_block);
	for (uint32_t i = 0; i < conf_tree_count(tree); i++)
		if (conf_node_is_script(tree, i) && conf_node_arg(tree, i, 0))
			conf_script_split(
				conf_node_arg(tree, i, 0), ctx.arena, &argv);
	arena_free(ctx.arena);
}

static void try_image(const uint8_t *data, size_t size)
{
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
			  F_SEAL_WRITE;
	struct conf_tree *tree;
	int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert(fd >= 0);
	assert(write(fd, data, size) == (ssize_t)size);
	assert(!fcntl(fd, F_ADD_SEALS, seals));
	if (!conf_generation_open(fd, &tree)) {
		walk(tree, 0);
		bind_tree(tree);
		free(print_text(&toy_language, tree, false));
		conf_tree_free(tree);
	}
	close(fd);
}

/* A backslash before a quote hides it from the search for comments only: what
 * is read by such a slip is not always written the same way. */
static bool has_backslash(const struct conf_tree *tree)
{
	for (uint32_t node = 0; node < conf_tree_count(tree); node++) {
		if (strchr(conf_node_keyword(tree, node), '\\'))
			return true;
		for (uint32_t i = 0; i < conf_node_n_args(tree, node); i++)
			if (strchr(conf_node_arg(tree, node, i), '\\') &&
				!conf_node_is_script(tree, node))
				return true;
	}
	return false;
}

/* Control characters: their share decides whether a file is text, and what is
 * printed is shorter by the comments. */
static bool has_control(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((data[i] < ' ' && !strchr("\t\n\v\f\r", data[i])) ||
			data[i] == 0x7F)
			return true;
	return false;
}

/* What is good is the same when it is printed and read again. */
static void print_tree(
	const struct conf_tree *tree, bool errors, bool odd)
{
	char *text = print_text(&toy_language, tree, false);
	char buf[256];
	const char *what;

	free(text);
	if (errors || odd || has_backslash(tree))
		return;
	what = print_round_trip(
		&toy_language, tree, errors, buf, sizeof(buf));
	if (what)
		fprintf(stderr, "printed: %s\n", what);
	assert(!what);
}

static void try_text(const uint8_t *data, size_t size)
{
	const struct conf_load_options options = {
		.config_id = "here",
		.max_bytes = 1 << 20,
	};
	struct diag_list *diags = diag_list_new();
	FILE *null = fopen("/dev/null", "w");
	struct conf_tree *tree = conf_load_text(&toy_language,
		"/nonexistent/fuzz.conf", (const char *)data, size, &options,
		diags);
	struct conf_tree *copy;
	int fd;

	if (tree) {
		fd = conf_generation_write(tree);
		assert(fd >= 0);
		assert(!conf_generation_open(fd, &copy));
		close(fd);
		assert(walk(tree, 0) == walk(copy, 0));
		bind_tree(copy);
		conf_tree_free(copy);
		print_tree(tree,
			diag_count_severity(diags, DIAG_ERROR) ||
				diag_count_severity(diags, DIAG_FATAL),
			has_control(data, size));
	} else {
		assert(diag_count_severity(diags, DIAG_FATAL));
	}
	assert(null);
	diag_print(diags, null);
	json_object_put(diag_to_json(diags));
	fclose(null);
	conf_tree_free(tree);
	diag_list_free(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && !data[0])
		try_image(data + 1, size - 1);
	else
		try_text(data, size);
	return 0;
}
