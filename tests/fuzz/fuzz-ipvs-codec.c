/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever the kernel's socket says: nothing is read past the end, and the
 * decoder always moves on. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs-ctl/codec.h"

#define FAMILY 0x1d

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipvs_answer answer;
	char text[TABLE_KEY_STRLEN];
	uint8_t *copy;
	size_t at = 0;

	if (!size)
		return 0;
	/* A copy of exact size, aligned as the receive buffer is. */
	copy = malloc(size);
	assert(copy);
	memcpy(copy, data, size);
	while (at < size) {
		int len = ipvs_decode(copy + at, size - at, FAMILY,
			at & 4 ? AF_INET6 : AF_INET, &answer);

		if (len < 0)
			break;
		assert(len > 0 && (size_t)len <= size - at);
		if (answer.kind == IPVS_ANSWER_SERVICE)
			table_key_format(&answer.service.key, text);
		at += (size_t)len;
	}
	free(copy);
	return 0;
}
