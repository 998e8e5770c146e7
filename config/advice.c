/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/advice.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/scope.h"
#include "lib/ipaddr.h"

const char *advice_punctuation(const char *text, char *buf, size_t size)
{
	size_t len = strlen(text);

	if (!strcmp(text, "=") || !strcmp(text, ":"))
		snprintf(buf, size, "the value follows without '%s'", text);
	else if (len < 2)
		return NULL;
	else if (text[len - 1] == ';')
		snprintf(buf, size, "a line ends without ';'");
	else if (text[len - 1] == ',')
		snprintf(buf, size, "blanks separate, not ','");
	else
		return NULL;
	return buf;
}

/* The length of a netmask such as 255.255.255.0, -1 for any other text. */
static int mask_length(const char *text)
{
	unsigned int part[4];
	unsigned int mask;
	char rest;
	int len = 0;

	if (sscanf(text, "%3u.%3u.%3u.%3u%c", &part[0], &part[1], &part[2],
		    &part[3], &rest) != 4)
		return -1;
	mask = part[0] << 24 | part[1] << 16 | part[2] << 8 | part[3];
	while (len < 32 && mask & UINT32_C(1) << (31 - len))
		len++;
	if (len < 32 && mask << len)
		return -1;
	return len;
}

static const char *advise_length(const struct ip_addr *addr, const char *length,
	char *buf, size_t size)
{
	int len = mask_length(length);

	if (len > 0)
		snprintf(buf, size, "a netmask is written as its length: /%d",
			len);
	else
		snprintf(buf, size, "valid: /0 to /%d",
			addr->family == AF_INET ? 32 : 128);
	return buf;
}

/* Four parts of digits: an IPv4 address, or meant to be one. */
static const char *advise_parts(const char *text, char *buf, size_t size)
{
	unsigned int parts = 1;

	for (const char *p = text; *p; p++) {
		if (*p != '.' && !isdigit((unsigned char)*p))
			return NULL;
		parts += *p == '.';
	}
	if (parts != 4)
		snprintf(buf, size, "an IPv4 address has four parts: 192.0.2.1");
	else
		snprintf(buf, size,
			"valid for each part: 0 to 255, without leading "
			"zeros");
	return buf;
}

const char *advice_address(const char *text, char *buf, size_t size)
{
	char copy[80];
	struct ip_addr addr;
	char *rest;

	if (advice_punctuation(text, buf, size))
		return buf;
	if (strlen(text) >= sizeof(copy))
		return NULL;
	strcpy(copy, text + (text[0] == '['));
	rest = copy + strcspn(copy, "/]");
	if (*rest == '/') {
		*rest = '\0';
		if (!ip_addr_parse(copy, &addr))
			return advise_length(&addr, rest + 1, buf, size);
		return advise_parts(copy, buf, size);
	}
	if (text[0] == '[' && *rest == ']') {
		*rest = '\0';
		snprintf(buf, size, "write it without brackets: %s%s%s", copy,
			rest[1] == ':' ? " " : "",
			rest[1] == ':' ? rest + 2 : "");
		return buf;
	}
	rest = strrchr(copy, ':');
	if (rest && strchr(copy, ':') == rest) {
		*rest = '\0';
		if (!ip_addr_parse(copy, &addr)) {
			snprintf(buf, size, "a blank separates the port: %s %s",
				copy, rest + 1);
			return buf;
		}
	}
	if (advise_parts(text, buf, size))
		return buf;
	if (isalpha((unsigned char)text[0]) && strchr(text, '.'))
		snprintf(buf, size,
			"names are not looked up here: write the address");
	else
		return NULL;
	return buf;
}

const char *advice_address_fault(const char *text, char *buf, size_t size)
{
	size_t len = strcspn(text, "/");
	struct ip_addr addr;
	char copy[80] = "";

	if (text[len] && len < sizeof(copy))
		memcpy(copy, text, len);
	if (!ip_addr_parse(copy, &addr))
		snprintf(buf, size,
			"'%s' is no prefix length of an IPv%d address",
			text + len, addr.family == AF_INET ? 4 : 6);
	else
		snprintf(buf, size, "'%s' is no IP address", text);
	return buf;
}

const char *advice_keyword(struct scope *scope, const char *word, size_t len,
	char *buf, size_t size)
{
	size_t n = 0;

	if (!len)
		return NULL;
	while (n < len && !strchr("=:;", word[n]))
		n++;
	if (n && n < len && scope_find(scope, word, n))
		snprintf(buf, size, "write '%.*s VALUE', without '%c'", (int)n,
			word, word[n]);
	else if (len > 1 && word[0] == '/' && (word[1] == '/' || word[1] == '*'))
		snprintf(buf, size, "a comment begins with '#' or '!'");
	else if (word[0] == '[' || word[0] == '<' || word[len - 1] == ':')
		snprintf(buf, size,
			"a line is KEYWORD VALUE, and a block is in braces");
	else
		return NULL;
	return buf;
}
