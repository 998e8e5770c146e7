/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/icmp_echo.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

/* Type, code, checksum, identifier, sequence number. */
#define HEADER_LEN 8
#define SEQUENCE 1
#define IP_HEADER_MIN 20

/* RFC 1071, over an even number of bytes. */
static void put_checksum(uint8_t buf[static ICMP_ECHO_LEN])
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < ICMP_ECHO_LEN; i += 2)
		sum += (uint32_t)(buf[i] << 8 | buf[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	buf[2] = (uint8_t)(~sum >> 8);
	buf[3] = (uint8_t)~sum;
}

void icmp_echo_encode(sa_family_t family,
	const uint8_t token[static ICMP_ECHO_TOKEN_LEN],
	uint8_t buf[static ICMP_ECHO_LEN])
{
	memset(buf, 0, ICMP_ECHO_LEN);
	buf[0] = family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	memcpy(buf + 4, token, 2); /* the identifier */
	buf[7] = SEQUENCE;
	memcpy(buf + HEADER_LEN, token, ICMP_ECHO_TOKEN_LEN);
	if (family == AF_INET)
		put_checksum(buf);
}

bool icmp_echo_is_reply(sa_family_t family, bool with_ip,
	const uint8_t token[static ICMP_ECHO_TOKEN_LEN], const void *data,
	size_t len)
{
	const uint8_t *pos = data;
	size_t skip = 0;

	if (with_ip) {
		if (len < IP_HEADER_MIN)
			return false;
		skip = (size_t)(pos[0] & 0x0f) * 4;
		if (skip < IP_HEADER_MIN || skip > len)
			return false;
	}
	pos += skip;
	len -= skip;
	return len == ICMP_ECHO_LEN &&
	       pos[0] == (family == AF_INET6 ? ICMP6_ECHO_REPLY
					     : ICMP_ECHOREPLY) &&
	       pos[1] == 0 && pos[6] == 0 && pos[7] == SEQUENCE &&
	       !memcmp(pos + HEADER_LEN, token, ICMP_ECHO_TOKEN_LEN);
}
