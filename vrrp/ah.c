/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/ah.h"

#include <errno.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/mac.h"

#define ICV_BYTES 12 /* RFC 2403: of the 16 */
#define ADDRESS_BYTES 4
#define TOS 0xc0 /* as the sockets set it */

/* Where the fields are: of IP, and of AH from its own start. */
enum {
	IP_TOS_AT = 1,
	IP_LENGTH_AT = 2,
	IP_ID_AT = 4,
	IP_FRAGMENT_AT = 6,
	IP_TTL_AT = 8,
	IP_PROTOCOL_AT = 9,
	IP_CHECKSUM_AT = 10,
	IP_SRC_AT = 12,
	IP_DST_AT = 16,
	AH_NEXT_AT = 0,
	AH_LENGTH_AT = 1,
	AH_SPI_AT = 4,
	AH_SEQUENCE_AT = 8,
	AH_ICV_AT = 12,
};

/* RFC 2402 2.2: in words of 4 bytes, less 2. */
#define AH_LENGTH (VRRP_AH_HEADER_BYTES / 4 - 2)

struct vrrp_ah {
	struct vrrp_mac mac;
	struct vrrp_mac_key key;
	uint32_t next;
};

struct vrrp_ah *vrrp_ah_new(const uint8_t key[static VRRP_AUTH_BYTES])
{
	struct vrrp_ah *ah = x_new(struct vrrp_ah, 1);

	if (vrrp_mac_open(&ah->mac, "MD5") < 0) {
		x_free(ah);
		return NULL;
	}
	vrrp_mac_key_set(&ah->key, key, VRRP_AUTH_BYTES);
	return ah;
}

void vrrp_ah_free(struct vrrp_ah *ah)
{
	if (!ah)
		return;
	vrrp_mac_close(&ah->mac);
	vrrp_mac_key_clear(&ah->key);
	x_free(ah);
}

uint32_t vrrp_ah_next(const struct vrrp_ah *ah)
{
	return ah->next;
}

static uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void put_be16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put_be32(uint8_t *p, uint32_t value)
{
	put_be16(p, value >> 16);
	put_be16(p + 2, value & 0xffff);
}

/* 0 is "any": the number behind the last one is 1. */
static uint32_t after(uint32_t sequence)
{
	return sequence == UINT32_MAX ? 1 : sequence + 1;
}

/* RFC 1982: A is B or behind it, also over the end of the numbers. */
static bool reaches(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

/* RFC 2104 over PACKET, whose IP header is HEADER bytes long. */
static bool sign(struct vrrp_ah *ah, const uint8_t *packet, size_t header,
	size_t len, uint8_t ret[static VRRP_MAC_DIGEST_MAX])
{
	static const uint8_t zero[ICV_BYTES];
	size_t behind = header + VRRP_AH_HEADER_BYTES;
	struct vrrp_mac *mac = &ah->mac;
	uint8_t ip[60];

	memcpy(ip, packet, header);
	ip[IP_TOS_AT] = 0;
	if ((ip[IP_DST_AT] & 0xf0) != 0xe0)
		ip[IP_TTL_AT] = 0;
	memset(ip + IP_FRAGMENT_AT, 0, 2);
	memset(ip + IP_CHECKSUM_AT, 0, 2);
	return vrrp_mac_begin(mac, &ah->key) &&
	       vrrp_mac_add(mac, ip, header) &&
	       vrrp_mac_add(mac, packet + header, AH_ICV_AT) &&
	       vrrp_mac_add(mac, zero, ICV_BYTES) &&
	       vrrp_mac_add(mac, packet + behind, len - behind) &&
	       vrrp_mac_end(mac, &ah->key, ret);
}

enum vrrp_rx vrrp_ah_strip(const uint8_t *data, size_t len,
	struct vrrp_rx_meta *meta, const uint8_t **ret_payload, size_t *ret_len)
{
	const uint8_t *ah = NULL;
	size_t rest = 0;
	enum vrrp_rx rx = vrrp_packet_strip_ip(
		data, len, VRRP_AH_PROTOCOL, meta, &ah, &rest);

	if (rx != VRRP_RX_OK)
		return rx;
	if (rest < VRRP_AH_HEADER_BYTES)
		return VRRP_RX_TOO_SHORT;
	if (ah[AH_NEXT_AT] != VRRP_PROTOCOL || ah[AH_LENGTH_AT] != AH_LENGTH)
		return VRRP_RX_IP_HEADER;
	meta->packet = data;
	meta->packet_len = (size_t)(ah - data) + rest;
	*ret_payload = ah + VRRP_AH_HEADER_BYTES;
	*ret_len = rest - VRRP_AH_HEADER_BYTES;
	return VRRP_RX_OK;
}

enum vrrp_rx vrrp_ah_check(struct vrrp_ah *ah, const struct vrrp_rx_meta *meta)
{
	uint8_t digest[VRRP_MAC_DIGEST_MAX];
	const uint8_t *header;
	uint32_t sequence;
	size_t ip;

	if (!meta->packet)
		return VRRP_RX_AUTH_TYPE;
	ip = (size_t)(meta->packet[0] & 0xf) * 4;
	header = meta->packet + ip;
	sequence = get_be32(header + AH_SEQUENCE_AT);
	if (memcmp(header + AH_SPI_AT, meta->src.bytes, ADDRESS_BYTES) != 0 ||
		!sign(ah, meta->packet, ip, meta->packet_len, digest) ||
		!vrrp_mac_equal(header + AH_ICV_AT, digest, ICV_BYTES))
		return VRRP_RX_AUTH_DATA;
	if (ah->next && !reaches(sequence, ah->next))
		return VRRP_RX_REPLAY;
	ah->next = after(sequence);
	return VRRP_RX_OK;
}

static uint32_t choose_sequence(const struct vrrp_ah *ah, int64_t realtime_us)
{
	uint32_t clock = (uint32_t)(realtime_us / USEC_PER_SEC);

	if (!ah->next)
		return clock ? clock : 1;
	return reaches(ah->next, clock) ? ah->next : clock;
}

int vrrp_ah_wrap(struct vrrp_ah *ah, const struct ip_addr *src,
	const struct ip_addr *dst, uint8_t ttl, int64_t realtime_us,
	uint8_t *packet, size_t len)
{
	uint32_t sequence = choose_sequence(ah, realtime_us);
	uint8_t *header = packet + VRRP_AH_IP_BYTES;
	uint8_t digest[VRRP_MAC_DIGEST_MAX];

	if (src->family != AF_INET || dst->family != AF_INET)
		return -EINVAL;
	memset(packet, 0, VRRP_AH_BEFORE);
	packet[0] = 0x45;
	packet[IP_TOS_AT] = TOS;
	put_be16(packet + IP_LENGTH_AT, VRRP_AH_BEFORE + len);
	/* The kernel would replace 0, and the ICV covers it. */
	put_be16(packet + IP_ID_AT,
		sequence & 0xffff ? sequence & 0xffff : 1);
	packet[IP_TTL_AT] = ttl;
	packet[IP_PROTOCOL_AT] = VRRP_AH_PROTOCOL;
	memcpy(packet + IP_SRC_AT, src->bytes, ADDRESS_BYTES);
	memcpy(packet + IP_DST_AT, dst->bytes, ADDRESS_BYTES);
	header[AH_NEXT_AT] = VRRP_PROTOCOL;
	header[AH_LENGTH_AT] = AH_LENGTH;
	memcpy(header + AH_SPI_AT, src->bytes, ADDRESS_BYTES);
	put_be32(header + AH_SEQUENCE_AT, sequence);
	if (!sign(ah, packet, VRRP_AH_IP_BYTES, VRRP_AH_BEFORE + len, digest))
		return -EIO;
	memcpy(header + AH_ICV_AT, digest, ICV_BYTES);
	ah->next = after(sequence);
	return 0;
}
