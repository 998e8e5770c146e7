/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets that tell a segment where an address lives now: gratuitous ARP
 * and unsolicited Neighbor Advertisement (RFC 9568 6.4.1 steps 115, 120).
 *
 * Pure: link-layer payloads without the link header, which the kernel writes.
 */
#ifndef TANDEM_VRRP_ANNOUNCE_PACKET_H
#define TANDEM_VRRP_ANNOUNCE_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "lib/ipaddr.h"

#define VRRP_ANNOUNCE_MAC_MAX 32
#define VRRP_ANNOUNCE_PACKET_MAX 128

/*
 * An ARP request for ADDR by ADDR: RFC 5227 2.3 calls it an announcement and
 * prefers it to a reply, as does keepalived, whose broadcast target hardware
 * address is kept.  HW_TYPE is the link's ARPHRD_*.  The length, at most
 * VRRP_ANNOUNCE_PACKET_MAX.
 */
size_t vrrp_announce_build_arp(const struct in_addr *addr, uint16_t hw_type,
	const uint8_t *mac, uint8_t mac_len, uint8_t *buf);

/*
 * A whole IPv6 packet from ADDR to all nodes with an advertisement of ADDR:
 * Router and Override set, Solicited clear (RFC 9568 6.4.1, RFC 4861 4.4).
 */
size_t vrrp_announce_build_na(const struct in6_addr *addr, const uint8_t *mac,
	uint8_t mac_len, uint8_t *buf);

#endif
