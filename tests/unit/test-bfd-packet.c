/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Golden bytes were made by another implementation (scapy). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vrrp/bfd_packet.h"

static const uint8_t down_poll[] = {
	0x21, 0x60, 0x05, 0x18, 0x11, 0x22, 0x33, 0x44, /* diag 1, Down, P */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x42, 0x40, /* 1 s */
	0x00, 0x00, 0x27, 0x10, 0x00, 0x00, 0x00, 0x00, /* 10 ms */
};
static const uint8_t up_final[] = {
	0x20, 0xd8, 0x03, 0x18, 0xff, 0xff, 0xff, 0xfe, /* Up, F, C */
	0x11, 0x22, 0x33, 0x44, 0x00, 0x00, 0x27, 0x10, /* 10 ms */
	0x00, 0x00, 0xc3, 0x50, 0x00, 0x00, 0xc3, 0x50, /* 50 ms */
};

static void test_golden_bytes_are_encoded(void **state)
{
	const struct bfd_packet down = {
		.diag = BFD_DIAG_EXPIRED,
		.state = BFD_STATE_DOWN,
		.poll = true,
		.multiplier = 5,
		.my_discr = 0x11223344,
		.min_tx_us = 1000000,
		.min_rx_us = 10000,
	};
	const struct bfd_packet up = {
		.state = BFD_STATE_UP,
		.final = true,
		.independent = true,
		.multiplier = 3,
		.my_discr = 0xfffffffe,
		.your_discr = 0x11223344,
		.min_tx_us = 10000,
		.min_rx_us = 50000,
		.min_echo_rx_us = 50000,
	};
	uint8_t out[BFD_PACKET_BYTES];

	(void)state;
	bfd_packet_encode(&down, out);
	assert_memory_equal(out, down_poll, sizeof(out));
	bfd_packet_encode(&up, out);
	assert_memory_equal(out, up_final, sizeof(out));
}

static void test_golden_bytes_are_decoded(void **state)
{
	struct bfd_packet p;

	(void)state;
	assert_int_equal(
		bfd_packet_decode(up_final, sizeof(up_final), &p), BFD_RX_OK);
	assert_int_equal(p.diag, 0);
	assert_int_equal(p.state, BFD_STATE_UP);
	assert_false(p.poll);
	assert_true(p.final);
	assert_true(p.independent);
	assert_false(p.demand);
	assert_int_equal(p.multiplier, 3);
	assert_int_equal(p.my_discr, 0xfffffffe);
	assert_int_equal(p.your_discr, 0x11223344);
	assert_int_equal(p.min_tx_us, 10000);
	assert_int_equal(p.min_rx_us, 50000);
	assert_int_equal(p.min_echo_rx_us, 50000);
	assert_int_equal(
		bfd_packet_decode(down_poll, sizeof(down_poll), &p), BFD_RX_OK);
	assert_true(p.poll);
	assert_int_equal(p.diag, BFD_DIAG_EXPIRED);
	assert_int_equal(p.state, BFD_STATE_DOWN);
}

static enum bfd_rx spoilt(const uint8_t *good, size_t at, uint8_t value)
{
	uint8_t bytes[BFD_PACKET_BYTES];
	struct bfd_packet p;

	memcpy(bytes, good, sizeof(bytes));
	bytes[at] = value;
	return bfd_packet_decode(bytes, sizeof(bytes), &p);
}

/* RFC 5880 6.8.6. */
static void test_bad_packets_are_dropped_with_their_reason(void **state)
{
	uint8_t no_discr[BFD_PACKET_BYTES], nobody[BFD_PACKET_BYTES];
	struct bfd_packet p = { .multiplier = 77 };

	(void)state;
	assert_int_equal(spoilt(up_final, 0, 0x40), BFD_RX_VERSION);
	assert_int_equal(spoilt(up_final, 0, 0x00), BFD_RX_VERSION);
	assert_int_equal(spoilt(up_final, 3, 23), BFD_RX_LENGTH);
	assert_int_equal(spoilt(up_final, 3, 25), BFD_RX_LENGTH);
	assert_int_equal(spoilt(up_final, 2, 0), BFD_RX_MULTIPLIER);
	assert_int_equal(spoilt(up_final, 1, 0xc1), BFD_RX_MULTIPOINT);
	assert_int_equal(spoilt(up_final, 1, 0xc4), BFD_RX_AUTH);
	assert_int_equal(spoilt(up_final, 1, 0xf0), BFD_RX_POLL_FINAL);
	memcpy(no_discr, up_final, sizeof(no_discr));
	memset(no_discr + 4, 0, 4);
	assert_int_equal(bfd_packet_decode(no_discr, sizeof(no_discr), &p),
		BFD_RX_DISCRIMINATOR);
	memcpy(nobody, up_final, sizeof(nobody));
	memset(nobody + 8, 0, 4);
	assert_int_equal(bfd_packet_decode(nobody, sizeof(nobody), &p),
		BFD_RX_NOT_OURS);
	nobody[1] = 0x00; /* AdminDown may know nobody */
	assert_int_equal(
		bfd_packet_decode(nobody, sizeof(nobody), &p), BFD_RX_OK);
	p.multiplier = 77;
	assert_int_equal(bfd_packet_decode(up_final, 23, &p), BFD_RX_LENGTH);
	assert_int_equal(p.multiplier, 77);
}

/* What follows the packet in the datagram does not matter. */
static void test_longer_datagrams_are_taken(void **state)
{
	uint8_t bytes[40] = { 0 };
	struct bfd_packet p;

	(void)state;
	memcpy(bytes, up_final, sizeof(up_final));
	assert_int_equal(
		bfd_packet_decode(bytes, sizeof(bytes), &p), BFD_RX_OK);
}

static void test_every_number_has_a_text(void **state)
{
	(void)state;
	for (int rx = 0; rx < BFD_RX_COUNT_; rx++)
		assert_string_not_equal(
			bfd_rx_text((enum bfd_rx)rx), "unknown");
	assert_string_equal(bfd_diag_text(7), "administratively-down");
	assert_string_equal(bfd_diag_text(9), "unknown");
	assert_string_equal(bfd_diag_text(31), "unknown");
	assert_string_equal(bfd_state_name(BFD_STATE_ADMIN_DOWN), "ADMIN-DOWN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_bytes_are_encoded),
		cmocka_unit_test(test_golden_bytes_are_decoded),
		cmocka_unit_test(
			test_bad_packets_are_dropped_with_their_reason),
		cmocka_unit_test(test_longer_datagrams_are_taken),
		cmocka_unit_test(test_every_number_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
