/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection sync daemon: lvs_sync_daemon, and the older
 * lvs_sync_daemon_interface of a vrrp_instance. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs-ctl/ipvs_conf.h"

#define SYNC_HINT                                                             \
	"lvs_sync_daemon INTERFACE [[inst] INSTANCE] [id N] [maxlen N] "      \
	"[port N] [ttl N] [group ADDRESS]"

/* Words with a number behind them; the ranges are keepalived's. */
static const struct {
	const char *word;
	size_t offset;
	int64_t min;
	int64_t max;
} numbers[] = {
	{ "id", offsetof(struct ipvs_conf_sync, id), 0, 255 },
	{ "maxlen", offsetof(struct ipvs_conf_sync, max_len), 1, 65507 },
	{ "port", offsetof(struct ipvs_conf_sync, port), 1, 65535 },
	{ "ttl", offsetof(struct ipvs_conf_sync, ttl), 1, 255 },
};

/* 1: taken, 0: no such word, or -errno after a report. */
static int read_number(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	struct ipvs_conf_sync *sync)
{
	const char *word = conf_node_arg(ctx->tree, node, arg);
	int64_t value;
	size_t i;
	int err;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(word, numbers[i].word))
			continue;
		err = conf_arg_int(ctx, node, arg + 1, numbers[i].min,
			numbers[i].max, &value);
		if (err < 0)
			return err;
		memcpy((uint8_t *)sync + numbers[i].offset, &value,
			sizeof(value));
		return 1;
	}
	return 0;
}

static int read_group(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	struct ipvs_conf_sync *sync)
{
	struct ip_addr group;
	bool multicast;
	int err = conf_arg_address(ctx, node, arg, &group);

	if (err < 0)
		return err;
	multicast = group.family == AF_INET ? group.bytes[0] >> 4 == 0xe :
					      group.bytes[0] == 0xff;
	if (!multicast) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, (int)arg,
			"224.0.0.81", "the group must be a multicast address");
		return -EINVAL;
	}
	sync->group = group;
	return 1;
}

/* Reads the word at *ARG, and what belongs to it. */
static int read_word(struct conf_bind *ctx, uint32_t node, uint32_t *arg,
	struct ipvs_conf_sync *sync)
{
	const char *word = conf_node_arg(ctx->tree, node, *arg);
	int err;

	if (!strcmp(word, "group"))
		err = read_group(ctx, node, *arg + 1, sync);
	else if (!strcmp(word, "inst"))
		err = conf_arg_string(ctx, node, *arg + 1, &sync->instance) <
				0 ?
			-EINVAL :
			1;
	else
		err = read_number(ctx, node, *arg, sync);
	if (err > 0) {
		*arg += 2;
		return 0;
	}
	if (err < 0)
		return err;
	if (*arg != 1) {
		conf_report(ctx, DIAG_ERROR, DIAG_EXTRA_ARGUMENT, node,
			(int)*arg, SYNC_HINT, "unexpected word '%s'", word);
		return -EINVAL;
	}
	sync->instance = word;
	++*arg;
	return 0;
}

void ipvs_conf_bind_sync(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_globals *globals = target;
	struct ipvs_conf_sync sync = { .node = node, .id = -1 };
	uint32_t n = conf_node_n_args(ctx->tree, node);
	uint32_t arg = 1;

	if (conf_arg_string(ctx, node, 0, &sync.interface) < 0)
		return;
	if (strlen(sync.interface) >= TABLE_NAME_MAX) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0, NULL,
			"the name of an interface has at most 15 characters");
		return;
	}
	while (arg < n)
		if (read_word(ctx, node, &arg, &sync) < 0)
			return;
	globals->sync = sync;
}

/* The first argument of the line KEYWORD in BLOCK, or NULL. */
static const char *argument_of(
	struct conf_bind *ctx, uint32_t block, const char *keyword)
{
	conf_for_each_child(ctx->tree, block, child)
		if (!strcmp(conf_node_keyword(ctx->tree, child), keyword))
			return conf_node_arg(ctx->tree, child, 0);
	return NULL;
}

/* lvs_sync_daemon_interface: the first one counts. */
static void take_old_word(struct conf_bind *ctx, uint32_t instance,
	struct ipvs_conf_sync *sync)
{
	const char *interface =
		argument_of(ctx, instance, "lvs_sync_daemon_interface");

	if (!interface || strlen(interface) >= TABLE_NAME_MAX)
		return;
	sync->interface = interface;
	sync->instance = conf_node_arg(ctx->tree, instance, 0);
	sync->node = instance;
	sync->id = -1;
}

void ipvs_conf_finish_sync(struct conf_bind *ctx, struct ipvs_conf_sync *sync)
{
	bool found = false;

	conf_for_each_child(ctx->tree, 0, child) {
		const char *name = conf_node_arg(ctx->tree, child, 0);
		const char *vrid;

		if (strcmp(conf_node_keyword(ctx->tree, child),
			    "vrrp_instance") ||
			!name)
			continue;
		if (!sync->interface)
			take_old_word(ctx, child, sync);
		if (!sync->instance || strcmp(sync->instance, name))
			continue;
		found = true;
		vrid = argument_of(ctx, child, "virtual_router_id");
		if (sync->id < 0 && vrid)
			sync->id = strtol(vrid, NULL, 10) & 255;
	}
	if (sync->instance && !found) {
		conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE, sync->node, -1,
			"name the vrrp_instance whose state it follows",
			"no vrrp_instance '%s' for the sync daemon",
			sync->instance);
		sync->interface = NULL;
	}
	if (sync->id < 0)
		sync->id = 0;
}

/* --- what a role takes from it --- */

static void make_daemon(
	const struct ipvs_conf_sync *sync, struct table_daemon *ret)
{
	ret->running = true;
	strncpy(ret->interface, sync->interface, TABLE_NAME_MAX - 1);
	ret->sync_id = (uint32_t)sync->id;
	ret->max_len = (uint16_t)sync->max_len;
	ret->port = (uint16_t)sync->port;
	ret->ttl = (uint8_t)sync->ttl;
	ret->group = sync->group;
}

void ipvs_conf_table_globals(const struct ipvs_conf_globals *globals,
	bool active, struct table_globals *ret)
{
	const struct ipvs_conf_sync *sync = &globals->sync;

	memset(ret, 0, sizeof(*ret));
	ret->timeouts.tcp_s = (uint32_t)globals->timeouts.tcp_s;
	ret->timeouts.tcp_fin_s = (uint32_t)globals->timeouts.tcp_fin_s;
	ret->timeouts.udp_s = (uint32_t)globals->timeouts.udp_s;
	if (!sync->interface)
		return;
	ret->sync = true;
	if (active || !sync->instance)
		make_daemon(sync, &ret->daemons[TABLE_DAEMON_MASTER]);
	if (!active || !sync->instance)
		make_daemon(sync, &ret->daemons[TABLE_DAEMON_BACKUP]);
}
