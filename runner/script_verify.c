/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/script_verify.h"

#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "config/script.h"
#include "lib/mem.h"
#include "runner/script_check.h"
#include "runner/script_user.h"

/* What is known of one command run by one account: a file with thousands of
 * notify lines names few scripts. */
struct verified {
	UT_hash_handle hh;
	int error;	/* of script_check_find() */
	char *insecure; /* what somebody else can change, or NULL */
	char key[];
};

struct verify {
	struct conf_bind *ctx;
	const struct runner_conf *conf;
	struct script_users *users;
	struct verified *cache;
	uint32_t first; /* the first script, CONF_NODE_NONE = none yet */
};

/* --- whose script it is --- */

static const char *group_words(const struct conf_tree *tree, uint32_t node,
	uint32_t first, struct arena *arena)
{
	const char *group = conf_node_arg(tree, node, first);
	const char *more = conf_node_arg(tree, node, first + 1);
	char *both;

	if (!group || strcmp(group, ":") || !more)
		return group;
	/* The colon on its own, then the group. */
	both = arena_alloc(arena, strlen(more) + 2);
	both[0] = ':';
	strcpy(both + 1, more);
	return both;
}

const char *script_group_words(
	const struct conf_bind *ctx, uint32_t node, uint32_t first)
{
	const char *group = group_words(ctx->tree, node, first, ctx->arena);

	return group ? arena_strdup(ctx->arena, group) : NULL;
}

/* The `user` keyword beside NODE; the last one counts. */
static uint32_t find_user_keyword(const struct conf_tree *tree, uint32_t node)
{
	uint32_t found = CONF_NODE_NONE;

	conf_for_each_child(tree, conf_node_parent(tree, node),
		child) if (!strcmp(conf_node_keyword(tree, child), "user") &&
			   conf_node_n_args(tree, child)) found = child;
	return found;
}

struct script_owner script_find_owner(const struct runner_conf *conf,
	const struct conf_tree *tree, uint32_t node, struct arena *arena)
{
	struct script_owner owner = {
		.source = SCRIPT_OWNER_LINE,
		.user = conf_node_arg(tree, node, 1),
		.node = node,
	};
	uint32_t user;

	if (owner.user) {
		owner.group = group_words(tree, node, 2, arena);
		return owner;
	}
	user = find_user_keyword(tree, node);
	if (user != CONF_NODE_NONE) {
		owner.source = SCRIPT_OWNER_BLOCK;
		owner.node = user;
		owner.user = conf_node_arg(tree, user, 0);
		owner.group = group_words(tree, user, 1, arena);
		return owner;
	}
	owner.source = conf->user ? SCRIPT_OWNER_GLOBAL : SCRIPT_OWNER_DEFAULT;
	owner.user = conf->user;
	owner.group = conf->group;
	if (conf->user)
		owner.node = conf->user_node;
	return owner;
}

/* --- what is wrong with it --- */

static struct verified *verify_command(struct verify *v, const char *command,
	const struct script_identity *identity)
{
	char *key = x_asprintf("%s\n%s\n%u", command, identity->name,
		(unsigned int)identity->gid);
	size_t len = strlen(key);
	struct verified *found;
	char *path = NULL;

	HASH_FIND(hh, v->cache, key, len, found);
	if (!found) {
		found = x_calloc(1, sizeof(*found) + len + 1);
		memcpy(found->key, key, len + 1);
		found->error = script_check_find(command, identity, &path);
		if (!found->error && identity->uid == 0)
			script_check_secure(path, &found->insecure);
		HASH_ADD_KEYPTR(hh, v->cache, found->key, len, found);
	}
	x_free(path);
	x_free(key);
	return found;
}

static const char *missing_hint(const char *command)
{
	if (*command == '<' || *command == '>')
		return "redirections need a shell: sh -c '...'";
	if (strchr(command, '/'))
		return NULL;
	return "give the whole path; scripts are looked for in " SCRIPT_PATH;
}

static void report_find_error(struct verify *v, uint32_t node,
	const char *command, const struct script_identity *identity, int err)
{
	struct conf_bind *ctx = v->ctx;

	switch (err) {
	case -ENOENT:
		conf_report(ctx, DIAG_ERROR, DIAG_SCRIPT, node, 0,
			missing_hint(command), "there is no script '%s'",
			command);
		return;
	case -EISDIR:
		conf_report(ctx, DIAG_ERROR, DIAG_SCRIPT, node, 0, NULL,
			"'%s' is no regular file", command);
		return;
	case -EACCES:
		conf_report(ctx, DIAG_ERROR, DIAG_SCRIPT, node, 0,
			"set its execute permission (chmod +x)",
			"user '%s' may not execute '%s'", identity->name,
			command);
		return;
	default:
		conf_report(ctx, DIAG_WARNING, DIAG_SCRIPT, node, 0,
			"check as root", "'%s' could not be looked at: %s",
			command, strerror(-err));
	}
}

static void report_identity(struct verify *v, enum diag_severity severity,
	const struct script_identity *identity,
	const struct script_owner *owner)
{
	/* script_user is reported once, at its own line, wherever that is:
	 * the same code at the same place is kept once. */
	const char *what = identity->error == -ESRCH ? "group" : "user";
	const char *name = identity->error == -ESRCH ? owner->group
						     : owner->user;

	if (name && *name == ':')
		name++;
	conf_report(v->ctx, severity, DIAG_REFERENCE, owner->node, -1,
		"scripts run as accounts of this system, by name",
		"there is no %s '%s' to run a script as", what, name);
}

/* The account where nothing is said.  NULL: there is none that may be used,
 * which has been reported. */
static const struct script_identity *default_identity(
	struct verify *v, uint32_t node)
{
	const struct script_identity *id;

	id = script_users_get(v->users, SCRIPT_USER_DEFAULT, NULL,
		v->conf->supplementary_groups);
	if (!id->error)
		return id;
	if (v->conf->script_security) {
		conf_report(v->ctx, DIAG_ERROR, DIAG_SCRIPT, node, -1,
			"name one with script_user in global_defs, or make "
			"the account " SCRIPT_USER_DEFAULT,
			"no user to run the script as: script security is on, "
			"so it does not run as root unless that is said");
		return NULL;
	}
	return script_users_get(
		v->users, "root", NULL, v->conf->supplementary_groups);
}

static void report_insecure(struct verify *v, uint32_t node,
	const char *command, const char *component)
{
	conf_report(v->ctx,
		v->conf->script_security ? DIAG_ERROR : DIAG_WARNING,
		DIAG_SCRIPT_SECURITY, node, 0,
		"let root own it and nobody else write it, or run the script "
		"as another user",
		"'%s' runs as root, but others than root can change '%s'",
		command, component);
}

/* Of "</FILE ..." only the shell is looked at above, so there must be nothing
 * else that it runs. */
static void report_unseen(struct verify *v, uint32_t node, const char *command,
	const struct script_identity *identity)
{
	if (!conf_script_needs_shell(command) || identity->uid != 0 ||
		!strpbrk(command + 1, " \t;&|()<>$`\n"))
		return;
	conf_report(v->ctx,
		v->conf->script_security ? DIAG_ERROR : DIAG_WARNING,
		DIAG_SCRIPT_SECURITY, node, 0,
		"write what a shell is to do into a script, or run it as "
		"another user",
		"a shell runs this as root, and what it starts cannot be "
		"looked at");
}

/* dash takes it for the name of a file, which is not there. */
static void report_shell(struct verify *v, uint32_t node, const char *command)
{
	const char *keyword = conf_node_keyword(v->ctx->tree, node);
	char *hint;

	if (!conf_script_needs_shell(command) || script_check_shell_is_bash() ||
		(!strstr(command, "/dev/tcp/") && !strstr(command, "/dev/udp/")))
		return;
	hint = x_asprintf("%s \"bash -c '%s'\"", keyword,
		strpbrk(command, "'\"\\") ? "..." : command);
	conf_report(v->ctx, DIAG_WARNING, DIAG_SCRIPT, node, 0, hint,
		"a command that begins with '<' is run by a shell; " CONF_SCRIPT_SHELL
		" is not bash here, and only bash knows /dev/tcp and /dev/udp: "
		"this will always fail");
	x_free(hint);
}

static void verify_script(struct verify *v, uint32_t node)
{
	struct conf_bind *ctx = v->ctx;
	const char *command = conf_node_arg(ctx->tree, node, 0);
	const struct script_identity *identity;
	struct script_owner owner;
	struct verified *result;
	char **argv;

	/* Without a command the engine has complained already. */
	if (!command)
		return;
	if (conf_script_argv(command, ctx->arena, &argv) <= 0) {
		conf_report(ctx, DIAG_ERROR, DIAG_SCRIPT, node, 0, NULL,
			"the command is empty");
		return;
	}
	if (v->first == CONF_NODE_NONE)
		v->first = node;
	owner = script_find_owner(v->conf, ctx->tree, node, ctx->arena);
	identity = owner.user
			   ? script_users_get(v->users, owner.user, owner.group,
				     v->conf->supplementary_groups)
			   : default_identity(v, node);
	if (!identity)
		return;
	if (identity->error) {
		report_identity(v, DIAG_ERROR, identity, &owner);
		return;
	}
	result = verify_command(v, argv[0], identity);
	if (result->error)
		report_find_error(v, node, argv[0], identity, result->error);
	else if (result->insecure)
		report_insecure(v, node, argv[0], result->insecure);
	report_unseen(v, node, command, identity);
	report_shell(v, node, command);
}

/* An error where a script is run as it, which has been told then; else it may
 * wait for the first script. */
static void check_script_user(struct verify *v)
{
	const struct script_owner owner = {
		.user = v->conf->user,
		.group = v->conf->group,
		.node = v->conf->user_node,
	};
	const struct script_identity *identity;

	if (!owner.user)
		return;
	identity = script_users_get(v->users, owner.user, owner.group,
		v->conf->supplementary_groups);
	if (identity->error)
		report_identity(v, DIAG_WARNING, identity, &owner);
}

static void report_no_security(struct verify *v)
{
	if (v->first == CONF_NODE_NONE || v->conf->script_security)
		return;
	conf_report(v->ctx, DIAG_WARNING, DIAG_SCRIPT_SECURITY, v->first, -1,
		"put enable_script_security and script_user into global_defs",
		"scripts are run, but script security is not enabled");
}

static void free_cache(struct verified *cache)
{
	struct verified *entry;
	struct verified *next;

	HASH_ITER (hh, cache, entry, next) {
		HASH_DEL(cache, entry);
		x_free(entry->insecure);
		x_free(entry);
	}
}

void script_verify_all(struct conf_bind *ctx, const struct runner_conf *conf)
{
	struct verify v = {
		.ctx = ctx,
		.conf = conf,
		.users = script_users_new(),
		.first = CONF_NODE_NONE,
	};
	uint32_t count = conf_tree_count(ctx->tree);
	uint32_t node;

	for (node = 0; node < count; node++)
		if (conf_node_is_script(ctx->tree, node))
			verify_script(&v, node);
	check_script_user(&v);
	report_no_security(&v);
	free_cache(v.cache);
	script_users_free(v.users);
}
