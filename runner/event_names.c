/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/event_names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>

#include "lib/ipaddr.h"
#include "lib/mem.h"

struct known {
	UT_hash_handle hh;
	uint32_t node;
	struct event_service service;
};

struct event_names {
	const struct conf_tree *tree;
	struct arena *arena;
	struct known *known; /* in the arena */
};

struct event_names *event_names_new(const struct conf_tree *tree)
{
	struct event_names *names = x_new(struct event_names, 1);

	names->tree = tree;
	names->arena = arena_new();
	return names;
}

void event_names_free(struct event_names *names)
{
	if (!names)
		return;
	HASH_CLEAR(hh, names->known);
	arena_free(names->arena);
	x_free(names);
}

const struct conf_tree *event_names_tree(const struct event_names *names)
{
	return names->tree;
}

static unsigned int port_of(
	const struct conf_tree *tree, uint32_t node, uint32_t arg)
{
	const char *text = conf_node_arg(tree, node, arg);

	return text ? (unsigned int)strtoul(text, NULL, 10) : 0;
}

/* An address as the kernel would write it, or as it stands. */
static const char *address_of(const char *text, char *buf)
{
	struct ip_addr addr;

	return ip_addr_parse(text, &addr) < 0 ? text
					      : ip_addr_format(&addr, buf);
}

static void read_protocol(struct event_service *service, const char *text)
{
	static const char *const protocols[] = { "tcp", "udp", "sctp" };
	size_t i;

	for (i = 0; i < 3; i++)
		if (!strcasecmp(text, protocols[i]))
			service->protocol = protocols[i];
}

/* Of each keyword the last one counts. */
static void read_block(const struct conf_tree *tree, uint32_t node,
	struct event_service *service)
{
	conf_for_each_child(tree, node, child)
	{
		const char *keyword = conf_node_keyword(tree, child);
		const char *arg = conf_node_arg(tree, child, 0);

		if (!strcmp(keyword, "smtp_alert"))
			service->alert = child;
		else if (arg && !strcmp(keyword, "protocol"))
			read_protocol(service, arg);
		else if (arg && !strcmp(keyword, "quorum"))
			service->quorum = arg;
		else if (arg && !strcmp(keyword, "hysteresis"))
			service->hysteresis = arg;
	}
}

static void read_service(struct event_names *names, uint32_t node,
	struct event_service *service)
{
	const struct conf_tree *tree = names->tree;
	const char *first = conf_node_arg(tree, node, 0);
	const char *second = conf_node_arg(tree, node, 1);
	char buf[IP_ADDR_STRLEN];
	char *name;

	*service = (struct event_service){
		.protocol = "udp",
		.quorum = "1",
		.hysteresis = "0",
		.alert = CONF_NODE_NONE,
	};
	read_block(tree, node, service);
	if (second && !strcmp(first, "group")) {
		name = x_asprintf("[%s]:0", second);
	} else if (second && !strcmp(first, "fwmark")) {
		service->protocol = "none";
		name = x_asprintf("FWM %u", port_of(tree, node, 1));
	} else {
		service->port = port_of(tree, node, 1);
		name = x_asprintf("[%s]:%s:%u", address_of(first, buf),
			service->protocol, service->port);
	}
	service->name = arena_strdup(names->arena, name);
	x_free(name);
}

const struct event_service *event_names_service(
	struct event_names *names, uint32_t node)
{
	struct known *known;

	HASH_FIND(hh, names->known, &node, sizeof(node), known);
	if (!known) {
		known = arena_new_object(names->arena, struct known);
		known->node = node;
		read_service(names, node, &known->service);
		HASH_ADD(hh, names->known, node, sizeof(node), known);
	}
	return &known->service;
}

char *event_names_server(struct event_names *names, uint32_t node)
{
	const struct conf_tree *tree = names->tree;
	const struct event_service *service =
		event_names_service(names, conf_node_parent(tree, node));
	unsigned int port = port_of(tree, node, 1);
	char buf[IP_ADDR_STRLEN];

	/* Without one of its own it has that of its service. */
	return x_asprintf("[%s]:%s:%u",
		address_of(conf_node_arg(tree, node, 0), buf),
		service->protocol, port ? port : service->port);
}
