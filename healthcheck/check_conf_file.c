/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FILE_CHECK, and what it needs of track_file: vrrp knows these blocks too,
 * documents them and says what is wrong with them.
 */
#include <stdlib.h>
#include <string.h>

#include "healthcheck/check_conf_rows.h"

#define FILE_AT(member) offsetof(struct check_file, member)
#define WEIGHT_HINT "weight N [reverse]"

/* --- track_file --- */

/* In silence: out of range or no number is 1 here, and an error of vrrp. */
static void bind_weight(struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *number = conf_node_arg(ctx->tree, node, 0);
	const char *word = conf_node_arg(ctx->tree, node, 1);
	struct check_file *file = target;
	long long weight;
	char *end;

	if (!number)
		return;
	weight = strtoll(number, &end, 10);
	if (end == number || *end || weight < -INT32_MAX || weight > INT32_MAX)
		return;
	file->weight = weight;
	file->reverse = word && !strcmp(word, "reverse");
}

static void bind_path(struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *path = conf_node_arg(ctx->tree, node, 0);
	struct check_file *file = target;

	if (path)
		file->path = arena_strdup(ctx->arena, path);
}

static const struct conf_keyword track_file_keywords[] = {
	{ .name = "file", .type = CONF_CUSTOM, .flags = CONF_SHARED,
		.bind = bind_path, .args = "PATH", .doc = "See vrrp." },
	{ .name = "weight", .type = CONF_CUSTOM, .flags = CONF_SHARED,
		.bind = bind_weight, .args = "N [reverse]", .doc = "See vrrp." },
	{ .name = NULL },
};

static void track_file_arguments(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *name = conf_node_arg(ctx->tree, node, 0);
	struct check_file *file = target;

	file->name = arena_strdup(ctx->arena, name ? name : "");
}

static void track_file_init(void *target, const void *parent)
{
	struct check_file *file = target;

	(void)parent;
	file->weight = 1;
}

const struct conf_block check_conf_track_file = {
	.size = sizeof(struct check_file),
	.keywords = track_file_keywords,
	.arguments = track_file_arguments,
	.init = track_file_init,
};

/* --- FILE_CHECK --- */

static void bind_check_weight(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *word = conf_node_arg(ctx->tree, node, 1);
	struct check_config *check = target;

	if (conf_arg_int(ctx, node, 0, -INT32_MAX, INT32_MAX,
		    &check->file_weight) < 0)
		return;
	if (word && !strcmp(word, "reverse"))
		check->file_reverse = true;
	else if (word && strcmp(word, "noreverse"))
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, 1,
			WEIGHT_HINT, "'%s' is not known here", word);
	conf_check_extra(ctx, node, 2);
}

static const struct conf_keyword file_keywords[] = {
	{ .name = "track_file",
		.type = CONF_STRING,
		.offset = CHECK_AT(file_name),
		.args = "NAME",
		.doc = "The track_file that it follows. A file that is not "
		       "there or holds no number counts as 0.",
		.example = "track_file busy" },
	{ .name = "weight",
		.type = CONF_CUSTOM,
		.bind = bind_check_weight,
		.args = "N [reverse]",
		.default_text = "0",
		.inherits = "", /* nor is it the server's weight */
		.doc = "The number times N is added to the server's weight. "
		       "0: that of the track_file; if that is 0 as well, the "
		       "server is down while the number is not 0 (reverse: "
		       "while it is).",
		.example = "weight -1" },
	{ .name = NULL },
};

static void file_init(void *target, const void *parent)
{
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_FILE;
}

static void file_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_config *check = target;

	/* Nothing is asked over a network: no retries, no spreading. */
	check->timing.retry = 0;
	check->timing.warmup_us = 0;
	check_config_finish(ctx, node, target, parent);
	if (!check->file_name)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node, -1,
			"track_file NAME", "FILE_CHECK names no track_file");
}

const struct conf_block check_conf_file = {
	.size = sizeof(struct check_config),
	.keywords = file_keywords,
	.init = file_init,
	.finish = file_finish,
};

/* --- which file a check follows --- */

struct check_file *check_files_index(const struct conf_list *files)
{
	struct check_file *index = NULL;
	uint32_t i;

	for (i = 0; i < files->n; i++) {
		struct check_file *file = files->items[i];
		struct check_file *other;

		HASH_FIND_STR(index, file->name, other);
		if (!other)
			HASH_ADD_KEYPTR(hh, index, file->name,
				strlen(file->name), file);
	}
	return index;
}

/* Where CHECK names its file. */
static uint32_t name_node(
	const struct conf_bind *ctx, const struct check_config *check)
{
	conf_for_each_child(ctx->tree, check->node, child)
		if (!strcmp(conf_node_keyword(ctx->tree, child), "track_file"))
			return child;
	return check->node;
}

void check_file_resolve(struct conf_bind *ctx, struct check_file *index,
	struct check_config *check)
{
	struct check_file *file;

	if (!check->file_name)
		return;
	HASH_FIND_STR(index, check->file_name, file);
	if (!file) {
		conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE,
			name_node(ctx, check), 0,
			"define it: track_file NAME { file PATH }",
			"there is no track_file '%s'", check->file_name);
		return;
	}
	check->file_path = file->path;
	if (!check->file_weight) {
		check->file_weight = file->weight;
		check->file_reverse = file->reverse;
	}
}
