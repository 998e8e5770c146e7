/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What requests.c (the commands) and request_job.c (the questions that they
 * make, asked one by one and answered by workers) share; nobody else includes
 * it.
 */
#ifndef TANDEM_DAEMON_REQUESTS_INTERNAL_H
#define TANDEM_DAEMON_REQUESTS_INTERNAL_H

#include "daemon/control.h"
#include "daemon/requests.h"
#include "lib/timeutil.h"

/* For a worker. */
#define REQUESTS_WORK_US (30 * USEC_PER_SEC)

struct gathered;
struct json_object;

/* A question that the roles answer; what is made of it is up to MERGE. */
struct request_job {
	struct request_job *prev;
	struct request_job *next;
	struct requests *requests;
	char *question; /* JSON */
	uint64_t clients[CONTROL_CLIENTS_MAX];
	unsigned int n_clients; /* 0 = a dump */
	/* Of a dump. */
	enum dump_kind dump;
	int64_t dump_version;
	char *dump_path;
	void (*merge)(
		struct json_object *base, struct json_object *const *answers);
	/* Static; NULL = all keys. */
	const char *keep;
	/* Of explain, or NULL. */
	struct json_object *subject;
	/* The roles were asked, or a worker is at it; since then a base. */
	bool begun;
	struct json_object *base;
	/* Of show config: the generation; else 0. */
	uint32_t shown;
	unsigned int shown_how; /* with which options */
	/* While the worker is started. */
	const struct gathered *answers;
};

/*
 * The roles are asked one thing at a time, and the same thing once for all
 * who wait for it: many that watch a big configuration cost no more than one.
 */
struct requests {
	struct requests_context context;
	bool asking;
	unsigned int merging;	  /* workers for what the roles answered */
	struct request_job *jobs; /* all of them, the oldest first */
	unsigned int n_dumps;
	const char *waits; /* a script that all wait for; NULL = none */
};

/* CLIENT 0 = a dump. */
struct request_job *request_job_new(
	struct requests *requests, uint64_t client, const char *question);
void request_job_free(struct request_job *job);
/* To be asked as soon as it is its turn, or together with one that asks the
 * same.  Takes JOB. */
void request_job_submit(struct request_job *job);
/* A worker has ended, or could not begin: answers all clients.  Takes JOB. */
void request_job_end(
	struct request_job *job, int error, const struct worker_result *result);
/* Tells all clients, or the log. */
void request_job_error(struct request_job *job, const char *text);

void requests_error(
	struct requests *requests, uint64_t client, const char *text);
/* Why an answer could not be made. */
const char *requests_work_error(int error);
/* What the supervisor itself knows; the roles' keys are added to it. */
struct json_object *requests_base(const struct requests *requests);

#endif
