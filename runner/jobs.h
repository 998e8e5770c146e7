/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runs that peers asked for: waiting, running, answered.
 *
 * There are three lanes, so that checks that hang never hold up a
 * notification, nor MISC_CHECKs a track script: notifications, checks of
 * vrrp, checks of healthcheck.  Every request is answered with MSG_RAN once,
 * unless its sender is gone.
 */
#ifndef TANDEM_RUNNER_JOBS_H
#define TANDEM_RUNNER_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/role.h"
#include "runner/script_table.h"

struct json_object;
struct jobs;

struct jobs_counters {
	uint64_t done;	     /* ended by themselves with status 0 */
	uint64_t failed;     /* all others */
	uint64_t not_run;    /* of these: never began */
	uint64_t overflowed; /* of these: a queue was full */
};

/* CHANGED is called when a job has ended. */
struct jobs *jobs_new(
	struct role *role, void (*changed)(void *user_data), void *user_data);
/* Kills what runs; nothing is answered any more. */
void jobs_free(struct jobs *jobs);

/* Queues what PEER asked for in M, of SPEC in TABLE (referenced). */
void jobs_push(struct jobs *jobs, enum role_id peer, const struct msg_run *m,
	struct script_table *table, struct script_spec *spec);

/* Answers that M of GENERATION cannot be run: ERROR is an errno. */
void jobs_refuse(struct jobs *jobs, enum role_id peer, const struct msg_run *m,
	uint32_t generation, int error);

/* PEER is gone: its checks are killed, its notifications go on unanswered. */
void jobs_peer_gone(struct jobs *jobs, enum role_id peer);
/* The same for everybody's checks, which are answered no more. */
void jobs_cancel_checks(struct jobs *jobs);

/* Kills and forgets everything; the number of notifications lost by it. */
unsigned int jobs_abandon(struct jobs *jobs);

unsigned int jobs_running(const struct jobs *jobs);
unsigned int jobs_waiting(const struct jobs *jobs);
const struct jobs_counters *jobs_counters(const struct jobs *jobs);

/* Lines about SUBJECT for `tandemctl explain`, added to array LINES. */
void jobs_explain(const struct jobs *jobs, const char *subject,
	struct json_object *lines);

#endif
