/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/reload_job.h"

#include <errno.h>
#include <json-c/json.h>
#include <unistd.h>

#include "daemon/generation.h"
#include "daemon/reload.h"
#include "daemon/reload_answer.h"
#include "lib/jsonfd.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

struct reload_job *reload_job_new(enum reload_kind kind, const char *file)
{
	struct reload_job *job = x_new(struct reload_job, 1);

	job->kind = kind;
	job->file = x_strdup(file);
	job->diags_fd = -1;
	return job;
}

void reload_job_free(struct reload_job *job)
{
	if (!job)
		return;
	if (job->diags_fd >= 0)
		close(job->diags_fd);
	generation_free(job->candidate);
	x_free(job->file);
	x_free(job->marker);
	x_free(job);
}

int reload_job_add_client(struct reload_job *job, uint64_t client)
{
	if (!client)
		return 0;
	if (job->n_clients >= RELOAD_CLIENTS_MAX)
		return -EBUSY;
	job->clients[job->n_clients++] = client;
	return 0;
}

const char *reload_job_name(const struct reload_job *job)
{
	switch (job->kind) {
	case RELOAD_KIND_FIRST:
		return "start";
	case RELOAD_KIND_RELOAD:
		return "reload";
	case RELOAD_KIND_PLAN:
		return "plan";
	}
	return "?";
}

void reload_job_answer(const struct reload_job *job, struct workers *workers,
	const char *error, const struct transaction_result *result,
	const struct generation *former,
	void (*answer)(uint64_t client, int fd, void *user_data),
	void *user_data)
{
	struct reload_report report = {
		.error = error,
		.role = error && result ? result->role : ROLE_SUPERVISOR,
		.generation = job->candidate ? job->candidate->number : 0,
		.dry_run = job->kind == RELOAD_KIND_PLAN,
		.duration_us = time_monotonic_us() - job->began_us,
		.diags_fd = job->diags_fd,
		.plan_fds = result ? result->plan_fds : NULL,
		.former = former,
		.next = job->candidate,
	};

	if (job->n_clients)
		reload_answer_send(workers, &report, job->clients,
			job->n_clients, answer, user_data);
}

void reload_job_tell_stop(struct reload_job *job,
	void (*answer)(uint64_t client, int fd, void *user_data),
	void *user_data)
{
	const struct reload_report report = {
		.error = RELOAD_STOPS,
		.role = ROLE_SUPERVISOR,
		.dry_run = job->kind == RELOAD_KIND_PLAN,
		.duration_us =
			job->began_us ? time_monotonic_us() - job->began_us : 0,
		.diags_fd = -1,
	};
	struct json_object *json = reload_answer_build(&report);
	unsigned int i;

	for (i = 0; i < job->n_clients; i++)
		answer(job->clients[i], json_to_fd(json), user_data);
	job->n_clients = 0;
	json_object_put(json);
}
