/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what the toy language has to say about files: diagnostics, or with
 * -d the tree as well; -q times it.  For golden tests and by hand.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "config/generation.h"
#include "lib/timeutil.h"
#include "tests/unit/config-toy.h"

static void dump(const struct conf_tree *tree, uint32_t node, int depth)
{
	conf_for_each_child(tree, node, child)
	{
		struct diag_place place = conf_node_place(tree, child);

		printf("%*s%u:%u %s", depth * 2, "", place.line, place.column,
			conf_node_keyword(tree, child));
		for (uint32_t i = 0; i < conf_node_n_args(tree, child); i++) {
			place = conf_arg_place(tree, child, i);
			printf(" %u[%s]", place.column,
				conf_node_arg(tree, child, i));
		}
		printf("%s\n", conf_node_is_block(tree, child) ? " {" : "");
		dump(tree, child, depth + 1);
	}
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 && argv[1][0] == '-' ? argv[1] : "";

	for (int i = mode[0] ? 2 : 1; i < argc; i++) {
		struct diag_list *diags = diag_list_new();
		int64_t start = time_monotonic_us();
		struct conf_tree *tree =
			conf_load(&toy_language, argv[i], NULL, diags);
		int64_t end = time_monotonic_us();

		if (!strcmp(mode, "-d") && tree)
			dump(tree, 0, 0);
		if (!strcmp(mode, "-q"))
			printf("%s: %u nodes, %lld us, %zu problems\n", argv[i],
				tree ? conf_tree_count(tree) : 0,
				(long long)(end - start), diag_count(diags));
		else
			diag_print(diags, stdout);
		conf_tree_free(tree);
		diag_list_free(diags);
	}
	return 0;
}
