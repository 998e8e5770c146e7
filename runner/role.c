/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/role.h"

#include <errno.h>
#include <json-c/json.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/events.h"
#include "runner/fifos.h"
#include "runner/history.h"
#include "runner/jobs.h"
#include "runner/leftover.h"
#include "runner/mailer.h"
#include "runner/notify_plan.h"

/* At a stop: how long messages that are on their way are waited for, and how
 * long the scripts that they start may take. */
#define RUNNER_SETTLE_US (100 * USEC_PER_MSEC)
#define RUNNER_STOP_US (2 * USEC_PER_SEC)
/* A mail that is being sent has less. */
#define RUNNER_STOP_MAIL_US (800 * USEC_PER_MSEC)
/* And then the programs that read FIFOs. */
#define RUNNER_STOP_FIFOS_US (1500 * USEC_PER_MSEC)
/* Generations before the one that runs, of which something may still be on its
 * way when reloads follow one another. */
#define RUNNER_PREVIOUS 2
/* Problems in one status answer. */
#define RUNNER_PROBLEMS_MAX 20

struct runner {
	struct role *role;
	struct jobs *jobs;
	struct fifos *fifos;
	struct mailer *mailer;
	struct events events;
	struct script_table *prepared;
	struct script_table *current;
	struct script_table *previous[RUNNER_PREVIOUS]; /* the last first */
	struct loop_timer *stop_timer;
	int64_t stop_settled_us; /* 0 = not stopping */
	int64_t stop_deadline_us;
	struct log_limit refused_limit;
};

static int on_run(void *state, enum role_id peer, struct message *msg);
static int on_events(void *state, enum role_id peer, struct message *msg);

/* --- who may talk to the runner --- */

static const struct role_handler run_handlers[] = {
	{ MSG_RUN, on_run },
	{ 0, NULL },
};

/* And those that have something to tell. */
static const struct role_handler event_handlers[] = {
	{ MSG_RUN, on_run },
	{ MSG_EVENTS, on_events },
	{ 0, NULL },
};

static const struct role_peer peers[] = {
	{ ROLE_VRRP, event_handlers },
	{ ROLE_HEALTHCHECK, run_handlers },
	{ ROLE_IPVS, event_handlers },
	/* startup_script and shutdown_script */
	{ ROLE_SUPERVISOR, run_handlers },
	{ 0, NULL },
};

/* --- runs --- */

static struct script_table *find_table(
	const struct runner *runner, uint32_t generation)
{
	unsigned int i;

	if (runner->current &&
		script_table_generation(runner->current) == generation)
		return runner->current;
	for (i = 0; i < RUNNER_PREVIOUS; i++)
		if (runner->previous[i] &&
			script_table_generation(runner->previous[i]) ==
				generation)
			return runner->previous[i];
	return NULL;
}

static bool is_past(const struct runner *runner, uint32_t generation)
{
	return runner->current &&
		generation < script_table_generation(runner->current);
}

static int on_run(void *state, enum role_id peer, struct message *msg)
{
	struct runner *runner = state;
	struct script_table *table;
	struct script_spec *spec;
	struct msg_run m;

	if (msg_get_run(&msg->body, &m) < 0)
		return -EBADMSG;
	table = find_table(runner, msg->generation);
	spec = table ? script_table_get(table, m.node) : NULL;
	if (!spec) {
		log_limited(&runner->refused_limit, LOG_LEVEL_WARNING,
			"%s wants to run node %u of generation %u: %s",
			role_id_name(peer), m.node, msg->generation,
			table ? "no script" : "not held");
		jobs_refuse(runner->jobs, peer, &m, msg->generation,
			table ? EINVAL : ESTALE);
		return 0;
	}
	jobs_push(runner->jobs, peer, &m, table, spec);
	return 0;
}

static int on_events(void *state, enum role_id peer, struct message *msg)
{
	struct runner *runner = state;

	return events_take(&runner->events, peer,
		find_table(runner, msg->generation),
		is_past(runner, msg->generation), &msg->body);
}

/* --- generations --- */

static const struct conf_tree *tree_of(const struct script_table *table)
{
	return table ? event_names_tree(script_table_names(table)) : NULL;
}

static int runner_prepare(void *state, uint32_t generation, int fd,
	bool dry_run, struct json_object *plan, char **ret_error)
{
	struct runner *runner = state;
	int err;

	script_table_unref(runner->prepared);
	runner->prepared = NULL;
	err = script_table_open(fd, generation, &runner->prepared);
	if (err) {
		*ret_error = x_asprintf("cannot read generation %u: %s",
			generation, strerror(-err));
		return err;
	}
	/* At a start everything is new, and nobody asks. */
	if (dry_run || runner->current)
		notify_plan(tree_of(runner->current), tree_of(runner->prepared),
			plan);
	return 0;
}

static void runner_commit(void *state, uint32_t generation)
{
	struct runner *runner = state;

	script_table_unref(runner->previous[RUNNER_PREVIOUS - 1]);
	memmove(&runner->previous[1], &runner->previous[0],
		(RUNNER_PREVIOUS - 1) * sizeof(runner->previous[0]));
	runner->previous[0] = runner->current;
	runner->current = runner->prepared;
	runner->prepared = NULL;
	fifos_commit(runner->fifos, runner->current);
	mailer_commit(runner->mailer, runner->current);
	role_committed(runner->role, generation);
	role_ready(runner->role);
}

static void runner_abort(void *state)
{
	struct runner *runner = state;

	script_table_unref(runner->prepared);
	runner->prepared = NULL;
}

static void runner_fifo(void *state, uint32_t generation,
	const struct msg_fifo *fifo, int fd)
{
	struct runner *runner = state;

	fifos_offer(runner->fifos, generation, fifo, fd);
}

/* --- stop --- */

static bool any_peer_up(const struct runner *runner)
{
	return role_peer_is_up(runner->role, ROLE_VRRP) ||
	       role_peer_is_up(runner->role, ROLE_HEALTHCHECK) ||
	       role_peer_is_up(runner->role, ROLE_IPVS);
}

/* All is told: the last lines are read, and their readers end. */
static void stop_fifos(struct runner *runner)
{
	size_t unsent = mailer_abandon(runner->mailer);
	int64_t again;

	if (unsent)
		log_warning("%zu notifications are not mailed, since the "
			    "daemon stops",
			unsent);
	if (fifos_stop_step(runner->fifos,
		    runner->stop_deadline_us + RUNNER_STOP_FIFOS_US, &again))
		role_stopped(runner->role);
	else
		loop_timer_set(runner->stop_timer, again);
}

/* The scripts of a stop (notify_stop, notify_down with omega) are asked for
 * by roles that stop before this one: their last words are waited for, and
 * then the scripts, both not for long. */
static void stop_step(struct runner *runner)
{
	int64_t now = time_monotonic_us();
	int64_t mail_us = runner->stop_settled_us + RUNNER_STOP_MAIL_US;
	bool mails = mailer_is_busy(runner->mailer) && now < mail_us;
	bool idle = !mails && !jobs_running(runner->jobs) &&
		    !jobs_waiting(runner->jobs);
	unsigned int lost;

	if (idle && (!any_peer_up(runner) || now >= runner->stop_settled_us)) {
		stop_fifos(runner);
		return;
	}
	if (now < runner->stop_deadline_us) {
		loop_timer_set(
			runner->stop_timer, now < runner->stop_settled_us
						    ? runner->stop_settled_us
					    : mails ? mail_us
						    : runner->stop_deadline_us);
		return;
	}
	lost = jobs_abandon(runner->jobs);
	if (lost)
		log_warning("%u notification scripts were not over in time "
			    "and are killed",
			lost);
	stop_fifos(runner);
}

static void stop_timeout(void *user_data)
{
	stop_step(user_data);
}

static void runner_stop(void *state, enum stop_mode mode)
{
	struct runner *runner = state;

	(void)mode; /* STOP_LEAVE never comes here */
	jobs_cancel_checks(runner->jobs);
	mailer_hurry(runner->mailer);
	runner->stop_settled_us = time_monotonic_us() + RUNNER_SETTLE_US;
	runner->stop_deadline_us = time_monotonic_us() + RUNNER_STOP_US;
	stop_step(runner);
}

static void jobs_changed(void *user_data)
{
	struct runner *runner = user_data;

	if (runner->stop_settled_us)
		stop_step(runner);
}

static void runner_peer_down(void *state, enum role_id peer)
{
	struct runner *runner = state;

	jobs_peer_gone(runner->jobs, peer);
	if (runner->stop_settled_us)
		stop_step(runner);
}

/* --- requests --- */

static void add_problem(const struct script_spec *spec, void *user_data)
{
	struct json_object *problems = user_data;
	const struct script_history *last = &spec->history;
	char *how;
	char *text;

	if (!last->known || last->outcome != RUN_NOT_RUN ||
		json_object_array_length(problems) >= RUNNER_PROBLEMS_MAX)
		return;
	how = history_describe(last->outcome, last->value);
	text = x_asprintf("%s:%u: %s '%s' %s", spec->file, spec->line,
		spec->keyword, spec->argv[0], how);
	json_object_array_add(problems, json_object_new_string(text));
	x_free(text);
	x_free(how);
}

static struct json_object *answer_status(const struct runner *runner)
{
	const struct jobs_counters *counters = jobs_counters(runner->jobs);
	struct json_object *answer = json_object_new_object();
	struct json_object *problems = json_object_new_array();
	struct json_object *own = json_object_new_object();

	json_object_object_add(own, "running",
		json_object_new_int64(jobs_running(runner->jobs)));
	json_object_object_add(own, "queued",
		json_object_new_int64(jobs_waiting(runner->jobs)));
	json_object_object_add(
		own, "done", json_object_new_uint64(counters->done));
	json_object_object_add(
		own, "failed", json_object_new_uint64(counters->failed));
	json_object_object_add(
		own, "not_run", json_object_new_uint64(counters->not_run));
	json_object_object_add(own, "overflowed",
		json_object_new_uint64(counters->overflowed));
	if (runner->current)
		script_table_each(runner->current, add_problem, problems);
	json_object_object_add(
		own, "fifos", fifos_status(runner->fifos, problems));
	json_object_object_add(own, "events",
		events_status(&runner->events, problems));
	json_object_object_add(
		own, "mail", mailer_status(runner->mailer, problems));
	json_object_object_add(answer, "runner", own);
	json_object_object_add(answer, "problems", problems);
	return answer;
}

static struct json_object *answer_explain(
	const struct runner *runner, struct json_object *request)
{
	struct json_object *answer;
	struct json_object *lines;
	struct json_object *subject;

	if (!json_object_object_get_ex(request, "subject", &subject))
		return NULL;
	answer = json_object_new_object();
	lines = json_object_new_array();
	jobs_explain(runner->jobs, json_object_get_string(subject), lines);
	json_object_object_add(answer, "explain", lines);
	return answer;
}

static struct json_object *runner_request(
	void *state, const char *command, struct json_object *request)
{
	if (!strcmp(command, "status"))
		return answer_status(state);
	if (!strcmp(command, "explain"))
		return answer_explain(state, request);
	return NULL;
}

/* --- life --- */

static void *runner_create(struct role *role)
{
	struct runner *runner = x_new(struct runner, 1);

	/* Inherited as ignored, children would end without a trace. */
	signal(SIGCHLD, SIG_DFL);
	runner->role = role;
	runner->jobs = jobs_new(role, jobs_changed, runner);
	runner->fifos = fifos_new(role, jobs_changed, runner);
	runner->mailer = mailer_new(role, jobs_changed, runner);
	runner->events.fifos = runner->fifos;
	runner->events.mailer = runner->mailer;
	runner->stop_timer =
		loop_timer_new(role_loop(role), stop_timeout, runner);
	return runner;
}

static void runner_destroy(void *state)
{
	struct runner *runner = state;
	unsigned int i;

	jobs_free(runner->jobs);
	fifos_free(runner->fifos);
	mailer_free(runner->mailer);
	script_table_unref(runner->prepared);
	script_table_unref(runner->current);
	for (i = 0; i < RUNNER_PREVIOUS; i++)
		script_table_unref(runner->previous[i]);
	loop_timer_free(runner->stop_timer);
	x_free(runner);
}

static void runner_restore(
	void *state, const char *key, const void *data, size_t len)
{
	struct runner *runner = state;

	if (!fifos_restore(runner->fifos, key, data, len) &&
		!mailer_restore(runner->mailer, key, data, len))
		leftover_restore(runner->role, key, data, len);
}

const struct role_ops runner_role_ops = {
	.id = ROLE_RUNNER,
	.peers = peers,
	/* To become each script's user and to end what it runs.  A script of
	 * root's has root's capabilities again by its exec, which needs the
	 * bounding set whole and new privileges allowed. */
	.privileges = {
		.caps = { CAP_SETUID, CAP_SETGID, CAP_KILL },
		.n_caps = 3,
		.keep_bounding_set = true,
		.no_new_privileges = false,
	},
	.stop_after = 1u << ROLE_VRRP | 1u << ROLE_HEALTHCHECK |
		1u << ROLE_IPVS,
	.create = runner_create,
	.destroy = runner_destroy,
	.restore = runner_restore,
	.prepare = runner_prepare,
	.commit = runner_commit,
	.abort = runner_abort,
	.fifo = runner_fifo,
	.peer_down = runner_peer_down,
	.request = runner_request,
	.stop = runner_stop,
};
