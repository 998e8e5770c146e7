/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a line of virtual_ipaddress asks the kernel for. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vrrp/shell.h"

static struct vrrp_address_conf line(const char *text, uint8_t prefix_len)
{
	struct vrrp_address_conf conf = {
		.prefix_len = prefix_len,
		.scope = -1,
	};

	assert_int_equal(ip_addr_parse(text, &conf.addr), 0);
	return conf;
}

static struct netlink_addr_info want(const struct vrrp_address_conf *conf)
{
	struct vrrp_address_want w;

	vrrp_address_want_from_conf(NULL, conf, NULL, &w);
	return w.info;
}

static void assert_broadcast(const struct vrrp_address_conf *conf,
	const char *expected)
{
	struct netlink_addr_info info = want(conf);
	char text[IP_ADDR_STRLEN];

	assert_string_equal(ip_addr_format(&info.broadcast, text), expected);
}

static void test_broadcast_plus_has_all_host_bits(void **state)
{
	struct vrrp_address_conf conf = line("192.0.2.130", 25);

	(void)state;
	assert_broadcast(&conf, "none");
	conf.broadcast_auto = true;
	assert_broadcast(&conf, "192.0.2.255");
	conf.prefix_len = 32;
	assert_broadcast(&conf, "192.0.2.130");
	conf.prefix_len = 0;
	assert_broadcast(&conf, "255.255.255.255");
}

static void test_broadcast_minus_has_no_host_bits(void **state)
{
	struct vrrp_address_conf conf = line("192.0.2.130", 25);

	(void)state;
	conf.broadcast_zero = true;
	assert_broadcast(&conf, "192.0.2.128");
	conf.prefix_len = 32;
	assert_broadcast(&conf, "192.0.2.130");
	conf.prefix_len = 0;
	assert_broadcast(&conf, "0.0.0.0");
}

static void test_ipv6_has_no_broadcast(void **state)
{
	struct vrrp_address_conf conf = line("2001:db8::1", 128);

	(void)state;
	conf.broadcast_auto = true;
	assert_broadcast(&conf, "none");
}

static void test_options_become_flags_and_lifetimes(void **state)
{
	struct vrrp_address_conf conf = line("2001:db8::1", 64);
	struct netlink_addr_info info = want(&conf);

	(void)state;
	assert_int_equal(info.flags, 0);
	assert_int_equal(info.scope, RT_SCOPE_UNIVERSE);
	assert_int_equal(info.preferred_s, NETLINK_LIFETIME_FOREVER);
	conf.nodad = conf.home = conf.noprefixroute = true;
	conf.scope = RT_SCOPE_LINK;
	conf.has_preferred_lft = true;
	conf.preferred_lft_s = 0;
	conf.label = "a-label-that-is-too-long";
	info = want(&conf);
	assert_int_equal(info.flags,
		IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_NOPREFIXROUTE);
	assert_int_equal(info.scope, RT_SCOPE_LINK);
	assert_int_equal(info.preferred_s, 0);
	assert_int_equal(info.valid_s, NETLINK_LIFETIME_FOREVER);
	assert_int_equal(strlen(info.label), IFNAMSIZ - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_broadcast_plus_has_all_host_bits),
		cmocka_unit_test(test_broadcast_minus_has_no_host_bits),
		cmocka_unit_test(test_ipv6_has_no_broadcast),
		cmocka_unit_test(test_options_become_flags_and_lifetimes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
