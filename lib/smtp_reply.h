/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small, strict, bounded reader of one SMTP reply (RFC 5321 4.2).
 *
 * Pure and incremental.  A reply is one line or several with the same code;
 * whatever the other side sends, the memory used is that of the struct.  A
 * bare LF as line end is accepted, a control character is not.
 */
#ifndef TANDEM_LIB_SMTP_REPLY_H
#define TANDEM_LIB_SMTP_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/reason.h"

#define SMTP_REPLY_LINE_MAX 1024 /* RFC 5321 4.5.3.1.5 has 512 */
#define SMTP_REPLY_LINES_MAX 100
#define SMTP_REPLY_TEXT_MAX 80 /* kept of the last line */

enum smtp_reply_state {
	SMTP_REPLY_READING,
	SMTP_REPLY_DONE,
	SMTP_REPLY_FAILED,
};

struct smtp_reply {
	enum smtp_reply_state state;
	unsigned int code;  /* 200 to 599 when DONE */
	const char *error;  /* static, when FAILED; */
	enum reason reason; /* and why */
	uint64_t total_bytes;
	unsigned int lines;    /* complete ones */
	unsigned int line_len; /* of the line in hand */
	unsigned int line_code;
	char separator; /* behind the code: ' ', '-' or 0 for none */
	char text[SMTP_REPLY_TEXT_MAX];
};

void smtp_reply_init(struct smtp_reply *reply);
/* Takes bytes up to the end of the reply and returns how many it took. */
size_t smtp_reply_feed(struct smtp_reply *reply, const void *data, size_t len);

#endif
