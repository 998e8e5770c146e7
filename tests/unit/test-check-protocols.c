/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes of single protocols (SMTP, DNS, UDP, ping) against real sockets,
 * and the readers that they are made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "config/language.h"
#include "healthcheck/check_set.h"
#include "healthcheck/dns_message.h"
#include "healthcheck/hex_pattern.h"
#include "healthcheck/icmp_echo.h"
#include "healthcheck/probe.h"
#include "lib/mem.h"
#include "lib/smtp_reply.h"
#include "lib/timeutil.h"
#include "tests/unit/check-probe-servers.h"

/* Nothing here may take longer. */
#define PATIENCE_US (20 * USEC_PER_SEC)

struct run {
	struct loop *loop;
	struct probe_result result;
};

static const struct conf_block *const views[] = { &check_conf_root, NULL };

static struct conf_tree *load(const char *text)
{
	const struct conf_language language = { .views = views };
	const struct conf_load_options options = { .lenient = false };
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(
		&language, "test", text, strlen(text), &options, diags);

	if (!tree || diag_count_severity(diags, DIAG_ERROR)) {
		diag_print(diags, stderr);
		fail_msg("the test's configuration is wrong");
	}
	diag_list_free(diags);
	return tree;
}

static void on_done(const struct probe_result *result, void *user_data)
{
	struct run *r = user_data;

	r->result = *result;
	loop_stop(r->loop);
}

static void on_patience(void *user_data)
{
	(void)user_data;
	fail_msg("a probe did not end");
}

static struct probe_result run_check_at(
	const char *addr, uint16_t port, const char *check)
{
	struct run r = { .loop = loop_new() };
	struct loop_timer *timer = loop_timer_new(r.loop, on_patience, NULL);
	struct probe_engine *engine =
		probe_engine_new(r.loop, 1000, NULL, NULL);
	struct check_set *set;
	char text[4096];

	snprintf(text, sizeof(text),
		"virtual_server 192.0.2.1 80 {\n"
		" real_server %s %u {\n%s\n }\n}\n",
		addr, (unsigned int)port, check);
	set = check_set_new(1, load(text));
	loop_timer_set(timer, time_monotonic_us() + PATIENCE_US);
	if (probe_start(engine, set->entries[0].config, set->entries[0].program,
		    on_done, &r))
		loop_run(r.loop);
	assert_int_equal(probe_engine_in_flight(engine), 0);
	probe_engine_free(engine);
	check_set_unref(set);
	loop_timer_free(timer);
	loop_free(r.loop);
	return r.result;
}

static void expect(const struct probe_result *result, enum reason reason)
{
	if (result->reason != reason)
		fail_msg("%s (%s), expected %s", reason_text(result->reason),
			result->detail, reason_text(reason));
	assert_int_equal(result->outcome,
		reason == REASON_CHECK_OK ? VERDICT_PASSED : VERDICT_FAILED);
}

static void expect_at(uint16_t port, const char *check, enum reason reason)
{
	struct probe_result result = run_check_at("127.0.0.1", port, check);

	expect(&result, reason);
}

/* --- SMTP --- */

#define SMTP "SMTP_CHECK {\n helo_name lb.example.com\n connect_timeout 0.3\n}"
#define GOOD_MAIL "220 mail ESMTP\r\n|250 hello\r\n|221 bye\r\n"

static void expect_mail(const char *says, enum reason reason)
{
	struct server server = { .text = says };

	server_start(&server, serve_smtp);
	expect_at(server.port, SMTP, reason);
	server_stop(&server);
}

static void test_a_mail_server_passes(void **state)
{
	(void)state;
	expect_mail(GOOD_MAIL, REASON_CHECK_OK);
	expect_mail("220-mail\r\n220 ESMTP\r\n|250-hello\r\n250-SIZE\r\n250 OK"
		    "\r\n|221 bye\r\n",
		REASON_CHECK_OK);
	expect_mail("220\n|250\n|221\n", REASON_CHECK_OK);
}

static void test_bad_mail_servers_each_have_a_reason(void **state)
{
	(void)state;
	expect_mail("554 go away\r\n|", REASON_CHECK_BAD_STATUS);
	expect_mail("220 x\r\n|550 no\r\n|", REASON_CHECK_BAD_STATUS);
	expect_mail("220 x\r\n|250 y\r\n|421 z\r\n", REASON_CHECK_BAD_STATUS);
	expect_mail("HTTP/1.1 400 Bad\r\n|", REASON_CHECK_BAD_REPLY);
	expect_mail("220-a\r\n250 b\r\n|", REASON_CHECK_BAD_REPLY);
	expect_mail("220 a\r\n220 b\r\n|", REASON_CHECK_BAD_REPLY);
	expect_mail("|", REASON_CHECK_TIMEOUT_REPLY);
	expect_mail("220 x", REASON_CHECK_TOO_SLOW);
}

static void serve_hangup(struct server *server, int client)
{
	(void)server;
	(void)client;
}

static void serve_reset_at_once(struct server *server, int client)
{
	const struct linger reset = { 1, 0 };

	(void)server;
	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

/* A letter now and then, for ever. */
static void serve_slowly(struct server *server, int client)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000000 };
	const char *pos = "220 ";

	(void)server;
	while (send(client, *pos ? pos++ : "x", 1, MSG_NOSIGNAL) == 1)
		nanosleep(&pause, NULL);
}

static void serve_flood(struct server *server, int client)
{
	(void)server;
	while (send(client, "220-more\r\n", 10, MSG_NOSIGNAL) > 0)
		;
}

static void test_hostile_tcp_servers_each_have_a_reason(void **state)
{
	static const struct {
		void (*serve)(struct server *server, int client);
		enum reason reason;
	} cases[] = {
		{ serve_hangup, REASON_CHECK_CLOSED_EARLY },
		{ serve_nothing, REASON_CHECK_TIMEOUT_REPLY },
		{ serve_slowly, REASON_CHECK_TOO_SLOW },
		{ serve_reset_at_once, REASON_CHECK_RESET },
		{ serve_flood, REASON_CHECK_REPLY_TOO_LONG },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct server server = { .text = "x" };

		server_start(&server, cases[i].serve);
		expect_at(server.port, SMTP, cases[i].reason);
		server_stop(&server);
	}
	expect_at(unused_port(), SMTP, REASON_CHECK_REFUSED);
}

static void test_all_hosts_of_a_mail_check_must_pass(void **state)
{
	struct server good = { .text = GOOD_MAIL };
	struct server bad = { .text = "554 no\r\n|" };
	char check[512];

	(void)state;
	server_start(&good, serve_smtp);
	server_start(&bad, serve_smtp);
	snprintf(check, sizeof(check),
		"SMTP_CHECK {\n host {\n connect_port %u\n }\n host {\n"
		" connect_ip 127.0.0.1\n connect_port %u\n }\n}",
		(unsigned int)good.port, (unsigned int)good.port);
	expect_at(1, check, REASON_CHECK_OK);
	assert_int_equal(atomic_load(&good.accepted), 2);
	snprintf(check, sizeof(check),
		"SMTP_CHECK {\n host {\n connect_port %u\n }\n host {\n"
		" connect_port %u\n }\n}",
		(unsigned int)good.port, (unsigned int)bad.port);
	expect_at(1, check, REASON_CHECK_BAD_STATUS);
	server_stop(&good);
	server_stop(&bad);
}

/* It is shown as it is kept, in status too, which is UTF-8. */
static void test_the_text_of_a_reply_of_smtp_is_plain(void **state)
{
	static const char line[] = "220 caf\xe9\tbar\r\n";
	struct smtp_reply reply;

	(void)state;
	smtp_reply_init(&reply);
	smtp_reply_feed(&reply, line, strlen(line));
	assert_int_equal(reply.state, SMTP_REPLY_DONE);
	assert_string_equal(reply.text, "220 caf??bar");
}

static void test_a_reply_of_smtp_is_bounded(void **state)
{
	struct smtp_reply reply;
	unsigned int i;

	(void)state;
	smtp_reply_init(&reply);
	for (i = 0; i < 1000 && reply.state == SMTP_REPLY_READING; i++)
		smtp_reply_feed(&reply, "220-x\r\n", 7);
	assert_int_equal(reply.state, SMTP_REPLY_FAILED);
	assert_int_equal(reply.reason, REASON_CHECK_REPLY_TOO_LONG);
	assert_int_equal(i, SMTP_REPLY_LINES_MAX + 1);
	smtp_reply_init(&reply);
	smtp_reply_feed(&reply, "220 ", 4);
	for (i = 0; i < 10000 && reply.state == SMTP_REPLY_READING; i++)
		smtp_reply_feed(&reply, "x", 1);
	assert_int_equal(reply.reason, REASON_CHECK_REPLY_TOO_LONG);
}

/* --- DNS --- */

#define DNS                                                                    \
	"DNS_CHECK {\n name www.example.com\n type A\n connect_timeout 0.3\n}"

static size_t dns_echo(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096], uint8_t rcode)
{
	if (n)
		return 0;
	memcpy(reply, data, len);
	reply[2] |= 0x80;
	reply[3] = rcode;
	return len;
}

static size_t dns_good(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096])
{
	return dns_echo(data, len, n, reply, 0);
}

static size_t dns_servfail(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096])
{
	return dns_echo(data, len, n, reply, 2);
}

static size_t dns_short(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096])
{
	return dns_echo(data, len, n, reply, 0) ? 11 : 0;
}

static size_t dns_no_reply_bit(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096])
{
	size_t size = dns_echo(data, len, n, reply, 0);

	reply[2] &= 0x7f;
	return size;
}

/* Many that belong to something else, then the right one. */
static size_t dns_late(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096])
{
	if (n > 50)
		return 0;
	dns_echo(data, len, 0, reply, 0);
	if (n < 50)
		reply[0] ^= 0xff;
	return len;
}

static size_t dns_wrong_id(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096])
{
	size_t size = dns_echo(data, len, n, reply, 0);

	reply[0] ^= 0xff;
	return size;
}

static size_t udp_silent(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096])
{
	(void)data;
	(void)len;
	(void)n;
	(void)reply;
	return 0;
}

static void expect_datagram(size_t (*answer)(const uint8_t *data, size_t len,
				    unsigned int n, uint8_t reply[static 4096]),
	const char *check, enum reason reason)
{
	struct udp_server server = { .port = 0 };

	udp_server_start(&server, answer);
	expect_at(server.port, check, reason);
	udp_server_stop(&server);
}

static void test_dns_verdicts(void **state)
{
	(void)state;
	expect_datagram(dns_good, DNS, REASON_CHECK_OK);
	expect_datagram(dns_good, "DNS_CHECK {\n connect_timeout 1\n}",
		REASON_CHECK_OK);
	expect_datagram(dns_late, DNS, REASON_CHECK_OK);
	expect_datagram(dns_servfail, DNS, REASON_CHECK_BAD_STATUS);
	expect_datagram(dns_short, DNS, REASON_CHECK_BAD_REPLY);
	expect_datagram(dns_no_reply_bit, DNS, REASON_CHECK_BAD_REPLY);
	expect_datagram(dns_wrong_id, DNS, REASON_CHECK_TIMEOUT_REPLY);
	expect_datagram(udp_silent, DNS, REASON_CHECK_TIMEOUT_REPLY);
	expect_at(unused_port(), DNS, REASON_CHECK_REFUSED);
}

static void test_a_dns_query_as_it_is_sent(void **state)
{
	static const uint8_t golden[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0,
		0, 3, 'w', 'w', 'w', 2, 'e', 'x', 0, 0, 28, 0, 1 };
	uint8_t query[DNS_QUERY_MAX];
	char label[80];

	(void)state;
	assert_int_equal(
		dns_query_encode("www.ex", DNS_TYPE_AAAA, 0x1234, query),
		sizeof(golden));
	assert_memory_equal(query, golden, sizeof(golden));
	assert_int_equal(
		dns_query_encode("www.ex.", DNS_TYPE_AAAA, 0x1234, query),
		sizeof(golden));
	assert_int_equal(dns_query_encode(".", DNS_TYPE_SOA, 1, query), 17);
	assert_int_equal(dns_query_encode("", DNS_TYPE_SOA, 1, query), -EINVAL);
	assert_int_equal(
		dns_query_encode("a..b", DNS_TYPE_SOA, 1, query), -EINVAL);
	memset(label, 'a', 64);
	label[64] = '\0';
	assert_int_equal(
		dns_query_encode(label, DNS_TYPE_SOA, 1, query), -EINVAL);
	label[63] = '\0';
	assert_true(dns_query_encode(label, DNS_TYPE_SOA, 1, query) > 0);
}

static void test_the_longest_dns_name_and_one_more(void **state)
{
	uint8_t query[DNS_QUERY_MAX];
	char name[300] = "";
	int i;

	(void)state;
	/* 126 labels of one letter and the root: 253 octets. */
	for (i = 0; i < 126; i++)
		strcat(name, "a.");
	assert_int_equal(
		dns_query_encode(name, DNS_TYPE_A, 1, query), 12 + 253 + 4);
	strcat(name, "a.");
	assert_int_equal(
		dns_query_encode(name, DNS_TYPE_A, 1, query), 12 + 255 + 4);
	strcat(name, "a.");
	assert_int_equal(dns_query_encode(name, DNS_TYPE_A, 1, query), -EINVAL);
}

/* --- UDP --- */

#define UDP(words)                                                             \
	"UDP_CHECK {\n payload 01 02ff\n connect_timeout 0.3\n" words "}"

static size_t udp_echo(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096])
{
	if (n)
		return 0;
	memcpy(reply, data, len);
	return len;
}

static size_t udp_long(const uint8_t *data, size_t len, unsigned int n,
	uint8_t reply[static 4096])
{
	(void)data;
	(void)len;
	memset(reply, 1, 256);
	return n ? 0 : 256;
}

static void test_udp_verdicts(void **state)
{
	(void)state;
	expect_datagram(udp_silent, UDP(""), REASON_CHECK_OK);
	expect_datagram(udp_echo, UDP(""), REASON_CHECK_OK);
	expect_datagram(udp_echo, UDP("require_reply\n"), REASON_CHECK_OK);
	expect_datagram(
		udp_echo, UDP("require_reply 01 02 FF\n"), REASON_CHECK_OK);
	expect_datagram(
		udp_echo, UDP("require_reply XX X2\n"), REASON_CHECK_OK);
	expect_datagram(
		udp_echo, UDP("require_reply 0103\n"), REASON_CHECK_NO_MATCH);
	expect_datagram(udp_echo, UDP("require_reply 0102ff00\n"),
		REASON_CHECK_NO_MATCH);
	expect_datagram(udp_echo, UDP("require_reply\n min_reply_length 4\n"),
		REASON_CHECK_NO_MATCH);
	expect_datagram(udp_echo, UDP("require_reply\n max_reply_length 2\n"),
		REASON_CHECK_REPLY_TOO_LONG);
	expect_datagram(
		udp_long, UDP("require_reply\n"), REASON_CHECK_REPLY_TOO_LONG);
	expect_datagram(
		udp_silent, UDP("require_reply\n"), REASON_CHECK_TIMEOUT_REPLY);
	expect_at(unused_port(), UDP(""), REASON_CHECK_REFUSED);
	expect_at(unused_port(), UDP("require_reply\n"), REASON_CHECK_REFUSED);
}

static void test_the_payload_is_what_is_sent(void **state)
{
	struct udp_server server = { .port = 0 };

	(void)state;
	udp_server_start(&server, udp_echo);
	expect_at(server.port, UDP("require_reply\n"), REASON_CHECK_OK);
	udp_server_stop(&server);
	assert_int_equal(atomic_load(&server.received), 3);
	assert_memory_equal(server.request, "\x01\x02\xff", 3);
}

static void test_hexadecimal_patterns(void **state)
{
	uint8_t bytes[4];
	uint8_t mask[4];
	size_t at = 99;

	(void)state;
	assert_int_equal(hex_pattern_parse("0aFf 1x", bytes, mask, 4), 3);
	assert_int_equal(mask[2], 0xf0);
	assert_true(hex_pattern_match(bytes, mask, 3, "\x0a\xff\x1c!", 4, &at));
	assert_false(
		hex_pattern_match(bytes, mask, 3, "\x0a\xff\x2c!", 4, &at));
	assert_int_equal(at, 2);
	assert_false(hex_pattern_match(bytes, mask, 3, "\x0a", 1, &at));
	assert_int_equal(at, 1);
	assert_int_equal(hex_pattern_parse("0x", bytes, NULL, 4), -EINVAL);
	assert_int_equal(hex_pattern_parse("0", bytes, mask, 4), -EINVAL);
	assert_int_equal(hex_pattern_parse("0 1", bytes, mask, 4), -EINVAL);
	assert_int_equal(hex_pattern_parse("", bytes, mask, 4), -EINVAL);
	assert_int_equal(hex_pattern_parse("0g", bytes, mask, 4), -EINVAL);
	assert_int_equal(
		hex_pattern_parse("0102030405", bytes, mask, 4), -E2BIG);
}

/* --- ping --- */

static bool may_ping(int family, int protocol)
{
	int fd = socket(family, SOCK_DGRAM, protocol);

	if (fd < 0)
		fd = socket(family, SOCK_RAW, protocol);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void test_ping(void **state)
{
	struct probe_result result;

	(void)state;
	if (!may_ping(AF_INET, IPPROTO_ICMP)) {
		result = run_check_at("127.0.0.1", 80, "PING_CHECK {\n}");
		assert_int_equal(result.outcome, VERDICT_INCONCLUSIVE);
		skip();
	}
	expect_at(80, "PING_CHECK {\n}", REASON_CHECK_OK);
	expect_at(80, "PING_CHECK {\n bindto 127.0.0.9\n}", REASON_CHECK_OK);
	expect_at(80, "PING_CHECK {\n bindto 203.0.113.77\n}",
		REASON_CHECK_SOCKET);
}

static void test_ping_v6(void **state)
{
	struct probe_result result;
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	bool has_v6 = fd >= 0 &&
		      !bind(fd, (struct sockaddr *)&sin6, sizeof(sin6));

	(void)state;
	if (fd >= 0)
		close(fd);
	if (!has_v6 || !may_ping(AF_INET6, IPPROTO_ICMPV6))
		skip();
	result = run_check_at("::1", 80, "PING_CHECK {\n}");
	expect(&result, REASON_CHECK_OK);
}

static void test_an_echo_reply_is_told_by_its_token(void **state)
{
	static const uint8_t token[ICMP_ECHO_TOKEN_LEN] = "abcdefghijklmno";
	static const uint8_t other[ICMP_ECHO_TOKEN_LEN] = "abcdefghijklmnx";
	uint8_t packet[20 + ICMP_ECHO_LEN] = { 0x45 };
	uint8_t *echo = packet + 20;

	(void)state;
	icmp_echo_encode(AF_INET, token, echo);
	assert_int_equal(echo[0], 8);
	assert_false(
		icmp_echo_is_reply(AF_INET, false, token, echo, ICMP_ECHO_LEN));
	echo[0] = 0;
	assert_true(
		icmp_echo_is_reply(AF_INET, false, token, echo, ICMP_ECHO_LEN));
	assert_false(
		icmp_echo_is_reply(AF_INET, false, other, echo, ICMP_ECHO_LEN));
	assert_false(icmp_echo_is_reply(
		AF_INET, false, token, echo, ICMP_ECHO_LEN - 1));
	assert_true(icmp_echo_is_reply(
		AF_INET, true, token, packet, sizeof(packet)));
	packet[0] = 0x4f; /* options that are not there */
	assert_false(icmp_echo_is_reply(
		AF_INET, true, token, packet, sizeof(packet)));
	packet[0] = 0x41; /* shorter than a header may be */
	assert_false(icmp_echo_is_reply(
		AF_INET, true, token, packet, sizeof(packet)));
	assert_false(icmp_echo_is_reply(AF_INET, true, token, packet, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mail_server_passes),
		cmocka_unit_test(test_bad_mail_servers_each_have_a_reason),
		cmocka_unit_test(test_hostile_tcp_servers_each_have_a_reason),
		cmocka_unit_test(test_all_hosts_of_a_mail_check_must_pass),
		cmocka_unit_test(test_a_reply_of_smtp_is_bounded),
		cmocka_unit_test(test_the_text_of_a_reply_of_smtp_is_plain),
		cmocka_unit_test(test_dns_verdicts),
		cmocka_unit_test(test_a_dns_query_as_it_is_sent),
		cmocka_unit_test(test_the_longest_dns_name_and_one_more),
		cmocka_unit_test(test_udp_verdicts),
		cmocka_unit_test(test_the_payload_is_what_is_sent),
		cmocka_unit_test(test_hexadecimal_patterns),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_ping_v6),
		cmocka_unit_test(test_an_echo_reply_is_told_by_its_token),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
