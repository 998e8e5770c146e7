/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mails that wait to be sent.
 *
 * A pure core.  So many in a minute are mails of their own, if no more wait;
 * what comes above that is put together in one mail at the end, a line each,
 * and beyond what that one holds it is only counted in it.  So fifty thousand
 * servers that go down are a hundred mails and few that tell of all others.
 */
#ifndef TANDEM_RUNNER_MAIL_QUEUE_H
#define TANDEM_RUNNER_MAIL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAIL_QUEUE_MAX 100 /* waiting, and in a minute */
/* Lines in the one that puts the rest together. */
#define MAIL_DIGEST_MAX 1000

struct mail_queue;

struct mail {
	struct mail *prev;
	struct mail *next;
	uint64_t id;
	int64_t realtime_us; /* when it happened */
	char *subject;	     /* without the director's name */
	char *body;
	unsigned int events; /* told by it: 1, or those of a digest */
	unsigned int tries;  /* the caller's */
};

struct mail_queue *mail_queue_new(void);
void mail_queue_free(struct mail_queue *queue); /* NULL is fine */

/* Copies SUBJECT and BODY.  The mail, whose text may grow until it is sent. */
struct mail *mail_queue_push(struct mail_queue *queue, uint64_t id,
	int64_t realtime_us, const char *subject, const char *body);
/* The oldest, and by ->next the others; NULL = none. */
struct mail *mail_queue_first(const struct mail_queue *queue);
/* Does MAIL put together what comes?  It is worth waiting for more then. */
bool mail_queue_is_open(const struct mail_queue *queue, const struct mail *mail);
/* It is being sent: its text grows no more. */
void mail_queue_seal(struct mail_queue *queue, const struct mail *mail);
/* Takes the oldest out and frees it. */
void mail_queue_pop(struct mail_queue *queue);

size_t mail_queue_count(const struct mail_queue *queue);
/* What they tell in all. */
size_t mail_queue_events(const struct mail_queue *queue);

#endif
