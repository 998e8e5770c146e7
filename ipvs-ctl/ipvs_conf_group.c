/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a virtual_server_group. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs-ctl/ipvs_conf.h"

/* What a network leaves open: its addresses are services, one by one. */
#define PREFIX_BITS_MAX 16

#define ENTRY_HINT                                                            \
	"ADDRESS [PORT], ADDRESS-LAST, ADDRESS/LEN or fwmark NUMBER"

static int report_entry(struct conf_bind *ctx, uint32_t node, int arg,
	const char *what, const char *word)
{
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, arg, ENTRY_HINT,
		"%s '%s'", what, word);
	return -EINVAL;
}

/* A decimal number up to MAX that is the whole of TEXT. */
static int read_number(const char *text, uint32_t max, uint32_t *ret)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*end || errno || value > max)
		return -EINVAL;
	*ret = (uint32_t)value;
	return 0;
}

static int read_fwmark(
	struct conf_bind *ctx, uint32_t node, struct ipvs_conf_entry *ret)
{
	const char *family = conf_node_arg(ctx->tree, node, 1);
	int64_t mark;

	if (conf_arg_int(ctx, node, 0, 1, UINT32_MAX, &mark) < 0)
		return -EINVAL;
	ret->fwmark = (uint32_t)mark;
	ret->n_addrs = 1;
	ret->n_ports = 1;
	if (!family)
		return 0;
	if (!strcmp(family, "inet"))
		ret->family = AF_INET;
	else if (!strcmp(family, "inet6"))
		ret->family = AF_INET6;
	else
		return report_entry(ctx, node, 1, "unknown family", family);
	return 0;
}

/* The number in the last 32 bits of an address: ranges stay within. */
static uint32_t low_bits(const struct ip_addr *addr)
{
	uint32_t bits;

	memcpy(&bits, addr->bytes + ip_family_bytes(addr->family) - 4,
		sizeof(bits));
	return ntohl(bits);
}

static void set_low_bits(struct ip_addr *addr, uint32_t bits)
{
	bits = htonl(bits);
	memcpy(addr->bytes + ip_family_bytes(addr->family) - 4, &bits,
		sizeof(bits));
}

/* LAST is the text after '-': a whole address, or the last part of one as in
 * 192.0.2.1-9. */
static int read_last(const struct ip_addr *first, const char *last,
	uint32_t *ret_last)
{
	struct ip_addr addr;
	struct ip_addr same = *first;
	uint32_t part;

	if (ip_addr_parse(last, &addr) == 0) {
		if (addr.family != first->family)
			return -EINVAL;
		*ret_last = low_bits(&addr);
		set_low_bits(&same, *ret_last);
		return ip_addr_compare(&same, &addr) ? -EINVAL : 0;
	}
	if (first->family == AF_INET) {
		if (read_number(last, 255, &part) < 0)
			return -EINVAL;
		*ret_last = (low_bits(first) & ~UINT32_C(0xff)) | part;
		return 0;
	}
	errno = 0;
	part = (uint32_t)strtoul(last, NULL, 16);
	if (strspn(last, "0123456789abcdefABCDEF") != strlen(last) || !*last ||
		strlen(last) > 4)
		return -EINVAL;
	*ret_last = (low_bits(first) & ~UINT32_C(0xffff)) | part;
	return 0;
}

static int read_prefix(const char *length, struct ipvs_conf_entry *ret)
{
	uint32_t bits = ip_family_bytes(ret->first.family) * 8;
	uint32_t len;
	uint32_t low;

	/* The count must stay a number of services; it is checked later. */
	if (read_number(length, bits, &len) < 0 || bits - len > PREFIX_BITS_MAX)
		return -EINVAL;
	low = low_bits(&ret->first);
	set_low_bits(&ret->first, low & ~((UINT32_C(1) << (bits - len)) - 1));
	ret->n_addrs = UINT32_C(1) << (bits - len);
	return 0;
}

static int read_addresses(const char *word, struct ipvs_conf_entry *ret)
{
	char text[2 * INET6_ADDRSTRLEN + 2];
	char *mark;
	uint32_t last;

	if (strlen(word) >= sizeof(text))
		return -EINVAL;
	strcpy(text, word);
	mark = strpbrk(text, "-/");
	ret->n_addrs = 1;
	if (!mark)
		return ip_addr_parse(text, &ret->first);
	if (*mark == '/') {
		*mark = '\0';
		if (ip_addr_parse(text, &ret->first) < 0)
			return -EINVAL;
		return read_prefix(mark + 1, ret);
	}
	*mark = '\0';
	if (ip_addr_parse(text, &ret->first) < 0 ||
		read_last(&ret->first, mark + 1, &last) < 0 ||
		last < low_bits(&ret->first) ||
		last - low_bits(&ret->first) >= IPVS_CONF_KEYS_MAX)
		return -EINVAL;
	ret->n_addrs = last - low_bits(&ret->first) + 1;
	return 0;
}

static int read_ports(const char *word, struct ipvs_conf_entry *ret)
{
	char text[16];
	char *mark;
	uint32_t first;
	uint32_t last;

	if (strlen(word) >= sizeof(text))
		return -EINVAL;
	strcpy(text, word);
	mark = strchr(text, '-');
	if (mark)
		*mark = '\0';
	if (read_number(text, 65535, &first) < 0 ||
		read_number(mark ? mark + 1 : text, 65535, &last) < 0 ||
		last < first)
		return -EINVAL;
	ret->first_port = (uint16_t)first;
	ret->n_ports = last - first + 1;
	return 0;
}

/* What is wrong with WORD may be the length of its network alone. */
static int report_addresses(struct conf_bind *ctx, uint32_t node,
	const char *word, const struct ipvs_conf_entry *entry)
{
	const char *slash = strpbrk(word, "-/");
	unsigned int bits = 8 * ip_family_bytes(entry->first.family);
	char hint[32];

	if (!slash || *slash != '/' || !bits)
		return report_entry(ctx, node, -1,
			"no address, range or network:", word);
	snprintf(hint, sizeof(hint), "valid: /%u to /%u", bits - PREFIX_BITS_MAX,
		bits);
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, -1, hint,
		"'%s' is no prefix length of a group's addresses", slash);
	return -EINVAL;
}

int ipvs_conf_read_entry(
	struct conf_bind *ctx, uint32_t node, struct ipvs_conf_entry *ret)
{
	const char *word = conf_node_keyword(ctx->tree, node);
	const char *ports = conf_node_arg(ctx->tree, node, 0);

	ret->node = node;
	if (!strcmp(word, "fwmark"))
		return read_fwmark(ctx, node, ret);
	if (read_addresses(word, ret) < 0)
		return report_addresses(ctx, node, word, ret);
	ret->family = ret->first.family;
	ret->n_ports = 1;
	if (ports && read_ports(ports, ret) < 0)
		return report_entry(
			ctx, node, 0, "no port or range of ports:", ports);
	return 0;
}

uint64_t ipvs_conf_entry_count(const struct ipvs_conf_entry *entry)
{
	return (uint64_t)entry->n_addrs * entry->n_ports;
}

void ipvs_conf_entry_keys(const struct ipvs_conf_entry *entry,
	uint16_t protocol, sa_family_t default_family, struct table_key *keys)
{
	struct ip_endpoint endpoint = { .addr = entry->first };
	uint32_t base;
	uint32_t i;
	uint32_t j;

	if (entry->fwmark) {
		table_key_fwmark(keys,
			entry->family ? entry->family : default_family,
			entry->fwmark);
		return;
	}
	base = low_bits(&entry->first);
	for (i = 0; i < entry->n_addrs; i++) {
		set_low_bits(&endpoint.addr, base + i);
		for (j = 0; j < entry->n_ports; j++) {
			endpoint.port = (uint16_t)(entry->first_port + j);
			table_key_address(keys++, protocol, &endpoint);
		}
	}
}
