/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/requests.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "daemon/control.h"
#include "daemon/dump.h"
#include "daemon/files_conf.h"
#include "daemon/generation.h"
#include "daemon/global_conf.h"
#include "daemon/merge.h"
#include "daemon/requests_internal.h"
#include "daemon/show_config.h"
#include "lib/jsonfd.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define REQUESTS_DUMPS_MAX 8
#define REQUESTS_STATUS "{\"command\":\"status\"}"
#define REQUESTS_DUMP "{\"command\":\"status\",\"dump\":true}"
#define REQUESTS_DUMP_CLEAR                                                    \
	"{\"command\":\"status\",\"dump\":true,\"clear\":true}"

static const char keep_vrrp[] = "vrrp bfd track_processes";
static const char keep_services[] = "services unconfigured_services";
static const char keep_explain[] = "explain";
static const char keep_log[] = "log";

struct requests *requests_new(const struct requests_context *context)
{
	struct requests *requests = x_new(struct requests, 1);

	requests->context = *context;
	return requests;
}

void requests_free(struct requests *requests)
{
	while (requests->jobs)
		request_job_free(requests->jobs);
	x_free(requests);
}

void requests_set_waits(struct requests *requests, const char *keyword)
{
	requests->waits = keyword;
}

void requests_set_control(struct requests *requests, struct control *control)
{
	requests->context.control = control;
}

void requests_dump(
	struct requests *requests, enum dump_kind kind, bool clear)
{
	const struct generation *running =
		reload_running(requests->context.reload);
	const struct files_conf *conf = running ? running->files : NULL;
	struct request_job *job;

	if (requests->n_dumps >= REQUESTS_DUMPS_MAX)
		return;
	job = request_job_new(
		requests, 0, clear ? REQUESTS_DUMP_CLEAR : REQUESTS_DUMP);
	job->dump = kind;
	job->dump_version = conf ? conf->json_version : 1;
	job->dump_path = dump_path(kind, conf, requests->context.runtime_dir,
		running ? running->global->net_namespace : NULL,
		running ? running->global->instance : NULL);
	request_job_submit(job);
}

void requests_dump_to(struct requests *requests, char *path)
{
	struct request_job *job;

	if (requests->n_dumps >= REQUESTS_DUMPS_MAX) {
		x_free(path);
		return;
	}
	job = request_job_new(requests, 0, REQUESTS_DUMP);
	job->dump = DUMP_DATA;
	job->dump_path = path;
	request_job_submit(job);
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
	request_job_submit(request_job_new(requests, client, REQUESTS_STATUS));
}

static void request_show_roles(struct requests *requests, uint64_t client)
{
	struct json_object *base = requests_base(requests);

	merge_keep_only(base, "roles");
	control_answer(requests->context.control, client, json_to_fd(base));
	json_object_put(base);
}

static bool flag_of(struct json_object *request, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(request, key, &value) &&
	       json_object_get_boolean(value);
}

struct show_config_work {
	const struct generation *generation;
	struct effective_print_options options;
	bool text_only;
};

static void show_config_run(void *arg, struct worker_result *result)
{
	const struct show_config_work *work = arg;

	result->fds[0] = show_config_answer(
		work->generation, &work->options, work->text_only);
}

static void show_done(
	int error, const struct worker_result *result, void *user_data)
{
	request_job_end(user_data, error, result);
}

/* A generation never changes: who asks for one that is being printed, the
 * same way, gets the same answer. */
static bool show_config_join(struct requests *requests, uint64_t client,
	uint32_t generation, unsigned int how)
{
	struct request_job *job;

	DL_FOREACH (requests->jobs, job) {
		if (job->shown != generation || job->shown_how != how ||
			job->n_clients == CONTROL_CLIENTS_MAX)
			continue;
		job->clients[job->n_clients++] = client;
		return true;
	}
	return false;
}

static void request_show_config(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	const struct generation *running =
		reload_running(requests->context.reload);
	struct show_config_work work = {
		.generation = running,
		.options = { .origin = flag_of(request, "origin"),
			.defaults = flag_of(request, "defaults") },
		.text_only = flag_of(request, "text_only"),
	};
	unsigned int how = work.options.origin |
			   (unsigned int)work.options.defaults << 1 |
			   (unsigned int)work.text_only << 2;
	struct request_job *job;
	int err;

	if (!running) {
		requests_error(requests, client, "no configuration runs yet");
		return;
	}
	if (show_config_join(requests, client, running->number, how))
		return;
	job = request_job_new(requests, client, "");
	job->begun = true;
	job->shown = running->number;
	job->shown_how = how;
	err = worker_start(requests->context.workers, WORKER_SHOW,
		REQUESTS_WORK_US, show_config_run, &work, show_done, job);
	if (err) {
		request_job_error(job, strerror(-err));
		request_job_free(job);
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
	struct request_job *job = request_job_new(requests, client, "");
	int err;

	job->begun = true;
	job->base = requests_base(requests);
	err = worker_start(requests->context.workers, WORKER_SHOW,
		REQUESTS_WORK_US, show_log_run, job, show_done, job);
	if (err) {
		request_job_error(job, requests_work_error(err));
		request_job_free(job);
	}
}

static void request_show(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	const char *what = text_of(request, "what");
	struct request_job *job;

	if (what && (!strcmp(what, "vrrp") || !strcmp(what, "services"))) {
		job = request_job_new(requests, client, REQUESTS_STATUS);
		job->keep = *what == 'v' ? keep_vrrp : keep_services;
		request_job_submit(job);
	} else if (what && !strcmp(what, "roles")) {
		request_show_roles(requests, client);
	} else if (what && !strcmp(what, "log")) {
		request_show_log(requests, client);
	} else if (what && !strcmp(what, "config")) {
		request_show_config(requests, client, request);
	} else {
		requests_error(requests, client,
			"show what? vrrp, services, roles, config or log");
	}
}

static void request_explain(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	struct json_object *subject;
	struct request_job *job;

	if (!text_of(request, "subject")) {
		requests_error(requests, client, "explain what?");
		return;
	}
	job = request_job_new(requests, client,
		json_object_to_json_string_ext(
			request, JSON_C_TO_STRING_PLAIN));
	json_object_object_get_ex(request, "subject", &subject);
	job->subject = json_object_get(subject);
	job->merge = merge_explain;
	job->keep = keep_explain;
	request_job_submit(job);
}

static void request_reload(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	int err = reload_request(requests->context.reload, client);

	(void)request;
	if (err)
		requests_error(requests, client,
			err == -ESHUTDOWN ? RELOAD_STOPS
					  : "too many reloads are waiting");
}

static void request_plan(
	struct requests *requests, uint64_t client, struct json_object *request)
{
	const char *file = text_of(request, "file");
	int err;

	if (file && *file != '/') {
		requests_error(requests, client,
			"plan needs the absolute path of a file");
		return;
	}
	err = reload_plan(requests->context.reload, file, client);
	if (err)
		requests_error(requests, client,
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
		requests_error(requests, client, "unknown command");
	else if (command->privileged && uid != 0 && uid != geteuid())
		requests_error(requests, client, "permission denied");
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
		requests_error(
			requests, client, "the request is no JSON object");
	json_object_put(request);
}
