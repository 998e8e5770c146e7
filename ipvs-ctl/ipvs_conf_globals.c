/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyword table of global_defs. */
#include <string.h>

#include "ipvs-ctl/ipvs_conf_internal.h"

#define TABLE_NAME_LENGTH_MAX 127

static void bind_flush_on_stop(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_globals *globals = target;
	const char *word = conf_node_arg(ctx->tree, node, 0);

	globals->flush_on_stop = IPVS_STOP_FLUSH_ALL;
	if (!word)
		return;
	if (!strcmp(word, "VS"))
		globals->flush_on_stop = IPVS_STOP_FLUSH_SERVICES;
	else
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, 0,
			"lvs_flush_on_stop [VS]", "unexpected word '%s'",
			word);
}

static void bind_marks(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_globals *globals = target;
	const char *name = conf_node_arg(ctx->tree, node, 0);

	conf_check_extra(ctx, node, 1);
	if (name && (!*name || strlen(name) > TABLE_NAME_LENGTH_MAX ||
			    strchr(name, '/'))) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0, NULL,
			"a table has a name of 1 to %d characters, without a "
			"slash",
			TABLE_NAME_LENGTH_MAX);
		return;
	}
	globals->marks.table =
		name ? arena_strdup(ctx->arena, name) : IPVS_CONF_MARKS_TABLE;
}

static void bind_timeouts(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_globals *globals = target;
	uint32_t n = conf_node_n_args(ctx->tree, node);
	uint32_t arg;

	if (!n)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1,
			"lvs_timeouts tcp 7200 tcpfin 30 udp 300",
			"no timeout is given");
	for (arg = 0; arg < n; arg += 2) {
		const char *word = conf_node_arg(ctx->tree, node, arg);
		int64_t *where = NULL;

		if (!strcmp(word, "tcp"))
			where = &globals->timeouts.tcp_s;
		else if (!strcmp(word, "tcpfin"))
			where = &globals->timeouts.tcp_fin_s;
		else if (!strcmp(word, "udp"))
			where = &globals->timeouts.udp_s;
		if (!where) {
			conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node,
				(int)arg, "tcp, tcpfin or udp",
				"unexpected word '%s'", word);
			return;
		}
		/* The kernel counts in jiffies of an int. */
		if (conf_arg_int(ctx, node, arg + 1, 1, INT32_MAX / 1000,
			    where) < 0)
			return;
	}
}

#define GLOBALS_OFFSET(member) offsetof(struct ipvs_conf_globals, member)

static const struct conf_value foreign_values[] = {
	{ "leave", IPVS_FOREIGN_LEAVE },
	{ "adopt", IPVS_FOREIGN_ADOPT },
	{ "flush", IPVS_FOREIGN_FLUSH },
	{ NULL, 0 },
};

static const struct conf_keyword globals_keywords[] = {
	{ .name = "lvs_foreign", .type = CONF_ENUM, .flags = CONF_EXTENSION,
		.offset = GLOBALS_OFFSET(foreign), .values = foreign_values,
		.args = "leave|adopt|flush", .default_text = "leave",
		.doc = "Services in the kernel that no configuration names: "
		       "leave them alone; adopt them, which keeps them as "
		       "they were found, restores them when somebody removes "
		       "them and takes them away at a stop; or flush them." },
	{ .name = "lvs_flush", .type = CONF_FLAG,
		.offset = GLOBALS_OFFSET(flush), .args = "",
		.doc = "Services that no configuration names are removed at "
		       "start.",
		.compat = "keepalived empties the whole table; here a "
			  "configured service goes on without a break." },
	{ .name = "lvs_flush_on_stop", .type = CONF_CUSTOM,
		.bind = bind_flush_on_stop, .args = "[VS]",
		.doc = "At a stop the whole table is emptied; with VS each "
		       "service of ours is deleted at once, its servers "
		       "with it.",
		.example = "lvs_flush_on_stop" },
	{ .name = "lvs_flush_onstop", .type = CONF_CUSTOM,
		.flags = CONF_DEPRECATED, .bind = bind_flush_on_stop,
		.args = "[VS]", .doc = "Old name of lvs_flush_on_stop.",
		.compat = "use lvs_flush_on_stop",
		.example = "lvs_flush_onstop" },
	{ .name = "rs_init_notifies", .type = CONF_FLAG,
		.offset = GLOBALS_OFFSET(init_notifies), .args = "",
		.doc = "notify_up or notify_down of each real server is run "
		       "at start, too." },
	{ .name = "lvs_timeouts", .type = CONF_CUSTOM,
		.bind = bind_timeouts,
		.args = "[tcp SECONDS] [tcpfin SECONDS] [udp SECONDS]",
		.doc = "How long the kernel keeps idle connections; the "
		       "values from before are restored at a stop.",
		.example = "lvs_timeouts tcp 7200 tcpfin 30 udp 300" },
	{ .name = "lvs_sync_daemon", .type = CONF_CUSTOM,
		.bind = ipvs_conf_bind_sync,
		.args = "INTERFACE [[inst] INSTANCE] [id N] [maxlen N] "
			"[port N] [ttl N] [group ADDRESS]",
		.doc = "Connections are copied to the other director by the "
		       "kernel's sync daemon: it sends while INSTANCE is "
		       "active and receives else; without an instance it does "
		       "both. id: by default the VRID of INSTANCE, else 0; "
		       "port 8848, group 224.0.0.81, ttl 1.",
		.example = "lvs_sync_daemon eth0 VI_1 id 51" },
	{ .name = "lvs_netlink_cmd_rcv_bufs", .type = CONF_CUSTOM,
		.flags = CONF_IGNORED, .args = "BYTES",
		.doc = "Receive buffer of the sockets that change the table.",
		.compat = "Tandem asks for large buffers by itself" },
	{ .name = "lvs_netlink_cmd_rcv_bufs_force", .type = CONF_CUSTOM,
		.flags = CONF_IGNORED, .args = "[BOOL]",
		.doc = "The buffer may exceed the system's limit.",
		.compat = "Tandem asks for large buffers by itself" },
	{ .name = "lvs_netlink_monitor_rcv_bufs", .type = CONF_CUSTOM,
		.flags = CONF_IGNORED, .args = "BYTES",
		.doc = "Receive buffer of the socket that watches addresses.",
		.compat = "Tandem asks for large buffers by itself" },
	{ .name = "lvs_netlink_monitor_rcv_bufs_force", .type = CONF_CUSTOM,
		.flags = CONF_IGNORED, .args = "[BOOL]",
		.doc = "The buffer may exceed the system's limit.",
		.compat = "Tandem asks for large buffers by itself" },
	{ .name = "nftables_ipvs", .type = CONF_CUSTOM, .bind = bind_marks,
		.args = "[TABLE]", .default_text = "off; TABLE tandem_ipvs",
		.doc = "The addresses of each virtual_server_group get a mark "
		       "by nftables, in TABLE, and one service of that mark "
		       "serves them all, instead of one service an address.",
		.compat = "keepalived's table is keepalived_ipvs; there a "
			  "reload does not change it.",
		.example = "nftables_ipvs" },
	{ .name = "nftables_ipvs_priority", .type = CONF_INT,
		.offset = GLOBALS_OFFSET(marks.priority), .min = INT32_MIN,
		.max = INT32_MAX, .args = "N", .default_text = "-150",
		.doc = "Priority of the chains of nftables_ipvs; IPVS looks "
		       "at what comes in at 98, at what this host sends at "
		       "-99." },
	{ .name = "nftables_ipvs_start_fwmark", .type = CONF_INT,
		.offset = GLOBALS_OFFSET(marks.first), .min = 1,
		.max = UINT32_MAX, .args = "N", .default_text = "1000",
		.doc = "The first mark that nftables_ipvs uses; those that the "
		       "configuration names are left out." },
	{ .name = NULL },
};

static void globals_init(void *target, const void *parent)
{
	const struct ipvs_conf *root = parent;

	/* Several blocks add up. */
	*(struct ipvs_conf_globals *)target = root->globals;
}

static void globals_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct ipvs_conf *root = parent;

	(void)ctx;
	(void)node;
	root->globals = *(const struct ipvs_conf_globals *)target;
}

const struct conf_block ipvs_conf_globals_block = {
	.size = sizeof(struct ipvs_conf_globals),
	.keywords = globals_keywords,
	.init = globals_init,
	.finish = globals_finish,
};
