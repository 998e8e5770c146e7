/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/config-toy.h"

#include <errno.h>

static void take_target(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct toy_server *server = target;

	conf_arg_address(ctx, node, 0, &server->addr);
	if (conf_node_n_args(ctx->tree, node) > 1)
		conf_arg_int(ctx, node, 1, 1, 65535, &server->port);
}

static void init_server(void *target, const void *parent)
{
	struct toy_server *server = target;
	const struct toy_service *service = parent;

	server->weight = service->weight;
	server->delay_us = service->delay_us;
}

static void finish_server(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct toy_server *server = target;

	(void)parent;
	server->finished++;
	if (!server->checks.n && !conf_node_has_unknown_block(ctx->tree, node))
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD, node, -1,
			"add a TCP_CHECK", "this server is never checked");
}

static void take_name(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct toy_service *service = target;

	conf_arg_string(ctx, node, 0, &service->name);
}

static void init_service(void *target, const void *parent)
{
	struct toy_service *service = target;

	(void)parent;
	service->weight = 1;
	service->delay_us = 60000000;
}

static void take_line(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct toy_service *service = target;
	struct ip_addr addr;

	if (ip_addr_parse(conf_node_keyword(ctx->tree, node), &addr) < 0)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, -1, NULL,
			"'%s' is no IP address",
			conf_node_keyword(ctx->tree, node));
	if (service->n_lines < 16)
		service->lines[service->n_lines++] =
			conf_node_keyword(ctx->tree, node);
}

static void init_global(void *target, const void *parent)
{
	struct toy_global *global = target;

	(void)parent;
	global->inits++;
}

static void finish_global(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct toy_global *global = target;

	(void)ctx;
	(void)node;
	(void)parent;
	global->finishes++;
}

static const struct conf_keyword check_keywords[] = {
	{ "connect_timeout", CONF_TIME, 0,
		offsetof(struct toy_check, timeout_us), 1000, 3600000000,
		.doc = "" },
	{ "alpha", CONF_BOOL, 0, offsetof(struct toy_check, alpha), .doc = "" },
	{ "nb_get_retry", CONF_INT, CONF_DEPRECATED, 0, 0, 100,
		.compat = "'retry' is its new name" },
	{ .name = NULL },
};

static const struct conf_block check_block = {
	.size = sizeof(struct toy_check),
	.keywords = check_keywords,
};

static const struct conf_keyword server_keywords[] = {
	{ "weight", CONF_INT, 0, offsetof(struct toy_server, weight), 0,
		2147483647, .doc = "" },
	{ "delay_loop", CONF_TIME, 0, offsetof(struct toy_server, delay_us),
		.doc = "" },
	{ "notify_up", CONF_SCRIPT, CONF_FIRST_WINS,
		offsetof(struct toy_server, notify_up), .doc = "" },
	{ "TCP_CHECK", CONF_BLOCK, CONF_MULTI,
		offsetof(struct toy_server, checks), .block = &check_block },
	{ "DNS_CHECK", CONF_BLOCK, CONF_MULTI | CONF_NOT_BUILT, .doc = "" },
	{ .name = NULL },
};

static const struct conf_block server_block = {
	.size = sizeof(struct toy_server),
	.keywords = server_keywords,
	.arguments = take_target,
	.init = init_server,
	.finish = finish_server,
};

static const struct conf_value schedulers[] = {
	{ "rr", 1 },
	{ "wrr", 2 },
	{ "wlc", 3 },
	{ NULL, 0 },
};

static const struct conf_value protocols[] = {
	{ "TCP", 6 },
	{ "UDP", 17 },
	{ NULL, 0 },
};

static const struct conf_keyword service_keywords[] = {
	{ "weight", CONF_INT, 0, offsetof(struct toy_service, weight), 1,
		2147483647, .doc = "" },
	{ "delay_loop", CONF_TIME, 0, offsetof(struct toy_service, delay_us),
		1000, 86400000000, .doc = "" },
	{ "lb_algo", CONF_ENUM, 0, offsetof(struct toy_service, scheduler),
		.values = schedulers },
	{ "protocol", CONF_ENUM, CONF_NOCASE,
		offsetof(struct toy_service, protocol), .values = protocols },
	{ "persistence_timeout", CONF_INT, CONF_OPTIONAL_ARG,
		offsetof(struct toy_service, persistence), 1, 2678400, 360,
		.doc = "" },
	{ "ops", CONF_FLAG, 0, offsetof(struct toy_service, ops), .doc = "" },
	{ "alpha", CONF_BOOL, 0, offsetof(struct toy_service, alpha),
		.doc = "" },
	{ "sorry_server", CONF_ADDRESS, CONF_GLOB_TAIL,
		offsetof(struct toy_service, sorry), .doc = "" },
	{ "quorum_up", CONF_SCRIPT, CONF_FIRST_WINS,
		offsetof(struct toy_service, quorum_up), .doc = "" },
	{ "kept", CONF_STRING, CONF_QUOTED | CONF_KEEP_ESCAPES,
		offsetof(struct toy_service, kept), .doc = "" },
	{ "addresses", CONF_LIST, CONF_MULTI, 0, .bind = take_line },
	{ "hashed", CONF_FLAG, CONF_IGNORED, 0, .doc = "" },
	{ "snmp_name", CONF_STRING, CONF_NOT_BUILT, 0, .doc = "" },
	{ "real_server", CONF_BLOCK, CONF_MULTI,
		offsetof(struct toy_service, servers), .block = &server_block },
	{ .name = NULL },
};

static const struct conf_block service_block = {
	.size = sizeof(struct toy_service),
	.keywords = service_keywords,
	.arguments = take_name,
	.init = init_service,
};

static const struct conf_keyword global_keywords[] = {
	{ "router_id", CONF_STRING, 0, offsetof(struct toy_global, router_id),
		.doc = "" },
	{ "first", CONF_STRING, CONF_FIRST_WINS,
		offsetof(struct toy_global, first), .doc = "" },
	{ "auth_pass", CONF_STRING, CONF_SECRET,
		offsetof(struct toy_global, password), .doc = "" },
	{ "sign_key", CONF_STRING, CONF_SECRET | CONF_KEY_FILE,
		offsetof(struct toy_global, password), .doc = "" },
	{ .name = NULL },
};

static const struct conf_block global_block = {
	.stray_words = "only keywords say something here",
	.size = sizeof(struct toy_global),
	.keywords = global_keywords,
	.init = init_global,
	.finish = finish_global,
};

static const struct conf_keyword root_keywords[] = {
	{ "global_defs", CONF_BLOCK, 0, offsetof(struct toy_root, global),
		.block = &global_block },
	{ "virtual_server", CONF_BLOCK, CONF_MULTI,
		offsetof(struct toy_root, services), .block = &service_block },
	{ "bfd_instance", CONF_BLOCK, CONF_MULTI | CONF_NOT_BUILT, .doc = "" },
	{ .name = NULL },
};

const struct conf_block toy_root_block = {
	.size = sizeof(struct toy_root),
	.keywords = root_keywords,
};

/* A second view of the same blocks, with a keyword of its own. */
struct other_service {
	int64_t quorum;
};

struct other_root {
	struct conf_list services;
	const char *namespace;
};

static const struct conf_keyword other_service_keywords[] = {
	{ "quorum", CONF_INT, 0, offsetof(struct other_service, quorum), 1,
		1000, .doc = "" },
	{ .name = NULL },
};

static const struct conf_block other_service_block = {
	.size = sizeof(struct other_service),
	.keywords = other_service_keywords,
	.arguments = NULL,
};

static const struct conf_keyword other_root_keywords[] = {
	{ "virtual_server", CONF_BLOCK, CONF_MULTI | CONF_GLOB_TAIL,
		offsetof(struct other_root, services),
		.block = &other_service_block },
	{ "net_namespace", CONF_STRING, 0,
		offsetof(struct other_root, namespace), .doc = "" },
	{ .name = NULL },
};

static const struct conf_block other_root_block = {
	.size = sizeof(struct other_root),
	.keywords = other_root_keywords,
};

static const struct conf_block *const views[] = {
	&toy_root_block,
	&other_root_block,
	NULL,
};

const struct conf_language toy_language = { .views = views };
