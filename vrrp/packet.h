/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VRRP packet: encode and decode, versions 2 (RFC 3768) and 3 (RFC 9568),
 * IPv4 and IPv6.
 *
 * Pure: bytes and facts about them in, values or the reason for a drop out.
 * No allocation, no log, nothing is kept.  Input is hostile: every byte of it
 * comes from the wire.
 *
 * The way of a packet that was received: strip the IPv4 header (raw IPv4
 * sockets only), peek for the VRID, find the instance, decode by its rules.
 */
#ifndef TANDEM_VRRP_PACKET_H
#define TANDEM_VRRP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ipaddr.h"

struct vrrp_networks; /* vrrp/networks.h */

#define VRRP_PROTOCOL 112 /* RFC 9568 5.1.1.4 */
#define VRRP_TTL 255 /* RFC 9568 5.1.1.3 */
#define VRRP_TYPE_ADVERTISEMENT 1
#define VRRP_HEADER_BYTES 8
#define VRRP_AUTH_BYTES 8 /* version 2: behind the addresses */
#define VRRP_ADDRESSES_MAX 255
#define VRRP_TRAILER_BYTES 28 /* vrrp/hmac.h: behind all of it */
#define VRRP_PACKET_MAX                                                       \
	(VRRP_HEADER_BYTES + VRRP_ADDRESSES_MAX * 16 + VRRP_AUTH_BYTES)

/* RFC 9568 5.2.7: the interval field of version 3, in centiseconds. */
#define VRRP_V3_INTERVAL_MAX_CS 4095
#define VRRP_CENTISECOND_US INT64_C(10000)

enum vrrp_auth_type {
	VRRP_AUTH_NONE = 0,
	VRRP_AUTH_PASS = 1, /* RFC 2338 5.3.6.2 */
	VRRP_AUTH_AH = 2, /* RFC 2338 5.3.6.3: vrrp/ah.h */
};

/*
 * What became of a packet.  Everything but OK is a drop, counted by this
 * number; the texts are stable (log, JSON).
 */
#define VRRP_RX_LIST(X)                                                       \
	X(OK, "accepted")                                                     \
	X(TOO_SHORT, "too-short")                                             \
	X(IP_HEADER, "bad-ip-header")                                         \
	X(OWN, "own-packet")                                                  \
	X(VERSION, "wrong-version")                                           \
	X(TYPE, "unknown-type")                                               \
	X(TTL, "wrong-ttl")                                                   \
	X(VRID, "unknown-vrid")                                               \
	X(INTERFACE, "wrong-interface")                                       \
	X(FAMILY, "wrong-family")                                             \
	X(DESTINATION, "wrong-destination")                                   \
	X(SOURCE, "source-not-a-peer")                                        \
	X(BAD_SOURCE, "wrong-source")                                         \
	X(OFF_LINK, "source-not-on-link")                                     \
	X(LENGTH, "wrong-length")                                             \
	X(COUNT, "no-addresses")                                              \
	X(CHECKSUM, "wrong-checksum")                                         \
	X(AUTH_TYPE, "authentication-type-mismatch")                          \
	X(AUTH_DATA, "authentication-failed")                                 \
	X(AUTH_MISSING, "authentication-missing")                             \
	X(AUTH_MALFORMED, "authentication-malformed")                         \
	X(AUTH_KEY, "authentication-key-unknown")                             \
	X(AUTH_STALE, "authentication-stale")                                 \
	X(REPLAY, "replayed")                                                 \
	X(INTERVAL, "interval-mismatch")                                      \
	X(ADDRESSES, "address-list-mismatch")                                 \
	X(IGNORED, "not-listening")

enum vrrp_rx {
#define VRRP_RX_ENUM(name, text) VRRP_RX_##name,
	VRRP_RX_LIST(VRRP_RX_ENUM)
#undef VRRP_RX_ENUM
		VRRP_RX_COUNT_,
};

/* Never NULL. */
const char *vrrp_rx_text(enum vrrp_rx rx);

/* What the kernel says about a packet beside its payload. */
struct vrrp_rx_meta {
	struct ip_addr src;
	struct ip_addr dst;
	int ttl; /* TTL or hop limit; -1 when not known (counts as wrong) */
	uint32_t ifindex; /* where it came in; 0 when not known */
	/* All of it from the IP header on, borrowed, when it came in an
	 * authentication header; else NULL. */
	const uint8_t *packet;
	size_t packet_len;
};

/* A unicast peer, or for multicast nobody: any source is fine. */
struct vrrp_rx_peer {
	struct ip_addr addr;
	uint8_t ttl_min;
	uint8_t ttl_max;
};

/* What an instance accepts.  Pointers are borrowed. */
struct vrrp_rx_rules {
	uint8_t version;
	uint8_t vrid;
	sa_family_t family;
	uint32_t ifindex; /* 0 = any */
	struct ip_addr own; /* our source address: such packets are ours */
	struct ip_addr group; /* multicast destination; unset = unicast */
	uint8_t ttl_min; /* for sources that are not in peers */
	uint8_t ttl_max;
	bool check_source; /* drop when not in peers */
	/* Drop what is not from these (RFC 9568 5.1.1.1, 5.1.2.1); NULL = from
	 * anywhere. */
	const struct vrrp_networks *networks;
	const struct vrrp_rx_peer *peers; /* sorted by ip_addr_compare() */
	size_t n_peers;
	enum vrrp_auth_type auth_type; /* version 2 */
	uint8_t auth_data[VRRP_AUTH_BYTES];
	bool checksum_as_v2; /* version 3, IPv4: no pseudo header */
	/* Version 3, IPv4, unicast: a checksum as if sent to this group is
	 * good, too (keepalived before 1.3.6); unset = it is not. */
	struct ip_addr old_checksum_group;
	bool trailer; /* VRRP_TRAILER_BYTES may follow: vrrp/hmac.h */
	/* Sorted by ip_addr_compare(); NULL = the list is not compared. */
	const struct ip_addr *addresses;
	size_t n_addresses;
	/* A version 3 packet may be without addresses, against RFC 9568
	 * 5.2.5 (no_virtual_ipaddress on both sides). */
	bool allow_empty;
	/* RFC 3768 7.1: drop a list that is wrong in part, too (unless from
	 * the owner), instead of only saying so in
	 * vrrp_advert.addresses_differ. */
	bool drop_on_mismatch;
};

/* A good advertisement. */
struct vrrp_advert {
	uint8_t version;
	uint8_t vrid;
	uint8_t priority;
	uint8_t n_addresses;
	int64_t advert_int_us;
	struct ip_addr src;
	bool addresses_differ;
	bool unlisted; /* not from a peer, where there are some */
	bool old_checksum; /* see vrrp_rx_rules.old_checksum_group */
	const uint8_t *addresses; /* in the packet: n times 4 or 16 bytes */
	size_t len; /* of the message; a trailer begins there */
	bool has_trailer;
};

/*
 * The IPv4 header that a raw socket puts in front.  Fills src, dst and ttl of
 * META (ifindex is left alone) and points to the payload.  OK, TOO_SHORT,
 * IP_HEADER (not IPv4, not VRRP, fragment, lengths that do not fit).
 */
enum vrrp_rx vrrp_packet_strip_ipv4(const uint8_t *data, size_t len,
	struct vrrp_rx_meta *meta, const uint8_t **ret_payload,
	size_t *ret_len);

/* The same for another PROTOCOL that VRRP comes in. */
enum vrrp_rx vrrp_packet_strip_ip(const uint8_t *data, size_t len,
	uint8_t protocol, struct vrrp_rx_meta *meta,
	const uint8_t **ret_payload, size_t *ret_len);

/* Enough to find the instance.  OK, TOO_SHORT, VERSION or TYPE. */
enum vrrp_rx vrrp_packet_peek(const uint8_t *payload, size_t len,
	uint8_t *ret_version, uint8_t *ret_vrid);

/*
 * The checks of RFC 9568 7.1 and RFC 3768 7.1, but for the interval of
 * version 2, which the state machine compares.  *RET is untouched unless OK;
 * it borrows PAYLOAD and, as addresses_differ, says what OK does not.
 */
enum vrrp_rx vrrp_packet_decode(const uint8_t *payload, size_t len,
	const struct vrrp_rx_meta *meta, const struct vrrp_rx_rules *rules,
	struct vrrp_advert *ret);

/* Address I (below n_addresses) of an advertisement. */
struct ip_addr vrrp_advert_address(const struct vrrp_advert *advert, size_t i);

/* What is to be sent.  Pointers are borrowed. */
struct vrrp_tx {
	uint8_t version;
	uint8_t vrid;
	uint8_t priority;
	sa_family_t family;
	int64_t advert_int_us;
	enum vrrp_auth_type auth_type; /* version 2 only */
	uint8_t auth_data[VRRP_AUTH_BYTES];
	bool checksum_as_v2;
	/* Covered by the checksum instead of the destination; unset = the
	 * destination itself. */
	struct ip_addr checksum_group;
	/* All of `family`, in the order of the config; for IPv6 the first is
	 * the link-local one (RFC 9568 5.2.9). */
	const struct ip_addr *addresses;
	size_t n_addresses;
};

/*
 * Writes the payload from SRC to DST (the checksum of version 3 covers both)
 * to BUF.  Returns its length, -EINVAL for what the version cannot say (v2
 * with IPv6, an interval out of range, more than 255 addresses), or -ENOBUFS.
 */
int vrrp_packet_encode(const struct vrrp_tx *tx, const struct ip_addr *src,
	const struct ip_addr *dst, uint8_t *buf, size_t size);

/* Of IPv6 the checksum covers a trailer of VRRP_TRAILER_BYTES, too, once one
 * is behind the LEN bytes of message. */
void vrrp_packet_cover_trailer(uint8_t *payload, size_t len,
	const struct ip_addr *src, const struct ip_addr *dst);

/* auth_pass as it is on the wire: the first 8 bytes, zero-padded. */
void vrrp_auth_data_from_password(
	const char *password, uint8_t ret[static VRRP_AUTH_BYTES]);

#endif
