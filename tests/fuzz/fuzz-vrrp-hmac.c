/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signed adverts: any bytes are dropped with a reason or taken, what has a
 * trailer only once.  The first byte chooses family, version, mode and whether
 * the trailer is signed anew, so that what is behind the digest is reached.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/hmac.h"

#define NOW_US (INT64_C(1700000000) * USEC_PER_SEC)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum choice {
	CHOOSE_V2 = 1 << 0,
	CHOOSE_IPV6 = 1 << 1,
	CHOOSE_SIGN = 1 << 2,
	CHOOSE_MONOTONIC = 1 << 3,
	CHOOSE_PERMISSIVE = 1 << 4,
};

static struct ip_addr parse(const char *text)
{
	struct ip_addr addr = { .family = AF_UNSPEC };

	if (ip_addr_parse(text, &addr) < 0)
		abort();
	return addr;
}

static struct vrrp_hmac *make(uint8_t choice)
{
	struct vrrp_hmac_key key = { .id = 1, .len = VRRP_HMAC_KEY_MIN };
	const struct vrrp_hmac_conf conf = {
		.keys = &key,
		.n_keys = 1,
		.active = 1,
		.mode = choice & CHOOSE_PERMISSIVE ? VRRP_HMAC_PERMISSIVE
						   : VRRP_HMAC_ENFORCE,
		.by_time = !(choice & CHOOSE_MONOTONIC),
		.window_s = 5,
	};
	struct vrrp_hmac *hmac = vrrp_hmac_new();

	if (!hmac)
		abort();
	vrrp_hmac_configure(hmac, &conf);
	return hmac;
}

/* What decodes, with whatever checksum. */
static void check(struct vrrp_hmac *hmac, const struct vrrp_advert *advert,
	const uint8_t *payload)
{
	enum vrrp_rx rx = vrrp_hmac_check(hmac, advert, payload, NOW_US);

	if (rx == VRRP_RX_OK && advert->has_trailer &&
		vrrp_hmac_check(hmac, advert, payload, NOW_US) !=
			VRRP_RX_REPLAY)
		abort();
	if (rx == VRRP_RX_REPLAY)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vrrp_advert advert = { .version = 3 };
	struct vrrp_hmac *hmac;
	uint8_t choice, *copy;

	if (size < 1 + VRRP_HEADER_BYTES + VRRP_TRAILER_BYTES)
		return 0;
	choice = *data++;
	size--;
	/* Exactly as long as the packet, for the sanitizer. */
	copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	hmac = make(choice);
	advert.version = choice & CHOOSE_V2 ? 2 : 3;
	advert.src = parse(choice & CHOOSE_IPV6 ? "fe80::1" : "192.0.2.1");
	advert.len = size - VRRP_TRAILER_BYTES;
	advert.has_trailer = true;
	if (choice & CHOOSE_SIGN) {
		struct vrrp_hmac *peer = make(0);

		if (vrrp_hmac_sign(peer, &advert.src, NOW_US, copy,
			    advert.len) != VRRP_TRAILER_BYTES)
			abort();
		vrrp_hmac_free(peer);
	}
	check(hmac, &advert, copy);
	vrrp_hmac_free(hmac);
	free(copy);
	return 0;
}
