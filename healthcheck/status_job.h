/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The status of all checks, written in slices.
 *
 * 50,000 checks take most of a second to describe.  A job works for a few
 * milliseconds at a time, and between its slices checks are run.  What it
 * writes goes to a sealed memfd as it comes, so that no copy of the whole is
 * ever held.
 */
#ifndef TANDEM_HEALTHCHECK_STATUS_JOB_H
#define TANDEM_HEALTHCHECK_STATUS_JOB_H

#include "healthcheck/check_table.h"

struct json_object;
struct status_job;

/*
 * Begins {"checks": {"<node of a real_server>": [...], ...}, REST...}.  REST
 * is asked at the end and returns a new reference to an object with at least
 * one key.  DONE gets the file, which it closes, or -errno; the job is over
 * then and to be freed, which DONE may do.
 */
struct status_job *status_job_new(struct loop *loop,
	const struct check_table *table,
	struct json_object *(*rest)(void *user_data),
	void (*done)(int fd, void *user_data), void *user_data);
/* The table has another set of checks: from the beginning. */
void status_job_restart(struct status_job *job);
void status_job_free(struct status_job *job); /* NULL is fine */

#endif
