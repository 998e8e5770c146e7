/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/lint_tree.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/lint_comment.h"
#include "lib/ipaddr.h"

bool lint_is(const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	return !strcmp(conf_node_keyword(tree, node), keyword);
}

/* The last child of that name, which counts; or CONF_NODE_NONE. */
uint32_t lint_child(
	const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	uint32_t found = CONF_NODE_NONE;

	conf_for_each_child(tree, node, c) if (lint_is(tree, c, keyword))
		found = c;
	return found;
}

bool lint_has(const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	return lint_child(tree, node, keyword) != CONF_NODE_NONE;
}

/* The first argument of that child; or NULL. */
const char *lint_value(
	const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	uint32_t c = lint_child(tree, node, keyword);

	return c == CONF_NODE_NONE ? NULL : conf_node_arg(tree, c, 0);
}

double lint_number(const struct conf_tree *tree, uint32_t node,
	const char *keyword, double otherwise)
{
	const char *text = lint_value(tree, node, keyword);

	return text ? strtod(text, NULL) : otherwise;
}

void lint_report(
	struct lint *lint, uint32_t node, const char *hint, const char *text)
{
	const struct diag_place place = conf_node_place(lint->tree, node);

	if (lint_comments_switch_off(
		    lint->comments, lint->tree, node, lint->rule))
		return;
	if (conf_node_is_secret(lint->tree, node))
		diag_hide_line(lint->diags, &place);
	diag_add_lint(lint->diags, &place, lint->rule,
		conf_node_keyword(lint->tree, node), hint, text);
}

bool lint_is_check(const char *keyword)
{
	size_t len = strlen(keyword);

	return (len > 6 && !strcmp(keyword + len - 6, "_CHECK")) ||
	       !strcmp(keyword, "HTTP_GET") || !strcmp(keyword, "SSL_GET");
}

/* A service by address; not by fwmark or group. */
const char *lint_service_address(const struct conf_tree *tree, uint32_t node)
{
	const char *first = conf_node_arg(tree, node, 0);
	struct ip_addr addr;

	return first && ip_addr_parse(first, &addr) == 0 ? first : NULL;
}
