/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vrrp_track_process. */
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/vrrp_conf_internal.h"

#define AT(field) .offset = offsetof(struct vrrp_process_conf, field)
#define WEIGHT_MAX 254
#define QUORUM_MAX 65535
#define DELAY_MAX_US (3600 * USEC_PER_SEC)
/* The kernel keeps no more of a name. */
#define COMM_LEN 15

/* The parameters in a row, each with its NUL. */
static void read_params(
	struct conf_bind *ctx, uint32_t node, struct process_rule *rule)
{
	uint32_t n = conf_node_n_args(ctx->tree, node);
	size_t len = 0;
	char *params;

	for (uint32_t i = 1; i < n; i++)
		len += strlen(conf_node_arg(ctx->tree, node, i)) + 1;
	params = arena_alloc(ctx->arena, len + 1);
	rule->params = params;
	rule->params_len = len;
	for (uint32_t i = 1; i < n; i++) {
		const char *word = conf_node_arg(ctx->tree, node, i);

		memcpy(params, word, strlen(word) + 1);
		params += strlen(word) + 1;
	}
}

static void bind_process(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_process_conf *process = target;
	struct process_rule *rule = &process->rule;

	if (conf_arg_string(ctx, node, 0, &rule->name) < 0)
		return;
	if (conf_node_n_args(ctx->tree, node) < 2)
		return;
	read_params(ctx, node, rule);
	rule->full_command = true;
	if (rule->match == PROCESS_MATCH_NONE)
		rule->match = PROCESS_MATCH_EXACT;
}

static void bind_match(struct conf_bind *ctx, uint32_t node, void *target)
{
	static const struct conf_value values[] = {
		{ "initial", PROCESS_MATCH_INITIAL },
		{ "partial", PROCESS_MATCH_PARTIAL },
		{ NULL, 0 },
	};
	struct vrrp_process_conf *process = target;
	int match = PROCESS_MATCH_EXACT;

	if (conf_node_n_args(ctx->tree, node) &&
		conf_arg_enum(ctx, node, 0, values, &match) < 0)
		return;
	conf_check_extra(ctx, node, 1);
	process->rule.match = (enum process_match)match;
	process->rule.full_command = true;
}

static void bind_weight(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_process_conf *process = target;
	const char *word = conf_node_arg(ctx->tree, node, 1);

	conf_arg_int(ctx, node, 0, -WEIGHT_MAX, WEIGHT_MAX, &process->weight);
	if (word && !strcmp(word, "reverse"))
		process->reverse = true;
	else if (word)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, 1,
			"weight N [reverse]", "'%s' is not known here", word);
}

static void bind_delay(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_process_conf *process = target;
	int64_t delay;

	if (conf_arg_time(ctx, node, 0, 1, DELAY_MAX_US, &delay) < 0)
		return;
	conf_check_extra(ctx, node, 1);
	process->quorum.fork_delay_us = delay;
	process->quorum.terminate_delay_us = delay;
}

static const struct conf_keyword keywords[] = {
	{ .name = "process", .type = CONF_CUSTOM, .bind = bind_process,
		.args = "NAME [PARAMETER...]",
		.doc = "The name that the kernel has for it; with parameters "
		       "or full_command the first word of its command line, "
		       "and exactly these parameters." },
	{ .name = "param_match", .type = CONF_CUSTOM, .bind = bind_match,
		.args = "[initial|partial]",
		.doc = "The command line may go on after the parameters "
		       "(partial), or also within the last (initial); alone: "
		       "no other parameters than these." },
	{ .name = "weight", .type = CONF_CUSTOM, .bind = bind_weight,
		.args = "N [reverse]", .default_text = "0",
		.doc = "As in vrrp_script." },
	{ .name = "quorum", .type = CONF_INT, AT(quorum_said), .min = 1,
		.max = QUORUM_MAX, .args = "N", .default_text = "1",
		.doc = "So many processes must be there." },
	{ .name = "quorum_max", .type = CONF_INT, AT(quorum_max_said),
		.min = 0, .max = QUORUM_MAX, .args = "N",
		.doc = "And no more than so many; 0: none at all." },
	{ .name = "delay", .type = CONF_CUSTOM, .bind = bind_delay,
		.args = "SECONDS", .doc = "Both of the following." },
	{ .name = "fork_delay", .type = CONF_TIME, AT(quorum.fork_delay_us),
		.min = 1, .max = DELAY_MAX_US, .args = "SECONDS",
		.default_text = "0",
		.doc = "Processes that were forked count only then: they may "
		       "be about to become another program." },
	{ .name = "terminate_delay", .type = CONF_TIME,
		AT(quorum.terminate_delay_us), .min = 1, .max = DELAY_MAX_US,
		.args = "SECONDS", .default_text = "0",
		.doc = "Processes that ended count for so long: another one "
		       "may follow." },
	{ .name = "full_command", .type = CONF_FLAG, AT(rule.full_command),
		.args = "",
		.doc = "Compare with the command line, as pgrep -f does." },
	{ .name = NULL },
};

static void arguments(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_process_conf *process = target;

	process->node = node;
	process->name = vrrp_conf_block_name(ctx, node);
	conf_check_extra(ctx, node, 1);
}

static void init(void *target, const void *parent)
{
	struct vrrp_process_conf *process = target;

	(void)parent;
	process->quorum_max_said = VRRP_CONF_UNSET;
}

static void decide_quorum(
	struct conf_bind *ctx, struct vrrp_process_conf *process)
{
	struct process_quorum_conf *quorum = &process->quorum;
	int64_t max = process->quorum_max_said;

	quorum->quorum = process->quorum_said ? (uint32_t)process->quorum_said
					      : 1;
	quorum->quorum_max = UINT32_MAX;
	if (max == VRRP_CONF_UNSET)
		return;
	if (!max && !process->quorum_said) {
		quorum->quorum = 0;
		quorum->quorum_max = 0;
	} else if (max < quorum->quorum) {
		conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT,
			vrrp_conf_child(ctx, process->node, "quorum_max"), 0,
			NULL, "quorum_max is less than quorum");
	} else {
		quorum->quorum_max = (uint32_t)max;
	}
}

static void finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct vrrp_process_conf *process = target;
	uint32_t where = vrrp_conf_child(ctx, node, "process");

	(void)parent;
	decide_quorum(ctx, process);
	if (!process->rule.name && where == node)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node, -1,
			"process NAME", "vrrp_track_process '%s' names no "
					"process",
			process->name);
	else if (process->rule.name && !process->rule.full_command &&
		 strlen(process->rule.name) > COMM_LEN)
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE, where, 0,
			"full_command, with the whole path",
			"the kernel's name of a process has %d characters at "
			"most: this one is never found",
			COMM_LEN);
}

const struct conf_block vrrp_conf_track_process = {
	.size = sizeof(struct vrrp_process_conf),
	.keywords = keywords,
	.arguments = arguments,
	.init = init,
	.finish = finish,
};
