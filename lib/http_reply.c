/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/http_reply.h"

#include <string.h>
#include <strings.h>

#define CHUNK_LINE_MAX 256
#define CHUNK_DIGITS_MAX 16

void http_reply_init(struct http_reply *reply, uint64_t body_max,
	void (*body)(const void *data, size_t len, void *user_data),
	void *user_data)
{
	memset(reply, 0, sizeof(*reply));
	reply->state = HTTP_REPLY_STATUS_LINE;
	reply->body_max = body_max;
	reply->body = body;
	reply->user_data = user_data;
}

static void fail(
	struct http_reply *reply, enum reason reason, const char *error)
{
	reply->state = HTTP_REPLY_FAILED;
	reply->reason = reason;
	reply->error = error;
}

static void malformed(struct http_reply *reply, const char *error)
{
	fail(reply, REASON_CHECK_BAD_REPLY, error);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9110 5.6.2 */
static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static void keep_status_line(struct http_reply *reply)
{
	size_t n = reply->line_len;
	size_t i;

	if (n > sizeof(reply->status_line) - 1)
		n = sizeof(reply->status_line) - 1;
	for (i = 0; i < n; i++) {
		char c = reply->line[i];

		reply->status_line[i] = c >= ' ' && c <= '~' ? c : '?';
	}
	reply->status_line[n] = '\0';
}

/* RFC 9112 4: HTTP-version SP status-code SP [reason-phrase]; the second
 * space is left out by some servers. */
static void read_status_line(struct http_reply *reply)
{
	const char *line = reply->line;
	size_t len = reply->line_len;

	keep_status_line(reply);
	if (len < 12 || strncmp(line, "HTTP/1.", 7) || !is_digit(line[7]) ||
		line[8] != ' ' || !is_digit(line[9]) || !is_digit(line[10]) ||
		!is_digit(line[11]) || (len > 12 && line[12] != ' ')) {
		malformed(reply, "no HTTP/1 status line");
		return;
	}
	reply->version_1_0 = line[7] == '0';
	reply->status = (unsigned int)(line[9] - '0') * 100 +
		(unsigned int)(line[10] - '0') * 10 +
		(unsigned int)(line[11] - '0');
	if (reply->status < 100) {
		malformed(reply, "impossible status code");
		return;
	}
	reply->state = HTTP_REPLY_HEADERS;
}

static bool header_is(const char *line, size_t name_len, const char *name)
{
	return strlen(name) == name_len && !strncasecmp(line, name, name_len);
}

/* RFC 9112 6.2, 6.3: one number, or the same number several times. */
static void read_content_length(
	struct http_reply *reply, const char *value, size_t len)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < len && is_digit(value[i]) && n < UINT64_MAX / 100; i++)
		n = n * 10 + (uint64_t)(value[i] - '0');
	if (!len || i < len) {
		malformed(reply, "bad Content-Length");
		return;
	}
	if (reply->has_length && reply->length != n) {
		malformed(reply, "two different Content-Lengths");
		return;
	}
	reply->has_length = true;
	reply->length = n;
}

static void read_transfer_encoding(
	struct http_reply *reply, const char *value, size_t len)
{
	if (reply->chunked || len != 7 || strncasecmp(value, "chunked", 7)) {
		malformed(reply, "unknown Transfer-Encoding");
		return;
	}
	reply->chunked = true;
}

static void read_header(struct http_reply *reply, bool trailer)
{
	const char *line = reply->line;
	bool cut = reply->line_len > sizeof(reply->line);
	size_t len = cut ? sizeof(reply->line) : reply->line_len;
	size_t name_len = 0;
	const char *value;
	bool length;
	bool encoding;

	if (++reply->n_headers > HTTP_REPLY_HEADERS_MAX) {
		fail(reply, REASON_CHECK_HEADERS_TOO_LONG, "too many headers");
		return;
	}
	while (name_len < len && is_token_char(line[name_len]))
		name_len++;
	if (!name_len || name_len == len || line[name_len] != ':') {
		malformed(reply, "malformed header line");
		return;
	}
	length = header_is(line, name_len, "Content-Length");
	encoding = header_is(line, name_len, "Transfer-Encoding");
	if (trailer || (!length && !encoding))
		return;
	if (cut) {
		malformed(reply, "framing header too long");
		return;
	}
	value = line + name_len + 1;
	len -= name_len + 1;
	for (; len && (*value == ' ' || *value == '\t'); len--)
		value++;
	while (len && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	if (length)
		read_content_length(reply, value, len);
	else
		read_transfer_encoding(reply, value, len);
}

/* An interim reply is over: the next one begins (RFC 9110 15.2). */
static void next_reply(struct http_reply *reply)
{
	if (++reply->n_interim > HTTP_REPLY_INTERIM_MAX) {
		malformed(reply, "too many interim replies");
		return;
	}
	reply->status = 0;
	reply->has_length = false;
	reply->chunked = false;
	reply->length = 0;
	reply->state = HTTP_REPLY_STATUS_LINE;
}

/* The empty line: what follows, by RFC 9112 6.3. */
static void end_headers(struct http_reply *reply)
{
	if (reply->status < 200 && reply->status != 101) {
		next_reply(reply);
		return;
	}
	if (reply->chunked && reply->has_length) {
		malformed(reply, "Content-Length beside Transfer-Encoding");
		return;
	}
	/* RFC 9112 6.1: HTTP/1.0 has none, its framing is not to be trusted. */
	if (reply->chunked && reply->version_1_0) {
		malformed(reply, "Transfer-Encoding of HTTP/1.0");
		return;
	}
	if (reply->status == 101 || reply->status == 204 ||
		reply->status == 304) {
		reply->state = HTTP_REPLY_DONE;
	} else if (reply->chunked) {
		reply->state = HTTP_REPLY_CHUNK_SIZE;
	} else if (!reply->has_length) {
		reply->state = HTTP_REPLY_BODY_CLOSE;
	} else if (reply->length > reply->body_max) {
		/* Nobody has to wait for it. */
		fail(reply, REASON_CHECK_REPLY_TOO_LONG, "body too long");
	} else {
		reply->state = reply->length ? HTTP_REPLY_BODY_LENGTH :
					       HTTP_REPLY_DONE;
	}
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* RFC 9112 7.1: chunk-size [chunk-ext]; extensions are ignored. */
static void read_chunk_size(struct http_reply *reply)
{
	size_t len = reply->line_len;
	uint64_t size = 0;
	size_t i;

	if (len > CHUNK_LINE_MAX) {
		malformed(reply, "chunk line too long");
		return;
	}
	for (i = 0; i < len && hex_value(reply->line[i]) >= 0; i++)
		size = size << 4 | (uint64_t)hex_value(reply->line[i]);
	if (!i || i > CHUNK_DIGITS_MAX ||
		(i < len && !strchr("; \t", reply->line[i]))) {
		malformed(reply, "bad chunk size");
		return;
	}
	if (size > reply->body_max) {
		fail(reply, REASON_CHECK_REPLY_TOO_LONG, "chunk too long");
		return;
	}
	reply->length = size;
	reply->state = size ? HTTP_REPLY_CHUNK_DATA : HTTP_REPLY_TRAILERS;
}

static void end_line(struct http_reply *reply)
{
	bool empty = reply->line_len == 0;

	switch (reply->state) {
	case HTTP_REPLY_STATUS_LINE:
		read_status_line(reply);
		break;
	case HTTP_REPLY_HEADERS:
		if (empty)
			end_headers(reply);
		else
			read_header(reply, false);
		break;
	case HTTP_REPLY_CHUNK_SIZE:
		read_chunk_size(reply);
		break;
	case HTTP_REPLY_CHUNK_END:
		if (empty)
			reply->state = HTTP_REPLY_CHUNK_SIZE;
		else
			malformed(reply, "no line end after a chunk");
		break;
	case HTTP_REPLY_TRAILERS:
		if (empty)
			reply->state = HTTP_REPLY_DONE;
		else
			read_header(reply, true);
		break;
	case HTTP_REPLY_BODY_LENGTH:
	case HTTP_REPLY_BODY_CLOSE:
	case HTTP_REPLY_CHUNK_DATA:
	case HTTP_REPLY_DONE:
	case HTTP_REPLY_FAILED:
		break;
	}
	reply->line_len = 0;
	reply->line_cr = false;
}

/* Checks what can be known before the line is complete, so that rubbish
 * ends a check at once. */
static void check_line_byte(struct http_reply *reply, char c)
{
	static const char start[] = "HTTP/1.";
	size_t i = reply->line_len;

	if (reply->line_cr) {
		malformed(reply, "carriage return inside a line");
		return;
	}
	if (reply->state == HTTP_REPLY_STATUS_LINE) {
		if (i < sizeof(start) - 1 && c != start[i])
			malformed(reply, "no HTTP/1 status line");
		else if (i >= HTTP_REPLY_LINE_MAX)
			malformed(reply, "status line too long");
	} else if (reply->state == HTTP_REPLY_CHUNK_END) {
		malformed(reply, "no line end after a chunk");
	} else if (reply->state == HTTP_REPLY_CHUNK_SIZE) {
		if (i >= CHUNK_LINE_MAX)
			malformed(reply, "chunk line too long");
	}
	if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
		malformed(reply, "control character in a line");
}

static void take_line_byte(struct http_reply *reply, char c)
{
	/* Chunk lines are bounded each, and all together with the body. */
	if (reply->state != HTTP_REPLY_CHUNK_SIZE &&
		reply->state != HTTP_REPLY_CHUNK_END &&
		++reply->head_bytes > HTTP_REPLY_HEAD_BYTES_MAX) {
		fail(reply, REASON_CHECK_HEADERS_TOO_LONG,
			"headers too long");
		return;
	}
	if (c == '\n') {
		end_line(reply);
		return;
	}
	if (c == '\r' && !reply->line_cr) {
		reply->line_cr = true;
		return;
	}
	check_line_byte(reply, c);
	if (reply->line_len < sizeof(reply->line))
		reply->line[reply->line_len] = c;
	reply->line_len++;
}

/* Takes up to LEN bytes of body and returns how many. */
static size_t take_body(
	struct http_reply *reply, const char *data, size_t len)
{
	bool counted = reply->state != HTTP_REPLY_BODY_CLOSE;

	if (counted && len > reply->length)
		len = (size_t)reply->length;
	if (len > reply->body_max - reply->body_bytes) {
		fail(reply, REASON_CHECK_REPLY_TOO_LONG, "body too long");
		return len;
	}
	reply->body_bytes += len;
	if (reply->body)
		reply->body(data, len, reply->user_data);
	if (!counted)
		return len;
	reply->length -= len;
	if (!reply->length)
		reply->state = reply->state == HTTP_REPLY_CHUNK_DATA ?
			HTTP_REPLY_CHUNK_END :
			HTTP_REPLY_DONE;
	return len;
}

bool http_reply_feed(struct http_reply *reply, const void *data, size_t len)
{
	const char *pos = data;
	const char *end = pos + len;

	while (pos < end && reply->state < HTTP_REPLY_DONE) {
		size_t n = 1;

		if (reply->state == HTTP_REPLY_BODY_LENGTH ||
			reply->state == HTTP_REPLY_BODY_CLOSE ||
			reply->state == HTTP_REPLY_CHUNK_DATA)
			n = take_body(reply, pos, (size_t)(end - pos));
		else
			take_line_byte(reply, *pos);
		pos += n;
		reply->total_bytes += n;
	}
	if (reply->state < HTTP_REPLY_DONE &&
		reply->total_bytes / 2 >
			reply->body_max + HTTP_REPLY_HEAD_BYTES_MAX)
		fail(reply, REASON_CHECK_REPLY_TOO_LONG,
			"more framing than body");
	return reply->state < HTTP_REPLY_DONE;
}

void http_reply_eof(struct http_reply *reply)
{
	if (reply->state == HTTP_REPLY_BODY_CLOSE)
		reply->state = HTTP_REPLY_DONE;
	else if (reply->state < HTTP_REPLY_DONE)
		fail(reply, REASON_CHECK_CLOSED_EARLY,
			reply->total_bytes ? "closed within the reply" :
					     "closed without a reply");
}
