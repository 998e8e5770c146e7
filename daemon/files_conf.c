/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/files_conf.h"

#include <stddef.h>
#include <string.h>

#define AT(field) .offset = offsetof(struct files_conf, field)
#define RUNTIME_DIR_WHY                                                        \
	"Without it the file is in the runtime directory, and not in /tmp, "   \
	"where anybody could have put something in its way."

/* The parser has taken it already: what is wrong is said here. */
static void bind_include_check(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	static const char *const names[] = { "readable", "match",
		"wildcard_match", "brace_match" };
	uint32_t n = conf_node_n_args(ctx->tree, node);
	uint32_t i;
	size_t k;

	(void)target;
	for (i = 0; i < n; i++) {
		const char *word = conf_node_arg(ctx->tree, node, i);

		word += *word == '+' || *word == '-';
		for (k = 0; k < 4 && strcmp(word, names[k]); k++)
			;
		if (k == 4)
			conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node,
				(int)i,
				"readable, match, wildcard_match or "
				"brace_match, with + or - in front",
				"'%s' is no check of includes", word);
	}
}

/* An absolute path, or NULL after having said so. */
static const char *bind_path(struct conf_bind *ctx, uint32_t node)
{
	const char *path;

	if (conf_arg_string(ctx, node, 0, &path) < 0)
		return NULL;
	conf_check_extra(ctx, node, 1);
	if (*path == '/' && path[strlen(path) - 1] != '/')
		return path;
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0, NULL,
		"'%s' is no absolute path", path);
	return NULL;
}

static void bind_reload_time(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct files_conf *conf = target;

	conf->reload_time = bind_path(ctx, node);
}

static void bind_reload_file(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct files_conf *conf = target;

	conf->reload_marked = true;
	if (conf_node_n_args(ctx->tree, node))
		conf->reload_marker = bind_path(ctx, node);
}

static void bind_save_dir(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct files_conf *conf = target;

	conf->save_dir = bind_path(ctx, node);
}

static const struct conf_keyword defs_keywords[] = {
	{ .name = "reload_time_file",
		.type = CONF_CUSTOM,
		.bind = bind_reload_time,
		.args = "PATH",
		.doc = "A file whose first line is the time of a reload: "
		       "HH:MM:SS, YY-MM-DD HH:MM:SS or YYYY-MM-DD HH:MM:SS, "
		       "with a Z behind it for UTC.  It may come, change and "
		       "go at any time, and is removed when it is time.",
		.example = "reload_time_file /run/tandem/reload-at" },
	{ .name = "reload_repeat",
		.type = CONF_FLAG,
		AT(reload_repeat),
		.args = "",
		.doc = "Leave reload_time_file where it is, and reload every "
		       "day if it has no date." },
	{ .name = "reload_file",
		.type = CONF_CUSTOM,
		.bind = bind_reload_file,
		.args = "[PATH]",
		.default_text = "tandem.reload",
		.doc = "A file that a reload empties before it reads the "
		       "configuration and removes when it has read it.",
		.example = "reload_file /run/tandem/reading" },
	{ .name = "config_save_dir",
		.type = CONF_CUSTOM,
		.bind = bind_save_dir,
		.args = "DIR",
		.doc = "Have a copy of each configuration that was loaded, "
		       "and of the state it led to, in this directory, which "
		       "is made if need be.",
		.example = "config_save_dir /var/lib/tandem/saved" },
	{ .name = "include_check",
		.type = CONF_CUSTOM,
		.flags = CONF_MULTI,
		.bind = bind_include_check,
		.args = "[+|-]readable|match|wildcard_match|brace_match",
		.doc = "What is an error in an include from here on, to the "
		       "end of this file: a file that is not there (match), "
		       "a pattern that nothing matches (wildcard_match), or a "
		       "word in braces (brace_match); without words, all.",
		.compat = "A file that cannot be read is an error in any "
			  "case, one that is not there a warning.",
		.example = "include_check match wildcard_match" },
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
