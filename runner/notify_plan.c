/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/notify_plan.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "config/tree.h"
#include "lib/mem.h"

/* More than that in one file nobody has. */
#define DEFS_MAX 64

static const char *const words[] = {
	"notify_fifo",
	"notify_fifo_script",
	"vrrp_notify_fifo",
	"vrrp_notify_fifo_script",
	"lvs_notify_fifo",
	"lvs_notify_fifo_script",
	"notification_email",
	"notification_email_from",
	"smtp_server",
	"smtp_connect_timeout",
	"smtp_helo_name",
	"smtp_alert",
	"smtp_alert_vrrp",
	"smtp_alert_checker",
	"no_email_faults",
	"no_checker_emails",
};

static void put_arguments(
	FILE *out, const struct conf_tree *tree, uint32_t node)
{
	uint32_t i;

	for (i = 0; i < conf_node_n_args(tree, node); i++)
		fprintf(out, " %s", conf_node_arg(tree, node, i));
}

/* One line with WORD, and those in its braces. */
static void put_line(FILE *out, const struct conf_tree *tree, uint32_t node)
{
	fputs(ftell(out) > 0 ? ", " : "", out);
	fputs(conf_node_keyword(tree, node), out);
	put_arguments(out, tree, node);
	conf_for_each_child(tree, node, child)
	{
		fprintf(out, " %s", conf_node_keyword(tree, child));
		put_arguments(out, tree, child);
	}
}

/* The global_defs of a tree: a file with very many blocks is gone through
 * once. */
struct defs {
	const struct conf_tree *tree; /* NULL = there is none */
	uint32_t nodes[DEFS_MAX];
	unsigned int n;
};

static void find_defs(const struct conf_tree *tree, struct defs *ret)
{
	*ret = (struct defs){ .tree = tree };
	if (!tree)
		return;
	conf_for_each_child(tree, 0, node)
		if (ret->n < DEFS_MAX &&
			!strcmp(conf_node_keyword(tree, node), "global_defs"))
			ret->nodes[ret->n++] = node;
}

/* All that WORD says in global_defs; "" = it is not there.  The caller frees
 * it. */
static char *text_of(const struct defs *defs, const char *word)
{
	const struct conf_tree *tree = defs->tree;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	unsigned int i;

	if (!out)
		return x_strdup("");
	for (i = 0; i < defs->n; i++)
		conf_for_each_child(tree, defs->nodes[i], node)
			if (!strcmp(conf_node_keyword(tree, node), word))
				put_line(out, tree, node);
	fclose(out);
	return text ? text : x_strdup("");
}

static void say(struct json_object *plan, const char *word, const char *before,
	const char *after)
{
	struct json_object *line = json_object_new_object();
	const char *action = !*before ? "add" : *after ? "edit" : "remove";
	char *detail = *before && *after ? x_asprintf("%s -> %s", before, after)
					 : x_strdup(*after ? after : before);

	json_object_object_add(line, "action", json_object_new_string(action));
	json_object_object_add(line, "subject", json_object_new_string(word));
	json_object_object_add(line, "detail", json_object_new_string(detail));
	json_object_array_add(plan, line);
	x_free(detail);
}

void notify_plan(const struct conf_tree *before, const struct conf_tree *after,
	struct json_object *plan)
{
	struct defs old_defs;
	struct defs new_defs;
	size_t i;

	find_defs(before, &old_defs);
	find_defs(after, &new_defs);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char *old = text_of(&old_defs, words[i]);
		char *new = text_of(&new_defs, words[i]);

		if (strcmp(old, new) != 0)
			say(plan, words[i], old, new);
		x_free(old);
		x_free(new);
	}
}
