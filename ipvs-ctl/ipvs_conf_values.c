/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of single lines of a virtual server. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "ipvs-ctl/ipvs_conf_internal.h"

#define PORT_MAX 65535

static const char scheduler_names[] =
	"rr wrr lc wlc lblc lblcr dh sh mh sed nq fo ovf twos";

static bool is_scheduler(const char *name)
{
	const char *pos = scheduler_names;
	size_t len = strlen(name);

	while (len && (pos = strstr(pos, name))) {
		if ((pos == scheduler_names || pos[-1] == ' ') &&
			(pos[len] == ' ' || pos[len] == '\0'))
			return true;
		pos += len;
	}
	return false;
}

void ipvs_conf_bind_scheduler(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;
	const char *name;

	if (conf_arg_string(ctx, node, 0, &name) < 0)
		return;
	if (strlen(name) >= TABLE_NAME_MAX || !is_scheduler(name)) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, 0,
			"one of rr wrr lc wlc lblc lblcr dh sh mh sed nq fo "
			"ovf twos",
			"unknown scheduler '%s'", name);
		return;
	}
	service->scheduler = name;
}

static const struct conf_value protocols[] = {
	{ "TCP", IPPROTO_TCP },
	{ "UDP", IPPROTO_UDP },
	{ "SCTP", IPPROTO_SCTP },
	{ NULL, 0 },
};

void ipvs_conf_show_protocol(const void *target, FILE *out)
{
	const struct ipvs_conf_service *service = target;

	for (const struct conf_value *v = protocols; v->name; v++)
		if (v->value == service->protocol)
			fputs(v->name, out);
}

void ipvs_conf_bind_protocol(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;
	const char *name;

	if (conf_arg_string(ctx, node, 0, &name) < 0)
		return;
	for (const struct conf_value *v = protocols; v->name; v++)
		if (!strcasecmp(name, v->name)) {
			service->protocol = v->value;
			return;
		}
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, 0,
		"TCP, UDP or SCTP", "unknown protocol '%s'", name);
}

/* Reads the words behind TUN from *ARG on. */
static int read_tunnel(struct conf_bind *ctx, uint32_t node, uint32_t *arg,
	struct ipvs_conf_method *method)
{
	static const struct conf_value types[] = {
		{ "ipip", TABLE_TUNNEL_IPIP },
		{ "gue", TABLE_TUNNEL_GUE },
		{ "gre", TABLE_TUNNEL_GRE },
		{ NULL, 0 },
	};
	const char *word = conf_node_arg(ctx->tree, node, *arg);
	int64_t port;

	if (!strcmp(word, "type")) {
		++*arg;
		if (conf_arg_enum(ctx, node, *arg, types, &method->tunnel) < 0)
			return -EINVAL;
		++*arg;
		return 0;
	}
	if (!strcmp(word, "port")) {
		++*arg;
		if (conf_arg_int(ctx, node, *arg, 1, PORT_MAX, &port) < 0)
			return -EINVAL;
		method->tunnel_port = (uint16_t)port;
		++*arg;
		return 0;
	}
	if (!strcmp(word, "csum"))
		method->tunnel_flags = TABLE_TUNNEL_CSUM;
	else if (!strcmp(word, "remcsum"))
		method->tunnel_flags = TABLE_TUNNEL_REMCSUM;
	else if (!strcmp(word, "nocsum"))
		method->tunnel_flags = 0;
	else
		return -ENOENT;
	++*arg;
	return 0;
}

static void check_tunnel(struct conf_bind *ctx, uint32_t node,
	const struct ipvs_conf_method *method)
{
	if (method->tunnel == TABLE_TUNNEL_GUE && !method->tunnel_port)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1,
			"TUN type gue port 6080", "gue needs a port");
	if (method->tunnel != TABLE_TUNNEL_GUE && method->tunnel_port)
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT, node, -1, NULL,
			"a port is used with type gue only");
	if (method->tunnel == TABLE_TUNNEL_IPIP && method->tunnel_flags)
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT, node, -1, NULL,
			"ipip has no checksum of its own");
	if (method->tunnel == TABLE_TUNNEL_GRE &&
		method->tunnel_flags == TABLE_TUNNEL_REMCSUM)
		conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, node, -1, NULL,
			"remcsum is for type gue only");
}

/* Full NAT is the DPVS dialect's: no slip of the pen. */
static bool report_dpvs_method(struct conf_bind *ctx, uint32_t node)
{
	const char *word = conf_node_arg(ctx->tree, node, 0);

	if (!word || (strcmp(word, "FNAT") && strcmp(word, "FULLNAT") &&
			     strcmp(word, "SNAT")))
		return false;
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, 0,
		"the kernel's IPVS has NAT, DR and TUN",
		"'%s' is a word of the DPVS dialect", word);
	return true;
}

static const struct conf_value methods[] = {
	{ "NAT", TABLE_FORWARD_NAT },
	{ "DR", TABLE_FORWARD_ROUTE },
	{ "TUN", TABLE_FORWARD_TUNNEL },
	{ NULL, 0 },
};

static void read_method(struct conf_bind *ctx, uint32_t node,
	struct ipvs_conf_method *ret)
{
	struct ipvs_conf_method method = { .set = true };
	uint32_t n = conf_node_n_args(ctx->tree, node);
	uint32_t arg = 1;
	int err = 0;

	if (report_dpvs_method(ctx, node) ||
		conf_arg_enum(ctx, node, 0, methods, &method.forward) < 0)
		return;
	while (arg < n && !err) {
		err = method.forward == TABLE_FORWARD_TUNNEL ?
			read_tunnel(ctx, node, &arg, &method) :
			-ENOENT;
	}
	if (err == -ENOENT)
		conf_report(ctx, DIAG_ERROR, DIAG_EXTRA_ARGUMENT, node,
			(int)arg, "TUN [type ipip|gue port N|gre] "
				  "[nocsum|csum|remcsum]",
			"unexpected word '%s'",
			conf_node_arg(ctx->tree, node, arg));
	if (err)
		return;
	check_tunnel(ctx, node, &method);
	*ret = method;
}

void ipvs_conf_bind_service_method(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;

	read_method(ctx, node, &service->method);
}

void ipvs_conf_bind_sorry_method(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;

	read_method(ctx, node, &service->sorry.method);
}

void ipvs_conf_bind_server_method(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_server *server = target;

	read_method(ctx, node, &server->method);
}

void ipvs_conf_show_server_method(const void *target, FILE *out)
{
	const struct ipvs_conf_server *server = target;
	const struct ipvs_conf_method *method = &server->method;

	for (const struct conf_value *v = methods; v->name; v++)
		if (v->value == method->forward)
			fputs(v->name, out);
	if (method->tunnel == TABLE_TUNNEL_GUE)
		fprintf(out, " type gue port %u", method->tunnel_port);
	else if (method->tunnel == TABLE_TUNNEL_GRE)
		fputs(" type gre", out);
	if (method->tunnel_flags == TABLE_TUNNEL_CSUM)
		fputs(" csum", out);
	else if (method->tunnel_flags == TABLE_TUNNEL_REMCSUM)
		fputs(" remcsum", out);
}

/* ADDRESS [PORT] from argument 0 on. */
int ipvs_conf_read_endpoint(
	struct conf_bind *ctx, uint32_t node, struct ip_endpoint *ret)
{
	struct ip_endpoint endpoint = { .port = 0 };
	int64_t port;

	if (conf_arg_address(ctx, node, 0, &endpoint.addr) < 0)
		return -EINVAL;
	if (conf_node_n_args(ctx->tree, node) > 1) {
		if (conf_arg_int(ctx, node, 1, 0, PORT_MAX, &port) < 0)
			return -EINVAL;
		endpoint.port = (uint16_t)port;
	}
	*ret = endpoint;
	return 0;
}

void ipvs_conf_bind_sorry(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;

	if (!ipvs_conf_read_endpoint(ctx, node, &service->sorry.endpoint))
		service->sorry.set = true;
}

/* A netmask of IPv4, or a prefix length of IPv6. */
void ipvs_conf_bind_granularity(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;
	const char *text;
	struct ip_addr mask;
	uint32_t bits;
	int64_t length;

	if (conf_arg_string(ctx, node, 0, &text) < 0)
		return;
	if (ip_addr_parse(text, &mask) < 0) {
		if (conf_arg_int(ctx, node, 0, 1, 128, &length) < 0)
			return;
		service->granularity = (uint32_t)length;
		service->granularity_family = AF_INET6;
		return;
	}
	bits = mask.family == AF_INET ? ntohl(mask.v4.s_addr) : 0;
	if (!bits || (~bits & (~bits + 1))) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0,
			"255.255.255.0, or a prefix length for IPv6",
			"'%s' is no netmask", text);
		return;
	}
	service->granularity = bits;
	service->granularity_family = AF_INET;
}

void ipvs_conf_bind_engine(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;
	const char *name;

	if (conf_arg_string(ctx, node, 0, &name) < 0)
		return;
	if (strlen(name) >= TABLE_NAME_MAX) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0, NULL,
			"the name of an engine has at most 15 characters");
		return;
	}
	if (strcmp(name, "sip"))
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_UNKNOWN, node, 0,
			"Linux has one engine: sip",
			"unknown persistence engine '%s'", name);
	service->engine = name;
}

static const struct {
	const char *word;
	uint32_t flag;
} flag_words[] = {
	{ "sh-port", TABLE_SERVICE_SCHED2 },
	{ "sh-fallback", TABLE_SERVICE_SCHED1 },
	{ "mh-port", TABLE_SERVICE_SCHED2 },
	{ "mh-fallback", TABLE_SERVICE_SCHED1 },
	{ "flag-1", TABLE_SERVICE_SCHED1 },
	{ "flag-2", TABLE_SERVICE_SCHED2 },
	{ "flag-3", TABLE_SERVICE_SCHED3 },
};

void ipvs_conf_bind_flag(struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *word = conf_node_keyword(ctx->tree, node);
	struct ipvs_conf_service *service = target;
	size_t i;

	for (i = 0; i < sizeof(flag_words) / sizeof(flag_words[0]); i++)
		if (!strcmp(word, flag_words[i].word))
			service->scheduler_flags |= flag_words[i].flag;
}

void ipvs_conf_bind_hashed(struct conf_bind *ctx, uint32_t node, void *target)
{
	(void)target;
	conf_report(ctx, DIAG_ERROR, DIAG_DEPRECATED, node, -1,
		"for the scheduler sh with ports use sh-port",
		"'hashed' is of long-gone kernels");
}
