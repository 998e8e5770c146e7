/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/http_reply.h"
#include "lib/mem.h"

#define BODY_MAX 1000

struct body {
	char data[BODY_MAX + 1];
	size_t len;
};

static void collect(const void *data, size_t len, void *user_data)
{
	struct body *body = user_data;

	assert_true(body->len + len <= BODY_MAX);
	memcpy(body->data + body->len, data, len);
	body->len += len;
	body->data[body->len] = '\0';
}

struct golden {
	const char *name;
	const char *bytes;
	bool eof; /* the connection ends after them */
	enum http_reply_state state;
	enum reason reason;
	unsigned int status;
	const char *body;
};

#define OK "HTTP/1.1 200 OK\r\n"
#define BAD HTTP_REPLY_FAILED, REASON_CHECK_BAD_REPLY

static const struct golden goldens[] = {
	{ "length", OK "Content-Length: 5\r\n\r\nhello", false, HTTP_REPLY_DONE,
		REASON_NONE, 200, "hello" },
	{ "length and more", OK "Content-Length: 2\r\n\r\nhello", false,
		HTTP_REPLY_DONE, REASON_NONE, 200, "he" },
	{ "length zero", OK "Content-Length:0\r\n\r\n", false, HTTP_REPLY_DONE,
		REASON_NONE, 200, "" },
	{ "same length twice",
		OK "content-length: 1 \r\nCONTENT-LENGTH:\t1\r\n\r\nx", false,
		HTTP_REPLY_DONE, REASON_NONE, 200, "x" },
	{ "until close", "HTTP/1.0 200 OK\r\nA: b\r\n\r\nabc", true,
		HTTP_REPLY_DONE, REASON_NONE, 200, "abc" },
	{ "bare line feeds", "HTTP/1.0 404 No\nX:\n\nabc", true,
		HTTP_REPLY_DONE, REASON_NONE, 404, "abc" },
	{ "no reason phrase", "HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n",
		false, HTTP_REPLY_DONE, REASON_NONE, 503, "" },
	{ "no content", "HTTP/1.1 204 No Content\r\n\r\nrest", false,
		HTTP_REPLY_DONE, REASON_NONE, 204, "" },
	{ "interim first",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n"
		"\r\n" OK "Content-Length: 2\r\n\r\nok",
		false, HTTP_REPLY_DONE, REASON_NONE, 200, "ok" },
	{ "chunks",
		OK "Transfer-Encoding: chunked\r\n\r\n"
		   "3\r\nabc\r\n1;x=\"y\"\r\nd\r\n0A\r\n0123456789\r\n0\r\n\r\n",
		false, HTTP_REPLY_DONE, REASON_NONE, 200, "abcd0123456789" },
	{ "chunks with trailers",
		OK "transfer-encoding: Chunked\r\n\r\n1\r\nx\r\n000\r\nA: b\r\n"
		   "Content-Length: 7\r\n\r\n",
		false, HTTP_REPLY_DONE, REASON_NONE, 200, "x" },

	{ "rubbish", "\x01\x02\x03", false, BAD, 0, "" },
	{ "SSH", "SSH-2.0-OpenSSH_9.2\r\n", false, BAD, 0, "" },
	{ "HTTP/2", "HTTP/2 200\r\n", false, BAD, 0, "" },
	{ "no digits", "HTTP/1.1 2xx OK\r\n", false, BAD, 0, "" },
	{ "four digits", "HTTP/1.1 2000 OK\r\n", false, BAD, 0, "" },
	{ "status 099", "HTTP/1.1 099 OK\r\n", false, BAD, 99, "" },
	{ "two lengths",
		OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", false, BAD,
		200, "" },
	{ "length list", OK "Content-Length: 1, 1\r\n\r\nx", false, BAD, 200,
		"" },
	{ "negative length", OK "Content-Length: -1\r\n\r\n", false, BAD, 200,
		"" },
	{ "empty length", OK "Content-Length:\r\n\r\n", false, BAD, 200, "" },
	{ "length overflow",
		OK "Content-Length: 18446744073709551617\r\n\r\n", false, BAD,
		200, "" },
	{ "length and chunks",
		OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		false, BAD, 200, "" },
	{ "chunks of HTTP/1.0",
		"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"0\r\n\r\n",
		false, BAD, 200, "" },
	{ "unknown coding", OK "Transfer-Encoding: gzip, chunked\r\n\r\n",
		false, BAD, 200, "" },
	{ "chunked twice",
		OK "Transfer-Encoding: chunked\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n",
		false, BAD, 200, "" },
	{ "space before colon", OK "Content-Length : 1\r\n\r\nx", false, BAD,
		200, "" },
	{ "folded line", OK "A: b\r\n c\r\n\r\n", false, BAD, 200, "" },
	{ "no colon", OK "garbage\r\n\r\n", false, BAD, 200, "" },
	{ "empty name", OK ": x\r\n\r\n", false, BAD, 200, "" },
	{ "return in a line", OK "A: b\rc\r\n\r\n", false, BAD, 200, "" },
	{ "bad chunk size",
		OK "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", false, BAD, 200,
		"" },
	{ "signed chunk size",
		OK "Transfer-Encoding: chunked\r\n\r\n-1\r\n", false, BAD, 200,
		"" },
	{ "empty chunk size",
		OK "Transfer-Encoding: chunked\r\n\r\n\r\n", false, BAD, 200,
		"" },
	{ "chunk too short for its data",
		OK "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", false, BAD,
		200, "a" },
	{ "17 digits of chunk size",
		OK "Transfer-Encoding: chunked\r\n\r\n00000000000000001\r\nx",
		false, BAD, 200, "" },

	{ "announced too long", OK "Content-Length: 1001\r\n\r\n", false,
		HTTP_REPLY_FAILED, REASON_CHECK_REPLY_TOO_LONG, 200, "" },
	{ "chunk too long",
		OK "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
		false, HTTP_REPLY_FAILED, REASON_CHECK_REPLY_TOO_LONG, 200, "" },

	{ "nothing", "", true, HTTP_REPLY_FAILED, REASON_CHECK_CLOSED_EARLY, 0,
		"" },
	{ "closed in the status line", "HTTP/1.1 2", true, HTTP_REPLY_FAILED,
		REASON_CHECK_CLOSED_EARLY, 0, "" },
	{ "closed in the headers", OK "A: b\r\n", true, HTTP_REPLY_FAILED,
		REASON_CHECK_CLOSED_EARLY, 200, "" },
	{ "closed in the body", OK "Content-Length: 5\r\n\r\nhel", true,
		HTTP_REPLY_FAILED, REASON_CHECK_CLOSED_EARLY, 200, "hel" },
	{ "closed before the last chunk",
		OK "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", true,
		HTTP_REPLY_FAILED, REASON_CHECK_CLOSED_EARLY, 200, "x" },
};

static void check(const struct golden *g, const struct http_reply *reply,
	const struct body *body, size_t split)
{
	if (reply->state != g->state || reply->reason != g->reason ||
		reply->status != g->status || strcmp(body->data, g->body))
		fail_msg("%s, split at %zu: state %d reason %s status %u "
			 "body '%s'",
			g->name, split, reply->state,
			reason_text(reply->reason), reply->status, body->data);
	if (g->state == HTTP_REPLY_FAILED)
		assert_non_null(reply->error);
}

static void run_split(const struct golden *g, size_t split)
{
	size_t len = strlen(g->bytes);
	struct body body = { .len = 0 };
	struct http_reply reply;

	http_reply_init(&reply, BODY_MAX, collect, &body);
	if (http_reply_feed(&reply, g->bytes, split))
		http_reply_feed(&reply, g->bytes + split, len - split);
	if (g->eof)
		http_reply_eof(&reply);
	check(g, &reply, &body, split);
}

static void test_goldens_split_at_each_byte(void **state)
{
	size_t i;
	size_t split;

	(void)state;
	for (i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++)
		for (split = 0; split <= strlen(goldens[i].bytes); split++)
			run_split(&goldens[i], split);
}

static void test_goldens_byte_by_byte(void **state)
{
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		const struct golden *g = &goldens[i];
		struct body body = { .len = 0 };
		struct http_reply reply;

		http_reply_init(&reply, BODY_MAX, collect, &body);
		for (k = 0; k < strlen(g->bytes); k++)
			if (!http_reply_feed(&reply, g->bytes + k, 1))
				break;
		if (g->eof)
			http_reply_eof(&reply);
		check(g, &reply, &body, 1);
	}
}

/* Feeds PART again and again until the reader has enough. */
static size_t feed_endless(struct http_reply *reply, const char *start,
	const char *part, size_t limit)
{
	size_t fed = strlen(start);

	http_reply_init(reply, BODY_MAX, NULL, NULL);
	assert_true(http_reply_feed(reply, start, fed));
	while (http_reply_feed(reply, part, strlen(part))) {
		fed += strlen(part);
		if (fed > limit)
			fail_msg("took %zu bytes of '%s'", fed, part);
	}
	return fed;
}

static void test_endless_headers_end(void **state)
{
	struct http_reply reply;

	(void)state;
	feed_endless(&reply, OK, "A: b\r\n", 10000);
	assert_int_equal(reply.reason, REASON_CHECK_HEADERS_TOO_LONG);
	feed_endless(&reply, OK "Cookie: ", "xxxxxxxx", 70000);
	assert_int_equal(reply.reason, REASON_CHECK_HEADERS_TOO_LONG);
}

static void test_a_long_header_is_skipped(void **state)
{
	char *line = x_calloc(1, 30001);
	struct http_reply reply;

	(void)state;
	memset(line, 'x', 30000);
	memcpy(line, "Cookie:", 7);
	http_reply_init(&reply, BODY_MAX, NULL, NULL);
	assert_true(http_reply_feed(&reply, OK, strlen(OK)));
	assert_true(http_reply_feed(&reply, line, 30000));
	assert_false(http_reply_feed(
		&reply, "\r\nContent-Length: 0\r\n\r\n", 23));
	assert_int_equal(reply.state, HTTP_REPLY_DONE);
	x_free(line);
}

static void test_an_endless_status_line_ends(void **state)
{
	struct http_reply reply;

	(void)state;
	feed_endless(&reply, "HTTP/1.1 200 ", "x", 600);
	assert_int_equal(reply.reason, REASON_CHECK_BAD_REPLY);
}

static void test_endless_bodies_end(void **state)
{
	struct http_reply reply;

	(void)state;
	feed_endless(&reply, OK "\r\n", "xxxxxxxxxx", BODY_MAX + 100);
	assert_int_equal(reply.reason, REASON_CHECK_REPLY_TOO_LONG);
	feed_endless(&reply, OK "Transfer-Encoding: chunked\r\n\r\n",
		"1\r\nx\r\n", BODY_MAX * 6 + 100);
	assert_int_equal(reply.reason, REASON_CHECK_REPLY_TOO_LONG);
	feed_endless(&reply, OK "Transfer-Encoding: chunked\r\n\r\n",
		"1;0123456789012345678901234567890123456789012345678901234567"
		"890123456789012345678901234567890123456789012345678901234567"
		"890123456789012345678901234567890123456789012345678901234567"
		"89\r\nx\r\n",
		2 * (BODY_MAX + HTTP_REPLY_HEAD_BYTES_MAX) + 1000);
	assert_int_equal(reply.reason, REASON_CHECK_REPLY_TOO_LONG);
}

static void test_endless_interim_replies_end(void **state)
{
	struct http_reply reply;

	(void)state;
	feed_endless(&reply, "HTTP/1.1 100 Continue\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n", 1000);
	assert_int_equal(reply.reason, REASON_CHECK_BAD_REPLY);
}

static void test_rubbish_ends_at_its_first_byte(void **state)
{
	struct http_reply reply;

	(void)state;
	http_reply_init(&reply, BODY_MAX, NULL, NULL);
	assert_false(http_reply_feed(&reply, "<", 1));
	assert_int_equal(reply.reason, REASON_CHECK_BAD_REPLY);
}

static void test_the_status_line_is_kept_printable(void **state)
{
	struct http_reply reply;

	(void)state;
	http_reply_init(&reply, BODY_MAX, NULL, NULL);
	http_reply_feed(&reply, "HTTP/1.1 500 \xc3\xa4\r\n", 17);
	assert_string_equal(reply.status_line, "HTTP/1.1 500 ??");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goldens_split_at_each_byte),
		cmocka_unit_test(test_goldens_byte_by_byte),
		cmocka_unit_test(test_endless_headers_end),
		cmocka_unit_test(test_a_long_header_is_skipped),
		cmocka_unit_test(test_an_endless_status_line_ends),
		cmocka_unit_test(test_endless_bodies_end),
		cmocka_unit_test(test_endless_interim_replies_end),
		cmocka_unit_test(test_rubbish_ends_at_its_first_byte),
		cmocka_unit_test(test_the_status_line_is_kept_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
