/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keyed digests (HMAC, RFC 2104) with the digests of OpenSSL, for adverts.
 *
 * A struct vrrp_mac is one place to work in, for many keys and packets: once
 * it is open, nothing is allocated for a packet.  Belongs to whoever made it;
 * no other thread may use it meanwhile.
 */
#ifndef TANDEM_VRRP_MAC_H
#define TANDEM_VRRP_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The block of MD5 and SHA-256: longer keys would have to be hashed first. */
#define VRRP_MAC_BLOCK 64
#define VRRP_MAC_DIGEST_MAX 32

/* A key as it goes into the digest: xor ipad, xor opad. */
struct vrrp_mac_key {
	uint8_t inner[VRRP_MAC_BLOCK];
	uint8_t outer[VRRP_MAC_BLOCK];
};

struct vrrp_mac {
	struct evp_md_st *md;
	struct evp_md_ctx_st *ctx;
	size_t digest_bytes;
};

/* A key of up to VRRP_MAC_BLOCK bytes. */
void vrrp_mac_key_set(
	struct vrrp_mac_key *key, const uint8_t *bytes, size_t len);
void vrrp_mac_key_clear(struct vrrp_mac_key *key);

/* DIGEST is "MD5" or "SHA256".  0, or -ENOSYS when the library refuses it
 * (MD5 with FIPS); then there is nothing to close. */
int vrrp_mac_open(struct vrrp_mac *mac, const char *digest);
void vrrp_mac_close(struct vrrp_mac *mac); /* fine when never opened */

/* Begin, add what is signed, end: all false on an error of the library.  RET
 * has room for the whole digest. */
bool vrrp_mac_begin(struct vrrp_mac *mac, const struct vrrp_mac_key *key);
bool vrrp_mac_add(struct vrrp_mac *mac, const void *data, size_t len);
bool vrrp_mac_end(struct vrrp_mac *mac, const struct vrrp_mac_key *key,
	uint8_t ret[static VRRP_MAC_DIGEST_MAX]);

/* In a time that does not depend on the bytes. */
bool vrrp_mac_equal(const uint8_t *a, const uint8_t *b, size_t len);

#endif
