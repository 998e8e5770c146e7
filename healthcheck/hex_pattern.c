/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/hex_pattern.h"

#include <errno.h>

/* 0 to 15; 16 for an X; -1 for anything else. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c == 'x' || c == 'X' ? 16 : -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int hex_pattern_parse(
	const char *text, uint8_t *bytes, uint8_t *mask, size_t size)
{
	size_t n = 0;

	for (;;) {
		int high;
		int low;

		while (is_blank(*text))
			text++;
		if (!*text)
			return n ? (int)n : -EINVAL;
		high = digit(text[0]);
		low = high < 0 ? -1 : digit(text[1]);
		if (high < 0 || low < 0 || (!mask && (high | low) & 16))
			return -EINVAL;
		if (n == size)
			return -E2BIG;
		bytes[n] = (uint8_t)((high & 15) << 4 | (low & 15));
		if (mask)
			mask[n] = (uint8_t)((high & 16 ? 0 : 0xf0) |
					    (low & 16 ? 0 : 0x0f));
		n++;
		text += 2;
	}
}

bool hex_pattern_match(const uint8_t *bytes, const uint8_t *mask, size_t n,
	const void *data, size_t len, size_t *ret_at)
{
	const uint8_t *pos = data;
	size_t i;

	for (i = 0; i < n; i++) {
		if (i < len && !((pos[i] ^ bytes[i]) & mask[i]))
			continue;
		*ret_at = i;
		return false;
	}
	return true;
}
