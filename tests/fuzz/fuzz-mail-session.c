/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client of a mail server that says anything: the session ends, each mail
 * is answered once at most, and what is written is one command at a time.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/smtp_reply.h"
#include "mail/session.h"

#define MAILS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Only the text of a mail has more than one line. */
static void check_text(const struct mail_session *session, const char *text)
{
	size_t len = strlen(text);

	if (len < 3 || memcmp(text + len - 2, "\r\n", 2))
		abort();
	if (session->state == MAIL_SESSION_TEXT) {
		if (strcmp(text + len - 3, ".\r\n"))
			abort();
	} else if (strchr(text, '\n') != text + len - 1) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *const to[] = { (char *)(uintptr_t) "a@x",
		(char *)(uintptr_t) "b@x" };
	static const char *const mails[MAILS] = { "a\n", "..\nb", "" };
	const struct mail_session_params params = {
		.helo = "me",
		.from = "f@x",
		.to = to,
		.n_to = 2,
		.mails = mails,
		.n_mails = MAILS,
	};
	struct mail_session session;
	unsigned int answered = 0;
	size_t pos = 0;

	mail_session_init(&session, &params);
	while (pos < size && session.state != MAIL_SESSION_DONE) {
		struct smtp_reply reply;
		char *text = NULL;

		smtp_reply_init(&reply);
		pos += smtp_reply_feed(&reply, data + pos, size - pos);
		if (reply.state != SMTP_REPLY_DONE)
			break;
		if (mail_session_reply(&session, reply.code, reply.text,
			    &text) != MAIL_ANSWER_NONE)
			answered++;
		if (text)
			check_text(&session, text);
		x_free(text);
	}
	if (answered != session.mail || session.mail > MAILS)
		abort();
	return 0;
}
