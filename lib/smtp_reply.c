/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/smtp_reply.h"

#include <string.h>

#define CODE_LEN 3

void smtp_reply_init(struct smtp_reply *reply)
{
	*reply = (struct smtp_reply){ .state = SMTP_REPLY_READING };
}

static void fail(
	struct smtp_reply *reply, enum reason reason, const char *error)
{
	reply->state = SMTP_REPLY_FAILED;
	reply->reason = reason;
	reply->error = error;
}

static void end_line(struct smtp_reply *reply)
{
	if (reply->line_len < CODE_LEN) {
		fail(reply, REASON_CHECK_BAD_REPLY, "a line without a code");
		return;
	}
	if (reply->line_code < 200 || reply->line_code > 599) {
		fail(reply, REASON_CHECK_BAD_REPLY, "no code of SMTP");
		return;
	}
	if (reply->lines && reply->line_code != reply->code) {
		fail(reply, REASON_CHECK_BAD_REPLY,
			"lines with different codes");
		return;
	}
	reply->code = reply->line_code;
	if (++reply->lines > SMTP_REPLY_LINES_MAX)
		fail(reply, REASON_CHECK_REPLY_TOO_LONG, "too many lines");
	else if (reply->separator != '-')
		reply->state = SMTP_REPLY_DONE;
	reply->line_len = 0;
	reply->line_code = 0;
	reply->separator = '\0';
}

static void keep(struct smtp_reply *reply, char c)
{
	if (reply->line_len >= SMTP_REPLY_TEXT_MAX)
		return;
	/* It goes into logs and into JSON, which is UTF-8. */
	reply->text[reply->line_len - 1] = c >= ' ' && c <= '~' ? c : '?';
	reply->text[reply->line_len] = '\0';
}

/* C is no end of a line. */
static void take(struct smtp_reply *reply, char c)
{
	unsigned int at = reply->line_len++;

	if (at >= SMTP_REPLY_LINE_MAX) {
		fail(reply, REASON_CHECK_REPLY_TOO_LONG,
			"the line is too long");
		return;
	}
	if (at < CODE_LEN) {
		if (c < '0' || c > '9') {
			fail(reply, REASON_CHECK_BAD_REPLY,
				"a line without a code");
			return;
		}
		reply->line_code =
			reply->line_code * 10 + (unsigned int)(c - '0');
	} else if (at == CODE_LEN) {
		if (c != ' ' && c != '-') {
			fail(reply, REASON_CHECK_BAD_REPLY,
				"a line without a code");
			return;
		}
		reply->separator = c;
	} else if ((unsigned char)c < ' ' && c != '\t') {
		fail(reply, REASON_CHECK_BAD_REPLY, "a control character");
		return;
	}
	keep(reply, c);
}

size_t smtp_reply_feed(struct smtp_reply *reply, const void *data, size_t len)
{
	const char *pos = data;
	size_t i;

	for (i = 0; i < len && reply->state == SMTP_REPLY_READING; i++) {
		reply->total_bytes++;
		if (pos[i] == '\n')
			end_line(reply);
		else if (pos[i] != '\r')
			take(reply, pos[i]);
	}
	return i;
}
