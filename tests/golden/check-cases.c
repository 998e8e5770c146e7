/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks many small configurations in one run.  On standard input each begins
 * with a line "== NAME"; printed are the names, and below each what is said
 * about it: with LINE > 0 behind the name ("== NAME\tLINE") only of that line.
 * Each is printed in the canonical form as well, and read again: that it is not
 * the same then is said, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/language.h"
#include "daemon/language.h"
#include "lib/mem.h"
#include "tests/unit/config-print.h"

struct test_case {
	char *name;
	unsigned long line;
	char *text;
	size_t len;
};

static void check_printed(const struct conf_tree *tree, bool errors)
{
	char buf[256];
	const char *what = print_round_trip(
		&tandem_language, tree, errors, buf, sizeof(buf));

	if (what)
		printf("    PRINTED AND READ AGAIN IT DIFFERS: %s\n", what);
}

static void check_case(const struct test_case *c)
{
	const struct conf_load_options options = { .config_id = "here" };
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(&tandem_language, "case.conf",
		c->text ? c->text : "", c->len, &options, diags);
	bool any = false;

	printf("%s\n", c->name);
	for (size_t i = 0; i < diag_count(diags); i++) {
		const struct diag *diag = diag_get(diags, i);

		if (c->line && diag->place.line != c->line)
			continue;
		any = true;
		printf("    %u: %s: %s [%s]\n", diag->place.column,
			diag_severity_name(diag->severity), diag->message,
			diag->keyword);
		if (diag->hint[0])
			printf("        hint: %s\n", diag->hint);
	}
	if (!any)
		puts("    fine");
	if (tree)
		check_printed(tree, diag_count_severity(diags, DIAG_ERROR) ||
					    diag_count_severity(
						    diags, DIAG_FATAL));
	conf_tree_free(tree);
	diag_list_free(diags);
}

static void end_case(struct test_case *c)
{
	if (c->name)
		check_case(c);
	x_free(c->name);
	x_free(c->text);
	memset(c, 0, sizeof(*c));
}

static void begin_case(struct test_case *c, char *line)
{
	char *tab;

	end_case(c);
	line[strcspn(line, "\n")] = '\0';
	tab = strrchr(line, '\t');
	if (tab) {
		c->line = strtoul(tab + 1, NULL, 10);
		*tab = '\0';
	}
	c->name = x_strdup(line + 3);
}

int main(void)
{
	struct test_case c = { .name = NULL };
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		if (!strncmp(line, "== ", 3)) {
			begin_case(&c, line);
			continue;
		}
		c.text = x_realloc(c.text, c.len + (size_t)len, 1);
		memcpy(c.text + c.len, line, (size_t)len);
		c.len += (size_t)len;
	}
	end_case(&c);
	free(line);
	return 0;
}
