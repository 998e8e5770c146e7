/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/reload_answer.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "daemon/own_plan.h"
#include "lib/jsonfd.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define ANSWER_TIMEOUT_US (30 * USEC_PER_SEC)

struct reload_delivery {
	void (*answer)(uint64_t client, int fd, void *user_data);
	void *user_data;
	unsigned int n_clients;
	uint64_t clients[];
};

/* The entries of one role's plan, each with "role" in front. */
static void answer_add_plan(
	struct json_object *plan, enum role_id id, struct json_object *entries)
{
	size_t n = entries && json_object_is_type(entries, json_type_array)
			   ? json_object_array_length(entries)
			   : 0;
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *entry =
			json_object_array_get_idx(entries, i);
		struct json_object *out = json_object_new_object();

		json_object_object_add(
			out, "role", json_object_new_string(role_id_name(id)));
		json_object_object_foreach(entry, key, value)
			json_object_object_add(
				out, key, json_object_get(value));
		json_object_array_add(plan, out);
	}
}

static void answer_add_plans(
	struct json_object *json, const struct reload_report *report)
{
	const int *plan_fds = report->plan_fds;
	struct json_object *plan = json_object_new_array();
	struct json_object *own;
	unsigned int id;

	if (report->next) {
		own = own_plan(report->former, report->next);
		answer_add_plan(plan, ROLE_SUPERVISOR, own);
		json_object_put(own);
	}

	for (id = 0; id < ROLE_COUNT; id++) {
		struct json_object *entries;

		if (plan_fds[id] < 0)
			continue;
		entries = json_from_fd(plan_fds[id]);
		answer_add_plan(plan, (enum role_id)id, entries);
		json_object_put(entries);
	}
	json_object_object_add(json, "plan", plan);
}

static void answer_add_diags(struct json_object *json, int fd)
{
	struct json_object *diags = json_from_fd(fd);
	struct json_object *list;

	if (diags && json_object_object_get_ex(diags, "diagnostics", &list))
		json_object_object_add(
			json, "diagnostics", json_object_get(list));
	json_object_put(diags);
}

struct json_object *reload_answer_build(const struct reload_report *report)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(
		json, "ok", json_object_new_boolean(!report->error));
	if (report->error) {
		json_object_object_add(
			json, "error", json_object_new_string(report->error));
		if (report->role != ROLE_SUPERVISOR)
			json_object_object_add(json, "role",
				json_object_new_string(
					role_id_name(report->role)));
	}
	if (report->generation)
		json_object_object_add(json, "generation",
			json_object_new_int64(report->generation));
	json_object_object_add(
		json, "dry_run", json_object_new_boolean(report->dry_run));
	json_object_object_add(
		json, "duration_ms", json_new_ms(report->duration_us));
	if (report->plan_fds && !report->error)
		answer_add_plans(json, report);
	if (report->diags_fd >= 0)
		answer_add_diags(json, report->diags_fd);
	return json;
}

static void answer_run(void *arg, struct worker_result *result)
{
	struct json_object *json = reload_answer_build(arg);

	result->fds[0] = json_to_fd(json);
}

static void answer_done(
	int error, const struct worker_result *result, void *user_data)
{
	struct reload_delivery *delivery = user_data;
	unsigned int i;

	for (i = 0; i < delivery->n_clients; i++) {
		int fd = error || result->fds[0] < 0
				 ? -1
				 : fcntl(result->fds[0], F_DUPFD_CLOEXEC, 0);

		delivery->answer(delivery->clients[i], fd, delivery->user_data);
	}
	if (result->fds[0] >= 0)
		close(result->fds[0]);
	x_free(delivery);
}

void reload_answer_send(struct workers *workers,
	const struct reload_report *report, const uint64_t *clients,
	unsigned int n_clients,
	void (*answer)(uint64_t client, int fd, void *user_data),
	void *user_data)
{
	struct worker_result nothing = { .fds = { -1, -1 } };
	struct reload_delivery *delivery =
		x_calloc(1, sizeof(*delivery) + n_clients * sizeof(*clients));
	int err;

	delivery->answer = answer;
	delivery->user_data = user_data;
	delivery->n_clients = n_clients;
	memcpy(delivery->clients, clients, n_clients * sizeof(*clients));
	err = worker_start(workers, WORKER_REPORT, ANSWER_TIMEOUT_US,
		answer_run, (void *)(uintptr_t)report, answer_done, delivery);
	if (err)
		answer_done(err, &nothing, delivery);
}
