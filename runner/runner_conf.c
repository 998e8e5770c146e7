/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/runner_conf.h"

#include "runner/script_verify.h"

/* script_user USER [[:]GROUP] */
static void bind_script_user(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct runner_conf *conf = target;
	const char *user;

	if (conf_arg_string(ctx, node, 0, &user) < 0)
		return;
	conf->user = user;
	conf->user_node = node;
	conf->group = script_group_words(ctx, node, 1);
}

static const struct conf_keyword global_keywords[] = {
	{
		.name = "script_user",
		.type = CONF_CUSTOM,
		.bind = bind_script_user,
		.args = "USER [[:]GROUP]",
		.default_text = "keepalived_script, where that account exists",
		.doc = "Account that scripts run as where nothing else is "
		       "said. A colon in front of the group adds the user's "
		       "supplementary groups.",
		.example = "script_user nobody",
	},
	{
		.name = "enable_script_security",
		.type = CONF_FLAG,
		.offset = offsetof(struct runner_conf, script_security),
		.doc = "Refuse a script that runs as root and that somebody "
		       "other than root can change: the file, a directory "
		       "above it, or the target of a link.",
		.compat = "keepalived drops such a script and goes on; "
			  "here it is an error.",
	},
	{
		.name = "use_symlink_paths",
		.type = CONF_BOOL,
		.offset = offsetof(struct runner_conf, symlink_paths),
		.default_text = "no",
		.doc = "Accepted for compatibility: a script is always run by "
		       "the path that is written, and both that path and what "
		       "its links lead to are checked.",
		.compat = "keepalived runs what the links lead to, unless "
			  "this is set.",
	},
	{
		.name = "set_supplementary_groups",
		.type = CONF_FLAG,
		.offset = offsetof(struct runner_conf, supplementary_groups),
		.doc = "Run all scripts with the supplementary groups of "
		       "their user.",
	},
	{ .name = NULL },
};

/* Several global_defs blocks add up: each starts from what the root has and
 * gives it back. */
static void global_init(void *target, const void *parent)
{
	*(struct runner_conf *)target = *(const struct runner_conf *)parent;
}

static void global_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	(void)ctx;
	(void)node;
	*(struct runner_conf *)parent = *(const struct runner_conf *)target;
}

static const struct conf_block global_block = {
	.size = sizeof(struct runner_conf),
	.keywords = global_keywords,
	.init = global_init,
	.finish = global_finish,
};

/* The root: its struct is what the globals end up in, and the list of them,
 * which nobody needs. */
struct runner_root {
	struct runner_conf conf; /* first: the root is used as one */
	struct conf_list globals;
};

static const struct conf_keyword root_keywords[] = {
	{
		.name = "global_defs",
		.type = CONF_BLOCK,
		.flags = CONF_MULTI | CONF_SHARED,
		.offset = offsetof(struct runner_root, globals),
		.block = &global_block,
		.doc = "Settings of the whole suite.",
	},
	{ .name = NULL },
};

static void root_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	(void)node;
	(void)parent;
	/* A role that binds what is checked does not look at files. */
	if (ctx->diags)
		script_verify_all(ctx, target);
}

const struct conf_block runner_conf_root = {
	.size = sizeof(struct runner_root),
	.keywords = root_keywords,
	.finish = root_finish,
};
