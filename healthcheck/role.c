/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/role.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/generation.h"
#include "healthcheck/bfd_checks.h"
#include "healthcheck/check_report.h"
#include "healthcheck/file_checks.h"
#include "healthcheck/role_internal.h"
#include "healthcheck/status_job.h"
#include "healthcheck/suspend.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/privileges.h"
#include "lib/timeutil.h"

/* Descriptors wanted: one for each probe that may be in flight. */
#define WANTED_DESCRIPTORS 131072
/* What the role needs besides probes. */
#define SPARE_DESCRIPTORS 64
#define MAX_PROBES 65536

/* Verdicts are saved so long after they changed, so many keys at once. */
#define SAVE_DELAY_US (100 * USEC_PER_MSEC)
#define SAVES_AT_ONCE 32
/* After a commit, the vrrp role is expected to be there by then. */
#define BFD_PATIENCE_US (3 * USEC_PER_SEC)

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

static int on_bfd_states(void *state, enum role_id peer, struct message *msg)
{
	struct healthcheck *hc = state;

	(void)peer;
	return bfd_checks_take(hc->bfd, &msg->body);
}

static const struct role_handler vrrp_handlers[] = {
	{ MSG_BFD_STATES, on_bfd_states },
	{ 0, NULL },
};

static const struct role_peer peers[] = {
	{ ROLE_IPVS, ipvs_handlers },
	{ ROLE_RUNNER, runner_handlers },
	{ ROLE_VRRP, vrrp_handlers },
	{ 0, NULL },
};

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

	healthcheck_add_pending(hc, check);
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
	if (program_store_client_error(hc->prepared->programs)) {
		*ret_error = x_asprintf("SSL: %s",
			program_store_client_error(hc->prepared->programs));
		check_set_unref(hc->prepared);
		hc->prepared = NULL;
		return -EINVAL;
	}
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
	hc->n_lost = 0;
	for (i = 0; i < set->n_users; i++) {
		const struct check_config *config = set->users[i];

		hc->has_scripts |= config->kind == CHECK_KIND_MISC;
		hc->n_lost += config->kind == CHECK_KIND_LOST;
		has_marks |= config->fwmark != 0;
	}
	hc->mark_denied = has_marks && !may_mark();
}

/* Of all checks, PING_CHECK and those with a fwmark. */
static bool needs_raw(const struct check_set *set)
{
	size_t i;

	for (i = 0; i < set->n_users; i++)
		if (set->users[i]->kind == CHECK_KIND_PING ||
			set->users[i]->fwmark != 0)
			return true;
	return false;
}

/* The successor finds all verdicts in the checkpoints. */
static void begin_anew(struct healthcheck *hc)
{
	unsigned int i;

	for (i = 0; i < CHECK_STORE_BUCKETS; i++)
		if (hc->dirty[i])
			save_bucket(hc, i);
	role_begin_anew(hc->role,
		"PING_CHECK or fwmark needs CAP_NET_RAW, which was given up");
}

static void healthcheck_commit(void *state, uint32_t generation)
{
	struct healthcheck *hc = state;
	struct check_set *set = hc->prepared;

	if (needs_raw(set) && hc->gave_up_raw) {
		begin_anew(hc);
		return;
	}
	if (!needs_raw(set) && privileges_has(CAP_NET_RAW))
		hc->gave_up_raw = privileges_give_up(CAP_NET_RAW) == 0;
	hc->prepared = NULL;
	healthcheck_forget_pending(hc);
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
	file_checks_apply(hc->files);
	bfd_checks_apply(hc->bfd);
	suspend_apply(hc->suspend);
	loop_timer_set(hc->bfd_timer, time_monotonic_us() + BFD_PATIENCE_US);
	survey(hc);
	mark_all_dirty(hc);
	role_committed(hc->role, generation);
	healthcheck_send_snapshot(hc);
	/* The first results may be a minute away: nobody waits for them. */
	role_ready(hc->role);
}

/* Not for long after a start or the death of that role. */
static void on_bfd_timer(void *user_data)
{
	struct healthcheck *hc = user_data;

	if (bfd_checks_wanted(hc->bfd) && !role_peer_is_up(hc->role, ROLE_VRRP))
		log_warning("BFD_CHECK waits for the vrrp role, which has the "
			    "sessions; with -C there is none");
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
		healthcheck_send_snapshot(state);
}

static void healthcheck_peer_down(void *state, enum role_id peer)
{
	struct healthcheck *hc = state;

	if (peer == ROLE_RUNNER)
		probe_engine_runner_lost(hc->engine);
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
	hc->files = file_checks_new(loop, hc->table);
	hc->bfd = bfd_checks_new(hc->table);
	hc->bfd_timer = loop_timer_new(loop, on_bfd_timer, hc);
	probe_engine_set_bfd(hc->engine, bfd_checks_look, hc->bfd);
	hc->suspend = suspend_new(loop, hc->table);
	hc->report_timer = loop_timer_new(loop, healthcheck_on_report_timer, hc);
	hc->save_timer = loop_timer_new(loop, on_save_timer, hc);
	return hc;
}

static void healthcheck_destroy(void *state)
{
	struct healthcheck *hc = state;

	status_job_free(hc->status_job);
	file_checks_free(hc->files);
	bfd_checks_free(hc->bfd);
	suspend_free(hc->suspend);
	check_table_free(hc->table);
	probe_engine_free(hc->engine);
	check_set_unref(hc->prepared);
	check_store_free(hc->store);
	loop_timer_free(hc->bfd_timer);
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
	/* Until a commit without PING_CHECK and fwmark. */
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
