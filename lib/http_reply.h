/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small, strict, bounded reader of one HTTP/1 reply (RFC 9112).
 *
 * Pure and incremental: bytes go in as they come, in pieces of any size, and
 * the body goes out to a callback without being kept.  The memory used is
 * that of the struct whatever the other side sends.  What is ambiguous is
 * refused: two lengths, a length beside chunks, folded lines, bytes that do
 * not belong in a header.  Bare LF as line end is accepted (RFC 9112 2.2).
 */
#ifndef TANDEM_LIB_HTTP_REPLY_H
#define TANDEM_LIB_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/reason.h"

#define HTTP_REPLY_LINE_MAX 512 /* kept of a line; more is only counted */
#define HTTP_REPLY_HEADERS_MAX 200 /* header lines, trailers included */
#define HTTP_REPLY_HEAD_BYTES_MAX 65536 /* of all lines that are not body */
#define HTTP_REPLY_INTERIM_MAX 8 /* replies 1xx before the real one */
#define HTTP_REPLY_STATUS_LINE_MAX 80 /* kept as evidence */

enum http_reply_state {
	HTTP_REPLY_STATUS_LINE,
	HTTP_REPLY_HEADERS,
	HTTP_REPLY_BODY_LENGTH,
	HTTP_REPLY_BODY_CLOSE, /* until the connection ends */
	HTTP_REPLY_CHUNK_SIZE,
	HTTP_REPLY_CHUNK_DATA,
	HTTP_REPLY_CHUNK_END,
	HTTP_REPLY_TRAILERS,
	HTTP_REPLY_DONE,
	HTTP_REPLY_FAILED,
};

struct http_reply {
	enum http_reply_state state;
	/* HTTP_REPLY_FAILED: why, and a text for people. */
	enum reason reason;
	const char *error;

	unsigned int status; /* 0 until known */
	char status_line[HTTP_REPLY_STATUS_LINE_MAX]; /* printable, cut */

	bool version_1_0;
	bool chunked;
	bool has_length;
	uint64_t length; /* of the body, or left of it or of the chunk */
	uint64_t body_bytes;
	uint64_t body_max;
	size_t head_bytes;
	uint64_t total_bytes; /* framing included */
	unsigned int n_headers;
	unsigned int n_interim;

	char line[HTTP_REPLY_LINE_MAX];
	size_t line_len; /* may exceed what is kept */
	bool line_cr; /* a CR was the last byte */

	void (*body)(const void *data, size_t len, void *user_data);
	void *user_data;
};

/* BODY may be NULL; it gets the body without chunk framing. */
void http_reply_init(struct http_reply *reply, uint64_t body_max,
	void (*body)(const void *data, size_t len, void *user_data),
	void *user_data);

/* Takes LEN bytes.  True while more are wanted; false when the reply is
 * DONE or FAILED.  Bytes after the end of the reply are ignored. */
bool http_reply_feed(struct http_reply *reply, const void *data, size_t len);

/* The other side ended the connection: afterwards DONE or FAILED. */
void http_reply_eof(struct http_reply *reply);

/* Has the head been read, so that the status counts? */
static inline bool http_reply_in_body(const struct http_reply *reply)
{
	return reply->state >= HTTP_REPLY_BODY_LENGTH &&
		reply->state <= HTTP_REPLY_DONE;
}

#endif
