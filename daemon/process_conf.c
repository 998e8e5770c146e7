/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/process_conf.h"

#include <stddef.h>

#include "daemon/umask.h"
#include "lib/timeutil.h"

#define AT(field) .offset = offsetof(struct process_conf, field)
#define CHECKER_TOO "Also of the ipvs role: keepalived has one process for both."

static void bind_cpus(
	struct conf_bind *ctx, uint32_t node, struct process_words *words)
{
	uint32_t n = conf_node_n_args(ctx->tree, node);
	int64_t cpu;
	uint32_t i;

	if (!n)
		conf_arg_int(ctx, node, 0, 0, CPU_SETSIZE - 1, &cpu);
	CPU_ZERO(&words->cpus);
	words->has_cpus = false;
	for (i = 0; i < n; i++) {
		if (conf_arg_int(ctx, node, i, 0, CPU_SETSIZE - 1, &cpu) < 0)
			continue;
		CPU_SET((size_t)cpu, &words->cpus);
		words->has_cpus = true;
	}
}

static void bind_vrrp_cpus(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct process_conf *conf = target;

	bind_cpus(ctx, node, &conf->kinds[PROCESS_VRRP]);
}

static void bind_checker_cpus(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct process_conf *conf = target;

	bind_cpus(ctx, node, &conf->kinds[PROCESS_CHECKER]);
}

/* Without a number, as high as there is. */
static void bind_max_auto(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct process_conf *conf = target;

	conf->max_auto_priority = 99;
	if (conf_node_n_args(ctx->tree, node))
		conf_arg_int(ctx, node, 0, -1, 99, &conf->max_auto_priority);
	conf_check_extra(ctx, node, 1);
}

static void bind_umask(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct process_conf *conf = target;
	const char *text;
	mode_t mode;

	if (conf_arg_string(ctx, node, 0, &text) < 0)
		return;
	conf_check_extra(ctx, node, 1);
	if (umask_parse(text, &mode) < 0)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0,
			"a number such as 022, or bits: IWGRP|IWOTH",
			"'%s' is no umask", text);
	else
		conf->umask = mode;
}

static const struct conf_keyword defs_keywords[] = {
	{ .name = "vrrp_priority", .type = CONF_INT,
		AT(kinds[PROCESS_VRRP].nice), .min = -20, .max = 19,
		.args = "NICE", .default_text = "that of the supervisor",
		.doc = "Nice value of the vrrp role, where it is not allowed "
		       "to be real-time." },
	{ .name = "vrrp_rt_priority", .type = CONF_INT,
		AT(kinds[PROCESS_VRRP].rt_priority), .min = 1, .max = 99,
		.args = "1..99", .default_text = "1",
		.doc = "Real-time priority of the vrrp role.",
		.compat = "The role is real-time in any case, where that is "
			  "allowed." },
	{ .name = "vrrp_rlimit_rttime", .type = CONF_INT,
		AT(kinds[PROCESS_VRRP].rttime_us), .min = 1,
		.max = INT32_MAX, .args = "MICROSECONDS",
		.default_text = "3000000",
		.doc = "How long the vrrp role may work in real-time without "
		       "a rest before the log has a warning.",
		.compat = "Nobody is killed before 3 s; keepalived's default "
			  "is 10 ms, and the end of the process." },
	{ .name = "vrrp_rlimit_rtime", .type = CONF_INT,
		.flags = CONF_DEPRECATED, AT(kinds[PROCESS_VRRP].rttime_us),
		.min = 1, .max = INT32_MAX, .args = "MICROSECONDS",
		.doc = "Old name of vrrp_rlimit_rttime.",
		.compat = "write vrrp_rlimit_rttime" },
	{ .name = "vrrp_cpu_affinity", .type = CONF_CUSTOM,
		.bind = bind_vrrp_cpus, .args = "CPU...",
		.default_text = "those of the supervisor",
		.doc = "Processors of the vrrp role.",
		.example = "vrrp_cpu_affinity 0 1" },
	{ .name = "vrrp_process_name", .type = CONF_STRING,
		AT(kinds[PROCESS_VRRP].name), .args = "NAME",
		.default_text = "vrrp",
		.doc = "Process name of the vrrp role, 15 characters of it." },
	{ .name = "checker_priority", .type = CONF_INT,
		AT(kinds[PROCESS_CHECKER].nice), .min = -20, .max = 19,
		.args = "NICE", .default_text = "that of the supervisor",
		.doc = "Nice value of the healthcheck role.",
		.compat = CHECKER_TOO },
	{ .name = "checker_no_swap", .type = CONF_FLAG,
		AT(kinds[PROCESS_CHECKER].no_swap), .args = "",
		.doc = "Lock the healthcheck role in memory.",
		.compat = CHECKER_TOO },
	{ .name = "checker_rt_priority", .type = CONF_INT,
		AT(kinds[PROCESS_CHECKER].rt_priority), .min = 1, .max = 99,
		.args = "1..99",
		.doc = "Real-time priority of the healthcheck role; without "
		       "it, it has none.",
		.compat = CHECKER_TOO },
	{ .name = "checker_rlimit_rttime", .type = CONF_INT,
		AT(kinds[PROCESS_CHECKER].rttime_us), .min = 1,
		.max = INT32_MAX, .args = "MICROSECONDS",
		.default_text = "3000000",
		.doc = "How long the healthcheck role may work in real-time "
		       "without a rest before the log has a warning.",
		.compat = "Nobody is killed before 3 s; keepalived's default "
			  "is 10 ms, and the end of the process." },
	{ .name = "checker_rlimit_rtime", .type = CONF_INT,
		.flags = CONF_DEPRECATED, AT(kinds[PROCESS_CHECKER].rttime_us),
		.min = 1, .max = INT32_MAX, .args = "MICROSECONDS",
		.doc = "Old name of checker_rlimit_rttime.",
		.compat = "write checker_rlimit_rttime" },
	{ .name = "checker_cpu_affinity", .type = CONF_CUSTOM,
		.bind = bind_checker_cpus, .args = "CPU...",
		.default_text = "those of the supervisor",
		.doc = "Processors of the healthcheck role.",
		.compat = CHECKER_TOO,
		.example = "checker_cpu_affinity 2 3" },
	{ .name = "checker_process_name", .type = CONF_STRING,
		AT(kinds[PROCESS_CHECKER].name), .args = "NAME",
		.default_text = "healthcheck",
		.doc = "Process name of the healthcheck role, 15 characters "
		       "of it." },
	{ .name = "lvs_process_name", .type = CONF_STRING,
		.flags = CONF_DEPRECATED, AT(kinds[PROCESS_CHECKER].name),
		.args = "NAME", .doc = "Old name of checker_process_name.",
		.compat = "write checker_process_name" },
	{ .name = "process_name", .type = CONF_STRING, AT(name),
		.args = "NAME", .default_text = "tandemd",
		.doc = "Process name of the supervisor, 15 characters of it." },
	{ .name = "process_names", .type = CONF_FLAG, AT(names), .args = "",
		.doc = "Have the suite's name in the process names of roles: "
		       "tandem_vrrp, tandem_check, tandem_ipvs, "
		       "tandem_runner.",
		.compat = "Roles have names of their own in any case." },
	{ .name = "max_auto_priority", .type = CONF_CUSTOM,
		.bind = bind_max_auto, .args = "[-1..99]",
		.default_text = "0",
		.doc = "How far the real-time priority of a role may rise, by "
		       "one each time that its timers are later than "
		       "min_auto_priority_delay; 0 and -1 = not at all.",
		.example = "max_auto_priority 20" },
	{ .name = "min_auto_priority_delay", .type = CONF_INT,
		AT(min_auto_delay_us), .min = 1, .max = 10 * USEC_PER_SEC,
		.args = "MICROSECONDS", .default_text = "1000000",
		.doc = "How late a timer has to be for max_auto_priority." },
	{ .name = "umask", .type = CONF_CUSTOM, .bind = bind_umask,
		.args = "MASK", .default_text = "IWGRP|IWOTH",
		.doc = "Modes that files of the daemon and of its scripts do "
		       "not get, as a number or as bits; the option -u "
		       "prevails.",
		.example = "umask 027" },
	{ .name = NULL },
};

static void defs_init(void *target, const void *parent)
{
	struct process_conf *conf = target;
	int kind;

	(void)parent;
	for (kind = 0; kind < PROCESS_KINDS; kind++)
		conf->kinds[kind].nice = PROCESS_UNSET;
	conf->min_auto_delay_us = USEC_PER_SEC;
	conf->umask = PROCESS_UNSET;
}

static const struct conf_block defs_block = {
	.size = sizeof(struct process_conf),
	.keywords = defs_keywords,
	.init = defs_init,
};

static const struct conf_keyword root_keywords[] = {
	{ .name = "global_defs", .type = CONF_BLOCK, .flags = CONF_SHARED,
		.offset = offsetof(struct process_root, conf),
		.block = &defs_block },
	{ .name = NULL },
};

static void root_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct process_root *root = target;
	struct process_conf *conf;

	(void)node;
	(void)parent;
	if (root->conf)
		return;
	conf = arena_new_object(ctx->arena, struct process_conf);
	defs_init(conf, root);
	root->conf = conf;
}

const struct conf_block process_conf_root = {
	.size = sizeof(struct process_root),
	.keywords = root_keywords,
	.finish = root_finish,
};
