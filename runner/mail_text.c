/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/mail_text.h"

#include <string.h>

#include "lib/mem.h"
#include "runner/event_text.h"

/* --- whether --- */

/* The last smtp_alert of block NODE, which is no large one. */
static uint32_t find_alert(const struct conf_tree *tree, uint32_t node)
{
	uint32_t found = CONF_NODE_NONE;

	conf_for_each_child(tree, node, child)
		if (!strcmp(conf_node_keyword(tree, child), "smtp_alert"))
			found = child;
	return found;
}

/* What SAID says, a smtp_alert or none, else what global_defs does. */
static bool is_alert(const struct conf_tree *tree, uint32_t said,
	const struct mail_conf *conf, enum mail_subject subject)
{
	struct conf_bind ctx = { .tree = tree };
	bool value = true;

	if (said == CONF_NODE_NONE)
		return mail_conf_wants(conf, subject);
	if (conf_node_n_args(tree, said))
		conf_arg_bool(&ctx, said, 0, &value);
	return value;
}

static bool is_wanted_vrrp(const struct conf_tree *tree,
	const struct mail_conf *conf, const struct msg_event *event)
{
	if (event->what > EVENT_DELETED ||
		(event->what == EVENT_FAULT && conf->no_faults))
		return false;
	return is_alert(tree, find_alert(tree, event->node), conf,
		MAIL_SUBJECT_VRRP);
}

static bool is_wanted_server(const struct mail_conf *conf,
	const struct msg_event *event)
{
	if (event->subject == EVENT_CHECK)
		return !conf->no_checks ||
		       event->flags & EVENT_SERVER_CHANGED;
	/* Otherwise its check has the word. */
	return event->flags & (EVENT_STOPPING | EVENT_REMOVED);
}

static bool is_wanted(struct event_names *names, const struct mail_conf *conf,
	const struct msg_event *event)
{
	const struct conf_tree *tree = event_names_tree(names);

	if (event->flags & EVENT_AGAIN)
		return false;
	switch (event->subject) {
	case EVENT_INSTANCE:
	case EVENT_GROUP:
		return is_wanted_vrrp(tree, conf, event);
	case EVENT_SERVICE:
		return is_alert(tree,
			event_names_service(names, event->node)->alert, conf,
			MAIL_SUBJECT_SERVICE);
	case EVENT_CHECK:
	case EVENT_SERVER:
		return is_wanted_server(conf, event) &&
		       is_alert(tree, find_alert(tree, event->node), conf,
			       MAIL_SUBJECT_SERVER);
	}
	return false;
}

/* --- VRRP --- */

static char *vrrp_action(enum event_what what)
{
	if (what == EVENT_STOP)
		return x_strdup("Stopping");
	if (what == EVENT_DELETED)
		return x_strdup("Deleted");
	return x_asprintf("Entering %s state", event_word(what));
}

static const char *instance_body(enum event_what what)
{
	if (what == EVENT_MASTER)
		return "VRRP Instance is now owning VRRP VIPs";
	if (what == EVENT_STOP)
		return "VRRP Instance stopping";
	if (what == EVENT_DELETED)
		return "VRRP Deleted at reload";
	return "VRRP Instance is no longer owning VRRP VIPs";
}

char *mail_text_about(const struct conf_tree *tree, uint32_t node)
{
	const char *keyword = conf_node_keyword(tree, node);
	const char *name = conf_node_arg(tree, node, 0);

	if (name && !strcmp(keyword, "vrrp_instance"))
		return x_asprintf("Instance %s", name);
	if (name && !strcmp(keyword, "vrrp_sync_group"))
		return x_asprintf("Group %s", name);
	return NULL;
}

static void make_vrrp(const struct conf_tree *tree,
	const struct msg_event *event, struct mail_text *ret)
{
	bool group = event->subject == EVENT_GROUP;
	char *action = vrrp_action(event->what);

	ret->about = mail_text_about(tree, event->node);
	ret->subject = x_asprintf("VRRP %s - %s", ret->about, action);
	if (!group)
		ret->body = x_asprintf("=> %s <=", instance_body(event->what));
	else if (event->what == EVENT_STOP)
		ret->body = x_strdup("=> All VRRP group instances are now "
				     "stopping <=");
	else
		ret->body = x_asprintf("=> All VRRP group instances are now "
				       "in %s state <=",
			event_word(event->what));
	x_free(action);
}

/* --- virtual servers --- */

static const char *quorum_action(const struct msg_event *event)
{
	bool up = event->what == EVENT_UP;

	if (event->flags & EVENT_STARTING)
		return up ? "Starting with quorum up"
			  : "Starting with quorum down";
	return up ? "Gained quorum" : "Lost quorum";
}

static void make_service(struct event_names *names,
	const struct msg_event *event, struct mail_text *ret)
{
	const struct event_service *service =
		event_names_service(names, event->node);

	ret->subject = x_asprintf("Virtualserver %s - %s", service->name,
		event_word(event->what));
	if (event->flags & EVENT_STOPPING)
		ret->body = x_strdup("=> Shutting down <=");
	else
		ret->body = x_asprintf("=> %s %s+%s=%u <= %u <=",
			quorum_action(event), service->quorum,
			service->hysteresis, event->threshold, event->weight);
}

/* --- real servers --- */

/* In keepalived each kind of check has words of its own. */
static const struct {
	const char *keyword;
	const char *passed;
	const char *failed;
} check_bodies[] = {
	{ "TCP_CHECK", "TCP CHECK succeed on service",
		"TCP CHECK failed on service" },
	{ "UDP_CHECK", "UDP CHECK succeed on service",
		"UDP CHECK failed on service" },
	{ "PING_CHECK", "ICMP CHECK succeed on service",
		"ICMP CHECK failed on service" },
	{ "MISC_CHECK", "MISC CHECK succeeded on service",
		"MISC CHECK failed on service" },
	{ "DNS_CHECK", "DNS_CHECK: succeed on service",
		"DNS_CHECK: failed on service" },
	{ "HTTP_GET", "CHECK succeed on service",
		"CHECK failed on service : HTTP request failed" },
	{ "SSL_GET", "CHECK succeed on service",
		"CHECK failed on service : HTTP request failed" },
};

static char *check_body(const char *keyword, bool failed)
{
	size_t i;

	for (i = 0; i < sizeof(check_bodies) / sizeof(check_bodies[0]); i++)
		if (!strcmp(keyword, check_bodies[i].keyword))
			return x_asprintf("=> %s <=",
				failed ? check_bodies[i].failed
				       : check_bodies[i].passed);
	return failed ? x_asprintf("=> CHECK failed on service : %s <=", keyword)
		      : x_strdup("=> CHECK succeed on service <=");
}

static void make_server(struct event_names *names,
	const struct msg_event *event, struct mail_text *ret)
{
	const struct conf_tree *tree = event_names_tree(names);
	char *server = event_names_server(names, event->node);

	ret->subject = x_asprintf("Realserver %s of virtual server %s - %s",
		server,
		event_names_service(
			names, conf_node_parent(tree, event->node))->name,
		event_word(event->what));
	if (event->subject == EVENT_CHECK)
		ret->body = check_body(
			conf_node_keyword(tree, event->check_node),
			event->flags & EVENT_CHECK_FAILED);
	else
		ret->body = x_asprintf("=> %s <=",
			event->flags & EVENT_STOPPING ? "Shutting down"
						      : "Removing");
	x_free(server);
}

bool mail_text_make(struct event_names *names, const struct mail_conf *conf,
	const struct msg_event *event, struct mail_text *ret)
{
	if (!is_wanted(names, conf, event))
		return false;
	*ret = (struct mail_text){ .subject = NULL };
	switch (event->subject) {
	case EVENT_INSTANCE:
	case EVENT_GROUP:
		make_vrrp(event_names_tree(names), event, ret);
		break;
	case EVENT_SERVICE:
		make_service(names, event, ret);
		break;
	case EVENT_SERVER:
	case EVENT_CHECK:
		make_server(names, event, ret);
		break;
	}
	return true;
}

void mail_text_clear(struct mail_text *text)
{
	x_free(text->subject);
	x_free(text->body);
	x_free(text->about);
}
