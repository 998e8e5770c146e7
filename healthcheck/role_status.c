/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the role answers: status and explanations. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "healthcheck/bfd_checks.h"
#include "healthcheck/check_report.h"
#include "healthcheck/role_internal.h"
#include "healthcheck/status_job.h"
#include "lib/log.h"
#include "lib/timeutil.h"

/* How long a probe that could not be made is worth a complaint. */
#define INCONCLUSIVE_RECENT_US (60 * USEC_PER_SEC)

static void add_problem(const char *text, void *user_data)
{
	json_object_array_add(user_data, json_object_new_string(text));
}

static void add_problems(struct healthcheck *hc,
	const struct check_table_stats *stats, struct json_object *problems)
{
	const struct check_set *set = check_table_set(hc->table);
	char text[256];

	if (set)
		program_store_problems(set->programs, add_problem, problems);
	if (hc->n_lost) {
		snprintf(text, sizeof(text),
			"%zu blocks of real servers are no checkers that are "
			"known; their servers stay down",
			hc->n_lost);
		add_problem(text, problems);
	}
	if (hc->mark_denied)
		add_problem("checks with fwmark fail: the role has no "
			    "permission to mark packets",
			problems);
	if (hc->has_scripts && !role_peer_is_up(hc->role, ROLE_RUNNER))
		add_problem("MISC_CHECK waits for the runner", problems);
	if (bfd_checks_wanted(hc->bfd) &&
		!role_peer_is_up(hc->role, ROLE_VRRP))
		add_problem("BFD_CHECK waits for the vrrp role, which has the "
			    "sessions; with -C there is none",
			problems);
	if (stats->inconclusive_us &&
		time_realtime_us() - stats->inconclusive_us <
			INCONCLUSIVE_RECENT_US) {
		snprintf(text, sizeof(text), "checks could not be run: %s",
			stats->inconclusive_detail);
		add_problem(text, problems);
	}
}

static struct json_object *report_stats(
	struct healthcheck *hc, const struct check_table_stats *stats)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "checks",
		json_object_new_int64(
			(int64_t)check_table_count(hc->table)));
	json_object_object_add(object, "in_flight",
		json_object_new_int64(
			(int64_t)probe_engine_in_flight(hc->engine)));
	json_object_object_add(
		object, "runs", json_object_new_int64((int64_t)stats->runs));
	json_object_object_add(object, "inconclusive",
		json_object_new_int64((int64_t)stats->inconclusive));
	json_object_object_add(object, "late_worst_ms",
		json_object_new_int64(
			stats->late_worst_us / USEC_PER_MSEC));
	return object;
}

/* What the status says besides the checks. */
static struct json_object *status_rest(void *user_data)
{
	struct healthcheck *hc = user_data;
	struct check_table_stats stats = check_table_stats(hc->table);
	struct json_object *answer = json_object_new_object();
	struct json_object *problems = json_object_new_array();

	add_problems(hc, &stats, problems);
	json_object_object_add(
		answer, "check_stats", report_stats(hc, &stats));
	json_object_object_add(answer, "problems", problems);
	return answer;
}

static void start_status(struct healthcheck *hc);

static void on_status(int fd, void *user_data)
{
	struct healthcheck *hc = user_data;

	if (fd < 0)
		log_warning("no status: %s", strerror(-fd));
	role_answer(hc->role, hc->asked[0], fd);
	if (fd >= 0)
		close(fd);
	status_job_free(hc->status_job);
	hc->status_job = NULL;
	memmove(hc->asked, hc->asked + 1,
		--hc->n_asked * sizeof(hc->asked[0]));
	if (hc->n_asked)
		start_status(hc);
}

static void start_status(struct healthcheck *hc)
{
	hc->status_job = status_job_new(role_loop(hc->role), hc->table,
		status_rest, on_status, hc);
}

/* One after the other; the supervisor asks for one at a time. */
static struct json_object *answer_status(struct healthcheck *hc)
{
	struct json_object *answer;

	if (hc->n_asked == HEALTHCHECK_WAITING_MAX) {
		answer = json_object_new_object();
		json_object_object_add(answer, "error",
			json_object_new_string("too many wait for a status"));
		return answer;
	}
	hc->asked[hc->n_asked++] = role_defer(hc->role);
	if (!hc->status_job)
		start_status(hc);
	return NULL;
}

static struct json_object *answer_explain(
	struct healthcheck *hc, struct json_object *request)
{
	struct json_object *lines = json_object_new_array();
	struct json_object *answer;
	struct json_object *subject;

	if (json_object_object_get_ex(request, "subject", &subject) &&
		json_object_is_type(subject, json_type_string))
		check_report_explain(
			hc->table, json_object_get_string(subject), lines);
	if (!json_object_array_length(lines)) {
		json_object_put(lines);
		return NULL;
	}
	answer = json_object_new_object();
	json_object_object_add(answer, "explain", lines);
	return answer;
}

struct json_object *healthcheck_request(
	void *state, const char *command, struct json_object *request)
{
	if (!strcmp(command, "status"))
		return answer_status(state);
	if (!strcmp(command, "explain"))
		return answer_explain(state, request);
	return NULL;
}
