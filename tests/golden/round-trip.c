/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints files in the canonical form, reads that and compares the trees; with
 * the defaults and places that `show config` adds as comments, too: exit 1
 * when one is not the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/effective_print.h"
#include "daemon/language.h"
#include "tests/unit/config-print.h"

static char *shown(const struct conf_tree *tree, bool all)
{
	const struct effective_print_options options = {
		.origin = all,
		.defaults = all,
	};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	effective_print(out, &tandem_language, tree, &options);
	fclose(out);
	return text;
}

/* What is added to the text of TREE says nothing to a reader. */
static const char *check_comments(const struct conf_tree *tree)
{
	const struct conf_load_options options = { .config_id = "here" };
	struct diag_list *diags = diag_list_new();
	char *text = shown(tree, true);
	char *plain = shown(tree, false);
	struct conf_tree *again = conf_load_text(&tandem_language, "shown",
		text, strlen(text), &options, diags);
	const char *what = "with comments it cannot be read";
	char *plain_again;

	if (again) {
		plain_again = shown(again, false);
		what = strcmp(plain, plain_again) ? "with comments it differs"
						  : NULL;
		free(plain_again);
	}
	free(text);
	free(plain);
	conf_tree_free(again);
	diag_list_free(diags);
	return what;
}

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
		if (tree && !what)
			what = check_comments(tree);
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
