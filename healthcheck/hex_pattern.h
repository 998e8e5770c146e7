/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes written in hexadecimal, of which single digits may be left open.
 *
 * Pure.  The text is made of pairs of digits; blanks between bytes are
 * passed over.  An X or x stands for any digit.
 */
#ifndef TANDEM_HEALTHCHECK_HEX_PATTERN_H
#define TANDEM_HEALTHCHECK_HEX_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads TEXT into BYTES and MASK, both of SIZE bytes; a bit that is 0 in the
 * mask is open.  MASK NULL: no X is allowed.  The number of bytes, or
 * -EINVAL (no such digits, an odd number of them) or -E2BIG. */
int hex_pattern_parse(
	const char *text, uint8_t *bytes, uint8_t *mask, size_t size);

/* Does DATA begin with the pattern of N bytes?  *RET_AT is the first byte
 * that differs or is missing. */
bool hex_pattern_match(const uint8_t *bytes, const uint8_t *mask, size_t n,
	const void *data, size_t len, size_t *ret_at);

#endif
