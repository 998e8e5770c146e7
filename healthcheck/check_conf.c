/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The upper levels of the health checks' language: global_defs, SSL,
 * virtual_server and real_server; and the inheritance between them.
 */
#include "healthcheck/check_conf.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/spelling.h"
#include "lib/timeutil.h"

#define DEFAULT_DELAY_LOOP_US (60 * USEC_PER_SEC)
#define DEFAULT_CONNECT_TIMEOUT_US (5 * USEC_PER_SEC)

/* --- inheritance --- */

static void defaults_init(struct check_defaults *defaults)
{
	*defaults = (struct check_defaults){
		.delay_loop_us = CHECK_UNSET,
		.retry = CHECK_UNSET,
		.delay_before_retry_us = CHECK_UNSET,
		.connect_timeout_us = CHECK_UNSET,
		.warmup_us = CHECK_UNSET,
		.alpha = CHECK_INHERIT,
		.log_all_failures = CHECK_INHERIT,
	};
}

static void bind_tristate(struct conf_bind *ctx, uint32_t node, int *ret)
{
	bool value = true;

	if (conf_node_n_args(ctx->tree, node) &&
		conf_arg_bool(ctx, node, 0, &value) < 0)
		return;
	*ret = value ? CHECK_YES : CHECK_NO;
}

void check_bind_alpha(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_defaults *defaults = target;

	bind_tristate(ctx, node, &defaults->alpha);
}

void check_bind_log_all_failures(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_defaults *defaults = target;

	bind_tristate(ctx, node, &defaults->log_all_failures);
}

static void show_tristate(int value, FILE *out)
{
	if (value != CHECK_INHERIT)
		fputs(value == CHECK_YES ? "on" : "off", out);
}

void check_show_alpha(const void *target, FILE *out)
{
	const struct check_defaults *defaults = target;

	show_tristate(defaults->alpha, out);
}

void check_show_log_all_failures(const void *target, FILE *out)
{
	const struct check_defaults *defaults = target;

	show_tristate(defaults->log_all_failures, out);
}

/* Every kind has defaults of its own for the retries. */
static const struct {
	int64_t retry;
	int64_t delay_us;
} kind_defaults[] = {
	[CHECK_KIND_TCP] = { 1, 1 * USEC_PER_SEC },
	[CHECK_KIND_HTTP] = { 1, 3 * USEC_PER_SEC },
	[CHECK_KIND_SSL] = { 1, 3 * USEC_PER_SEC },
	[CHECK_KIND_MISC] = { 0, 1 * USEC_PER_SEC },
	[CHECK_KIND_SMTP] = { 1, 1 * USEC_PER_SEC },
	[CHECK_KIND_DNS] = { 3, CHECK_UNSET }, /* delay_loop */
	[CHECK_KIND_UDP] = { 1, 1 * USEC_PER_SEC },
	[CHECK_KIND_PING] = { 1, 1 * USEC_PER_SEC },
	[CHECK_KIND_FILE] = { 0, 1 * USEC_PER_SEC },
	[CHECK_KIND_BFD] = { 0, 1 * USEC_PER_SEC },
	[CHECK_KIND_LOST] = { 0, 1 * USEC_PER_SEC },
};

static void resolve(int64_t *value, int64_t otherwise)
{
	if (*value == CHECK_UNSET)
		*value = otherwise;
}

static void resolve_timing(struct check_config *check)
{
	struct check_defaults *timing = &check->timing;

	resolve(&timing->delay_loop_us, DEFAULT_DELAY_LOOP_US);
	resolve(&timing->retry, kind_defaults[check->kind].retry);
	resolve(&timing->delay_before_retry_us,
		kind_defaults[check->kind].delay_us);
	resolve(&timing->delay_before_retry_us, timing->delay_loop_us);
	resolve(&timing->connect_timeout_us, DEFAULT_CONNECT_TIMEOUT_US);
	resolve(&timing->warmup_us, timing->delay_loop_us);
	resolve(&check->misc_timeout_us, timing->delay_loop_us);
	if (timing->alpha == CHECK_INHERIT)
		timing->alpha = CHECK_NO;
}

/* --- checks --- */

/* A file of 50,000 servers is to be bound in less than five times its size. */
_Static_assert(CHECK_CONFIG_PLAIN_SIZE <= 176, "one for each real server");

void check_config_init(void *target, const void *parent)
{
	const struct check_server *server = parent;
	struct check_config *check = target;

	check->timing = server->defaults;
	check->server = server;
	check->target = server->endpoint;
	check->misc_timeout_us = CHECK_UNSET;
}

void check_config_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_config *check = target;

	(void)parent;
	check->node = node;
	check->kind_name = conf_node_keyword(ctx->tree, node);
	if (check->connect_port)
		check->target.port = (uint16_t)check->connect_port;
	check->source.port = (uint16_t)check->bind_port;
	resolve_timing(check);
}

/* A block that is no checker stands in the list as one that always fails. */
static void add_lost(
	struct conf_bind *ctx, struct check_server *server, uint32_t node)
{
	struct check_config *check =
		arena_new_object(ctx->arena, struct check_config);

	check_config_init(check, server);
	check->kind = CHECK_KIND_LOST;
	check_config_finish(ctx, node, check, server);
	check->timing.retry = 0;
	check->timing.warmup_us = 0;
	conf_list_add(ctx->arena, &server->checks, check);
}

/* --- real_server --- */

/* Addresses and ports are read in silence: ipvs reports what is wrong. */
static void read_port(const char *text, uint16_t *ret)
{
	char *end;
	long port;

	if (!text)
		return;
	port = strtol(text, &end, 10);
	if (!*end && port > 0 && port <= UINT16_MAX)
		*ret = (uint16_t)port;
}

static void server_init(void *target, const void *parent)
{
	const struct check_service *service = parent;
	struct check_server *server = target;

	server->service = service;
	server->defaults = service->defaults;
	server->endpoint.port = service->port;
}

static void server_arguments(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_server *server = target;
	const char *addr = conf_node_arg(ctx->tree, node, 0);

	server->node = node;
	if (addr)
		ip_addr_parse(addr, &server->endpoint.addr);
	read_port(conf_node_arg(ctx->tree, node, 1), &server->endpoint.port);
}

static const char *const checkers[] = { "TCP_CHECK", "HTTP_GET", "SSL_GET",
	"MISC_CHECK", "SMTP_CHECK", "DNS_CHECK", "UDP_CHECK", "PING_CHECK",
	"FILE_CHECK", "BFD_CHECK" };

#define N_CHECKERS (sizeof(checkers) / sizeof(checkers[0]))

static bool is_checker(const char *keyword)
{
	for (size_t i = 0; i < N_CHECKERS; i++)
		if (!strcmp(keyword, checkers[i]))
			return true;
	return false;
}

const char *check_kind_suggest(const char *word)
{
	struct spelling_guess guess = spelling_guess(word);

	for (size_t i = 0; i < N_CHECKERS; i++)
		spelling_try(&guess, checkers[i]);
	return guess.meant;
}

/* All blocks in a real_server are checkers. */
static void server_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	(void)parent;
	conf_for_each_child(ctx->tree, node, child)
		if (conf_node_is_block(ctx->tree, child) &&
			!is_checker(conf_node_keyword(ctx->tree, child)))
			add_lost(ctx, target, child);
}

#define TIMING_ROWS(TYPE, MEMBER, RETRY_MIN, FLAGS)                                                \
	{ .name = "delay_loop", .type = CONF_TIME, .flags = (FLAGS),                               \
		.offset = offsetof(TYPE, MEMBER.delay_loop_us), .min = 1000,                       \
		.max = CHECK_TIME_MAX, .args = "SECONDS", .default_text = "60",                    \
		.doc = "Time between the end of a check and the next one." },                      \
	{ .name = "retry", .type = CONF_INT, .flags = (FLAGS),                                     \
		.offset = offsetof(TYPE, MEMBER.retry), .min = (RETRY_MIN), .max = INT32_MAX,      \
		.args = "NUMBER", .default_text = "1; DNS_CHECK 3; MISC_CHECK 0",                               \
		.doc = "Failures in a row that a server which is up survives." },                  \
	{ .name = "delay_before_retry", .type = CONF_TIME, .flags = (FLAGS),                       \
		.offset = offsetof(TYPE, MEMBER.delay_before_retry_us), .min = 0,                  \
		.max = CHECK_TIME_MAX, .args = "SECONDS",                                          \
		.default_text = "1; HTTP_GET, SSL_GET 3; DNS_CHECK delay_loop",                                       \
		.doc = "Time between a failure of a server which is up and the next try." },       \
	{ .name = "warmup", .type = CONF_TIME, .flags = (FLAGS),                                   \
		.offset = offsetof(TYPE, MEMBER.warmup_us), .max = CHECK_TIME_MAX,                 \
		.args = "SECONDS", .default_text = "delay_loop",                                   \
		.doc = "First checks are spread evenly over this time; 0 starts all at once." },   \
	{ .name = "alpha", .type = CONF_CUSTOM, .flags = (FLAGS) | CONF_SHARED,                    \
		.bind = check_bind_alpha, .args = "[BOOL]", .default_text = "no",                  \
		.doc = "A server is not used before its checks have passed once." }

#define CONNECT_TIMEOUT_ROW(TYPE, MEMBER)                                                          \
	{ .name = "connect_timeout", .type = CONF_TIME,                                            \
		.offset = offsetof(TYPE, MEMBER.connect_timeout_us), .min = 1000,                  \
		.max = CHECK_TIME_MAX, .args = "SECONDS", .default_text = "5",                     \
		.doc = "Longest time for each step of a check: connecting, the TLS handshake, "    \
		       "the whole reply.",                                                         \
		.compat = "keepalived gives the reply this time anew with each byte." }

static const struct conf_keyword server_keywords[] = {
	TIMING_ROWS(struct check_server, defaults, 1, 0),
	CONNECT_TIMEOUT_ROW(struct check_server, defaults),
	{ .name = "virtualhost", .type = CONF_STRING,
		.offset = offsetof(struct check_server, defaults.virtualhost), .args = "NAME",
		.doc = "Host name that HTTP_GET and SSL_GET ask for.",
		.example = "virtualhost www.example.com" },
	{ .name = "TCP_CHECK", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_tcp,
		.doc = "Passes when a TCP connection comes about." },
	{ .name = "HTTP_GET", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_http,
		.doc = "Passes when each url answers as expected over HTTP." },
	{ .name = "SSL_GET", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_ssl,
		.doc = "HTTP_GET over TLS." },
	{ .name = "MISC_CHECK", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_misc,
		.doc = "Passes when a script exits with 0." },
	{ .name = "SMTP_CHECK", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_smtp,
		.doc = "Passes when a mail server greets." },
	{ .name = "DNS_CHECK", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_dns,
		.doc = "Passes when a name server answers." },
	{ .name = "UDP_CHECK", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_udp,
		.doc = "Sends a datagram and looks at what comes." },
	{ .name = "PING_CHECK", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_ping,
		.doc = "Passes when an echo request is answered." },
	{ .name = "BFD_CHECK", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_bfd,
		.doc = "Follows the session of a bfd_instance, at once when it goes up or down." },
	{ .name = "FILE_CHECK", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct check_server, checks), .block = &check_conf_file,
		.doc = "Follows the number in a track_file, at once when it changes." },
	{ .name = NULL },
};

static const struct conf_block server_block = {
	.size = sizeof(struct check_server),
	.keywords = server_keywords,
	.arguments = server_arguments,
	.init = server_init,
	.finish = server_finish,
};

/* --- virtual_server --- */

static void service_init(void *target, const void *parent)
{
	struct check_service *service = target;

	(void)parent;
	defaults_init(&service->defaults);
}

/* ADDRESS PORT; those by fwmark or group have no port here. */
static void service_arguments(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_service *service = target;
	const char *first = conf_node_arg(ctx->tree, node, 0);
	struct ip_addr addr;

	service->node = node;
	if (first && ip_addr_parse(first, &addr) == 0) {
		service->addr = addr;
		read_port(conf_node_arg(ctx->tree, node, 1), &service->port);
	} else if (first && !strcmp(first, "group") &&
		conf_node_arg(ctx->tree, node, 1)) {
		service->group_name = arena_strdup(
			ctx->arena, conf_node_arg(ctx->tree, node, 1));
	}
}

static const struct conf_keyword service_keywords[] = {
	TIMING_ROWS(struct check_service, defaults, 1, 0),
	CONNECT_TIMEOUT_ROW(struct check_service, defaults),
	{ .name = "virtualhost", .type = CONF_STRING,
		.offset = offsetof(struct check_service, defaults.virtualhost), .args = "NAME",
		.doc = "Host name that HTTP_GET and SSL_GET ask for.",
		.example = "virtualhost www.example.com" },
	{ .name = "ha_suspend", .type = CONF_FLAG, .offset = offsetof(struct check_service, suspend),
		.doc = "Checks rest while the service's address (of a group: all of its addresses) "
		       "is not on this host. Not with a fwmark." },
	{ .name = "real_server", .type = CONF_BLOCK, .flags = CONF_MULTI | CONF_SHARED,
		.offset = offsetof(struct check_service, servers), .block = &server_block,
		.args = "ADDRESS [PORT]", .doc = "One server of the service.",
		.example = "real_server 192.0.2.11 80 {" },
	{ .name = NULL },
};

static const struct conf_block service_block = {
	.size = sizeof(struct check_service),
	.keywords = service_keywords,
	.arguments = service_arguments,
	.init = service_init,
};

/* --- SSL, global_defs --- */

static const struct conf_keyword ssl_keywords[] = {
	{ .name = "ca", .type = CONF_STRING, .offset = offsetof(struct check_ssl, ca),
		.args = "FILE",
		.doc = "Certificates that SSL_GET trusts where it has tls_verify and no file "
		       "of its own.",
		.compat = "keepalived loads the file and verifies nothing.",
		.example = "ca /etc/ssl/certs/internal-ca.pem" },
	{ .name = "password", .type = CONF_STRING, .flags = CONF_SECRET,
		.offset = offsetof(struct check_ssl, password), .args = "PASSWORD",
		.doc = "Of the key of the client certificate; file:PATH and credential:NAME name "
		       "where it stands." },
	{ .name = "certificate", .type = CONF_STRING, .flags = CONF_SECRET | CONF_PEM,
		.offset = offsetof(struct check_ssl, certificate), .args = "FILE|credential:NAME",
		.doc = "Client certificate that SSL_GET shows, PEM, with those between it and the "
		       "root behind it. Read with the configuration, by the account that reads "
		       "that: a reload takes a new one.",
		.example = "certificate /etc/tandem/client.pem" },
	{ .name = "key", .type = CONF_STRING, .flags = CONF_SECRET | CONF_PEM,
		.offset = offsetof(struct check_ssl, key), .args = "FILE|credential:NAME",
		.default_text = "in certificate",
		.doc = "Key of the client certificate, PEM; read as it is. Nobody else should be "
		       "able to read the file.",
		.example = "key /etc/tandem/client.key" },
	{ .name = NULL },
};

/* FNV-1a: nobody tries to make two alike. */
static uint64_t print_text(uint64_t print, const char *text)
{
	for (; text && *text; text++)
		print = (print ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	return print;
}

static uint32_t ssl_statement(
	const struct conf_bind *ctx, uint32_t node, const char *word)
{
	conf_for_each_child(ctx->tree, node, child)
		if (!strcmp(conf_node_keyword(ctx->tree, child), word))
			return child;
	return CONF_NODE_NONE;
}

/* keepalived takes a key or a password by itself, and shows no certificate
 * with it or without.  One that cannot be read has been told. */
static void report_lone(struct conf_bind *ctx, uint32_t node)
{
	uint32_t key = ssl_statement(ctx, node, "key");
	uint32_t password = ssl_statement(ctx, node, "password");

	if (ssl_statement(ctx, node, "certificate") != CONF_NODE_NONE)
		return;
	if (key != CONF_NODE_NONE)
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD, key, -1,
			"add 'certificate FILE'",
			"a key without a certificate is not used: SSL_GET "
			"shows no client certificate");
	else if (password != CONF_NODE_NONE)
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD, password,
			-1, "it is that of the key of a 'certificate FILE'",
			"a password without a certificate is not used");
}

static void ssl_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_ssl *ssl = target;

	(void)parent;
	if (!ssl->certificate) {
		report_lone(ctx, node);
		return;
	}
	ssl->print = print_text(UINT64_C(0xcbf29ce484222325), ssl->certificate);
	ssl->print = print_text(ssl->print, ssl->key);
}

static const struct conf_block ssl_block = {
	.size = sizeof(struct check_ssl),
	.keywords = ssl_keywords,
	.finish = ssl_finish,
};

static const struct conf_keyword global_keywords[] = {
	{ .name = "checker_log_all_failures", .type = CONF_BOOL,
		.offset = offsetof(struct check_globals, log_all_failures), .args = "[BOOL]",
		.default_text = "no", .doc = "Log each failed check, not only changes of state." },
	{ .name = NULL },
};

static const struct conf_block global_block = {
	.size = sizeof(struct check_globals),
	.keywords = global_keywords,
};

/* --- the root --- */

static void resolve_check(struct conf_bind *ctx,
	const struct check_conf *conf, struct check_file *files,
	struct check_bfd *bfds, struct check_config *check)
{
	bool log_all = conf->globals && conf->globals->log_all_failures;

	if (check->timing.log_all_failures == CHECK_INHERIT)
		check->timing.log_all_failures = log_all ? CHECK_YES : CHECK_NO;
	if (check->kind == CHECK_KIND_SSL && check->tls_verify &&
		!check->tls_ca && conf->ssl)
		check->tls_ca = conf->ssl->ca;
	if (check->kind == CHECK_KIND_SSL)
		check->ssl = conf->ssl;
	if (check->kind == CHECK_KIND_FILE)
		check_file_resolve(ctx, files, check);
	if (check->kind == CHECK_KIND_BFD)
		check_bfd_resolve(ctx, bfds, check);
}

/* What may stand before or after the services in the file. */
static void root_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	const struct check_conf *conf = target;
	struct check_file *files = check_files_index(&conf->files);
	struct check_group *groups = check_groups_index(&conf->groups);
	struct check_bfd *bfds = check_bfds_index(&conf->bfds);
	size_t i;
	size_t k;
	size_t n;

	(void)node;
	(void)parent;
	for (i = 0; i < conf->services.n; i++) {
		struct check_service *service = conf->services.items[i];

		service->number = (uint32_t)i;
		check_service_resolve(ctx, groups, service);

		for (k = 0; k < service->servers.n; k++) {
			const struct check_server *server =
				service->servers.items[k];

			for (n = 0; n < server->checks.n; n++)
				resolve_check(ctx, conf, files, bfds,
					server->checks.items[n]);
		}
	}
	HASH_CLEAR(hh, files);
	HASH_CLEAR(hh, groups);
	HASH_CLEAR(hh, bfds);
	check_ca_verify(ctx, conf);
}

static const struct conf_keyword root_keywords[] = {
	{ .name = "global_defs", .type = CONF_BLOCK, .flags = CONF_SHARED,
		.offset = offsetof(struct check_conf, globals), .block = &global_block,
		.doc = "Settings of the whole." },
	{ .name = "SSL", .type = CONF_BLOCK, .offset = offsetof(struct check_conf, ssl),
		.block = &ssl_block, .doc = "Files for the TLS of SSL_GET." },
	{ .name = "virtual_server", .type = CONF_BLOCK, .flags = CONF_MULTI | CONF_SHARED,
		.offset = offsetof(struct check_conf, services), .block = &service_block,
		.args = "ADDRESS PORT | fwmark MARK | group NAME",
		.doc = "A service and its real servers.",
		.example = "virtual_server 192.0.2.1 80 {" },
	{ .name = "virtual_server_group", .type = CONF_LIST,
		.flags = CONF_MULTI | CONF_GLOB_TAIL | CONF_SHARED, .bind = check_group_bind,
		.args = "NAME", .doc = "See ipvs." },
	{ .name = "track_file", .type = CONF_BLOCK, .flags = CONF_MULTI | CONF_SHARED,
		.offset = offsetof(struct check_conf, files), .block = &check_conf_track_file,
		.args = "NAME", .doc = "See vrrp." },
	{ .name = "vrrp_track_file", .type = CONF_BLOCK, .flags = CONF_MULTI | CONF_SHARED,
		.offset = offsetof(struct check_conf, files), .block = &check_conf_track_file,
		.args = "NAME", .doc = "See vrrp." },
	{ .name = "bfd_instance", .type = CONF_BLOCK, .flags = CONF_MULTI | CONF_SHARED,
		.offset = offsetof(struct check_conf, bfds), .block = &check_conf_bfd_instance,
		.args = "NAME", .doc = "See vrrp." },
	{ .name = NULL },
};

const struct conf_block check_conf_root = {
	.size = sizeof(struct check_conf),
	.keywords = root_keywords,
	.finish = root_finish,
};
