/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages about routes and rules, to the kernel of a network namespace of
 * its own and back: needs root, is skipped (77) without. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "lib/netlink_fib.h"
#include "lib/netlink_route.h"
#include "lib/netlink_writer.h"
#include "lib/timeutil.h"

#define LO 1

struct fixture {
	struct loop *loop;
	struct loop_timer *timer;
	struct netlink_writer *writer;
	struct netlink_fib *fib;
	int error; /* of the last message */
	unsigned int changes;
	/* What the last reading was to find, and did. */
	const struct netlink_route *route;
	const struct netlink_rule *rule;
	unsigned int n, n_agree, n_metrics;
};

static void changed(void *user_data)
{
	struct fixture *f = user_data;

	f->changes++;
}

static void on_timer(void *user_data)
{
	struct fixture *f = user_data;

	if (netlink_writer_is_idle(f->writer))
		loop_stop(f->loop);
	else
		loop_timer_set(f->timer, time_monotonic_us() + 100);
}

static void on_done(const int *errors, size_t n, void *user_data)
{
	struct fixture *f = user_data;

	assert_int_equal(n, 1);
	f->error = errors[0];
}

/* The kernel's answer to MSG. */
static int talk(struct fixture *f, struct nl_msg *msg)
{
	struct netlink_job *job = netlink_job_new(f->writer, on_done, f);

	netlink_job_add_message(job, msg);
	netlink_job_submit(job);
	loop_timer_set(f->timer, time_monotonic_us() + 1000);
	loop_run(f->loop);
	return f->error;
}

static void see_route(const struct netlink_route *route, void *user_data)
{
	struct fixture *f = user_data;

	f->n++;
	if (!f->route || !netlink_route_agrees(f->route, route))
		return;
	f->n_agree++;
	f->n_metrics += netlink_route_metrics_agree(f->route, route);
}

static void see_rule(const struct netlink_rule *rule, void *user_data)
{
	struct fixture *f = user_data;

	f->n++;
	f->n_agree += f->rule && netlink_rule_agrees(f->rule, rule);
}

static void look(struct fixture *f, const struct netlink_route *route,
	const struct netlink_rule *rule)
{
	const struct netlink_fib_visitor visitor = { see_route, see_rule, f };

	f->route = route;
	f->rule = rule;
	f->n = f->n_agree = f->n_metrics = 0;
	assert_int_equal(netlink_fib_read(f->fib, &visitor), 0);
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr a = { .family = AF_UNSPEC };

	assert_int_equal(ip_addr_parse(text, &a), 0);
	return a;
}

static struct netlink_route make_route(
	const char *dst, uint8_t len, struct netlink_hop *hop)
{
	struct netlink_route r = {
		.dst = addr(dst),
		.dst_len = len,
		.type = RTN_UNICAST,
		.table = RT_TABLE_MAIN,
		.protocol = NETLINK_ROUTE_PROTO,
		.hops = hop,
		.n_hops = hop ? 1 : 0,
	};

	r.family = r.dst.family;
	if (r.family == AF_INET6)
		r.priority = NETLINK_ROUTE6_PRIORITY;
	return r;
}

/* In, seen, seen as what it is, out. */
static void round_trip(struct fixture *f, const struct netlink_route *route)
{
	assert_int_equal(talk(f, netlink_build_route_add(
				    route, NETLINK_ROUTE_PREPEND)),
		0);
	look(f, route, NULL);
	assert_int_equal(f->n, 1);
	assert_int_equal(f->n_agree, 1);
	assert_int_equal(f->n_metrics, 1);
	assert_int_equal(talk(f, netlink_build_route_add(
				    route, NETLINK_ROUTE_PREPEND)),
		-EEXIST);
	assert_int_equal(talk(f, netlink_build_route_remove(route)), 0);
	look(f, route, NULL);
	assert_int_equal(f->n, 0);
	assert_int_equal(talk(f, netlink_build_route_remove(route)), -ESRCH);
}

static void test_routes_of_ipv4(void **state)
{
	struct netlink_hop hop = { .ifindex = LO };
	struct netlink_route r = make_route("192.0.2.0", 24, &hop);

	round_trip(*state, &r);
	hop.gateway = addr("127.0.0.9");
	r.priority = 5;
	r.table = 1000;
	r.tos = 4;
	r.realms = 3 << 16 | 4;
	r.pref_src = addr("127.0.0.1");
	r.metrics[RTAX_MTU] = 1400;
	r.metrics[RTAX_FEATURES] = RTAX_FEATURE_ECN;
	r.metrics[RTAX_RTT] = 816;
	r.locks = 1 << RTAX_MTU;
	strcpy(r.congctl, "reno");
	round_trip(*state, &r);
	hop.gateway = (struct ip_addr){ .family = AF_UNSPEC };
	r.scope = RT_SCOPE_LINK;
	round_trip(*state, &r);
}

static void test_routes_of_ipv6(void **state)
{
	struct netlink_hop hop = { .ifindex = LO };
	struct netlink_route r = make_route("2001:db8::", 32, &hop);

	round_trip(*state, &r);
	r.metrics[RTAX_HOPLIMIT] = 9;
	r.priority = 7;
	r.table = 1000;
	round_trip(*state, &r);
}

static void test_routes_that_lead_nowhere(void **state)
{
	struct netlink_route r = make_route("192.0.2.0", 24, NULL);

	r.type = RTN_BLACKHOLE;
	round_trip(*state, &r);
	r = make_route("2001:db8::", 32, NULL);
	r.type = RTN_UNREACHABLE;
	round_trip(*state, &r);
}

static void test_routes_of_several_hops(void **state)
{
	struct netlink_hop hops[2] = {
		{ .ifindex = LO, .gateway = addr("127.0.0.8"), .weight = 2 },
		{ .ifindex = LO, .gateway = addr("127.0.0.9"), .realms = 5 },
	};
	struct netlink_route r = make_route("192.0.2.0", 24, hops);
	struct netlink_hop other;

	r.n_hops = 2;
	round_trip(*state, &r);
	/* In another order they are the same. */
	assert_int_equal(talk(*state, netlink_build_route_add(
					      &r, NETLINK_ROUTE_PREPEND)),
		0);
	other = hops[0];
	hops[0] = hops[1];
	hops[1] = other;
	look(*state, &r, NULL);
	assert_int_equal(((struct fixture *)*state)->n_agree, 1);
	hops[0].weight = 9;
	look(*state, &r, NULL);
	assert_int_equal(((struct fixture *)*state)->n_agree, 0);
	hops[0].weight = 0;
	/* A message that removes it needs the order that it was made in. */
	hops[0] = other;
	hops[1].gateway = addr("127.0.0.9");
	hops[1].weight = 0;
	hops[1].realms = 5;
	assert_int_equal(talk(*state, netlink_build_route_remove(&r)), 0);
}

static void test_where_a_route_goes(void **state)
{
	struct netlink_hop hop = { .ifindex = LO };
	struct netlink_route r = make_route("192.0.2.0", 24, &hop);
	struct netlink_route other = r;

	other.metrics[RTAX_MTU] = 1300;
	assert_int_equal(talk(*state, netlink_build_route_add(
					      &r, NETLINK_ROUTE_ALONE)),
		0);
	assert_int_equal(talk(*state, netlink_build_route_add(
					      &other, NETLINK_ROUTE_ALONE)),
		-EEXIST);
	assert_int_equal(talk(*state, netlink_build_route_add(
					      &other, NETLINK_ROUTE_APPEND)),
		0);
	assert_int_equal(talk(*state, netlink_build_route_remove(&other)), 0);
	look(*state, &r, NULL);
	assert_int_equal(((struct fixture *)*state)->n_metrics, 1);
	assert_int_equal(talk(*state, netlink_build_route_remove(&r)), 0);
}

/* Other numbers than ours are neither read nor heard of. */
static void test_routes_of_others(void **state)
{
	struct fixture *f = *state;
	struct netlink_hop hop = { .ifindex = LO };
	struct netlink_route r = make_route("192.0.2.0", 24, &hop);

	r.protocol = RTPROT_STATIC;
	f->changes = 0;
	assert_int_equal(talk(f, netlink_build_route_add(
				    &r, NETLINK_ROUTE_PREPEND)),
		0);
	look(f, &r, NULL);
	assert_int_equal(f->n, 0);
	assert_int_equal(talk(f, netlink_build_route_remove(&r)), 0);
	assert_int_equal(f->changes, 0);
	r.protocol = NETLINK_ROUTE_PROTO;
	assert_int_equal(talk(f, netlink_build_route_add(
				    &r, NETLINK_ROUTE_PREPEND)),
		0);
	assert_int_equal(talk(f, netlink_build_route_remove(&r)), 0);
	assert_true(f->changes > 0);
}

static void rule_round_trip(struct fixture *f, const struct netlink_rule *rule)
{
	assert_int_equal(talk(f, netlink_build_rule_add(rule)), 0);
	look(f, NULL, rule);
	assert_int_equal(f->n, 1);
	assert_int_equal(f->n_agree, 1);
	assert_int_equal(talk(f, netlink_build_rule_add(rule)), -EEXIST);
	assert_int_equal(talk(f, netlink_build_rule_remove(rule)), 0);
	look(f, NULL, rule);
	assert_int_equal(f->n, 0);
	assert_int_equal(talk(f, netlink_build_rule_remove(rule)), -ENOENT);
}

static void test_rules(void **state)
{
	struct netlink_rule r = {
		.family = AF_INET,
		.action = FR_ACT_TO_TBL,
		.table = 1000,
		.priority = 5,
		.protocol = NETLINK_ROUTE_PROTO,
		.suppress_prefix_len = UINT32_MAX,
		.suppress_group = UINT32_MAX,
	};

	rule_round_trip(*state, &r);
	r.src = addr("192.0.2.0");
	r.src_len = 24;
	r.dst = addr("10.0.0.0");
	r.dst_len = 8;
	r.fwmark = 7;
	r.fwmask = UINT32_MAX;
	r.tos = 8;
	r.invert = true;
	strcpy(r.iif, "lo");
	strcpy(r.oif, "later");
	r.realms = 3;
	r.suppress_prefix_len = 8;
	r.suppress_group = 3;
	r.has_uids = true;
	r.uid_start = 5;
	r.uid_end = 6;
	r.ip_proto = 6;
	r.sport_start = 1;
	r.sport_end = 2;
	r.dport_start = 3;
	r.dport_end = 3;
	r.tunnel_id = 12;
	rule_round_trip(*state, &r);
	r = (struct netlink_rule){
		.family = AF_INET6,
		.action = FR_ACT_GOTO,
		.target = 99,
		.priority = 7,
		.protocol = NETLINK_ROUTE_PROTO,
		.suppress_prefix_len = UINT32_MAX,
		.suppress_group = UINT32_MAX,
	};
	rule_round_trip(*state, &r);
	r.action = FR_ACT_UNREACHABLE;
	r.target = 0;
	rule_round_trip(*state, &r);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->loop = loop_new();
	f->timer = loop_timer_new(f->loop, on_timer, f);
	assert_int_equal(netlink_writer_new(f->loop, &f->writer), 0);
	assert_int_equal(netlink_fib_new(f->loop, changed, f, &f->fib), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	netlink_fib_free(f->fib);
	netlink_writer_free(f->writer);
	loop_timer_free(f->timer);
	loop_free(f->loop);
	free(f);
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_routes_of_ipv4),
		T(test_routes_of_ipv6),
		T(test_routes_that_lead_nowhere),
		T(test_routes_of_several_hops),
		T(test_where_a_route_goes),
		T(test_routes_of_others),
		T(test_rules),
	};

	if (unshare(CLONE_NEWNET) < 0 || system("ip link set lo up") != 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
