/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/config-print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/image.h"
#include "config/print.h"

char *print_text(const struct conf_language *language,
	const struct conf_tree *tree, bool secrets)
{
	const struct conf_print_options options = { .secrets = secrets };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	conf_print(out, language, tree, &options);
	fclose(out);
	return text;
}

static bool same_args(
	const struct conf_tree *a, const struct conf_tree *b, uint32_t node)
{
	uint32_t n = conf_node_n_args(a, node);

	if (n != conf_node_n_args(b, node))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(conf_node_arg(a, node, i),
			    conf_node_arg(b, node, i)) != 0)
			return false;
	return true;
}

const char *print_compare(const struct conf_tree *a, const struct conf_tree *b,
	bool marks, char *buf, size_t size)
{
	uint32_t n = conf_tree_count(a);
	uint32_t node;

	for (node = 0; node < n && node < conf_tree_count(b); node++) {
		uint32_t flags = a->nodes[node].flags ^ b->nodes[node].flags;

		if ((strcmp(conf_node_keyword(a, node),
			     conf_node_keyword(b, node)) != 0 &&
			    (marks || !conf_node_is_bare_secret(a, node))) ||
			!(same_args(a, b, node) ||
				(!marks && conf_node_is_secret(a, node))) ||
			a->nodes[node].next != b->nodes[node].next ||
			a->nodes[node].parent != b->nodes[node].parent ||
			(flags & (marks ? ~(uint32_t)NODE_REPORTED : NODE_BLOCK)))
			break;
	}
	if (node == n && n == conf_tree_count(b))
		return NULL;
	snprintf(buf, size, "node %u '%s' in line %u", node,
		node < n ? conf_node_keyword(a, node) : "(none)",
		node < n ? conf_node_place(a, node).line : 0);
	return buf;
}

/* A file's text in place of its name: no word of a line. */
static bool has_file(const struct conf_tree *tree)
{
	for (uint32_t node = 0; node < conf_tree_count(tree); node++)
		for (uint32_t i = 0; conf_node_is_secret(tree, node) &&
				     i < conf_node_n_args(tree, node);
			i++)
			if (strchr(conf_node_arg(tree, node, i), '\n'))
				return true;
	return false;
}

const char *print_round_trip(const struct conf_language *language,
	const struct conf_tree *tree, bool errors, char *buf, size_t size)
{
	const struct conf_load_options options = { .config_id = "here" };
	struct diag_list *diags = diag_list_new();
	char *text = print_text(language, tree, true);
	struct conf_tree *again = conf_load_text(language, "printed", text,
		strlen(text), &options, diags);
	const char *what = "it cannot be read again";

	if (has_file(tree))
		what = NULL;
	else if (again)
		what = print_compare(tree, again, !errors, buf, size);
	if (!what && !errors && !has_file(tree) &&
		diag_count_severity(diags, DIAG_ERROR))
		what = "it has errors when it is read again";
	conf_tree_free(again);
	diag_list_free(diags);
	free(text);
	return what;
}
