/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/status_job.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "healthcheck/check_report.h"
#include "lib/jsonfd.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* Work for so long, then let others. */
#define SLICE_US (2 * USEC_PER_MSEC)

struct status_job {
	const struct check_table *table;
	struct loop_timer *timer;
	int fd;
	size_t service; /* the next one, */
	size_t server; /* and of it */
	bool begun; /* a server was written */
	struct buf_writer out;
	struct json_object *(*rest)(void *user_data);
	void (*done)(int fd, void *user_data);
	void *user_data;
};

static void put(struct status_job *job, const char *text)
{
	buf_put_bytes(&job->out, text, strlen(text));
}

static void put_server(
	struct status_job *job, const struct check_server *server)
{
	struct json_object *checks = check_report_server(job->table, server);
	char key[24];

	snprintf(key, sizeof(key), "%s\"%u\":", job->begun ? "," : "",
		server->node);
	put(job, key);
	put(job,
		json_object_to_json_string_ext(
			checks, JSON_C_TO_STRING_PLAIN));
	json_object_put(checks);
	job->begun = true;
}

/* The next server, or NULL after the last. */
static const struct check_server *next_server(struct status_job *job)
{
	const struct check_set *set = check_table_set(job->table);

	while (set && job->service < set->conf->services.n) {
		const struct check_service *service =
			set->conf->services.items[job->service];

		if (job->server < service->servers.n)
			return service->servers.items[job->server++];
		job->service++;
		job->server = 0;
	}
	return NULL;
}

static void put_rest(struct status_job *job)
{
	struct json_object *rest = job->rest(job->user_data);

	/* Its members follow ours: "{" becomes "},". */
	put(job, "},");
	put(job,
		json_object_to_json_string_ext(rest, JSON_C_TO_STRING_PLAIN) +
			1);
	json_object_put(rest);
}

static void finish(struct status_job *job, int err)
{
	int fd = job->fd;

	if (!err)
		err = json_fd_seal(fd);
	job->fd = -1;
	if (err) {
		close(fd);
		fd = err;
	}
	job->done(fd, job->user_data);
}

static void on_timer(void *user_data)
{
	struct status_job *job = user_data;
	int64_t end = time_monotonic_us() + SLICE_US;
	const struct check_server *server;
	int err;

	do {
		server = next_server(job);
		if (server)
			put_server(job, server);
	} while (server && time_monotonic_us() < end);
	if (!server)
		put_rest(job);
	err = json_fd_write(job->fd, job->out.data, job->out.len);
	buf_writer_reset(&job->out);
	if (err || !server)
		finish(job, err);
	else
		loop_timer_set(job->timer, time_monotonic_us());
}

void status_job_restart(struct status_job *job)
{
	job->service = 0;
	job->server = 0;
	job->begun = false;
	buf_writer_reset(&job->out);
	put(job, "{\"checks\":{");
	/* A file that cannot be rewound cannot be written either. */
	if (ftruncate(job->fd, 0) == 0)
		lseek(job->fd, 0, SEEK_SET);
	loop_timer_set(job->timer, time_monotonic_us());
}

struct status_job *status_job_new(struct loop *loop,
	const struct check_table *table,
	struct json_object *(*rest)(void *user_data),
	void (*done)(int fd, void *user_data), void *user_data)
{
	struct status_job *job = x_new(struct status_job, 1);

	job->table = table;
	job->fd = json_fd_new();
	job->timer = loop_timer_new(loop, on_timer, job);
	job->rest = rest;
	job->done = done;
	job->user_data = user_data;
	status_job_restart(job);
	return job;
}

void status_job_free(struct status_job *job)
{
	if (!job)
		return;
	if (job->fd >= 0)
		close(job->fd);
	loop_timer_free(job->timer);
	buf_writer_free(&job->out);
	x_free(job);
}
