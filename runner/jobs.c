/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/jobs.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/history.h"
#include "runner/leftover.h"
#include "runner/queue.h"
#include "runner/run.h"

enum lane {
	LANE_NOTIFICATIONS,
	LANE_VRRP_CHECKS,
	LANE_HEALTH_CHECKS,
	LANE_COUNT,
};

static const struct run_queue_limits lane_limits[LANE_COUNT] = {
	[LANE_NOTIFICATIONS] = { 64, 256, 16384 },
	[LANE_VRRP_CHECKS] = { 64, 16, 4096 },
	[LANE_HEALTH_CHECKS] = { 64, 16, 65536 },
};

struct job {
	struct run_queue_entry entry; /* first: the queue gives it back */
	struct jobs *jobs;
	enum lane lane;
	enum role_id peer;
	bool orphan; /* nobody waits for the answer */
	uint64_t id;
	int64_t timeout_us;
	struct script_table *table;
	struct script_spec *spec;
	char **argv; /* ends with NULL; the first of them are the spec's */
	struct run *run;
};

struct jobs {
	struct role *role;
	struct run_queue *lanes[LANE_COUNT];
	struct run_pool *runs;
	struct jobs_counters counters;
	struct log_limit overflow_limit;
	void (*changed)(void *user_data);
	void *user_data;
};

/* --- a job's life --- */

static struct job *job_new(struct jobs *jobs, enum role_id peer,
	const struct msg_run *m, struct script_table *table,
	struct script_spec *spec)
{
	struct job *job = x_new(struct job, 1);
	uint32_t i;

	job->jobs = jobs;
	job->peer = peer;
	job->id = m->id;
	job->timeout_us = m->timeout_us;
	job->table = script_table_ref(table);
	job->spec = spec;
	job->argv = x_new(char *, spec->n_args + m->n_args + 1);
	memcpy(job->argv, spec->argv, spec->n_args * sizeof(*job->argv));
	for (i = 0; i < m->n_args; i++)
		job->argv[spec->n_args + i] = x_strdup(m->args[i]);
	job->lane = spec->purpose == SCRIPT_NOTIFICATION ? LANE_NOTIFICATIONS
		    : peer == ROLE_VRRP			 ? LANE_VRRP_CHECKS
							 : LANE_HEALTH_CHECKS;
	return job;
}

static void job_free(struct job *job)
{
	char **arg;

	for (arg = job->argv + job->spec->n_args; *arg; arg++)
		x_free(*arg);
	x_free(job->argv);
	script_table_unref(job->table);
	x_free(job);
}

static void answer(struct jobs *jobs, enum role_id peer, uint32_t generation,
	uint64_t id, const struct run_result *result)
{
	struct msg_ran m = {
		.id = id,
		.outcome = result->outcome,
		.value = result->value,
		.duration_us = result->duration_us,
	};
	struct buf_writer w = { .data = NULL };

	msg_put_ran(&w, &m);
	role_send(jobs->role, peer, MSG_RAN, generation, &w, -1);
	buf_writer_free(&w);
}

static void count(struct jobs *jobs, const struct run_result *result)
{
	if (result->outcome == RUN_EXITED && result->value == 0) {
		jobs->counters.done++;
		return;
	}
	jobs->counters.failed++;
	if (result->outcome == RUN_NOT_RUN)
		jobs->counters.not_run++;
}

static void start_jobs(struct jobs *jobs);

/* Takes JOB out of its queue; the subject's next one may start. */
static void job_finish(struct job *job, const struct run_result *result)
{
	struct jobs *jobs = job->jobs;

	count(jobs, result);
	if (!job->orphan || job->lane == LANE_NOTIFICATIONS)
		history_note(job->spec, run_queue_subject(&job->entry), result);
	if (!job->orphan)
		answer(jobs, job->peer, script_table_generation(job->table),
			job->id, result);
	run_queue_done(jobs->lanes[job->lane], &job->entry);
	job_free(job);
}

static void job_ended(const struct run_result *result, void *user_data)
{
	struct job *job = user_data;
	struct jobs *jobs = job->jobs;

	leftover_forget(jobs->role, run_pid(job->run));
	job_finish(job, result);
	start_jobs(jobs);
	jobs->changed(jobs->user_data);
}

static void job_start(struct job *job)
{
	struct jobs *jobs = job->jobs;
	struct run_result result = { .outcome = RUN_NOT_RUN, .output = "" };
	int err;

	log_debug("%s: runs %s", run_queue_subject(&job->entry), job->argv[0]);
	err = run_start(jobs->runs, job->argv, job->spec->identity,
		job->timeout_us, job_ended, job, &job->run);
	if (!err) {
		leftover_remember(jobs->role, run_pid(job->run));
		return;
	}
	result.value = -err;
	job_finish(job, &result);
}

static void start_jobs(struct jobs *jobs)
{
	unsigned int lane;

	for (lane = 0; lane < LANE_COUNT; lane++) {
		struct run_queue_entry *entry;

		while ((entry = run_queue_next(jobs->lanes[lane])))
			job_start((struct job *)(void *)entry);
	}
}

/* --- what the role calls --- */

struct jobs *jobs_new(
	struct role *role, void (*changed)(void *user_data), void *user_data)
{
	struct jobs *jobs = x_new(struct jobs, 1);
	unsigned int lane;

	jobs->role = role;
	jobs->changed = changed;
	jobs->user_data = user_data;
	jobs->runs = run_pool_new(role_loop(role));
	for (lane = 0; lane < LANE_COUNT; lane++)
		jobs->lanes[lane] = run_queue_new(&lane_limits[lane]);
	return jobs;
}

void jobs_free(struct jobs *jobs)
{
	unsigned int lane;

	jobs_abandon(jobs);
	for (lane = 0; lane < LANE_COUNT; lane++)
		run_queue_free(jobs->lanes[lane]);
	run_pool_free(jobs->runs);
	x_free(jobs);
}

void jobs_refuse(struct jobs *jobs, enum role_id peer, const struct msg_run *m,
	uint32_t generation, int error)
{
	struct run_result result = { .outcome = RUN_NOT_RUN, .value = error };

	count(jobs, &result);
	answer(jobs, peer, generation, m->id, &result);
}

void jobs_push(struct jobs *jobs, enum role_id peer, const struct msg_run *m,
	struct script_table *table, struct script_spec *spec)
{
	struct job *job = job_new(jobs, peer, m, table, spec);
	int err =
		run_queue_push(jobs->lanes[job->lane], m->subject, &job->entry);

	if (err) {
		jobs->counters.overflowed++;
		log_limited(&jobs->overflow_limit, LOG_LEVEL_ERROR,
			"too many scripts wait: %s of %s is not run",
			spec->argv[0], m->subject);
		jobs_refuse(
			jobs, peer, m, script_table_generation(table), -err);
		job_free(job);
		return;
	}
	start_jobs(jobs);
}

struct cancel {
	bool all;
	enum role_id peer;
	bool checks;
	bool notifications;
	unsigned int lost; /* notifications */
};

static void cancel_job(struct run_queue_entry *entry, void *user_data)
{
	struct job *job = (struct job *)(void *)entry;
	struct cancel *cancel = user_data;
	bool notification = job->lane == LANE_NOTIFICATIONS;

	if (!cancel->all && job->peer != cancel->peer)
		return;
	if (!cancel->all)
		job->orphan = true;
	if (!(notification ? cancel->notifications : cancel->checks))
		return;
	cancel->lost += notification;
	if (job->run) {
		leftover_forget(job->jobs->role, run_pid(job->run));
		run_cancel(job->run);
	}
	run_queue_done(job->jobs->lanes[job->lane], &job->entry);
	job_free(job);
}

static void cancel_jobs(struct jobs *jobs, struct cancel *cancel)
{
	unsigned int lane;

	for (lane = 0; lane < LANE_COUNT; lane++)
		run_queue_each(jobs->lanes[lane], cancel_job, cancel);
}

void jobs_peer_gone(struct jobs *jobs, enum role_id peer)
{
	struct cancel cancel = { .peer = peer, .checks = true };

	cancel_jobs(jobs, &cancel);
	start_jobs(jobs);
}

void jobs_cancel_checks(struct jobs *jobs)
{
	struct cancel cancel = { .all = true, .checks = true };

	cancel_jobs(jobs, &cancel);
}

unsigned int jobs_abandon(struct jobs *jobs)
{
	struct cancel cancel = {
		.all = true,
		.checks = true,
		.notifications = true,
	};

	cancel_jobs(jobs, &cancel);
	return cancel.lost;
}

static unsigned int sum(const struct jobs *jobs,
	unsigned int (*of)(const struct run_queue *queue))
{
	unsigned int n = 0;
	unsigned int lane;

	for (lane = 0; lane < LANE_COUNT; lane++)
		n += of(jobs->lanes[lane]);
	return n;
}

unsigned int jobs_running(const struct jobs *jobs)
{
	return sum(jobs, run_queue_running);
}

unsigned int jobs_waiting(const struct jobs *jobs)
{
	return sum(jobs, run_queue_waiting);
}

const struct jobs_counters *jobs_counters(const struct jobs *jobs)
{
	return &jobs->counters;
}

void jobs_explain(
	const struct jobs *jobs, const char *subject, struct json_object *lines)
{
	unsigned int lane;

	for (lane = 0; lane < LANE_COUNT; lane++) {
		bool running;
		unsigned int waiting = run_queue_subject_waiting(
			jobs->lanes[lane], subject, &running);
		char *line;

		if (!running && !waiting)
			continue;
		line = x_asprintf("runner: %s, %u waiting",
			running ? "a script runs" : "no script runs", waiting);
		json_object_array_add(lines, json_object_new_string(line));
		x_free(line);
	}
}
