/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/requests.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "daemon/control.h"
#include "daemon/dump.h"
#include "daemon/gather.h"
#include "daemon/generation.h"
#include "daemon/merge.h"
#include "daemon/show_config.h"
#include "lib/jsonfd.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define REQUESTS_WORK_US (30 * USEC_PER_SEC)

#define REQUESTS_DUMPS_MAX 8
/* Answers that are made at the same time; others wait with their question. */
#define REQUESTS_MERGING_MAX 8
#define REQUESTS_STATUS "{\"command\":\"status\"}"

static const char keep_vrrp[] = "vrrp";
static const char keep_services[] = "services";
static const char keep_explain[] = "explain";
static const char keep_log[] = "log";

/* A question that the roles answer; what is made of it is up to MERGE. */
struct request_job {
	struct request_job *prev;
	struct request_job *next;
	struct requests *requests;
	char *question; /* JSON */
	uint64_t clients[CONTROL_CLIENTS_MAX];
	unsigned int n_clients; /* 0 = a dump */
	enum dump_kind dump;
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
};

struct requests *requests_new(const struct requests_context *context)
{
	struct requests *requests = x_new(struct requests, 1);

	requests->context = *context;
	return requests;
}

static void job_free(struct request_job *job)
{
	DL_DELETE(job->requests->jobs, job);
	if (!job->n_clients)
		job->requests->n_dumps--;
	json_object_put(job->subject);
	json_object_put(job->base);
	x_free(job->question);
	x_free(job);
}

void requests_free(struct requests *requests)
{
	while (requests->jobs)
		job_free(requests->jobs);
	x_free(requests);
}

void requests_set_control(struct requests *requests, struct control *control)
{
	requests->context.control = control;
}

static void request_error(
	struct requests *requests, uint64_t client, const char *text)
{
	control_answer_error(requests->context.control, client, text);
}

/* --- asking the roles --- */

static void job_error(struct request_job *job, const char *text)
{
	unsigned int i;

	if (!job->n_clients)
		log_warning("dump: %s", text);
	for (i = 0; i < job->n_clients; i++)
		request_error(job->requests, job->clients[i], text);
}

/* Takes FD. */
static void job_answer(struct request_job *job, int fd)
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
		result->value = dump_write(job->requests->context.runtime_dir,
			job->dump, job->base);
}

/* Why an answer could not be made. */
static const char *work_error(int error)
{
	return error == -EBUSY ? "too many ask for this: try again"
			       : strerror(-error);
}

static void job_end(
	struct request_job *job, int error, const struct worker_result *result)
{
	if (!error)
		error = result->value;
	if (error)
		job_error(job, work_error(error));
	else
		job_answer(job, result->fds[0]);
	job_free(job);
}

static void requests_next(struct requests *requests);

static void job_done(
	int error, const struct worker_result *result, void *user_data)
{
	struct request_job *job = user_data;
	struct requests *requests = job->requests;

	requests->merging--;
	job_end(job, error, result);
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
		job_end(job, err, &nothing);
	else
		requests->merging++;
	requests->asking = false;
	requests_next(requests);
}

/* What the supervisor itself knows; the roles' keys are added to it. */
static struct json_object *requests_base(const struct requests *requests)
{
	const struct requests_context *c = &requests->context;
	const struct generation *running = reload_running(c->reload);
	struct json_object *base = json_object_new_object();
	struct json_object *problems = json_object_new_array();

	json_object_object_add(
		base, "version", json_object_new_string(PACKAGE_VERSION));
	json_object_object_add(base, "generation",
		json_object_new_int64(running ? running->number : 0));
	json_object_object_add(base, "uptime_s",
		json_object_new_int64(
			(time_monotonic_us() - c->started_us) / USEC_PER_SEC));
	json_object_object_add(
		base, "config_file", json_object_new_string(c->file));
	roles_add_problems(c->roles, problems);
	json_object_object_add(base, "problems", problems);
	json_object_object_add(base, "roles", roles_to_json(c->roles));
	return base;
}

/* CLIENT 0 = a dump. */
static struct request_job *job_new(
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
	job_error(job, strerror(-err));
	job_free(job);
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

static void job_submit(struct request_job *job)
{
	struct requests *requests = job->requests;

	if (job_join(job))
		job_free(job);
	requests_next(requests);
}

void requests_dump(struct requests *requests, enum dump_kind kind)
{
	struct request_job *job;

	if (requests->n_dumps >= REQUESTS_DUMPS_MAX)
		return;
	job = job_new(requests, 0, REQUESTS_STATUS);
	job->dump = kind;
	job_submit(job);
}

/* --- commands --- */

static const char *text_of(struct json_object *request, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(request, key, &value) ||
		!json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static void request_status(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	(void)request;
	job_submit(job_new(requests, client, REQUESTS_STATUS));
}

static void request_show_roles(struct requests *requests, uint64_t client)
{
	struct json_object *base = requests_base(requests);

	merge_keep_only(base, "roles");
	control_answer(requests->context.control, client, json_to_fd(base));
	json_object_put(base);
}

static void show_config_run(void *arg, struct worker_result *result)
{
	struct json_object *json = show_config_json(arg);

	result->fds[0] = json_to_fd(json);
}

static void show_done(
	int error, const struct worker_result *result, void *user_data)
{
	job_end(user_data, error, result);
}

/* A generation never changes: who asks for one that is being printed gets
 * the same answer. */
static bool show_config_join(
	struct requests *requests, uint64_t client, uint32_t generation)
{
	struct request_job *job;

	DL_FOREACH (requests->jobs, job) {
		if (job->shown != generation ||
			job->n_clients == CONTROL_CLIENTS_MAX)
			continue;
		job->clients[job->n_clients++] = client;
		return true;
	}
	return false;
}

static void request_show_config(struct requests *requests, uint64_t client)
{
	const struct generation *running =
		reload_running(requests->context.reload);
	struct request_job *job;
	int err;

	if (!running) {
		request_error(requests, client, "no configuration runs yet");
		return;
	}
	if (show_config_join(requests, client, running->number))
		return;
	job = job_new(requests, client, "");
	job->begun = true;
	job->shown = running->number;
	err = worker_start(requests->context.workers, WORKER_SHOW,
		REQUESTS_WORK_US, show_config_run, (void *)(uintptr_t)running,
		show_done, job);
	if (err) {
		job_error(job, strerror(-err));
		job_free(job);
	}
}

static void show_log_run(void *arg, struct worker_result *result)
{
	const struct request_job *job = arg;
	struct json_object *lines = json_object_new_array();

	roles_add_log(job->requests->context.roles, lines);
	merge_log(job->base, lines);
	merge_keep_only(job->base, keep_log);
	result->fds[0] = json_to_fd(job->base);
}

/* No role is asked: one that hangs, or is gone, has its lines here as well. */
static void request_show_log(struct requests *requests, uint64_t client)
{
	struct request_job *job = job_new(requests, client, "");
	int err;

	job->begun = true;
	job->base = requests_base(requests);
	err = worker_start(requests->context.workers, WORKER_SHOW,
		REQUESTS_WORK_US, show_log_run, job, show_done, job);
	if (err) {
		job_error(job, work_error(err));
		job_free(job);
	}
}

static void request_show(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	const char *what = text_of(request, "what");
	struct request_job *job;

	if (what && (!strcmp(what, "vrrp") || !strcmp(what, "services"))) {
		job = job_new(requests, client, REQUESTS_STATUS);
		job->keep = *what == 'v' ? keep_vrrp : keep_services;
		job_submit(job);
	} else if (what && !strcmp(what, "roles")) {
		request_show_roles(requests, client);
	} else if (what && !strcmp(what, "log")) {
		request_show_log(requests, client);
	} else if (what && !strcmp(what, "config")) {
		request_show_config(requests, client);
	} else {
		request_error(requests, client,
			"show what? vrrp, services, roles, config or log");
	}
}

static void request_explain(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	struct json_object *subject;
	struct request_job *job;

	if (!text_of(request, "subject")) {
		request_error(requests, client, "explain what?");
		return;
	}
	job = job_new(requests, client,
		json_object_to_json_string_ext(
			request, JSON_C_TO_STRING_PLAIN));
	json_object_object_get_ex(request, "subject", &subject);
	job->subject = json_object_get(subject);
	job->merge = merge_explain;
	job->keep = keep_explain;
	job_submit(job);
}

static void request_reload(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	int err = reload_request(requests->context.reload, client);

	(void)request;
	if (err)
		request_error(requests, client,
			err == -ESHUTDOWN ? RELOAD_STOPS
					  : "too many reloads are waiting");
}

static void request_plan(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	const char *file = text_of(request, "file");
	int err;

	if (file && *file != '/') {
		request_error(requests, client,
			"plan needs the absolute path of a file");
		return;
	}
	err = reload_plan(requests->context.reload, file, client);
	if (err)
		request_error(requests, client,
			err == -ESHUTDOWN ? RELOAD_STOPS
					  : "too many plans are waiting");
}

static const struct request_command {
	const char *name;
	bool privileged;
	void (*handle)(struct requests *requests, uint64_t client,
		struct json_object *request);
} commands[] = {
	{ "status", false, request_status },
	{ "show", false, request_show },
	{ "explain", false, request_explain },
	{ "reload", true, request_reload },
	{ "plan", true, request_plan },
	{ NULL, false, NULL },
};

static void request_dispatch(struct requests *requests, uint64_t client,
	uid_t uid, struct json_object *request)
{
	const struct request_command *command;
	const char *name = text_of(request, "command");

	for (command = commands; command->name; command++)
		if (name && !strcmp(command->name, name))
			break;
	if (!command->name)
		request_error(requests, client, "unknown command");
	else if (command->privileged && uid != 0 && uid != geteuid())
		request_error(requests, client, "permission denied");
	else
		command->handle(requests, client, request);
}

void requests_handle(
	struct requests *requests, uint64_t client, uid_t uid, const char *line)
{
	struct json_object *request = json_tokener_parse(line);

	if (json_object_is_type(request, json_type_object))
		request_dispatch(requests, client, uid, request);
	else
		request_error(
			requests, client, "the request is no JSON object");
	json_object_put(request);
}
