/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One page, asked for as the checks do: the same request, the same strict
 * reader of the reply.  Blocks, within a deadline.
 */
#ifndef TANDEM_CTL_DIGEST_FETCH_H
#define TANDEM_CTL_DIGEST_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/http_reply.h"

#define DIGEST_LEN 16

enum digest_protocol {
	DIGEST_HTTP_1_0,
	DIGEST_HTTP_1_0_CLOSE,
	DIGEST_HTTP_1_1,
};

struct digest_page {
	const char *host; /* name or address */
	const char *port; /* number or name of a service */
	const char *path;
	const char *virtualhost; /* NULL = HOST */
	const char *sni; /* NULL = none */
	bool tls;
	enum digest_protocol protocol;
	uint32_t mark; /* of the packets, 0 = none */
	int64_t timeout_us; /* for everything */
};

struct digest_result {
	uint8_t md5[DIGEST_LEN]; /* of the body, without chunk framing */
	unsigned int status;
	char status_line[HTTP_REPLY_STATUS_LINE_MAX];
	uint64_t body_bytes;
	int64_t took_us;
};

/* 0, or -errno with *RET_ERROR set to a text that the caller frees. */
int digest_fetch(const struct digest_page *page, struct digest_result *ret,
	char **ret_error);

#endif
