/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes against real sockets: servers that work, and every way in which one
 * can misbehave.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>

#include "config/language.h"
#include "healthcheck/check_set.h"
#include "healthcheck/probe.h"
#include "healthcheck/program.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "tests/unit/check-probe-servers.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define HELLO OK "Content-Length: 5\r\n\r\nhello"
#define HELLO_MD5 "5d41402abc4b2a76b9719d911017c592"
/* Nothing here may take longer. */
#define PATIENCE_US (20 * USEC_PER_SEC)

struct run {
	struct loop *loop;
	struct probe_engine *engine;
	struct check_set *set;
	unsigned int left;
	struct probe_result result; /* of the last to end */
	/* what the runner was asked */
	struct msg_run asked;
	uint32_t script_node;
	int run_error;
};

static const struct conf_block *const views[] = { &check_conf_root, NULL };

static struct conf_tree *load(const char *text)
{
	const struct conf_language language = { .views = views };
	const struct conf_load_options options = { .lenient = false };
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(&language, "test", text,
		strlen(text), &options, diags);

	/* A CA file that is not there is told, and runs. */
	if (!tree || diag_count(diags) != diag_has_code(diags, DIAG_IO)) {
		diag_print(diags, stderr);
		fail_msg("the test's configuration is wrong");
	}
	diag_list_free(diags);
	return tree;
}

static int on_run(const struct msg_run *run, void *user_data)
{
	struct run *r = user_data;

	r->asked = *run;
	return r->run_error;
}

static void begin(struct run *r, uint16_t port, const char *check)
{
	char text[4096];

	*r = (struct run){ .loop = loop_new() };
	snprintf(text, sizeof(text),
		"virtual_server 192.0.2.1 80 {\n"
		" real_server 127.0.0.1 %u {\n%s\n }\n}\n",
		(unsigned int)port, check);
	r->set = check_set_new(1, load(text));
	r->engine = probe_engine_new(r->loop, 1000, on_run, r);
}

static void end(struct run *r)
{
	probe_engine_free(r->engine);
	check_set_unref(r->set);
	loop_free(r->loop);
}

static void on_done(const struct probe_result *result, void *user_data)
{
	struct run *r = user_data;

	r->result = *result;
	if (!--r->left)
		loop_stop(r->loop);
}

static void on_patience(void *user_data)
{
	(void)user_data;
	fail_msg("a probe did not end");
}

static struct probe *start_entry(struct run *r, size_t i)
{
	const struct check_entry *entry = &r->set->entries[i];

	r->left++;
	return probe_start(
		r->engine, entry->config, entry->program, on_done, r);
}

static void wait_done(struct run *r)
{
	struct loop_timer *timer;

	if (!r->left)
		return;
	timer = loop_timer_new(r->loop, on_patience, NULL);
	loop_timer_set(timer, time_monotonic_us() + PATIENCE_US);
	loop_run(r->loop);
	loop_timer_free(timer);
	assert_int_equal(probe_engine_in_flight(r->engine), 0);
}

static struct probe_result run_check(uint16_t port, const char *check)
{
	struct run r;

	begin(&r, port, check);
	start_entry(&r, 0);
	wait_done(&r);
	end(&r);
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

static void expect_result(uint16_t port, const char *check, enum reason reason)
{
	struct probe_result result = run_check(port, check);

	expect(&result, reason);
}

/* CHECK against a server that behaves so. */
static struct probe_result run_served(
	void (*serve)(struct server *server, int client), const char *text,
	const char *check)
{
	struct server server = { .text = text };
	struct probe_result result;

	server_start(&server, serve);
	result = run_check(server.port, check);
	server_stop(&server);
	return result;
}

static void expect_served(void (*serve)(struct server *server, int client),
	const char *text, const char *check, enum reason reason)
{
	struct probe_result result = run_served(serve, text, check);

	expect(&result, reason);
}

#define GET(url) "HTTP_GET {\n connect_timeout 5\n url {\n" url "\n }\n}"
#define GET_SHORT(url) "HTTP_GET {\n connect_timeout 0.3\n url {\n" url "\n }\n}"

/* --- TCP --- */

static void test_tcp_passes_and_measures(void **state)
{
	struct probe_result result =
		run_served(serve_close, NULL, "TCP_CHECK {\n}");

	(void)state;
	expect(&result, REASON_CHECK_OK);
	assert_true(result.latency.connect_us >= 0);
	assert_true(result.latency.total_us >= result.latency.connect_us);
	assert_int_equal(result.latency.tls_us, -1);
	assert_int_equal(result.weight, CHECK_WEIGHT_NONE);
}

static void test_tcp_refused(void **state)
{
	(void)state;
	expect_result(unused_port(), "TCP_CHECK {\n}", REASON_CHECK_REFUSED);
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0)
		assert_int_equal(errno, EINPROGRESS);
	return fd;
}

/* A listener whose queue is full answers no SYN. */
static void test_tcp_timeout(void **state)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct probe_result result;
	int clients[4];
	int i;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(listen(fd, 0), 0);
	getsockname(fd, (struct sockaddr *)&sin, &len);
	for (i = 0; i < 4; i++)
		clients[i] = connect_to(ntohs(sin.sin_port));
	result = run_check(ntohs(sin.sin_port),
		"TCP_CHECK {\n connect_timeout 0.2\n}");
	expect(&result, REASON_CHECK_TIMEOUT_CONNECT);
	assert_in_range(result.latency.total_us, 200000, 2000000);
	for (i = 0; i < 4; i++)
		close(clients[i]);
	close(fd);
}

static void test_a_source_that_is_not_here_fails(void **state)
{
	uint16_t port = unused_port();

	(void)state;
	expect_result(port, "TCP_CHECK {\n bindto 203.0.113.77\n}",
		REASON_CHECK_SOCKET);
	expect_result(
		port, "TCP_CHECK {\n bind_if nosuch0\n}", REASON_CHECK_SOCKET);
}

static void test_a_source_port_is_used(void **state)
{
	char check[128];

	(void)state;
	snprintf(check, sizeof(check),
		"TCP_CHECK {\n bindto 127.0.0.9\n bind_port %u\n}",
		(unsigned int)unused_port());
	expect_served(serve_close, NULL, check, REASON_CHECK_OK);
}

/* --- HTTP --- */

static void test_http_passes(void **state)
{
	struct probe_result result =
		run_served(serve_text, HELLO, GET("path /"));

	(void)state;
	expect(&result, REASON_CHECK_OK);
	assert_string_equal(result.detail, "HTTP/1.1 200 OK");
	assert_true(result.latency.first_byte_us >= 0);
}

static void test_http_expectations(void **state)
{
	(void)state;
	expect_served(serve_text, HELLO, GET("path /\n digest " HELLO_MD5),
		REASON_CHECK_OK);
	expect_served(serve_text, HELLO,
		GET("path /\n digest 00000000000000000000000000000000"),
		REASON_CHECK_DIGEST);
	expect_served(serve_text, HELLO, GET("path /\n regex \"^hel+o$\""),
		REASON_CHECK_OK);
	expect_served(serve_text, HELLO, GET("path /\n regex \"HELLO\""),
		REASON_CHECK_NO_MATCH);
	expect_served(serve_text, HELLO,
		GET("path /\n regex \"HELLO\"\n regex_options caseless"),
		REASON_CHECK_OK);
	expect_served(serve_text, HELLO,
		GET("path /\n regex \"bye\"\n regex_no_match"),
		REASON_CHECK_OK);
	expect_served(serve_text, HELLO,
		GET("path /\n regex \"hello\"\n regex_no_match"),
		REASON_CHECK_NO_MATCH);
	expect_served(serve_text, HELLO, GET("path /\n status_code 300-400"),
		REASON_CHECK_BAD_STATUS);
	expect_served(serve_text, "HTTP/1.0 404 Gone\r\n\r\nx",
		GET("path /\n status_code 200 404"), REASON_CHECK_OK);
	expect_served(serve_text, "HTTP/1.0 500 Oops\r\n\r\nx",
		GET("path /"), REASON_CHECK_BAD_STATUS);
	expect_served(serve_text,
		OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n"
		   "0\r\n\r\n",
		GET("path /\n digest " HELLO_MD5), REASON_CHECK_OK);
}

static void expect_request(const char *check, const char *request)
{
	struct server server = { .text = HELLO };
	struct probe_result result;

	server_start(&server, serve_text);
	result = run_check(server.port, check);
	server_stop(&server);
	expect(&result, REASON_CHECK_OK);
	assert_string_equal(server.request, request);
}

/* Without a virtualhost the server is named by its address and port. */
static void test_http_request_by_address(void **state)
{
	struct server server = { .text = HELLO };
	char host[64];

	(void)state;
	server_start(&server, serve_text);
	expect_result(server.port, GET("path /"), REASON_CHECK_OK);
	server_stop(&server);
	snprintf(host, sizeof(host), "\r\nHost: 127.0.0.1:%u\r\n\r\n",
		(unsigned int)server.port);
	assert_non_null(strstr(server.request, host));
}

static void test_http_requests(void **state)
{
	(void)state;
	expect_request(GET("path /a?b=c\n virtualhost a.b"),
		"GET /a?b=c HTTP/1.0\r\n"
		"User-Agent: KeepAliveClient (tandem)\r\n"
		"Host: a.b\r\n\r\n");
	expect_request("HTTP_GET {\n http_protocol 1.1\n virtualhost a.b\n"
		       "url {\n path /\n}\n}",
		"GET / HTTP/1.1\r\n"
		"User-Agent: KeepAliveClient (tandem)\r\n"
		"Connection: close\r\nHost: a.b\r\n\r\n");
	expect_request("HTTP_GET {\n http_protocol 1.0C\n virtualhost a.b\n"
		       "url {\n path /\n virtualhost c.d\n}\n}",
		"GET / HTTP/1.0\r\n"
		"User-Agent: KeepAliveClient (tandem)\r\n"
		"Connection: close\r\nHost: c.d\r\n\r\n");
}

static void test_an_expression_is_held_to_its_offsets(void **state)
{
	(void)state;
	expect_served(serve_text, HELLO,
		GET("path /\nregex l\nregex_min_offset 3\nregex_max_offset 3"),
		REASON_CHECK_OK);
	expect_served(serve_text, HELLO,
		GET("path /\nregex h\nregex_min_offset 1"),
		REASON_CHECK_NO_MATCH);
	expect_served(serve_text, HELLO,
		GET("path /\nregex o\nregex_max_offset 3"),
		REASON_CHECK_NO_MATCH);
	expect_served(serve_text, HELLO,
		GET("path /\nregex o\nregex_max_offset 4"), REASON_CHECK_OK);
	expect_served(serve_text, HELLO,
		GET("path /\nregex l\nregex_min_offset 1000"),
		REASON_CHECK_NO_MATCH);
	expect_served(serve_text, HELLO,
		GET("path /\nregex hello\nregex_stack 32768 65536"),
		REASON_CHECK_OK);
}

static void test_all_urls_are_asked_for(void **state)
{
	struct server server = { .text = HELLO };

	(void)state;
	server_start(&server, serve_text);
	expect_result(server.port,
		"HTTP_GET {\n url {\n path /1\n }\n url {\n path /2\n }\n"
		" url {\n path /3\n digest " HELLO_MD5 "\n }\n}",
		REASON_CHECK_OK);
	assert_int_equal(server.accepted, 3);
	expect_result(server.port,
		"HTTP_GET {\n url {\n path /1\n }\n"
		" url {\n path /2\n regex \"no\"\n }\n}",
		REASON_CHECK_NO_MATCH);
	server_stop(&server);
}

static void test_hostile_http_servers_each_have_a_reason(void **state)
{
	(void)state;
	expect_served(serve_text, "\x16\x03\x01 rubbish", GET("path /"),
		REASON_CHECK_BAD_REPLY);
	expect_served(serve_nothing, NULL, GET_SHORT("path /"),
		REASON_CHECK_TIMEOUT_REPLY);
	expect_served(serve_drip, NULL, GET_SHORT("path /"),
		REASON_CHECK_TOO_SLOW);
	expect_served(serve_endless_headers, NULL, GET("path /"),
		REASON_CHECK_HEADERS_TOO_LONG);
	expect_served(serve_endless_body, NULL, GET("path /\n regex \"y\""),
		REASON_CHECK_REPLY_TOO_LONG);
	expect_served(serve_text, OK "Content-Length: 99999999999\r\n\r\n",
		GET("path /"), REASON_CHECK_REPLY_TOO_LONG);
	expect_served(serve_reset, NULL, GET("path /"), REASON_CHECK_RESET);
	expect_served(
		serve_close, NULL, GET("path /"), REASON_CHECK_CLOSED_EARLY);
	expect_served(serve_text, OK "Content-Length: 9\r\n\r\nx",
		GET("path /"), REASON_CHECK_CLOSED_EARLY);
	expect_result(unused_port(), GET("path /"), REASON_CHECK_REFUSED);
}

/* Exponential, if nobody stopped it. */
static void test_a_costly_expression_ends(void **state)
{
	char text[4096] = OK "\r\n";
	struct probe_result result;
	int64_t before;

	(void)state;
	memset(text + strlen(text), 'a', 3000);
	before = time_monotonic_us();
	result = run_served(
		serve_text, text, GET("path /\n regex \"(a+)+(a+)+b\""));
	expect(&result, REASON_CHECK_NO_MATCH);
	assert_in_range(time_monotonic_us() - before, 0, 3 * USEC_PER_SEC);
}

/* The outcome of a search of LEN bytes, and in how many slices. */
static enum program_match search(
	const char *check, const void *data, size_t len, unsigned int *ret_slices)
{
	enum program_match match;
	struct program_search at;
	struct run r;

	begin(&r, 1, check);
	program_search_begin(r.set->entries[0].program, 0, &at);
	*ret_slices = 0;
	do {
		match = program_search(
			r.set->entries[0].program, 0, &at, data, len);
		++*ret_slices;
	} while (match == PROGRAM_AGAIN);
	end(&r);
	return match;
}

/* Nobody waits for a search of a long body, and it finds what is at its end. */
static void test_a_long_search_is_done_in_slices(void **state)
{
	static char body[200000];
	unsigned int slices;

	(void)state;
	memset(body, 'a', sizeof(body));
	body[100] = 'c';
	memcpy(body + sizeof(body) - 2, "bd", 2);
	assert_int_equal(search(GET("path /\n regex \"(a|b)d\""), body,
				 sizeof(body), &slices),
		PROGRAM_MATCH);
	assert_in_range(slices, 3, 20);
	assert_int_equal(search(GET("path /\n regex \"(a|b)(e|f)\""), body,
				 sizeof(body), &slices),
		PROGRAM_NO_MATCH);
	assert_in_range(slices, 3, 20);
	/* An anchor still means the beginning of the body. */
	assert_int_equal(search(GET("path /\n regex \"(a|b)(e|f)|^bd\""),
				 body, sizeof(body), &slices),
		PROGRAM_NO_MATCH);
	assert_int_equal(search(GET("path /\n regex \"c\""), body,
				 sizeof(body), &slices),
		PROGRAM_MATCH);
	assert_int_equal(slices, 1);
	assert_int_equal(search(GET("path /\n regex \"(a+)+(a+)+[xy]\""), body,
				 3000, &slices),
		PROGRAM_TOO_COSTLY);
	assert_int_equal(slices, 1);
	/* These would mean something else in a second slice. */
	assert_int_equal(search(GET("path /\n regex \"\\\\G(a|b)+(e|f)|(a|b)(e|f)\""),
				 body, sizeof(body), &slices),
		PROGRAM_TOO_COSTLY);
	assert_int_equal(search(GET("path /\n regex \"a\\\\K(a|b)(e|f)\""), body,
				 sizeof(body), &slices),
		PROGRAM_TOO_COSTLY);
}

/* 40 connections that drip beside 100 checks of a good one. */
static void test_dripping_servers_delay_nobody(void **state)
{
	struct server drip = { .text = NULL };
	struct server good = { .text = HELLO };
	struct run slow;
	struct run fast;
	int64_t before;
	int i;

	(void)state;
	server_start(&drip, serve_drip);
	server_start(&good, serve_text);
	begin(&slow, drip.port, GET("path /"));
	begin(&fast, good.port, GET("path /"));
	/* One engine for all. */
	fast.left = 0;
	for (i = 0; i < 40; i++)
		probe_start(fast.engine, slow.set->entries[0].config,
			slow.set->entries[0].program, on_done, &slow);
	slow.left = 1000;
	before = time_monotonic_us();
	for (i = 0; i < 100; i++)
		start_entry(&fast, 0);
	loop_run(fast.loop);
	assert_in_range(time_monotonic_us() - before, 0, 2 * USEC_PER_SEC);
	assert_int_equal(fast.left, 0);
	expect(&fast.result, REASON_CHECK_OK);
	assert_int_equal(probe_engine_in_flight(fast.engine), 40);
	end(&fast);
	end(&slow);
	server_stop(&good);
	server_stop(&drip);
}

/* --- TLS --- */

struct tls_files {
	char dir[64];
	char good[96];
	char other[96];
	char expired[96];
};

static int tls_setup(void **state)
{
	struct tls_files *f = x_new(struct tls_files, 1);

	snprintf(f->dir, sizeof(f->dir), "/tmp/test-check-probes-XXXXXX");
	/* For the account of healthcheck, too. */
	if (!mkdtemp(f->dir) || chmod(f->dir, 0755) < 0)
		return -1;
	snprintf(f->good, sizeof(f->good), "%s/good.pem", f->dir);
	snprintf(f->other, sizeof(f->other), "%s/other.pem", f->dir);
	snprintf(f->expired, sizeof(f->expired), "%s/expired.pem", f->dir);
	*state = f;
	return 0;
}

static int tls_teardown(void **state)
{
	struct tls_files *f = *state;

	unlink(f->good);
	unlink(f->other);
	unlink(f->expired);
	rmdir(f->dir);
	x_free(f);
	return 0;
}

static void ssl_check(
	struct server *server, const char *words, enum reason reason)
{
	char check[1024];

	snprintf(check, sizeof(check),
		"SSL_GET {\n connect_timeout 5\n url {\n path /\n }\n %s\n}",
		words);
	expect_result(server->port, check, reason);
}

static void test_tls_without_verification(void **state)
{
	struct tls_files *f = *state;
	struct server server = { .text = HELLO };

	server.tls = make_tls("good.test", -7200, -3600, f->good);
	server_start(&server, serve_text_tls);
	ssl_check(&server, "", REASON_CHECK_OK);
	assert_string_equal(server.sni, "");
	ssl_check(&server, "virtualhost good.test\n enable_sni",
		REASON_CHECK_OK);
	assert_string_equal(server.sni, "good.test");
	ssl_check(&server, "virtualhost good.test\n sni_name x.test",
		REASON_CHECK_OK);
	assert_string_equal(server.sni, "x.test");
	server_stop(&server);
}

static void test_tls_with_verification(void **state)
{
	struct tls_files *f = *state;
	struct server server = { .text = HELLO };
	char words[256];

	SSL_CTX_free(make_tls("good.test", -60, 3600, f->other));
	server.tls = make_tls("good.test", -60, 3600, f->good);
	server_start(&server, serve_text_tls);
	snprintf(words, sizeof(words),
		"tls_verify %s\n tls_verify_name good.test", f->good);
	ssl_check(&server, words, REASON_CHECK_OK);
	snprintf(words, sizeof(words),
		"tls_verify %s\n tls_verify_name 127.0.0.1", f->good);
	ssl_check(&server, words, REASON_CHECK_OK);
	snprintf(words, sizeof(words),
		"tls_verify %s\n virtualhost bad.test", f->good);
	ssl_check(&server, words, REASON_CHECK_TLS_NAME);
	snprintf(words, sizeof(words), "tls_verify %s", f->other);
	ssl_check(&server, words, REASON_CHECK_TLS_VERIFY);
	ssl_check(&server, "tls_verify", REASON_CHECK_TLS_VERIFY);
	/* Not the server's fault. */
	snprintf(words, sizeof(words), "tls_verify %s/none", f->dir);
	ssl_check(&server, words, REASON_CHECK_MISCONFIGURED);
	server_stop(&server);
}

static void test_tls_expired(void **state)
{
	struct tls_files *f = *state;
	struct server server = { .text = HELLO };
	char words[256];

	server.tls = make_tls("good.test", -7200, -3600, f->expired);
	server_start(&server, serve_text_tls);
	snprintf(words, sizeof(words), "tls_verify %s", f->expired);
	ssl_check(&server, words, REASON_CHECK_TLS_EXPIRED);
	server_stop(&server);
}

static void test_tls_end_without_notice(void **state)
{
	struct tls_files *f = *state;
	struct server server = { .text = OK "\r\nhello" };

	server.tls = make_tls("good.test", -60, 3600, f->good);
	server_start(&server, serve_tls_cut);
	ssl_check(&server, "", REASON_CHECK_OK);
	ssl_check(&server, "tls_compliant", REASON_CHECK_CLOSED_EARLY);
	server_stop(&server);
}

static void test_hostile_tls_servers_each_have_a_reason(void **state)
{
	const char *check = "SSL_GET {\n connect_timeout 5\n"
			    " url {\n path /\n }\n}";

	(void)state;
	expect_served(serve_close, NULL, check, REASON_CHECK_CLOSED_EARLY);
	expect_served(serve_nothing, NULL,
		"SSL_GET {\n connect_timeout 0.3\n url {\n path /\n }\n}",
		REASON_CHECK_TLS_TIMEOUT);
	expect_result(unused_port(), check, REASON_CHECK_REFUSED);
}

static void serve_plain_answer(struct server *server, int client)
{
	char data[4096];

	if (recv(client, data, sizeof(data), 0) > 0)
		(void)!send(client, server->text, strlen(server->text),
			MSG_NOSIGNAL);
	serve_nothing(server, client);
}

static void test_a_plain_server_is_no_tls_server(void **state)
{
	(void)state;
	expect_served(serve_plain_answer, "HTTP/1.0 400 Bad Request\r\n\r\n",
		"SSL_GET {\n url {\n path /\n }\n}", REASON_CHECK_TLS);
}

/* --- scripts --- */

static struct probe_result run_script(const char *words,
	enum run_outcome outcome, int32_t value)
{
	struct msg_ran ran = { .outcome = outcome, .value = value };
	char check[512];
	struct run r;

	snprintf(check, sizeof(check),
		"MISC_CHECK {\n misc_path \"/bin/true\"\n misc_timeout 7\n%s\n}",
		words);
	begin(&r, 80, check);
	assert_non_null(start_entry(&r, 0));
	assert_int_equal(r.asked.timeout_us, 7 * USEC_PER_SEC);
	assert_int_equal(r.asked.node, r.set->entries[0].config->script.node);
	/* An answer to something else changes nothing. */
	ran.id = r.asked.id ^ 1;
	probe_engine_ran(r.engine, &ran);
	ran.id = r.asked.id + (UINT64_C(1) << 32);
	probe_engine_ran(r.engine, &ran);
	assert_int_equal(r.left, 1);
	ran.id = r.asked.id;
	probe_engine_ran(r.engine, &ran);
	assert_int_equal(r.left, 0);
	end(&r);
	return r.result;
}

static void test_scripts(void **state)
{
	struct probe_result result;

	(void)state;
	result = run_script("", RUN_EXITED, 0);
	expect(&result, REASON_CHECK_OK);
	assert_int_equal(result.weight, CHECK_WEIGHT_NONE);
	result = run_script("", RUN_EXITED, 1);
	expect(&result, REASON_CHECK_SCRIPT_FAILED);
	result = run_script("", RUN_EXITED, 12);
	expect(&result, REASON_CHECK_SCRIPT_FAILED);
	result = run_script("", RUN_SIGNALED, 9);
	expect(&result, REASON_CHECK_SCRIPT_FAILED);
	result = run_script("", RUN_TIMED_OUT, 15);
	expect(&result, REASON_CHECK_SCRIPT_TIMEOUT);
	result = run_script("", RUN_NOT_RUN, ENOENT);
	expect(&result, REASON_CHECK_SCRIPT_NOT_RUN);
}

static void test_scripts_set_weights(void **state)
{
	struct probe_result result;

	(void)state;
	result = run_script("misc_dynamic", RUN_EXITED, 0);
	expect(&result, REASON_CHECK_OK);
	assert_int_equal(result.weight, CHECK_WEIGHT_NONE);
	result = run_script("misc_dynamic", RUN_EXITED, 1);
	expect(&result, REASON_CHECK_SCRIPT_FAILED);
	result = run_script("misc_dynamic", RUN_EXITED, 2);
	expect(&result, REASON_CHECK_OK);
	assert_int_equal(result.weight, 0);
	result = run_script("misc_dynamic", RUN_EXITED, 255);
	assert_int_equal(result.weight, 253);
}

static void test_without_a_runner_nothing_is_known(void **state)
{
	const char *check = "MISC_CHECK {\n misc_path \"/bin/true\"\n}";
	struct run r;

	(void)state;
	begin(&r, 80, check);
	r.run_error = -ENOTCONN;
	assert_null(start_entry(&r, 0));
	assert_int_equal(r.result.outcome, VERDICT_INCONCLUSIVE);
	r.run_error = 0;
	assert_non_null(start_entry(&r, 0));
	probe_engine_runner_lost(r.engine);
	assert_int_equal(r.left, 0);
	assert_int_equal(r.result.outcome, VERDICT_INCONCLUSIVE);
	end(&r);
}

static void test_a_cancelled_probe_says_nothing(void **state)
{
	struct server server = { .text = NULL };
	struct run r;

	(void)state;
	server_start(&server, serve_nothing);
	begin(&r, server.port, GET("path /"));
	probe_cancel(start_entry(&r, 0));
	assert_int_equal(r.left, 1);
	assert_int_equal(probe_engine_in_flight(r.engine), 0);
	end(&r);
	server_stop(&server);
}

#define TLS_TEST(f) cmocka_unit_test_setup_teardown(f, tls_setup, tls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp_passes_and_measures),
		cmocka_unit_test(test_tcp_refused),
		cmocka_unit_test(test_tcp_timeout),
		cmocka_unit_test(test_a_source_that_is_not_here_fails),
		cmocka_unit_test(test_a_source_port_is_used),
		cmocka_unit_test(test_http_passes),
		cmocka_unit_test(test_http_expectations),
		cmocka_unit_test(test_http_requests),
		cmocka_unit_test(test_http_request_by_address),
		cmocka_unit_test(test_an_expression_is_held_to_its_offsets),
		cmocka_unit_test(test_all_urls_are_asked_for),
		cmocka_unit_test(test_hostile_http_servers_each_have_a_reason),
		cmocka_unit_test(test_a_costly_expression_ends),
		cmocka_unit_test(test_a_long_search_is_done_in_slices),
		cmocka_unit_test(test_dripping_servers_delay_nobody),
		TLS_TEST(test_tls_without_verification),
		TLS_TEST(test_tls_with_verification),
		TLS_TEST(test_tls_expired),
		TLS_TEST(test_tls_end_without_notice),
		cmocka_unit_test(test_hostile_tls_servers_each_have_a_reason),
		cmocka_unit_test(test_a_plain_server_is_no_tls_server),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_scripts_set_weights),
		cmocka_unit_test(test_without_a_runner_nothing_is_known),
		cmocka_unit_test(test_a_cancelled_probe_says_nothing),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
