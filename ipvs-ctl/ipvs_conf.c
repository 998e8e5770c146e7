/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyword tables of the ipvs role. */
#include "ipvs-ctl/ipvs_conf.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define SECONDS_MAX INT32_MAX
#define PORT_MAX 65535
#define WEIGHT_MAX INT32_MAX

static const char scheduler_names[] =
	"rr wrr lc wlc lblc lblcr dh sh mh sed nq fo ovf twos";

/* --- readers of single lines --- */

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

static void bind_scheduler(struct conf_bind *ctx, uint32_t node, void *target)
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

static void bind_protocol(struct conf_bind *ctx, uint32_t node, void *target)
{
	static const struct {
		const char *name;
		int protocol;
	} protocols[] = {
		{ "TCP", IPPROTO_TCP },
		{ "UDP", IPPROTO_UDP },
		{ "SCTP", IPPROTO_SCTP },
	};
	struct ipvs_conf_service *service = target;
	const char *name;
	size_t i;

	if (conf_arg_string(ctx, node, 0, &name) < 0)
		return;
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (!strcasecmp(name, protocols[i].name)) {
			service->protocol = protocols[i].protocol;
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

static void read_method(struct conf_bind *ctx, uint32_t node,
	struct ipvs_conf_method *ret)
{
	static const struct conf_value methods[] = {
		{ "NAT", TABLE_FORWARD_NAT },
		{ "DR", TABLE_FORWARD_ROUTE },
		{ "TUN", TABLE_FORWARD_TUNNEL },
		{ NULL, 0 },
	};
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

static void bind_service_method(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;

	read_method(ctx, node, &service->method);
}

static void bind_sorry_method(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;

	read_method(ctx, node, &service->sorry.method);
}

static void bind_server_method(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_server *server = target;

	read_method(ctx, node, &server->method);
}

/* ADDRESS [PORT] from argument 0 on. */
static int read_endpoint(
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

static void bind_sorry(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;

	if (!read_endpoint(ctx, node, &service->sorry.endpoint))
		service->sorry.set = true;
}

/* A netmask of IPv4, or a prefix length of IPv6. */
static void bind_granularity(struct conf_bind *ctx, uint32_t node, void *target)
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

static void bind_engine(struct conf_bind *ctx, uint32_t node, void *target)
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

static void bind_flag(struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *word = conf_node_keyword(ctx->tree, node);
	struct ipvs_conf_service *service = target;
	size_t i;

	for (i = 0; i < sizeof(flag_words) / sizeof(flag_words[0]); i++)
		if (!strcmp(word, flag_words[i].word))
			service->scheduler_flags |= flag_words[i].flag;
}

static void bind_hashed(struct conf_bind *ctx, uint32_t node, void *target)
{
	(void)target;
	conf_report(ctx, DIAG_ERROR, DIAG_DEPRECATED, node, -1,
		"for the scheduler sh with ports use sh-port",
		"'hashed' is of long-gone kernels");
}

/* --- real_server --- */

static void server_arguments(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_server *server = target;

	server->node = node;
	conf_check_extra(ctx, node, 2);
	if (read_endpoint(ctx, node, &server->endpoint) < 0)
		server->bad = true;
}

static void server_init(void *target, const void *parent)
{
	const struct ipvs_conf_service *service = parent;
	struct ipvs_conf_server *server = target;

	server->weight = service->weight;
	server->inhibit = service->inhibit;
	server->alpha = service->alpha;
}

static bool is_checker(const char *keyword)
{
	static const char *const names[] = { "TCP_CHECK", "HTTP_GET",
		"SSL_GET", "MISC_CHECK", "SMTP_CHECK", "DNS_CHECK",
		"UDP_CHECK", "PING_CHECK", "BFD_CHECK", "FILE_CHECK" };
	size_t i;

	/* Most words of a real_server are none. */
	if (keyword[0] < 'A' || keyword[0] > 'Z')
		return false;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(keyword, names[i]))
			return true;
	return false;
}

static void collect_checks(struct conf_bind *ctx, uint32_t node,
	struct ipvs_conf_server *server)
{
	uint32_t n = 0;

	conf_for_each_child(ctx->tree, node, child) {
		n += is_checker(conf_node_keyword(ctx->tree, child));
		server->lost_check |= conf_node_is_block(ctx->tree, child) &&
			conf_node_is_unknown(ctx->tree, child);
	}
	if (!n)
		return;
	server->checks = arena_alloc(ctx->arena, n * sizeof(*server->checks));
	conf_for_each_child(ctx->tree, node, child)
		if (is_checker(conf_node_keyword(ctx->tree, child)))
			server->checks[server->n_checks++] = child;
}

static void server_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct ipvs_conf_server *server = target;

	server->service = parent;
	collect_checks(ctx, node, server);
	if (server->lower > server->upper) {
		conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, node, -1,
			"the lower threshold lets connections in again that "
			"the upper one kept out",
			"lthreshold %lld is above uthreshold %lld",
			(long long)server->lower, (long long)server->upper);
		server->lower = 0;
	}
}

#define SERVER_OFFSET(member) offsetof(struct ipvs_conf_server, member)

static const struct conf_keyword server_keywords[] = {
	{ .name = "weight", .type = CONF_INT, .offset = SERVER_OFFSET(weight),
		.min = 0, .max = WEIGHT_MAX, .args = "NUMBER",
		.doc = "Share of the connections, for schedulers that use it; "
		       "0 gets no new ones. Default: that of the virtual "
		       "server." },
	{ .name = "lvs_method", .type = CONF_CUSTOM,
		.bind = bind_server_method,
		.args = "NAT|DR|TUN [type ipip|gue port N|gre] "
			"[nocsum|csum|remcsum]",
		.doc = "How packets reach this server. Default: as the "
		       "virtual server.",
		.example = "lvs_method DR" },
	{ .name = "inhibit_on_failure", .type = CONF_BOOL,
		.offset = SERVER_OFFSET(inhibit), .args = "[BOOL]",
		.doc = "A failed server gets weight 0 instead of being "
		       "removed, so that its connections may end." },
	{ .name = "alpha", .type = CONF_BOOL, .flags = CONF_SHARED,
		.offset = SERVER_OFFSET(alpha), .args = "[BOOL]",
		.doc = "The server is down until its checks passed once." },
	{ .name = "notify_up", .type = CONF_SCRIPT,
		.flags = CONF_FIRST_WINS,
		.offset = SERVER_OFFSET(notify_up),
		.args = "COMMAND [USER [GROUP]]",
		.doc = "Run when the server comes up.",
		.example = "notify_up \"/etc/tandem/rs-up.sh\"" },
	{ .name = "notify_down", .type = CONF_SCRIPT,
		.flags = CONF_FIRST_WINS,
		.offset = SERVER_OFFSET(notify_down),
		.args = "COMMAND [USER [GROUP]]",
		.doc = "Run when the server goes down.",
		.example = "notify_down \"/etc/tandem/rs-down.sh\"" },
	{ .name = "uthreshold", .type = CONF_INT,
		.offset = SERVER_OFFSET(upper), .min = 0, .max = UINT32_MAX,
		.args = "CONNECTIONS", .default_text = "0",
		.doc = "No new connections above so many; 0 = no limit." },
	{ .name = "lthreshold", .type = CONF_INT,
		.offset = SERVER_OFFSET(lower), .min = 0, .max = UINT32_MAX,
		.args = "CONNECTIONS", .default_text = "0",
		.doc = "New connections again below so many, after "
		       "uthreshold was reached; 0 = three quarters of it." },
	{ .name = "smtp_alert", .type = CONF_BOOL, .flags = CONF_NOT_BUILT,
		.args = "[BOOL]", .default_text = "yes",
		.doc = "Mail when the server comes or goes." },
	{ .name = "snmp_name", .type = CONF_STRING, .flags = CONF_NOT_BUILT,
		.args = "NAME", .doc = "Name of the server in SNMP tables." },
	{ .name = NULL },
};

static const struct conf_block server_block = {
	.size = sizeof(struct ipvs_conf_server),
	.keywords = server_keywords,
	.arguments = server_arguments,
	.init = server_init,
	.finish = server_finish,
};

/* --- virtual_server --- */

static void read_fwmark(struct conf_bind *ctx, uint32_t node,
	struct ipvs_conf_service *service)
{
	int64_t mark;

	if (conf_arg_int(ctx, node, 1, 1, UINT32_MAX, &mark) < 0) {
		service->bad = true;
		return;
	}
	service->fwmark = (uint32_t)mark;
}

static void service_arguments(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_service *service = target;
	const char *first = conf_node_arg(ctx->tree, node, 0);
	const char *second = conf_node_arg(ctx->tree, node, 1);
	size_t len;
	char *name;

	service->node = node;
	len = (first ? strlen(first) : 0) + (second ? strlen(second) : 0) + 2;
	name = arena_alloc(ctx->arena, len);
	strcpy(name, first ? first : "");
	if (second) {
		strcat(name, " ");
		strcat(name, second);
	}
	service->name = name;
	conf_check_extra(ctx, node, 2);
	if (first && !strcmp(first, "fwmark"))
		read_fwmark(ctx, node, service);
	else if (first && !strcmp(first, "group"))
		service->bad = conf_arg_string(ctx, node, 1,
				       &service->group_name) < 0;
	else
		service->bad =
			read_endpoint(ctx, node, &service->endpoint) < 0;
}

static void service_init(void *target, const void *parent)
{
	struct ipvs_conf_service *service = target;

	(void)parent;
	service->protocol = -1;
	service->weight = 1;
	service->quorum = 1;
}

#define SERVICE_OFFSET(member) offsetof(struct ipvs_conf_service, member)
#define METHOD_ARGS                                                           \
	"NAT|DR|TUN [type ipip|gue port N|gre] [nocsum|csum|remcsum]"

static const struct conf_value families[] = {
	{ "inet", AF_INET },
	{ "inet6", AF_INET6 },
	{ NULL, 0 },
};

#define FLAG_KEYWORD(word, text)                                              \
	{                                                                     \
		.name = (word), .type = CONF_CUSTOM, .bind = bind_flag,       \
		.args = "", .doc = (text), .example = (word)                  \
	}

static const struct conf_keyword service_keywords[] = {
	{ .name = "lb_algo", .type = CONF_CUSTOM, .bind = bind_scheduler,
		.args = "SCHEDULER", .default_text = "wlc",
		.doc = "How the kernel chooses a real server: rr wrr lc wlc "
		       "lblc lblcr dh sh mh sed nq fo ovf twos.",
		.compat = "keepalived takes an unknown name for wlc; here it "
			  "is an error.",
		.example = "lb_algo wrr" },
	{ .name = "lvs_sched", .type = CONF_CUSTOM, .bind = bind_scheduler,
		.args = "SCHEDULER", .default_text = "wlc",
		.doc = "The same as lb_algo.", .example = "lvs_sched wrr" },
	{ .name = "lb_kind", .type = CONF_CUSTOM, .bind = bind_service_method,
		.args = METHOD_ARGS, .default_text = "NAT",
		.doc = "How packets reach the real servers: with translated "
		       "addresses, routed as they are, or in a tunnel.",
		.example = "lb_kind DR" },
	{ .name = "lvs_method", .type = CONF_CUSTOM,
		.bind = bind_service_method, .args = METHOD_ARGS,
		.default_text = "NAT", .doc = "The same as lb_kind.",
		.example = "lvs_method DR" },
	{ .name = "protocol", .type = CONF_CUSTOM, .bind = bind_protocol,
		.args = "TCP|UDP|SCTP", .default_text = "UDP",
		.doc = "Protocol of the service; not used with a fwmark.",
		.example = "protocol TCP" },
	{ .name = "persistence_timeout", .type = CONF_INT,
		.flags = CONF_OPTIONAL_ARG,
		.offset = SERVICE_OFFSET(persistence_s), .min = 1,
		.max = SECONDS_MAX, .implied = 360, .args = "[SECONDS]",
		.doc = "A client stays with its real server until it was "
		       "quiet for so long." },
	{ .name = "persistence_granularity", .type = CONF_CUSTOM,
		.bind = bind_granularity, .args = "NETMASK|PREFIXLEN",
		.doc = "Clients of one network count as one for persistence: "
		       "a netmask, or a prefix length for IPv6.",
		.example = "persistence_granularity 255.255.255.0" },
	{ .name = "persistence_engine", .type = CONF_CUSTOM,
		.bind = bind_engine, .args = "NAME",
		.doc = "What tells clients apart: sip uses the Call-ID.",
		.example = "persistence_engine sip" },
	{ .name = "ops", .type = CONF_FLAG,
		.offset = SERVICE_OFFSET(one_packet), .args = "",
		.doc = "One-packet scheduling: each UDP packet is scheduled "
		       "anew." },
	FLAG_KEYWORD("sh-port", "The scheduler sh hashes the port too."),
	FLAG_KEYWORD("sh-fallback",
		"The scheduler sh tries the next server when one is "
		"unavailable."),
	FLAG_KEYWORD("mh-port", "The scheduler mh hashes the port too."),
	FLAG_KEYWORD("mh-fallback",
		"The scheduler mh tries the next server when one is "
		"unavailable."),
	FLAG_KEYWORD("flag-1", "First flag of the scheduler, by number."),
	FLAG_KEYWORD("flag-2", "Second flag of the scheduler, by number."),
	FLAG_KEYWORD("flag-3", "Third flag of the scheduler, by number."),
	{ .name = "hashed", .type = CONF_CUSTOM, .bind = bind_hashed,
		.args = "", .doc = "Not supported by any kernel in use.",
		.example = "hashed" },
	{ .name = "ip_family", .type = CONF_ENUM,
		.offset = SERVICE_OFFSET(family), .values = families,
		.args = "inet|inet6",
		.doc = "Family of a fwmark service. Default: that of its "
		       "real servers." },
	{ .name = "sorry_server", .type = CONF_CUSTOM, .bind = bind_sorry,
		.args = "ADDRESS [PORT]",
		.doc = "Gets the connections while the quorum is lost.",
		.example = "sorry_server 192.0.2.9 80" },
	{ .name = "sorry_server_inhibit", .type = CONF_FLAG,
		.offset = SERVICE_OFFSET(sorry.inhibit), .args = "",
		.doc = "The sorry server stays in the table with weight 0 "
		       "instead of being removed." },
	{ .name = "sorry_server_lvs_method", .type = CONF_CUSTOM,
		.bind = bind_sorry_method, .args = METHOD_ARGS,
		.doc = "How packets reach the sorry server. Default: as the "
		       "virtual server.",
		.example = "sorry_server_lvs_method NAT" },
	{ .name = "weight", .type = CONF_INT, .offset = SERVICE_OFFSET(weight),
		.min = 1, .max = WEIGHT_MAX, .args = "NUMBER",
		.default_text = "1",
		.doc = "Default weight of the real servers." },
	{ .name = "alpha", .type = CONF_BOOL, .flags = CONF_SHARED,
		.offset = SERVICE_OFFSET(alpha), .args = "[BOOL]",
		.doc = "Real servers are down until their checks passed "
		       "once." },
	{ .name = "omega", .type = CONF_BOOL, .offset = SERVICE_OFFSET(omega),
		.args = "[BOOL]",
		.doc = "notify_down and quorum_down are run at shutdown." },
	{ .name = "quorum", .type = CONF_INT, .offset = SERVICE_OFFSET(quorum),
		.min = 1, .max = WEIGHT_MAX, .args = "WEIGHT",
		.default_text = "1",
		.doc = "The service is up while the weights of its servers "
		       "that are up sum to so much." },
	{ .name = "hysteresis", .type = CONF_INT,
		.offset = SERVICE_OFFSET(hysteresis), .min = 0,
		.max = WEIGHT_MAX, .args = "WEIGHT", .default_text = "0",
		.doc = "The quorum is gained at quorum + hysteresis and lost "
		       "below quorum - hysteresis." },
	{ .name = "quorum_up", .type = CONF_SCRIPT,
		.flags = CONF_FIRST_WINS, .offset = SERVICE_OFFSET(quorum_up),
		.args = "COMMAND [USER [GROUP]]",
		.doc = "Run when the quorum is gained, and at start when it "
		       "is there.",
		.example = "quorum_up \"/etc/tandem/quorum-up.sh\"" },
	{ .name = "quorum_down", .type = CONF_SCRIPT,
		.flags = CONF_FIRST_WINS,
		.offset = SERVICE_OFFSET(quorum_down),
		.args = "COMMAND [USER [GROUP]]",
		.doc = "Run when the quorum is lost.",
		.example = "quorum_down \"/etc/tandem/quorum-down.sh\"" },
	{ .name = "inhibit_on_failure", .type = CONF_FLAG,
		.offset = SERVICE_OFFSET(inhibit), .args = "",
		.doc = "Failed servers get weight 0 instead of being "
		       "removed, so that their connections may end." },
	{ .name = "smtp_alert", .type = CONF_BOOL, .flags = CONF_NOT_BUILT,
		.args = "[BOOL]", .default_text = "no",
		.doc = "Mail when the quorum is gained or lost." },
	{ .name = "snmp_name", .type = CONF_STRING, .flags = CONF_NOT_BUILT,
		.args = "NAME", .doc = "Name of the service in SNMP tables." },
	{ .name = "real_server", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = SERVICE_OFFSET(servers), .block = &server_block,
		.args = "ADDRESS [PORT]",
		.doc = "A server behind the service. Without a port it is "
		       "that of the service.",
		.example = "real_server 192.0.2.11 80 {" },
	{ .name = NULL },
};

static const struct conf_block service_block = {
	.size = sizeof(struct ipvs_conf_service),
	.keywords = service_keywords,
	.arguments = service_arguments,
	.init = service_init,
};

/* --- virtual_server_group --- */

/* One line of a group; TARGET is the root.  Lines of one block follow each
 * other, so the group is the last one made. */
static void bind_entry(struct conf_bind *ctx, uint32_t node, void *target)
{
	uint32_t block = conf_node_parent(ctx->tree, node);
	struct ipvs_conf *conf = target;
	struct ipvs_conf_group *group = NULL;
	struct ipvs_conf_entry *entry;

	if (conf->groups.n)
		group = conf->groups.items[conf->groups.n - 1];
	if (!group || group->node != block) {
		group = arena_new_object(ctx->arena, struct ipvs_conf_group);
		group->node = block;
		if (conf_arg_string(ctx, block, 0, &group->name) < 0)
			group->name = "";
		conf_list_add(ctx->arena, &conf->groups, group);
	}
	entry = arena_new_object(ctx->arena, struct ipvs_conf_entry);
	if (ipvs_conf_read_entry(ctx, node, entry) == 0)
		conf_list_add(ctx->arena, &group->entries, entry);
}

/* --- global_defs --- */

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
	{ .name = "lvs_notify_fifo", .type = CONF_STRING,
		.flags = CONF_NOT_BUILT | CONF_GLOB_TAIL,
		.args = "PATH [USER [GROUP]]",
		.doc = "Changes of services and servers are written to this "
		       "FIFO." },
	{ .name = "lvs_notify_fifo_script", .type = CONF_SCRIPT,
		.flags = CONF_NOT_BUILT, .args = "COMMAND [USER [GROUP]]",
		.doc = "Reads the FIFO; gets its name as last argument." },
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

static const struct conf_block globals_block = {
	.size = sizeof(struct ipvs_conf_globals),
	.keywords = globals_keywords,
	.init = globals_init,
	.finish = globals_finish,
};

/* --- root --- */

static const struct conf_keyword root_keywords[] = {
	{ .name = "global_defs", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct ipvs_conf, global_blocks),
		.block = &globals_block, .args = "",
		.doc = "Settings of the whole." },
	{ .name = "virtual_server", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct ipvs_conf, services),
		.block = &service_block,
		.args = "ADDRESS [PORT] | fwmark NUMBER | group NAME",
		.doc = "A service and the servers behind it.",
		.example = "virtual_server 192.0.2.1 80 {" },
	{ .name = "virtual_server_group", .type = CONF_LIST,
		.flags = CONF_MULTI | CONF_GLOB_TAIL, .bind = bind_entry,
		.args = "NAME",
		.doc = "Addresses, ranges and firewall marks that share one "
		       "virtual_server: one line each, ADDRESS[-LAST|/LEN] "
		       "[PORT[-LAST]] or fwmark NUMBER [inet|inet6].",
		.example = "virtual_server_group web {" },
	{ .name = NULL },
};

const struct conf_block ipvs_conf_root = {
	.size = sizeof(struct ipvs_conf),
	.keywords = root_keywords,
	.finish = ipvs_conf_finish,
};
