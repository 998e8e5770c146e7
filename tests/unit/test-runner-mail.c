/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From events to lines and mails: with the whole language, as files have it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/file.h"
#include "config/language.h"
#include "config/schema.h"
#include "daemon/language.h"
#include "lib/mem.h"
#include "runner/event_text.h"
#include "runner/mail_last.h"
#include "runner/mail_message.h"
#include "runner/mail_queue.h"
#include "runner/mail_text.h"

#define TIME_US (INT64_C(1000000000) * 1000000)

struct world {
	struct conf_tree *tree;
	struct arena *arena;
	struct event_names *names;
	const struct mail_conf *conf;
};

#define VRRP                                                                   \
	"vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n"      \
	" virtual_ipaddress {\n 192.0.2.1\n }\n %s\n}\n"
#define LVS                                                                    \
	"virtual_server 2001:DB8::1 443 {\n protocol TCP\n lb_algo rr\n"      \
	" lb_kind NAT\n quorum 3\n hysteresis 1\n %s\n"                       \
	" real_server 2001:db8::0:11 443 {\n weight 4\n %s\n"                 \
	" TCP_CHECK {\n }\n }\n}\n"

static void open_world(struct world *w, const char *globals, const char *vrrp,
	const char *service, const char *server)
{
	struct conf_load_options options = { .config_id = "here" };
	struct diag_list *diags = diag_list_new();
	struct conf_bind bind = { .diags = NULL };
	char *text = x_asprintf("global_defs {\n router_id lab\n"
				" smtp_server mail.example.com\n"
				" notification_email {\n a@example.com\n }\n"
				" %s\n}\n" VRRP LVS,
		globals, vrrp, service, server);

	w->tree = conf_load_text(&tandem_language, "test.conf", text,
		strlen(text), &options, diags);
	if (diag_count_severity(diags, DIAG_ERROR))
		diag_print(diags, stderr);
	assert_int_equal(diag_count_severity(diags, DIAG_ERROR), 0);
	assert_non_null(w->tree);
	diag_list_free(diags);
	x_free(text);
	w->arena = arena_new();
	bind.tree = w->tree;
	bind.arena = w->arena;
	w->conf = conf_bind_root(&bind, &mail_conf_globals_root);
	w->names = event_names_new(w->tree);
}

static void close_world(struct world *w)
{
	event_names_free(w->names);
	arena_free(w->arena);
	conf_tree_free(w->tree);
}

static uint32_t find(const struct world *w, const char *keyword)
{
	uint32_t node;

	for (node = 0; node < conf_tree_count(w->tree); node++)
		if (!strcmp(conf_node_keyword(w->tree, node), keyword))
			return node;
	fail_msg("no %s", keyword);
	return 0;
}

static struct msg_event event_of(const struct world *w,
	enum event_subject subject, enum event_what what, unsigned int flags)
{
	struct msg_event event = {
		.subject = subject,
		.what = what,
		.flags = (uint8_t)flags,
		.priority = 100,
		.threshold = 4,
		.weight = 4,
	};

	switch (subject) {
	case EVENT_INSTANCE:
		event.node = find(w, "vrrp_instance");
		break;
	case EVENT_GROUP:
		event.node = find(w, "vrrp_sync_group");
		break;
	case EVENT_SERVICE:
		event.node = find(w, "virtual_server");
		break;
	case EVENT_CHECK:
		event.check_node = find(w, "TCP_CHECK");
		event.node = find(w, "real_server");
		break;
	case EVENT_SERVER:
		event.node = find(w, "real_server");
		break;
	}
	return event;
}

static void expect_line(struct world *w, enum event_subject subject,
	enum event_what what, const char *expected, const char *about)
{
	struct msg_event event = event_of(w, subject, what, 0);
	size_t len = 0;
	char *line = event_line(w->names, &event, &len);

	assert_true(event_is_valid(w->tree, &event));
	assert_string_equal(line, expected);
	assert_int_equal(len, strlen(about));
	assert_memory_equal(line, about, len);
	x_free(line);
}

static void test_lines_have_keepalived_s_words(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "", "", "", "");
	expect_line(&w, EVENT_INSTANCE, EVENT_MASTER,
		"INSTANCE \"VI_1\" MASTER 100\n", "INSTANCE \"VI_1\" ");
	expect_line(&w, EVENT_INSTANCE, EVENT_MASTER_RX_LOWER_PRI,
		"INSTANCE \"VI_1\" MASTER_RX_LOWER_PRI 100\n",
		"INSTANCE \"VI_1\" MASTER_RX_LOWER_PRI ");
	expect_line(&w, EVENT_SERVICE, EVENT_UP,
		"VS [2001:db8::1]:tcp:443 UP\n", "VS [2001:db8::1]:tcp:443 ");
	expect_line(&w, EVENT_SERVER, EVENT_DOWN,
		"RS [2001:db8::11]:tcp:443 [2001:db8::1]:tcp:443 DOWN\n",
		"RS [2001:db8::11]:tcp:443 [2001:db8::1]:tcp:443 ");
	close_world(&w);
}

static void test_an_event_of_another_node_is_none(void **state)
{
	struct msg_event event;
	struct world w;

	(void)state;
	open_world(&w, "", "", "", "");
	event = event_of(&w, EVENT_INSTANCE, EVENT_MASTER, 0);
	event.node = find(&w, "real_server");
	assert_false(event_is_valid(w.tree, &event));
	event.node = conf_tree_count(w.tree);
	assert_false(event_is_valid(w.tree, &event));
	event = event_of(&w, EVENT_SERVER, EVENT_MASTER, 0);
	assert_false(event_is_valid(w.tree, &event));
	event = event_of(&w, EVENT_CHECK, EVENT_UP, 0);
	assert_true(event_is_valid(w.tree, &event));
	event.check_node = find(&w, "virtual_server");
	assert_false(event_is_valid(w.tree, &event));
	close_world(&w);
}

/* --- what is mailed --- */

static bool is_mailed(const char *globals, const char *vrrp,
	const char *service, const char *server, enum event_subject subject,
	unsigned int flags)
{
	enum event_what what =
		subject == EVENT_INSTANCE ? EVENT_FAULT : EVENT_DOWN;
	struct mail_text text;
	struct msg_event event;
	struct world w;
	bool mailed;

	open_world(&w, globals, vrrp, service, server);
	event = event_of(&w, subject, what, flags);
	mailed = mail_text_make(w.names, w.conf, &event, &text);
	if (mailed)
		mail_text_clear(&text);
	close_world(&w);
	return mailed;
}

static void test_alerts_are_inherited_as_in_keepalived(void **state)
{
	static const struct {
		const char *globals;
		const char *own;
		bool vrrp;
		bool service;
		bool server;
	} cases[] = {
		{ "", "", false, false, true },
		{ "", "smtp_alert", true, true, true },
		{ "", "smtp_alert off", false, false, false },
		{ "", "smtp_alert\nsmtp_alert off", false, false, false },
		{ "smtp_alert", "", true, true, true },
		{ "smtp_alert off", "", false, false, false },
		{ "smtp_alert off\nsmtp_alert_vrrp", "", true, false, false },
		{ "smtp_alert\nsmtp_alert_checker off", "", true, false,
			false },
		{ "smtp_alert_checker", "", false, true, true },
		{ "smtp_alert", "smtp_alert no", false, false, false },
		{ "smtp_alert off", "smtp_alert yes", true, true, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *globals = cases[i].globals;
		const char *own = cases[i].own;

		assert_int_equal(is_mailed(globals, own, "", "",
					 EVENT_INSTANCE, 0),
			cases[i].vrrp);
		assert_int_equal(
			is_mailed(globals, "", own, "", EVENT_SERVICE, 0),
			cases[i].service);
		assert_int_equal(
			is_mailed(globals, "", "", own, EVENT_CHECK, 0),
			cases[i].server);
	}
}

static void test_what_is_said_to_be_no_mail_is_none(void **state)
{
	(void)state;
	assert_false(is_mailed("no_email_faults", "smtp_alert", "", "",
		EVENT_INSTANCE, 0));
	assert_false(is_mailed("", "smtp_alert", "", "", EVENT_INSTANCE,
		EVENT_AGAIN));
	assert_false(is_mailed("no_checker_emails", "", "", "", EVENT_CHECK,
		EVENT_CHECK_FAILED));
	assert_true(is_mailed("no_checker_emails", "", "", "", EVENT_CHECK,
		EVENT_CHECK_FAILED | EVENT_SERVER_CHANGED));
	assert_false(is_mailed("", "", "", "", EVENT_SERVER, 0));
	assert_true(is_mailed("", "", "", "", EVENT_SERVER, EVENT_REMOVED));
}

static void expect_mail(struct world *w, enum event_subject subject,
	enum event_what what, unsigned int flags, const char *expected_subject,
	const char *expected_body)
{
	struct msg_event event = event_of(w, subject, what, flags);
	struct mail_text text;

	assert_true(mail_text_make(w->names, w->conf, &event, &text));
	assert_string_equal(text.subject, expected_subject);
	assert_string_equal(text.body, expected_body);
	mail_text_clear(&text);
}

static void test_mails_have_keepalived_s_words(void **state)
{
	const char *service = "Virtualserver [2001:db8::1]:tcp:443 - DOWN";
	const char *server = "Realserver [2001:db8::11]:tcp:443 of virtual "
			     "server [2001:db8::1]:tcp:443 - DOWN";
	struct world w;

	(void)state;
	open_world(&w, "smtp_alert", "", "", "");
	expect_mail(&w, EVENT_INSTANCE, EVENT_DELETED, 0,
		"VRRP Instance VI_1 - Deleted",
		"=> VRRP Deleted at reload <=");
	expect_mail(&w, EVENT_INSTANCE, EVENT_STOP, 0,
		"VRRP Instance VI_1 - Stopping",
		"=> VRRP Instance stopping <=");
	expect_mail(&w, EVENT_SERVICE, EVENT_DOWN, 0, service,
		"=> Lost quorum 3+1=4 <= 4 <=");
	expect_mail(&w, EVENT_SERVICE, EVENT_DOWN, EVENT_STARTING, service,
		"=> Starting with quorum down 3+1=4 <= 4 <=");
	expect_mail(&w, EVENT_SERVICE, EVENT_DOWN, EVENT_STOPPING, service,
		"=> Shutting down <=");
	expect_mail(&w, EVENT_CHECK, EVENT_DOWN, EVENT_CHECK_FAILED, server,
		"=> TCP CHECK failed on service <=");
	expect_mail(&w, EVENT_CHECK, EVENT_DOWN, 0, server,
		"=> TCP CHECK succeed on service <=");
	expect_mail(&w, EVENT_SERVER, EVENT_DOWN, EVENT_REMOVED, server,
		"=> Removing <=");
	close_world(&w);
}

/* --- messages --- */

static void test_a_message_is_plain_and_nothing_begins_a_line(void **state)
{
	struct mail mail = {
		.id = 3,
		.realtime_us = TIME_US,
		.subject = (char *)(uintptr_t) "VRRP\nBcc: x@example.com",
		.body = (char *)(uintptr_t) "=> text <=",
	};
	struct world w;
	char *text;

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	open_world(&w, "", "", "", "");
	text = mail_message_make(w.conf, "host", &mail);
	assert_string_equal(text,
		"Date: Sun, 09 Sep 2001 01:46:40 +0000\n"
		"From: root@host\n"
		"Subject: [lab] VRRP?Bcc: x@example.com\n"
		"X-Mailer: Tandem, as Keepalived\n"
		"To: a@example.com\n"
		"Message-ID: <1000000000000000.3.tandem@host>\n"
		"Auto-Submitted: auto-generated\n"
		"\n=> text <=\n");
	x_free(text);
	mail.subject = (char *)(uintptr_t) "Größe";
	text = mail_message_make(w.conf, "host", &mail);
	assert_non_null(strstr(
		text, "\nSubject: =?UTF-8?B?W2xhYl0gR3LDtsOfZQ==?=\n"));
	x_free(text);
	close_world(&w);
}

/* --- the queue --- */

static void test_many_mails_end_in_one_that_tells_the_rest(void **state)
{
	struct mail_queue *queue = mail_queue_new();
	unsigned int i;
	struct mail *last = NULL;
	char subject[32];

	(void)state;
	for (i = 0; i < 50000; i++) {
		snprintf(subject, sizeof(subject), "server %u", i);
		last = mail_queue_push(queue, i + 1, TIME_US, subject, "body");
	}
	assert_int_equal(mail_queue_count(queue), MAIL_QUEUE_MAX + 1);
	assert_int_equal(mail_queue_events(queue), 50000);
	assert_string_equal(last->subject, "49900 notifications in one mail");
	assert_int_equal(strncmp(last->body, "server 100\nserver 101\n", 22), 0);
	assert_non_null(strstr(last->body, "server 1099\n... and others"));
	assert_int_equal(last->id, MAIL_QUEUE_MAX + 1);
	assert_string_equal(mail_queue_first(queue)->subject, "server 0");
	mail_queue_pop(queue);
	assert_int_equal(mail_queue_events(queue), 49999);
	/* While it is there, nothing overtakes it. */
	assert_ptr_equal(
		mail_queue_push(queue, 60000, TIME_US, "late", ""), last);
	mail_queue_seal(queue, last);
	assert_ptr_not_equal(
		mail_queue_push(queue, 60001, TIME_US, "later", ""), last);
	while (mail_queue_first(queue))
		mail_queue_pop(queue);
	assert_int_equal(mail_queue_events(queue), 0);
	/* The minute is not over: it waits for others, if any come. */
	last = mail_queue_push(queue, 60002, TIME_US, "one", "alone");
	assert_true(mail_queue_is_open(queue, last));
	assert_string_equal(last->subject, "one");
	assert_string_equal(last->body, "alone");
	mail_queue_push(queue, 60003, TIME_US, "two", "alone");
	assert_string_equal(last->subject, "2 notifications in one mail");
	assert_string_equal(last->body, "one\ntwo\n");
	mail_queue_pop(queue);
	last = mail_queue_push(
		queue, 60004, TIME_US + 61000000, "next minute", "");
	assert_false(mail_queue_is_open(queue, last));
	mail_queue_free(queue);
}

static void test_names_that_are_gone_are_forgotten(void **state)
{
	struct mail_last *last = mail_last_new();
	struct world w;

	(void)state;
	open_world(&w, "", "", "", "");
	assert_false(mail_last_is_repeated(last, "Instance VI_1", EVENT_MASTER));
	assert_false(mail_last_is_repeated(last, "Instance VI_2", EVENT_MASTER));
	/* A group of the name is another subject. */
	assert_false(mail_last_is_repeated(last, "Group VI_1", EVENT_MASTER));
	assert_true(mail_last_is_repeated(last, "Instance VI_2", EVENT_MASTER));
	mail_last_keep(last, w.tree);
	assert_int_equal(mail_last_count(last), 1);
	assert_true(mail_last_is_repeated(last, "Instance VI_1", EVENT_MASTER));
	assert_false(mail_last_is_repeated(last, "Instance VI_2", EVENT_MASTER));
	mail_last_free(last);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_have_keepalived_s_words),
		cmocka_unit_test(test_an_event_of_another_node_is_none),
		cmocka_unit_test(test_names_that_are_gone_are_forgotten),
		cmocka_unit_test(test_alerts_are_inherited_as_in_keepalived),
		cmocka_unit_test(test_what_is_said_to_be_no_mail_is_none),
		cmocka_unit_test(test_mails_have_keepalived_s_words),
		cmocka_unit_test(
			test_a_message_is_plain_and_nothing_begins_a_line),
		cmocka_unit_test(
			test_many_mails_end_in_one_that_tells_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
