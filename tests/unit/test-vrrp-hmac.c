/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The golden packets were made by another implementation, in Python
 * (tests/lab/tandemlab/packets.py), from the description of the trailer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/timeutil.h"
#include "vrrp/hmac.h"

/* When the golden packets were signed: 1700000000.25 s. */
#define NOW_S INT64_C(1700000000)
#define NOW_US (NOW_S * USEC_PER_SEC + 250 * USEC_PER_MSEC)
#define WINDOW_S 5

static const uint8_t v3_ipv4[40] = {
	0x31, 0x33, 0xc8, 0x01, 0x00, 0x64, 0xa1, 0x71, 0xc0, 0x00, 0x02, 0x64,
	0x01, 0x01, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x00, 0x40, 0x00, 0x00, 0x00,
	0x19, 0x32, 0x4f, 0xc6, 0xf3, 0xd7, 0x58, 0x1f, 0x90, 0x94, 0x12, 0x63,
	0x12, 0xe0, 0xa7, 0x9b,
};
static const uint8_t v2_ipv4[48] = {
	0x21, 0x33, 0xc8, 0x01, 0x00, 0x01, 0x54, 0x65, 0xc0, 0x00, 0x02, 0x64,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0x00, 0x00,
	0x65, 0x53, 0xf1, 0x00, 0x40, 0x00, 0x00, 0x00, 0x2e, 0xf7, 0x25, 0x7c,
	0x7f, 0x40, 0x37, 0x28, 0xee, 0xbc, 0x74, 0xd5, 0xb4, 0xf8, 0x00, 0x74,
};
static const uint8_t v3_ipv6[68] = {
	0x31, 0x33, 0xc8, 0x02, 0x00, 0x64, 0x04, 0x5f, 0xfe, 0x80, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x01, 0x01, 0x01, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x00,
	0x40, 0x00, 0x00, 0x00, 0x1a, 0x14, 0xbe, 0x08, 0x0b, 0xe1, 0x91, 0xfc,
	0xb4, 0x9d, 0x8c, 0x9b, 0x3d, 0xe8, 0x4a, 0x0f,
};

struct packet {
	const uint8_t *bytes;
	size_t len; /* of the message */
	const char *src;
	const char *dst;
	uint8_t version;
	uint8_t key;
};

static const struct packet golden[] = {
	{ v3_ipv4, sizeof(v3_ipv4) - VRRP_TRAILER_BYTES, "192.0.2.1",
		"224.0.0.18", 3, 1 },
	{ v2_ipv4, sizeof(v2_ipv4) - VRRP_TRAILER_BYTES, "192.0.2.1",
		"224.0.0.18", 2, 255 },
	{ v3_ipv6, sizeof(v3_ipv6) - VRRP_TRAILER_BYTES, "fe80::1",
		"ff02::12", 3, 1 },
};

#define N_GOLDEN (sizeof(golden) / sizeof(golden[0]))
#define EACH(p) (const struct packet *p = golden; p < golden + N_GOLDEN; p++)

static struct ip_addr address(const char *text)
{
	struct ip_addr addr = { .family = AF_UNSPEC };

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

/* Key 1 counts from 0 to 31, key 255 is 64 times 'k'. */
static void make_keys(struct vrrp_hmac_key keys[static 2])
{
	keys[0] = (struct vrrp_hmac_key){ .id = 1, .len = 32 };
	keys[1] = (struct vrrp_hmac_key){ .id = 255, .len = 64 };
	for (uint8_t i = 0; i < 32; i++)
		keys[0].bytes[i] = i;
	memset(keys[1].bytes, 'k', 64);
}

static void configure(struct vrrp_hmac *hmac, struct vrrp_hmac_conf conf)
{
	struct vrrp_hmac_key keys[2];

	make_keys(keys);
	if (!conf.keys) {
		conf.keys = keys;
		conf.n_keys = 2;
	}
	if (!conf.active)
		conf.active = 1;
	conf.window_s = WINDOW_S;
	vrrp_hmac_configure(hmac, &conf);
}

static struct vrrp_hmac *new_hmac(struct vrrp_hmac_conf conf)
{
	struct vrrp_hmac *hmac = vrrp_hmac_new();

	assert_non_null(hmac);
	configure(hmac, conf);
	return hmac;
}

#define BY_TIME (struct vrrp_hmac_conf){ .by_time = true }
#define MONOTONIC (struct vrrp_hmac_conf){ .by_time = false }

/* Decodes and checks, as an instance does. */
static enum vrrp_rx receive(struct vrrp_hmac *hmac, const struct packet *p,
	const uint8_t *bytes, size_t len, int64_t now_us)
{
	struct vrrp_rx_meta meta = {
		.src = address(p->src),
		.dst = address(p->dst),
		.ttl = VRRP_TTL,
	};
	struct vrrp_rx_rules rules = {
		.version = p->version,
		.vrid = 51,
		.family = meta.src.family,
		.group = meta.dst,
		.ttl_min = VRRP_TTL,
		.ttl_max = VRRP_TTL,
		.trailer = true,
	};
	struct vrrp_advert advert;
	enum vrrp_rx rx = vrrp_packet_decode(bytes, len, &meta, &rules, &advert);

	return rx == VRRP_RX_OK
		       ? vrrp_hmac_check(hmac, &advert, bytes, now_us)
		       : rx;
}

static enum vrrp_rx receive_golden(
	struct vrrp_hmac *hmac, const struct packet *p, int64_t now_us)
{
	return receive(
		hmac, p, p->bytes, p->len + VRRP_TRAILER_BYTES, now_us);
}

/* Signs the message of P in BUF at NOW_US as SRC. */
static int sign(struct vrrp_hmac *hmac, const struct packet *p,
	const char *src, int64_t now_us, uint8_t *buf)
{
	struct ip_addr from = address(src), to = address(p->dst);
	int len;

	memcpy(buf, p->bytes, p->len);
	len = vrrp_hmac_sign(hmac, &from, now_us, buf, p->len);
	if (len > 0)
		vrrp_packet_cover_trailer(buf, p->len, &from, &to);
	return len;
}

/* From A to B, both at the same time: what B says. */
static enum vrrp_rx pass(struct vrrp_hmac *a, struct vrrp_hmac *b,
	int64_t a_us, int64_t b_us)
{
	uint8_t buf[sizeof(v2_ipv4)];

	assert_int_equal(sign(a, &golden[1], golden[1].src, a_us, buf),
		VRRP_TRAILER_BYTES);
	return receive(b, &golden[1], buf, sizeof(buf), b_us);
}

static void test_signing_gives_the_golden_bytes(void **state)
{
	uint8_t buf[80];

	(void)state;
	for EACH(p) {
		struct vrrp_hmac *hmac = new_hmac((struct vrrp_hmac_conf){
			.active = p->key, .by_time = true });

		assert_int_equal(sign(hmac, p, p->src, NOW_US, buf),
			VRRP_TRAILER_BYTES);
		assert_memory_equal(buf, p->bytes, p->len + VRRP_TRAILER_BYTES);
		vrrp_hmac_free(hmac);
	}
}

static void test_golden_packets_are_taken_once(void **state)
{
	(void)state;
	for EACH(p) {
		struct vrrp_hmac *hmac = new_hmac(BY_TIME);

		assert_int_equal(receive_golden(hmac, p, NOW_US), VRRP_RX_OK);
		assert_int_equal(receive_golden(hmac, p, NOW_US), VRRP_RX_REPLAY);
		assert_int_equal(vrrp_hmac_counters(hmac)->verified, 1);
		assert_int_equal(vrrp_hmac_counters(hmac)->skew_us, 0);
		vrrp_hmac_free(hmac);
	}
}

static void test_every_bit_is_covered(void **state)
{
	(void)state;
	for EACH(p) {
		struct vrrp_hmac *hmac = new_hmac(MONOTONIC);
		size_t len = p->len + VRRP_TRAILER_BYTES;
		uint8_t buf[80];

		for (size_t bit = 0; bit < 8 * len; bit++) {
			memcpy(buf, p->bytes, len);
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(
				receive(hmac, p, buf, len, NOW_US), VRRP_RX_OK);
		}
		/* Nothing of all that is remembered. */
		assert_int_equal(receive_golden(hmac, p, NOW_US), VRRP_RX_OK);
		vrrp_hmac_free(hmac);
	}
}

static void test_each_wrong_thing_has_its_own_reason(void **state)
{
	struct vrrp_hmac *hmac = new_hmac(BY_TIME);
	const struct packet *p = &golden[0];
	uint8_t buf[sizeof(v3_ipv4)];
	static const struct {
		size_t at; /* in the trailer */
		enum vrrp_rx rx;
	} cases[] = {
		{ 0, VRRP_RX_AUTH_MALFORMED }, { 3, VRRP_RX_AUTH_MALFORMED },
		{ 1, VRRP_RX_AUTH_KEY }, { 4, VRRP_RX_AUTH_STALE },
		{ 8, VRRP_RX_AUTH_DATA }, { 27, VRRP_RX_AUTH_DATA },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(buf, p->bytes, sizeof(buf));
		buf[p->len + cases[i].at] ^= 0x40;
		assert_int_equal(receive(hmac, p, buf, sizeof(buf), NOW_US),
			cases[i].rx);
	}
	assert_int_equal(receive(hmac, p, p->bytes, p->len, NOW_US),
		VRRP_RX_AUTH_MISSING);
	assert_int_equal(receive(hmac, p, p->bytes, p->len + 27, NOW_US),
		VRRP_RX_LENGTH);
	vrrp_hmac_free(hmac);
}

static void test_without_auth_hmac_a_trailer_is_a_wrong_length(void **state)
{
	struct vrrp_rx_meta meta = {
		.src = address("192.0.2.1"),
		.dst = address("224.0.0.18"),
		.ttl = VRRP_TTL,
	};
	struct vrrp_rx_rules rules = { .version = 3, .vrid = 51,
		.family = AF_INET, .group = meta.dst, .ttl_min = VRRP_TTL,
		.ttl_max = VRRP_TTL };
	struct vrrp_advert advert;

	(void)state;
	assert_int_equal(vrrp_packet_decode(v3_ipv4, sizeof(v3_ipv4), &meta,
				 &rules, &advert),
		VRRP_RX_LENGTH);
}

static void test_modes_of_the_introduction(void **state)
{
	static const struct {
		enum vrrp_hmac_mode mode;
		int signs;
		enum vrrp_rx unsigned_rx;
	} cases[] = {
		{ VRRP_HMAC_RECEIVE_ONLY, 0, VRRP_RX_OK },
		{ VRRP_HMAC_PERMISSIVE, VRRP_TRAILER_BYTES, VRRP_RX_OK },
		{ VRRP_HMAC_ENFORCE, VRRP_TRAILER_BYTES, VRRP_RX_AUTH_MISSING },
	};
	const struct packet *p = &golden[0];
	struct vrrp_hmac *hmac = new_hmac(BY_TIME);
	uint8_t buf[sizeof(v3_ipv4)], bad[sizeof(v3_ipv4)];

	(void)state;
	memcpy(bad, p->bytes, sizeof(bad));
	bad[sizeof(bad) - 1] ^= 1;
	for (size_t i = 0; i < 3; i++) {
		configure(hmac, (struct vrrp_hmac_conf){
			.mode = cases[i].mode, .by_time = true });
		assert_int_equal(sign(hmac, p, p->src, NOW_US, buf),
			cases[i].signs);
		assert_int_equal(receive(hmac, p, p->bytes, p->len, NOW_US),
			cases[i].unsigned_rx);
		/* A bad trailer is bad in all of them. */
		assert_int_equal(receive(hmac, p, bad, sizeof(bad), NOW_US),
			VRRP_RX_AUTH_DATA);
	}
	assert_int_equal(vrrp_hmac_counters(hmac)->unsigned_taken, 2);
	assert_int_equal(receive_golden(hmac, p, NOW_US), VRRP_RX_OK);
	vrrp_hmac_free(hmac);
}

static void test_the_window_is_as_wide_as_it_says(void **state)
{
	struct vrrp_hmac *hmac = new_hmac(BY_TIME);
	int64_t wide = WINDOW_S * USEC_PER_SEC;

	(void)state;
	assert_int_equal(receive_golden(hmac, &golden[0],
		NOW_US + wide + USEC_PER_SEC), VRRP_RX_AUTH_STALE);
	assert_int_equal(receive_golden(hmac, &golden[0],
		NOW_US - wide - USEC_PER_SEC), VRRP_RX_AUTH_STALE);
	assert_int_equal(receive_golden(hmac, &golden[0], NOW_US + wide),
		VRRP_RX_OK);
	assert_int_equal(vrrp_hmac_counters(hmac)->skew_us, wide);
	vrrp_hmac_free(hmac);
	hmac = new_hmac(BY_TIME);
	assert_int_equal(receive_golden(hmac, &golden[0], NOW_US - wide),
		VRRP_RX_OK);
	assert_int_equal(vrrp_hmac_counters(hmac)->skew_us, -wide);
	vrrp_hmac_free(hmac);
	/* monotonic does not ask the clock. */
	hmac = new_hmac(MONOTONIC);
	assert_int_equal(receive_golden(hmac, &golden[0], 0), VRRP_RX_OK);
	assert_int_equal(vrrp_hmac_counters(hmac)->skew_us, -NOW_US);
	vrrp_hmac_free(hmac);
}

static void test_many_adverts_in_one_moment(void **state)
{
	struct vrrp_hmac *a = new_hmac(BY_TIME), *b = new_hmac(BY_TIME);

	(void)state;
	/* More than the counter has: it carries into the fraction. */
	for (int i = 0; i < 70000; i++)
		assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_OK);
	assert_int_equal(vrrp_hmac_counters(b)->verified, 70000);
	vrrp_hmac_free(a);
	vrrp_hmac_free(b);
}

static void test_a_clock_that_goes_back_a_little(void **state)
{
	struct vrrp_hmac *a = new_hmac(BY_TIME), *b = new_hmac(BY_TIME);

	(void)state;
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_OK);
	for (int i = 1; i < 4; i++)
		assert_int_equal(
			pass(a, b, NOW_US - 2 * USEC_PER_SEC, NOW_US),
			VRRP_RX_OK);
	vrrp_hmac_free(a);
	vrrp_hmac_free(b);
}

/* Both had a wrong clock, an hour ahead, and then the right one. */
static void test_a_clock_that_is_set_back_an_hour(void **state)
{
	int64_t wrong = NOW_US + 3600 * USEC_PER_SEC;
	struct vrrp_hmac *a = new_hmac(BY_TIME), *b = new_hmac(BY_TIME);

	(void)state;
	assert_int_equal(pass(a, b, wrong, wrong), VRRP_RX_OK);
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_OK);
	/* One alone is too far away, and taken when it is back. */
	assert_int_equal(pass(a, b, wrong, NOW_US), VRRP_RX_AUTH_STALE);
	assert_int_equal(pass(a, b, NOW_US + 1000, NOW_US), VRRP_RX_OK);
	vrrp_hmac_free(a);
	vrrp_hmac_free(b);
	/* monotonic never goes back: a goes on where it was. */
	a = new_hmac(MONOTONIC);
	b = new_hmac(MONOTONIC);
	assert_int_equal(pass(a, b, wrong, wrong), VRRP_RX_OK);
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_OK);
	/* Its successor, who does not know, is not believed until then. */
	vrrp_hmac_free(a);
	a = new_hmac(MONOTONIC);
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_REPLAY);
	assert_int_equal(pass(a, b, wrong + 1000000, NOW_US), VRRP_RX_OK);
	vrrp_hmac_free(a);
	vrrp_hmac_free(b);
}

static void test_the_end_of_the_seconds_is_none(void **state)
{
	int64_t last = INT64_C(0xffffffff) * USEC_PER_SEC + 999999;
	struct vrrp_hmac *a = new_hmac(BY_TIME), *b = new_hmac(BY_TIME);

	(void)state;
	assert_int_equal(pass(a, b, last, last), VRRP_RX_OK);
	assert_int_equal(pass(a, b, last + 2, last), VRRP_RX_OK);
	assert_int_equal(vrrp_hmac_counters(b)->skew_us < 0, true);
	assert_int_equal(pass(a, b, last + USEC_PER_SEC, last + USEC_PER_SEC),
		VRRP_RX_OK);
	vrrp_hmac_free(a);
	vrrp_hmac_free(b);
}

static void test_keys_are_rotated_without_a_gap(void **state)
{
	struct vrrp_hmac_key keys[2];
	struct vrrp_hmac *a, *b;

	(void)state;
	make_keys(keys);
	a = new_hmac((struct vrrp_hmac_conf){ .keys = keys, .n_keys = 1 });
	b = new_hmac((struct vrrp_hmac_conf){ .keys = keys, .n_keys = 1 });
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_OK);
	/* Known to both, used by one, by both, the old one gone. */
	configure(b, (struct vrrp_hmac_conf){ .n_keys = 0 });
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_OK);
	configure(a, (struct vrrp_hmac_conf){ .active = 255 });
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_OK);
	configure(b, (struct vrrp_hmac_conf){ .keys = keys + 1, .n_keys = 1,
		.active = 255 });
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_OK);
	/* What was heard before is still known. */
	configure(a, (struct vrrp_hmac_conf){ .active = 1 });
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_AUTH_KEY);
	vrrp_hmac_free(a);
	vrrp_hmac_free(b);
}

static void test_senders_do_not_count_together(void **state)
{
	const struct packet *p = &golden[1];
	struct vrrp_hmac *b = new_hmac(MONOTONIC);
	uint8_t early[sizeof(v2_ipv4)], buf[sizeof(v2_ipv4)];
	struct packet from = *p;

	(void)state;
	/* Five senders, each behind the one before; the first is forgotten. */
	for (int i = 0; i < 5; i++) {
		struct vrrp_hmac *a = new_hmac(MONOTONIC);
		char src[32];

		snprintf(src, sizeof(src), "192.0.2.%d", i + 1);
		from.src = src;
		sign(a, p, src, NOW_US - i * USEC_PER_SEC, buf);
		if (i == 1)
			memcpy(early, buf, sizeof(early));
		assert_int_equal(receive(b, &from, buf, sizeof(buf), NOW_US),
			VRRP_RX_OK);
		assert_int_equal(receive(b, &from, buf, sizeof(buf), NOW_US),
			VRRP_RX_REPLAY);
		vrrp_hmac_free(a);
	}
	from.src = "192.0.2.2";
	assert_int_equal(receive(b, &from, early, sizeof(early), NOW_US),
		VRRP_RX_REPLAY);
	/* Another's packet is no packet of ours. */
	from.src = "192.0.2.3";
	assert_int_equal(receive(b, &from, early, sizeof(early), NOW_US),
		VRRP_RX_AUTH_DATA);
	vrrp_hmac_free(b);
}

static void test_a_peer_is_never_forgotten(void **state)
{
	struct vrrp_rx_peer peers[] = { { .addr = address("192.0.2.1") },
		{ .addr = address("192.0.2.9") } };
	struct vrrp_hmac_conf conf = { .peers = peers, .n_peers = 2 };
	const struct packet *p = &golden[1];
	struct vrrp_hmac *b = new_hmac(conf);
	struct packet from = *p;
	uint8_t buf[sizeof(v2_ipv4)];

	(void)state;
	assert_int_equal(receive_golden(b, p, NOW_US), VRRP_RX_OK);
	for (int i = 0; i < 10; i++) {
		struct vrrp_hmac *a = new_hmac(MONOTONIC);
		char src[32];

		snprintf(src, sizeof(src), "192.0.2.%d", i + 20);
		from.src = src;
		sign(a, p, src, NOW_US, buf);
		assert_int_equal(receive(b, &from, buf, sizeof(buf), NOW_US),
			VRRP_RX_OK);
		vrrp_hmac_free(a);
	}
	assert_int_equal(receive_golden(b, p, NOW_US), VRRP_RX_REPLAY);
	/* Over a reload that takes the other one away, too. */
	conf.n_peers = 1;
	configure(b, conf);
	assert_int_equal(receive_golden(b, p, NOW_US), VRRP_RX_REPLAY);
	vrrp_hmac_free(b);
}

/* One of another process, at NOW_US of the monotonic clock. */
static struct vrrp_hmac *succeed(struct vrrp_hmac *old,
	const struct buf_writer *body, struct vrrp_hmac_conf conf,
	int64_t now_us)
{
	struct vrrp_hmac *hmac = new_hmac(conf);
	struct buf_reader r;

	vrrp_hmac_free(old);
	buf_reader_init(&r, body->data, body->len);
	assert_true(vrrp_hmac_get(hmac, &r, now_us));
	return hmac;
}

/* As the role does after each advert. */
static bool note(struct vrrp_hmac *hmac, struct buf_writer *body, int64_t now_us)
{
	if (!vrrp_hmac_is_news(hmac, now_us))
		return false;
	buf_writer_reset(body);
	vrrp_hmac_put(hmac, body, now_us);
	return true;
}

/* Times are of the monotonic clock; that of the world is SET ahead. */
static void test_a_successor_sends_what_is_new(void **state)
{
	for (int by_time = 0; by_time < 2; by_time++) {
		struct vrrp_hmac_conf conf = by_time ? BY_TIME : MONOTONIC;
		struct vrrp_hmac *a = new_hmac(conf), *b = new_hmac(conf);
		struct buf_writer kept = { .data = NULL };
		int64_t set = NOW_US, t = 0;
		unsigned int news = 0;

		(void)state;
		for (; t < 200 * USEC_PER_SEC; t += USEC_PER_SEC) {
			assert_int_equal(
				pass(a, b, set + t, set + t), VRRP_RX_OK);
			news += note(a, &kept, t);
		}
		assert_int_equal(news, 1);
		/* Set back, by less than strands it. */
		set -= 3 * USEC_PER_SEC;
		assert_int_equal(pass(a, b, set + t, set + t), VRRP_RX_OK);
		assert_false(note(a, &kept, t));
		a = succeed(a, &kept, conf, t + 1000);
		assert_int_equal(
			pass(a, b, set + t + 2000, set + t + 2000), VRRP_RX_OK);
		/* Set ahead: it is said at once. */
		set += 5 * USEC_PER_SEC;
		t += USEC_PER_SEC;
		assert_int_equal(pass(a, b, set + t, set + t), VRRP_RX_OK);
		assert_true(note(a, &kept, t));
		set -= 4 * USEC_PER_SEC;
		a = succeed(a, &kept, conf, t + 1000);
		assert_int_equal(
			pass(a, b, set + t + 2000, set + t + 2000), VRRP_RX_OK);
		buf_writer_free(&kept);
		vrrp_hmac_free(a);
		vrrp_hmac_free(b);
	}
}

static void test_a_successor_takes_nothing_twice(void **state)
{
	struct vrrp_hmac *a = new_hmac(MONOTONIC), *b = new_hmac(MONOTONIC);
	struct buf_writer kept = { .data = NULL };
	const struct packet *p = &golden[1];
	uint8_t first[sizeof(v2_ipv4)], last[sizeof(v2_ipv4)];
	unsigned int news = 0;
	int64_t t = 0;

	(void)state;
	sign(a, p, p->src, NOW_US, first);
	assert_int_equal(receive(b, p, first, sizeof(first), NOW_US), 0);
	assert_true(note(b, &kept, t));
	/* Each comes another time later, up to 8 ms. */
	for (t = USEC_PER_SEC; t < 600 * USEC_PER_SEC; t += USEC_PER_SEC) {
		sign(a, p, p->src, NOW_US + t, last);
		assert_int_equal(receive(b, p, last, sizeof(last), NOW_US), 0);
		news += note(b, &kept,
			t + t / USEC_PER_SEC % 9 * USEC_PER_MSEC);
	}
	assert_in_range(news, 9, 11);
	t -= USEC_PER_SEC;
	b = succeed(b, &kept, MONOTONIC, t + 20 * USEC_PER_MSEC);
	assert_int_equal(receive(b, p, first, sizeof(first), NOW_US),
		VRRP_RX_REPLAY);
	assert_int_equal(receive(b, p, last, sizeof(last), NOW_US),
		VRRP_RX_REPLAY);
	t += 200 * USEC_PER_MSEC;
	assert_int_equal(pass(a, b, NOW_US + t, NOW_US), VRRP_RX_OK);
	buf_writer_free(&kept);
	vrrp_hmac_free(a);
	vrrp_hmac_free(b);
}

/* Its clock was set back an hour: it counts on, and is not lost. */
static void test_a_successor_hears_one_that_only_counts(void **state)
{
	struct vrrp_hmac *a = new_hmac(MONOTONIC), *b = new_hmac(MONOTONIC);
	int64_t back = NOW_US - 3600 * USEC_PER_SEC, t = 0;
	struct buf_writer kept = { .data = NULL };
	const struct packet *p = &golden[1];
	uint8_t old[sizeof(v2_ipv4)];
	unsigned int news = 0;

	(void)state;
	assert_int_equal(pass(a, b, NOW_US, NOW_US), VRRP_RX_OK);
	note(b, &kept, t);
	for (t = 0; t < 100 * USEC_PER_SEC; t += 100 * USEC_PER_MSEC) {
		sign(a, p, p->src, back + t, old);
		assert_int_equal(receive(b, p, old, sizeof(old), back), 0);
		news += note(b, &kept, t);
	}
	assert_in_range(news, 90, 101);
	for (int i = 0; i < 11; i++, t += 100 * USEC_PER_MSEC) {
		assert_int_equal(pass(a, b, back + t, back), VRRP_RX_OK);
		note(b, &kept, t);
	}
	b = succeed(b, &kept, MONOTONIC, t + USEC_PER_SEC);
	assert_int_equal(receive(b, p, old, sizeof(old), back), VRRP_RX_REPLAY);
	assert_int_equal(pass(a, b, back + t, back), VRRP_RX_OK);
	buf_writer_free(&kept);
	vrrp_hmac_free(a);
	vrrp_hmac_free(b);
}

static void test_what_is_no_heritage_is_refused(void **state)
{
	struct vrrp_hmac *hmac = new_hmac(MONOTONIC);
	struct buf_reader r;

	(void)state;
	buf_reader_init(&r, "\x02", 1);
	assert_false(vrrp_hmac_get(hmac, &r, 0));
	buf_reader_init(&r, "\x01\x01\x00", 3);
	assert_false(vrrp_hmac_get(hmac, &r, 0));
	vrrp_hmac_free(hmac);
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(test_signing_gives_the_golden_bytes),
		T(test_golden_packets_are_taken_once),
		T(test_every_bit_is_covered),
		T(test_each_wrong_thing_has_its_own_reason),
		T(test_without_auth_hmac_a_trailer_is_a_wrong_length),
		T(test_modes_of_the_introduction),
		T(test_the_window_is_as_wide_as_it_says),
		T(test_many_adverts_in_one_moment),
		T(test_a_clock_that_goes_back_a_little),
		T(test_a_clock_that_is_set_back_an_hour),
		T(test_the_end_of_the_seconds_is_none),
		T(test_keys_are_rotated_without_a_gap),
		T(test_senders_do_not_count_together),
		T(test_a_peer_is_never_forgotten),
		T(test_a_successor_sends_what_is_new),
		T(test_a_successor_takes_nothing_twice),
		T(test_a_successor_hears_one_that_only_counts),
		T(test_what_is_no_heritage_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
