/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vrrp/networks.h"

static struct ip_addr addr(const char *text)
{
	struct ip_addr a = { .family = AF_UNSPEC };

	assert_int_equal(ip_addr_parse(text, &a), 0);
	return a;
}

static struct vrrp_network network(const char *text, uint8_t prefix_len)
{
	struct ip_addr a = addr(text);
	struct vrrp_network ret;

	assert_true(vrrp_network_of(&a, prefix_len, &ret));
	return ret;
}

static bool have(const struct vrrp_networks *networks, const char *text)
{
	struct ip_addr a = addr(text);

	return vrrp_networks_have(networks, &a);
}

static void test_a_network_has_its_hosts_and_nobody_else(void **state)
{
	struct vrrp_network list[] = { network("192.0.2.130", 25) };
	struct vrrp_networks networks = { list, 1 };

	(void)state;
	vrrp_networks_normalise(&networks);
	assert_false(have(&networks, "192.0.2.127"));
	assert_false(have(&networks, "192.0.2.128"));
	assert_true(have(&networks, "192.0.2.129"));
	assert_true(have(&networks, "192.0.2.254"));
	assert_false(have(&networks, "192.0.2.255"));
	assert_false(have(&networks, "192.0.3.0"));
	assert_false(have(&networks, "0.0.0.0"));
	assert_false(have(&networks, "255.255.255.255"));
}

static void test_without_room_for_another_it_is_no_network(void **state)
{
	struct ip_addr v4 = addr("192.0.2.1"), v6 = addr("2001:db8::1");
	struct vrrp_network ret;

	(void)state;
	assert_false(vrrp_network_of(&v4, 32, &ret));
	assert_false(vrrp_network_of(&v4, 31, &ret));
	assert_true(vrrp_network_of(&v4, 30, &ret));
	assert_int_equal(ret.last - ret.first, 3);
	assert_true(vrrp_network_of(&v4, 0, &ret));
	assert_int_equal(ret.first, 0);
	assert_int_equal(ret.last, UINT32_MAX);
	assert_false(vrrp_network_of(&v6, 64, &ret));
}

static void test_the_outermost_are_left(void **state)
{
	struct vrrp_network list[] = { network("10.1.2.3", 24),
		network("192.0.2.1", 24), network("10.1.0.1", 16),
		network("10.1.0.1", 24), network("192.0.2.9", 24) };
	struct vrrp_networks networks = { list, 5 };

	(void)state;
	vrrp_networks_normalise(&networks);
	assert_int_equal(networks.n, 2);
	/* A host of the outer one. */
	assert_true(have(&networks, "10.1.2.255"));
	assert_false(have(&networks, "10.1.255.255"));
	assert_true(have(&networks, "192.0.2.2"));
	assert_false(have(&networks, "11.0.0.1"));
}

static void test_ipv6_neighbours_are_link_local(void **state)
{
	struct vrrp_networks none = { NULL, 0 };

	(void)state;
	vrrp_networks_normalise(&none);
	assert_true(have(&none, "fe80::1"));
	assert_true(have(&none, "febf::1"));
	assert_false(have(&none, "fec0::1"));
	assert_false(have(&none, "2001:db8::1"));
	assert_false(have(&none, "::"));
	assert_false(have(&none, "192.0.2.1"));
}

static bool have_by_looking(
	const struct vrrp_network *list, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (number > list[i].first && number < list[i].last)
			return true;
	return false;
}

/* Against the obvious search; a border of an inner network is a host of the
 * outer one, so the lists agree everywhere. */
static void test_random_networks(void **state)
{
	struct vrrp_network list[40], kept[40];
	unsigned int seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = (size_t)rand_r(&seed) % 40;
		struct vrrp_networks networks = { kept, n };

		for (size_t i = 0; i < n; i++) {
			struct ip_addr a = { .family = AF_INET };

			a.v4.s_addr = htonl(0x0a000000 |
					    ((uint32_t)rand_r(&seed) & 0xfff));
			assert_true(vrrp_network_of(&a,
				(uint8_t)(20 + rand_r(&seed) % 11), &list[i]));
			kept[i] = list[i];
		}
		vrrp_networks_normalise(&networks);
		for (int i = 0; i < 500; i++) {
			struct ip_addr a = { .family = AF_INET };
			uint32_t number = 0x0a000000 |
					  ((uint32_t)rand_r(&seed) & 0x1fff);

			a.v4.s_addr = htonl(number);
			assert_int_equal(vrrp_networks_have(&networks, &a),
				have_by_looking(list, n, number));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_network_has_its_hosts_and_nobody_else),
		cmocka_unit_test(
			test_without_room_for_another_it_is_no_network),
		cmocka_unit_test(test_the_outermost_are_left),
		cmocka_unit_test(test_ipv6_neighbours_are_link_local),
		cmocka_unit_test(test_random_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
