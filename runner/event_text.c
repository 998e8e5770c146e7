/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/event_text.h"

#include <string.h>

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

static char *service_line(struct event_names *names,
	const struct msg_event *event, size_t *ret_subject_len)
{
	const char *name = event_names_service(names, event->node)->name;

	*ret_subject_len = strlen(name) + 4;
	return x_asprintf("VS %s %s\n", name, event_word(event->what));
}

static char *server_line(struct event_names *names,
	const struct msg_event *event, size_t *ret_subject_len)
{
	const struct conf_tree *tree = event_names_tree(names);
	const char *service = event_names_service(
		names, conf_node_parent(tree, event->node))->name;
	char *server = event_names_server(names, event->node);
	char *line = x_asprintf("RS %s %s %s\n", server, service,
		event_word(event->what));

	*ret_subject_len = strlen(server) + strlen(service) + 5;
	x_free(server);
	return line;
}

char *event_line(struct event_names *names, const struct msg_event *event,
	size_t *ret_subject_len)
{
	switch (event->subject) {
	case EVENT_INSTANCE:
	case EVENT_GROUP:
		return vrrp_line(
			event_names_tree(names), event, ret_subject_len);
	case EVENT_SERVICE:
		return service_line(names, event, ret_subject_len);
	case EVENT_SERVER:
		return server_line(names, event, ret_subject_len);
	case EVENT_CHECK:
		break;
	}
	return NULL;
}
