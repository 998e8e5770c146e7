/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyword tables of the ipvs role. */
#include "ipvs-ctl/ipvs_conf.h"

#include <string.h>

#include "ipvs-ctl/ipvs_conf_internal.h"

#define SECONDS_MAX INT32_MAX
#define WEIGHT_MAX INT32_MAX

/* --- real_server --- */

static void server_arguments(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct ipvs_conf_server *server = target;

	server->node = node;
	conf_check_extra(ctx, node, 2);
	if (ipvs_conf_read_endpoint(ctx, node, &server->endpoint) < 0)
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
		.bind = ipvs_conf_bind_server_method,
		.show = ipvs_conf_show_server_method,
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
	{ .name = "snmp_name", .type = CONF_CUSTOM, .flags = CONF_IGNORED,
		.args = "NAME", .doc = "Name of the server in SNMP tables.",
		.compat = "there are no SNMP tables that it could stand in; "
			  "nothing is lost by leaving it" },
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
			ipvs_conf_read_endpoint(ctx, node, &service->endpoint) < 0;
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
		.name = (word), .type = CONF_CUSTOM, .bind = ipvs_conf_bind_flag,       \
		.args = "", .doc = (text), .example = (word)                  \
	}

static const struct conf_keyword service_keywords[] = {
	{ .name = "lb_algo", .type = CONF_CUSTOM, .bind = ipvs_conf_bind_scheduler,
		.args = "SCHEDULER", .default_text = "wlc",
		.doc = "How the kernel chooses a real server: rr wrr lc wlc "
		       "lblc lblcr dh sh mh sed nq fo ovf twos.",
		.compat = "keepalived takes an unknown name for wlc; here it "
			  "is an error.",
		.example = "lb_algo wrr" },
	{ .name = "lvs_sched", .type = CONF_CUSTOM, .bind = ipvs_conf_bind_scheduler,
		.args = "SCHEDULER", .default_text = "wlc",
		.doc = "The same as lb_algo.", .same_as = "lb_algo",
		.example = "lvs_sched wrr" },
	{ .name = "lb_kind", .type = CONF_CUSTOM, .bind = ipvs_conf_bind_service_method,
		.args = METHOD_ARGS, .default_text = "NAT",
		.doc = "How packets reach the real servers: with translated "
		       "addresses, routed as they are, or in a tunnel.",
		.example = "lb_kind DR" },
	{ .name = "lvs_method", .type = CONF_CUSTOM,
		.bind = ipvs_conf_bind_service_method, .args = METHOD_ARGS,
		.default_text = "NAT", .doc = "The same as lb_kind.",
		.same_as = "lb_kind",
		.example = "lvs_method DR" },
	{ .name = "protocol", .type = CONF_CUSTOM, .bind = ipvs_conf_bind_protocol,
		.show = ipvs_conf_show_protocol,
		.args = "TCP|UDP|SCTP", .default_text = "UDP",
		.doc = "Protocol of the service; not used with a fwmark.",
		.example = "protocol TCP" },
	{ .name = "persistence_timeout", .type = CONF_INT,
		.flags = CONF_OPTIONAL_ARG,
		.offset = SERVICE_OFFSET(persistence_s), .min = 1,
		.max = SECONDS_MAX, .implied = PERSISTENCE_IMPLIED_S,
		.args = "[SECONDS]",
		.doc = "A client stays with its real server until it was "
		       "quiet for so long: 360 without a number, and where "
		       "it is not there for a service of all ports (port 0) "
		       "or with persistence_granularity." },
	{ .name = "persistence_granularity", .type = CONF_CUSTOM,
		.bind = ipvs_conf_bind_granularity, .args = "NETMASK|PREFIXLEN",
		.doc = "Clients of one network count as one for persistence: "
		       "a netmask, or a prefix length for IPv6.",
		.example = "persistence_granularity 255.255.255.0" },
	{ .name = "persistence_engine", .type = CONF_CUSTOM,
		.bind = ipvs_conf_bind_engine, .args = "NAME",
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
	{ .name = "hashed", .type = CONF_CUSTOM, .bind = ipvs_conf_bind_hashed,
		.args = "", .doc = "Not supported by any kernel in use.",
		.example = "hashed" },
	{ .name = "ip_family", .type = CONF_ENUM,
		.offset = SERVICE_OFFSET(family), .values = families,
		.args = "inet|inet6",
		.doc = "Family of a fwmark service. Default: that of its "
		       "real servers." },
	{ .name = "sorry_server", .type = CONF_CUSTOM, .bind = ipvs_conf_bind_sorry,
		.args = "ADDRESS [PORT]",
		.doc = "Gets the connections while the quorum is lost.",
		.example = "sorry_server 192.0.2.9 80" },
	{ .name = "sorry_server_inhibit", .type = CONF_FLAG,
		.offset = SERVICE_OFFSET(sorry.inhibit), .args = "",
		.doc = "The sorry server stays in the table with weight 0 "
		       "instead of being removed." },
	{ .name = "sorry_server_lvs_method", .type = CONF_CUSTOM,
		.bind = ipvs_conf_bind_sorry_method, .args = METHOD_ARGS,
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
	{ .name = "snmp_name", .type = CONF_CUSTOM, .flags = CONF_IGNORED,
		.args = "NAME", .doc = "Name of the service in SNMP tables.",
		.compat = "there are no SNMP tables that it could stand in; "
			  "nothing is lost by leaving it" },
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
	.identity = "protocol",
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

/* --- root --- */

static const struct conf_keyword root_keywords[] = {
	{ .name = "global_defs", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct ipvs_conf, global_blocks),
		.block = &ipvs_conf_globals_block, .args = "",
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

static void root_init(void *target, const void *parent)
{
	struct ipvs_conf *conf = target;

	(void)parent;
	conf->globals.marks.priority = -150;
	conf->globals.marks.first = 1000;
}

const struct conf_block ipvs_conf_root = {
	.size = sizeof(struct ipvs_conf),
	.keywords = root_keywords,
	.init = root_init,
	.finish = ipvs_conf_finish,
};
