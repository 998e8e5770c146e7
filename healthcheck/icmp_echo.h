/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One ICMP echo request and the reply to it (RFC 792, RFC 4443 4).
 *
 * Pure.  A request is told from all others of the host by the random token
 * that it carries, so that neither the identifier, which the kernel may
 * choose, nor another program's ping matters.
 */
#ifndef TANDEM_HEALTHCHECK_ICMP_ECHO_H
#define TANDEM_HEALTHCHECK_ICMP_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ICMP_ECHO_TOKEN_LEN 16
#define ICMP_ECHO_LEN 64

/* Writes a request for FAMILY.  The checksum is set for AF_INET; that of
 * ICMPv6 is the kernel's matter. */
void icmp_echo_encode(sa_family_t family,
	const uint8_t token[static ICMP_ECHO_TOKEN_LEN],
	uint8_t buf[static ICMP_ECHO_LEN]);

/* Is DATA the reply to the request with TOKEN?  WITH_IP: it begins with an
 * IPv4 header, as raw sockets have it. */
bool icmp_echo_is_reply(sa_family_t family, bool with_ip,
	const uint8_t token[static ICMP_ECHO_TOKEN_LEN], const void *data,
	size_t len);

#endif
