/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/announce_packet.h"

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <string.h>

#define IPV6_HOPS 255 /* RFC 4861 7.1.2: others are dropped */
#define NA_MAC_UNIT 8 /* options come in units of eight bytes */

size_t vrrp_announce_build_arp(const struct in_addr *addr, uint16_t hw_type,
	const uint8_t *mac, uint8_t mac_len, uint8_t *buf)
{
	struct arphdr header = {
		.ar_hrd = htons(hw_type),
		.ar_pro = htons(0x0800),
		.ar_hln = mac_len,
		.ar_pln = sizeof(*addr),
		.ar_op = htons(ARPOP_REQUEST),
	};
	uint8_t *p = buf;

	memcpy(p, &header, sizeof(header));
	p += sizeof(header);
	memcpy(p, mac, mac_len);
	p += mac_len;
	memcpy(p, addr, sizeof(*addr));
	p += sizeof(*addr);
	memset(p, 0xff, mac_len);
	p += mac_len;
	memcpy(p, addr, sizeof(*addr));
	p += sizeof(*addr);
	return (size_t)(p - buf);
}

static uint32_t sum(const void *data, size_t len, uint32_t start)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		start += (uint32_t)(p[i] << 8 | p[i + 1]);
	return start;
}

/* RFC 4443 2.3; LEN is even. */
static uint16_t icmp6_checksum(
	const struct ip6_hdr *ip, const void *payload, size_t len)
{
	uint32_t s = (uint32_t)len + IPPROTO_ICMPV6;

	s = sum(&ip->ip6_src, sizeof(ip->ip6_src), s);
	s = sum(&ip->ip6_dst, sizeof(ip->ip6_dst), s);
	s = sum(payload, len, s);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return htons((uint16_t)~s);
}

size_t vrrp_announce_build_na(const struct in6_addr *addr, const uint8_t *mac,
	uint8_t mac_len, uint8_t *buf)
{
	size_t option = (2u + mac_len + NA_MAC_UNIT - 1) / NA_MAC_UNIT;
	size_t len = sizeof(struct nd_neighbor_advert) + option * NA_MAC_UNIT;
	struct nd_neighbor_advert na = {
		.nd_na_type = ND_NEIGHBOR_ADVERT,
		.nd_na_flags_reserved = ND_NA_FLAG_ROUTER | ND_NA_FLAG_OVERRIDE,
		.nd_na_target = *addr,
	};
	struct ip6_hdr ip = {
		.ip6_flow = htonl(6u << 28),
		.ip6_plen = htons((uint16_t)len),
		.ip6_nxt = IPPROTO_ICMPV6,
		.ip6_hlim = IPV6_HOPS,
		.ip6_src = *addr,
	};
	uint8_t *payload = buf + sizeof(ip);
	uint8_t *opt = payload + sizeof(na);

	ip.ip6_dst.s6_addr[0] = 0xff;
	ip.ip6_dst.s6_addr[1] = 0x02;
	ip.ip6_dst.s6_addr[15] = 0x01;
	memset(opt, 0, option * NA_MAC_UNIT);
	opt[0] = ND_OPT_TARGET_LINKADDR;
	opt[1] = (uint8_t)option;
	memcpy(opt + 2, mac, mac_len);
	memcpy(payload, &na, sizeof(na));
	na.nd_na_cksum = icmp6_checksum(&ip, payload, len);
	memcpy(payload, &na, sizeof(na));
	memcpy(buf, &ip, sizeof(ip));
	return sizeof(ip) + len;
}
