/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question to a name server, and what its reply says (RFC 1035 4.1).
 *
 * Pure and bounded: of a reply only the header and the question are read;
 * what follows is never looked at, so that no name in it can lead anywhere.
 */
#ifndef TANDEM_HEALTHCHECK_DNS_MESSAGE_H
#define TANDEM_HEALTHCHECK_DNS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

/* Header, the longest name, type and class. */
#define DNS_QUERY_MAX (12 + 255 + 4)

/* QTYPEs (RFC 1035 3.2.2, RFC 3596). */
enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28,
};

/* Writes a recursive question for NAME ("example.com", "example.com." or
 * ".").  Its length, or -EINVAL when NAME is no domain name. */
int dns_query_encode(const char *name, enum dns_type type, uint16_t id,
	uint8_t buf[static DNS_QUERY_MAX]);

enum dns_reply {
	DNS_REPLY_ANSWERED, /* with *RET_RCODE, which may be an error */
	DNS_REPLY_OTHER,    /* of another question: wait on */
	DNS_REPLY_MALFORMED,
};

enum dns_reply dns_reply_decode(const void *data, size_t len,
	const uint8_t *query, size_t query_len, unsigned int *ret_rcode);

/* "NOERROR", "SERVFAIL" ...; "RCODE" for one without a name here. */
const char *dns_rcode_name(unsigned int rcode);

#endif
