/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/ipaddr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int ip_addr_parse(const char *text, struct ip_addr *ret_addr)
{
	struct ip_addr addr = { .family = AF_UNSPEC };

	if (inet_pton(AF_INET, text, &addr.v4) == 1)
		addr.family = AF_INET;
	else if (inet_pton(AF_INET6, text, &addr.v6) == 1)
		addr.family = AF_INET6;
	else
		return -EINVAL;
	*ret_addr = addr;
	return 0;
}

const char *ip_addr_format(
	const struct ip_addr *addr, char buf[static IP_ADDR_STRLEN])
{
	if (addr->family == AF_UNSPEC ||
		!inet_ntop(addr->family, addr->bytes, buf, IP_ADDR_STRLEN))
		snprintf(buf, IP_ADDR_STRLEN, "none");
	return buf;
}

const char *ip_endpoint_format(
	const struct ip_endpoint *endpoint, char buf[static IP_ENDPOINT_STRLEN])
{
	char text[IP_ADDR_STRLEN];

	ip_addr_format(&endpoint->addr, text);
	snprintf(buf, IP_ENDPOINT_STRLEN,
		endpoint->addr.family == AF_INET6 ? "[%s]:%u" : "%s:%u", text,
		(unsigned int)endpoint->port);
	return buf;
}

bool ip_addr_is_set(const struct ip_addr *addr)
{
	return addr->family != AF_UNSPEC;
}

bool ip_addr_is_multicast(const struct ip_addr *addr)
{
	if (addr->family == AF_INET)
		return IN_MULTICAST(ntohl(addr->v4.s_addr));
	return addr->family == AF_INET6 && IN6_IS_ADDR_MULTICAST(&addr->v6);
}

bool ip_addr_is_link_local(const struct ip_addr *addr)
{
	return addr->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&addr->v6);
}

unsigned int ip_family_bytes(sa_family_t family)
{
	if (family == AF_INET)
		return 4;
	return family == AF_INET6 ? 16 : 0;
}

int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, ip_family_bytes(a->family));
}

int ip_endpoint_compare(
	const struct ip_endpoint *a, const struct ip_endpoint *b)
{
	int order = ip_addr_compare(&a->addr, &b->addr);

	return order ? order : (int)a->port - (int)b->port;
}

socklen_t ip_endpoint_to_sockaddr(const struct ip_endpoint *endpoint,
	uint32_t ifindex, struct sockaddr_storage *ret)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (endpoint->addr.family == AF_INET) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(endpoint->port);
		sin->sin_addr = endpoint->addr.v4;
		return sizeof(*sin);
	}
	if (endpoint->addr.family == AF_INET6) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(endpoint->port);
		sin6->sin6_addr = endpoint->addr.v6;
		sin6->sin6_scope_id = ifindex;
		return sizeof(*sin6);
	}
	return 0;
}

int ip_endpoint_from_sockaddr(
	const struct sockaddr *sa, struct ip_endpoint *ret_endpoint)
{
	struct ip_endpoint endpoint = { .port = 0 };
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (sa->sa_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		endpoint.addr.v4 = sin.sin_addr;
		endpoint.port = ntohs(sin.sin_port);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&sin6, sa, sizeof(sin6));
		endpoint.addr.v6 = sin6.sin6_addr;
		endpoint.port = ntohs(sin6.sin6_port);
	} else {
		return -EAFNOSUPPORT;
	}
	endpoint.addr.family = sa->sa_family;
	*ret_endpoint = endpoint;
	return 0;
}
