/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which script may start next.
 *
 * A pure core: no clock, no descriptor, no log.  Jobs of one subject start
 * in the order in which they were pushed and never overlap; different
 * subjects run side by side up to a limit, and take turns.  A queue that is
 * full refuses: the caller says so, nothing disappears.
 *
 * A job is the caller's object with a struct run_queue_entry in it; the
 * queue links it and never frees it.
 */
#ifndef TANDEM_RUNNER_QUEUE_H
#define TANDEM_RUNNER_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct run_queue;
struct run_queue_subject;

struct run_queue_entry {
	/* For the queue alone. */
	struct run_queue_entry *prev;
	struct run_queue_entry *next;
	struct run_queue_subject *subject;
	bool running;
};

struct run_queue_limits {
	unsigned int parallel;	  /* subjects that run at the same time */
	unsigned int per_subject; /* waiting jobs of one subject */
	unsigned int total;	  /* waiting jobs in all */
};

struct run_queue *run_queue_new(const struct run_queue_limits *limits);
/* Only when empty and nothing runs. */
void run_queue_free(struct run_queue *queue);

/* Appends ENTRY to the jobs of SUBJECT (copied).  0, or -ENOBUFS: full, and
 * ENTRY is not in the queue. */
int run_queue_push(struct run_queue *queue, const char *subject,
	struct run_queue_entry *entry);

/* The job that has to start now, which then counts as running; NULL when
 * none may. */
struct run_queue_entry *run_queue_next(struct run_queue *queue);

/* ENTRY, running or waiting, is over and leaves the queue. */
void run_queue_done(struct run_queue *queue, struct run_queue_entry *entry);

/* Calls CALLBACK for each job, running ones included; it may take that job
 * (and no other) out. */
void run_queue_each(struct run_queue *queue,
	void (*callback)(struct run_queue_entry *entry, void *user_data),
	void *user_data);

const char *run_queue_subject(const struct run_queue_entry *entry);
unsigned int run_queue_waiting(const struct run_queue *queue);
unsigned int run_queue_running(const struct run_queue *queue);
/* Waiting jobs of SUBJECT; *RET_RUNNING says whether one runs. */
unsigned int run_queue_subject_waiting(
	const struct run_queue *queue, const char *subject, bool *ret_running);

#endif
