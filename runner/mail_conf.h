/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the configuration says about mail.
 *
 * The view has smtp_alert in all the blocks that may have it, so that it is
 * checked there; what a block says is read from the tree when an event comes,
 * so that the runner holds nothing for each of many servers.
 */
#ifndef TANDEM_RUNNER_MAIL_CONF_H
#define TANDEM_RUNNER_MAIL_CONF_H

#include "config/schema.h"

/* One who gets mail. */
struct mail_recipient {
	const char *header;  /* as written: "Admin <admin@example.com>" */
	const char *address; /* admin@example.com */
};

struct mail_conf {
	const char *router_id; /* NULL = host name */
	struct conf_list recipients; /* struct mail_recipient */
	uint32_t recipients_node; /* where they are named */
	struct mail_recipient *from; /* NULL = root@ this host */
	const char *server; /* NULL = no mail */
	int64_t port;
	int64_t timeout_us;
	const char *helo; /* NULL = host name */
	int alert; /* -1 = not said, as the next two */
	int alert_vrrp;
	int alert_checker;
	bool no_faults;
	bool no_checks; /* only when a real server changes */
};

/* What an event is about, where something may be said of mail. */
enum mail_subject {
	MAIL_SUBJECT_VRRP,
	MAIL_SUBJECT_SERVICE,
	MAIL_SUBJECT_SERVER,
};

/* Is there mail about what says nothing of it itself? */
bool mail_conf_wants(
	const struct mail_conf *conf, enum mail_subject subject);

/* Is there somebody to send to, and a server? */
bool mail_conf_is_on(const struct mail_conf *conf);

/* Of the language. */
extern const struct conf_block mail_conf_root;
/* Binds a struct mail_conf, of global_defs alone. */
extern const struct conf_block mail_conf_globals_root;

#endif
