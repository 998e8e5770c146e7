/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/packet.h"

#include <errno.h>
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/networks.h"

/* Where the fields are (RFC 9568 5.1, RFC 3768 5.1). */
enum {
	AT_VERSION_TYPE = 0,
	AT_VRID = 1,
	AT_PRIORITY = 2,
	AT_COUNT = 3,
	AT_AUTH_TYPE = 4,   /* version 2 */
	AT_INTERVAL_S = 5,  /* version 2 */
	AT_INTERVAL_CS = 4, /* version 3: 4 reserved bits, 12 bits */
	AT_CHECKSUM = 6,
};

#define IPV4_HEADER_MIN 20
#define IPV4_OFFSET_MASK 0x3fff /* more fragments, fragment offset */

const char *vrrp_rx_text(enum vrrp_rx rx)
{
	static const char *const texts[] = {
#define VRRP_RX_TEXT(name, text) [VRRP_RX_##name] = text,
		VRRP_RX_LIST(VRRP_RX_TEXT)
#undef VRRP_RX_TEXT
	};

	return (size_t)rx < VRRP_RX_COUNT_ ? texts[rx] : "unknown";
}

static uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_be16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* --- checksum (RFC 1071) --- */

/* Only the last part of a sum may have an odd length. */
static uint32_t sum_add(uint32_t sum, const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get_be16(data + i);
	if (i < len)
		sum += (uint32_t)data[i] << 8;
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* RFC 9568 5.2.8: version 3 covers the pseudo-header of RFC 8200 8.1, for
 * IPv4 the same with its addresses; version 2 the message alone, unless it is
 * in IPv6, which has one rule for all of its protocols. */
static bool has_pseudo_header(
	uint8_t version, sa_family_t family, bool checksum_as_v2)
{
	return family == AF_INET6 || (version == 3 && !checksum_as_v2);
}

static uint32_t sum_pseudo_header(
	const struct ip_addr *src, const struct ip_addr *dst, size_t len)
{
	uint32_t sum = VRRP_PROTOCOL;

	sum = sum_add(sum, src->bytes, ip_family_bytes(src->family));
	sum = sum_add(sum, dst->bytes, ip_family_bytes(dst->family));
	return sum + (uint32_t)len;
}

/* Ones' complement sum of all; 0xffff over a packet with a good checksum. */
static uint16_t packet_sum(const uint8_t *payload, size_t len,
	const struct ip_addr *src, const struct ip_addr *dst, bool pseudo)
{
	uint32_t sum = pseudo ? sum_pseudo_header(src, dst, len) : 0;

	return sum_fold(sum_add(sum, payload, len));
}

/* --- receive --- */

enum vrrp_rx vrrp_packet_strip_ip(const uint8_t *data, size_t len,
	uint8_t protocol, struct vrrp_rx_meta *meta,
	const uint8_t **ret_payload, size_t *ret_len)
{
	size_t header, total;

	if (len < IPV4_HEADER_MIN)
		return VRRP_RX_TOO_SHORT;
	header = (size_t)(data[0] & 0xf) * 4;
	total = get_be16(data + 2);
	if (data[0] >> 4 != 4 || header < IPV4_HEADER_MIN || header > total)
		return VRRP_RX_IP_HEADER;
	if (total > len)
		return VRRP_RX_TOO_SHORT;
	if (data[9] != protocol ||
		(get_be16(data + 6) & IPV4_OFFSET_MASK) != 0)
		return VRRP_RX_IP_HEADER;
	meta->ttl = data[8];
	meta->src = (struct ip_addr){ .family = AF_INET };
	meta->dst = (struct ip_addr){ .family = AF_INET };
	memcpy(meta->src.bytes, data + 12, 4);
	memcpy(meta->dst.bytes, data + 16, 4);
	*ret_payload = data + header;
	*ret_len = total - header;
	return VRRP_RX_OK;
}

enum vrrp_rx vrrp_packet_strip_ipv4(const uint8_t *data, size_t len,
	struct vrrp_rx_meta *meta, const uint8_t **ret_payload, size_t *ret_len)
{
	return vrrp_packet_strip_ip(
		data, len, VRRP_PROTOCOL, meta, ret_payload, ret_len);
}

enum vrrp_rx vrrp_packet_peek(const uint8_t *payload, size_t len,
	uint8_t *ret_version, uint8_t *ret_vrid)
{
	uint8_t version;

	if (len < VRRP_HEADER_BYTES)
		return VRRP_RX_TOO_SHORT;
	version = payload[AT_VERSION_TYPE] >> 4;
	if (version != 2 && version != 3)
		return VRRP_RX_VERSION;
	if ((payload[AT_VERSION_TYPE] & 0xf) != VRRP_TYPE_ADVERTISEMENT)
		return VRRP_RX_TYPE;
	*ret_version = version;
	*ret_vrid = payload[AT_VRID];
	return VRRP_RX_OK;
}

static const struct vrrp_rx_peer *find_peer(
	const struct vrrp_rx_rules *rules, const struct ip_addr *src)
{
	size_t low = 0, high = rules->n_peers;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = ip_addr_compare(src, &rules->peers[middle].addr);

		if (order == 0)
			return &rules->peers[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* No router has such an address, whatever it is configured to. */
static bool is_no_router(const struct ip_addr *addr)
{
	if (ip_addr_is_multicast(addr))
		return true;
	if (addr->family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&addr->v6) ||
		       IN6_IS_ADDR_LOOPBACK(&addr->v6);
	return addr->bytes[0] == 0 || addr->bytes[0] == IN_LOOPBACKNET ||
	       addr->v4.s_addr == INADDR_BROADCAST;
}

static enum vrrp_rx check_source(
	const struct ip_addr *src, const struct vrrp_rx_rules *rules)
{
	if (is_no_router(src))
		return VRRP_RX_BAD_SOURCE;
	if (rules->check_source)
		return VRRP_RX_SOURCE;
	if (rules->networks && !vrrp_networks_have(rules->networks, src))
		return VRRP_RX_OFF_LINK;
	return VRRP_RX_OK;
}

/* What can be said before looking into the payload. */
static enum vrrp_rx check_meta(
	const struct vrrp_rx_meta *meta, const struct vrrp_rx_rules *rules)
{
	const struct vrrp_rx_peer *peer;
	int ttl_min = rules->ttl_min, ttl_max = rules->ttl_max;
	enum vrrp_rx rx = VRRP_RX_OK;

	if (meta->src.family != rules->family ||
		meta->dst.family != rules->family)
		return VRRP_RX_FAMILY;
	if (ip_addr_is_set(&rules->own) &&
		ip_addr_compare(&meta->src, &rules->own) == 0)
		return VRRP_RX_OWN;
	if (rules->ifindex && meta->ifindex != rules->ifindex)
		return VRRP_RX_INTERFACE;
	if (ip_addr_is_set(&rules->group)
			? ip_addr_compare(&meta->dst, &rules->group) != 0
			: ip_addr_is_multicast(&meta->dst))
		return VRRP_RX_DESTINATION;
	peer = find_peer(rules, &meta->src);
	if (peer) {
		ttl_min = peer->ttl_min;
		ttl_max = peer->ttl_max;
	} else {
		rx = check_source(&meta->src, rules);
	}
	if (rx != VRRP_RX_OK)
		return rx;
	if (meta->ttl < ttl_min || meta->ttl > ttl_max)
		return VRRP_RX_TTL;
	return VRRP_RX_OK;
}

static enum vrrp_rx check_auth(
	const uint8_t *payload, size_t len, const struct vrrp_rx_rules *rules)
{
	const uint8_t *data = payload + len - VRRP_AUTH_BYTES;
	uint8_t difference = 0;

	if (payload[AT_AUTH_TYPE] != rules->auth_type)
		return VRRP_RX_AUTH_TYPE;
	if (rules->auth_type != VRRP_AUTH_PASS || rules->family != AF_INET)
		return VRRP_RX_OK;
	for (size_t i = 0; i < VRRP_AUTH_BYTES; i++)
		difference |= data[i] ^ rules->auth_data[i];
	return difference ? VRRP_RX_AUTH_DATA : VRRP_RX_OK;
}

struct ip_addr vrrp_advert_address(const struct vrrp_advert *advert, size_t i)
{
	struct ip_addr addr = { .family = advert->src.family };
	size_t bytes = ip_family_bytes(addr.family);

	memcpy(addr.bytes, advert->addresses + i * bytes, bytes);
	return addr;
}

/* Index in the sorted list of RULES, or -1. */
static int find_address(
	const struct vrrp_rx_rules *rules, const struct ip_addr *addr)
{
	size_t low = 0, high = rules->n_addresses;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = ip_addr_compare(addr, &rules->addresses[middle]);

		if (order == 0)
			return (int)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

/* How many of RULES' addresses are in the packet: all, when the lists are as
 * long and the same as sets. */
static size_t count_common(
	const struct vrrp_advert *advert, const struct vrrp_rx_rules *rules)
{
	uint8_t seen[VRRP_ADDRESSES_MAX / 8 + 1] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < advert->n_addresses; i++) {
		struct ip_addr addr = vrrp_advert_address(advert, i);
		int at = find_address(rules, &addr);

		if (at < 0 || (seen[at / 8] & 1 << at % 8))
			continue;
		seen[at / 8] |= (uint8_t)(1 << at % 8);
		n++;
	}
	return n;
}

/*
 * RFC 3768 7.1 drops an advert with another list, unless it is the owner's;
 * RFC 9568 7.1 has it logged.  A list that is another in part is that of a
 * peer whose configuration is about to be changed, and two that are Active
 * for what they share would be worse.  Without one address in common it is
 * another virtual router that took our VRID: following it would leave our
 * addresses to nobody.
 */
static enum vrrp_rx check_addresses(
	struct vrrp_advert *advert, const struct vrrp_rx_rules *rules)
{
	size_t common;

	if (!rules->addresses)
		return VRRP_RX_OK;
	common = count_common(advert, rules);
	advert->addresses_differ = common != rules->n_addresses ||
				   common != advert->n_addresses;
	if (!advert->addresses_differ)
		return VRRP_RX_OK;
	if (!common && (advert->n_addresses || !rules->allow_empty))
		return VRRP_RX_ADDRESSES;
	return rules->drop_on_mismatch && advert->priority != 255
		       ? VRRP_RX_ADDRESSES
		       : VRRP_RX_OK;
}

static int64_t interval_us(const uint8_t *payload, uint8_t version)
{
	if (version == 2)
		return payload[AT_INTERVAL_S] * USEC_PER_SEC;
	return (get_be16(payload + AT_INTERVAL_CS) & VRRP_V3_INTERVAL_MAX_CS) *
	       VRRP_CENTISECOND_US;
}

/* RFC 3768 knows no IPv6.  keepalived sends version 2 there without the field
 * of the password. */
static bool has_auth_data(uint8_t version, sa_family_t family)
{
	return version == 2 && family == AF_INET;
}

static size_t message_bytes(uint8_t version, sa_family_t family, size_t n)
{
	return VRRP_HEADER_BYTES + n * ip_family_bytes(family) +
	       (has_auth_data(version, family) ? VRRP_AUTH_BYTES : 0);
}

/* As the RFC has it, or as keepalived before 1.3.6 made it for unicast: over
 * the address of the multicast group. */
static enum vrrp_rx check_sum(const uint8_t *payload, size_t len,
	const struct vrrp_rx_meta *meta, const struct vrrp_rx_rules *rules,
	bool *ret_old)
{
	bool pseudo = has_pseudo_header(
		rules->version, rules->family, rules->checksum_as_v2);

	if (packet_sum(payload, len, &meta->src, &meta->dst, pseudo) == 0xffff)
		return VRRP_RX_OK;
	if (!pseudo || rules->old_checksum_group.family != AF_INET ||
		rules->family != AF_INET ||
		packet_sum(payload, len, &meta->src, &rules->old_checksum_group,
			true) != 0xffff)
		return VRRP_RX_CHECKSUM;
	*ret_old = true;
	return VRRP_RX_OK;
}

/* How much of a packet the checksum covers: IPv6 has one rule for all of its
 * protocols, the whole payload; for IPv4 a trailer is no part of VRRP. */
static size_t covered_bytes(size_t len, size_t message, sa_family_t family)
{
	return family == AF_INET6 ? len : message;
}

/* Version, type, VRID, length, count, checksum.  Fills len, has_trailer and
 * old_checksum of RET. */
static enum vrrp_rx check_message(const uint8_t *payload, size_t len,
	const struct vrrp_rx_meta *meta, const struct vrrp_rx_rules *rules,
	struct vrrp_advert *ret)
{
	uint8_t version = 0, vrid = 0;
	enum vrrp_rx rx = vrrp_packet_peek(payload, len, &version, &vrid);

	if (rx != VRRP_RX_OK)
		return rx;
	if (version != rules->version)
		return VRRP_RX_VERSION;
	if (vrid != rules->vrid)
		return VRRP_RX_VRID;
	ret->len = message_bytes(version, rules->family, payload[AT_COUNT]);
	ret->has_trailer = len != ret->len;
	if (ret->has_trailer &&
		(!rules->trailer || len != ret->len + VRRP_TRAILER_BYTES))
		return VRRP_RX_LENGTH;
	/* RFC 9568 5.2.5: such an advertisement must be ignored. */
	if (version == 3 && payload[AT_COUNT] == 0 && !rules->allow_empty)
		return VRRP_RX_COUNT;
	return check_sum(payload, covered_bytes(len, ret->len, rules->family),
		meta, rules, &ret->old_checksum);
}

enum vrrp_rx vrrp_packet_decode(const uint8_t *payload, size_t len,
	const struct vrrp_rx_meta *meta, const struct vrrp_rx_rules *rules,
	struct vrrp_advert *ret)
{
	struct vrrp_advert advert = { .src = meta->src };
	enum vrrp_rx rx = check_meta(meta, rules);

	if (rx == VRRP_RX_OK)
		rx = check_message(payload, len, meta, rules, &advert);
	if (rx == VRRP_RX_OK && rules->version == 2)
		rx = check_auth(payload, advert.len, rules);
	if (rx != VRRP_RX_OK)
		return rx;
	advert.version = rules->version;
	advert.vrid = rules->vrid;
	advert.priority = payload[AT_PRIORITY];
	advert.n_addresses = payload[AT_COUNT];
	advert.advert_int_us = interval_us(payload, rules->version);
	advert.addresses = payload + VRRP_HEADER_BYTES;
	advert.unlisted = rules->n_peers && !find_peer(rules, &meta->src);
	if (advert.advert_int_us == 0)
		return VRRP_RX_INTERVAL;
	rx = check_addresses(&advert, rules);
	if (rx != VRRP_RX_OK)
		return rx;
	*ret = advert;
	return VRRP_RX_OK;
}

/* --- send --- */

static int put_interval(const struct vrrp_tx *tx, uint8_t *buf)
{
	int64_t interval;

	if (tx->version == 2) {
		interval = tx->advert_int_us / USEC_PER_SEC;
		if (interval < 1 || interval > 255)
			return -EINVAL;
		buf[AT_AUTH_TYPE] = (uint8_t)tx->auth_type;
		buf[AT_INTERVAL_S] = (uint8_t)interval;
		return 0;
	}
	interval = tx->advert_int_us / VRRP_CENTISECOND_US;
	if (interval < 1 || interval > VRRP_V3_INTERVAL_MAX_CS)
		return -EINVAL;
	put_be16(buf + AT_INTERVAL_CS, (uint16_t)interval);
	return 0;
}

int vrrp_packet_encode(const struct vrrp_tx *tx, const struct ip_addr *src,
	const struct ip_addr *dst, uint8_t *buf, size_t size)
{
	size_t bytes = ip_family_bytes(tx->family), len;
	uint8_t *at = buf + VRRP_HEADER_BYTES;

	if ((tx->version != 2 && tx->version != 3) || bytes == 0 ||
		src->family != tx->family || dst->family != tx->family ||
		tx->n_addresses > VRRP_ADDRESSES_MAX)
		return -EINVAL;
	len = message_bytes(tx->version, tx->family, tx->n_addresses);
	if (len > size)
		return -ENOBUFS;
	memset(buf, 0, len);
	buf[AT_VERSION_TYPE] =
		(uint8_t)(tx->version << 4 | VRRP_TYPE_ADVERTISEMENT);
	buf[AT_VRID] = tx->vrid;
	buf[AT_PRIORITY] = tx->priority;
	buf[AT_COUNT] = (uint8_t)tx->n_addresses;
	if (put_interval(tx, buf) < 0)
		return -EINVAL;
	for (size_t i = 0; i < tx->n_addresses; i++, at += bytes)
		memcpy(at, tx->addresses[i].bytes, bytes);
	if (has_auth_data(tx->version, tx->family) &&
		tx->auth_type == VRRP_AUTH_PASS)
		memcpy(at, tx->auth_data, VRRP_AUTH_BYTES);
	put_be16(buf + AT_CHECKSUM,
		(uint16_t)~packet_sum(buf, len, src,
			ip_addr_is_set(&tx->checksum_group)
				? &tx->checksum_group
				: dst,
			has_pseudo_header(
				tx->version, tx->family, tx->checksum_as_v2)));
	return (int)len;
}

void vrrp_packet_cover_trailer(uint8_t *payload, size_t len,
	const struct ip_addr *src, const struct ip_addr *dst)
{
	if (src->family != AF_INET6)
		return;
	put_be16(payload + AT_CHECKSUM, 0);
	put_be16(payload + AT_CHECKSUM,
		(uint16_t)~packet_sum(payload,
			covered_bytes(len + VRRP_TRAILER_BYTES, len,
				src->family),
			src, dst, true));
}

void vrrp_auth_data_from_password(
	const char *password, uint8_t ret[static VRRP_AUTH_BYTES])
{
	size_t len = strnlen(password, VRRP_AUTH_BYTES);

	memset(ret, 0, VRRP_AUTH_BYTES);
	memcpy(ret, password, len);
}
