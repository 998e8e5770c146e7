/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The authentication header around an advert of version 2 (RFC 2338 5.3.6.3,
 * RFC 2402), as keepalived writes it, which is not quite as the RFC says:
 *
 *	IPv4 header, 20 bytes, protocol 51
 *	AH, 24 bytes: next header 112, length 4, SPI, sequence, 12 bytes ICV
 *	the advert, with authentication type 2 and 8 bytes of zero at its end
 *
 * The SPI is the source address.  The ICV is HMAC-MD5-96 (RFC 2403) over all
 * of it with TOS, fragment offset, checksum and ICV as zero.  The TTL is zero
 * for unicast, which may pass routers, and counts as it is for multicast.
 *
 * The routers of one virtual router count together: the next number is one
 * above the highest that was sent or heard, and less is a replay.  What is
 * sent is besides never below the seconds of the wall clock, so that the
 * successor of a dead process, or a machine that was away, is not taken for
 * somebody who repeats it.
 *
 * No descriptor, clock or log; nothing is allocated but in vrrp_ah_new().
 */
#ifndef TANDEM_VRRP_AH_H
#define TANDEM_VRRP_AH_H

#include <stddef.h>
#include <stdint.h>

#include "lib/ipaddr.h"
#include "vrrp/packet.h"

#define VRRP_AH_PROTOCOL 51
#define VRRP_AH_IP_BYTES 20
#define VRRP_AH_HEADER_BYTES 24
/* What is in front of the advert that is sent. */
#define VRRP_AH_BEFORE (VRRP_AH_IP_BYTES + VRRP_AH_HEADER_BYTES)

struct vrrp_ah;

/* NULL when the crypto library refuses MD5 (FIPS). */
struct vrrp_ah *vrrp_ah_new(const uint8_t key[static VRRP_AUTH_BYTES]);
void vrrp_ah_free(struct vrrp_ah *ah); /* NULL is fine */
/* The number that is expected next; 0 = any. */
uint32_t vrrp_ah_next(const struct vrrp_ah *ah);

/*
 * As vrrp_packet_strip_ipv4(), for protocol 51: also strips the AH, and sets
 * META->packet and META->packet_len for vrrp_ah_check().
 */
enum vrrp_rx vrrp_ah_strip(const uint8_t *data, size_t len,
	struct vrrp_rx_meta *meta, const uint8_t **ret_payload,
	size_t *ret_len);

/* Is it from somebody with our key, and new?  OK, AUTH_TYPE (no AH),
 * AUTH_DATA or REPLAY; only OK counts the number as heard. */
enum vrrp_rx vrrp_ah_check(
	struct vrrp_ah *ah, const struct vrrp_rx_meta *meta);

/*
 * Fills the VRRP_AH_BEFORE bytes at the start of PACKET, behind which LEN
 * bytes of advert stand, and counts.  0, -EINVAL or -EIO.
 */
int vrrp_ah_wrap(struct vrrp_ah *ah, const struct ip_addr *src,
	const struct ip_addr *dst, uint8_t ttl, int64_t realtime_us,
	uint8_t *packet, size_t len);

#endif
