/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What servers may send to SMTP, DNS, UDP and ping probes: the first byte
 * chooses the reader, the rest are its bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "healthcheck/dns_message.h"
#include "healthcheck/hex_pattern.h"
#include "healthcheck/icmp_echo.h"
#include "lib/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_smtp(
	struct smtp_reply *reply, const uint8_t *data, size_t size, size_t step)
{
	size_t pos = 0;

	smtp_reply_init(reply);
	while (pos < size && reply->state == SMTP_REPLY_READING) {
		size_t n = size - pos < step ? size - pos : step;

		pos += smtp_reply_feed(reply, data + pos, n);
	}
}

/* In one piece and byte by byte it must end in the same state. */
static void fuzz_smtp(const uint8_t *data, size_t size)
{
	struct smtp_reply whole;
	struct smtp_reply bytes;

	run_smtp(&whole, data, size, size ? size : 1);
	run_smtp(&bytes, data, size, 1);
	if (whole.state != bytes.state || whole.code != bytes.code ||
		whole.total_bytes != bytes.total_bytes ||
		strcmp(whole.text, bytes.text))
		abort();
	if (whole.state == SMTP_REPLY_DONE &&
		(whole.code < 200 || whole.code > 599))
		abort();
	if (whole.state == SMTP_REPLY_FAILED && !whole.error)
		abort();
}

static void fuzz_dns(const uint8_t *data, size_t size)
{
	uint8_t query[DNS_QUERY_MAX];
	int len = dns_query_encode("a.b", DNS_TYPE_SOA, 0x6161, query);
	unsigned int rcode = 0;

	if (dns_reply_decode(data, size, query, (size_t)len, &rcode) ==
			DNS_REPLY_ANSWERED &&
		(size < 12 || rcode > 15))
		abort();
	(void)dns_rcode_name(rcode);
}

/* Any name is refused or fits. */
static void fuzz_dns_name(const uint8_t *data, size_t size)
{
	char *name = calloc(1, size + 1);
	uint8_t query[DNS_QUERY_MAX];

	if (!name)
		return;
	memcpy(name, data, size);
	if (dns_query_encode(name, DNS_TYPE_A, 1, query) > DNS_QUERY_MAX)
		abort();
	free(name);
}

static void fuzz_icmp(const uint8_t *data, size_t size)
{
	static const uint8_t token[ICMP_ECHO_TOKEN_LEN] = "aaaaaaaaaaaaaaa";

	icmp_echo_is_reply(AF_INET, true, token, data, size);
	icmp_echo_is_reply(AF_INET, false, token, data, size);
	icmp_echo_is_reply(AF_INET6, false, token, data, size);
}

static void fuzz_hex(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1);
	uint8_t bytes[16];
	uint8_t mask[16];
	size_t at = 0;
	int n;

	if (!text)
		return;
	memcpy(text, data, size);
	n = hex_pattern_parse(text, bytes, mask, sizeof(bytes));
	if (n > (int)sizeof(bytes) || !n)
		abort();
	if (n > 0 &&
		!hex_pattern_match(bytes, mask, (size_t)n, data, size, &at) &&
		at >= (size_t)n)
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(const uint8_t *, size_t) = { fuzz_smtp,
		fuzz_dns, fuzz_dns_name, fuzz_icmp, fuzz_hex };

	if (size)
		readers[*data % 5](data + 1, size - 1);
	return 0;
}
