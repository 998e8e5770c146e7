/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/script_table.h"

#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "config/generation.h"
#include "config/script.h"
#include "lib/mem.h"
#include "runner/event_names.h"
#include "runner/mail_conf.h"
#include "runner/runner_conf.h"
#include "runner/script_verify.h"

struct script_entry {
	UT_hash_handle hh;
	struct script_spec spec;
};

struct script_table {
	unsigned int refs;
	uint32_t generation;
	struct conf_tree *tree;
	struct arena *arena;
	const struct runner_conf *conf;
	const struct mail_conf *mail;
	struct event_names *names;
	struct script_users *users;
	struct script_entry *entries; /* of the arena */
};

static const struct script_identity *find_identity(
	struct script_table *table, uint32_t node)
{
	bool supplementary = table->conf->supplementary_groups;
	struct script_owner owner =
		script_find_owner(table->conf, table->tree, node, table->arena);
	const struct script_identity *id;

	if (owner.user)
		return script_users_get(
			table->users, owner.user, owner.group, supplementary);
	id = script_users_get(
		table->users, SCRIPT_USER_DEFAULT, NULL, supplementary);
	/* With script security nothing becomes root by default. */
	if (id->error && !table->conf->script_security)
		id = script_users_get(
			table->users, "root", NULL, supplementary);
	return id;
}

/* The name service is asked now, not when a script is due. */
static void look_up_accounts(struct script_table *table)
{
	uint32_t count = conf_tree_count(table->tree);
	uint32_t node;

	for (node = 0; node < count; node++)
		if (conf_node_is_script(table->tree, node))
			find_identity(table, node);
}

int script_table_open(
	int fd, uint32_t generation, struct script_table **ret_table)
{
	struct script_table *table;
	struct conf_bind bind = { .diags = NULL };
	struct conf_tree *tree;
	int err = conf_generation_open(fd, &tree);

	if (err)
		return err;
	table = x_new(struct script_table, 1);
	table->refs = 1;
	table->generation = generation;
	table->tree = tree;
	table->arena = arena_new();
	table->users = script_users_new();
	bind.tree = tree;
	bind.arena = table->arena;
	table->conf = conf_bind_root(&bind, &runner_conf_root);
	table->mail = conf_bind_root(&bind, &mail_conf_globals_root);
	table->names = event_names_new(tree);
	look_up_accounts(table);
	*ret_table = table;
	return 0;
}

struct script_table *script_table_ref(struct script_table *table)
{
	table->refs++;
	return table;
}

void script_table_unref(struct script_table *table)
{
	if (!table || --table->refs)
		return;
	HASH_CLEAR(hh, table->entries);
	event_names_free(table->names);
	script_users_free(table->users);
	arena_free(table->arena);
	conf_tree_free(table->tree);
	x_free(table);
}

uint32_t script_table_generation(const struct script_table *table)
{
	return table->generation;
}

struct event_names *script_table_names(const struct script_table *table)
{
	return table->names;
}

const struct mail_conf *script_table_mail(const struct script_table *table)
{
	return table->mail;
}

/* vrrp_script's command and MISC_CHECK's are asked for a result. */
static enum script_purpose find_purpose(const char *keyword)
{
	return !strcmp(keyword, "script") || !strcmp(keyword, "misc_path")
		       ? SCRIPT_CHECK
		       : SCRIPT_NOTIFICATION;
}

static struct script_spec *make_spec(struct script_table *table, uint32_t node)
{
	const char *command = conf_node_arg(table->tree, node, 0);
	struct diag_place place = conf_node_place(table->tree, node);
	struct script_entry *entry;
	char **argv;
	int n;

	if (!command)
		return NULL;
	n = conf_script_argv(command, table->arena, &argv);
	if (n <= 0)
		return NULL;
	entry = arena_new_object(table->arena, struct script_entry);
	entry->spec = (struct script_spec){
		.node = node,
		.argv = argv,
		.n_args = (unsigned int)n,
		.identity = find_identity(table, node),
		.keyword = conf_node_keyword(table->tree, node),
		.file = place.file,
		.line = place.line,
	};
	entry->spec.purpose = find_purpose(entry->spec.keyword);
	HASH_ADD(hh, table->entries, spec.node, sizeof(uint32_t), entry);
	return &entry->spec;
}

struct script_spec *script_table_get(struct script_table *table, uint32_t node)
{
	struct script_entry *entry;

	if (node >= conf_tree_count(table->tree) ||
		!conf_node_is_script(table->tree, node))
		return NULL;
	HASH_FIND(hh, table->entries, &node, sizeof(node), entry);
	return entry ? &entry->spec : make_spec(table, node);
}

void script_table_each(const struct script_table *table,
	void (*callback)(const struct script_spec *spec, void *user_data),
	void *user_data)
{
	const struct script_entry *entry;

	for (entry = table->entries; entry; entry = entry->hh.next)
		callback(&entry->spec, user_data);
}
