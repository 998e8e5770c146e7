/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP addresses and endpoints of either family, as values.
 */
#ifndef TANDEM_LIB_IPADDR_H
#define TANDEM_LIB_IPADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* family is AF_INET, AF_INET6 or AF_UNSPEC (no address); the bytes are in
 * network order, and those that the family does not use are zero. */
struct ip_addr {
	sa_family_t family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t bytes[16];
	};
};

struct ip_endpoint {
	struct ip_addr addr;
	uint16_t port; /* host order; 0 = none */
};

#define IP_ADDR_STRLEN INET6_ADDRSTRLEN
#define IP_ENDPOINT_STRLEN (INET6_ADDRSTRLEN + 8)

/* 0, or -EINVAL when TEXT is no plain IPv4 or IPv6 address. */
int ip_addr_parse(const char *text, struct ip_addr *ret_addr);

/* Both write to BUF and return it. */
const char *ip_addr_format(
	const struct ip_addr *addr, char buf[static IP_ADDR_STRLEN]);
/* "192.0.2.1:80" or "[2001:db8::1]:80". */
const char *ip_endpoint_format(
	const struct ip_endpoint *endpoint, char buf[static IP_ENDPOINT_STRLEN]);

bool ip_addr_is_set(const struct ip_addr *addr);
bool ip_addr_is_multicast(const struct ip_addr *addr);
bool ip_addr_is_link_local(const struct ip_addr *addr);

/* Address length in bytes (4 or 16), 0 for AF_UNSPEC. */
unsigned int ip_family_bytes(sa_family_t family);

/* Order by family, then by the bytes as an unsigned number (RFC 9568 6.4.3
 * compares primary addresses so).  <0, 0, >0. */
int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b);
int ip_endpoint_compare(
	const struct ip_endpoint *a, const struct ip_endpoint *b);

/* Fills RET and returns its length, 0 for AF_UNSPEC.  IFINDEX is the scope
 * of a link-local IPv6 address, else 0. */
socklen_t ip_endpoint_to_sockaddr(const struct ip_endpoint *endpoint,
	uint32_t ifindex, struct sockaddr_storage *ret);
/* 0, or -EAFNOSUPPORT. */
int ip_endpoint_from_sockaddr(
	const struct sockaddr *sa, struct ip_endpoint *ret_endpoint);

#endif
