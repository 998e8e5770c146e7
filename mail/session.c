/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mail/session.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

void mail_session_init(
	struct mail_session *session, const struct mail_session_params *params)
{
	*session = (struct mail_session){
		.params = *params,
		.state = MAIL_SESSION_GREETING,
	};
}

char *mail_session_wire_text(const char *text)
{
	/* At worst each byte is a line feed, or a dot at the start of a line. */
	char *wire = x_calloc(2 * strlen(text) + 8, 1);
	bool start = true;
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '\r')
			continue;
		if (*text == '.' && start)
			wire[n++] = '.';
		if (*text == '\n')
			wire[n++] = '\r';
		wire[n++] = *text;
		start = *text == '\n';
	}
	if (!start) {
		wire[n++] = '\r';
		wire[n++] = '\n';
	}
	memcpy(wire + n, ".\r\n", 4);
	return wire;
}

/* --- steps --- */

/* The same for each of many mails is said once.  What has no room is left
 * out: that something is wrong is known by then. */
static void note_error(
	struct mail_session *session, const char *step, const char *line)
{
	bool to = session->state == MAIL_SESSION_TO;
	char *text = x_asprintf("%s%s%s%s: %s", step, to ? ":<" : "",
		to ? session->params.to[session->to] : "", to ? ">" : "",
		line);
	size_t len = strlen(session->error);
	size_t more = strlen(text);

	if (!len) {
		snprintf(session->error, sizeof(session->error), "%s", text);
	} else if (!strstr(session->error, text) &&
		len + 2 + more < sizeof(session->error)) {
		memcpy(session->error + len, "; ", 2);
		memcpy(session->error + len + 2, text, more + 1);
	}
	x_free(text);
}

static char *quit(struct mail_session *session)
{
	session->state = MAIL_SESSION_QUIT;
	return x_strdup("QUIT\r\n");
}

static char *give_up(struct mail_session *session)
{
	session->failed = true;
	return quit(session);
}

static char *next_mail(struct mail_session *session)
{
	if (session->mail == session->params.n_mails)
		return quit(session);
	session->to = 0;
	session->accepted = 0;
	session->deferred = 0;
	session->state = MAIL_SESSION_FROM;
	return x_asprintf("MAIL FROM:<%s>\r\n", session->params.from);
}

static char *next_recipient(struct mail_session *session)
{
	session->state = MAIL_SESSION_TO;
	return x_asprintf(
		"RCPT TO:<%s>\r\n", session->params.to[session->to]);
}

/* The mail has no one to go to, or is not taken: on to the next one. */
static char *pass_over(struct mail_session *session)
{
	session->mail++;
	session->state = MAIL_SESSION_RESET;
	return x_strdup("RSET\r\n");
}

static char *after_recipients(struct mail_session *session)
{
	session->state = MAIL_SESSION_DATA;
	return x_strdup("DATA\r\n");
}

/* --- replies --- */

static bool is_good(unsigned int code)
{
	return code >= 200 && code < 300;
}

static char *on_recipient(
	struct mail_session *session, unsigned int code, enum mail_answer *ret)
{
	session->accepted += is_good(code);
	session->deferred += !is_good(code) && code < 500;
	if (++session->to < session->params.n_to)
		return next_recipient(session);
	if (session->accepted)
		return after_recipients(session);
	if (session->deferred)
		return give_up(session);
	*ret = MAIL_ANSWER_REFUSED;
	return pass_over(session);
}

static char *on_mail_reply(
	struct mail_session *session, unsigned int code, enum mail_answer *ret)
{
	if (code >= 500) {
		*ret = MAIL_ANSWER_REFUSED;
		return pass_over(session);
	}
	return give_up(session);
}

static const char *step_name(enum mail_session_state state)
{
	switch (state) {
	case MAIL_SESSION_GREETING:
		return "greeting";
	case MAIL_SESSION_HELO:
		return "HELO";
	case MAIL_SESSION_FROM:
		return "MAIL FROM";
	case MAIL_SESSION_TO:
		return "RCPT TO";
	case MAIL_SESSION_DATA:
		return "DATA";
	case MAIL_SESSION_TEXT:
		return "the mail";
	case MAIL_SESSION_RESET:
		return "RSET";
	case MAIL_SESSION_QUIT:
	case MAIL_SESSION_DONE:
		return "QUIT";
	}
	return "";
}

static char *advance(
	struct mail_session *session, unsigned int code, enum mail_answer *ret)
{
	bool good = is_good(code);

	switch (session->state) {
	case MAIL_SESSION_GREETING:
		if (!good)
			return give_up(session);
		session->state = MAIL_SESSION_HELO;
		return x_asprintf("HELO %s\r\n", session->params.helo);
	case MAIL_SESSION_HELO:
	case MAIL_SESSION_RESET:
		return good ? next_mail(session) : give_up(session);
	case MAIL_SESSION_FROM:
		return good ? next_recipient(session)
			    : on_mail_reply(session, code, ret);
	case MAIL_SESSION_TO:
		return on_recipient(session, code, ret);
	case MAIL_SESSION_DATA:
		if (code != 354)
			return on_mail_reply(session, code, ret);
		session->state = MAIL_SESSION_TEXT;
		return mail_session_wire_text(
			session->params.mails[session->mail]);
	case MAIL_SESSION_TEXT:
		if (!good)
			return on_mail_reply(session, code, ret);
		*ret = MAIL_ANSWER_SENT;
		session->mail++;
		return next_mail(session);
	case MAIL_SESSION_QUIT:
	case MAIL_SESSION_DONE:
		session->state = MAIL_SESSION_DONE;
		return NULL;
	}
	return NULL;
}

enum mail_answer mail_session_reply(struct mail_session *session,
	unsigned int code, const char *line, char **ret_text)
{
	enum mail_answer answer = MAIL_ANSWER_NONE;

	if (!is_good(code) && code != 354 &&
		session->state != MAIL_SESSION_QUIT)
		note_error(session, step_name(session->state), line);
	*ret_text = advance(session, code, &answer);
	return answer;
}
