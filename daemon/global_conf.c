/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/global_conf.h"

#include <stddef.h>

#include "lib/timeutil.h"

#define SECONDS(n) ((n)*USEC_PER_SEC)

static const struct conf_value death_values[] = {
	{ "stop", SUPERVISOR_DEATH_STOP },
	{ "leave", SUPERVISOR_DEATH_LEAVE },
	{ NULL, 0 },
};

/* Known, its arguments read by nobody yet. */
#define NOT_BUILT(name_, args_, default_, doc_)                                \
	{                                                                      \
		.name = name_, .type = CONF_CUSTOM, .flags = CONF_NOT_BUILT,   \
		.args = args_, .default_text = default_, .doc = doc_,          \
	}
/* There is nothing that it could set: WHY_ says what is so in any case. */
#define NO_EFFECT(name_, args_, doc_, why_)                                    \
	{                                                                      \
		.name = name_, .type = CONF_CUSTOM, .flags = CONF_IGNORED,     \
		.args = args_, .doc = doc_, .compat = why_,                    \
	}
#define FIFO(name_, bind_, doc_)                                               \
	{                                                                      \
		.name = name_, .type = CONF_CUSTOM, .flags = CONF_FIRST_WINS,  \
		.bind = bind_, .args = "PATH [USER [GROUP]]", .doc = doc_,     \
		.compat = "it is the same file after a reload, and lines that" \
			  " nobody reads wait",                                \
		.example = name_ " /run/tandem/notify",                        \
	}
#define FIFO_SCRIPT(name_, word_, doc_)                                        \
	{                                                                      \
		.name = name_, .type = CONF_SCRIPT,                            \
		.flags = CONF_FIRST_WINS | CONF_QUOTED,                        \
		.offset = offsetof(struct global_defs, fifos.word_.script),    \
		.args = "COMMAND [USER [GROUP]]", .doc = doc_,                 \
	}

static void bind_fifo_all(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct global_defs *defs = target;

	fifo_conf_bind(ctx, node, &defs->fifos.all);
}

static void bind_fifo_vrrp(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct global_defs *defs = target;

	fifo_conf_bind(ctx, node, &defs->fifos.vrrp);
}

static void bind_fifo_lvs(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct global_defs *defs = target;

	fifo_conf_bind(ctx, node, &defs->fifos.lvs);
}

static void bind_script_user(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct global_defs *defs = target;

	fifo_conf_bind_user(ctx, node, &defs->fifos);
}

static const struct conf_keyword defs_keywords[] = {
	{
		.name = "supervisor_death",
		.type = CONF_ENUM,
		.flags = CONF_EXTENSION,
		.offset = offsetof(struct global_defs, supervisor_death),
		.values = death_values,
		.args = "stop|leave",
		.default_text = "stop",
		.doc = "What the roles do when the supervisor dies: stop in "
		       "order, so that the other director takes over, or "
		       "go on alone until a new supervisor comes, whose roles "
		       "go on where they were: an active instance stays "
		       "active, and the other director does not notice.",
	},
	{
		.name = "role_timeout",
		.type = CONF_TIME,
		.flags = CONF_EXTENSION,
		.offset = offsetof(struct global_defs, role_timeout_us),
		.min = SECONDS(1) / 4,
		.max = SECONDS(60),
		.args = "SECONDS",
		.default_text = "1",
		.doc = "A role that hangs for this long has been killed and "
		       "started again.",
	},
	{
		.name = "router_id",
		.type = CONF_STRING,
		.offset = offsetof(struct global_defs, router_id),
		.args = "NAME",
		.doc = "The name of this director in mails; the host name "
		       "when not given.",
	},

	{
		.name = "startup_script",
		.type = CONF_SCRIPT,
		.offset = offsetof(struct global_defs, startup_script),
		.args = "COMMAND [USER [[:]GROUP]]",
		.doc = "Command that is run, and waited for, before anything "
		       "else is begun.  Interfaces that it makes are found.",
		.example = "startup_script \"/etc/tandem/startup.sh\"",
	},
	{
		.name = "startup_script_timeout",
		.type = CONF_INT,
		.offset = offsetof(struct global_defs, startup_timeout_s),
		.min = 1,
		.max = 1000,
		.args = "SECONDS",
		.default_text = "10",
		.doc = "How long startup_script may take before it is ended.",
	},
	{
		.name = "shutdown_script",
		.type = CONF_SCRIPT,
		.offset = offsetof(struct global_defs, shutdown_script),
		.args = "COMMAND [USER [[:]GROUP]]",
		.doc = "Command that is run, and waited for, at a stop when "
		       "addresses and table are gone.",
		.example = "shutdown_script \"/etc/tandem/shutdown.sh\"",
	},
	{
		.name = "shutdown_script_timeout",
		.type = CONF_INT,
		.offset = offsetof(struct global_defs, shutdown_timeout_s),
		.min = 1,
		.max = 1000,
		.args = "SECONDS",
		.default_text = "10",
		.doc = "How long shutdown_script may take before it is ended.",
	},

	/* notification */
	FIFO("notify_fifo", bind_fifo_all,
		"A FIFO that gets a line for each change of a VRRP instance, "
		"sync group, virtual server or real server. It is made with "
		"mode 0600 for USER, by default that of scripts; one that is "
		"there is used as it is."),
	FIFO_SCRIPT("notify_fifo_script", all,
		"A program that reads notify_fifo, whose path it gets as last "
		"argument."),
	FIFO("vrrp_notify_fifo", bind_fifo_vrrp,
		"As notify_fifo, for VRRP alone."),
	FIFO_SCRIPT("vrrp_notify_fifo_script", vrrp,
		"A program that reads vrrp_notify_fifo."),
	FIFO("lvs_notify_fifo", bind_fifo_lvs,
		"As notify_fifo, for virtual and real servers alone."),
	FIFO_SCRIPT("lvs_notify_fifo_script", lvs,
		"A program that reads lvs_notify_fifo."),
	{
		.name = "script_user",
		.type = CONF_CUSTOM,
		.flags = CONF_SHARED,
		.bind = bind_script_user,
		.args = "USER [[:]GROUP]",
		.doc = "Also owns FIFOs that name no other user.",
	},

	/* scheduling */
	/* BFD runs in the vrrp role. */
	NO_EFFECT("bfd_priority", "N", "Nice value for BFD.",
		"BFD runs in the vrrp role: what is set for VRRP counts"),
	NO_EFFECT("bfd_no_swap", "", "Lock the memory of BFD.",
		"BFD runs in the vrrp role, whose memory is locked"),
	NO_EFFECT("bfd_rt_priority", "N", "Real-time priority for BFD.",
		"BFD runs in the vrrp role, which has real-time priority: "
		"what is set for VRRP counts"),
	NO_EFFECT("bfd_rlimit_rttime", "MICROSECONDS",
		"Limit of real-time CPU use for BFD.",
		"BFD runs in the vrrp role: what is set for VRRP counts"),
	NO_EFFECT("bfd_rlimit_rtime", "MICROSECONDS",
		"Old name of bfd_rlimit_rttime.",
		"BFD runs in the vrrp role: what is set for VRRP counts"),
	NO_EFFECT("bfd_cpu_affinity", "CPU ...", "CPUs for BFD.",
		"BFD runs in the vrrp role: what is set for VRRP counts"),
	NO_EFFECT("bfd_process_name", "NAME", "Process name for BFD.",
		"BFD runs in the vrrp role and has no process of its own"),

	/* one fwmark service for each group */

	/* SNMP and D-Bus */
	NOT_BUILT("enable_snmp_vrrp", "", NULL, "SNMP for VRRP."),
	NOT_BUILT("enable_snmp_checker", "", NULL, "SNMP for checks."),
	NOT_BUILT("enable_snmp_rfc", "", NULL, "The VRRP MIBs of the RFCs."),
	NOT_BUILT("enable_snmp_rfcv2", "", NULL, "The MIB of RFC 2787."),
	NOT_BUILT("enable_snmp_rfcv3", "", NULL, "The MIB of RFC 6527."),
	NOT_BUILT("enable_snmp_keepalived", "", NULL,
		"Old name of enable_snmp_vrrp."),
	NOT_BUILT("enable_traps", "", NULL, "SNMP traps."),
	NOT_BUILT("snmp_socket", "ADDRESS", "unix:/var/agentx/master",
		"Where the SNMP agent listens."),
	NOT_BUILT("snmp_vs_stats_update_interval", "SECONDS", "5",
		"How old statistics of virtual servers may be."),
	NOT_BUILT("snmp_rs_stats_update_interval", "SECONDS", "5",
		"How old statistics of real servers may be."),
	NOT_BUILT("enable_dbus", "", NULL, "The D-Bus interface."),
	NOT_BUILT("dbus_service_name", "NAME", "org.keepalived.Vrrp1",
		"Its name on the bus."),
	NOT_BUILT("dbus_no_interface_name", "", NULL,
		"Leave interfaces out of D-Bus paths."),

	/* files and reload */
	NO_EFFECT("reload_check_config", "[LOG]",
		"Check a file before it is loaded.",
		"Tandem always does, and keeps what runs if there are errors"),
	NO_EFFECT("tmp_config_directory", "DIR",
		"Where keepalived puts its copy of the configuration.",
		"Tandem's copy is in sealed memory, in no file"),
	{
		.name = "random_seed",
		.type = CONF_INT,
		.offset = offsetof(struct global_defs, random_seed),
		.min = 0,
		.max = UINT32_MAX,
		.args = "N",
		.doc = "Makes ${_RANDOM} in all that follows give the same "
		       "numbers each time the configuration is read.",
		.compat = "the numbers are others than keepalived's.",
	},
	{ .name = NULL },
};

static void defs_init(void *target, const void *parent)
{
	struct global_defs *defs = target;

	(void)parent;
	defs->supervisor_death = SUPERVISOR_DEATH_STOP;
	defs->role_timeout_us = SECONDS(1);
	defs->startup_timeout_s = 10;
	defs->shutdown_timeout_s = 10;
}

static void defs_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct global_defs *defs = target;

	(void)node;
	(void)parent;
	fifo_conf_finish(ctx, &defs->fifos);
}

static const struct conf_block defs_block = {
	.size = sizeof(struct global_defs),
	.keywords = defs_keywords,
	.init = defs_init,
	.finish = defs_finish,
};

static void bind_ipvs_namespace(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct global_conf *conf = target;

	conf->ipvs_namespace = "";
	if (conf_node_n_args(ctx->tree, node))
		conf_arg_string(ctx, node, 0, &conf->ipvs_namespace);
	conf_check_extra(ctx, node, 1);
}

static const struct conf_keyword root_keywords[] = {
	{
		.name = "global_defs",
		.type = CONF_BLOCK,
		.offset = offsetof(struct global_conf, defs),
		.block = &defs_block,
		.doc = "Settings for everything.",
	},
	{
		.name = "net_namespace",
		.type = CONF_STRING,
		.offset = offsetof(struct global_conf, net_namespace),
		.args = "NAME",
		.doc = "The network namespace (of ip-netns) that all roles run "
		       "in.  A reload does not change it.",
	},
	{
		.name = "net_namespace_ipvs",
		.type = CONF_CUSTOM,
		.bind = bind_ipvs_namespace,
		.args = "[NAME]",
		.doc = "The network namespace (of ip-netns) whose IPVS table "
		       "is kept; without NAME the one that the daemon was "
		       "started in.  The checks stay in net_namespace.  A "
		       "reload does not change it.",
		.example = "net_namespace_ipvs blue",
	},
	{
		.name = "instance",
		.type = CONF_STRING,
		.offset = offsetof(struct global_conf, instance),
		.args = "NAME",
		.doc = "Tells several daemons on one machine apart: in the "
		       "log, in ${_INSTANCE}, and with data_use_instance.  A "
		       "reload does not change it.",
		.compat = "The pid files and the control socket are told "
			  "apart by --runtime-dir.",
	},
	NO_EFFECT("use_pid_dir", "",
		"Have the pid files in a folder of their own.",
		"Tandem's always are: in the runtime directory"),
	NO_EFFECT("namespace_with_ipsets", "",
		"Use ipsets in namespaces of kernels before 3.13.",
		"Tandem uses no ipsets"),
	{
		.name = "child_wait_time",
		.type = CONF_TIME,
		.flags = CONF_WHOLE,
		.offset = offsetof(struct global_conf, child_wait_us),
		.min = 0,
		.max = SECONDS(3600),
		.args = "SECONDS",
		.default_text = "5",
		.doc = "How long a role may take to stop before it is killed.",
	},
	{ .name = NULL },
};

static void root_init(void *target, const void *parent)
{
	struct global_conf *conf = target;

	(void)parent;
	conf->child_wait_us = SECONDS(5);
}

static void root_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct global_conf *conf = target;
	struct global_defs *defs;

	(void)node;
	(void)parent;
	if (conf->defs)
		return;
	defs = arena_new_object(ctx->arena, struct global_defs);
	defs_init(defs, conf);
	conf->defs = defs;
}

const struct conf_block global_conf_root = {
	.size = sizeof(struct global_conf),
	.keywords = root_keywords,
	.init = root_init,
	.finish = root_finish,
};
