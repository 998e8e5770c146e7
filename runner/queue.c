/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/queue.h"

#include <errno.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "lib/mem.h"

/* A subject exists while it has a job.  It is in the list of those that can
 * start something exactly when it has waiting jobs and none that runs. */
struct run_queue_subject {
	UT_hash_handle hh;
	struct run_queue_subject *prev;
	struct run_queue_subject *next;
	struct run_queue_entry *running;
	struct run_queue_entry *waiting;
	unsigned int n_waiting;
	char name[];
};

struct run_queue {
	struct run_queue_limits limits;
	struct run_queue_subject *subjects;
	struct run_queue_subject *ready;
	unsigned int waiting;
	unsigned int running;
};

struct run_queue *run_queue_new(const struct run_queue_limits *limits)
{
	struct run_queue *queue = x_new(struct run_queue, 1);

	queue->limits = *limits;
	return queue;
}

void run_queue_free(struct run_queue *queue)
{
	x_free(queue);
}

static struct run_queue_subject *find_subject(
	const struct run_queue *queue, const char *name)
{
	struct run_queue_subject *subject;

	HASH_FIND_STR(queue->subjects, name, subject);
	return subject;
}

static struct run_queue_subject *add_subject(
	struct run_queue *queue, const char *name)
{
	size_t len = strlen(name);
	struct run_queue_subject *subject =
		x_calloc(1, sizeof(*subject) + len + 1);

	memcpy(subject->name, name, len + 1);
	HASH_ADD_KEYPTR(hh, queue->subjects, subject->name, len, subject);
	return subject;
}

int run_queue_push(struct run_queue *queue, const char *name,
	struct run_queue_entry *entry)
{
	struct run_queue_subject *subject = find_subject(queue, name);

	if (queue->waiting >= queue->limits.total ||
		(subject && subject->n_waiting >= queue->limits.per_subject))
		return -ENOBUFS;
	if (!subject)
		subject = add_subject(queue, name);
	if (!subject->running && !subject->waiting)
		DL_APPEND(queue->ready, subject);
	entry->subject = subject;
	entry->running = false;
	DL_APPEND(subject->waiting, entry);
	subject->n_waiting++;
	queue->waiting++;
	return 0;
}

static void unlink_waiting(
	struct run_queue *queue, struct run_queue_entry *entry)
{
	DL_DELETE(entry->subject->waiting, entry);
	entry->subject->n_waiting--;
	queue->waiting--;
}

struct run_queue_entry *run_queue_next(struct run_queue *queue)
{
	struct run_queue_subject *subject = queue->ready;
	struct run_queue_entry *entry;

	if (!subject || queue->running >= queue->limits.parallel)
		return NULL;
	DL_DELETE(queue->ready, subject);
	entry = subject->waiting;
	unlink_waiting(queue, entry);
	subject->running = entry;
	entry->running = true;
	queue->running++;
	return entry;
}

static void drop_idle_subject(
	struct run_queue *queue, struct run_queue_subject *subject)
{
	if (subject->running || subject->waiting)
		return;
	HASH_DEL(queue->subjects, subject);
	x_free(subject);
}

void run_queue_done(struct run_queue *queue, struct run_queue_entry *entry)
{
	struct run_queue_subject *subject = entry->subject;

	if (entry->running) {
		subject->running = NULL;
		queue->running--;
		if (subject->waiting)
			DL_APPEND(queue->ready, subject);
	} else {
		unlink_waiting(queue, entry);
		if (!subject->waiting && !subject->running)
			DL_DELETE(queue->ready, subject);
	}
	entry->subject = NULL;
	entry->running = false;
	drop_idle_subject(queue, subject);
}

void run_queue_each(struct run_queue *queue,
	void (*callback)(struct run_queue_entry *entry, void *user_data),
	void *user_data)
{
	struct run_queue_subject *subject;
	struct run_queue_subject *next_subject;

	HASH_ITER (hh, queue->subjects, subject, next_subject) {
		/* The subject goes with its last job: look ahead. */
		struct run_queue_entry *entry = subject->waiting;
		struct run_queue_entry *running = subject->running;

		while (entry) {
			struct run_queue_entry *next = entry->next;

			callback(entry, user_data);
			entry = next;
		}
		if (running)
			callback(running, user_data);
	}
}

const char *run_queue_subject(const struct run_queue_entry *entry)
{
	return entry->subject ? entry->subject->name : "";
}

unsigned int run_queue_waiting(const struct run_queue *queue)
{
	return queue->waiting;
}

unsigned int run_queue_running(const struct run_queue *queue)
{
	return queue->running;
}

unsigned int run_queue_subject_waiting(
	const struct run_queue *queue, const char *name, bool *ret_running)
{
	const struct run_queue_subject *subject = find_subject(queue, name);

	*ret_running = subject && subject->running;
	return subject ? subject->n_waiting : 0;
}
