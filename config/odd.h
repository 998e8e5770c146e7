/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Characters that look like others: what word processors, web pages and chat
 * programs make of blanks, quotes and dashes.
 */
#ifndef TANDEM_CONFIG_ODD_H
#define TANDEM_CONFIG_ODD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct odd_character {
	uint32_t first; /* code points, inclusive */
	uint32_t last;
	const char *name;
	const char *looks_like;
	char read_as; /* outside of quotes; '\0' = dropped, '?' = kept */
};

/* What the UTF-8 character at TEXT is, NULL when like itself.  *RET_POINT is
 * its code point, *RET_LEN the number of its bytes. */
const struct odd_character *odd_find(const char *text, size_t len,
	uint32_t *ret_point, size_t *ret_len);

/* Is there any in TEXT? */
bool odd_any(const char *text, size_t len);

#endif
