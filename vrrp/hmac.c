/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/hmac.h"

#include <errno.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/mac.h"

#define TYPE_HMAC_SHA256_128 1
#define PSEUDO_BYTES 20
#define HMAC_BYTES 16

/* Adverts are some ms more or less on their way. */
#define LINE_SLACK_US (10 * USEC_PER_MSEC)
#define LINE_BEHIND_US (1 * USEC_PER_SEC)
#define LINE_LENGTH_US (60 * USEC_PER_SEC)
#define MARKS_VERSION 1

/* Where the fields are: of a message, of the trailer, of the pseudo header. */
enum {
	VERSION_AT = 0,
	VRID_AT = 1,
	CHECKSUM_AT = 6,
	AFTER_CHECKSUM = 8,

	TYPE_AT = 0,
	KEY_AT = 1,
	RESERVED_AT = 2,
	WHEN_AT = 4,
	HMAC_AT = 12,

	PSEUDO_FAMILY_AT = 0,
	PSEUDO_VERSION_AT = 1,
	PSEUDO_VRID_AT = 2,
	PSEUDO_SOURCE_AT = 4,
};

struct key {
	uint8_t id;
	struct vrrp_mac_key mac;
};

/* What a successor was told of a `when`: it was WHEN at AT_US, and follows the
 * clock since, or STANDS still. */
struct line {
	bool told;
	bool stands;
	uint64_t when;
	int64_t at_us;
};

/* What was heard of one router. */
struct sender {
	struct ip_addr addr; /* unset = a free place */
	bool heard;
	uint64_t when; /* of its last advert */
	struct line line;
	uint64_t used; /* order of use, for the places of the others */
};

struct vrrp_hmac {
	struct vrrp_mac mac;
	enum vrrp_hmac_mode mode;
	bool by_time;
	int32_t window_s;
	struct key *keys; /* by growing id */
	size_t n_keys;
	const struct key *active; /* NULL in receive-only */

	bool has_sent;
	uint64_t sent; /* `when` of our last advert */
	struct line line; /* of it */
	const struct sender *last; /* who was heard last */
	struct sender *peers; /* sorted by address */
	size_t n_peers;
	struct sender others[VRRP_HMAC_OTHERS];
	uint64_t uses;
	struct vrrp_hmac_counters counters;
};

const char *vrrp_hmac_mode_name(enum vrrp_hmac_mode mode)
{
	switch (mode) {
	case VRRP_HMAC_ENFORCE:
		return "enforce";
	case VRRP_HMAC_PERMISSIVE:
		return "permissive";
	case VRRP_HMAC_RECEIVE_ONLY:
		return "receive-only";
	}
	return "";
}

/* --- life --- */

struct vrrp_hmac *vrrp_hmac_new(void)
{
	struct vrrp_hmac *hmac = x_new(struct vrrp_hmac, 1);

	if (vrrp_mac_open(&hmac->mac, "SHA256") == 0)
		return hmac;
	x_free(hmac);
	return NULL;
}

static void free_keys(struct vrrp_hmac *hmac)
{
	for (size_t i = 0; i < hmac->n_keys; i++)
		vrrp_mac_key_clear(&hmac->keys[i].mac);
	x_free(hmac->keys);
}

void vrrp_hmac_free(struct vrrp_hmac *hmac)
{
	if (!hmac)
		return;
	vrrp_mac_close(&hmac->mac);
	free_keys(hmac);
	x_free(hmac->peers);
	x_free(hmac);
}

const struct vrrp_hmac_counters *vrrp_hmac_counters(
	const struct vrrp_hmac *hmac)
{
	return &hmac->counters;
}

static const struct key *find_key(const struct vrrp_hmac *hmac, uint8_t id)
{
	size_t low = 0, high = hmac->n_keys;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hmac->keys[middle].id == id)
			return &hmac->keys[middle];
		if (hmac->keys[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static struct sender *find_peer(
	const struct vrrp_hmac *hmac, const struct ip_addr *addr)
{
	size_t low = 0, high = hmac->n_peers;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = ip_addr_compare(addr, &hmac->peers[middle].addr);

		if (order == 0)
			return &hmac->peers[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static struct sender *find_other(
	struct vrrp_hmac *hmac, const struct ip_addr *addr)
{
	for (size_t i = 0; i < VRRP_HMAC_OTHERS; i++)
		if (ip_addr_compare(addr, &hmac->others[i].addr) == 0)
			return &hmac->others[i];
	return NULL;
}

static void take_keys(struct vrrp_hmac *hmac, const struct vrrp_hmac_conf *conf)
{
	free_keys(hmac);
	hmac->keys = x_new(struct key, conf->n_keys);
	hmac->n_keys = conf->n_keys;
	for (size_t i = 0; i < conf->n_keys; i++) {
		hmac->keys[i].id = conf->keys[i].id;
		vrrp_mac_key_set(&hmac->keys[i].mac, conf->keys[i].bytes,
			conf->keys[i].len);
	}
	hmac->active = conf->mode == VRRP_HMAC_RECEIVE_ONLY
			       ? NULL
			       : find_key(hmac, conf->active);
}

static void take_peers(
	struct vrrp_hmac *hmac, const struct vrrp_hmac_conf *conf)
{
	struct sender *peers = x_new(struct sender, conf->n_peers);

	hmac->last = NULL;
	for (size_t i = 0; i < conf->n_peers; i++) {
		const struct ip_addr *addr = &conf->peers[i].addr;
		const struct sender *known = find_peer(hmac, addr);

		if (!known)
			known = find_other(hmac, addr);
		if (known)
			peers[i] = *known;
		peers[i].addr = *addr;
	}
	x_free(hmac->peers);
	hmac->peers = peers;
	hmac->n_peers = conf->n_peers;
}

void vrrp_hmac_configure(
	struct vrrp_hmac *hmac, const struct vrrp_hmac_conf *conf)
{
	hmac->mode = conf->mode;
	hmac->by_time = conf->by_time;
	hmac->window_s = (int32_t)conf->window_s;
	take_keys(hmac, conf);
	take_peers(hmac, conf);
}

/* --- when --- */

static uint64_t get_be(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | *p++;
	return value;
}

static void put_be64(uint8_t *p, uint64_t value)
{
	for (size_t i = 8; i--; value >>= 8)
		p[i] = (uint8_t)value;
}

/* 32 bits of seconds, 16 of fraction, a counter of 16 that begins with 0. */
static uint64_t when_of_clock(int64_t realtime_us)
{
	uint64_t us = (uint64_t)realtime_us;
	uint64_t fraction = (us % USEC_PER_SEC << 16) / USEC_PER_SEC;

	return us / USEC_PER_SEC << 32 | fraction << 16;
}

/* RFC 1982 */
static bool is_after(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) > 0;
}

/* How many seconds A is ahead of B. */
static int32_t seconds_ahead(uint64_t a, uint64_t b)
{
	return (int32_t)((uint32_t)(a >> 32) - (uint32_t)(b >> 32));
}

/* A clock that was wrong left WHEN where no other will come for long. */
static bool is_stranded(
	const struct vrrp_hmac *hmac, uint64_t when, uint64_t now)
{
	return hmac->by_time && seconds_ahead(when, now) > hmac->window_s;
}

static uint64_t next_when(const struct vrrp_hmac *hmac, uint64_t now)
{
	if (!hmac->has_sent || is_stranded(hmac, hmac->sent, now) ||
		is_after(now, hmac->sent))
		return now;
	return hmac->sent + 1;
}

/* --- the digest --- */

/* Of a message of LEN bytes and the trailer behind it. */
static bool digest(struct vrrp_hmac *hmac, const struct vrrp_mac_key *key,
	const struct ip_addr *src, const uint8_t *payload, size_t len,
	uint8_t ret[static VRRP_MAC_DIGEST_MAX])
{
	static const uint8_t zero[HMAC_BYTES];
	uint8_t pseudo[PSEUDO_BYTES] = {
		[PSEUDO_FAMILY_AT] = src->family == AF_INET6 ? 6 : 4,
		[PSEUDO_VERSION_AT] = payload[VERSION_AT] >> 4,
		[PSEUDO_VRID_AT] = payload[VRID_AT],
	};
	struct vrrp_mac *mac = &hmac->mac;

	memcpy(pseudo + PSEUDO_SOURCE_AT, src->bytes,
		ip_family_bytes(src->family));
	return vrrp_mac_begin(mac, key) &&
	       vrrp_mac_add(mac, pseudo, sizeof(pseudo)) &&
	       vrrp_mac_add(mac, payload, CHECKSUM_AT) &&
	       vrrp_mac_add(mac, zero, AFTER_CHECKSUM - CHECKSUM_AT) &&
	       vrrp_mac_add(mac, payload + AFTER_CHECKSUM,
		       len + HMAC_AT - AFTER_CHECKSUM) &&
	       vrrp_mac_add(mac, zero, HMAC_BYTES) &&
	       vrrp_mac_end(mac, key, ret);
}

int vrrp_hmac_sign(struct vrrp_hmac *hmac, const struct ip_addr *src,
	int64_t realtime_us, uint8_t *payload, size_t len)
{
	uint64_t when = next_when(hmac, when_of_clock(realtime_us));
	uint8_t result[VRRP_MAC_DIGEST_MAX];
	uint8_t *trailer = payload + len;

	if (hmac->mode == VRRP_HMAC_RECEIVE_ONLY)
		return 0;
	if (!hmac->active)
		return -EIO;
	memset(trailer, 0, VRRP_TRAILER_BYTES);
	trailer[TYPE_AT] = TYPE_HMAC_SHA256_128;
	trailer[KEY_AT] = hmac->active->id;
	put_be64(trailer + WHEN_AT, when);
	if (!digest(hmac, &hmac->active->mac, src, payload, len, result))
		return -EIO;
	memcpy(trailer + HMAC_AT, result, HMAC_BYTES);
	hmac->has_sent = true;
	hmac->sent = when;
	return VRRP_TRAILER_BYTES;
}

/* --- receiving --- */

/* The place of SRC: its own, or the one that was not used for longest. */
static struct sender *sender_of(
	struct vrrp_hmac *hmac, const struct ip_addr *src)
{
	struct sender *sender = find_peer(hmac, src);

	if (!sender)
		sender = find_other(hmac, src);
	if (sender)
		return sender;
	sender = &hmac->others[0];
	for (size_t i = 1; i < VRRP_HMAC_OTHERS; i++)
		if (hmac->others[i].used < sender->used)
			sender = &hmac->others[i];
	*sender = (struct sender){ .addr = *src };
	return sender;
}

static bool is_new(const struct vrrp_hmac *hmac, const struct sender *sender,
	uint64_t when, uint64_t now)
{
	return !sender->heard || is_stranded(hmac, sender->when, now) ||
	       is_after(when, sender->when);
}

static enum vrrp_rx check_missing(
	struct vrrp_hmac *hmac, const struct ip_addr *src)
{
	switch (hmac->mode) {
	case VRRP_HMAC_ENFORCE:
		return VRRP_RX_AUTH_MISSING;
	case VRRP_HMAC_PERMISSIVE:
	case VRRP_HMAC_RECEIVE_ONLY:
		break;
	}
	hmac->counters.unsigned_taken++;
	hmac->counters.unsigned_from = *src;
	return VRRP_RX_OK;
}

static bool is_fresh(const struct vrrp_hmac *hmac, uint64_t when, uint64_t now)
{
	int32_t ahead = seconds_ahead(when, now);

	return !hmac->by_time ||
	       (ahead <= hmac->window_s && ahead >= -hmac->window_s);
}

static int64_t skew_us(uint64_t when, uint64_t now)
{
	/* In 1/65536 s; the counters of 16 bits fall out. */
	int64_t skew = (int64_t)((now >> 16) - (when >> 16));

	/* 48 bits wrap, too. */
	skew = (int64_t)((uint64_t)skew << 16) >> 16;
	return skew / 65536 * USEC_PER_SEC +
	       skew % 65536 * USEC_PER_SEC / 65536;
}

enum vrrp_rx vrrp_hmac_check(struct vrrp_hmac *hmac,
	const struct vrrp_advert *advert, const uint8_t *payload,
	int64_t realtime_us)
{
	const uint8_t *trailer = payload + advert->len;
	uint64_t now = when_of_clock(realtime_us), when;
	uint8_t result[VRRP_MAC_DIGEST_MAX];
	struct sender *sender;
	const struct key *key;

	if (!advert->has_trailer)
		return check_missing(hmac, &advert->src);
	if (trailer[TYPE_AT] != TYPE_HMAC_SHA256_128 ||
		get_be(trailer + RESERVED_AT, 2) != 0)
		return VRRP_RX_AUTH_MALFORMED;
	/* What is old is not worth a digest, whoever sent it. */
	when = get_be(trailer + WHEN_AT, 8);
	if (!is_fresh(hmac, when, now))
		return VRRP_RX_AUTH_STALE;
	key = find_key(hmac, trailer[KEY_AT]);
	if (!key)
		return VRRP_RX_AUTH_KEY;
	if (!digest(hmac, &key->mac, &advert->src, payload, advert->len,
		    result) ||
		!vrrp_mac_equal(trailer + HMAC_AT, result, HMAC_BYTES))
		return VRRP_RX_AUTH_DATA;
	sender = sender_of(hmac, &advert->src);
	if (!is_new(hmac, sender, when, now))
		return VRRP_RX_REPLAY;
	sender->heard = true;
	sender->when = when;
	sender->used = ++hmac->uses;
	hmac->last = sender;
	hmac->counters.verified++;
	hmac->counters.skew_us = skew_us(when, now);
	return VRRP_RX_OK;
}

/* --- for a successor --- */

/* `when` counts in 2^-32 s. */
static uint64_t when_units(int64_t us)
{
	return (uint64_t)(us / USEC_PER_SEC) << 32 |
	       ((uint64_t)(us % USEC_PER_SEC) << 32) / USEC_PER_SEC;
}

/* Where the line is now; that of a sender (LENGTH_US) ends. */
static uint64_t line_at(
	const struct line *line, int64_t now_us, int64_t length_us)
{
	int64_t age = now_us - line->at_us;

	if (line->stands || age < 0)
		return line->when;
	return line->when + when_units(age < length_us ? age : length_us);
}

static bool is_above(const struct line *line, uint64_t when, int64_t now_us,
	int64_t length_us)
{
	return is_after(when, line_at(line, now_us, length_us) +
				      when_units(LINE_SLACK_US));
}

static bool is_behind(const struct line *line, uint64_t when, int64_t now_us)
{
	return is_after(line_at(line, now_us, LINE_LENGTH_US),
		when + when_units(LINE_BEHIND_US));
}

/* What we send may be above the line of old, never below it. */
static bool is_sent_news(const struct vrrp_hmac *hmac, int64_t now_us)
{
	return hmac->has_sent &&
	       (!hmac->line.told ||
		       is_above(&hmac->line, hmac->sent, now_us, INT64_MAX));
}

static bool is_heard_news(const struct sender *sender, int64_t now_us)
{
	const struct line *line = &sender->line;

	if (!line->told || is_above(line, sender->when, now_us, LINE_LENGTH_US))
		return true;
	if (now_us - line->at_us < LINE_BEHIND_US)
		return false;
	if (line->stands)
		return sender->when != line->when;
	return now_us - line->at_us >= LINE_LENGTH_US ||
	       is_behind(line, sender->when, now_us);
}

bool vrrp_hmac_is_news(struct vrrp_hmac *hmac, int64_t now_us)
{
	const struct sender *last = hmac->last;

	hmac->last = NULL;
	return is_sent_news(hmac, now_us) ||
	       (last && is_heard_news(last, now_us));
}

static void draw(struct line *line, uint64_t when, int64_t now_us)
{
	*line = (struct line){ .told = true, .when = when, .at_us = now_us };
}

static void put_sender(
	struct buf_writer *body, struct sender *sender, int64_t now_us)
{
	struct line *line = &sender->line;

	if (!sender->heard)
		return;
	if (is_heard_news(sender, now_us)) {
		bool stands = line->told &&
			      !is_above(line, sender->when, now_us,
				      LINE_LENGTH_US) &&
			      (line->stands ||
				      is_behind(line, sender->when, now_us));

		draw(line, sender->when, now_us);
		line->stands = stands;
	}
	buf_put_addr(body, &sender->addr);
	buf_put_u64(body, line->when);
	buf_put_i64(body, line->at_us);
	buf_put_u8(body, line->stands);
}

void vrrp_hmac_put(
	struct vrrp_hmac *hmac, struct buf_writer *body, int64_t now_us)
{
	if (is_sent_news(hmac, now_us))
		draw(&hmac->line, hmac->sent, now_us);
	buf_put_u8(body, MARKS_VERSION);
	buf_put_u8(body, hmac->has_sent);
	buf_put_u64(body, hmac->line.when);
	buf_put_i64(body, hmac->line.at_us);
	for (size_t i = 0; i < hmac->n_peers; i++)
		put_sender(body, &hmac->peers[i], now_us);
	for (size_t i = 0; i < VRRP_HMAC_OTHERS; i++)
		put_sender(body, &hmac->others[i], now_us);
}

static void get_sender(
	struct vrrp_hmac *hmac, struct buf_reader *body, int64_t now_us)
{
	struct ip_addr addr = buf_get_addr(body);
	uint64_t when = buf_get_u64(body);
	int64_t at_us = buf_get_i64(body);
	bool stands = buf_get_u8(body);
	struct sender *sender;

	if (body->failed || !ip_addr_is_set(&addr))
		return;
	sender = sender_of(hmac, &addr);
	draw(&sender->line, when, at_us);
	sender->line.stands = stands;
	sender->heard = true;
	sender->when = line_at(&sender->line, now_us, LINE_LENGTH_US);
	if (!stands)
		sender->when += when_units(LINE_SLACK_US);
	sender->used = ++hmac->uses;
}

bool vrrp_hmac_get(
	struct vrrp_hmac *hmac, struct buf_reader *body, int64_t now_us)
{
	if (buf_get_u8(body) != MARKS_VERSION)
		return false;
	hmac->has_sent = buf_get_u8(body);
	hmac->line.when = buf_get_u64(body);
	hmac->line.at_us = buf_get_i64(body);
	hmac->line.told = hmac->has_sent;
	if (hmac->has_sent)
		hmac->sent = line_at(&hmac->line, now_us, INT64_MAX) +
			     when_units(LINE_SLACK_US);
	while (!body->failed && body->pos < body->end)
		get_sender(hmac, body, now_us);
	return !body->failed;
}
