/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of services, for ha_suspend.  Lines of groups are read in
 * silence: ipvs says what is wrong with them.
 */
#include <stdlib.h>
#include <string.h>

#include "healthcheck/check_conf.h"

/* All bits behind the first LEN of ADDR become those of BYTE. */
static void fill_host(struct ip_addr *addr, unsigned int len, uint8_t byte)
{
	unsigned int n = ip_family_bytes(addr->family);
	unsigned int i;

	for (i = len / 8; i < n; i++) {
		uint8_t keep = i == len / 8 ? (uint8_t)(0xff00 >> len % 8) : 0;

		addr->bytes[i] = (addr->bytes[i] & keep) |
			(byte & (uint8_t)~keep);
	}
}

static bool read_network(const char *length, struct check_addresses *ret)
{
	unsigned int bits = ip_family_bytes(ret->first.family) * 8;
	unsigned long len;
	char *end;

	len = strtoul(length, &end, 10);
	if (end == length || *end || len > bits)
		return false;
	ret->last = ret->first;
	fill_host(&ret->first, (unsigned int)len, 0);
	fill_host(&ret->last, (unsigned int)len, 0xff);
	return true;
}

/* A whole address, or the last part of one: 192.0.2.1-9, 2001:db8::1-ff. */
static bool read_last(const char *last, struct check_addresses *ret)
{
	bool v4 = ret->first.family == AF_INET;
	unsigned long part;
	char *end;

	if (ip_addr_parse(last, &ret->last) == 0)
		return ret->last.family == ret->first.family;
	part = strtoul(last, &end, v4 ? 10 : 16);
	if (end == last || *end || part > (v4 ? 0xffu : 0xffffu))
		return false;
	ret->last = ret->first;
	if (!v4)
		ret->last.bytes[14] = (uint8_t)(part >> 8);
	ret->last.bytes[v4 ? 3 : 15] = (uint8_t)part;
	return true;
}

static bool read_addresses(const char *word, struct check_addresses *ret)
{
	char text[2 * INET6_ADDRSTRLEN + 2];
	char kind;
	char *mark;

	if (strlen(word) >= sizeof(text))
		return false;
	strcpy(text, word);
	mark = strpbrk(text, "-/");
	kind = mark ? *mark : '\0';
	if (mark)
		*mark = '\0';
	if (ip_addr_parse(text, &ret->first) < 0)
		return false;
	if (kind == '/')
		return read_network(mark + 1, ret);
	if (kind == '-')
		return read_last(mark + 1, ret);
	ret->last = ret->first;
	return true;
}

void check_group_bind(struct conf_bind *ctx, uint32_t node, void *target)
{
	uint32_t block = conf_node_parent(ctx->tree, node);
	const char *name = conf_node_arg(ctx->tree, block, 0);
	struct check_conf *conf = target;
	struct check_group *group = NULL;
	struct check_addresses addresses;
	struct check_addresses *copy;

	if (!name ||
		!read_addresses(conf_node_keyword(ctx->tree, node), &addresses))
		return;
	/* Lines of one block follow each other. */
	if (conf->groups.n)
		group = conf->groups.items[conf->groups.n - 1];
	if (!group || group->node != block) {
		group = arena_new_object(ctx->arena, struct check_group);
		group->node = block;
		group->name = arena_strdup(ctx->arena, name);
		conf_list_add(ctx->arena, &conf->groups, group);
	}
	copy = arena_new_object(ctx->arena, struct check_addresses);
	*copy = addresses;
	conf_list_add(ctx->arena, &group->addresses, copy);
}

struct check_group *check_groups_index(const struct conf_list *groups)
{
	struct check_group *index = NULL;
	uint32_t i;

	for (i = 0; i < groups->n; i++) {
		struct check_group *group = groups->items[i];
		struct check_group *other;

		HASH_FIND_STR(index, group->name, other);
		if (!other)
			HASH_ADD_KEYPTR(hh, index, group->name,
				strlen(group->name), group);
	}
	return index;
}

static uint32_t suspend_node(
	const struct conf_bind *ctx, const struct check_service *service)
{
	conf_for_each_child(ctx->tree, service->node, child)
		if (!strcmp(conf_node_keyword(ctx->tree, child), "ha_suspend"))
			return child;
	return service->node;
}

void check_service_resolve(struct conf_bind *ctx, struct check_group *index,
	struct check_service *service)
{
	struct check_group *group = NULL;

	if (!service->suspend)
		return;
	if (service->group_name)
		HASH_FIND_STR(index, service->group_name, group);
	service->group = group;
	if (service->group || ip_addr_is_set(&service->addr))
		return;
	conf_report(ctx, DIAG_WARNING, DIAG_IGNORED,
		suspend_node(ctx, service), -1, NULL,
		"the service has no address that could be missing: its checks "
		"always run");
	service->suspend = false;
}

bool check_service_has_address(
	const struct check_service *service, const struct ip_addr *addr)
{
	uint32_t i;

	for (i = 0; service->group && i < service->group->addresses.n; i++) {
		const struct check_addresses *range =
			service->group->addresses.items[i];

		if (addr->family == range->first.family &&
			ip_addr_compare(addr, &range->first) >= 0 &&
			ip_addr_compare(addr, &range->last) <= 0)
			return true;
	}
	return !service->group && !ip_addr_compare(addr, &service->addr);
}
