/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/dns_message.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define HEADER_LEN 12
#define NAME_MAX_LEN 255
#define LABEL_MAX_LEN 63
#define CLASS_IN 1

/* Of the second pair of octets of the header. */
#define FLAG_QR 0x8000
#define FLAG_RD 0x0100
#define OPCODE_MASK 0x7800
#define RCODE_MASK 0x000f

static void put_u16(uint8_t *pos, uint16_t value)
{
	pos[0] = (uint8_t)(value >> 8);
	pos[1] = (uint8_t)value;
}

static uint16_t get_u16(const uint8_t *pos)
{
	return (uint16_t)(pos[0] << 8 | pos[1]);
}

/* Labels with their lengths in front, and an empty one at the end.  The
 * length, or -EINVAL. */
static int encode_name(const char *name, uint8_t buf[static NAME_MAX_LEN])
{
	size_t n = 0;

	if (!strcmp(name, "."))
		name = "";
	else if (!*name)
		return -EINVAL;
	while (*name) {
		size_t len = strcspn(name, ".");

		if (!len || len > LABEL_MAX_LEN || n + len + 2 > NAME_MAX_LEN)
			return -EINVAL;
		buf[n] = (uint8_t)len;
		memcpy(buf + n + 1, name, len);
		n += len + 1;
		name += len + (name[len] == '.');
	}
	buf[n] = 0;
	return (int)n + 1;
}

int dns_query_encode(const char *name, enum dns_type type, uint16_t id,
	uint8_t buf[static DNS_QUERY_MAX])
{
	int len = encode_name(name, buf + HEADER_LEN);

	if (len < 0)
		return len;
	memset(buf, 0, HEADER_LEN);
	put_u16(buf, id);
	put_u16(buf + 2, FLAG_RD);
	put_u16(buf + 4, 1); /* QDCOUNT */
	put_u16(buf + HEADER_LEN + len, (uint16_t)type);
	put_u16(buf + HEADER_LEN + len + 2, CLASS_IN);
	return HEADER_LEN + len + 4;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* Letters alike in both cases (RFC 1035 2.3.3); lengths of labels are below
 * 'A' and cannot be taken for one. */
static bool same_question(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

enum dns_reply dns_reply_decode(const void *data, size_t len,
	const uint8_t *query, size_t query_len, unsigned int *ret_rcode)
{
	const uint8_t *reply = data;
	unsigned int rcode;
	uint16_t flags;
	uint16_t questions;

	if (len < HEADER_LEN)
		return DNS_REPLY_MALFORMED;
	if (get_u16(reply) != get_u16(query))
		return DNS_REPLY_OTHER;
	flags = get_u16(reply + 2);
	questions = get_u16(reply + 4);
	rcode = flags & RCODE_MASK;
	if (!(flags & FLAG_QR) || flags & OPCODE_MASK || questions > 1)
		return DNS_REPLY_MALFORMED;
	/* A server that could not read the question need not repeat it. */
	if (!questions && !rcode)
		return DNS_REPLY_MALFORMED;
	if (questions && len < query_len)
		return DNS_REPLY_MALFORMED;
	if (questions && !same_question(reply + HEADER_LEN, query + HEADER_LEN,
				 query_len - HEADER_LEN))
		return DNS_REPLY_OTHER;
	*ret_rcode = rcode;
	return DNS_REPLY_ANSWERED;
}

const char *dns_rcode_name(unsigned int rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL",
		"NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
		"NXRRSET", "NOTAUTH", "NOTZONE" };

	return rcode < sizeof(names) / sizeof(names[0]) ? names[rcode]
							: "RCODE";
}
