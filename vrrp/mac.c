/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/mac.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#define IPAD 0x36
#define OPAD 0x5c

void vrrp_mac_key_set(
	struct vrrp_mac_key *key, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < VRRP_MAC_BLOCK; i++) {
		uint8_t byte = i < len ? bytes[i] : 0;

		key->inner[i] = byte ^ IPAD;
		key->outer[i] = byte ^ OPAD;
	}
}

void vrrp_mac_key_clear(struct vrrp_mac_key *key)
{
	OPENSSL_cleanse(key, sizeof(*key));
}

int vrrp_mac_open(struct vrrp_mac *mac, const char *digest)
{
	*mac = (struct vrrp_mac){
		.md = EVP_MD_fetch(NULL, digest, NULL),
		.ctx = EVP_MD_CTX_new(),
	};
	if (mac->md && mac->ctx &&
		EVP_MD_get_size(mac->md) <= VRRP_MAC_DIGEST_MAX) {
		mac->digest_bytes = (size_t)EVP_MD_get_size(mac->md);
		return 0;
	}
	vrrp_mac_close(mac);
	return -ENOSYS;
}

void vrrp_mac_close(struct vrrp_mac *mac)
{
	EVP_MD_CTX_free(mac->ctx);
	EVP_MD_free(mac->md);
	*mac = (struct vrrp_mac){ .md = NULL };
}

bool vrrp_mac_begin(struct vrrp_mac *mac, const struct vrrp_mac_key *key)
{
	return EVP_DigestInit_ex(mac->ctx, mac->md, NULL) == 1 &&
	       vrrp_mac_add(mac, key->inner, VRRP_MAC_BLOCK);
}

bool vrrp_mac_add(struct vrrp_mac *mac, const void *data, size_t len)
{
	return EVP_DigestUpdate(mac->ctx, data, len) == 1;
}

bool vrrp_mac_end(struct vrrp_mac *mac, const struct vrrp_mac_key *key,
	uint8_t ret[static VRRP_MAC_DIGEST_MAX])
{
	uint8_t inner[VRRP_MAC_DIGEST_MAX];

	return EVP_DigestFinal_ex(mac->ctx, inner, NULL) == 1 &&
	       EVP_DigestInit_ex(mac->ctx, mac->md, NULL) == 1 &&
	       vrrp_mac_add(mac, key->outer, VRRP_MAC_BLOCK) &&
	       vrrp_mac_add(mac, inner, mac->digest_bytes) &&
	       EVP_DigestFinal_ex(mac->ctx, ret, NULL) == 1;
}

bool vrrp_mac_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
