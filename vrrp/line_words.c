/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/line_words.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "vrrp/vrrp_conf_internal.h"

/* --- words --- */

static const char *word_at(const struct vrrp_words *words, uint32_t i)
{
	return i ? conf_node_arg(words->ctx->tree, words->node, i - 1)
		 : conf_node_keyword(words->ctx->tree, words->node);
}

const char *vrrp_words_peek(const struct vrrp_words *words)
{
	return word_at(words, words->next);
}

const char *vrrp_words_take(struct vrrp_words *words)
{
	const char *word = vrrp_words_peek(words);

	if (word)
		words->next++;
	return word;
}

bool vrrp_words_take_if(struct vrrp_words *words, const char *word)
{
	const char *next = vrrp_words_peek(words);

	if (!next || strcmp(next, word) != 0)
		return false;
	words->next++;
	return true;
}

void vrrp_words_skip(struct vrrp_words *words)
{
	words->next = 1 + conf_node_n_args(words->ctx->tree, words->node);
}

void vrrp_words_report(struct vrrp_words *words, enum diag_severity severity,
	enum diag_code code, const char *hint, const char *format, ...)
{
	va_list args;
	char text[256];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	conf_report(words->ctx, severity, code, words->node,
		(int)words->next - 2, hint, "%s", text);
	words->failed |= severity >= DIAG_ERROR;
}

/* --- values --- */

/* The word with a value; NULL after having reported that it is missing. */
static const char *take_value(struct vrrp_words *words, const char *what)
{
	const char *text = vrrp_words_take(words);

	if (!text)
		vrrp_words_report(words, DIAG_ERROR, DIAG_MISSING_ARGUMENT,
			NULL, "%s belongs behind '%s'", what,
			word_at(words, words->next - 1));
	return text;
}

bool vrrp_words_u32(
	struct vrrp_words *words, uint32_t min, uint32_t max, uint32_t *ret)
{
	int64_t value;

	if (!vrrp_words_peek(words))
		return take_value(words, "a number") != NULL;
	if (conf_arg_int(words->ctx, words->node, words->next++ - 1, min, max,
		    &value) < 0) {
		words->failed = true;
		return false;
	}
	*ret = (uint32_t)value;
	return true;
}

bool vrrp_words_u64(struct vrrp_words *words, uint64_t *ret)
{
	const char *text = take_value(words, "a number");
	unsigned long long value;
	char *end;

	if (!text)
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno) {
		vrrp_words_report(words, DIAG_ERROR, DIAG_VALUE_TYPE, NULL,
			"'%s' is no whole number of 64 bits", text);
		return false;
	}
	*ret = value;
	return true;
}

bool vrrp_words_name(
	struct vrrp_words *words, enum iproute_names_kind kind, uint32_t *ret)
{
	const char *text = take_value(words, "a number or name");
	char hint[80];
	int err;

	if (!text)
		return false;
	err = iproute_names_find(words->names, kind, text, ret);
	if (!err)
		return true;
	snprintf(hint, sizeof(hint), "a number, or a name in iproute2's %s",
		iproute_names_file(kind));
	if (err == -ERANGE)
		vrrp_words_report(words, DIAG_ERROR, DIAG_VALUE_RANGE, NULL,
			"%s is out of range", text);
	else
		vrrp_words_report(words, DIAG_ERROR, DIAG_REFERENCE, hint,
			"'%s' is not known", text);
	return false;
}

/* Text up to a slash, and behind it. */
bool vrrp_words_realms(struct vrrp_words *words, uint32_t *ret)
{
	const char *text = take_value(words, "a realm");
	const char *slash = text ? strchr(text, '/') : NULL;
	uint32_t from = 0, to = 0;
	char *first;
	int err = 0;

	if (!text)
		return false;
	first = slash ? x_strndup(text, (size_t)(slash - text)) : NULL;
	if (first)
		err = iproute_names_find(
			words->names, IPROUTE_REALM, first, &from);
	if (!err)
		err = iproute_names_find(words->names, IPROUTE_REALM,
			slash ? slash + 1 : text, &to);
	x_free(first);
	if (err) {
		vrrp_words_report(words, DIAG_ERROR, DIAG_REFERENCE,
			"TO or FROM/TO, each 0 to 255 or a name in "
			"iproute2's rt_realms",
			"'%s' is no realm", text);
		return false;
	}
	*ret = from << 16 | to;
	return true;
}

bool vrrp_words_text(struct vrrp_words *words, const char **ret)
{
	const char *text = take_value(words, "a word");

	if (!text)
		return false;
	*ret = arena_strdup(words->ctx->arena, text);
	return true;
}

bool vrrp_words_interface(struct vrrp_words *words, const char **ret)
{
	const char *text = take_value(words, "an interface");

	if (!text)
		return false;
	if (!*text || strlen(text) >= IF_NAMESIZE) {
		vrrp_words_report(words, DIAG_ERROR, DIAG_VALUE_RANGE, NULL,
			"an interface name has 1 to %d characters",
			IF_NAMESIZE - 1);
		return false;
	}
	*ret = arena_strdup(words->ctx->arena, text);
	return true;
}

/* --- addresses --- */

bool vrrp_words_set_family(struct vrrp_words *words, sa_family_t family)
{
	if (words->family == AF_UNSPEC)
		words->family = family;
	if (words->family == family)
		return true;
	vrrp_words_report(words, DIAG_ERROR, DIAG_CONFLICT, NULL,
		"this is %s, the words before it are %s",
		family == AF_INET ? "IPv4" : "IPv6",
		words->family == AF_INET ? "IPv4" : "IPv6");
	return false;
}

bool vrrp_words_family(struct vrrp_words *words, const char *word)
{
	if (strcmp(word, "inet") != 0 && strcmp(word, "inet6") != 0)
		return false;
	vrrp_words_set_family(words, word[4] ? AF_INET6 : AF_INET);
	return true;
}

bool vrrp_words_address(struct vrrp_words *words, struct ip_addr *ret)
{
	struct ip_addr addr;

	if (!vrrp_words_peek(words))
		return take_value(words, "an IP address") != NULL;
	if (conf_arg_address(words->ctx, words->node, words->next++ - 1,
		    &addr) < 0) {
		words->failed = true;
		return false;
	}
	if (!vrrp_words_set_family(words, addr.family))
		return false;
	*ret = addr;
	return true;
}

static bool is_any(struct vrrp_words *words, const char *text)
{
	if (!strcmp(text, "default6")) {
		vrrp_words_report(words, DIAG_WARNING, DIAG_DEPRECATED,
			"inet6 default", "'default6' is deprecated");
		return vrrp_words_set_family(words, AF_INET6);
	}
	return !strcmp(text, "default") || !strcmp(text, "any") ||
	       !strcmp(text, "all");
}

static bool clear_host_bits(struct ip_addr *addr, uint8_t len)
{
	bool changed = false;

	for (unsigned int i = 0; i < ip_family_bytes(addr->family); i++) {
		unsigned int bits = len > 8 * i ? len - 8 * i : 0;
		uint8_t mask = bits >= 8 ? 0xff : (uint8_t)~(0xff >> bits);

		changed |= (addr->bytes[i] & ~mask) != 0;
		addr->bytes[i] &= mask;
	}
	return changed;
}

static bool report_no_prefix(struct vrrp_words *words, const char *text)
{
	char fault[160];
	char hint[160];

	vrrp_words_report(words, DIAG_ERROR, DIAG_VALUE_TYPE,
		conf_address_hint(text, hint, sizeof(hint))
			? hint
			: "ADDRESS[/LENGTH] or default",
		"%s", conf_address_fault(text, fault, sizeof(fault)));
	return false;
}

bool vrrp_words_prefix(
	struct vrrp_words *words, struct ip_addr *ret, uint8_t *ret_len)
{
	const char *text = take_value(words, "an IP address");
	char hint[IP_ADDR_STRLEN + 8], net[IP_ADDR_STRLEN];
	struct ip_addr addr = { .family = AF_UNSPEC };
	uint8_t len = 0;

	if (!text)
		return false;
	if (is_any(words, text)) {
		*ret = addr;
		*ret_len = 0;
		return true;
	}
	if (vrrp_conf_parse_prefix(text, &addr, &len) < 0)
		return report_no_prefix(words, text);
	if (!vrrp_words_set_family(words, addr.family))
		return false;
	if (clear_host_bits(&addr, len) && addr.family == AF_INET) {
		snprintf(hint, sizeof(hint), "%s/%u",
			ip_addr_format(&addr, net), (unsigned int)len);
		vrrp_words_report(words, DIAG_ERROR, DIAG_VALUE_RANGE, hint,
			"%s has bits behind its length", text);
		return false;
	}
	*ret = addr;
	*ret_len = len;
	return true;
}

/* --- the line --- */

static unsigned int words_to_drop(const char *word, const char *const *drop,
	const unsigned int *n_args)
{
	for (size_t i = 0; drop[i]; i++)
		if (!strcmp(word, drop[i]))
			return 1 + n_args[i];
	return 0;
}

const char *vrrp_words_line(const struct vrrp_words *words,
	const char *const *drop, const unsigned int *n_args)
{
	char *line = NULL;
	const char *copy;
	uint32_t i = 0;
	const char *word;

	while ((word = word_at(words, i))) {
		unsigned int n = words_to_drop(word, drop, n_args);

		if (!n) {
			char *longer = line ? x_asprintf("%s %s", line, word)
					    : x_strdup(word);

			x_free(line);
			line = longer;
		}
		i += n ? n : 1;
	}
	copy = arena_strdup(words->ctx->arena, line ? line : "");
	x_free(line);
	return copy;
}
