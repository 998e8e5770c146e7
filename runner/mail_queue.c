/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/mail_queue.h"

#include <string.h>
#include <utlist.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

#define MINUTE_US (60 * USEC_PER_SEC)

struct mail_queue {
	struct mail *mails;
	struct mail *digest; /* the last one, if it takes more */
	size_t digest_len;
	size_t n;
	size_t events;
	int64_t minute_us; /* when it began */
	unsigned int in_minute; /* mails of their own in it */
};

struct mail_queue *mail_queue_new(void)
{
	return x_new(struct mail_queue, 1);
}

void mail_queue_free(struct mail_queue *queue)
{
	if (!queue)
		return;
	while (queue->mails)
		mail_queue_pop(queue);
	x_free(queue);
}

static struct mail *append(struct mail_queue *queue, uint64_t id,
	int64_t realtime_us, const char *subject, const char *body)
{
	struct mail *mail = x_new(struct mail, 1);

	mail->id = id;
	mail->realtime_us = realtime_us;
	mail->subject = x_strdup(subject);
	mail->body = x_strdup(body);
	DL_APPEND(queue->mails, mail);
	queue->n++;
	return mail;
}

static void add_line(struct mail_queue *queue, const char *line)
{
	struct mail *digest = queue->digest;
	size_t len = strlen(line);

	digest->body = x_realloc(digest->body, queue->digest_len + len + 2, 1);
	memcpy(digest->body + queue->digest_len, line, len);
	queue->digest_len += len;
	digest->body[queue->digest_len++] = '\n';
	digest->body[queue->digest_len] = '\0';
}

/* The first one in it is a mail as others, until there is a second. */
static struct mail *push_digest(struct mail_queue *queue, uint64_t id,
	int64_t realtime_us, const char *line, const char *body)
{
	struct mail *digest = queue->digest;

	if (!digest) {
		digest = append(queue, id, realtime_us, line, body);
		digest->events = 1;
		queue->digest = digest;
		return digest;
	}
	if (digest->events == 1) {
		queue->digest_len = 0;
		add_line(queue, digest->subject);
	}
	if (digest->events < MAIL_DIGEST_MAX)
		add_line(queue, line);
	else if (digest->events == MAIL_DIGEST_MAX)
		add_line(queue, "... and others, which are not listed");
	digest->events++;
	x_free(digest->subject);
	digest->subject = x_asprintf(
		"%u notifications in one mail", digest->events);
	return digest;
}

struct mail *mail_queue_push(struct mail_queue *queue, uint64_t id,
	int64_t realtime_us, const char *subject, const char *body)
{
	struct mail *mail;

	queue->events++;
	if (realtime_us < queue->minute_us ||
		realtime_us >= queue->minute_us + MINUTE_US) {
		queue->minute_us = realtime_us;
		queue->in_minute = 0;
	}
	if (queue->n >= MAIL_QUEUE_MAX || queue->digest ||
		queue->in_minute >= MAIL_QUEUE_MAX)
		return push_digest(queue, id, realtime_us, subject, body);
	queue->in_minute++;
	mail = append(queue, id, realtime_us, subject, body);
	mail->events = 1;
	return mail;
}

struct mail *mail_queue_first(const struct mail_queue *queue)
{
	return queue->mails;
}

bool mail_queue_is_open(const struct mail_queue *queue, const struct mail *mail)
{
	return queue->digest == mail;
}

void mail_queue_seal(struct mail_queue *queue, const struct mail *mail)
{
	if (queue->digest == mail)
		queue->digest = NULL;
}

void mail_queue_pop(struct mail_queue *queue)
{
	struct mail *mail = queue->mails;

	mail_queue_seal(queue, mail);
	DL_DELETE(queue->mails, mail);
	queue->n--;
	queue->events -= mail->events;
	x_free(mail->subject);
	x_free(mail->body);
	x_free(mail);
}

size_t mail_queue_count(const struct mail_queue *queue)
{
	return queue->n;
}

size_t mail_queue_events(const struct mail_queue *queue)
{
	return queue->events;
}
