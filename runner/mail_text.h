/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which events are mailed, and what the mail says: keepalived's subjects and
 * bodies, by which people sort them.  Pure, as event_text.h.
 */
#ifndef TANDEM_RUNNER_MAIL_TEXT_H
#define TANDEM_RUNNER_MAIL_TEXT_H

#include "lib/messages.h"
#include "runner/event_names.h"
#include "runner/mail_conf.h"

struct mail_text {
	char *subject; /* without the name of the director in front */
	char *body;
	/* Of whom the state is told: a mail that would say the same again is
	 * none.  NULL = each is news. */
	char *about;
};

/* Whether CONF and the blocks of the tree want mail about EVENT, which is valid:
 * the texts are in *RET then, to be freed with mail_text_clear(). */
bool mail_text_make(struct event_names *names, const struct mail_conf *conf,
	const struct msg_event *event, struct mail_text *ret);
void mail_text_clear(struct mail_text *text);

/* `about` of the block NODE, to be freed; NULL = there is none. */
char *mail_text_about(const struct conf_tree *tree, uint32_t node);

#endif
