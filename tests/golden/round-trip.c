/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints files in the canonical form, reads that and compares the trees: exit
 * 1 when one is not the same.
 */
#include <stdio.h>

#include "daemon/language.h"
#include "tests/unit/config-print.h"

int main(int argc, char **argv)
{
	const struct conf_load_options options = { .config_id = "here" };
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		struct diag_list *diags = diag_list_new();
		struct conf_tree *tree = conf_load(
			&tandem_language, argv[i], &options, diags);
		bool errors = diag_count_severity(diags, DIAG_ERROR) > 0;
		char buf[256];
		const char *what = NULL;

		if (tree)
			what = print_round_trip(&tandem_language, tree, errors,
				buf, sizeof(buf));
		if (what)
			printf("FAIL: %s%s: %s\n", argv[i],
				errors ? " (has errors)" : "", what);
		failed += what != NULL;
		conf_tree_free(tree);
		diag_list_free(diags);
	}
	printf("%d files, %d not the same\n", argc - 1, failed);
	return failed ? 1 : 0;
}
