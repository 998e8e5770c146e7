/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/check-harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <syslog.h>

#include "config/generation.h"
#include "config/language.h"
#include "healthcheck/check_conf.h"
#include "healthcheck/role.h"
#include "lib/jsonfd.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define PATIENCE_US (20 * USEC_PER_SEC)

/* --- what the role says --- */

static void on_checkpoint(struct harness *h, struct message *msg)
{
	struct harness_checkpoint *cp;
	struct msg_checkpoint m;

	assert_int_equal(msg_get_checkpoint(&msg->body, &m), 0);
	for (cp = h->checkpoints; cp; cp = cp->next)
		if (!strcmp(cp->key, m.key))
			break;
	if (!cp) {
		cp = x_new(struct harness_checkpoint, 1);
		cp->key = x_strdup(m.key);
		cp->next = h->checkpoints;
		h->checkpoints = cp;
	}
	x_free(cp->data);
	cp->data = x_calloc(1, m.len + 1);
	if (m.len)
		memcpy(cp->data, m.data, m.len);
	cp->len = m.len;
}

static void on_supervisor(
	struct channel *channel, struct message *msg, void *user_data)
{
	struct harness *h = user_data;
	struct msg_answer answer;

	(void)channel;
	switch (msg->type) {
	case MSG_PREPARED:
		assert_int_equal(
			msg_get_prepared(&msg->body, &h->prepared), 0);
		h->prepared.text = "";
		h->prepared_generation = msg->generation;
		json_object_put(h->plan);
		h->plan = json_from_fd(msg->fd);
		break;
	case MSG_COMMITTED:
		h->generation = msg->generation;
		break;
	case MSG_READY:
		h->ready = true;
		break;
	case MSG_ANSWER:
		assert_int_equal(msg_get_answer(&msg->body, &answer), 0);
		json_object_put(h->answer);
		h->answer = json_from_fd(msg->fd);
		break;
	case MSG_CHECKPOINT:
		on_checkpoint(h, msg);
		break;
	default:
		break;
	}
}

static void learn(struct harness *h, const struct msg_check_state *state)
{
	size_t i;

	for (i = 0; i < h->n_states; i++)
		if (h->states[i].check_node == state->check_node)
			break;
	assert_true(i < HARNESS_STATES_MAX);
	h->states[i] = *state;
	if (i == h->n_states)
		h->n_states++;
}

static void on_ipvs(
	struct channel *channel, struct message *msg, void *user_data)
{
	struct harness *h = user_data;
	struct msg_check_state state;
	uint32_t count;
	bool last;

	(void)channel;
	assert_int_equal(msg->type, MSG_CHECK_STATES);
	if (msg->generation != h->states_generation)
		h->n_states = 0;
	h->states_generation = msg->generation;
	assert_int_equal(msg_get_check_states(&msg->body, &last, &count), 0);
	while (count--) {
		assert_int_equal(msg_get_check_state(&msg->body, &state), 0);
		learn(h, &state);
	}
	assert_int_equal(buf_reader_finish(&msg->body), 0);
	h->n_snapshots += last;
}

static void on_runner(
	struct channel *channel, struct message *msg, void *user_data)
{
	struct harness *h = user_data;

	(void)channel;
	assert_int_equal(msg->type, MSG_RUN);
	assert_true(h->n_runs < HARNESS_RUNS_MAX);
	assert_int_equal(msg_get_run(&msg->body, &h->runs[h->n_runs]), 0);
	h->n_runs++;
}

static void on_closed(struct channel *channel, void *user_data)
{
	struct harness *h = user_data;

	if (channel == h->supervisor)
		h->supervisor = NULL;
	else if (channel == h->ipvs)
		h->ipvs = NULL;
	else
		h->runner = NULL;
	channel_free(channel);
}

/* --- time --- */

static void on_patience(void *user_data)
{
	struct harness *h = user_data;

	h->timed_out = true;
	loop_stop(h->loop);
}

/* One turn of at most US. */
static void turn(struct harness *h, int64_t us)
{
	h->timed_out = false;
	loop_timer_set(h->patience, time_monotonic_us() + us);
	loop_run(h->loop);
}

void harness_wait(struct harness *h,
	bool (*condition)(struct harness *h, const void *arg), const void *arg)
{
	int64_t end = time_monotonic_us() + PATIENCE_US;

	while (!condition(h, arg)) {
		if (time_monotonic_us() > end)
			fail_msg("what was waited for did not come");
		turn(h, 5 * USEC_PER_MSEC);
	}
}

void harness_pause(struct harness *h, int64_t us)
{
	turn(h, us);
}

/* --- talking to it --- */

static void tell(struct harness *h, uint16_t type, uint32_t generation,
	struct buf_writer *w, int fd)
{
	assert_non_null(h->supervisor);
	assert_int_equal(
		channel_send(h->supervisor, type, generation, w, fd), 0);
	if (w)
		buf_writer_free(w);
}

/* Nobody speaks to vrrp. */
static void on_vrrp(
	struct channel *channel, struct message *msg, void *user_data)
{
	(void)channel;
	(void)msg;
	(void)user_data;
	fail();
}

void harness_tell_bfd(struct harness *h, const char *session,
	enum bfd_session_state state, const char *detail)
{
	const struct msg_bfd_state m = { session, state, detail };
	struct buf_writer w = { .data = NULL };

	msg_begin_bfd_states(&w, 1);
	msg_put_bfd_state(&w, &m);
	assert_int_equal(
		channel_send(h->vrrp, MSG_BFD_STATES, h->generation, &w, -1),
		0);
	buf_writer_free(&w);
}

void harness_connect(struct harness *h, enum role_id peer)
{
	struct msg_peer m = { .role = peer };
	struct buf_writer w = { .data = NULL };
	int fds[2];

	assert_int_equal(channel_pair(fds), 0);
	msg_put_peer(&w, &m);
	tell(h, MSG_PEER, 0, &w, fds[1]);
	close(fds[1]);
	harness_disconnect(h, peer);
	if (peer == ROLE_IPVS)
		h->ipvs = channel_new(h->loop, fds[0], on_ipvs, on_closed, h);
	else if (peer == ROLE_VRRP)
		h->vrrp = channel_new(h->loop, fds[0], on_vrrp, on_closed, h);
	else
		h->runner =
			channel_new(h->loop, fds[0], on_runner, on_closed, h);
}

void harness_disconnect(struct harness *h, enum role_id peer)
{
	struct channel **channel = peer == ROLE_IPVS ? &h->ipvs :
		peer == ROLE_VRRP		     ? &h->vrrp :
						       &h->runner;

	channel_free(*channel);
	*channel = NULL;
}

static const struct conf_block *const views[] = { &check_conf_root, NULL };

static struct conf_tree *parse(const char *text, bool lenient)
{
	const struct conf_language language = { .views = views };
	const struct conf_load_options options = { .lenient = lenient };
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(&language, "test", text,
		strlen(text), &options, diags);

	if (!tree || (!lenient && diag_count_severity(diags, DIAG_ERROR))) {
		diag_print(diags, stderr);
		fail_msg("the test's configuration is wrong");
	}
	diag_list_free(diags);
	return tree;
}

static bool is_prepared(struct harness *h, const void *arg)
{
	return h->prepared_generation == *(const uint32_t *)arg;
}

static bool is_committed(struct harness *h, const void *arg)
{
	return h->generation == *(const uint32_t *)arg;
}

static void prepare(struct harness *h, uint32_t generation, const char *text)
{
	struct msg_prepare m = { .dry_run = false };
	struct buf_writer w = { .data = NULL };
	int fd;

	conf_tree_free(h->tree);
	h->tree = parse(text, h->lenient);
	fd = conf_generation_write(h->tree);
	assert_true(fd >= 0);
	msg_put_prepare(&w, &m);
	tell(h, MSG_PREPARE, generation, &w, fd);
	close(fd);
	harness_wait(h, is_prepared, &generation);
}

void harness_prepare(struct harness *h, uint32_t generation, const char *text)
{
	prepare(h, generation, text);
	assert_int_equal(h->prepared.error, 0);
}

int harness_try(struct harness *h, uint32_t generation, const char *text)
{
	prepare(h, generation, text);
	return h->prepared.error;
}

void harness_abort(struct harness *h)
{
	tell(h, MSG_ABORT, h->prepared_generation, NULL, -1);
}

void harness_load(struct harness *h, uint32_t generation, const char *text)
{
	harness_prepare(h, generation, text);
	tell(h, MSG_COMMIT, generation, NULL, -1);
	harness_wait(h, is_committed, &generation);
}

static bool is_answered(struct harness *h, const void *arg)
{
	(void)arg;
	return h->answer != NULL;
}

struct json_object *harness_ask(struct harness *h, const char *json)
{
	struct msg_request m = { .id = 1, .json = json };
	struct buf_writer w = { .data = NULL };

	json_object_put(h->answer);
	h->answer = NULL;
	msg_put_request(&w, &m);
	tell(h, MSG_REQUEST, 0, &w, -1);
	harness_wait(h, is_answered, NULL);
	return h->answer;
}

void harness_answer_run(
	struct harness *h, size_t i, enum run_outcome outcome, int32_t value)
{
	struct msg_ran m = {
		.id = h->runs[i].id,
		.outcome = outcome,
		.value = value,
	};
	struct buf_writer w = { .data = NULL };

	msg_put_ran(&w, &m);
	assert_int_equal(channel_send(h->runner, MSG_RAN, 0, &w, -1), 0);
	buf_writer_free(&w);
}

/* --- life --- */

static void child(int fd)
{
	const struct role_boot boot = {
		.supervisor_fd = fd,
		.log_targets = getenv("HARNESS_LOG") ? LOG_TARGET_STDERR : 0,
		.log_facility = LOG_DAEMON,
		.log_level = LOG_LEVEL_INFO,
	};

	_exit(role_main(&healthcheck_role_ops, &boot));
}

static void spawn(struct harness *h)
{
	struct msg_settings settings = { .runtime_dir = "/nonexistent" };
	struct buf_writer w = { .data = NULL };
	struct harness_checkpoint *cp;
	int fds[2];

	assert_int_equal(channel_pair(fds), 0);
	fflush(NULL);
	h->pid = fork();
	assert_true(h->pid >= 0);
	if (!h->pid) {
		close(fds[0]);
		child(fds[1]);
	}
	close(fds[1]);
	h->supervisor =
		channel_new(h->loop, fds[0], on_supervisor, on_closed, h);
	msg_put_settings(&w, &settings);
	tell(h, MSG_SETTINGS, 0, &w, -1);
	for (cp = h->checkpoints; cp; cp = cp->next) {
		struct msg_checkpoint m = { cp->key, cp->data, cp->len };

		if (!cp->len)
			continue;
		msg_put_checkpoint(&w, &m);
		tell(h, MSG_RESTORE, 0, &w, -1);
	}
	tell(h, MSG_RESTORE_END, 0, NULL, -1);
}

void harness_start(struct harness *h)
{
	memset(h, 0, sizeof(*h));
	signal(SIGPIPE, SIG_IGN);
	h->loop = loop_new();
	h->patience = loop_timer_new(h->loop, on_patience, h);
	spawn(h);
	harness_connect(h, ROLE_IPVS);
	harness_connect(h, ROLE_RUNNER);
}

static void end_role(struct harness *h, int signo)
{
	int status;

	kill(h->pid, signo);
	assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
	if (signo != SIGKILL)
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	channel_free(h->supervisor);
	h->supervisor = NULL;
	harness_disconnect(h, ROLE_IPVS);
	harness_disconnect(h, ROLE_RUNNER);
	harness_disconnect(h, ROLE_VRRP);
}

void harness_restart(struct harness *h)
{
	end_role(h, SIGKILL);
	h->generation = 0;
	h->prepared_generation = 0;
	h->n_states = 0;
	h->n_snapshots = 0;
	spawn(h);
	harness_connect(h, ROLE_IPVS);
	harness_connect(h, ROLE_RUNNER);
}

void harness_forget_checkpoints(struct harness *h)
{
	struct harness_checkpoint *cp;

	while ((cp = h->checkpoints)) {
		h->checkpoints = cp->next;
		x_free(cp->key);
		x_free(cp->data);
		x_free(cp);
	}
}

void harness_stop(struct harness *h)
{
	end_role(h, SIGTERM);
	harness_forget_checkpoints(h);
	json_object_put(h->plan);
	json_object_put(h->answer);
	conf_tree_free(h->tree);
	loop_timer_free(h->patience);
	loop_free(h->loop);
}

/* --- nodes --- */

static uint32_t find_server(const struct harness *h, unsigned int server)
{
	conf_for_each_child(h->tree, 0, service) {
		if (strcmp(conf_node_keyword(h->tree, service),
			    "virtual_server"))
			continue;
		conf_for_each_child(h->tree, service, node)
			if (!strcmp(conf_node_keyword(h->tree, node),
				    "real_server") &&
				!server--)
				return node;
	}
	fail_msg("no such server");
	return 0;
}

uint32_t harness_server_node(const struct harness *h, unsigned int server)
{
	return find_server(h, server);
}

uint32_t harness_check_node(
	const struct harness *h, unsigned int server, unsigned int check)
{
	conf_for_each_child(h->tree, find_server(h, server), node)
		if (conf_node_is_block(h->tree, node) && !check--)
			return node;
	fail_msg("no such check");
	return 0;
}

const struct msg_check_state *harness_state(
	const struct harness *h, unsigned int server, unsigned int check)
{
	uint32_t node = harness_check_node(h, server, check);
	size_t i;

	for (i = 0; i < h->n_states; i++)
		if (h->states[i].check_node == node) {
			assert_int_equal(h->states[i].server_node,
				harness_server_node(h, server));
			return &h->states[i];
		}
	return NULL;
}
