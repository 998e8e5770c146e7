/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP reader: any bytes, in one piece and byte by byte, must end in the
 * same state with the same body.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/http_reply.h"

#define BODY_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t bytes;
	uint64_t hash;
};

static void add(const void *data, size_t len, void *user_data)
{
	const uint8_t *pos = data;
	struct sum *sum = user_data;

	sum->bytes += len;
	while (len--)
		sum->hash = (sum->hash ^ *pos++) * UINT64_C(0x100000001b3);
}

static void run(struct http_reply *reply, struct sum *sum, const uint8_t *data,
	size_t size, size_t step)
{
	size_t pos = 0;

	http_reply_init(reply, BODY_MAX, add, sum);
	while (pos < size) {
		size_t n = size - pos < step ? size - pos : step;

		if (!http_reply_feed(reply, data + pos, n))
			break;
		pos += n;
	}
	http_reply_eof(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_reply whole;
	struct http_reply bytes;
	struct sum a = { .bytes = 0 };
	struct sum b = { .bytes = 0 };

	run(&whole, &a, data, size, size ? size : 1);
	run(&bytes, &b, data, size, 1);
	if (whole.state < HTTP_REPLY_DONE)
		abort();
	if (whole.state == HTTP_REPLY_FAILED && !whole.error)
		abort();
	/* The total bound is looked at once a piece, so it may strike at
	 * different places; nothing else may differ. */
	if (whole.reason == REASON_CHECK_REPLY_TOO_LONG ||
		bytes.reason == REASON_CHECK_REPLY_TOO_LONG)
		return 0;
	if (whole.state != bytes.state || whole.reason != bytes.reason ||
		whole.status != bytes.status || a.bytes != b.bytes ||
		a.hash != b.hash)
		abort();
	return 0;
}
