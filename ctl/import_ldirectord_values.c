/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, strings, addresses and ports of ldirectord.cf. */
#include <ctype.h>
#include <string.h>

#include "ctl/import_ldirectord_parse.h"
#include "lib/mem.h"

/* The first number in the value, as ldirectord looks for it. */
bool ld_take_number(
	struct ld_parser *p, uint32_t min, uint32_t max, uint32_t *ret)
{
	const char *text = p->line.value;
	uint64_t value = 0;

	while (*text && !isdigit((unsigned char)*text))
		text++;
	if (!*text) {
		ld_say(p, IMPORT_LOST, "'%.*s' needs a number",
			(int)p->line.name_len, p->line.name);
		return false;
	}
	for (; isdigit((unsigned char)*text); text++) {
		value = 10 * value + (uint64_t)(*text - '0');
		if (value > UINT32_MAX)
			value = UINT32_MAX;
	}
	if (value < min || value > max) {
		ld_say(p, IMPORT_LOST, "'%.*s' must be %u to %u",
			(int)p->line.name_len, p->line.name, min, max);
		return false;
	}
	*ret = (uint32_t)value;
	return true;
}

void ld_take_bool(struct ld_parser *p, enum ld_bool *ret)
{
	if (!strcmp(p->line.value, "yes"))
		*ret = LD_YES;
	else if (!strcmp(p->line.value, "no"))
		*ret = LD_NO;
	else
		ld_say(p, IMPORT_LOST, "'%.*s' is yes or no",
			(int)p->line.name_len, p->line.name);
}

/* The value without the quotes around it. */
void ld_take_string(struct ld_parser *p, char **ret)
{
	char *value = p->line.value;
	size_t len = strlen(value);

	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	x_free(*ret);
	*ret = NULL;
	if (!len) {
		ld_say(p, IMPORT_LOST, "'%.*s' is empty", (int)p->line.name_len,
			p->line.name);
		return;
	}
	*ret = x_strndup(value, len);
}

/* --- addresses --- */

bool ld_resolve(struct ld_parser *p, const char *name, bool v6, char *ret)
{
	struct ip_addr addr;
	char text[256];
	size_t len = strlen(name);

	if (len > 2 && name[0] == '[' && name[len - 1] == ']') {
		name++;
		len -= 2;
	}
	if (!len || len >= sizeof(text)) {
		ld_say(p, IMPORT_LOST, "an address is missing or too long");
		return false;
	}
	memcpy(text, name, len);
	text[len] = '\0';
	if (!ip_addr_parse(text, &addr)) {
		if ((addr.family == AF_INET6) != v6) {
			ld_say(p, IMPORT_LOST, "'%s' is not an IPv%c address",
				text, v6 ? '6' : '4');
			return false;
		}
		ip_addr_format(&addr, ret);
		return true;
	}
	if (!p->resolver->address ||
		p->resolver->address(text, v6 ? AF_INET6 : AF_INET, ret,
			IP_ADDR_STRLEN) < 0) {
		ld_say(p, IMPORT_LOST,
			"no IPv%c address is known for '%s': write the address",
			v6 ? '6' : '4', text);
		return false;
	}
	ld_say(p, IMPORT_NOTE,
		"'%s' is %s now; an address does not follow the name", text,
		ret);
	return true;
}

bool ld_resolve_port(struct ld_parser *p, const char *name, uint32_t *ret)
{
	uint32_t value = 0;
	const char *c;
	int port;

	for (c = name; isdigit((unsigned char)*c) && value <= UINT16_MAX; c++)
		value = 10 * value + (uint32_t)(*c - '0');
	if (*name && !*c && value <= UINT16_MAX) {
		*ret = value;
		return true;
	}
	port = p->resolver->port && isalpha((unsigned char)*name)
		       ? p->resolver->port(name, "tcp")
		       : -1;
	if (port < 0) {
		ld_say(p, IMPORT_LOST, "'%s' is not a port", name);
		return false;
	}
	*ret = (uint32_t)port;
	return true;
}

/* Cuts TEXT in HOST and PORT ("" = none): "h", "h:p", "[v6]:p". */
void ld_split_port(struct ld_parser *p, char *text, char **ret_port)
{
	char *end = text;
	char *colon;

	if (*text == '[' && strchr(text, ']'))
		end = strchr(text, ']');
	colon = strchr(end, ':');
	if (!colon) {
		*ret_port = text + strlen(text);
		return;
	}
	*ret_port = colon + 1;
	if (**ret_port == ':') {
		ld_say(p, IMPORT_DIFFERS,
			"two colons before the port: ldirectord takes '%s' for "
			"a host; it is read as a port here",
			*ret_port + 1);
		(*ret_port)++;
	}
	*colon = '\0';
}

/* The next word of *TEXT, cut off; NULL at its end. */
char *ld_next_word(char **text)
{
	char *word = *text + strspn(*text, " \t");

	if (!*word)
		return NULL;
	*text = word + strcspn(word, " \t");
	if (**text)
		*(*text)++ = '\0';
	return word;
}

bool ld_take_forward(struct ld_parser *p, const char *word, char *ret)
{
	if (word && (!strcmp(word, "gate") || !strcmp(word, "masq") ||
			    !strcmp(word, "ipip"))) {
		*ret = *word;
		return true;
	}
	ld_say(p, IMPORT_LOST, "'%s' is not gate, masq or ipip",
		word ? word : "");
	return false;
}

void ld_take_fallback(struct ld_parser *p, bool v6, struct ld_fallback *ret)
{
	struct ld_fallback f = { .forward = 'g', .line = p->line.number };
	char *rest = p->line.value;
	char *word = ld_next_word(&rest);
	char *forward = ld_next_word(&rest);
	char *port;

	if (!word) {
		ld_say(p, IMPORT_LOST, "a fallback without an address");
		return;
	}
	ld_split_port(p, word, &port);
	f.port = p->current ? p->current->port : 0;
	if (!ld_resolve(p, word, v6, f.address) ||
		(*port && !ld_resolve_port(p, port, &f.port)) ||
		(forward && !ld_take_forward(p, forward, &f.forward)))
		return;
	*ret = f;
}
