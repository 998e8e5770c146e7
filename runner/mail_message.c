/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/mail_message.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

/* Bytes of an encoded word's content: with its frame it is under 76. */
#define WORD_BYTES 45

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Nothing from a name begins a line of its own. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void put_base64(FILE *out, const char *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < len; i += 3) {
		uint32_t bits = (uint32_t)(unsigned char)data[i] << 16;

		if (i + 1 < len)
			bits |= (uint32_t)(unsigned char)data[i + 1] << 8;
		if (i + 2 < len)
			bits |= (unsigned char)data[i + 2];
		fputc(digits[bits >> 18], out);
		fputc(digits[bits >> 12 & 63], out);
		fputc(i + 1 < len ? digits[bits >> 6 & 63] : '=', out);
		fputc(i + 2 < len ? digits[bits & 63] : '=', out);
	}
}

/* RFC 2047, for names that are not plain ASCII; a character is not split. */
static void put_encoded(FILE *out, const char *text)
{
	while (*text) {
		size_t len = strlen(text);

		if (len > WORD_BYTES) {
			len = WORD_BYTES;
			while (len > WORD_BYTES - 4 &&
				((unsigned char)text[len] & 0xc0) == 0x80)
				len--;
		}
		fputs("=?UTF-8?B?", out);
		put_base64(out, text, len);
		fputs("?=", out);
		text += len;
		if (*text)
			fputs("\n ", out);
	}
}

static void put_date(FILE *out, int64_t realtime_us)
{
	time_t seconds = (time_t)(realtime_us / USEC_PER_SEC);
	char text[80];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S %z", &tm);
	fprintf(out, "Date: %s\n", text);
}

static void put_subject(FILE *out, const char *director, const char *subject)
{
	char *text = x_asprintf("[%s] %s", director, subject);

	clean(text);
	fputs("Subject: ", out);
	if (is_ascii(text))
		fputs(text, out);
	else
		put_encoded(out, text);
	fputc('\n', out);
	x_free(text);
}

static void put_recipients(FILE *out, const struct mail_conf *conf)
{
	uint32_t i;

	fputs("To: ", out);
	for (i = 0; i < conf->recipients.n; i++) {
		const struct mail_recipient *recipient =
			conf->recipients.items[i];

		fprintf(out, "%s%s", i ? ",\n " : "", recipient->header);
	}
	fputc('\n', out);
}

char *mail_message_make(const struct mail_conf *conf, const char *host,
	const struct mail *mail)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return x_strdup("");
	put_date(out, mail->realtime_us);
	if (conf->from)
		fprintf(out, "From: %s\n", conf->from->header);
	else
		fprintf(out, "From: root@%s\n", host);
	put_subject(out, conf->router_id ? conf->router_id : host,
		mail->subject);
	/* Some sort by keepalived's line. */
	fputs("X-Mailer: Tandem, as Keepalived\n", out);
	put_recipients(out, conf);
	/* The same when it is tried again. */
	fprintf(out, "Message-ID: <%" PRId64 ".%" PRIu64 ".tandem@%s>\n",
		mail->realtime_us, mail->id, host);
	fputs("Auto-Submitted: auto-generated\n", out);
	if (!is_ascii(mail->body))
		fputs("MIME-Version: 1.0\n"
		      "Content-Type: text/plain; charset=utf-8\n"
		      "Content-Transfer-Encoding: 8bit\n",
			out);
	fprintf(out, "\n%s\n", mail->body);
	fclose(out);
	return text ? text : x_strdup("");
}
