/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One SMTP session of a client (RFC 5321) that sends some mails, with HELO
 * and nothing else, as keepalived.  Pure: replies come in, what is to be
 * written goes out.
 *
 * A mail whose recipients are refused, or that is refused itself, for good
 * (5xx) is passed over.  What is refused for now (4xx) ends the session, since
 * the mails keep their order.
 */
#ifndef TANDEM_MAIL_SESSION_H
#define TANDEM_MAIL_SESSION_H

#include <stdbool.h>
#include <stddef.h>

struct mail_session_params {
	const char *helo;
	const char *from;
	char *const *to;
	unsigned int n_to;
	/* Each with LF as line end. */
	const char *const *mails;
	unsigned int n_mails;
};

enum mail_session_state {
	MAIL_SESSION_GREETING, /* these wait for a reply */
	MAIL_SESSION_HELO,
	MAIL_SESSION_FROM,
	MAIL_SESSION_TO,
	MAIL_SESSION_DATA,
	MAIL_SESSION_TEXT,
	MAIL_SESSION_RESET,
	MAIL_SESSION_QUIT,
	MAIL_SESSION_DONE,
};

struct mail_session {
	struct mail_session_params params;
	enum mail_session_state state;
	unsigned int mail; /* that is being sent */
	unsigned int to;
	unsigned int accepted; /* recipients of it */
	unsigned int deferred; /* those who may be accepted later */
	bool failed; /* ended before all mails were answered */
	/* What the server refused, and its words, each once; "" = nothing. */
	char error[480];
};

enum mail_answer {
	MAIL_ANSWER_NONE,
	MAIL_ANSWER_SENT,    /* the mail is the server's now */
	MAIL_ANSWER_REFUSED, /* for good */
};

/* Borrows PARAMS' strings; there is a mail. */
void mail_session_init(struct mail_session *session,
	const struct mail_session_params *params);

/*
 * Takes a reply, CODE, whose last line is LINE.  What is to be written then is *RET_TEXT (NULL = nothing),
 * which the caller frees.  Whether a mail was answered by it.
 */
enum mail_answer mail_session_reply(struct mail_session *session,
	unsigned int code, const char *line, char **ret_text);

/* TEXT as it goes over the wire: CRLF, dots doubled, the last line a dot.
 * The caller frees it. */
char *mail_session_wire_text(const char *text);

#endif
