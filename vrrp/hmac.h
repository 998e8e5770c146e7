/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adverts that are signed (auth_hmac): a trailer of 28 bytes behind the
 * message, of any version and family, as keepalived 2.4.2 writes it and
 * draft-cassen-vrrp-auth-hmac describes it.
 *
 *	type 1, key number, 2 bytes of zero
 *	when: seconds of UTC (4 bytes), fraction in 1/65536 s (2), counter (2)
 *	HMAC-SHA256, its first 16 bytes
 *
 * Signed are a pseudo header (family 4 or 6, version, VRID, zero, 16 bytes
 * with the source address at their start), the message with its checksum as
 * zero, and the trailer with the HMAC as zero.  Neither destination nor TTL
 * are: routers on the way change them, and one advert goes to many.
 *
 * Each sender's `when` only grows, compared as serial numbers (RFC 1982), so
 * that its wrap in 2106 is none.  Who repeats an advert is told by it.  With
 * anti_replay time it must besides be near our clock, so that an advert that
 * never arrived is no weapon later; then clocks must agree, and a `when` that
 * a wrong clock put far ahead is forgotten when the clock is right again, at
 * the sender and at the receiver.
 *
 * State is kept by sender: for each configured peer, and for the last four
 * others (multicast has no list of peers), only of those with a good HMAC.
 *
 * A successor of this process has to know both, lest its adverts be refused
 * as repeated, and those of an attacker be taken.  As each `when` follows a
 * clock, it is not told each: it gets a line, which no `when` was above, and
 * draws it on by the monotonic clock.  vrrp_hmac_is_news() says when the line
 * is not right any more: at the first advert, when a clock was set, and, so
 * that the line ends soon after a sender does, once a minute for each sender.
 * One whose clock was set back only counts; of its adverts those of the last
 * second can be repeated to a successor.
 *
 * No descriptor, clock or log; nothing is allocated for a packet.
 */
#ifndef TANDEM_VRRP_HMAC_H
#define TANDEM_VRRP_HMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/ipaddr.h"
#include "vrrp/packet.h"

#define VRRP_HMAC_KEY_MIN 32
#define VRRP_HMAC_KEY_MAX 64
#define VRRP_HMAC_OTHERS 4

enum vrrp_hmac_mode {
	VRRP_HMAC_ENFORCE, /* sign; without a good trailer: dropped */
	VRRP_HMAC_PERMISSIVE, /* sign; without any trailer: taken */
	VRRP_HMAC_RECEIVE_ONLY, /* do not sign; else as PERMISSIVE */
};

/* Never NULL. */
const char *vrrp_hmac_mode_name(enum vrrp_hmac_mode mode);

struct vrrp_hmac_key {
	uint8_t id; /* 1..255 */
	uint8_t len; /* VRRP_HMAC_KEY_MIN..VRRP_HMAC_KEY_MAX */
	uint8_t bytes[VRRP_HMAC_KEY_MAX];
};

/* Copied where it is taken. */
struct vrrp_hmac_conf {
	const struct vrrp_hmac_key *keys; /* by growing id */
	size_t n_keys;
	uint8_t active; /* id of the key to sign with */
	enum vrrp_hmac_mode mode;
	bool by_time; /* anti_replay time */
	unsigned int window_s; /* for by_time */
	const struct vrrp_rx_peer *peers; /* sorted by ip_addr_compare() */
	size_t n_peers;
};

struct vrrp_hmac_counters {
	uint64_t verified;
	uint64_t unsigned_taken; /* no trailer: not yet, says the mode */
	struct ip_addr unsigned_from; /* the last of them */
	int64_t skew_us; /* the last verified one: our clock less its `when` */
};

struct vrrp_hmac;

/* NULL when the crypto library has no SHA-256.  Not to be used before it was
 * configured. */
struct vrrp_hmac *vrrp_hmac_new(void);
void vrrp_hmac_free(struct vrrp_hmac *hmac); /* NULL is fine */
/* Takes CONF; what is known of senders and of our own `when` stays. */
void vrrp_hmac_configure(
	struct vrrp_hmac *hmac, const struct vrrp_hmac_conf *conf);
const struct vrrp_hmac_counters *vrrp_hmac_counters(
	const struct vrrp_hmac *hmac);

/* After an advert was signed or taken: is there something a successor has to
 * know, and does not yet?  NOW_US is on the monotonic clock. */
bool vrrp_hmac_is_news(struct vrrp_hmac *hmac, int64_t now_us);
/* For a successor; then it is no news any more. */
void vrrp_hmac_put(
	struct vrrp_hmac *hmac, struct buf_writer *body, int64_t now_us);
/* Of a predecessor, after configure() and before anything else.  False when it
 * is not readable. */
bool vrrp_hmac_get(
	struct vrrp_hmac *hmac, struct buf_reader *body, int64_t now_us);

/*
 * Signs the message of LEN bytes from SRC: writes VRRP_TRAILER_BYTES behind
 * it.  Returns their number, 0 when the mode does not sign, or -EIO.  The
 * checksum is the caller's: vrrp_packet_cover_trailer().
 */
int vrrp_hmac_sign(struct vrrp_hmac *hmac, const struct ip_addr *src,
	int64_t realtime_us, uint8_t *payload, size_t len);

/*
 * May ADVERT, decoded from PAYLOAD, be taken?  OK (also for no trailer, when
 * the mode says so), AUTH_MISSING, AUTH_MALFORMED, AUTH_STALE, AUTH_KEY,
 * AUTH_DATA or REPLAY; only OK changes what is known of the sender.
 */
enum vrrp_rx vrrp_hmac_check(struct vrrp_hmac *hmac,
	const struct vrrp_advert *advert, const uint8_t *payload,
	int64_t realtime_us);

#endif
