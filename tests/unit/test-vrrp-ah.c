/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The golden packets were sent by keepalived 2.2.7, password "secret". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/timeutil.h"
#include "vrrp/ah.h"

#define NOW_S INT64_C(1700000000)

static const uint8_t golden[3][64] = {
	{ 0x45, 0xc0, 0x00, 0x40, 0x00, 0x01, 0x00, 0x00, 0xff, 0x33, 0x18,
		0xb6, 0xc0, 0x00, 0x02, 0x01, 0xe0, 0x00, 0x00, 0x12, /* IP */
		0x70, 0x04, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x01, 0x00, 0x00,
		0x00, 0x01, 0x1e, 0x56, 0x05, 0x0d, 0xfe, 0xc3, 0xd9, 0x60,
		0xdc, 0x39, 0xe3, 0x7d, /* AH */
		0x21, 0x33, 0xc8, 0x01, 0x02, 0x01, 0x52, 0x65, 0xc0, 0x00,
		0x02, 0x64, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ 0x45, 0xc0, 0x00, 0x40, 0x00, 0x02, 0x00, 0x00, 0xff, 0x33, 0x18,
		0xb5, 0xc0, 0x00, 0x02, 0x01, 0xe0, 0x00, 0x00, 0x12, /* IP */
		0x70, 0x04, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x01, 0x00, 0x00,
		0x00, 0x02, 0xd0, 0xa7, 0x07, 0xa0, 0xd1, 0x04, 0x69, 0x35,
		0xd5, 0x6c, 0xef, 0x12, /* AH */
		0x21, 0x33, 0xc8, 0x01, 0x02, 0x01, 0x52, 0x65, 0xc0, 0x00,
		0x02, 0x64, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ 0x45, 0xc0, 0x00, 0x40, 0x00, 0x03, 0x00, 0x00, 0xff, 0x33, 0x18,
		0xb4, 0xc0, 0x00, 0x02, 0x01, 0xe0, 0x00, 0x00, 0x12, /* IP */
		0x70, 0x04, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x01, 0x00, 0x00,
		0x00, 0x03, 0x3a, 0xf4, 0xa0, 0x91, 0x5f, 0x0d, 0x38, 0xbc,
		0x9e, 0x28, 0x68, 0xf0, /* AH */
		0x21, 0x33, 0xc8, 0x01, 0x02, 0x01, 0x52, 0x65, 0xc0, 0x00,
		0x02, 0x64, 0, 0, 0, 0, 0, 0, 0, 0 },
};

static struct vrrp_ah *new_ah(const char *password)
{
	uint8_t key[VRRP_AUTH_BYTES];
	struct vrrp_ah *ah;

	vrrp_auth_data_from_password(password, key);
	ah = vrrp_ah_new(key);
	assert_non_null(ah);
	return ah;
}

static enum vrrp_rx receive(
	struct vrrp_ah *ah, const uint8_t *packet, size_t len)
{
	struct vrrp_rx_meta meta = { .ttl = -1 };
	const uint8_t *payload = NULL;
	size_t rest = 0;
	enum vrrp_rx rx = vrrp_ah_strip(packet, len, &meta, &payload, &rest);

	if (rx != VRRP_RX_OK)
		return rx;
	assert_ptr_equal(payload, packet + VRRP_AH_BEFORE);
	assert_int_equal(rest, len - VRRP_AH_BEFORE);
	return vrrp_ah_check(ah, &meta);
}

/* Wraps the advert of golden packet I at clock S into BUF. */
static void wrap(struct vrrp_ah *ah, int64_t s, uint8_t buf[static 64])
{
	struct ip_addr src = { .family = AF_INET }, dst = { .family = AF_INET };

	assert_int_equal(ip_addr_parse("192.0.2.1", &src), 0);
	assert_int_equal(ip_addr_parse("224.0.0.18", &dst), 0);
	memcpy(buf + VRRP_AH_BEFORE, golden[0] + VRRP_AH_BEFORE,
		64 - VRRP_AH_BEFORE);
	assert_int_equal(vrrp_ah_wrap(ah, &src, &dst, VRRP_TTL,
				 s * USEC_PER_SEC, buf, 64 - VRRP_AH_BEFORE),
		0);
}

static void test_golden_packets_are_accepted_in_their_order(void **state)
{
	struct vrrp_ah *ah = new_ah("secret");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(receive(ah, golden[i], 64), VRRP_RX_OK);
		assert_int_equal(vrrp_ah_next(ah), i + 2);
	}
	/* Any of them again is a replay. */
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(receive(ah, golden[i], 64), VRRP_RX_REPLAY);
	vrrp_ah_free(ah);
}

static void test_wrap_gives_the_golden_bytes(void **state)
{
	struct vrrp_ah *ah = new_ah("secret");
	uint8_t packet[64];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		wrap(ah, 1, packet);
		/* The checksum of IP is the kernel's. */
		memcpy(packet + 10, golden[i] + 10, 2);
		assert_memory_equal(packet, golden[i], 64);
	}
	vrrp_ah_free(ah);
}

/* Its adverts to 192.0.2.2, whose TTL may change under way. */
static const uint8_t unicast[64] = { 0x45, 0xc0, 0x00, 0x40, 0x00, 0x01, 0x00,
	0x00, 0xff, 0x33, 0x36, 0xc6, 0xc0, 0x00, 0x02, 0x01, 0xc0, 0x00, 0x02,
	0x02, /* IP */
	0x70, 0x04, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01,
	0xf3, 0xb0, 0xe7, 0xc9, 0xd5, 0x55, 0x8e, 0xb4, 0x79, 0xcf, 0x8b,
	0x1c, /* AH */
	0x21, 0x33, 0xc8, 0x01, 0x02, 0x01, 0x52, 0x65, 0xc0, 0x00, 0x02, 0x64,
	0, 0, 0, 0, 0, 0, 0, 0 };

static void test_unicast_may_pass_a_router(void **state)
{
	struct ip_addr src = { .family = AF_INET }, dst = { .family = AF_INET };
	struct vrrp_ah *ah = new_ah("secret");
	uint8_t packet[64];

	(void)state;
	memcpy(packet, unicast, sizeof(packet));
	packet[8] = 0xfe;
	assert_int_equal(receive(ah, packet, 64), VRRP_RX_OK);
	vrrp_ah_free(ah);
	ah = new_ah("secret");
	assert_int_equal(ip_addr_parse("192.0.2.1", &src), 0);
	assert_int_equal(ip_addr_parse("192.0.2.2", &dst), 0);
	assert_int_equal(vrrp_ah_wrap(ah, &src, &dst, VRRP_TTL, USEC_PER_SEC,
				 packet, 64 - VRRP_AH_BEFORE),
		0);
	memcpy(packet + 10, unicast + 10, 2);
	assert_memory_equal(packet, unicast, 64);
	vrrp_ah_free(ah);
}

static void test_every_bit_that_counts_is_covered(void **state)
{
	struct vrrp_ah *ah = new_ah("secret");
	uint8_t packet[64];

	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof(packet); bit++) {
		size_t at = bit / 8;

		if (at == 1 || at == 6 || at == 7 || at == 10 || at == 11)
			continue;
		memcpy(packet, golden[0], sizeof(packet));
		packet[at] ^= (uint8_t)(1 << bit % 8);
		/* The reserved bytes of AH are signed, too. */
		assert_int_not_equal(receive(ah, packet, sizeof(packet)),
			VRRP_RX_OK);
	}
	assert_int_equal(vrrp_ah_next(ah), 0);
	vrrp_ah_free(ah);
}

static void test_another_password_is_told_from_a_replay(void **state)
{
	struct vrrp_ah *ah = new_ah("other");
	struct vrrp_rx_meta bare = { .packet = NULL };

	(void)state;
	assert_int_equal(receive(ah, golden[0], 64), VRRP_RX_AUTH_DATA);
	assert_int_equal(receive(ah, golden[0], 43), VRRP_RX_TOO_SHORT);
	assert_int_equal(vrrp_ah_check(ah, &bare), VRRP_RX_AUTH_TYPE);
	vrrp_ah_free(ah);
}

static void test_a_forgery_does_not_move_the_number(void **state)
{
	struct vrrp_ah *ah = new_ah("secret");
	uint8_t packet[64];

	(void)state;
	assert_int_equal(receive(ah, golden[0], 64), VRRP_RX_OK);
	memcpy(packet, golden[1], sizeof(packet));
	packet[28] = 0x7f;
	assert_int_equal(receive(ah, packet, 64), VRRP_RX_AUTH_DATA);
	assert_int_equal(receive(ah, golden[1], 64), VRRP_RX_OK);
	vrrp_ah_free(ah);
}

static void test_the_successor_of_a_sender_is_no_replay(void **state)
{
	struct vrrp_ah *peer = new_ah("secret");
	struct vrrp_ah *before = new_ah("secret");
	struct vrrp_ah *after = new_ah("secret");
	uint8_t packet[64];

	(void)state;
	wrap(before, NOW_S, packet);
	assert_int_equal(receive(peer, packet, 64), VRRP_RX_OK);
	wrap(after, NOW_S + 1, packet);
	assert_int_equal(receive(peer, packet, 64), VRRP_RX_OK);
	vrrp_ah_free(peer);
	vrrp_ah_free(before);
	vrrp_ah_free(after);
}

static void test_routers_count_together(void **state)
{
	struct vrrp_ah *a = new_ah("secret");
	struct vrrp_ah *b = new_ah("secret");
	uint8_t packet[64];

	(void)state;
	/* A clock that is far ahead, and then one that is behind. */
	wrap(a, NOW_S + 1000, packet);
	assert_int_equal(receive(b, packet, 64), VRRP_RX_OK);
	wrap(b, NOW_S, packet);
	assert_int_equal(receive(a, packet, 64), VRRP_RX_OK);
	assert_int_equal(vrrp_ah_next(a), NOW_S + 1002);
	vrrp_ah_free(a);
	vrrp_ah_free(b);
}

static void test_numbers_go_on_behind_the_last(void **state)
{
	struct vrrp_ah *a = new_ah("secret");
	struct vrrp_ah *b = new_ah("secret");
	uint8_t packet[64];

	(void)state;
	wrap(a, UINT32_MAX, packet);
	assert_int_equal(receive(b, packet, 64), VRRP_RX_OK);
	assert_int_equal(vrrp_ah_next(b), 1);
	wrap(a, UINT32_MAX, packet);
	assert_int_equal(receive(b, packet, 64), VRRP_RX_OK);
	vrrp_ah_free(a);
	vrrp_ah_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_packets_are_accepted_in_their_order),
		cmocka_unit_test(test_wrap_gives_the_golden_bytes),
		cmocka_unit_test(test_unicast_may_pass_a_router),
		cmocka_unit_test(test_every_bit_that_counts_is_covered),
		cmocka_unit_test(test_another_password_is_told_from_a_replay),
		cmocka_unit_test(test_a_forgery_does_not_move_the_number),
		cmocka_unit_test(test_the_successor_of_a_sender_is_no_replay),
		cmocka_unit_test(test_routers_count_together),
		cmocka_unit_test(test_numbers_go_on_behind_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
