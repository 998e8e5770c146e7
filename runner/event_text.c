/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/event_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/ipaddr.h"
#include "lib/mem.h"

const char *event_word(enum event_what what)
{
	switch (what) {
	case EVENT_MASTER:
		return "MASTER";
	case EVENT_BACKUP:
		return "BACKUP";
	case EVENT_FAULT:
		return "FAULT";
	case EVENT_STOP:
		return "STOP";
	case EVENT_DELETED:
		return "DELETED";
	case EVENT_MASTER_RX_LOWER_PRI:
		return "MASTER_RX_LOWER_PRI";
	case EVENT_MASTER_PRIORITY:
		return "MASTER_PRIORITY";
	case EVENT_BACKUP_PRIORITY:
		return "BACKUP_PRIORITY";
	case EVENT_UP:
		return "UP";
	case EVENT_DOWN:
		return "DOWN";
	}
	return "?";
}

/* --- is it what it says --- */

static const char *subject_keyword(enum event_subject subject)
{
	switch (subject) {
	case EVENT_INSTANCE:
		return "vrrp_instance";
	case EVENT_GROUP:
		return "vrrp_sync_group";
	case EVENT_SERVICE:
		return "virtual_server";
	case EVENT_SERVER:
	case EVENT_CHECK:
		return "real_server";
	}
	return "";
}

static bool is_about_vrrp(enum event_what what)
{
	return what != EVENT_UP && what != EVENT_DOWN;
}

bool event_is_valid(const struct conf_tree *tree, const struct msg_event *event)
{
	bool vrrp = event->subject == EVENT_INSTANCE ||
		    event->subject == EVENT_GROUP;
	uint32_t count = conf_tree_count(tree);

	if (event->node >= count || vrrp != is_about_vrrp(event->what) ||
		strcmp(conf_node_keyword(tree, event->node),
			subject_keyword(event->subject)) != 0)
		return false;
	if (!conf_node_arg(tree, event->node, 0))
		return false;
	return event->subject != EVENT_CHECK ||
	       (event->check_node < count &&
		       conf_node_parent(tree, event->check_node) ==
			       event->node);
}

/* --- names --- */

/* The last `protocol` counts; UDP where there is none. */
static const char *service_protocol(const struct conf_tree *tree, uint32_t node)
{
	static const char *const names[] = { "tcp", "udp", "sctp" };
	const char *first = conf_node_arg(tree, node, 0);
	const char *found = "udp";
	size_t i;

	if (!strcmp(first, "fwmark"))
		return "none";
	conf_for_each_child(tree, node, child)
	{
		const char *arg = conf_node_arg(tree, child, 0);

		if (strcmp(conf_node_keyword(tree, child), "protocol") || !arg)
			continue;
		for (i = 0; i < 3; i++)
			if (!strcasecmp(arg, names[i]))
				found = names[i];
	}
	return found;
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

char *event_service_name(const struct conf_tree *tree, uint32_t node)
{
	const char *first = conf_node_arg(tree, node, 0);
	const char *second = conf_node_arg(tree, node, 1);
	char buf[IP_ADDR_STRLEN];

	if (second && !strcmp(first, "group"))
		return x_asprintf("[%s]:0", second);
	if (second && !strcmp(first, "fwmark"))
		return x_asprintf("FWM %u", port_of(tree, node, 1));
	return x_asprintf("[%s]:%s:%u", address_of(first, buf),
		service_protocol(tree, node), port_of(tree, node, 1));
}

char *event_server_name(const struct conf_tree *tree, uint32_t node)
{
	uint32_t service = conf_node_parent(tree, node);
	const char *first = conf_node_arg(tree, service, 0);
	unsigned int port = port_of(tree, node, 1);
	char buf[IP_ADDR_STRLEN];

	/* Without one of its own it has that of its service. */
	if (!port && strcmp(first, "group") && strcmp(first, "fwmark"))
		port = port_of(tree, service, 1);
	return x_asprintf("[%s]:%s:%u",
		address_of(conf_node_arg(tree, node, 0), buf),
		service_protocol(tree, service), port);
}

/* --- lines --- */

static char *vrrp_line(const struct conf_tree *tree,
	const struct msg_event *event, size_t *ret_subject_len)
{
	bool group = event->subject == EVENT_GROUP;
	const char *kind = group ? "GROUP" : "INSTANCE";
	const char *name = conf_node_arg(tree, event->node, 0);
	const char *word = event_word(event->what);
	bool state = event->what <= EVENT_DELETED;

	/* What is no state is no news about the state. */
	*ret_subject_len = strlen(kind) + strlen(name) + 4;
	if (!state)
		*ret_subject_len += strlen(word) + 1;
	return x_asprintf("%s \"%s\" %s %u\n", kind, name, word,
		group ? 0U : (unsigned int)event->priority);
}

static char *service_line(const struct conf_tree *tree,
	const struct msg_event *event, size_t *ret_subject_len)
{
	char *name = event_service_name(tree, event->node);
	char *line = x_asprintf("VS %s %s\n", name, event_word(event->what));

	*ret_subject_len = strlen(name) + 4;
	x_free(name);
	return line;
}

static char *server_line(const struct conf_tree *tree,
	const struct msg_event *event, size_t *ret_subject_len)
{
	char *server = event_server_name(tree, event->node);
	char *service = event_service_name(
		tree, conf_node_parent(tree, event->node));
	char *line = x_asprintf("RS %s %s %s\n", server, service,
		event_word(event->what));

	*ret_subject_len = strlen(server) + strlen(service) + 5;
	x_free(server);
	x_free(service);
	return line;
}

char *event_line(const struct conf_tree *tree, const struct msg_event *event,
	size_t *ret_subject_len)
{
	switch (event->subject) {
	case EVENT_INSTANCE:
	case EVENT_GROUP:
		return vrrp_line(tree, event, ret_subject_len);
	case EVENT_SERVICE:
		return service_line(tree, event, ret_subject_len);
	case EVENT_SERVER:
		return server_line(tree, event, ret_subject_len);
	case EVENT_CHECK:
		break;
	}
	return NULL;
}
