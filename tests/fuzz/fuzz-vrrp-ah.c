/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adverts in an authentication header: any bytes are dropped with a reason,
 * and what is accepted is accepted only once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/ah.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t key[VRRP_AUTH_BYTES];
	struct vrrp_rx_meta meta = { .ttl = -1 };
	const uint8_t *payload = NULL;
	struct vrrp_ah *ah;
	size_t len = 0;
	/* Exactly as long as the packet, for the sanitizer. */
	uint8_t *copy = malloc(size ? size : 1);

	vrrp_auth_data_from_password("secret", key);
	ah = vrrp_ah_new(key);
	if (!ah || !copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	if (vrrp_ah_strip(copy, size, &meta, &payload, &len) == VRRP_RX_OK) {
		if (payload + len > copy + size || payload < copy)
			abort();
		if (vrrp_ah_check(ah, &meta) == VRRP_RX_OK &&
			vrrp_ah_check(ah, &meta) != VRRP_RX_REPLAY)
			abort();
	}
	vrrp_ah_free(ah);
	free(copy);
	return 0;
}
