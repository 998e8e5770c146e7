/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On the loopback of a network namespace of its own: needs root, is skipped
 * (77) without. */
#include <linux/if_addr.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "lib/timeutil.h"
#include "vrrp/addresses.h"

#define LO 1

struct owner {
	struct fixture *f;
	unsigned int done;
	unsigned int lost;
	size_t n_failed;
	bool present; /* when it was done */
};

struct fixture {
	struct loop *loop;
	struct loop_timer *timer;
	struct netlink *netlink;
	struct netlink_writer *writer;
	struct vrrp_addresses *addresses;
	struct owner a, b;
	struct vrrp_address_set *set_a, *set_b;
};

static void on_done(void *owner, size_t n_added, size_t n_failed, int error)
{
	struct owner *o = owner;

	(void)n_added;
	(void)error;
	o->done++;
	o->n_failed = n_failed;
	o->present = vrrp_address_set_any_present(
		o == &o->f->a ? o->f->set_a : o->f->set_b);
}

static void on_lost(void *owner, const struct netlink_addr_info *info)
{
	struct owner *o = owner;

	(void)info;
	o->lost++;
}

static const struct vrrp_address_events address_events = { on_done, on_lost };

static void on_addr(const struct netlink_addr_info *before,
	const struct netlink_addr_info *after, void *user_data)
{
	struct fixture *f = user_data;

	if (f->addresses)
		vrrp_addresses_on_addr(f->addresses, before, after);
}

static void on_settled(void *user_data)
{
	struct fixture *f = user_data;

	if (f->addresses)
		vrrp_addresses_on_settled(f->addresses);
}

static const struct netlink_events netlink_events = {
	.addr = on_addr,
	.settled = on_settled,
};

static void on_timer(void *user_data)
{
	struct fixture *f = user_data;

	if (netlink_writer_is_idle(f->writer))
		loop_stop(f->loop);
	else
		loop_timer_set(f->timer, time_monotonic_us() + 100);
}

/* Until all that was asked for is done and heard. */
static void settle(struct fixture *f)
{
	loop_timer_set(f->timer, time_monotonic_us() + 1000);
	loop_run(f->loop);
	netlink_read(f->netlink);
}

static struct vrrp_address_want want(const char *text)
{
	struct vrrp_address_want w = { .info = { .ifindex = LO } };

	assert_int_equal(ip_addr_parse(text, &w.info.addr), 0);
	w.info.prefix_len = w.info.addr.family == AF_INET ? 32 : 128;
	w.info.valid_s = NETLINK_LIFETIME_FOREVER;
	w.info.preferred_s = NETLINK_LIFETIME_FOREVER;
	w.info.proto = NETLINK_ADDR_PROTO;
	if (w.info.addr.family == AF_INET6)
		w.info.flags = IFA_F_NODAD;
	return w;
}

static bool in_kernel(struct fixture *f, const char *text)
{
	struct vrrp_address_want w = want(text);

	assert_int_equal(netlink_resync(f->netlink), 0);
	return netlink_find_addr(f->netlink, &w.info) != NULL;
}

static void ignore(const int *errors, size_t n, void *user_data)
{
	(void)user_data;
	assert_int_equal(n, 1);
	assert_int_equal(errors[0], 0);
}

/* What an administrator does. */
static void by_hand(struct fixture *f, const char *text, bool add)
{
	struct netlink_job *job = netlink_job_new(f->writer, ignore, NULL);
	struct vrrp_address_want w = want(text);

	w.info.proto = 0;
	if (add)
		netlink_job_add_addr(job, &w.info);
	else
		netlink_job_remove_addr(job, &w.info);
	netlink_job_submit(job);
	settle(f);
}

static void define(struct fixture *f, const char *const *a,
	const char *const *b, bool keep_foreign)
{
	struct vrrp_address_want wants[4];
	size_t n;

	vrrp_addresses_begin(f->addresses);
	for (n = 0; a[n]; n++)
		wants[n] = want(a[n]);
	vrrp_address_set_define(f->set_a, wants, n, keep_foreign);
	for (n = 0; b[n]; n++)
		wants[n] = want(b[n]);
	vrrp_address_set_define(f->set_b, wants, n, keep_foreign);
	vrrp_addresses_end(f->addresses);
}

#define LIST(...)                                                              \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}
#define NOTHING                                                                \
	(const char *const[])                                                  \
	{                                                                      \
		NULL                                                           \
	}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.a.f = f.b.f = &f;
	f.loop = loop_new();
	f.timer = loop_timer_new(f.loop, on_timer, &f);
	assert_int_equal(
		netlink_new(f.loop, &netlink_events, &f, &f.netlink), 0);
	assert_int_equal(netlink_writer_new(f.loop, &f.writer), 0);
	f.addresses =
		vrrp_addresses_new(f.netlink, f.writer, &address_events);
	f.set_a = vrrp_address_set_new(f.addresses, "a", &f.a);
	f.set_b = vrrp_address_set_new(f.addresses, "b", &f.b);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	struct vrrp_addresses *addresses = f->addresses;

	define(f, NOTHING, NOTHING, false);
	settle(f);
	vrrp_address_set_free(f->set_a);
	vrrp_address_set_free(f->set_b);
	f->addresses = NULL;
	vrrp_addresses_free(addresses);
	netlink_writer_free(f->writer);
	netlink_free(f->netlink);
	loop_timer_free(f->timer);
	loop_free(f->loop);
	return 0;
}

static void test_wanted_set_is_added_once_and_removed(void **state)
{
	struct fixture *f = *state;
	uint64_t sent;

	define(f, LIST("10.1.0.1", "2001:db8::1"), NOTHING, false);
	assert_false(vrrp_address_set_any_present(f->set_a));
	assert_true(vrrp_address_set_sync(f->set_a, true));
	settle(f);
	assert_int_equal(f->a.done, 1);
	assert_true(in_kernel(f, "10.1.0.1"));
	assert_true(in_kernel(f, "2001:db8::1"));
	assert_true(vrrp_address_set_any_present(f->set_a));

	sent = netlink_writer_sent(f->writer);
	assert_false(vrrp_address_set_sync(f->set_a, true));
	settle(f);
	assert_int_equal(netlink_writer_sent(f->writer), sent);

	assert_true(vrrp_address_set_sync(f->set_a, false));
	settle(f);
	assert_false(in_kernel(f, "10.1.0.1"));
	assert_false(in_kernel(f, "2001:db8::1"));
}

/* The kernel tells of an IPv6 address later than it acknowledges it. */
static void test_acknowledged_ipv6_address_can_be_removed_at_once(void **state)
{
	struct fixture *f = *state;

	define(f, LIST("2001:db8::1"), NOTHING, false);
	vrrp_address_set_sync(f->set_a, true);
	settle(f);
	assert_int_equal(f->a.done, 1);
	assert_true(f->a.present);
	assert_true(vrrp_address_set_sync(f->set_a, false));
	settle(f);
	assert_false(f->a.present);
	assert_false(in_kernel(f, "2001:db8::1"));
	assert_int_equal(f->a.lost, 0);
}

static void test_last_wish_wins_when_asked_in_a_row(void **state)
{
	struct fixture *f = *state;

	define(f, LIST("10.1.0.1"), NOTHING, false);
	vrrp_address_set_sync(f->set_a, true);
	vrrp_address_set_sync(f->set_a, false);
	vrrp_address_set_sync(f->set_a, true);
	vrrp_address_set_sync(f->set_a, false);
	settle(f);
	assert_false(in_kernel(f, "10.1.0.1"));
	vrrp_address_set_sync(f->set_a, true);
	vrrp_address_set_sync(f->set_a, false);
	vrrp_address_set_sync(f->set_a, true);
	settle(f);
	assert_true(in_kernel(f, "10.1.0.1"));
	assert_int_equal(f->a.lost, 0);
}

static void test_address_of_before_is_adopted_without_a_write(void **state)
{
	struct fixture *f = *state;
	uint64_t sent;

	by_hand(f, "10.1.0.2", true);
	sent = netlink_writer_sent(f->writer);
	define(f, LIST("10.1.0.2"), NOTHING, false);
	assert_true(vrrp_address_set_any_present(f->set_a));
	assert_false(vrrp_address_set_sync(f->set_a, true));
	settle(f);
	assert_int_equal(netlink_writer_sent(f->writer), sent);
	/* It is in the configuration, so it goes with the others. */
	vrrp_address_set_sync(f->set_a, false);
	settle(f);
	assert_false(in_kernel(f, "10.1.0.2"));
}

static void test_owner_keeps_what_was_there_before(void **state)
{
	struct fixture *f = *state;

	by_hand(f, "10.1.0.2", true);
	define(f, LIST("10.1.0.2", "10.1.0.3"), NOTHING, true);
	vrrp_address_set_sync(f->set_a, true);
	settle(f);
	vrrp_address_set_sync(f->set_a, false);
	settle(f);
	assert_true(in_kernel(f, "10.1.0.2"));
	assert_false(in_kernel(f, "10.1.0.3"));
	define(f, NOTHING, NOTHING, true);
	settle(f);
	by_hand(f, "10.1.0.2", false);
}

static void test_addresses_of_others_are_never_touched(void **state)
{
	struct fixture *f = *state;

	by_hand(f, "10.1.0.4", true);
	define(f, LIST("10.1.0.1"), NOTHING, false);
	vrrp_address_set_sync(f->set_a, true);
	settle(f);
	define(f, NOTHING, NOTHING, false);
	settle(f);
	assert_true(in_kernel(f, "10.1.0.4"));
	assert_false(in_kernel(f, "10.1.0.1"));
	by_hand(f, "10.1.0.4", false);
}

static void test_address_moves_between_sets_without_a_write(void **state)
{
	struct fixture *f = *state;
	uint64_t sent;

	define(f, LIST("10.1.0.1", "10.1.0.2"), LIST("10.1.0.3"), false);
	vrrp_address_set_sync(f->set_a, true);
	vrrp_address_set_sync(f->set_b, true);
	settle(f);
	sent = netlink_writer_sent(f->writer);
	define(f, LIST("10.1.0.1"), LIST("10.1.0.2", "10.1.0.3"), false);
	vrrp_address_set_sync(f->set_a, true);
	vrrp_address_set_sync(f->set_b, true);
	settle(f);
	assert_int_equal(netlink_writer_sent(f->writer), sent);
	assert_true(in_kernel(f, "10.1.0.2"));
	vrrp_address_set_sync(f->set_b, false);
	settle(f);
	assert_false(in_kernel(f, "10.1.0.2"));
	assert_true(in_kernel(f, "10.1.0.1"));
}

static void test_only_an_added_address_is_written(void **state)
{
	struct fixture *f = *state;
	uint64_t sent;

	define(f, LIST("10.1.0.1", "10.1.0.2"), NOTHING, false);
	vrrp_address_set_sync(f->set_a, true);
	settle(f);
	sent = netlink_writer_sent(f->writer);
	define(f, LIST("10.1.0.1", "10.1.0.2", "10.1.0.3"), NOTHING, false);
	vrrp_address_set_sync(f->set_a, true);
	settle(f);
	assert_int_equal(netlink_writer_sent(f->writer), sent + 1);
	define(f, LIST("10.1.0.1", "10.1.0.3"), NOTHING, false);
	vrrp_address_set_sync(f->set_a, true);
	settle(f);
	assert_int_equal(netlink_writer_sent(f->writer), sent + 2);
	assert_false(in_kernel(f, "10.1.0.2"));
}

static void test_loss_is_told_unless_it_came_back(void **state)
{
	struct fixture *f = *state;
	struct netlink_job *job;
	struct vrrp_address_want w = want("10.1.0.1");

	define(f, LIST("10.1.0.1"), NOTHING, false);
	vrrp_address_set_sync(f->set_a, true);
	settle(f);
	job = netlink_job_new(f->writer, NULL, NULL);
	netlink_job_remove_addr(job, &w.info);
	netlink_job_add_addr(job, &w.info);
	netlink_job_submit(job);
	netlink_job_detach(job);
	settle(f);
	assert_int_equal(f->a.lost, 0);
	by_hand(f, "10.1.0.1", false);
	assert_int_equal(f->a.lost, 1);
	/* Our own removals are no loss. */
	vrrp_address_set_sync(f->set_a, true);
	settle(f);
	vrrp_address_set_sync(f->set_a, false);
	settle(f);
	assert_int_equal(f->a.lost, 1);
}

static void test_inherited_address_of_nobody_is_removed(void **state)
{
	struct fixture *f = *state;
	struct vrrp_address_want mine = want("10.1.0.1");
	struct vrrp_address_want nobodys = want("10.1.0.2");

	by_hand(f, "10.1.0.1", true);
	by_hand(f, "10.1.0.2", true);
	define(f, LIST("10.1.0.1"), NOTHING, true);
	vrrp_addresses_inherit(f->addresses, &mine.info);
	vrrp_addresses_inherit(f->addresses, &nobodys.info);
	settle(f);
	assert_true(in_kernel(f, "10.1.0.1"));
	assert_false(in_kernel(f, "10.1.0.2"));
	/* Inherited, so not foreign: the owner removes it. */
	vrrp_address_set_sync(f->set_a, false);
	settle(f);
	assert_false(in_kernel(f, "10.1.0.1"));
}

static void test_missing_interface_is_not_written_to(void **state)
{
	struct fixture *f = *state;
	struct vrrp_address_want w = want("10.1.0.1");

	w.info.ifindex = 0;
	vrrp_addresses_begin(f->addresses);
	vrrp_address_set_define(f->set_a, &w, 1, false);
	vrrp_address_set_define(f->set_b, NULL, 0, false);
	vrrp_addresses_end(f->addresses);
	assert_false(vrrp_address_set_sync(f->set_a, true));
	/* The interface appears. */
	define(f, LIST("10.1.0.1"), NOTHING, false);
	assert_true(vrrp_address_set_sync(f->set_a, true));
	settle(f);
	assert_true(in_kernel(f, "10.1.0.1"));
}

static void test_failure_is_counted(void **state)
{
	struct fixture *f = *state;
	struct vrrp_address_want w = want("10.1.0.1");

	w.info.ifindex = 4711;
	vrrp_addresses_begin(f->addresses);
	vrrp_address_set_define(f->set_a, &w, 1, false);
	vrrp_address_set_define(f->set_b, NULL, 0, false);
	vrrp_addresses_end(f->addresses);
	assert_true(vrrp_address_set_sync(f->set_a, true));
	settle(f);
	assert_int_equal(f->a.done, 1);
	assert_int_equal(f->a.n_failed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_wanted_set_is_added_once_and_removed),
		T(test_acknowledged_ipv6_address_can_be_removed_at_once),
		T(test_last_wish_wins_when_asked_in_a_row),
		T(test_address_of_before_is_adopted_without_a_write),
		T(test_owner_keeps_what_was_there_before),
		T(test_addresses_of_others_are_never_touched),
		T(test_address_moves_between_sets_without_a_write),
		T(test_only_an_added_address_is_written),
		T(test_loss_is_told_unless_it_came_back),
		T(test_inherited_address_of_nobody_is_removed),
		T(test_missing_interface_is_not_written_to),
		T(test_failure_is_counted),
#undef T
	};

	if (unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
