/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what the tables bind for a file: each scalar keyword of each block
 * with its value, given, inherited or default, one a line.  For comparisons
 * with what keepalived says it runs with.
 */
#include <inttypes.h>
#include <stdio.h>

#include "config/language.h"
#include "daemon/language.h"
#include "lib/mem.h"

static void show_block(
	const struct conf_block *block, const void *target, int depth);

static const void *at(const void *target, size_t offset)
{
	return (const char *)target + offset;
}

static void show_scalar(
	const struct conf_keyword *k, const void *target, int depth)
{
	const void *value = at(target, k->offset);
	char text[IP_ADDR_STRLEN];

	printf("%*s%s ", depth, "", k->name);
	switch (k->type) {
	case CONF_FLAG:
	case CONF_BOOL:
		printf("%d\n", *(const bool *)value);
		return;
	case CONF_ENUM:
		printf("%d\n", *(const int *)value);
		return;
	case CONF_INT:
	case CONF_TIME:
		printf("%" PRId64 "\n", *(const int64_t *)value);
		return;
	case CONF_STRING:
		printf("%s\n", *(const char *const *)value
				       ? *(const char *const *)value
				       : "-");
		return;
	case CONF_ADDRESS:
		ip_addr_format(value, text);
		puts(text);
		return;
	case CONF_SCRIPT:
	case CONF_BLOCK:
	case CONF_LIST:
	case CONF_CUSTOM:
		putchar('\n');
	}
}

static void show_nested(
	const struct conf_keyword *k, const void *target, int depth)
{
	const struct conf_list *list = at(target, k->offset);

	if (!(k->flags & CONF_MULTI)) {
		printf("%*s%s {\n", depth, "", k->name);
		if (*(void *const *)at(target, k->offset))
			show_block(k->block,
				*(void *const *)at(target, k->offset),
				depth + 1);
		printf("%*s}\n", depth, "");
		return;
	}
	for (uint32_t i = 0; i < list->n; i++) {
		printf("%*s%s {\n", depth, "", k->name);
		show_block(k->block, list->items[i], depth + 1);
		printf("%*s}\n", depth, "");
	}
}

static void show_block(
	const struct conf_block *block, const void *target, int depth)
{
	const struct conf_keyword *k = block->keywords;

	for (; k && k->name; k++) {
		if (k->flags & (CONF_NOT_BUILT | CONF_FOREIGN | CONF_SECRET))
			continue;
		if (k->type == CONF_BLOCK)
			show_nested(k, target, depth);
		else if (block->size && k->type != CONF_LIST &&
			 k->type != CONF_CUSTOM && k->type != CONF_SCRIPT)
			show_scalar(k, target, depth);
	}
}

int main(int argc, char **argv)
{
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree =
		argc == 2 ? conf_load(&tandem_language, argv[1], NULL, diags)
			  : NULL;

	diag_print(diags, stderr);
	for (size_t i = 0; tree && tandem_language.views[i]; i++) {
		const struct conf_block *view = tandem_language.views[i];
		struct conf_bind ctx = { .tree = tree, .arena = arena_new() };

		if (view->size) {
			printf("view {\n");
			show_block(view, conf_bind_root(&ctx, view), 1);
			printf("}\n");
		}
		arena_free(ctx.arena);
	}
	conf_tree_free(tree);
	diag_list_free(diags);
	return !tree;
}
