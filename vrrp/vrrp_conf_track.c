/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is tracked, and sync groups: vrrp_script, track_file,
 * vrrp_sync_group. */
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/vrrp_conf_internal.h"

#define WEIGHT_MAX 253
#define FILE_WEIGHT_MAX 254
#define SCRIPT_AT(field) .offset = offsetof(struct vrrp_script_conf, field)
#define GROUP_AT(field) .offset = offsetof(struct vrrp_group_conf, field)
#define NOTIFY(keyword, field, text)                                          \
	{                                                                     \
		.name = (keyword), .type = CONF_SCRIPT,                       \
		.flags = CONF_FIRST_WINS | CONF_QUOTED, GROUP_AT(field),      \
		.args = "COMMAND [USER [GROUP]]", .doc = (text)               \
	}

/* --- lines of track_interface and track_script --- */

void vrrp_conf_read_track(struct conf_bind *ctx, uint32_t node,
	enum vrrp_track_kind kind, struct conf_list *list)
{
	struct vrrp_track_conf *track =
		arena_new_object(ctx->arena, struct vrrp_track_conf);
	bool more = kind == VRRP_TRACK_FILE || kind == VRRP_TRACK_PROCESS;
	int64_t max = more ? FILE_WEIGHT_MAX : WEIGHT_MAX;
	const char *word;
	int64_t weight = 0;

	track->node = node;
	track->kind = kind;
	track->name = arena_strdup(
		ctx->arena, conf_node_keyword(ctx->tree, node));
	for (uint32_t i = 0; (word = conf_node_arg(ctx->tree, node, i)); i++) {
		if (!strcmp(word, "weight")) {
			i++;
			track->has_weight = conf_arg_int(ctx, node, i,
				-max, max, &weight) == 0;
		} else if (!strcmp(word, "reverse")) {
			track->reverse = true;
			track->has_reverse = true;
		} else if (!strcmp(word, "noreverse")) {
			track->reverse = false;
			track->has_reverse = true;
		} else {
			conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node,
				(int)i, "weight N or reverse",
				"'%s' is no option of a tracked object", word);
			break;
		}
	}
	track->weight = (int)weight;
	conf_list_add(ctx->arena, list, track);
}

/* --- vrrp_script --- */

static void bind_weight(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_script_conf *script = target;
	const char *word = conf_node_arg(ctx->tree, node, 1);

	conf_arg_int(ctx, node, 0, -WEIGHT_MAX, WEIGHT_MAX, &script->weight);
	if (word && !strcmp(word, "reverse"))
		script->reverse = true;
	else if (word)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, 1,
			"weight N [reverse]", "'%s' is not known here", word);
}

static const struct conf_keyword script_keywords[] = {
	{ .name = "script", .type = CONF_SCRIPT, .flags = CONF_QUOTED,
		SCRIPT_AT(script), .args = "COMMAND [USER [GROUP]]",
		.doc = "What to run; exit status 0 is success." },
	{ .name = "interval", .type = CONF_TIME, SCRIPT_AT(interval_us),
		.min = USEC_PER_MSEC, .max = 86400 * USEC_PER_SEC,
		.args = "SECONDS", .default_text = "1",
		.doc = "Time between runs." },
	{ .name = "timeout", .type = CONF_TIME, SCRIPT_AT(timeout_us),
		.min = USEC_PER_MSEC, .max = 86400 * USEC_PER_SEC,
		.args = "SECONDS",
		.doc = "A run that takes longer is ended and counts as "
		       "failed; the interval when not set." },
	{ .name = "weight", .type = CONF_CUSTOM, .bind = bind_weight,
		.args = "N [reverse]", .default_text = "0",
		.doc = "Positive: added to the priority after success. "
		       "Negative: taken off after failure. 0: failure is a "
		       "FAULT." },
	{ .name = "rise", .type = CONF_INT, SCRIPT_AT(rise), .min = 1,
		.max = INT32_MAX, .args = "N", .default_text = "1",
		.doc = "Successes in a row until it counts as good." },
	{ .name = "fall", .type = CONF_INT, SCRIPT_AT(fall), .min = 1,
		.max = INT32_MAX, .args = "N", .default_text = "1",
		.doc = "Failures in a row until it counts as failed." },
	{ .name = "user", .type = CONF_CUSTOM, .args = "USER [GROUP]",
		.doc = "Whom to run it as.",
		.flags = CONF_GLOB_TAIL },
	{ .name = "init_fail", .type = CONF_FLAG, SCRIPT_AT(init_fail),
		.args = "", .doc = "It counts as failed until it succeeded." },
	{ .name = NULL },
};

static void script_arguments(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_script_conf *script = target;

	script->node = node;
	script->name = vrrp_conf_block_name(ctx, node);
}

static void script_init(void *target, const void *parent)
{
	struct vrrp_script_conf *script = target;

	(void)parent;
	script->interval_us = USEC_PER_SEC;
	script->timeout_us = VRRP_CONF_UNSET;
	script->rise = 1;
	script->fall = 1;
}

static void script_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct vrrp_script_conf *script = target;

	(void)parent;
	if (script->timeout_us == VRRP_CONF_UNSET)
		script->timeout_us = script->interval_us;
	if (script->script.node == 0 &&
		vrrp_conf_child(ctx, node, "script") == node)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node, -1,
			"script \"COMMAND\"", "script '%s' has nothing to run",
			script->name);
}

const struct conf_block vrrp_conf_script = {
	.size = sizeof(struct vrrp_script_conf),
	.keywords = script_keywords,
	.arguments = script_arguments,
	.init = script_init,
	.finish = script_finish,
};

/* --- track_file --- */

#define FILE_AT(field) .offset = offsetof(struct vrrp_file_conf, field)

static void bind_file_weight(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_file_conf *file = target;
	const char *word = conf_node_arg(ctx->tree, node, 1);

	conf_arg_int(ctx, node, 0, -FILE_WEIGHT_MAX, FILE_WEIGHT_MAX,
		&file->weight);
	if (word && !strcmp(word, "reverse"))
		file->reverse = true;
	else if (word)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, 1,
			"weight N [reverse]", "'%s' is not known here", word);
}

/* init_file [VALUE] [overwrite], in any order. */
static void bind_init_file(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_file_conf *file = target;
	const char *word;

	file->init = true;
	for (uint32_t i = 0; (word = conf_node_arg(ctx->tree, node, i)); i++) {
		if (!strcmp(word, "overwrite"))
			file->overwrite = true;
		else
			conf_arg_int(ctx, node, i, INT32_MIN, INT32_MAX,
				&file->init_value);
	}
}

static const struct conf_keyword file_keywords[] = {
	{ .name = "file", .type = CONF_STRING, FILE_AT(path),
		.args = "PATH",
		.doc = "The file that holds the number, a text; a file that "
		       "is not there or holds none counts as 0. Its directory "
		       "is watched: a change counts at once.",
		.compat = "Read and made by the account of the daemon's roles "
			  "(tandem), not by root." },
	{ .name = "weight", .type = CONF_CUSTOM, .bind = bind_file_weight,
		.args = "N [reverse]", .default_text = "1",
		.doc = "The number times N is added to the priority; a "
		       "product below -253 is a FAULT. 0: any number but 0 is "
		       "a FAULT." },
	{ .name = "init_file", .type = CONF_CUSTOM, .bind = bind_init_file,
		.args = "[VALUE] [overwrite]",
		.doc = "Make the file at the start with VALUE (0) when it is "
		       "not there; overwrite: also when it is. A reload "
		       "overwrites nothing." },
	{ .name = NULL },
};

static void file_arguments(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_file_conf *file = target;

	file->node = node;
	file->name = vrrp_conf_block_name(ctx, node);
}

static void file_init(void *target, const void *parent)
{
	struct vrrp_file_conf *file = target;

	(void)parent;
	file->weight = 1;
}

static void file_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct vrrp_file_conf *file = target;

	(void)parent;
	if (!file->path && vrrp_conf_child(ctx, node, "file") == node)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node, -1,
			"file PATH", "track_file '%s' names no file",
			file->name);
	else if (file->path && file->path[0] != '/')
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE,
			vrrp_conf_child(ctx, node, "file"), 0,
			"give the whole path, from /",
			"where '%s' is depends on how the daemon is started",
			file->path);
}

const struct conf_block vrrp_conf_track_file = {
	.size = sizeof(struct vrrp_file_conf),
	.keywords = file_keywords,
	.arguments = file_arguments,
	.init = file_init,
	.finish = file_finish,
};

/* --- vrrp_sync_group --- */

static void add_member(struct conf_bind *ctx, uint32_t node,
	struct vrrp_group_conf *group, const char *name)
{
	struct vrrp_member_conf *member =
		arena_new_object(ctx->arena, struct vrrp_member_conf);

	member->node = node;
	member->name = arena_strdup(ctx->arena, name);
	conf_list_add(ctx->arena, &group->member_names, member);
}

/* Several names on a line are several members. */
static void bind_members(struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *word = conf_node_keyword(ctx->tree, node);

	for (uint32_t i = 0; word; word = conf_node_arg(ctx->tree, node, i++))
		add_member(ctx, node, target, word);
}

static void bind_group_interface(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_group_conf *group = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_INTERFACE, &group->tracks);
}

static void bind_group_script(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_group_conf *group = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_SCRIPT, &group->tracks);
}

static void bind_group_file(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_group_conf *group = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_FILE, &group->tracks);
}

static void bind_group_process(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_group_conf *group = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_PROCESS, &group->tracks);
}

static void bind_group_bfd(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_group_conf *group = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_BFD, &group->tracks);
}

static const struct conf_keyword group_keywords[] = {
	{ .name = "group", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_members, .args = "{ INSTANCE ... }",
		.doc = "The instances that change state together." },
	{ .name = "track_interface", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_group_interface,
		.args = "{ INTERFACE [weight N] [reverse] ... }",
		.doc = "As in vrrp_instance, for all members." },
	{ .name = "track_script", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_group_script,
		.args = "{ NAME [weight N] [reverse|noreverse] ... }",
		.doc = "As in vrrp_instance, for all members." },
	{ .name = "track_process", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_group_process,
		.args = "{ NAME [weight N] [reverse|noreverse] ... }",
		.doc = "As in vrrp_instance, for all members." },
	{ .name = "track_file", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_group_file,
		.args = "{ NAME [weight N] [reverse|noreverse] ... }",
		.doc = "As in vrrp_instance, for all members." },
	{ .name = "track_bfd", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_group_bfd,
		.args = "{ NAME [weight N] [reverse|noreverse] ... }",
		.doc = "As in vrrp_instance, for all members." },
	NOTIFY("notify_master", notify.master,
		"Run when the group becomes Active."),
	NOTIFY("notify_backup", notify.backup,
		"Run when the group becomes Backup."),
	NOTIFY("notify_fault", notify.fault, "Run when the group enters "
					     "FAULT."),
	NOTIFY("notify_stop", notify.stop, "Run when VRRP stops."),
	NOTIFY("notify", notify.any,
		"Run at each change, with GROUP, the name, the new state and "
		"0 behind the command's own arguments."),
	VRRP_CONF_SWITCH("notify_priority_changes", struct vrrp_group_conf,
		notify_priority_changes,
		.doc = "As vrrp_notify_priority_changes, for all members."),
	{ .name = "global_tracking", .type = CONF_FLAG,
		.flags = CONF_DEPRECATED, GROUP_AT(global_tracking),
		.args = "", .doc = "Members share what they track; always "
				   "so for failures." },
	{ .name = "sync_group_tracking_weight", .type = CONF_FLAG,
		GROUP_AT(tracking_weight), .args = "",
		.doc = "Weights of tracked objects count in the group; then "
		       "members may have different priorities." },
	{ .name = NULL },
};

static void group_init(void *target, const void *parent)
{
	struct vrrp_group_conf *group = target;

	(void)parent;
	group->notify_priority_changes = VRRP_CONF_UNSET;
}

static void group_arguments(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_group_conf *group = target;

	group->node = node;
	group->name = vrrp_conf_block_name(ctx, node);
}

const struct conf_block vrrp_conf_group = {
	.size = sizeof(struct vrrp_group_conf),
	.keywords = group_keywords,
	.arguments = group_arguments,
	.init = group_init,
	.stray_words = "members of the group stand in 'group { NAME ... }'",
};
