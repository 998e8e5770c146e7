/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/role.h"

#include <errno.h>
#include <json-c/json.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/generation.h"
#include "healthcheck/check_report.h"
#include "healthcheck/check_store.h"
#include "healthcheck/check_table.h"
#include "healthcheck/status_job.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* Descriptors wanted: one for each probe that may be in flight. */
#define WANTED_DESCRIPTORS 131072
/* What the role needs besides probes. */
#define SPARE_DESCRIPTORS 64
#define MAX_PROBES 65536

/* Verdicts are saved so long after they changed, so many keys at once. */
#define SAVE_DELAY_US (100 * USEC_PER_MSEC)
#define SAVES_AT_ONCE 32
/* After a full queue everything is said again. */
#define SNAPSHOT_RETRY_US (1 * USEC_PER_SEC)
/* Requests for a status that may wait. */
#define STATUS_WAITING_MAX 8
/* How long a probe that could not be made is worth a complaint. */
#define INCONCLUSIVE_RECENT_US (60 * USEC_PER_SEC)

struct healthcheck {
	struct role *role;
	struct probe_engine *engine;
	struct check_table *table;
	struct check_store *store; /* of a predecessor, until a commit */
	struct check_set *prepared;

	/* changes that ipvs does not know yet */
	struct check **pending;
	size_t n_pending;
	size_t pending_capacity;
	bool snapshot_due;
	struct loop_timer *report_timer;

	bool dirty[CHECK_STORE_BUCKETS];
	struct loop_timer *save_timer;
	bool save_armed;

	struct status_job *status_job; /* NULL = nobody asks */
	uint32_t asked[STATUS_WAITING_MAX]; /* for it, and then */
	size_t n_asked;

	bool has_scripts;
	bool mark_denied;
	size_t n_unbuilt;
};

/* --- who may talk to us --- */

static int on_ran(void *state, enum role_id peer, struct message *msg)
{
	struct healthcheck *hc = state;
	struct msg_ran ran;

	(void)peer;
	if (msg_get_ran(&msg->body, &ran) < 0)
		return -EBADMSG;
	probe_engine_ran(hc->engine, &ran);
	return 0;
}

static const struct role_handler runner_handlers[] = {
	{ MSG_RAN, on_ran },
	{ 0, NULL },
};

/* ipvs is told things and has nothing to say. */
static const struct role_handler ipvs_handlers[] = {
	{ 0, NULL },
};

static const struct role_peer peers[] = {
	{ ROLE_IPVS, ipvs_handlers },
	{ ROLE_RUNNER, runner_handlers },
	{ 0, NULL },
};

/* --- telling ipvs --- */

static bool is_known(const struct check *check)
{
	return check->verdict.state != VERDICT_UNKNOWN;
}

struct report {
	struct healthcheck *hc;
	struct buf_writer body;
	uint32_t count;
	int err;
};

static void report_send(struct report *report, bool last)
{
	struct healthcheck *hc = report->hc;
	struct buf_writer w = { .data = NULL };
	int err;

	msg_begin_check_states(&w, last, report->count);
	buf_put_bytes(&w, report->body.data, report->body.len);
	err = role_send(hc->role, ROLE_IPVS, MSG_CHECK_STATES,
		check_table_set(hc->table)->generation, &w, -1);
	if (err)
		report->err = err;
	buf_writer_free(&w);
	buf_writer_reset(&report->body);
	report->count = 0;
}

static void report_add(struct report *report, const struct check *check)
{
	const struct check_entry *entry = check->entry;
	uint32_t i;

	for (i = 0; i < entry->n_users; i++) {
		const struct msg_check_state state = {
			.server_node = entry->users[i]->server->node,
			.check_node = entry->users[i]->node,
			.state = check->verdict.state == VERDICT_UP ?
				CHECK_STATE_UP :
				CHECK_STATE_DOWN,
			.reason = check->verdict.reason,
			.weight = check->weight,
		};

		msg_put_check_state(&report->body, &state);
		if (++report->count == MSG_CHECK_STATES_MAX)
			report_send(report, false);
	}
}

static void forget_pending(struct healthcheck *hc)
{
	size_t i;

	for (i = 0; i < hc->n_pending; i++)
		hc->pending[i]->reported = false;
	hc->n_pending = 0;
}

/* Everything that is known, then the word that this is all. */
static void send_snapshot(struct healthcheck *hc)
{
	struct report report = { .hc = hc };
	size_t i;

	forget_pending(hc);
	hc->snapshot_due = false;
	if (!check_table_set(hc->table) ||
		!role_peer_is_up(hc->role, ROLE_IPVS))
		return;
	for (i = 0; i < check_table_count(hc->table); i++)
		if (is_known(check_table_get(hc->table, i)))
			report_add(&report, check_table_get(hc->table, i));
	report_send(&report, true);
	buf_writer_free(&report.body);
	if (report.err == -ENOBUFS) {
		hc->snapshot_due = true;
		loop_timer_set(hc->report_timer,
			time_monotonic_us() + SNAPSHOT_RETRY_US);
	}
}

static void send_changes(struct healthcheck *hc)
{
	struct report report = { .hc = hc };
	size_t i;

	for (i = 0; i < hc->n_pending; i++)
		if (is_known(hc->pending[i]))
			report_add(&report, hc->pending[i]);
	forget_pending(hc);
	if (report.count)
		report_send(&report, false);
	buf_writer_free(&report.body);
	if (report.err == -ENOBUFS) {
		hc->snapshot_due = true;
		loop_timer_set(hc->report_timer,
			time_monotonic_us() + SNAPSHOT_RETRY_US);
	}
}

static void on_report_timer(void *user_data)
{
	struct healthcheck *hc = user_data;

	if (hc->snapshot_due)
		send_snapshot(hc);
	else
		send_changes(hc);
}

static void add_pending(struct healthcheck *hc, struct check *check)
{
	if (check->reported || hc->snapshot_due)
		return;
	if (hc->n_pending == hc->pending_capacity) {
		hc->pending_capacity =
			hc->pending_capacity ? hc->pending_capacity * 2 : 64;
		hc->pending = x_realloc(hc->pending, hc->pending_capacity,
			sizeof(*hc->pending));
	}
	/* What changes in one turn of the loop goes out together. */
	if (!hc->n_pending)
		loop_timer_set(hc->report_timer, time_monotonic_us());
	check->reported = true;
	hc->pending[hc->n_pending++] = check;
}

/* --- what outlives the role --- */

static void save_bucket(struct healthcheck *hc, unsigned int bucket)
{
	struct buf_writer w = { .data = NULL };
	char key[CHECK_STORE_KEY_MAX];

	check_store_encode(hc->table, bucket, &w);
	role_checkpoint(
		hc->role, check_store_key(bucket, key), w.data, w.len);
	buf_writer_free(&w);
}

static void arm_save(struct healthcheck *hc)
{
	if (hc->save_armed)
		return;
	hc->save_armed = true;
	loop_timer_set(hc->save_timer, time_monotonic_us() + SAVE_DELAY_US);
}

static void on_save_timer(void *user_data)
{
	struct healthcheck *hc = user_data;
	unsigned int saved = 0;
	unsigned int i;

	hc->save_armed = false;
	for (i = 0; i < CHECK_STORE_BUCKETS; i++) {
		if (!hc->dirty[i])
			continue;
		if (saved++ == SAVES_AT_ONCE) {
			arm_save(hc);
			return;
		}
		hc->dirty[i] = false;
		save_bucket(hc, i);
	}
}

static void mark_all_dirty(struct healthcheck *hc)
{
	memset(hc->dirty, true, sizeof(hc->dirty));
	arm_save(hc);
}

static void on_changed(struct check *check, void *user_data)
{
	struct healthcheck *hc = user_data;

	add_pending(hc, check);
	hc->dirty[check_store_bucket(&check->entry->id)] = true;
	arm_save(hc);
}

static void healthcheck_restore(
	void *state, const char *key, const void *data, size_t len)
{
	struct healthcheck *hc = state;

	if (!hc->store)
		hc->store = check_store_new();
	if (check_store_take(hc->store, data, len) < 0)
		log_warning("dropped the saved verdicts %s: not readable", key);
}

/* --- scripts --- */

static int run_script(const struct msg_run *run, void *user_data)
{
	struct healthcheck *hc = user_data;
	struct buf_writer w = { .data = NULL };
	int err;

	msg_put_run(&w, run);
	err = role_send(hc->role, ROLE_RUNNER, MSG_RUN,
		check_table_set(hc->table)->generation, &w, -1);
	buf_writer_free(&w);
	return err == -EPIPE ? -ENOTCONN : err;
}

/* --- generations --- */

static int healthcheck_prepare(void *state, uint32_t generation, int fd,
	bool dry_run, struct json_object *plan, char **ret_error)
{
	struct healthcheck *hc = state;
	struct conf_tree *tree;
	int err = conf_generation_open(fd, &tree);

	(void)dry_run;
	if (err) {
		*ret_error = x_asprintf(
			"cannot map the generation: %s", strerror(-err));
		return err;
	}
	check_set_unref(hc->prepared);
	hc->prepared = check_set_new(generation, tree);
	check_report_plan(check_table_set(hc->table), hc->prepared, plan);
	return 0;
}

/* SO_MARK takes CAP_NET_RAW since Linux 5.17, CAP_NET_ADMIN before. */
static bool may_mark(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint32_t mark = 1;
	bool may = fd >= 0 &&
		setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0;

	if (fd >= 0)
		close(fd);
	return may;
}

/* What an operator must know of the configuration as a whole. */
static void survey(struct healthcheck *hc)
{
	const struct check_set *set = check_table_set(hc->table);
	bool has_marks = false;
	size_t i;

	hc->has_scripts = false;
	hc->n_unbuilt = 0;
	for (i = 0; i < set->n_users; i++) {
		const struct check_config *config = set->users[i];

		hc->has_scripts |= config->kind == CHECK_KIND_MISC;
		hc->n_unbuilt += config->kind == CHECK_KIND_UNBUILT;
		has_marks |= config->fwmark != 0;
	}
	hc->mark_denied = has_marks && !may_mark();
}

static void healthcheck_commit(void *state, uint32_t generation)
{
	struct healthcheck *hc = state;
	struct check_set *set = hc->prepared;

	hc->prepared = NULL;
	forget_pending(hc);
	check_table_apply(hc->table, set,
		hc->store ? check_store_restore : NULL, hc->store);
	check_set_unref(set);
	if (hc->status_job)
		status_job_restart(hc->status_job);
	if (hc->store)
		log_info("%zu verdicts of the predecessor are known",
			check_store_count(hc->store));
	check_store_free(hc->store);
	hc->store = NULL;
	survey(hc);
	mark_all_dirty(hc);
	role_committed(hc->role, generation);
	send_snapshot(hc);
	/* The first results may be a minute away: nobody waits for them. */
	role_ready(hc->role);
}

static void healthcheck_abort(void *state)
{
	struct healthcheck *hc = state;

	check_set_unref(hc->prepared);
	hc->prepared = NULL;
}

/* --- peers --- */

static void healthcheck_peer_up(void *state, enum role_id peer)
{
	if (peer == ROLE_IPVS)
		send_snapshot(state);
}

static void healthcheck_peer_down(void *state, enum role_id peer)
{
	struct healthcheck *hc = state;

	if (peer == ROLE_RUNNER)
		probe_engine_runner_lost(hc->engine);
}

/* --- requests --- */

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
	if (hc->n_unbuilt) {
		snprintf(text, sizeof(text),
			"%zu checks are of kinds that are not supported yet; "
			"their servers stay down",
			hc->n_unbuilt);
		add_problem(text, problems);
	}
	if (hc->mark_denied)
		add_problem("checks with fwmark fail: the role has no "
			    "permission to mark packets",
			problems);
	if (hc->has_scripts && !role_peer_is_up(hc->role, ROLE_RUNNER))
		add_problem("MISC_CHECK waits for the runner", problems);
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

	if (hc->n_asked == STATUS_WAITING_MAX) {
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

static struct json_object *healthcheck_request(
	void *state, const char *command, struct json_object *request)
{
	if (!strcmp(command, "status"))
		return answer_status(state);
	if (!strcmp(command, "explain"))
		return answer_explain(state, request);
	return NULL;
}

/* --- life --- */

static int healthcheck_setup(void)
{
	struct rlimit limit = { WANTED_DESCRIPTORS, WANTED_DESCRIPTORS };
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return -errno;
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max > limit.rlim_max)
		limit.rlim_max = now.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return 0;
	/* Not root: what is allowed. */
	limit.rlim_max = now.rlim_max;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

static size_t max_probes(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 256;
	if (limit.rlim_cur < 2 * SPARE_DESCRIPTORS)
		return SPARE_DESCRIPTORS / 2;
	if (limit.rlim_cur - SPARE_DESCRIPTORS > MAX_PROBES)
		return MAX_PROBES;
	return (size_t)limit.rlim_cur - SPARE_DESCRIPTORS;
}

static uint64_t random_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)time_realtime_us();
	return seed;
}

static void *healthcheck_create(struct role *role)
{
	struct healthcheck *hc = x_new(struct healthcheck, 1);
	struct loop *loop = role_loop(role);

	hc->role = role;
	hc->engine = probe_engine_new(loop, max_probes(), run_script, hc);
	hc->table = check_table_new(
		loop, hc->engine, random_seed(), on_changed, hc);
	hc->report_timer = loop_timer_new(loop, on_report_timer, hc);
	hc->save_timer = loop_timer_new(loop, on_save_timer, hc);
	return hc;
}

static void healthcheck_destroy(void *state)
{
	struct healthcheck *hc = state;

	status_job_free(hc->status_job);
	check_table_free(hc->table);
	probe_engine_free(hc->engine);
	check_set_unref(hc->prepared);
	check_store_free(hc->store);
	loop_timer_free(hc->report_timer);
	loop_timer_free(hc->save_timer);
	x_free(hc->pending);
	x_free(hc);
}

static void healthcheck_stop(void *state, enum stop_mode mode)
{
	struct healthcheck *hc = state;

	(void)mode;
	check_table_stop(hc->table);
	role_stopped(hc->role);
}

const struct role_ops healthcheck_role_ops = {
	.id = ROLE_HEALTHCHECK,
	.peers = peers,
	/* For PING_CHECK and fwmark. */
	.privileges = {
		.caps = { CAP_NET_RAW },
		.n_caps = 1,
		.no_new_privileges = true,
	},
	.setup = healthcheck_setup,
	.create = healthcheck_create,
	.destroy = healthcheck_destroy,
	.restore = healthcheck_restore,
	.prepare = healthcheck_prepare,
	.commit = healthcheck_commit,
	.abort = healthcheck_abort,
	.peer_up = healthcheck_peer_up,
	.peer_down = healthcheck_peer_down,
	.request = healthcheck_request,
	.stop = healthcheck_stop,
};
