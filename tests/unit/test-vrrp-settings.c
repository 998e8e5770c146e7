/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings while they are being written, on the loopback of a network
 * namespace of its own: needs root, is skipped (77) without. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "lib/timeutil.h"
#include "vrrp/settings.h"

#define LO 1
#define ORIGINAL 0
#define OURS 1

struct fixture {
	struct loop *loop;
	struct loop_timer *timer;
	struct netlink *netlink;
	struct netlink_writer *writer;
	struct vrrp_settings *settings;
};

static const struct vrrp_setting_key key = { VRRP_SETTING_LINK, LO,
	NETLINK_DEVCONF_ARP_FILTER };

static void on_timer(void *user_data)
{
	struct fixture *f = user_data;

	if (netlink_writer_is_idle(f->writer))
		loop_stop(f->loop);
	else
		loop_timer_set(f->timer, time_monotonic_us() + 500);
}

static void settle(struct fixture *f)
{
	loop_timer_set(f->timer, time_monotonic_us() + 500);
	loop_run(f->loop);
}

static void want(struct fixture *f, bool wanted, bool verify)
{
	vrrp_settings_begin(f->settings);
	if (wanted)
		vrrp_settings_want(f->settings, &key, OURS);
	vrrp_settings_end(f->settings, verify);
}

static void expect(struct fixture *f, uint32_t value, bool held)
{
	settle(f);
	assert_int_equal(netlink_refresh_link(f->netlink, LO), 0);
	assert_int_equal(netlink_find_link(f->netlink, LO)
				 ->info.devconf[NETLINK_DEVCONF_ARP_FILTER],
		value);
	assert_int_equal(vrrp_settings_is_held(f->settings, &key), held);
}

static void test_a_release_before_the_write_is_done_puts_back(void **state)
{
	struct fixture *f = *state;

	want(f, true, false);
	want(f, false, false);
	expect(f, ORIGINAL, false);
}

static void test_a_want_before_the_release_is_done_is_kept(void **state)
{
	struct fixture *f = *state;

	want(f, true, false);
	expect(f, OURS, true);
	want(f, false, false);
	want(f, true, false);
	expect(f, OURS, true);
	want(f, false, false);
	expect(f, ORIGINAL, false);
}

static void test_a_look_before_the_write_is_done_knows_the_original(
	void **state)
{
	struct fixture *f = *state;

	want(f, true, false);
	want(f, true, true);
	expect(f, OURS, true);
	want(f, false, false);
	want(f, true, false);
	want(f, true, true);
	want(f, false, true);
	expect(f, ORIGINAL, false);
}

static void test_its_end_leaves_what_is_under_way(void **state)
{
	struct fixture *f = *state;

	want(f, true, false);
	vrrp_settings_free(f->settings);
	f->settings = vrrp_settings_new(f->netlink, f->writer);
	expect(f, OURS, false);
	assert_int_equal(system("echo 0 > /proc/sys/net/ipv4/conf/lo/arp_filter"),
		0);
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
	f->settings = vrrp_settings_new(f->netlink, f->writer);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vrrp_settings_free(f->settings);
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
		T(test_a_release_before_the_write_is_done_puts_back),
		T(test_a_want_before_the_release_is_done_is_kept),
		T(test_a_look_before_the_write_is_done_knows_the_original),
		T(test_its_end_leaves_what_is_under_way),
	};

	if (unshare(CLONE_NEWNET) < 0 || system("ip link set lo up") != 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
