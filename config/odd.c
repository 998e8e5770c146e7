/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/odd.h"

static const struct odd_character odd_characters[] = {
	{ 0x00A0, 0x00A0, "no-break space", "a blank", ' ' },
	{ 0x00AB, 0x00AB, "angle quote", "a quote", '?' },
	{ 0x00AD, 0x00AD, "soft hyphen", "nothing", '\0' },
	{ 0x00BB, 0x00BB, "angle quote", "a quote", '?' },
	{ 0x1680, 0x1680, "space", "a blank", ' ' },
	{ 0x2000, 0x200A, "space", "a blank", ' ' },
	{ 0x200B, 0x200F, "invisible character", "nothing", '\0' },
	{ 0x2010, 0x2015, "dash", "a '-'", '?' },
	{ 0x2018, 0x201B, "single quote", "a quote", '?' },
	{ 0x201C, 0x201F, "typographic quote", "a quote", '"' },
	{ 0x2028, 0x2029, "line separator", "a line end", ' ' },
	{ 0x202A, 0x202E, "invisible character", "nothing", '\0' },
	{ 0x202F, 0x202F, "narrow no-break space", "a blank", ' ' },
	{ 0x205F, 0x205F, "space", "a blank", ' ' },
	{ 0x2060, 0x2064, "invisible character", "nothing", '\0' },
	{ 0x2212, 0x2212, "minus sign", "a '-'", '?' },
	{ 0x3000, 0x3000, "ideographic space", "a blank", ' ' },
	{ 0xFEFF, 0xFEFF, "byte-order mark", "nothing", '\0' },
	{ 0xFF02, 0xFF02, "wide quote", "a quote", '"' },
	{ 0xFF5B, 0xFF5B, "wide brace", "a '{'", '?' },
	{ 0xFF5D, 0xFF5D, "wide brace", "a '}'", '?' },
};

/* Two or three bytes: there is nothing odd beyond. */
static size_t decode(const unsigned char *text, size_t len, uint32_t *ret)
{
	if (len >= 2 && text[0] >= 0xC2 && text[0] <= 0xDF &&
		(text[1] & 0xC0) == 0x80) {
		*ret = (uint32_t)(text[0] & 0x1F) << 6 | (text[1] & 0x3F);
		return 2;
	}
	if (len >= 3 && (text[0] & 0xF0) == 0xE0 && (text[1] & 0xC0) == 0x80 &&
		(text[2] & 0xC0) == 0x80) {
		*ret = (uint32_t)(text[0] & 0x0F) << 12 |
		       (uint32_t)(text[1] & 0x3F) << 6 | (text[2] & 0x3F);
		return 3;
	}
	return 0;
}

const struct odd_character *odd_find(const char *text, size_t len,
	uint32_t *ret_point, size_t *ret_len)
{
	uint32_t point = 0;
	size_t n = decode((const unsigned char *)text, len, &point);

	if (!n)
		return NULL;
	for (size_t i = 0;
		i < sizeof(odd_characters) / sizeof(odd_characters[0]); i++) {
		const struct odd_character *odd = &odd_characters[i];

		if (point < odd->first || point > odd->last)
			continue;
		*ret_point = point;
		*ret_len = n;
		return odd;
	}
	return NULL;
}

bool odd_any(const char *text, size_t len)
{
	uint32_t point;
	size_t n;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80 &&
			odd_find(text + i, len - i, &point, &n))
			return true;
	return false;
}
