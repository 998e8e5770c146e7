/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Golden bytes were made by another implementation (scapy). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "lib/timeutil.h"
#include "vrrp/networks.h"
#include "vrrp/packet.h"

static const uint8_t v2_bytes[] = {
	0x21, 0x33, 0x96, 0x02, 0x00, 0x01, 0xc3, 0xfe, /* header */
	0xc0, 0x00, 0x02, 0x64, 0xc0, 0x00, 0x02, 0x65, /* addresses */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* authentication */
};
static const uint8_t v2_pass_bytes[] = {
	0x21, 0x33, 0x64, 0x01, 0x01, 0x03, 0x7b, 0x17, /* header */
	0xc0, 0x00, 0x02, 0x64, /* address */
	0x73, 0x65, 0x63, 0x72, 0x65, 0x74, 0x00, 0x00, /* "secret" */
};
static const uint8_t v3_bytes[] = {
	0x31, 0x33, 0x96, 0x02, 0x00, 0x64, 0x11, 0x07, /* header */
	0xc0, 0x00, 0x02, 0x64, 0xc0, 0x00, 0x02, 0x65, /* addresses */
};
static const uint8_t v3_ipv6_bytes[] = {
	0x31, 0x07, 0xfe, 0x02, 0x00, 0x01, 0xa4, 0x8b, /* header */
	0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* fe80::100 */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, /* 2001:db8::100 */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
};
static const uint8_t ipv4_header[] = {
	0x45, 0x00, 0x00, 0x2c, 0x00, 0x01, 0x00, 0x00, /* 44 bytes */
	0xff, 0x70, 0x19, 0x4d, /* TTL 255, protocol 112 */
	0xc0, 0x00, 0x02, 0x01, 0xe0, 0x00, 0x00, 0x12,
};

static struct ip_addr addr(const char *text)
{
	struct ip_addr a = { .family = AF_UNSPEC };

	assert_int_equal(ip_addr_parse(text, &a), 0);
	return a;
}

/* A packet with everything around it, good until a test spoils it. */
struct fixture {
	uint8_t bytes[64];
	size_t len;
	struct vrrp_rx_meta meta;
	struct ip_addr addresses[3];
	struct vrrp_rx_rules rules;
	struct vrrp_advert advert;
};

static void load(struct fixture *f, uint8_t version, const uint8_t *bytes,
	size_t len, uint8_t vrid, const char *src, const char *dst,
	const char *first, const char *second)
{
	memset(f, 0, sizeof(*f));
	memcpy(f->bytes, bytes, len);
	f->len = len;
	f->meta.src = addr(src);
	f->meta.dst = addr(dst);
	f->meta.ttl = 255;
	f->meta.ifindex = 2;
	f->addresses[0] = addr(first);
	f->addresses[1] = addr(second);
	f->rules = (struct vrrp_rx_rules){
		.version = version,
		.vrid = vrid,
		.family = f->meta.src.family,
		.ifindex = 2,
		.group = f->meta.dst,
		.ttl_min = 255,
		.ttl_max = 255,
		.addresses = f->addresses,
		.n_addresses = 2,
	};
}

static void load_v2(struct fixture *f)
{
	load(f, 2, v2_bytes, sizeof(v2_bytes), 51, "192.0.2.1", "224.0.0.18",
		"192.0.2.100", "192.0.2.101");
}

static void load_v3(struct fixture *f)
{
	load(f, 3, v3_bytes, sizeof(v3_bytes), 51, "192.0.2.1", "224.0.0.18",
		"192.0.2.100", "192.0.2.101");
}

static void load_v3_ipv6(struct fixture *f)
{
	load(f, 3, v3_ipv6_bytes, sizeof(v3_ipv6_bytes), 7, "fe80::1",
		"ff02::12", "2001:db8::100", "fe80::100");
}

static enum vrrp_rx decode(struct fixture *f)
{
	return vrrp_packet_decode(
		f->bytes, f->len, &f->meta, &f->rules, &f->advert);
}

/* Makes the checksum good again after bytes were changed. */
static void mend_v2(struct fixture *f)
{
	uint32_t sum = 0;

	f->bytes[6] = f->bytes[7] = 0;
	for (size_t i = 0; i < f->len; i += 2)
		sum += (uint32_t)(f->bytes[i] << 8 | f->bytes[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	f->bytes[6] = (uint8_t)(~sum >> 8);
	f->bytes[7] = (uint8_t)~sum;
}

static void test_encode_gives_the_golden_bytes(void **state)
{
	const struct ip_addr v4[] = { addr("192.0.2.100"), addr("192.0.2.101") };
	const struct ip_addr v6[] = { addr("fe80::100"), addr("2001:db8::100") };
	struct ip_addr src = addr("192.0.2.1"), dst = addr("224.0.0.18");
	struct ip_addr src6 = addr("fe80::1"), dst6 = addr("ff02::12");
	struct vrrp_tx tx = { .version = 2, .vrid = 51, .priority = 150,
		.family = AF_INET, .advert_int_us = USEC_PER_SEC,
		.addresses = v4, .n_addresses = 2 };
	uint8_t buf[64];

	(void)state;
	assert_int_equal(vrrp_packet_encode(&tx, &src, &dst, buf, sizeof(buf)),
		sizeof(v2_bytes));
	assert_memory_equal(buf, v2_bytes, sizeof(v2_bytes));

	tx.version = 3;
	assert_int_equal(vrrp_packet_encode(&tx, &src, &dst, buf, sizeof(buf)),
		sizeof(v3_bytes));
	assert_memory_equal(buf, v3_bytes, sizeof(v3_bytes));

	tx.version = 2;
	tx.priority = 100;
	tx.advert_int_us = 3 * USEC_PER_SEC;
	tx.n_addresses = 1;
	tx.auth_type = VRRP_AUTH_PASS;
	vrrp_auth_data_from_password("secret", tx.auth_data);
	assert_int_equal(vrrp_packet_encode(&tx, &src, &dst, buf, sizeof(buf)),
		sizeof(v2_pass_bytes));
	assert_memory_equal(buf, v2_pass_bytes, sizeof(v2_pass_bytes));

	tx = (struct vrrp_tx){ .version = 3, .vrid = 7, .priority = 254,
		.family = AF_INET6, .advert_int_us = 10 * USEC_PER_MSEC,
		.addresses = v6, .n_addresses = 2 };
	assert_int_equal(
		vrrp_packet_encode(&tx, &src6, &dst6, buf, sizeof(buf)),
		sizeof(v3_ipv6_bytes));
	assert_memory_equal(buf, v3_ipv6_bytes, sizeof(v3_ipv6_bytes));
}

static void test_encode_refuses_what_a_version_cannot_say(void **state)
{
	static struct ip_addr many[256];
	struct ip_addr src = addr("192.0.2.1"), dst = addr("224.0.0.18");
	struct ip_addr src6 = addr("fe80::1"), dst6 = addr("ff02::12");
	struct vrrp_tx tx = { .version = 2, .vrid = 1, .priority = 1,
		.family = AF_INET, .advert_int_us = USEC_PER_SEC };
	uint8_t buf[VRRP_PACKET_MAX];

	(void)state;
	assert_int_equal(vrrp_packet_encode(
		&tx, &src6, &dst6, buf, sizeof(buf)), -EINVAL);
	tx.advert_int_us = 500 * USEC_PER_MSEC;
	assert_int_equal(vrrp_packet_encode(
		&tx, &src, &dst, buf, sizeof(buf)), -EINVAL);
	tx.advert_int_us = 256 * USEC_PER_SEC;
	assert_int_equal(vrrp_packet_encode(
		&tx, &src, &dst, buf, sizeof(buf)), -EINVAL);
	tx.version = 3;
	tx.advert_int_us = 40960 * USEC_PER_MSEC;
	assert_int_equal(vrrp_packet_encode(
		&tx, &src, &dst, buf, sizeof(buf)), -EINVAL);
	tx.advert_int_us = 40950 * USEC_PER_MSEC;
	assert_int_equal(vrrp_packet_encode(
		&tx, &src, &dst, buf, sizeof(buf)), 8);
	assert_int_equal(vrrp_packet_encode(&tx, &src, &dst, buf, 7), -ENOBUFS);
	assert_int_equal(vrrp_packet_encode(
		&tx, &src6, &dst, buf, sizeof(buf)), -EINVAL);
	tx.addresses = many;
	tx.n_addresses = 256;
	assert_int_equal(vrrp_packet_encode(
		&tx, &src, &dst, buf, sizeof(buf)), -EINVAL);
}

static void test_decode_reads_the_golden_bytes(void **state)
{
	struct fixture f;
	struct ip_addr second;

	(void)state;
	load_v2(&f);
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_int_equal(f.advert.version, 2);
	assert_int_equal(f.advert.vrid, 51);
	assert_int_equal(f.advert.priority, 150);
	assert_int_equal(f.advert.n_addresses, 2);
	assert_int_equal(f.advert.advert_int_us, USEC_PER_SEC);
	assert_int_equal(ip_addr_compare(&f.advert.src, &f.meta.src), 0);
	assert_false(f.advert.addresses_differ);

	load_v3(&f);
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_int_equal(f.advert.advert_int_us, USEC_PER_SEC);

	load_v3_ipv6(&f);
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_int_equal(f.advert.advert_int_us, 10 * USEC_PER_MSEC);
	assert_false(f.advert.addresses_differ);
	second = vrrp_advert_address(&f.advert, 1);
	assert_int_equal(ip_addr_compare(&second, &f.addresses[0]), 0);
}

static void test_reserved_bits_of_version_3_are_ignored(void **state)
{
	struct fixture f;

	(void)state;
	load_v3(&f);
	f.bytes[4] |= 0xf0; /* RFC 9568 5.2.6: ignored on reception */
	f.bytes[6] = 0x21;
	f.bytes[7] = 0x06;
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_int_equal(f.advert.advert_int_us, USEC_PER_SEC);
}

static void test_every_single_wrong_bit_is_noticed(void **state)
{
	void (*loads[])(struct fixture *) = { load_v2, load_v3, load_v3_ipv6 };
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		loads[i](&f);
		for (size_t bit = 0; bit < 8 * f.len; bit++) {
			f.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(decode(&f), VRRP_RX_OK);
			f.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_int_equal(decode(&f), VRRP_RX_OK);
	}
}

static void test_version_3_checksum_covers_the_addresses_of_ip(void **state)
{
	struct fixture f;

	(void)state;
	load_v3(&f);
	f.meta.src = addr("192.0.2.2");
	assert_int_equal(decode(&f), VRRP_RX_CHECKSUM);
	load_v2(&f);
	f.meta.src = addr("192.0.2.2");
	assert_int_equal(decode(&f), VRRP_RX_OK);
	/* v3_checksum_as_v2 */
	load_v3(&f);
	f.rules.checksum_as_v2 = true;
	assert_int_equal(decode(&f), VRRP_RX_CHECKSUM);
	mend_v2(&f);
	assert_int_equal(decode(&f), VRRP_RX_OK);
}

/* keepalived before 1.3.6, unicast: over the address of the group. */
static void test_old_unicast_checksum_is_known_when_allowed(void **state)
{
	const struct ip_addr peer = addr("192.0.2.9");
	struct fixture f;
	uint8_t out[64];
	struct vrrp_tx tx = {
		.version = 3,
		.vrid = 0x33,
		.priority = 150,
		.family = AF_INET,
		.advert_int_us = USEC_PER_SEC,
		.checksum_group = addr("224.0.0.18"),
	};

	(void)state;
	load_v3(&f);
	tx.addresses = f.addresses;
	tx.n_addresses = 2;
	f.addresses[0] = addr("192.0.2.100");
	f.addresses[1] = addr("192.0.2.101");
	/* The golden packet was sent to the group. */
	assert_int_equal(vrrp_packet_encode(&tx, &f.meta.src, &peer, out,
				 sizeof(out)),
		(int)f.len);
	assert_memory_equal(out, f.bytes, f.len);
	f.meta.dst = peer;
	f.rules.group = (struct ip_addr){ .family = AF_UNSPEC };
	assert_int_equal(decode(&f), VRRP_RX_CHECKSUM);
	f.rules.old_checksum_group = addr("224.0.0.18");
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_true(f.advert.old_checksum);
	f.bytes[2] ^= 1;
	assert_int_equal(decode(&f), VRRP_RX_CHECKSUM);
	f.bytes[2] ^= 1;
	tx.checksum_group = (struct ip_addr){ .family = AF_UNSPEC };
	assert_true(vrrp_packet_encode(&tx, &f.meta.src, &peer, f.bytes,
			    sizeof(f.bytes)) > 0);
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_false(f.advert.old_checksum);
}

static void test_each_wrong_thing_has_its_own_reason(void **state)
{
	struct fixture f;

	(void)state;
	load_v2(&f);
	f.len = 7;
	assert_int_equal(decode(&f), VRRP_RX_TOO_SHORT);
	f.len = 0;
	assert_int_equal(decode(&f), VRRP_RX_TOO_SHORT);
	load_v2(&f);
	f.len = 16; /* without the authentication data */
	assert_int_equal(decode(&f), VRRP_RX_LENGTH);
	load_v2(&f);
	f.len = 25;
	assert_int_equal(decode(&f), VRRP_RX_LENGTH);
	load_v2(&f);
	f.bytes[0] = 0x41;
	assert_int_equal(decode(&f), VRRP_RX_VERSION);
	load_v2(&f);
	f.rules.version = 3;
	assert_int_equal(decode(&f), VRRP_RX_VERSION);
	load_v2(&f);
	f.bytes[0] = 0x22;
	assert_int_equal(decode(&f), VRRP_RX_TYPE);
	load_v2(&f);
	f.rules.vrid = 52;
	assert_int_equal(decode(&f), VRRP_RX_VRID);
	load_v2(&f);
	f.bytes[7]++;
	assert_int_equal(decode(&f), VRRP_RX_CHECKSUM);
	load_v2(&f);
	f.meta.ttl = 254;
	assert_int_equal(decode(&f), VRRP_RX_TTL);
	f.meta.ttl = -1;
	assert_int_equal(decode(&f), VRRP_RX_TTL);
	load_v2(&f);
	f.meta.ifindex = 3;
	assert_int_equal(decode(&f), VRRP_RX_INTERFACE);
	load_v2(&f);
	f.meta.dst = addr("224.0.0.5");
	assert_int_equal(decode(&f), VRRP_RX_DESTINATION);
	load_v2(&f);
	f.rules.own = f.meta.src;
	assert_int_equal(decode(&f), VRRP_RX_OWN);
	load_v2(&f);
	f.meta.src = addr("fe80::1");
	assert_int_equal(decode(&f), VRRP_RX_FAMILY);
	load_v2(&f);
	f.bytes[5] = 0;
	mend_v2(&f);
	assert_int_equal(decode(&f), VRRP_RX_INTERVAL);
}

/* What keepalived 2.2.7 sends for 'version 2' with 'auth_type PASS'. */
static const uint8_t v2_ipv6_bytes[] = {
	0x21, 7, 150, 2, 1, 1, 0x1d, 0x31,
	0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x55,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x05,
};

static void test_version_2_of_ipv6_is_that_of_keepalived(void **state)
{
	struct ip_addr src = addr("fe80::1:1"), dst = addr("ff02::12");
	struct ip_addr addresses[] = { addr("fe80::55"), addr("2001:db8::5") };
	struct vrrp_tx tx = { .version = 2, .vrid = 7, .priority = 150,
		.family = AF_INET6, .auth_type = VRRP_AUTH_PASS,
		.advert_int_us = USEC_PER_SEC, .addresses = addresses,
		.n_addresses = 2 };
	uint8_t buf[VRRP_PACKET_MAX];
	struct fixture f;

	(void)state;
	assert_int_equal(vrrp_packet_encode(&tx, &src, &dst, buf, sizeof(buf)),
		sizeof(v2_ipv6_bytes));
	assert_memory_equal(buf, v2_ipv6_bytes, sizeof(v2_ipv6_bytes));
	load(&f, 2, v2_ipv6_bytes, sizeof(v2_ipv6_bytes), 7, "fe80::1:1",
		"ff02::12", "2001:db8::5", "fe80::55");
	f.rules.auth_type = VRRP_AUTH_PASS;
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_false(f.advert.addresses_differ);
	f.rules.auth_type = VRRP_AUTH_NONE;
	assert_int_equal(decode(&f), VRRP_RX_AUTH_TYPE);
	f.rules.version = 3;
	assert_int_equal(decode(&f), VRRP_RX_VERSION);
}

static void test_another_virtual_router_with_our_vrid_is_not_followed(
	void **state)
{
	struct fixture f;

	(void)state;
	load_v2(&f);
	f.addresses[0] = addr("192.0.2.200");
	f.addresses[1] = addr("192.0.2.201");
	assert_int_equal(decode(&f), VRRP_RX_ADDRESSES);
	f.bytes[2] = 255;
	mend_v2(&f);
	assert_int_equal(decode(&f), VRRP_RX_ADDRESSES);
	f.rules.addresses = NULL; /* skip_check_adv_addr */
	assert_int_equal(decode(&f), VRRP_RX_OK);
	load_v3(&f);
	f.addresses[0] = addr("192.0.2.200");
	f.addresses[1] = addr("192.0.2.201");
	assert_int_equal(decode(&f), VRRP_RX_ADDRESSES);
}

static void test_version_3_without_addresses_is_ignored(void **state)
{
	struct ip_addr src = addr("192.0.2.1"), dst = addr("224.0.0.18");
	struct vrrp_tx tx = { .version = 3, .vrid = 51, .priority = 1,
		.family = AF_INET, .advert_int_us = USEC_PER_SEC };
	struct fixture f;

	(void)state;
	load_v3(&f);
	f.len = (size_t)vrrp_packet_encode(
		&tx, &src, &dst, f.bytes, sizeof(f.bytes));
	assert_int_equal(decode(&f), VRRP_RX_COUNT);
	f.rules.allow_empty = true;
	assert_int_equal(decode(&f), VRRP_RX_OK);
}

static void test_password_must_match_as_a_whole(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, 2, v2_pass_bytes, sizeof(v2_pass_bytes), 51, "192.0.2.1",
		"224.0.0.18", "192.0.2.100", "192.0.2.101");
	assert_int_equal(decode(&f), VRRP_RX_AUTH_TYPE);
	f.rules.auth_type = VRRP_AUTH_PASS;
	vrrp_auth_data_from_password("secre", f.rules.auth_data);
	assert_int_equal(decode(&f), VRRP_RX_AUTH_DATA);
	vrrp_auth_data_from_password("secretx", f.rules.auth_data);
	assert_int_equal(decode(&f), VRRP_RX_AUTH_DATA);
	vrrp_auth_data_from_password("secret", f.rules.auth_data);
	assert_int_equal(decode(&f), VRRP_RX_OK);
	/* Nobody gets in without one. */
	load_v2(&f);
	f.rules.auth_type = VRRP_AUTH_PASS;
	assert_int_equal(decode(&f), VRRP_RX_AUTH_TYPE);
}

static void test_password_is_cut_to_8_bytes(void **state)
{
	uint8_t data[VRRP_AUTH_BYTES];

	(void)state;
	vrrp_auth_data_from_password("123456789", data);
	assert_memory_equal(data, "12345678", 8);
}

static void test_other_addresses_are_told_and_dropped_when_asked(void **state)
{
	struct fixture f;

	(void)state;
	load_v2(&f);
	f.addresses[1] = addr("192.0.2.102");
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_true(f.advert.addresses_differ);
	f.rules.drop_on_mismatch = true;
	assert_int_equal(decode(&f), VRRP_RX_ADDRESSES);
	/* RFC 3768 7.1: the owner may say what it likes. */
	f.bytes[2] = 255;
	mend_v2(&f);
	assert_int_equal(decode(&f), VRRP_RX_OK);
	/* One more than in the packet. */
	load_v2(&f);
	f.addresses[2] = addr("192.0.2.102");
	f.rules.n_addresses = 3;
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_true(f.advert.addresses_differ);
	/* The same one twice is not both. */
	load_v2(&f);
	f.bytes[15] = 0x64;
	mend_v2(&f);
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_true(f.advert.addresses_differ);
	/* skip_check_adv_addr */
	f.rules.addresses = NULL;
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_false(f.advert.addresses_differ);
}

static void test_unicast_looks_at_peers_and_their_ttl(void **state)
{
	struct vrrp_rx_peer peers[] = {
		{ addr("192.0.2.1"), 64, 64 },
		{ addr("192.0.2.7"), 0, 255 },
		{ addr("192.0.2.9"), 255, 255 },
	};
	struct fixture f;

	(void)state;
	load_v2(&f);
	f.rules.group.family = AF_UNSPEC;
	assert_int_equal(decode(&f), VRRP_RX_DESTINATION);
	f.meta.dst = addr("192.0.2.50");
	f.rules.ttl_min = 0;
	assert_int_equal(decode(&f), VRRP_RX_OK);
	f.rules.peers = peers;
	f.rules.n_peers = 3;
	assert_int_equal(decode(&f), VRRP_RX_TTL);
	f.meta.ttl = 64;
	assert_int_equal(decode(&f), VRRP_RX_OK);
	f.meta.src = addr("192.0.2.7");
	assert_int_equal(decode(&f), VRRP_RX_OK);
	f.meta.src = addr("192.0.2.9");
	assert_int_equal(decode(&f), VRRP_RX_TTL);
	f.meta.src = addr("192.0.2.8");
	assert_int_equal(decode(&f), VRRP_RX_OK);
	f.rules.check_source = true;
	assert_int_equal(decode(&f), VRRP_RX_SOURCE);
}

/* Whatever is configured: nobody has such an address. */
static void test_an_address_of_nobody_is_no_source(void **state)
{
	static const char *const v4[] = { "0.0.0.0", "0.1.2.3", "127.0.0.1",
		"224.0.0.18", "239.1.1.1", "255.255.255.255" };
	static const char *const v6[] = { "::", "::1", "ff02::12" };
	struct vrrp_rx_peer peer = { .ttl_max = 255 };
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(v4) / sizeof(v4[0]); i++) {
		load_v2(&f);
		f.meta.src = addr(v4[i]);
		assert_int_equal(decode(&f), VRRP_RX_BAD_SOURCE);
		assert_int_equal(f.advert.len, 0);
	}
	for (size_t i = 0; i < sizeof(v6) / sizeof(v6[0]); i++) {
		load_v3_ipv6(&f);
		f.meta.src = addr(v6[i]);
		assert_int_equal(decode(&f), VRRP_RX_BAD_SOURCE);
	}
	/* But a peer is what it is configured to: pairs on loopback. */
	load_v2(&f);
	f.meta.src = peer.addr = addr("127.0.0.1");
	f.rules.peers = &peer;
	f.rules.n_peers = 1;
	assert_int_equal(decode(&f), VRRP_RX_OK);
}

static void test_multicast_comes_from_the_networks_of_the_link(void **state)
{
	struct vrrp_network network = { 0xc0000200, 0xc00002ff };
	struct vrrp_networks networks = { &network, 1 };
	struct fixture f;

	(void)state;
	load_v2(&f);
	f.rules.networks = &networks;
	assert_int_equal(decode(&f), VRRP_RX_OK);
	f.meta.src = addr("192.0.3.1");
	assert_int_equal(decode(&f), VRRP_RX_OFF_LINK);
	f.meta.src = addr("192.0.2.255"); /* broadcast */
	assert_int_equal(decode(&f), VRRP_RX_OFF_LINK);
	f.meta.src = addr("192.0.2.0");
	assert_int_equal(decode(&f), VRRP_RX_OFF_LINK);
	f.rules.networks = NULL;
	assert_int_equal(decode(&f), VRRP_RX_OK);

	load_v3_ipv6(&f);
	f.rules.networks = &networks;
	assert_int_equal(decode(&f), VRRP_RX_OK);
	f.meta.src = addr("2001:db8::1");
	assert_int_equal(decode(&f), VRRP_RX_OFF_LINK);
}

static void test_who_is_no_peer_is_told(void **state)
{
	struct vrrp_rx_peer peer = { .ttl_max = 255 };
	struct fixture f;

	(void)state;
	load_v2(&f);
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_false(f.advert.unlisted); /* multicast */
	f.rules.peers = &peer;
	f.rules.n_peers = 1;
	peer.addr = addr("192.0.2.7");
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_true(f.advert.unlisted);
	peer.addr = f.meta.src;
	assert_int_equal(decode(&f), VRRP_RX_OK);
	assert_false(f.advert.unlisted);
}

static void test_ipv4_header_is_stripped_and_checked(void **state)
{
	uint8_t packet[sizeof(ipv4_header) + sizeof(v2_bytes) + 4] = { 0 };
	struct vrrp_rx_meta meta = { .ifindex = 5 };
	struct ip_addr src = addr("192.0.2.1"), dst = addr("224.0.0.18");
	const uint8_t *payload = NULL;
	size_t len = 0;

	(void)state;
	memcpy(packet, ipv4_header, sizeof(ipv4_header));
	memcpy(packet + sizeof(ipv4_header), v2_bytes, sizeof(v2_bytes));
	/* Bytes behind the IP packet are none of ours. */
	assert_int_equal(vrrp_packet_strip_ipv4(
		packet, sizeof(packet), &meta, &payload, &len), VRRP_RX_OK);
	assert_ptr_equal(payload, packet + 20);
	assert_int_equal(len, sizeof(v2_bytes));
	assert_int_equal(meta.ttl, 255);
	assert_int_equal(meta.ifindex, 5);
	assert_int_equal(ip_addr_compare(&meta.src, &src), 0);
	assert_int_equal(ip_addr_compare(&meta.dst, &dst), 0);

	assert_int_equal(vrrp_packet_strip_ipv4(
		packet, 43, &meta, &payload, &len), VRRP_RX_TOO_SHORT);
	assert_int_equal(vrrp_packet_strip_ipv4(
		packet, 19, &meta, &payload, &len), VRRP_RX_TOO_SHORT);
	packet[0] = 0x44; /* a header of 16 bytes */
	assert_int_equal(vrrp_packet_strip_ipv4(packet, sizeof(packet), &meta,
		&payload, &len), VRRP_RX_IP_HEADER);
	packet[0] = 0x4f; /* longer than the packet says to be */
	packet[3] = 0x20;
	assert_int_equal(vrrp_packet_strip_ipv4(packet, sizeof(packet), &meta,
		&payload, &len), VRRP_RX_IP_HEADER);
	packet[0] = 0x45;
	packet[6] = 0x20; /* more fragments */
	assert_int_equal(vrrp_packet_strip_ipv4(packet, sizeof(packet), &meta,
		&payload, &len), VRRP_RX_IP_HEADER);
	packet[6] = 0;
	packet[9] = 17;
	assert_int_equal(vrrp_packet_strip_ipv4(packet, sizeof(packet), &meta,
		&payload, &len), VRRP_RX_IP_HEADER);
}

static void test_peek_finds_version_and_vrid(void **state)
{
	uint8_t version = 0, vrid = 0;

	(void)state;
	assert_int_equal(vrrp_packet_peek(v3_bytes, sizeof(v3_bytes), &version,
		&vrid), VRRP_RX_OK);
	assert_int_equal(version, 3);
	assert_int_equal(vrid, 51);
	assert_int_equal(vrrp_packet_peek(v3_bytes, 7, &version, &vrid),
		VRRP_RX_TOO_SHORT);
}

static void test_every_reason_has_its_own_text(void **state)
{
	(void)state;
	for (int a = 0; a < VRRP_RX_COUNT_; a++) {
		assert_non_null(vrrp_rx_text((enum vrrp_rx)a));
		for (int b = 0; b < a; b++)
			assert_string_not_equal(vrrp_rx_text((enum vrrp_rx)a),
				vrrp_rx_text((enum vrrp_rx)b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode_gives_the_golden_bytes),
		cmocka_unit_test(test_encode_refuses_what_a_version_cannot_say),
		cmocka_unit_test(test_decode_reads_the_golden_bytes),
		cmocka_unit_test(test_reserved_bits_of_version_3_are_ignored),
		cmocka_unit_test(test_every_single_wrong_bit_is_noticed),
		cmocka_unit_test(
			test_version_3_checksum_covers_the_addresses_of_ip),
		cmocka_unit_test(
			test_old_unicast_checksum_is_known_when_allowed),
		cmocka_unit_test(test_each_wrong_thing_has_its_own_reason),
		cmocka_unit_test(test_version_2_of_ipv6_is_that_of_keepalived),
		cmocka_unit_test(
			test_another_virtual_router_with_our_vrid_is_not_followed),
		cmocka_unit_test(test_version_3_without_addresses_is_ignored),
		cmocka_unit_test(test_password_must_match_as_a_whole),
		cmocka_unit_test(test_password_is_cut_to_8_bytes),
		cmocka_unit_test(
			test_other_addresses_are_told_and_dropped_when_asked),
		cmocka_unit_test(test_unicast_looks_at_peers_and_their_ttl),
		cmocka_unit_test(test_an_address_of_nobody_is_no_source),
		cmocka_unit_test(
			test_multicast_comes_from_the_networks_of_the_link),
		cmocka_unit_test(test_who_is_no_peer_is_told),
		cmocka_unit_test(test_ipv4_header_is_stripped_and_checked),
		cmocka_unit_test(test_peek_finds_version_and_vrid),
		cmocka_unit_test(test_every_reason_has_its_own_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
