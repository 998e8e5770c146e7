/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the IPVS family: golden bytes of requests, answers as kernels
 * send them, and what is not to be believed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>

#include "ipvs-ctl/codec.h"

#define FAMILY 0x1d

static struct table_key key_tcp(void)
{
	struct ip_endpoint endpoint = { .port = 80 };
	struct table_key key;

	ip_addr_parse("192.0.2.1", &endpoint.addr);
	table_key_address(&key, IPPROTO_TCP, &endpoint);
	return key;
}

static void expect_bytes(const void *data, size_t len, const char *hex)
{
	char text[2 * IPVS_CODEC_REQUEST_MAX + 1];
	size_t i;

	assert_true(len <= IPVS_CODEC_REQUEST_MAX);
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", ((const uint8_t *)data)[i]);
	text[2 * len] = '\0';
	assert_string_equal(text, hex);
}

/* The golden bytes are those of a little-endian machine. */
static bool little_endian(void)
{
	const uint16_t one = 1;

	return *(const uint8_t *)&one == 1;
}

static void test_request_for_a_new_service_has_its_bytes(void **state)
{
	uint32_t buf[IPVS_CODEC_REQUEST_MAX / 4];
	struct table_op op = { .kind = TABLE_OP_NEW_SERVICE };
	size_t len;

	(void)state;
	if (!little_endian())
		skip();
	op.key = key_tcp();
	strcpy(op.attributes.scheduler, "rr");
	op.attributes.flags = TABLE_SERVICE_PERSISTENT;
	op.attributes.timeout_s = 360;
	op.attributes.netmask = 0xffffff00;
	len = ipvs_encode_op(buf, FAMILY, 7, true, &op);
	expect_bytes(buf, len,
		/* nlmsghdr, genlmsghdr */
		"680000001d000500"
		"0700000000000000"
		"01010000"
		/* nested service */
		"54000180"
		"0600010002000000"
		"0600020006000000"
		"14000300c0000201000000000000000000000000"
		"0600040000500000"
		"0700060072720000"
		"0c000700010000003d000000"
		"0800080068010000"
		"08000900ffffff00");
}

static void test_request_for_a_tunnel_has_its_bytes(void **state)
{
	uint32_t buf[IPVS_CODEC_REQUEST_MAX / 4];
	struct table_op op = { .kind = TABLE_OP_SET_DEST };
	size_t len;

	(void)state;
	if (!little_endian())
		skip();
	table_key_fwmark(&op.key, AF_INET6, 9);
	ip_addr_parse("2001:db8::5", &op.dest.endpoint.addr);
	op.dest.forward = TABLE_FORWARD_TUNNEL;
	op.dest.tunnel = TABLE_TUNNEL_GUE;
	op.dest.tunnel_port = 6080;
	op.dest.tunnel_flags = TABLE_TUNNEL_CSUM;
	op.dest.weight = 3;
	op.dest.upper = 10;
	op.dest.lower = 5;
	len = ipvs_encode_op(buf, FAMILY, 8, false, &op);
	expect_bytes(buf, len,
		"880000001d000100"
		"0800000000000000"
		"06010000"
		"14000180"
		"060001000a000000"
		"0800050009000000"
		"60000280"
		"06000b000a000000"
		"1400010020010db8000000000000000000000005"
		"0600020000000000"
		"0800030002000000"
		"0800040003000000"
		"080005000a000000"
		"0800060005000000"
		"05000d0001000000"
		"06000e0017c00000"
		"06000f0001000000");
}

static void test_removal_names_the_key_alone(void **state)
{
	uint32_t buf[IPVS_CODEC_REQUEST_MAX / 4];
	struct table_op op = { .kind = TABLE_OP_DEL_DEST };

	(void)state;
	if (!little_endian())
		skip();
	op.key = key_tcp();
	ip_addr_parse("10.0.0.2", &op.dest.endpoint.addr);
	op.dest.endpoint.port = 8080;
	op.dest.weight = 3;
	expect_bytes(buf, ipvs_encode_op(buf, FAMILY, 9, true, &op),
		"6c0000001d000500"
		"0900000000000000"
		"07010000"
		"30000180"
		"0600010002000000"
		"0600020006000000"
		"14000300c0000201000000000000000000000000"
		"0600040000500000"
		"28000280"
		"06000b0002000000"
		"140001000a000002000000000000000000000000"
		"060002001f900000");
}

/* What the kernel dumps has the layout of what it takes. */
static void expect_service_survives(const struct table_op *op)
{
	uint32_t buf[IPVS_CODEC_REQUEST_MAX / 4];
	struct ipvs_answer answer;
	size_t len = ipvs_encode_op(buf, FAMILY, 3, true, op);

	assert_int_equal(
		ipvs_decode(buf, len, FAMILY, AF_INET, &answer), (int)len);
	assert_int_equal(answer.seq, 3);
	assert_int_equal(answer.kind, IPVS_ANSWER_SERVICE);
	assert_true(table_key_equal(&answer.service.key, &op->key));
	assert_true(table_attributes_equal(
		&answer.service.attributes, &op->attributes));
}

static void test_services_survive_the_way_there_and_back(void **state)
{
	struct table_op op = { .kind = TABLE_OP_NEW_SERVICE };

	(void)state;
	op.key = key_tcp();
	strcpy(op.attributes.scheduler, "sh");
	strcpy(op.attributes.engine, "sip");
	op.attributes.netmask = 0xffff0000;
	op.attributes.timeout_s = 86400;
	op.attributes.flags = TABLE_SERVICE_ONE_PACKET | TABLE_SERVICE_SCHED1 |
		TABLE_SERVICE_SCHED3;
	expect_service_survives(&op);
	table_key_fwmark(&op.key, AF_INET6, UINT32_MAX);
	op.attributes.netmask = 64;
	op.attributes.engine[0] = '\0';
	expect_service_survives(&op);
}

/* --- answers --- */

struct bytes {
	uint32_t aligned[256];
	size_t len;
};

static void from_hex(struct bytes *ret, const char *hex)
{
	uint8_t *out = (uint8_t *)ret->aligned;
	unsigned int value;

	ret->len = 0;
	for (; *hex; hex += 2) {
		assert_int_equal(sscanf(hex, "%2x", &value), 1);
		out[ret->len++] = (uint8_t)value;
	}
}

static void test_destination_of_an_old_kernel_takes_the_services_family(
	void **state)
{
	struct ipvs_answer answer;
	struct bytes b;

	(void)state;
	if (!little_endian())
		skip();
	from_hex(&b,
		"640000001d000200"
		"0700000000000000"
		"08010000"
		"50000280"
		"140001000a000002000000000000000000000000"
		"0600020000500000"
		"0800030000010000" /* NAT with other connection flags */
		"08000400ffffffff"
		"0800050000000000"
		"0800060000000000"
		"080007000c000000"
		"0800080022000000");
	assert_int_equal(
		ipvs_decode(b.aligned, b.len, FAMILY, AF_INET, &answer),
		(int)b.len);
	assert_int_equal(answer.kind, IPVS_ANSWER_DEST);
	assert_int_equal(answer.dest.endpoint.addr.family, AF_INET);
	assert_int_equal(answer.dest.endpoint.port, 80);
	assert_int_equal(answer.dest.forward, TABLE_FORWARD_NAT);
	assert_int_equal(answer.dest.weight, -1);
	assert_int_equal(answer.dest.active, 12);
	assert_int_equal(answer.dest.inactive, 34);
}

static void test_errors_and_ends_carry_their_number(void **state)
{
	struct ipvs_answer answer;
	struct bytes b;

	(void)state;
	if (!little_endian())
		skip();
	from_hex(&b, "140000000200000009000000000000" "00efffffff");
	assert_int_equal(
		ipvs_decode(b.aligned, b.len, FAMILY, AF_INET, &answer), 20);
	assert_int_equal(answer.kind, IPVS_ANSWER_ACK);
	assert_int_equal(answer.error, -EEXIST);
	from_hex(&b, "14000000030002000a0000000000000000000000");
	assert_int_equal(
		ipvs_decode(b.aligned, b.len, FAMILY, AF_INET, &answer), 20);
	assert_int_equal(answer.kind, IPVS_ANSWER_DONE);
	assert_int_equal(answer.seq, 10);
	assert_int_equal(answer.error, 0);
}

static void test_absurd_errors_are_not_believed(void **state)
{
	struct ipvs_answer answer;
	struct bytes b;

	(void)state;
	if (!little_endian())
		skip();
	from_hex(&b, "1400000002000000090000000000000001000000");
	ipvs_decode(b.aligned, b.len, FAMILY, AF_INET, &answer);
	assert_int_equal(answer.kind, IPVS_ANSWER_OTHER);
	assert_int_equal(answer.error, -EBADMSG);
}

static void test_family_is_found(void **state)
{
	struct ipvs_answer answer;
	struct bytes b;

	(void)state;
	if (!little_endian())
		skip();
	from_hex(&b,
		"2800000010000000010000000000000001020000"
		"090002004950565300000000060001001d000000");
	assert_int_equal(ipvs_decode(b.aligned, b.len, 0, AF_INET, &answer),
		(int)b.len);
	assert_int_equal(answer.kind, IPVS_ANSWER_FAMILY);
	assert_int_equal(answer.family, 0x1d);
}

static void test_cut_messages_are_refused_at_every_length(void **state)
{
	uint32_t buf[IPVS_CODEC_REQUEST_MAX / 4];
	struct table_op op = { .kind = TABLE_OP_NEW_SERVICE };
	struct ipvs_answer answer;
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	size_t whole;
	size_t len;

	(void)state;
	op.key = key_tcp();
	strcpy(op.attributes.scheduler, "rr");
	whole = ipvs_encode_op(buf, FAMILY, 3, true, &op);
	for (len = 0; len < whole; len++)
		assert_int_equal(
			ipvs_decode(buf, len, FAMILY, AF_INET, &answer),
			-EBADMSG);
	/* A sound frame around cut content. */
	for (len = sizeof(*nlh); len < whole - 4; len += 4) {
		nlh->nlmsg_len = (uint32_t)len;
		assert_int_equal(
			ipvs_decode(buf, len, FAMILY, AF_INET, &answer),
			(int)len);
		assert_int_equal(answer.kind, IPVS_ANSWER_OTHER);
		assert_int_equal(answer.error, -EBADMSG);
	}
}

static void test_timeouts_are_written_and_read(void **state)
{
	const struct table_op op = {
		.kind = TABLE_OP_SET_TIMEOUTS,
		.timeouts = { 900, 120, 300 },
	};
	uint32_t buf[IPVS_CODEC_REQUEST_MAX / 4];
	struct ipvs_answer answer;
	size_t len = ipvs_encode_op(buf, FAMILY, 1, true, &op);

	(void)state;
	ipvs_decode(buf, len, FAMILY, AF_INET, &answer);
	assert_int_equal(answer.kind, IPVS_ANSWER_CONFIG);
	assert_int_equal(answer.timeouts.tcp_s, 900);
	assert_int_equal(answer.timeouts.tcp_fin_s, 120);
	assert_int_equal(answer.timeouts.udp_s, 300);
}

static void test_sync_daemons_are_written_and_read(void **state)
{
	struct table_op op = {
		.kind = TABLE_OP_NEW_DAEMON,
		.daemon_kind = TABLE_DAEMON_BACKUP,
		.daemon = { .interface = "eth1", .sync_id = 7, .port = 8849,
			.ttl = 2, .max_len = 1400 },
	};
	uint32_t buf[IPVS_CODEC_REQUEST_MAX / 4];
	struct ipvs_answer answer;
	size_t len;

	(void)state;
	ip_addr_parse("ff02::81", &op.daemon.group);
	len = ipvs_encode_op(buf, FAMILY, 1, true, &op);
	ipvs_decode(buf, len, FAMILY, AF_INET, &answer);
	assert_int_equal(answer.kind, IPVS_ANSWER_DAEMON);
	assert_int_equal(answer.daemon.kind, TABLE_DAEMON_BACKUP);
	assert_true(answer.daemon.state.running);
	assert_true(table_daemon_fits(&op.daemon, &answer.daemon.state));
	assert_int_equal(answer.daemon.state.max_len, 1400);
	op.daemon.ttl = 3;
	assert_false(table_daemon_fits(&op.daemon, &answer.daemon.state));
	/* Without interface and id it is no daemon. */
	op.kind = TABLE_OP_DEL_DAEMON;
	len = ipvs_encode_op(buf, FAMILY, 1, true, &op);
	ipvs_decode(buf, len, FAMILY, AF_INET, &answer);
	assert_int_equal(answer.kind, IPVS_ANSWER_OTHER);
	assert_int_equal(answer.error, -EBADMSG);
}

/* --- what a kernel (6.1) really said, recorded --- */

/* Decodes the messages of FILE and returns those of KIND, at most MAX. */
static size_t decode_recorded(const char *name, enum ipvs_answer_kind kind,
	struct ipvs_answer *ret, size_t max)
{
	static uint32_t data[1024];
	const char *srcdir = getenv("srcdir");
	struct ipvs_answer answer;
	char path[512];
	size_t at = 0;
	size_t len;
	size_t n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/ipvs-codec/%s",
		srcdir ? srcdir : ".", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(data, 1, sizeof(data), file);
	fclose(file);
	while (at < len) {
		int step = ipvs_decode((const uint8_t *)data + at, len - at,
			0x1d, AF_INET, &answer);

		assert_true(step > 0);
		at += (size_t)step;
		if (answer.kind == IPVS_ANSWER_OTHER)
			assert_int_equal(answer.error, 0);
		if (answer.kind == kind && n < max)
			ret[n++] = answer;
	}
	return n;
}

static void test_recorded_tables_are_read_as_they_were(void **state)
{
	struct ipvs_answer answers[4];
	const struct table_dest *dest;
	size_t i;
	unsigned int seen = 0;

	(void)state;
	assert_int_equal(decode_recorded("kernel-services",
				 IPVS_ANSWER_SERVICE, answers, 4),
		3);
	for (i = 0; i < 3; i++) {
		const struct table_attributes *a =
			&answers[i].service.attributes;

		if (answers[i].service.key.fwmark == 7) {
			assert_string_equal(a->scheduler, "sh");
			seen |= 1;
		} else if (answers[i].service.key.family == AF_INET6) {
			assert_string_equal(a->scheduler, "mh");
			assert_int_equal(a->flags, TABLE_SERVICE_SCHED2);
			assert_int_equal(a->netmask, 128);
			seen |= 2;
		} else {
			assert_int_equal(a->timeout_s, 300);
			assert_int_equal(a->netmask, UINT32_MAX);
			seen |= 4;
		}
	}
	assert_int_equal(seen, 7);
	assert_int_equal(decode_recorded("kernel-dests", IPVS_ANSWER_DEST,
				 answers, 4),
		2);
	dest = answers[0].dest.forward == TABLE_FORWARD_TUNNEL ?
		&answers[0].dest : &answers[1].dest;
	assert_int_equal(dest->tunnel, TABLE_TUNNEL_GUE);
	assert_int_equal(dest->tunnel_port, 6080);
	assert_int_equal(decode_recorded("kernel-dests6", IPVS_ANSWER_DEST,
				 answers, 4),
		1);
	assert_int_equal(answers[0].dest.endpoint.addr.family, AF_INET6);
	assert_int_equal(answers[0].dest.upper, 9);
	assert_int_equal(answers[0].dest.lower, 3);
}

static void test_recorded_settings_are_read_as_they_were(void **state)
{
	struct ipvs_answer answers[4];

	(void)state;
	assert_int_equal(decode_recorded("kernel-daemons",
				 IPVS_ANSWER_DAEMON, answers, 4),
		1);
	assert_int_equal(answers[0].daemon.kind, TABLE_DAEMON_MASTER);
	assert_string_equal(answers[0].daemon.state.interface, "dummy7");
	assert_int_equal(answers[0].daemon.state.sync_id, 51);
	assert_int_equal(answers[0].daemon.state.port, 8848);
	assert_int_equal(decode_recorded("kernel-config",
				 IPVS_ANSWER_CONFIG, answers, 4),
		1);
	assert_int_equal(answers[0].timeouts.tcp_s, 900);
	assert_int_equal(answers[0].timeouts.udp_s, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_for_a_new_service_has_its_bytes),
		cmocka_unit_test(test_request_for_a_tunnel_has_its_bytes),
		cmocka_unit_test(test_removal_names_the_key_alone),
		cmocka_unit_test(test_services_survive_the_way_there_and_back),
		cmocka_unit_test(
			test_destination_of_an_old_kernel_takes_the_services_family),
		cmocka_unit_test(test_errors_and_ends_carry_their_number),
		cmocka_unit_test(test_absurd_errors_are_not_believed),
		cmocka_unit_test(test_family_is_found),
		cmocka_unit_test(test_cut_messages_are_refused_at_every_length),
		cmocka_unit_test(test_timeouts_are_written_and_read),
		cmocka_unit_test(test_sync_daemons_are_written_and_read),
		cmocka_unit_test(test_recorded_tables_are_read_as_they_were),
		cmocka_unit_test(test_recorded_settings_are_read_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
