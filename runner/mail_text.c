/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/mail_text.h"

#include <string.h>

#include "lib/mem.h"
#include "runner/event_text.h"

/* --- whether --- */

/* What the block NODE says, else what is said nearest to it. */
static bool is_alert(const struct conf_tree *tree, uint32_t node,
	int first_global, int second_global, bool otherwise)
{
	struct conf_bind ctx = { .tree = tree };
	bool value = otherwise;
	bool said = false;

	conf_for_each_child(tree, node, child)
	{
		if (strcmp(conf_node_keyword(tree, child), "smtp_alert") != 0)
			continue;
		said = true;
		value = true;
		if (conf_node_n_args(tree, child))
			conf_arg_bool(&ctx, child, 0, &value);
	}
	if (said)
		return value;
	if (first_global >= 0)
		return first_global;
	return second_global >= 0 ? second_global : otherwise;
}

static bool is_wanted(const struct conf_tree *tree,
	const struct mail_conf *conf, const struct msg_event *event)
{
	if (event->flags & EVENT_AGAIN)
		return false;
	switch (event->subject) {
	case EVENT_INSTANCE:
	case EVENT_GROUP:
		if (event->what > EVENT_DELETED ||
			(event->what == EVENT_FAULT && conf->no_faults))
			return false;
		return is_alert(tree, event->node, conf->alert_vrrp,
			conf->alert, false);
	case EVENT_SERVICE:
		return is_alert(tree, event->node, conf->alert_checker,
			conf->alert, false);
	case EVENT_CHECK:
		if (conf->no_checks && !(event->flags & EVENT_SERVER_CHANGED))
			return false;
		break;
	case EVENT_SERVER:
		/* Otherwise its check has the word. */
		if (!(event->flags & (EVENT_STOPPING | EVENT_REMOVED)))
			return false;
		break;
	}
	return is_alert(
		tree, event->node, conf->alert_checker, conf->alert, true);
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

static void make_vrrp(const struct conf_tree *tree,
	const struct msg_event *event, struct mail_text *ret)
{
	bool group = event->subject == EVENT_GROUP;
	const char *kind = group ? "Group" : "Instance";
	const char *name = conf_node_arg(tree, event->node, 0);
	char *action = vrrp_action(event->what);

	ret->subject = x_asprintf("VRRP %s %s - %s", kind, name, action);
	ret->about = x_asprintf("%s %s", kind, name);
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

/* A number behind KEYWORD in block NODE, the last one counts. */
static const char *number_of(const struct conf_tree *tree, uint32_t node,
	const char *keyword, const char *otherwise)
{
	const char *found = otherwise;

	conf_for_each_child(tree, node, child)
	{
		const char *arg = conf_node_arg(tree, child, 0);

		if (arg && !strcmp(conf_node_keyword(tree, child), keyword))
			found = arg;
	}
	return found;
}

static const char *quorum_action(const struct msg_event *event)
{
	bool up = event->what == EVENT_UP;

	if (event->flags & EVENT_STARTING)
		return up ? "Starting with quorum up"
			  : "Starting with quorum down";
	return up ? "Gained quorum" : "Lost quorum";
}

static void make_service(const struct conf_tree *tree,
	const struct msg_event *event, struct mail_text *ret)
{
	char *name = event_service_name(tree, event->node);

	ret->subject = x_asprintf(
		"Virtualserver %s - %s", name, event_word(event->what));
	if (event->flags & EVENT_STOPPING)
		ret->body = x_strdup("=> Shutting down <=");
	else
		ret->body = x_asprintf("=> %s %s+%s=%u <= %u <=",
			quorum_action(event),
			number_of(tree, event->node, "quorum", "1"),
			number_of(tree, event->node, "hysteresis", "0"),
			event->threshold, event->weight);
	x_free(name);
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
	return x_asprintf("=> %s on service : %s <=",
		failed ? "CHECK failed" : "CHECK succeed", keyword);
}

static void make_server(const struct conf_tree *tree,
	const struct msg_event *event, struct mail_text *ret)
{
	char *server = event_server_name(tree, event->node);
	char *service = event_service_name(
		tree, conf_node_parent(tree, event->node));

	ret->subject = x_asprintf("Realserver %s of virtual server %s - %s",
		server, service, event_word(event->what));
	if (event->subject == EVENT_CHECK)
		ret->body = check_body(
			conf_node_keyword(tree, event->check_node),
			event->flags & EVENT_CHECK_FAILED);
	else
		ret->body = x_asprintf("=> %s <=",
			event->flags & EVENT_STOPPING ? "Shutting down"
						      : "Removing");
	x_free(server);
	x_free(service);
}

bool mail_text_make(const struct conf_tree *tree, const struct mail_conf *conf,
	const struct msg_event *event, struct mail_text *ret)
{
	if (!is_wanted(tree, conf, event))
		return false;
	*ret = (struct mail_text){ .subject = NULL };
	switch (event->subject) {
	case EVENT_INSTANCE:
	case EVENT_GROUP:
		make_vrrp(tree, event, ret);
		break;
	case EVENT_SERVICE:
		make_service(tree, event, ret);
		break;
	case EVENT_SERVER:
	case EVENT_CHECK:
		make_server(tree, event, ret);
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
