/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The golden bytes are what keepalived 2.2.7 sent for the same addresses,
 * but for the Router flag, which RFC 9568 6.4.1 asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <net/if_arp.h>

#include "vrrp/announce_packet.h"

static const uint8_t mac[6] = { 0x6a, 0x2d, 0xa3, 0xf6, 0xf8, 0x4e };

static void test_arp_is_the_announcement_that_keepalived_sends(void **state)
{
	static const uint8_t golden[] = {
		0x00,
		0x01,
		0x08,
		0x00,
		0x06,
		0x04,
		0x00,
		0x01,
		0x6a,
		0x2d,
		0xa3,
		0xf6,
		0xf8,
		0x4e,
		0x0a,
		0x09,
		0x00,
		0x09,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0xff,
		0x0a,
		0x09,
		0x00,
		0x09,
	};
	uint8_t buf[VRRP_ANNOUNCE_PACKET_MAX];
	struct ip_addr addr;

	(void)state;
	assert_int_equal(ip_addr_parse("10.9.0.9", &addr), 0);
	assert_int_equal(
		vrrp_announce_build_arp(&addr.v4, ARPHRD_ETHER, mac, 6, buf),
		sizeof(golden));
	assert_memory_equal(buf, golden, sizeof(golden));
}

static void test_na_is_the_one_of_keepalived_with_router_flag(void **state)
{
	static const uint8_t golden[] = {
		0x60,
		0x00,
		0x00,
		0x00,
		0x00,
		0x20,
		0x3a,
		0xff,
		0xfd,
		0x00,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0x09,
		0xff,
		0x02,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0x01,
		/* 5619 without the Router flag, 0x8000, in the sum */
		0x88,
		0x00,
		0xd6,
		0x18,
		0xa0,
		0x00,
		0x00,
		0x00,
		0xfd,
		0x00,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0x09,
		0x02,
		0x01,
		0x6a,
		0x2d,
		0xa3,
		0xf6,
		0xf8,
		0x4e,
	};
	uint8_t buf[VRRP_ANNOUNCE_PACKET_MAX];
	struct ip_addr addr;

	(void)state;
	assert_int_equal(ip_addr_parse("fd00::9", &addr), 0);
	assert_int_equal(
		vrrp_announce_build_na(&addr.v6, mac, 6, buf), sizeof(golden));
	assert_memory_equal(buf, golden, sizeof(golden));
}

static void test_long_hardware_addresses_fit(void **state)
{
	uint8_t long_mac[VRRP_ANNOUNCE_MAC_MAX] = { 1 };
	uint8_t buf[VRRP_ANNOUNCE_PACKET_MAX];
	struct ip_addr v4, v6;

	(void)state;
	assert_int_equal(ip_addr_parse("10.9.0.9", &v4), 0);
	assert_int_equal(ip_addr_parse("fd00::9", &v6), 0);
	assert_in_range(vrrp_announce_build_arp(&v4.v4, ARPHRD_INFINIBAND,
				long_mac, sizeof(long_mac), buf),
		1, sizeof(buf));
	assert_in_range(
		vrrp_announce_build_na(&v6.v6, long_mac, sizeof(long_mac), buf),
		1, sizeof(buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_arp_is_the_announcement_that_keepalived_sends),
		cmocka_unit_test(
			test_na_is_the_one_of_keepalived_with_router_flag),
		cmocka_unit_test(test_long_hardware_addresses_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
