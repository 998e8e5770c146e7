/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of routes and rules: what they mean, and where they are wrong. */
#include <linux/fib_rules.h>
#include <linux/icmpv6.h>
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/language.h"
#include "lib/mem.h"
#include "vrrp/iproute_names.h"
#include "vrrp/vrrp_conf.h"

static const struct conf_block *const views[] = { &vrrp_conf_root, NULL };

static struct conf_tree *tree;
static struct arena *arena;
static struct diag_list *diags;
static const struct vrrp_conf *conf;

static int unload(void **state)
{
	(void)state;
	conf_tree_free(tree);
	arena_free(arena);
	if (diags)
		diag_list_free(diags);
	tree = NULL;
	arena = NULL;
	diags = NULL;
	return 0;
}

static void load(const char *text)
{
	const struct conf_language language = { .views = views };
	const struct conf_load_options options = { .lenient = true };
	struct conf_bind ctx;

	unload(NULL);
	arena = arena_new();
	diags = diag_list_new();
	tree = conf_load_text(
		&language, "t.conf", text, strlen(text), &options, diags);
	assert_non_null(tree);
	ctx = (struct conf_bind){ .tree = tree, .arena = arena,
		.lenient = true };
	conf = conf_bind_root(&ctx, &vrrp_conf_root);
}

/* "error 17 value-unknown": severity, column and code; lines do not matter. */
static const char *told(void)
{
	static char text[1024];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < diag_count(diags); i++) {
		const struct diag *diag = diag_get(diags, i);

		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"%s%s %u %s", i ? "; " : "",
			diag_severity_name(diag->severity), diag->place.column,
			diag_code_name(diag->code));
		assert_true(used < sizeof(text));
	}
	return text;
}

static void load_block(const char *block, const char *line, const char *want)
{
	char *text = x_asprintf("%s {\n%s\n}\n", block, line);

	load(text);
	x_free(text);
	if (strcmp(told(), want) != 0) {
		fprintf(stderr, "line: %s\n", line);
		diag_print(diags, stderr);
	}
	assert_string_equal(told(), want);
}

static const struct vrrp_route_conf *route(const char *line)
{
	load_block("static_routes", line, "");
	assert_int_equal(conf->static_routes.n, 1);
	return conf->static_routes.items[0];
}

static const struct netlink_hop *hop(const struct vrrp_route_conf *r, size_t i)
{
	const struct vrrp_hop_conf *h;

	assert_true(i < r->hops.n);
	h = r->hops.items[i];
	return &h->hop;
}

static const struct netlink_rule *rule(const char *line)
{
	const struct vrrp_rule_conf *r;

	load_block("static_rules", line, "");
	assert_int_equal(conf->static_rules.n, 1);
	r = conf->static_rules.items[0];
	return &r->rule;
}

static void assert_addr(const struct ip_addr *addr, const char *text)
{
	char buf[IP_ADDR_STRLEN];

	assert_string_equal(ip_addr_format(addr, buf), text);
}

static void test_a_plain_route(void **state)
{
	const struct vrrp_route_conf *r =
		route("192.0.2.0/24 via 10.0.0.254 dev eth0");

	(void)state;
	assert_int_equal(r->route.family, AF_INET);
	assert_int_equal(r->route.type, RTN_UNICAST);
	assert_int_equal(r->route.table, RT_TABLE_MAIN);
	assert_int_equal(r->route.scope, RT_SCOPE_UNIVERSE);
	assert_int_equal(r->route.protocol, 18);
	assert_int_equal(r->route.dst_len, 24);
	assert_int_equal(r->route.priority, 0);
	assert_int_equal(r->place, NETLINK_ROUTE_PREPEND);
	assert_addr(&r->route.dst, "192.0.2.0");
	assert_addr(&hop(r, 0)->gateway, "10.0.0.254");
	assert_string_equal(r->dev, "eth0");
	assert_false(r->object.no_track);
	assert_string_equal(
		r->object.text, "192.0.2.0/24 via 10.0.0.254 dev eth0");
}

static void test_words_of_a_route(void **state)
{
	const struct vrrp_route_conf *r = route(
		"src 10.0.0.1 to 192.0.2.0/24 via 10.0.0.254 oif eth0 table "
		"0x1ab scope link tos 4 metric 7 mtu lock 1400 advmss 1000 "
		"rtt 102 rttvar 0.5s rto_min 30ms reordering 3 window 4 cwnd "
		"lock 5 ssthresh 6 realms 3/4 initcwnd 8 initrwnd 9 features "
		"ecn quickack 1 congctl lock reno hoplimit 64 onlink "
		"ttl-propagate disabled fastopen_no_cookie 1 append");

	(void)state;
	assert_addr(&r->route.pref_src, "10.0.0.1");
	assert_int_equal(r->route.table, 0x1ab);
	assert_int_equal(r->route.scope, RT_SCOPE_LINK);
	assert_int_equal(r->route.tos, 4);
	assert_int_equal(r->route.priority, 7);
	assert_int_equal(r->route.metrics[RTAX_MTU], 1400);
	assert_int_equal(r->route.metrics[RTAX_ADVMSS], 1000);
	/* Milliseconds in eighths and quarters. */
	assert_int_equal(r->route.metrics[RTAX_RTT], 8 * 102);
	assert_int_equal(r->route.metrics[RTAX_RTTVAR], 4 * 500);
	assert_int_equal(r->route.metrics[RTAX_RTO_MIN], 30);
	assert_int_equal(r->route.metrics[RTAX_REORDERING], 3);
	assert_int_equal(r->route.metrics[RTAX_WINDOW], 4);
	assert_int_equal(r->route.metrics[RTAX_CWND], 5);
	assert_int_equal(r->route.metrics[RTAX_SSTHRESH], 6);
	assert_int_equal(r->route.metrics[RTAX_INITCWND], 8);
	assert_int_equal(r->route.metrics[RTAX_INITRWND], 9);
	assert_int_equal(r->route.metrics[RTAX_FEATURES], RTAX_FEATURE_ECN);
	assert_int_equal(r->route.metrics[RTAX_QUICKACK], 1);
	assert_int_equal(r->route.metrics[RTAX_HOPLIMIT], 64);
	assert_int_equal(r->route.metrics[RTAX_FASTOPEN_NO_COOKIE], 1);
	assert_int_equal(r->route.locks, 1u << RTAX_MTU | 1u << RTAX_CWND |
						 1u << RTAX_CC_ALGO);
	assert_string_equal(r->route.congctl, "reno");
	assert_int_equal(r->route.realms, 3u << 16 | 4);
	assert_true(r->route.has_ttl_propagate && !r->route.ttl_propagate);
	assert_int_equal(hop(r, 0)->flags, RTNH_F_ONLINK);
	assert_int_equal(r->place, NETLINK_ROUTE_APPEND);
}

static void test_words_of_an_ipv6_route(void **state)
{
	const struct vrrp_route_conf *r = route(
		"2001:db8::/48 from 2001:db8:1::1/64 via fe80::1 dev eth0 "
		"pref high expires 90 add");

	(void)state;
	assert_int_equal(r->route.family, AF_INET6);
	assert_int_equal(r->route.priority, 1024);
	/* As the kernel does it. */
	assert_addr(&r->route.src, "2001:db8:1::");
	assert_int_equal(r->route.src_len, 64);
	assert_int_equal(r->route.pref, ICMPV6_ROUTER_PREF_HIGH);
	assert_true(r->route.has_expires);
	assert_int_equal(r->route.expires_s, 90);
	assert_int_equal(r->place, NETLINK_ROUTE_ALONE);
	r = route("inet6 default dev eth0 metric 5");
	assert_int_equal(r->route.family, AF_INET6);
	assert_int_equal(r->route.dst_len, 0);
	assert_int_equal(r->route.priority, 5);
	r = route("default dev eth0");
	assert_int_equal(r->route.family, AF_INET);
	r = route("10.0.0.0/8 via inet6 fe80::1 dev eth0");
	assert_int_equal(r->route.family, AF_INET);
	assert_addr(&hop(r, 0)->gateway, "fe80::1");
}

static void test_several_hops(void **state)
{
	const struct vrrp_route_conf *r = route(
		"192.0.2.0/24 table 100 no_track nexthop via 10.0.0.1 dev eth0 "
		"weight 3 onlink nexthop via 10.0.0.2 dev eth1 realms 5");

	(void)state;
	assert_int_equal(r->hops.n, 2);
	assert_int_equal(hop(r, 0)->weight, 2);
	assert_int_equal(hop(r, 0)->flags, RTNH_F_ONLINK);
	assert_int_equal(hop(r, 1)->realms, 5);
	assert_int_equal(hop(r, 1)->weight, 0);
	load_block("static_routes",
		"192.0.2.0/24 via 10.0.0.1 or 10.0.0.2 dev eth0",
		"warning 27 deprecated");
	r = conf->static_routes.items[0];
	assert_int_equal(r->hops.n, 2);
	assert_addr(&hop(r, 0)->gateway, "10.0.0.1");
	assert_addr(&hop(r, 1)->gateway, "10.0.0.2");
}

static void test_tunnels(void **state)
{
	const struct vrrp_route_conf *r = route(
		"192.0.2.0/24 encap ip id 5 dst 10.9.0.1 src 10.9.0.2 tos 4 "
		"ttl 9 flags 7 dev eth0");

	(void)state;
	assert_int_equal(hop(r, 0)->encap.type, LWTUNNEL_ENCAP_IP);
	assert_int_equal(hop(r, 0)->encap.id, 5);
	assert_int_equal(hop(r, 0)->encap.ttl, 9);
	assert_int_equal(hop(r, 0)->encap.tos, 4);
	assert_int_equal(hop(r, 0)->encap.flags, 7);
	assert_addr(&hop(r, 0)->encap.dst, "10.9.0.1");
	r = route("192.0.2.0/24 encap ip6 dst 2001:db8::1 hoplimit 3 tc 1 dev "
		  "eth0");
	assert_int_equal(hop(r, 0)->encap.type, LWTUNNEL_ENCAP_IP6);
	assert_int_equal(r->route.family, AF_INET);
	r = route("192.0.2.0/24 encap mpls 100/0x20 via 10.0.0.1 dev eth0");
	assert_int_equal(hop(r, 0)->encap.n_labels, 2);
	assert_int_equal(hop(r, 0)->encap.labels[1], 0x20);
	r = route("2001:db8::/32 encap ila 2001:db8:0:1 dev eth0");
	assert_int_equal(hop(r, 0)->encap.type, LWTUNNEL_ENCAP_ILA);
}

static void test_routes_without_a_way(void **state)
{
	const struct vrrp_route_conf *r = route("blackhole 192.0.2.0/24");

	(void)state;
	assert_int_equal(r->route.type, RTN_BLACKHOLE);
	assert_int_equal(r->hops.n, 0);
	assert_true(r->object.no_track);
	r = route("unreachable default");
	assert_int_equal(r->route.type, RTN_UNREACHABLE);
}

static void test_what_a_tracked_route_is(void **state)
{
	const struct vrrp_route_conf *r;

	(void)state;
	/* Without dev there is nothing to track. */
	load_block("static_routes", "192.0.2.0/24 via 10.0.0.1",
		"warning 1 ignored");
	r = conf->static_routes.items[0];
	assert_true(r->object.no_track);
	/* Another protocol would not be ours. */
	load_block("static_routes", "192.0.2.0/24 dev eth0 protocol static",
		"warning 1 ignored");
	r = conf->static_routes.items[0];
	assert_int_equal(r->route.protocol, 18);
	r = route("192.0.2.0/24 dev eth0 protocol static no_track");
	assert_int_equal(r->route.protocol, RTPROT_STATIC);
	assert_string_equal(
		r->object.text, "192.0.2.0/24 dev eth0 protocol static");
}

static void test_wrong_routes(void **state)
{
	static const struct {
		const char *line;
		const char *told;
	} cases[] = {
		{ "192.0.2.0/24 dev eth0 foo 1", "error 23 value-unknown" },
		{ "foo 192.0.2.0/24 dev eth0", "error 1 value-unknown" },
		{ "192.0.2.1/24 dev eth0", "error 1 value-range" },
		{ "192.0.2.300 dev eth0", "error 1 value-type" },
		{ "192.0.2.0/33 dev eth0", "error 1 value-type" },
		{ "to 192.0.2.x dev eth0", "error 4 value-type" },
		{ "dev eth0", "error 1 missing-argument" },
		{ "192.0.2.0/24", "error 1 missing-argument" },
		{ "192.0.2.0/24 via", "error 14 missing-argument" },
		{ "192.0.2.0/24 dev", "error 14 missing-argument" },
		{ "192.0.2.0/24 via ten dev eth0", "error 18 value-type" },
		{ "192.0.2.0/24 via 2001:db8::1 dev eth0", "error 18 conflict" },
		{ "inet6 192.0.2.0/24 dev eth0", "error 7 conflict" },
		{ "192.0.2.0/24 dev eth0 metric -1", "error 30 value-range" },
		{ "192.0.2.0/24 dev eth0 metric x", "error 30 value-type" },
		{ "192.0.2.0/24 dev eth0 metric", "error 23 missing-argument" },
		{ "192.0.2.0/24 dev eth0 hoplimit 256",
			"error 32 value-range" },
		{ "192.0.2.0/24 dev eth0 quickack 2", "error 32 value-range" },
		{ "192.0.2.0/24 dev eth0 rtt soon", "error 27 value-type" },
		{ "192.0.2.0/24 dev eth0 rtt", "error 23 missing-argument" },
		{ "192.0.2.0/24 dev eth0 table nowhere", "error 29 unknown-reference" },
		{ "192.0.2.0/24 dev eth0 table 4294967296",
			"error 29 value-range" },
		{ "192.0.2.0/24 dev eth0 tos 256", "error 27 value-range" },
		{ "192.0.2.0/24 dev eth0 scope galaxy", "error 29 unknown-reference" },
		{ "192.0.2.0/24 dev eth0 protocol 256",
			"error 32 value-range" },
		{ "192.0.2.0/24 dev eth0 realms 1/x", "error 30 unknown-reference" },
		{ "192.0.2.0/24 dev eth0 pref low", "error 28 conflict" },
		{ "2001:db8::/32 dev eth0 realms 1", "error 31 conflict" },
		{ "192.0.2.0/24 dev eth0 from 10.0.0.0/8",
			"error 28 conflict" },
		{ "192.0.2.0/24 dev eth0 features all",
			"error 32 value-unknown" },
		{ "192.0.2.0/24 dev eth0 ttl-propagate maybe",
			"error 37 value-unknown" },
		{ "192.0.2.0/24 dev eth0 congctl abcdefghijklmnop",
			"error 31 value-range" },
		{ "192.0.2.0/24 dev abcdefghijklmnop", "error 18 value-range" },
		{ "blackhole 192.0.2.0/24 dev eth0", "error 1 conflict" },
		{ "192.0.2.0/24 via 10.0.0.1 nexthop via 10.0.0.2 dev eth0",
			"error 27 conflict" },
		{ "192.0.2.0/24 nexthop", "error 14 missing-argument" },
		{ "192.0.2.0/24 nexthop weight 1", "error 29 missing-argument" },
		{ "192.0.2.0/24 nexthop via 10.0.0.1 weight 0",
			"error 42 value-range" },
		{ "192.0.2.0/24 nexthop via 10.0.0.1 weight 257",
			"error 42 value-range" },
		{ "192.0.2.0/24 nexthop via 10.0.0.1 metric 3",
			"error 35 value-unknown" },
		{ "192.0.2.0/24 encap gre dev eth0", "error 20 value-unknown" },
		{ "192.0.2.0/24 encap", "error 14 missing-argument" },
		{ "192.0.2.0/24 encap mpls 1048576 dev eth0",
			"error 25 value-type" },
		{ "192.0.2.0/24 encap mpls 5/ dev eth0", "error 25 value-type" },
		{ "192.0.2.0/24 encap ila 1:2:3 dev eth0",
			"error 24 value-type" },
		{ "192.0.2.0/24 encap ip dst 2001:db8::1 dev eth0",
			"error 27 conflict" },
		{ "192.0.2.0/24 encap ip ttl 300 dev eth0",
			"error 27 value-range" },
		{ "192.0.2.0/24 encap ip id 99999999999999999999 dev eth0",
			"error 26 value-type" },
		{ "192.0.2.0/24 encap ip dev eth0", "error 20 missing-argument" },
		{ "192.0.2.0/24 encap ip dst 10.0.0.1",
			"error 1 missing-argument" },
		{ "10.0.0.0/8 11.0.0.0/8 dev eth0", "error 12 value-unknown" },
		{ "192.0.2.0/24 dev eth0 track_group G", "error 1 unknown-reference" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		load_block("static_routes", cases[i].line, cases[i].told);
		/* It is told, and not used. */
		if (!strstr(cases[i].line, "track_group"))
			assert_int_equal(conf->static_routes.n, 0);
	}
	load_block("static_routes", "192.0.2.0/24 gw 10.0.0.1 dev eth0",
		"warning 14 deprecated");
	load_block("static_routes", "default6 dev eth0",
		"warning 1 deprecated");
	assert_int_equal(conf->static_routes.n, 1);
}

static void test_a_plain_rule(void **state)
{
	const struct netlink_rule *r =
		rule("from 192.0.2.0/24 table 100 preference 7");

	(void)state;
	assert_int_equal(r->family, AF_INET);
	assert_int_equal(r->action, FR_ACT_TO_TBL);
	assert_int_equal(r->table, 100);
	assert_int_equal(r->priority, 7);
	assert_int_equal(r->protocol, 18);
	assert_int_equal(r->src_len, 24);
	assert_int_equal(r->suppress_prefix_len, UINT32_MAX);
	assert_int_equal(r->suppress_group, UINT32_MAX);
	assert_addr(&r->src, "192.0.2.0");
}

static void test_words_of_a_rule(void **state)
{
	const struct netlink_rule *r = rule(
		"not from 192.0.2.0/24 to 10.0.0.0/8 iif eth0 oif eth1 tos 8 "
		"fwmark 0x10/0xff lookup main order 0x20 realms 1/2 ipproto "
		"udp sport 5-6 dport 7-8 uidrange 9-10 tunnel-id 11 sup_pl 12 "
		"sup_group default");

	(void)state;
	assert_true(r->invert);
	assert_int_equal(r->dst_len, 8);
	assert_string_equal(r->iif, "eth0");
	assert_string_equal(r->oif, "eth1");
	assert_int_equal(r->tos, 8);
	assert_int_equal(r->fwmark, 0x10);
	assert_int_equal(r->fwmask, 0xff);
	assert_int_equal(r->table, RT_TABLE_MAIN);
	assert_int_equal(r->priority, 0x20);
	assert_int_equal(r->realms, 1u << 16 | 2);
	assert_int_equal(r->ip_proto, 17);
	assert_int_equal(r->sport_start, 5);
	assert_int_equal(r->sport_end, 6);
	assert_int_equal(r->dport_end, 8);
	assert_true(r->has_uids);
	assert_int_equal(r->uid_start, 9);
	assert_int_equal(r->uid_end, 10);
	assert_int_equal(r->tunnel_id, 11);
	assert_int_equal(r->suppress_prefix_len, 12);
	assert_int_equal(r->suppress_group, 0);
	/* Of a mark alone, all bits count. */
	assert_int_equal(rule("fwmark 3 table 1 order 1")->fwmask, UINT32_MAX);
}

static void test_actions_of_rules(void **state)
{
	(void)state;
	assert_int_equal(rule("from all blackhole order 1")->action,
		FR_ACT_BLACKHOLE);
	assert_int_equal(rule("from all type unreachable order 1")->action,
		FR_ACT_UNREACHABLE);
	assert_int_equal(
		rule("from all prohibit order 1")->action, FR_ACT_PROHIBIT);
	assert_int_equal(rule("from all nop order 1")->action, FR_ACT_NOP);
	assert_int_equal(rule("from all goto 9 order 1")->target, 9);
	assert_true(rule("l3mdev order 1")->l3mdev);
	assert_int_equal(
		rule("inet6 from all table 5 order 1")->family, AF_INET6);
	assert_int_equal(
		rule("to 2001:db8::/32 table 5 order 1")->family, AF_INET6);
}

/* Each family counts down from 16384, in the order of the file. */
static void test_rules_without_a_preference(void **state)
{
	const struct vrrp_rule_conf *r;

	(void)state;
	load("vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"
	     "no_virtual_ipaddress\nvirtual_rules {\nfrom all table 1\n}\n}\n"
	     "static_rules {\nfrom all table 2\nto ::/0 table 3\n}\n");
	assert_string_equal(told(), "warning 1 missing-argument; "
				    "warning 1 missing-argument; "
				    "warning 1 missing-argument");
	r = ((const struct vrrp_instance_conf *)conf->instances.items[0])
		    ->rules.items[0];
	assert_int_equal(r->rule.priority, 16384);
	assert_string_equal(
		r->object.text, "from all table 1 preference 16384");
	r = conf->static_rules.items[0];
	assert_int_equal(r->rule.priority, 16383);
	r = conf->static_rules.items[1];
	assert_int_equal(r->rule.priority, 16384);
}

static void test_wrong_rules(void **state)
{
	static const struct {
		const char *line;
		const char *told;
	} cases[] = {
		{ "from 192.0.2.0/24", "error 1 missing-argument" },
		{ "from 192.0.2.0/24 table 1 foo order 1",
			"error 27 value-unknown" },
		{ "from 192.0.2.1/24 table 1 order 1", "error 6 value-range" },
		{ "from x table 1 order 1", "error 6 value-type" },
		{ "from", "error 1 missing-argument" },
		{ "from 192.0.2.0/24 to ::1 table 1 order 1",
			"error 22 conflict" },
		{ "from all table 0 order 1", "error 16 value-range" },
		{ "from all table 1 nop order 1", "error 18 conflict" },
		{ "from all table 1 order x", "error 24 value-type" },
		{ "from all table 1 order", "error 18 missing-argument" },
		{ "from all table 1 order 4294967296",
			"error 24 value-type" },
		{ "from all goto 5", "error 1 missing-argument" },
		{ "from all goto 5 order 5", "error 1 conflict" },
		{ "from all goto x order 5", "error 15 value-type" },
		{ "from all unicast order 5", "error 10 value-unknown" },
		{ "from all realms 1 nop order 5", "error 1 conflict" },
		{ "fwmark 1/ table 1 order 1", "error 8 value-type" },
		{ "fwmark -1 table 1 order 1", "error 8 value-type" },
		{ "uidrange 5-4 table 1 order 1", "error 10 value-type" },
		{ "uidrange 5-x table 1 order 1", "error 10 value-type" },
		{ "sport 0 table 1 order 1", "error 7 value-type" },
		{ "dport 1-65536 table 1 order 1", "error 7 value-type" },
		{ "ipproto none table 1 order 1", "error 9 value-type" },
		{ "ipproto 256 table 1 order 1", "error 9 value-type" },
		{ "inet6 realms 1 table 1 order 1", "error 14 conflict" },
		{ "type", "error 1 missing-argument" },
		{ "tos 300 table 1 order 1", "error 5 value-range" },
		{ "iif abcdefghijklmnop table 1 order 1",
			"error 5 value-range" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		load_block("static_rules", cases[i].line, cases[i].told);
		assert_int_equal(conf->static_rules.n, 0);
	}
}

#define GROUP "track_group G {\ngroup {\nA\n}\n}\n"
#define INSTANCE(lines)                                                       \
	"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"            \
	"no_virtual_ipaddress\n" lines "}\n"

static const struct vrrp_instance_conf *instance(void)
{
	assert_int_equal(conf->instances.n, 1);
	return conf->instances.items[0];
}

static void test_routes_and_rules_track_their_interface(void **state)
{
	const struct vrrp_track_conf *track;

	(void)state;
	load(INSTANCE("virtual_routes {\n10.0.0.0/8 dev eth1\n"
		      "11.0.0.0/8 dev eth0\n12.0.0.0/8 dev eth2 no_track\n"
		      "13.0.0.0/8 dev eth1\n}\n"
		      "virtual_rules {\niif eth3 table 1 order 1\n"
		      "iif lo table 1 order 2\n}\n"));
	assert_string_equal(told(), "");
	assert_int_equal(instance()->routes.n, 4);
	assert_int_equal(instance()->rules.n, 2);
	assert_int_equal(instance()->tracks.n, 2);
	track = instance()->tracks.items[0];
	assert_string_equal(track->name, "eth1");
	assert_int_equal(track->weight, 0);
	track = instance()->tracks.items[1];
	assert_string_equal(track->name, "eth3");
}

static void test_track_groups(void **state)
{
	const struct vrrp_route_conf *r;

	(void)state;
	load(GROUP INSTANCE("") "static_routes {\n10.0.0.0/8 dev eth1 "
				"track_group G\n}\nstatic_ipaddress {\n"
				"10.1.1.1 dev eth2 track_group G\n}\n");
	assert_string_equal(told(), "");
	r = conf->static_routes.items[0];
	assert_ptr_equal(r->object.group, conf->track_groups.items[0]);
	assert_string_equal(r->object.text, "10.0.0.0/8 dev eth1");
	assert_int_equal(instance()->track_groups.n, 1);
	assert_int_equal(instance()->tracks.n, 2);
	load("track_group G {\ngroup {\nB\n}\n}\n");
	assert_string_equal(told(), "error 1 unknown-reference");
	load(GROUP GROUP INSTANCE(""));
	assert_string_equal(told(), "error 13 duplicate");
	load(GROUP INSTANCE("") "static_routes {\nblackhole 10.0.0.0/8 "
				"track_group G\n}\n");
	assert_string_equal(told(), "warning 1 ignored");
	load(GROUP INSTANCE("") "static_ipaddress {\n10.1.1.1 dev eth2 "
				"track_group H\n}\n");
	assert_string_equal(told(), "error 1 unknown-reference");
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char *path = x_asprintf("%s/%s", dir, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	x_free(path);
}

static void test_names_of_iproute2(void **state)
{
	char dir[] = "iproute-XXXXXX";
	char *more, *text;
	const struct vrrp_route_conf *r;

	(void)state;
	assert_non_null(mkdtemp(dir));
	more = x_asprintf("%s/rt_tables.d", dir);
	assert_int_equal(mkdir(more, 0700), 0);
	write_file(dir, "rt_tables", "# comment\n100 web\n0x65\tdb # more\nx\n"
				     "300\n");
	write_file(more, "a.conf", "102 web\n");
	write_file(more, "b.txt", "103 web\n");
	text = x_asprintf("static_routes {\n10.0.0.0/8 dev eth0 table web\n"
			  "11.0.0.0/8 dev eth0 table db\n}\n"
			  "global_defs {\niproute_etc_dir %s\n"
			  "iproute_usr_dir /nonexistent\n}\n",
		dir);
	load(text);
	assert_string_equal(told(), "");
	assert_int_equal(conf->static_routes.n, 2);
	r = conf->static_routes.items[0];
	assert_int_equal(r->route.table, 102);
	r = conf->static_routes.items[1];
	assert_int_equal(r->route.table, 101);
	x_free(text);
	text = x_asprintf("cd %s && rm -f rt_tables rt_tables.d/a.conf "
			  "rt_tables.d/b.txt && rmdir rt_tables.d",
		dir);
	assert_int_equal(system(text), 0);
	assert_int_equal(rmdir(dir), 0);
	x_free(text);
	x_free(more);
}

#define T(name) cmocka_unit_test_teardown(name, unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_plain_route),
		T(test_words_of_a_route),
		T(test_words_of_an_ipv6_route),
		T(test_several_hops),
		T(test_tunnels),
		T(test_routes_without_a_way),
		T(test_what_a_tracked_route_is),
		T(test_wrong_routes),
		T(test_a_plain_rule),
		T(test_words_of_a_rule),
		T(test_actions_of_rules),
		T(test_rules_without_a_preference),
		T(test_wrong_rules),
		T(test_routes_and_rules_track_their_interface),
		T(test_track_groups),
		T(test_names_of_iproute2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
