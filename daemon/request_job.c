/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "daemon/capabilities.h"
#include "daemon/dump.h"
#include "daemon/gather.h"
#include "daemon/generation.h"
#include "daemon/merge.h"
#include "daemon/requests_internal.h"
#include "lib/jsonfd.h"
#include "lib/log.h"
#include "lib/mem.h"

/* Answers that are made at the same time; others wait with their question. */
#define REQUESTS_MERGING_MAX 8

void request_job_free(struct request_job *job)
{
	DL_DELETE(job->requests->jobs, job);
	if (!job->n_clients)
		job->requests->n_dumps--;
	json_object_put(job->subject);
	json_object_put(job->base);
	x_free(job->question);
	x_free(job->dump_path);
	x_free(job);
}

void requests_error(
	struct requests *requests, uint64_t client, const char *text)
{
	control_answer_error(requests->context.control, client, text);
}

void request_job_error(struct request_job *job, const char *text)
{
	unsigned int i;

	if (!job->n_clients)
		log_warning("dump to %s: %s", job->dump_path, text);
	for (i = 0; i < job->n_clients; i++)
		requests_error(job->requests, job->clients[i], text);
}

/* Takes FD. */
static void request_job_answer(struct request_job *job, int fd)
{
	unsigned int i;

	for (i = 0; i < job->n_clients; i++)
		control_answer(job->requests->context.control, job->clients[i],
			fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0));
	if (fd >= 0)
		close(fd);
}

static const char *gather_note(enum gather_state state)
{
	switch (state) {
	case GATHER_SILENT:
		return "gave no answer in time";
	case GATHER_DIED:
		return "died while it was asked";
	case GATHER_ABSENT:
	case GATHER_PENDING:
	case GATHER_ANSWERED:
		break;
	}
	return NULL;
}

static void job_add_notes(struct request_job *job)
{
	struct json_object *problems;
	unsigned int id;

	json_object_object_get_ex(job->base, "problems", &problems);
	for (id = 0; id < ROLE_COUNT; id++) {
		const char *note = gather_note(job->answers->states[id]);
		char *text;

		if (!note)
			continue;
		text = x_asprintf(
			"role %s %s", role_id_name((enum role_id)id), note);
		json_object_array_add(problems, json_object_new_string(text));
		x_free(text);
	}
}

/* In the worker. */
static void job_run(void *arg, struct worker_result *result)
{
	struct request_job *job = arg;
	struct json_object *answers[ROLE_COUNT] = { NULL };
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (job->answers->fds[id] >= 0)
			answers[id] = json_from_fd(job->answers->fds[id]);
	job->merge(job->base, answers);
	if (job->keep)
		merge_keep_only(job->base, job->keep);
	if (job->n_clients)
		result->fds[0] = json_to_fd(job->base);
	else
		result->value = dump_write(job->dump_path, job->dump,
			job->dump_version, job->base);
}

/* Why an answer could not be made. */
const char *requests_work_error(int error)
{
	return error == -EBUSY ? "too many ask for this: try again"
			       : strerror(-error);
}

void request_job_end(
	struct request_job *job, int error, const struct worker_result *result)
{
	if (!error)
		error = result->value;
	if (error)
		request_job_error(job, requests_work_error(error));
	else
		request_job_answer(job, result->fds[0]);
	request_job_free(job);
}

static void requests_next(struct requests *requests);

static void job_done(
	int error, const struct worker_result *result, void *user_data)
{
	struct request_job *job = user_data;
	struct requests *requests = job->requests;

	requests->merging--;
	request_job_end(job, error, result);
	requests_next(requests);
}

static void job_gathered(const struct gathered *answers, void *user_data)
{
	struct worker_result nothing = { .fds = { -1, -1 } };
	struct request_job *job = user_data;
	struct requests *requests = job->requests;
	int err;

	job->answers = answers;
	job_add_notes(job);
	err = worker_start(requests->context.workers, WORKER_STATUS,
		REQUESTS_WORK_US, job_run, job, job_done, job);
	if (err)
		request_job_end(job, err, &nothing);
	else
		requests->merging++;
	requests->asking = false;
	requests_next(requests);
}

/* What the supervisor itself knows; the roles' keys are added to it. */
struct json_object *requests_base(const struct requests *requests)
{
	const struct requests_context *c = &requests->context;
	const struct generation *running = reload_running(c->reload);
	struct json_object *base = json_object_new_object();
	struct json_object *problems = json_object_new_array();
	char *refusal;

	json_object_object_add(
		base, "version", json_object_new_string(PACKAGE_VERSION));
	json_object_object_add(base, "generation",
		json_object_new_int64(running ? running->number : 0));
	json_object_object_add(base, "uptime_s",
		json_object_new_int64(
			(time_monotonic_us() - c->started_us) / USEC_PER_SEC));
	json_object_object_add(
		base, "config_file", json_object_new_string(c->file));
	if (requests->waits) {
		char *text = x_asprintf("waiting for %s", requests->waits);

		json_object_array_add(problems, json_object_new_string(text));
		x_free(text);
	}
	refusal = reload_refusal(c->reload);
	if (refusal)
		json_object_array_add(
			problems, json_object_new_string(refusal));
	x_free(refusal);
	capabilities_add_problems(problems);
	roles_add_problems(c->roles, problems);
	json_object_object_add(base, "problems", problems);
	json_object_object_add(base, "roles", roles_to_json(c->roles));
	return base;
}

/* CLIENT 0 = a dump. */
struct request_job *request_job_new(
	struct requests *requests, uint64_t client, const char *question)
{
	struct request_job *job = x_new(struct request_job, 1);

	job->requests = requests;
	job->question = x_strdup(question);
	job->merge = merge_status;
	if (client)
		job->clients[job->n_clients++] = client;
	else
		requests->n_dumps++;
	DL_APPEND(requests->jobs, job);
	return job;
}

static void job_begin(struct request_job *job)
{
	struct requests *requests = job->requests;
	int err;

	requests->asking = true;
	job->begun = true;
	job->base = requests_base(requests);
	if (job->subject)
		json_object_object_add(
			job->base, "subject", json_object_get(job->subject));
	err = gather_start(
		requests->context.gather, job->question, job_gathered, job);
	if (!err)
		return;
	requests->asking = false;
	request_job_error(job, strerror(-err));
	request_job_free(job);
}

static struct request_job *requests_first_waiting(
	const struct requests *requests)
{
	struct request_job *job;

	DL_FOREACH (requests->jobs, job)
		if (!job->begun)
			return job;
	return NULL;
}

static void requests_next(struct requests *requests)
{
	struct request_job *job;

	while (!requests->asking && requests->merging < REQUESTS_MERGING_MAX &&
		(job = requests_first_waiting(requests)) != NULL)
		job_begin(job);
}

/* JOB, which has one client, joins one that waits to ask the same. */
static bool job_join(struct request_job *job)
{
	struct request_job *other;

	if (!job->n_clients)
		return false;
	DL_FOREACH (job->requests->jobs, other) {
		if (other == job || other->begun || !other->n_clients ||
			other->n_clients == CONTROL_CLIENTS_MAX ||
			other->merge != job->merge ||
			other->keep != job->keep ||
			strcmp(other->question, job->question))
			continue;
		other->clients[other->n_clients++] = job->clients[0];
		return true;
	}
	return false;
}

void request_job_submit(struct request_job *job)
{
	struct requests *requests = job->requests;

	if (job_join(job))
		request_job_free(job);
	requests_next(requests);
}
