/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/files_conf.h"

#include <stddef.h>

#define AT(field) .offset = offsetof(struct files_conf, field)
#define RUNTIME_DIR_WHY                                                        \
	"Without it the file is in the runtime directory, and not in /tmp, "   \
	"where anybody could have put something in its way."

static const struct conf_keyword defs_keywords[] = {
	{ .name = "state_dump_file",
		.type = CONF_STRING,
		AT(state_dump),
		.args = "PATH",
		.default_text = "tandem.data",
		.doc = "The file that SIGUSR1 has written, for people.",
		.compat = RUNTIME_DIR_WHY,
		.example = "state_dump_file /run/tandem/state" },
	{ .name = "stats_dump_file",
		.type = CONF_STRING,
		AT(stats_dump),
		.args = "PATH",
		.default_text = "tandem.stats",
		.doc = "The file that SIGUSR2 has written: counters.",
		.compat = RUNTIME_DIR_WHY,
		.example = "stats_dump_file /run/tandem/stats" },
	{ .name = "json_dump_file",
		.type = CONF_STRING,
		AT(json_dump),
		.args = "PATH",
		.default_text = "tandem.json",
		.doc = "The file that SIGRTMIN+2 has written, with "
		       "keepalived's keys.",
		.compat = RUNTIME_DIR_WHY,
		.example = "json_dump_file /run/tandem/json" },
	{ .name = "json_version",
		.type = CONF_INT,
		AT(json_version),
		.min = 1,
		.max = 2,
		.args = "1|2",
		.default_text = "1",
		.doc = "Layout of that file: 1 is a list of VRRP instances, 2 "
		       "an object of lists." },
	{ .name = "data_use_instance",
		.type = CONF_BOOL,
		AT(use_instance),
		.args = "[BOOL]",
		.default_text = "no",
		.doc = "Have the network namespace and the instance in the "
		       "name of state_dump_file." },
	{ .name = NULL },
};

static void defs_init(void *target, const void *parent)
{
	struct files_conf *conf = target;

	(void)parent;
	conf->json_version = 1;
}

static const struct conf_block defs_block = {
	.size = sizeof(struct files_conf),
	.keywords = defs_keywords,
	.init = defs_init,
};

static const struct conf_keyword root_keywords[] = {
	{ .name = "global_defs",
		.type = CONF_BLOCK,
		.flags = CONF_SHARED,
		.offset = offsetof(struct files_root, conf),
		.block = &defs_block },
	{ .name = NULL },
};

static void root_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct files_root *root = target;
	struct files_conf *conf;

	(void)node;
	(void)parent;
	if (root->conf)
		return;
	conf = arena_new_object(ctx->arena, struct files_conf);
	defs_init(conf, root);
	root->conf = conf;
}

const struct conf_block files_conf_root = {
	.size = sizeof(struct files_root),
	.keywords = root_keywords,
	.finish = root_finish,
};
