/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be said about virtual servers only with the whole configuration
 * in view: groups, duplicates, families, ports, quorum.
 */
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "ipvs-ctl/ipvs_conf_internal.h"

/* Where something was seen first. */
struct seen_key {
	struct table_key key;
	uint32_t node;
	UT_hash_handle hh;
};

struct seen_server {
	struct {
		uint8_t addr[16];
		uint16_t family;
		uint16_t port;
	} key;
	uint32_t node;
	UT_hash_handle hh;
};

struct seen_group {
	const struct ipvs_conf_group *group;
	UT_hash_handle hh;
};

struct check {
	struct conf_bind *ctx;
	struct ipvs_conf *conf;
	struct seen_group *groups;
	struct seen_key *keys;
	struct mark_giver *marks; /* NULL = groups are served by address */
	/* Of the seen things; the bound structs' arena would keep them. */
	struct arena *arena;
};

/* "first at FILE:LINE", in the arena. */
static const char *first_at(struct check *check, uint32_t node)
{
	struct diag_place place = conf_node_place(check->ctx->tree, node);
	char *text = arena_alloc(check->arena, strlen(place.file) + 32);

	sprintf(text, "first at %s:%u", place.file, place.line);
	return text;
}

/* Where SERVICE says KEYWORD. */
static uint32_t line_of(const struct check *check,
	const struct ipvs_conf_service *service, const char *keyword)
{
	return conf_node_line(check->ctx->tree, service->node, keyword);
}

/* --- groups --- */

static void index_groups(struct check *check)
{
	const struct conf_list *groups = &check->conf->groups;
	struct seen_group *seen;
	size_t i;

	for (i = 0; i < groups->n; i++) {
		const struct ipvs_conf_group *group = groups->items[i];

		HASH_FIND_STR(check->groups, group->name, seen);
		if (seen) {
			conf_report(check->ctx, DIAG_ERROR, DIAG_DUPLICATE,
				group->node, 0,
				first_at(check, seen->group->node),
				"a second virtual_server_group '%s'",
				group->name);
			continue;
		}
		seen = arena_new_object(check->arena, struct seen_group);
		seen->group = group;
		HASH_ADD_KEYPTR(hh, check->groups, group->name,
			strlen(group->name), seen);
	}
}

static void expand_group(struct check *check,
	struct ipvs_conf_service *service, sa_family_t family)
{
	const struct ipvs_conf_group *group;
	struct seen_group *seen;
	struct table_key *keys;
	uint64_t n = 0;
	size_t i;

	HASH_FIND_STR(check->groups, service->group_name, seen);
	if (!seen || !seen->group->entries.n) {
		conf_report(check->ctx, DIAG_ERROR, DIAG_REFERENCE,
			service->node, 1,
			"define it: virtual_server_group NAME { ADDRESS PORT }",
			"no virtual_server_group '%s' with a usable line",
			service->group_name);
		service->bad = true;
		return;
	}
	group = seen->group;
	for (i = 0; i < group->entries.n; i++)
		n += ipvs_conf_entry_count(group->entries.items[i]);
	if (n > IPVS_CONF_KEYS_MAX) {
		conf_report(check->ctx, DIAG_ERROR, DIAG_VALUE_RANGE,
			service->node, 1, NULL,
			"the group '%s' stands for %llu services; at most %d",
			group->name, (unsigned long long)n,
			IPVS_CONF_KEYS_MAX);
		service->bad = true;
		return;
	}
	keys = arena_alloc(check->ctx->arena, n * sizeof(*keys));
	service->keys = keys;
	service->n_keys = n;
	for (i = 0; i < group->entries.n; i++) {
		ipvs_conf_entry_keys(group->entries.items[i],
			(uint16_t)service->protocol, family, keys);
		keys += ipvs_conf_entry_count(group->entries.items[i]);
	}
}

/* --- one virtual server --- */

/* Of a fwmark service: as its servers are, tunnelled ones aside. */
static sa_family_t server_family(const struct ipvs_conf_service *service)
{
	sa_family_t family = AF_UNSPEC;
	size_t i;

	for (i = 0; i < service->servers.n; i++) {
		const struct ipvs_conf_server *server =
			service->servers.items[i];

		if (server->bad)
			continue;
		if (server->method.forward != TABLE_FORWARD_TUNNEL)
			return server->endpoint.addr.family;
		if (!family)
			family = server->endpoint.addr.family;
	}
	return family ? family : AF_INET;
}

static bool by_address(const struct ipvs_conf_service *service)
{
	return !service->fwmark && !service->group_name;
}

static void default_protocol(struct check *check,
	struct ipvs_conf_service *service)
{
	size_t i;
	bool marks_alone = service->fwmark != 0;
	struct seen_group *seen;

	if (service->protocol >= 0)
		return;
	service->protocol = IPPROTO_UDP;
	if (service->group_name) {
		HASH_FIND_STR(check->groups, service->group_name, seen);
		marks_alone = seen != NULL;
		for (i = 0; seen && i < seen->group->entries.n; i++) {
			const struct ipvs_conf_entry *entry =
				seen->group->entries.items[i];

			marks_alone &= entry->fwmark != 0;
		}
	}
	if (!marks_alone)
		conf_report(check->ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD,
			service->node, -1, "add 'protocol TCP' or "
					   "'protocol UDP'",
			"no protocol is set: it is UDP, as in keepalived");
}

/* The line of a scheduler's flag. */
static uint32_t flag_line(const struct conf_tree *tree, uint32_t node)
{
	static const char *const flags[] = { "flag-1", "flag-2", "sh-port",
		"sh-fallback", "mh-port", "mh-fallback" };
	uint32_t line = node;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]) && line == node;
		i++)
		line = conf_node_line(tree, node, flags[i]);
	return line;
}

static void default_scheduler(
	struct check *check, struct ipvs_conf_service *service)
{
	if (!service->scheduler) {
		service->scheduler = "wlc";
		conf_report(check->ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD,
			service->node, -1, "add 'lb_algo wlc'",
			"no scheduler is set: it is wlc");
	}
	if (service->scheduler_flags & (TABLE_SERVICE_SCHED1 |
		    TABLE_SERVICE_SCHED2) &&
		strcmp(service->scheduler, "sh") &&
		strcmp(service->scheduler, "mh") &&
		!conf_is_doubtful(check->ctx, service->node, "lb_algo") &&
		!conf_is_doubtful(check->ctx, service->node, "lvs_sched"))
		conf_report(check->ctx, DIAG_WARNING, DIAG_CONFLICT,
			flag_line(check->ctx->tree, service->node), -1, NULL,
			"the scheduler %s has no flags",
			service->scheduler);
}

static void default_method(
	struct check *check, struct ipvs_conf_service *service)
{
	bool all_set = true;
	size_t i;

	for (i = 0; i < service->servers.n; i++) {
		struct ipvs_conf_server *server = service->servers.items[i];

		all_set &= server->method.set;
		if (!server->method.set)
			server->method = service->method;
	}
	if (!service->sorry.method.set)
		service->sorry.method = service->method;
	if (!service->method.set && !all_set)
		conf_report(check->ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD,
			service->node, -1, "add 'lb_kind NAT', DR or TUN",
			"no forwarding method is set: it is NAT");
}

/* Port 0 stands for all ports. */
static bool has_all_ports(
	const struct check *check, const struct ipvs_conf_service *service)
{
	struct seen_group *seen;
	size_t i;

	if (!service->group_name)
		return !service->fwmark && !service->endpoint.port;
	HASH_FIND_STR(check->groups, service->group_name, seen);
	for (i = 0; seen && i < seen->group->entries.n; i++) {
		const struct ipvs_conf_entry *entry =
			seen->group->entries.items[i];

		if (!entry->fwmark && !entry->first_port)
			return true;
	}
	return false;
}

/* As in keepalived: two things are worth nothing without persistence (the
 * kernel schedules nothing by a port 0 without it), so they bring it. */
static void default_persistence(
	struct check *check, struct ipvs_conf_service *service)
{
	const char *why = NULL;

	if (service->persistence_s)
		return;
	if (has_all_ports(check, service))
		why = "a service of all ports is";
	else if (service->granularity)
		why = "persistence_granularity makes it";
	if (!why)
		return;
	service->persistence_s = PERSISTENCE_IMPLIED_S;
	conf_report(check->ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD,
		service->node, -1, "add 'persistence_timeout 360'",
		"no persistence_timeout is set: %s persistent, for 360 s",
		why);
}

static void check_persistence(
	struct check *check, struct ipvs_conf_service *service)
{
	default_persistence(check, service);
	if (service->one_packet && !service->fwmark &&
		service->protocol != IPPROTO_UDP) {
		conf_report(check->ctx, DIAG_WARNING, DIAG_CONFLICT,
			line_of(check, service, "ops"), -1, NULL,
			"ops is for UDP alone and is left out");
		service->one_packet = false;
	}
}

/* Do all packets of the service come to PORT? */
static bool has_only_port(const struct check *check,
	const struct ipvs_conf_service *service, uint16_t port)
{
	struct seen_group *seen;
	size_t i;

	if (!service->group_name)
		return !service->fwmark && service->endpoint.port == port;
	HASH_FIND_STR(check->groups, service->group_name, seen);
	for (i = 0; seen && i < seen->group->entries.n; i++) {
		const struct ipvs_conf_entry *entry =
			seen->group->entries.items[i];

		if (entry->fwmark || entry->first_port != port ||
			entry->n_ports > 1)
			return false;
	}
	return true;
}

static void check_port(struct check *check,
	const struct ipvs_conf_service *service,
	struct ipvs_conf_server *server)
{
	uint16_t port = server->endpoint.port;

	if (server->method.forward == TABLE_FORWARD_NAT || !port)
		return;
	if (!has_only_port(check, service, port))
		conf_report(check->ctx, DIAG_WARNING, DIAG_CONFLICT,
			server->node, 1, "only NAT can change the port",
			"behind DR or TUN packets keep the port they come "
			"with: %u is for checks alone", port);
	/* That of the service is used; a mark has none. */
	if (!service->fwmark && (service->group_name ||
			port != service->endpoint.port))
		server->endpoint.port = 0;
}

static void check_family(struct check *check,
	const struct ipvs_conf_service *service,
	struct ipvs_conf_server *server)
{
	if (!by_address(service) || server->bad ||
		server->method.forward == TABLE_FORWARD_TUNNEL ||
		server->endpoint.addr.family == service->endpoint.addr.family)
		return;
	conf_report(check->ctx, DIAG_ERROR, DIAG_CONFLICT, server->node, 0,
		"only TUN connects IPv4 and IPv6",
		"the server is of another address family than the service");
	server->bad = true;
}

static void check_twice(struct check *check, struct seen_server **seen,
	struct ipvs_conf_server *server)
{
	struct seen_server *entry =
		arena_new_object(check->arena, struct seen_server);
	struct seen_server *first;

	memcpy(entry->key.addr, server->endpoint.addr.bytes,
		sizeof(entry->key.addr));
	entry->key.family = server->endpoint.addr.family;
	entry->key.port = server->endpoint.port;
	entry->node = server->node;
	HASH_FIND(hh, *seen, &entry->key, sizeof(entry->key), first);
	if (!first) {
		HASH_ADD(hh, *seen, key, sizeof(entry->key), entry);
		return;
	}
	conf_report(check->ctx, DIAG_ERROR, DIAG_DUPLICATE, server->node, 0,
		first_at(check, first->node),
		"the same real server twice in one virtual server");
	server->bad = true;
}

static void check_servers(
	struct check *check, struct ipvs_conf_service *service)
{
	struct seen_server *seen = NULL;
	struct conf_list *servers = &service->servers;
	size_t kept = 0;
	size_t i;

	for (i = 0; i < servers->n; i++) {
		struct ipvs_conf_server *server = servers->items[i];

		if (server->bad)
			continue;
		check_port(check, service, server);
		check_family(check, service, server);
		if (!server->bad)
			check_twice(check, &seen, server);
	}
	HASH_CLEAR(hh, seen);
	for (i = 0; i < servers->n; i++) {
		const struct ipvs_conf_server *server = servers->items[i];

		if (!server->bad)
			servers->items[kept++] = servers->items[i];
	}
	servers->n = kept;
	if (kept || service->bad)
		return;
	conf_report(check->ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD,
		service->node, -1, "add a real_server block",
		"the virtual server has no usable real server");
	service->bad = true;
}

static void check_sorry(struct check *check, struct ipvs_conf_service *service)
{
	struct ipvs_conf_sorry *sorry = &service->sorry;

	if (!sorry->set)
		return;
	if (sorry->method.forward != TABLE_FORWARD_NAT && !service->fwmark)
		sorry->endpoint.port = 0;
	if (by_address(service) &&
		sorry->method.forward != TABLE_FORWARD_TUNNEL &&
		sorry->endpoint.addr.family != service->endpoint.addr.family) {
		conf_report(check->ctx, DIAG_ERROR, DIAG_CONFLICT,
			line_of(check, service, "sorry_server"), -1,
			"only TUN connects IPv4 and IPv6",
			"the sorry server is of another address family than "
			"the service");
		sorry->set = false;
	}
}

static void check_quorum(
	struct check *check, struct ipvs_conf_service *service)
{
	int64_t total = 0;
	size_t i;

	for (i = 0; i < service->servers.n; i++) {
		const struct ipvs_conf_server *server =
			service->servers.items[i];

		total += server->weight;
	}
	if (total < 1)
		total = 1;
	if (service->quorum > total) {
		conf_report(check->ctx, DIAG_WARNING, DIAG_VALUE_RANGE,
			line_of(check, service, "quorum"), -1, NULL,
			"quorum %lld is more than all weights together: "
			"%lld is used",
			(long long)service->quorum, (long long)total);
		service->quorum = total;
	}
	if (service->hysteresis >= service->quorum) {
		if (!conf_is_doubtful(check->ctx, service->node, "quorum"))
			conf_report(check->ctx, DIAG_WARNING, DIAG_VALUE_RANGE,
				line_of(check, service, "hysteresis"), -1, NULL,
				"hysteresis %lld is not below the quorum: %lld is "
				"used",
				(long long)service->hysteresis,
				(long long)service->quorum - 1);
		service->hysteresis = service->quorum - 1;
	}
	if (service->quorum + service->hysteresis > total) {
		conf_report(check->ctx, DIAG_WARNING, DIAG_VALUE_RANGE,
			line_of(check, service, "hysteresis"), -1, NULL,
			"quorum and hysteresis are more than all weights "
			"together, so a lost quorum would never come back: "
			"hysteresis %lld is used",
			(long long)(total - service->quorum));
		service->hysteresis = total - service->quorum;
	}
}

static void make_keys(struct check *check, struct ipvs_conf_service *service)
{
	char *label;
	sa_family_t family = service->family ? (sa_family_t)service->family :
					       server_family(service);

	service->label = service->name;
	if (service->group_name) {
		expand_group(check, service, family);
		if (check->marks && !service->bad)
			mark_giver_mark(
				check->marks, service, check->ctx->arena);
		return;
	}
	service->keys = arena_alloc(check->ctx->arena, sizeof(*service->keys));
	service->n_keys = 1;
	if (service->fwmark)
		table_key_fwmark(service->keys, family, service->fwmark);
	else
		table_key_address(service->keys, (uint16_t)service->protocol,
			&service->endpoint);
	label = arena_alloc(check->ctx->arena, TABLE_KEY_STRLEN);
	service->label = table_key_format(service->keys, label);
}

/* A granularity that none of the service's addresses can have. */
static void check_granularity(
	struct check *check, struct ipvs_conf_service *service)
{
	size_t i = 0;

	while (i < service->n_keys &&
		service->keys[i].family != service->granularity_family)
		i++;
	if (!service->granularity || i < service->n_keys)
		return;
	conf_report(check->ctx, DIAG_ERROR, DIAG_CONFLICT,
		line_of(check, service, "persistence_granularity"), -1,
		"a netmask for IPv4, a prefix length for IPv6",
		"persistence_granularity is of the other family");
	service->granularity = 0;
}

static void check_keys(struct check *check, struct ipvs_conf_service *service,
	struct table_key *keys, size_t n)
{
	char text[TABLE_KEY_STRLEN];
	struct seen_key *seen;
	size_t i;

	for (i = 0; i < n && !service->bad; i++) {
		struct table_key *key = &keys[i];

		HASH_FIND(hh, check->keys, key, sizeof(*key), seen);
		if (seen) {
			conf_report(check->ctx, DIAG_ERROR, DIAG_DUPLICATE,
				service->node, 0, first_at(check, seen->node),
				"a second virtual server for %s",
				table_key_format(key, text));
			service->bad = true;
			break;
		}
		seen = arena_new_object(check->arena, struct seen_key);
		seen->key = *key;
		seen->node = service->node;
		HASH_ADD(hh, check->keys, key, sizeof(seen->key), seen);
	}
}

static void check_service(
	struct check *check, struct ipvs_conf_service *service)
{
	if (service->bad)
		return;
	default_protocol(check, service);
	default_scheduler(check, service);
	default_method(check, service);
	check_persistence(check, service);
	check_servers(check, service);
	if (service->bad)
		return;
	check_sorry(check, service);
	check_quorum(check, service);
	make_keys(check, service);
	check_granularity(check, service);
	check_keys(check, service, service->keys, service->n_keys);
	check_keys(check, service, service->marked, service->n_marked);
}

void ipvs_conf_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct ipvs_conf *conf = target;
	struct check check = { .ctx = ctx, .conf = conf };
	size_t kept = 0;
	size_t i;

	(void)node;
	(void)parent;
	check.arena = arena_new();
	index_groups(&check);
	ipvs_conf_finish_sync(ctx, &conf->globals.sync);
	if (conf->globals.marks.table)
		check.marks = mark_giver_begin(conf, check.arena);
	for (i = 0; i < conf->services.n; i++)
		check_service(&check, conf->services.items[i]);
	for (i = 0; i < conf->services.n; i++) {
		const struct ipvs_conf_service *service =
			conf->services.items[i];

		if (!service->bad)
			conf->services.items[kept++] = conf->services.items[i];
	}
	conf->services.n = kept;
	mark_giver_end(check.marks);
	HASH_CLEAR(hh, check.keys);
	HASH_CLEAR(hh, check.groups);
	arena_free(check.arena);
}
