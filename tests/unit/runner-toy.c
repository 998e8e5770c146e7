/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/runner-toy.h"

#include "runner/runner_conf.h"

struct toy_block {
	struct conf_script script;
	const char *user;
};

struct toy_root {
	struct conf_list blocks;
};

static void take_name(struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *name;

	(void)target;
	conf_arg_string(ctx, node, 0, &name);
}

static void take_user(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct toy_block *block = target;

	conf_arg_string(ctx, node, 0, &block->user);
}

static const struct conf_keyword check_keywords[] = {
	{
		.name = "script",
		.type = CONF_SCRIPT,
		.offset = offsetof(struct toy_block, script),
	},
	{
		.name = "user",
		.type = CONF_CUSTOM,
		.bind = take_user,
	},
	{ .name = NULL },
};

static const struct conf_keyword instance_keywords[] = {
	{
		.name = "notify",
		.type = CONF_SCRIPT,
		.offset = offsetof(struct toy_block, script),
	},
	{
		.name = "notify_stop",
		.type = CONF_SCRIPT,
		.offset = offsetof(struct toy_block, script),
	},
	{ .name = NULL },
};

static const struct conf_block check_block = {
	.size = sizeof(struct toy_block),
	.keywords = check_keywords,
	.arguments = take_name,
};

static const struct conf_block instance_block = {
	.size = sizeof(struct toy_block),
	.keywords = instance_keywords,
	.arguments = take_name,
};

static const struct conf_keyword root_keywords[] = {
	{
		.name = "check",
		.type = CONF_BLOCK,
		.flags = CONF_MULTI,
		.offset = offsetof(struct toy_root, blocks),
		.block = &check_block,
	},
	{
		.name = "instance",
		.type = CONF_BLOCK,
		.flags = CONF_MULTI,
		.offset = offsetof(struct toy_root, blocks),
		.block = &instance_block,
	},
	/* What events are about. */
	{
		.name = "vrrp_instance",
		.type = CONF_BLOCK,
		.flags = CONF_MULTI,
		.offset = offsetof(struct toy_root, blocks),
		.block = &instance_block,
	},
	{ .name = NULL },
};

static const struct conf_block toy_root = {
	.size = sizeof(struct toy_root),
	.keywords = root_keywords,
};

static const struct conf_block *const views[] = {
	&toy_root,
	&runner_conf_root,
	NULL,
};

const struct conf_language toy_language = { .views = views };
