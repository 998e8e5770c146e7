/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On the loopback of a network namespace of its own: needs root, is skipped
 * (77) without. */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "lib/netlink_fib.h"
#include "lib/timeutil.h"
#include "vrrp/fib.h"

#define LO 1
#define SETTLE_US (20 * USEC_PER_MSEC)

struct owner {
	unsigned int done;
	unsigned int lost;
	const char *command; /* run when it is done */
};

struct fixture {
	struct loop *loop;
	struct loop_timer *timer;
	struct netlink *netlink;
	struct netlink_writer *writer;
	struct vrrp_fib *fib;
	struct owner a, b;
	struct vrrp_fib_set *set_a, *set_b, *statics;
	unsigned int told; /* statics */
	uint64_t sent;
	int64_t until_us;
	/* What the kernel has. */
	struct netlink_fib *reader;
	unsigned int n_routes, n_rules;
};

static void on_done(void *owner)
{
	struct owner *o = owner;

	o->done++;
	if (o->command)
		assert_int_equal(system(o->command), 0);
	o->command = NULL;
}

static void on_lost(void *owner, const char *text)
{
	struct owner *o = owner;

	assert_true(text[0]);
	o->lost++;
}

static void on_statics(void *user_data)
{
	struct fixture *f = user_data;

	f->told++;
}

static const struct vrrp_fib_events events = { on_done, on_lost, on_statics };

static void on_timer(void *user_data)
{
	struct fixture *f = user_data;
	int64_t now = time_monotonic_us();

	if (!netlink_writer_is_idle(f->writer))
		f->until_us = now + SETTLE_US;
	if (now >= f->until_us)
		loop_stop(f->loop);
	else
		loop_timer_set(f->timer, now + 500);
}

/* Until all that was asked for is done, and heard. */
static void settle(struct fixture *f)
{
	f->until_us = time_monotonic_us() + SETTLE_US;
	loop_timer_set(f->timer, time_monotonic_us() + 500);
	loop_run(f->loop);
}

static void nothing(void *user_data)
{
	(void)user_data;
}

static void count_route(const struct netlink_route *route, void *user_data)
{
	struct fixture *f = user_data;

	(void)route;
	f->n_routes++;
}

static void count_rule(const struct netlink_rule *rule, void *user_data)
{
	struct fixture *f = user_data;

	(void)rule;
	f->n_rules++;
}

static void expect_kernel(
	struct fixture *f, unsigned int routes, unsigned int rules)
{
	const struct netlink_fib_visitor visitor = { count_route, count_rule,
		f };

	f->n_routes = f->n_rules = 0;
	assert_int_equal(netlink_fib_read(f->reader, &visitor), 0);
	assert_int_equal(f->n_routes, routes);
	assert_int_equal(f->n_rules, rules);
}

static void by_hand(const char *command)
{
	assert_int_equal(system(command), 0);
}

/* Routes to 192.0.N.0/24 over lo, and rules of preference N. */
static struct netlink_hop lo_hop = { .ifindex = LO };

static struct netlink_route make_route(uint8_t n)
{
	struct netlink_route r = {
		.family = AF_INET,
		.type = RTN_UNICAST,
		.table = RT_TABLE_MAIN,
		.protocol = NETLINK_ROUTE_PROTO,
		.dst = { .family = AF_INET },
		.dst_len = 24,
		.hops = &lo_hop,
		.n_hops = 1,
	};

	r.dst.bytes[0] = 192;
	r.dst.bytes[2] = n;
	return r;
}

static struct netlink_rule make_rule(uint32_t n)
{
	return (struct netlink_rule){
		.family = AF_INET,
		.action = FR_ACT_TO_TBL,
		.table = 100,
		.priority = n,
		.protocol = NETLINK_ROUTE_PROTO,
		.suppress_prefix_len = UINT32_MAX,
		.suppress_group = UINT32_MAX,
	};
}

/* A set of one route and one rule N; 0 = empty. */
static void define(struct vrrp_fib_set *set, uint8_t n, bool no_track,
	bool rest)
{
	struct netlink_route route = make_route(n);
	struct netlink_rule rule = make_rule(n);
	const struct vrrp_fib_want wants[] = {
		{ .route = &route, .text = "a route", .no_track = no_track },
		{ .rule = &rule, .text = "a rule", .no_track = no_track },
	};

	if (rest)
		vrrp_fib_set_define_rest(set, wants, n ? 2 : 0);
	else
		vrrp_fib_set_define(set, wants, n ? 2 : 0);
}

static void define_all(struct fixture *f, uint8_t a, uint8_t b, uint8_t statics)
{
	vrrp_fib_begin(f->fib);
	define(f->set_a, a, false, false);
	define(f->set_b, b, false, false);
	define(f->statics, statics, false, false);
	vrrp_fib_end(f->fib);
	vrrp_fib_set_sync(f->statics, true);
	vrrp_fib_sweep(f->fib);
	settle(f);
	f->sent = netlink_writer_sent(f->writer);
}

static uint64_t written(struct fixture *f)
{
	return netlink_writer_sent(f->writer) - f->sent;
}

static void test_a_wanted_set_is_added_once_and_removed(void **state)
{
	struct fixture *f = *state;

	define_all(f, 1, 2, 0);
	expect_kernel(f, 0, 0);
	assert_true(vrrp_fib_set_sync(f->set_a, true));
	assert_false(vrrp_fib_set_sync(f->set_a, true));
	settle(f);
	expect_kernel(f, 1, 1);
	assert_int_equal(written(f), 2);
	assert_int_equal(f->a.done, 1);
	assert_false(vrrp_fib_set_sync(f->set_a, true));
	assert_true(vrrp_fib_set_sync(f->set_a, false));
	settle(f);
	expect_kernel(f, 0, 0);
	assert_int_equal(f->a.lost + f->b.lost + f->b.done, 0);
}

static void test_what_is_defined_again_is_not_written(void **state)
{
	struct fixture *f = *state;

	define_all(f, 1, 0, 2);
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	define_all(f, 1, 0, 2);
	f->sent = netlink_writer_sent(f->writer);
	define_all(f, 1, 0, 2);
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	assert_int_equal(written(f), 0);
	expect_kernel(f, 2, 2);
	define_all(f, 0, 0, 0);
	expect_kernel(f, 0, 0);
}

static void test_what_two_sets_have_stays_while_one_wants_it(void **state)
{
	struct fixture *f = *state;

	define_all(f, 1, 1, 0);
	vrrp_fib_set_sync(f->set_a, true);
	vrrp_fib_set_sync(f->set_b, true);
	settle(f);
	assert_int_equal(written(f), 2);
	vrrp_fib_set_sync(f->set_a, false);
	settle(f);
	expect_kernel(f, 1, 1);
	/* Also when the other one is gone. */
	vrrp_fib_set_free(f->set_a);
	f->set_a = vrrp_fib_set_new(f->fib, "a", &f->a);
	settle(f);
	expect_kernel(f, 1, 1);
	by_hand("ip route del 192.0.1.0/24");
	settle(f);
	assert_int_equal(f->b.lost, 1);
	assert_int_equal(f->a.lost, 0);
	vrrp_fib_set_sync(f->set_b, false);
	settle(f);
	expect_kernel(f, 0, 0);
}

static void test_a_successor_takes_over_without_a_write(void **state)
{
	struct fixture *f = *state;

	define_all(f, 0, 1, 0);
	vrrp_fib_set_sync(f->set_b, true);
	settle(f);
	f->sent = netlink_writer_sent(f->writer);
	vrrp_fib_begin(f->fib);
	define(f->set_a, 1, false, false);
	define(f->set_b, 1, false, true);
	vrrp_fib_end(f->fib);
	vrrp_fib_set_sync(f->set_b, false);
	vrrp_fib_sweep(f->fib);
	settle(f);
	assert_int_equal(written(f), 0);
	assert_true(vrrp_fib_set_any_present(f->set_a));
	assert_false(vrrp_fib_set_any_present(f->set_b));
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	assert_int_equal(written(f), 0);
	vrrp_fib_set_sync(f->set_a, false);
	settle(f);
	expect_kernel(f, 0, 0);
}

static void test_losses(void **state)
{
	struct fixture *f = *state;

	define_all(f, 1, 0, 2);
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	by_hand("ip rule del pref 2; ip route del 192.0.2.0/24");
	settle(f);
	expect_kernel(f, 2, 2);
	assert_int_equal(f->a.lost, 0);
	by_hand("ip rule del pref 1");
	settle(f);
	assert_int_equal(f->a.lost, 1);
	expect_kernel(f, 2, 1);
	/* The owner decides; here it wants it again. */
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	expect_kernel(f, 2, 2);
	define_all(f, 0, 0, 0);
	/* Without tracking it is nobody's business, until it is wanted anew. */
	vrrp_fib_begin(f->fib);
	define(f->set_a, 1, true, false);
	vrrp_fib_end(f->fib);
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	by_hand("ip route del 192.0.1.0/24");
	settle(f);
	assert_int_equal(f->a.lost, 1);
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	expect_kernel(f, 0, 1);
	vrrp_fib_set_sync(f->set_a, false);
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	expect_kernel(f, 1, 1);
	vrrp_fib_set_sync(f->set_a, false);
	settle(f);
}

/* What the kernel drops without a word, it drops with a link. */
static void test_what_goes_with_a_link_comes_with_it(void **state)
{
	struct fixture *f = *state;

	define_all(f, 1, 0, 0);
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	by_hand("ip link set lo down");
	netlink_read(f->netlink);
	vrrp_fib_recheck(f->fib);
	settle(f);
	expect_kernel(f, 0, 1);
	assert_int_equal(f->a.lost, 0);
	assert_true(vrrp_fib_set_has_failed(f->set_a));
	by_hand("ip link set lo up");
	netlink_read(f->netlink);
	vrrp_fib_recheck(f->fib);
	settle(f);
	expect_kernel(f, 1, 1);
	assert_false(vrrp_fib_set_has_failed(f->set_a));
	vrrp_fib_set_sync(f->set_a, false);
	settle(f);
}

struct kept {
	uint8_t messages[4][256];
	size_t len[4];
	size_t n;
};

static void keep(const void *message, size_t len, void *user_data)
{
	struct kept *k = user_data;

	assert_true(k->n < 4 && len <= sizeof(k->messages[0]));
	memcpy(k->messages[k->n], message, len);
	k->len[k->n++] = len;
}

static void test_a_successor_inherits_what_is_configured_and_removes_the_rest(
	void **state)
{
	struct fixture *f = *state;
	struct kept kept = { .n = 0 };

	define_all(f, 1, 2, 0);
	vrrp_fib_set_sync(f->set_a, true);
	vrrp_fib_set_sync(f->set_b, true);
	settle(f);
	vrrp_fib_set_each_removal(f->set_a, keep, &kept);
	vrrp_fib_set_each_removal(f->set_b, keep, &kept);
	assert_int_equal(kept.n, 4);
	/* Another process. */
	vrrp_fib_set_free(f->set_a);
	vrrp_fib_set_free(f->set_b);
	vrrp_fib_set_free(f->statics);
	vrrp_fib_free(f->fib);
	f->fib = vrrp_fib_new(f->loop, f->netlink, f->writer, &events, f);
	f->set_a = vrrp_fib_set_new(f->fib, "a", &f->a);
	f->set_b = vrrp_fib_set_new(f->fib, "b", &f->b);
	f->statics = vrrp_fib_set_new(f->fib, "statics", NULL);
	f->sent = netlink_writer_sent(f->writer);
	vrrp_fib_begin(f->fib);
	define(f->set_a, 1, false, false);
	vrrp_fib_end(f->fib);
	for (size_t i = 0; i < kept.n; i++)
		vrrp_fib_inherit(f->fib, kept.messages[i], kept.len[i]);
	vrrp_fib_inherit(f->fib, "nonsense", 9);
	vrrp_fib_sweep(f->fib);
	settle(f);
	assert_int_equal(written(f), 2);
	expect_kernel(f, 1, 1);
	assert_true(vrrp_fib_set_any_present(f->set_a));
	vrrp_fib_set_sync(f->set_a, false);
	settle(f);
	expect_kernel(f, 0, 0);
}

/* Removed by hand before we have heard that it is there. */
static void test_what_the_kernel_never_confirmed_is_written_again(void **state)
{
	struct fixture *f = *state;

	define_all(f, 1, 0, 0);
	f->a.command = "ip rule del pref 1; ip route del 192.0.1.0/24";
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	assert_int_equal(f->a.lost, 2);
	vrrp_fib_set_sync(f->set_a, true);
	settle(f);
	expect_kernel(f, 1, 1);
	vrrp_fib_set_sync(f->set_a, false);
	settle(f);
}

/* Of 2001:db8:N::/64 the kernel has one alone. */
static void define_inet6(struct vrrp_fib_set *set, uint8_t n)
{
	struct netlink_route route = make_route(n);
	const struct vrrp_fib_want want = { .route = &route, .text = "a route" };

	route.family = route.dst.family = AF_INET6;
	route.dst_len = 64;
	route.priority = 1024;
	memset(route.dst.bytes, 0, sizeof(route.dst.bytes));
	memcpy(route.dst.bytes, "\x20\x01\x0d\xb8", 4);
	route.dst.bytes[5] = n;
	vrrp_fib_set_define(set, &want, 1);
}

/* It is not ours, and stays; when its owner removes it, ours comes. */
static void test_what_somebody_else_has_is_not_ours_until_it_is_gone(
	void **state)
{
	struct fixture *f = *state;

	by_hand("ip -6 route add 2001:db8:1::/64 dev lo proto static");
	by_hand("ip -6 route add 2001:db8:2::/64 dev lo proto static");
	vrrp_fib_begin(f->fib);
	define_inet6(f->set_a, 1);
	define_inet6(f->set_b, 2);
	vrrp_fib_end(f->fib);
	vrrp_fib_sweep(f->fib);
	vrrp_fib_set_sync(f->set_a, true);
	vrrp_fib_set_sync(f->set_b, true);
	settle(f);
	expect_kernel(f, 0, 0);
	assert_false(vrrp_fib_set_any_present(f->set_a));
	vrrp_fib_set_sync(f->set_b, false);
	settle(f);
	by_hand("ip -6 route show 2001:db8:2::/64 | grep -q static");
	by_hand("ip -6 route del 2001:db8:1::/64");
	for (unsigned int i = 0; i < 200; i++)
		settle(f);
	expect_kernel(f, 1, 0);
	assert_true(vrrp_fib_set_any_present(f->set_a));
	vrrp_fib_set_sync(f->set_a, false);
	settle(f);
	expect_kernel(f, 0, 0);
	by_hand("ip -6 route del 2001:db8:2::/64 proto static");
	assert_int_equal(f->a.lost + f->b.lost, 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	static const struct netlink_events no_events = { .link = NULL };

	f->loop = loop_new();
	f->timer = loop_timer_new(f->loop, on_timer, f);
	assert_int_equal(netlink_writer_new(f->loop, &f->writer), 0);
	assert_int_equal(
		netlink_new(f->loop, &no_events, f, &f->netlink), 0);
	assert_int_equal(
		netlink_fib_new(f->loop, nothing, f, &f->reader), 0);
	f->fib = vrrp_fib_new(f->loop, f->netlink, f->writer, &events, f);
	f->set_a = vrrp_fib_set_new(f->fib, "a", &f->a);
	f->set_b = vrrp_fib_set_new(f->fib, "b", &f->b);
	f->statics = vrrp_fib_set_new(f->fib, "statics", NULL);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vrrp_fib_set_free(f->set_a);
	vrrp_fib_set_free(f->set_b);
	vrrp_fib_set_free(f->statics);
	vrrp_fib_free(f->fib);
	netlink_fib_free(f->reader);
	netlink_free(f->netlink);
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
		T(test_a_wanted_set_is_added_once_and_removed),
		T(test_what_is_defined_again_is_not_written),
		T(test_what_two_sets_have_stays_while_one_wants_it),
		T(test_a_successor_takes_over_without_a_write),
		T(test_losses),
		T(test_what_the_kernel_never_confirmed_is_written_again),
		T(test_what_somebody_else_has_is_not_ours_until_it_is_gone),
		T(test_what_goes_with_a_link_comes_with_it),
		T(test_a_successor_inherits_what_is_configured_and_removes_the_rest),
	};

	if (unshare(CLONE_NEWNET) < 0 || system("ip link set lo up") != 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
