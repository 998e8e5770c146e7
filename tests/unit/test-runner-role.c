/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole role in a process of its own: the test is its supervisor and its
 * peers, and the scripts are real. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/generation.h"
#include "lib/jsonfd.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/role.h"
#include "tests/unit/runner-toy.h"

#define PEERS 2
#define KEYS 128
#define RAN 512

struct checkpoint {
	char key[32];
	uint8_t data[64];
	size_t len;
};

struct fixture {
	char dir[64];
	pid_t pid;
	struct loop *loop;
	struct loop_timer *tick;
	bool late;
	struct channel *supervisor;
	struct channel *peers[PEERS]; /* vrrp, healthcheck */
	struct conf_tree *tree;
	uint16_t last; /* type of the supervisor's last message */
	bool closed;
	int32_t prepare_error;
	struct json_object *answer;
	struct msg_ran ran[RAN];
	enum role_id ran_peer[RAN];
	uint32_t ran_generation[RAN];
	unsigned int n_ran;
	struct checkpoint keys[KEYS];
	unsigned int n_keys;
};

/* --- the supervisor's and the peers' side --- */

static void keep_checkpoint(struct fixture *f, const struct msg_checkpoint *m)
{
	unsigned int i;

	for (i = 0; i < f->n_keys; i++)
		if (!strcmp(f->keys[i].key, m->key))
			break;
	if (!m->len) {
		if (i < f->n_keys)
			f->keys[i] = f->keys[--f->n_keys];
		return;
	}
	assert_true(i < KEYS && m->len <= sizeof(f->keys[i].data));
	snprintf(f->keys[i].key, sizeof(f->keys[i].key), "%s", m->key);
	memcpy(f->keys[i].data, m->data, m->len);
	f->keys[i].len = m->len;
	f->n_keys += i == f->n_keys;
}

static void on_supervisor(
	struct channel *channel, struct message *msg, void *user_data)
{
	struct fixture *f = user_data;
	struct msg_checkpoint checkpoint;
	struct msg_prepared prepared;

	(void)channel;
	if (msg->type == MSG_CHECKPOINT) {
		assert_int_equal(
			msg_get_checkpoint(&msg->body, &checkpoint), 0);
		keep_checkpoint(f, &checkpoint);
		loop_stop(f->loop);
		return;
	}
	if (msg->type == MSG_PREPARED) {
		assert_int_equal(msg_get_prepared(&msg->body, &prepared), 0);
		f->prepare_error = prepared.error;
	}
	if (msg->type == MSG_ANSWER) {
		json_object_put(f->answer);
		f->answer = json_from_fd(msg->fd);
	}
	f->last = msg->type;
	loop_stop(f->loop);
}

static void on_peer(
	struct channel *channel, struct message *msg, void *user_data)
{
	struct fixture *f = user_data;

	assert_int_equal(msg->type, MSG_RAN);
	assert_true(f->n_ran < RAN);
	assert_int_equal(msg_get_ran(&msg->body, &f->ran[f->n_ran]), 0);
	f->ran_peer[f->n_ran] = channel == f->peers[0] ? ROLE_VRRP
						       : ROLE_HEALTHCHECK;
	f->ran_generation[f->n_ran] = msg->generation;
	f->n_ran++;
	loop_stop(f->loop);
}

static void on_closed(struct channel *channel, void *user_data)
{
	struct fixture *f = user_data;

	if (channel == f->supervisor)
		f->closed = true;
	loop_stop(f->loop);
}

static void on_tick(void *user_data)
{
	struct fixture *f = user_data;

	f->late = true;
	loop_stop(f->loop);
}

/* Runs the loop until COND, or fails after SECONDS. */
/* SECONDS are those of a machine that is not busy. */
#define WAIT(f, seconds, cond)                                                 \
	do {                                                                   \
		(f)->late = false;                                             \
		loop_timer_set((f)->tick,                                      \
			time_monotonic_us() + (seconds)*4 * USEC_PER_SEC);        \
		while (!(cond)) {                                              \
			assert_false((f)->late);                               \
			loop_run((f)->loop);                                   \
		}                                                              \
	} while (0)

static void send_supervisor(struct fixture *f, uint16_t type,
	uint32_t generation, struct buf_writer *w, int fd)
{
	f->last = 0;
	assert_int_equal(
		channel_send(f->supervisor, type, generation, w, fd), 0);
	if (w)
		buf_writer_free(w);
}

static void start_role(struct fixture *f)
{
	struct role_boot boot = { .log_targets = LOG_TARGET_STDERR };
	struct msg_settings settings = { .runtime_dir = f->dir };
	struct buf_writer w = { .data = NULL };
	int fds[2];

	boot.log_level = getenv("VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR;
	assert_int_equal(channel_pair(fds), 0);
	f->pid = fork();
	assert_true(f->pid >= 0);
	if (f->pid == 0) {
		close(fds[0]);
		boot.supervisor_fd = fds[1];
		_exit(role_main(&runner_role_ops, &boot));
	}
	close(fds[1]);
	f->closed = false;
	f->supervisor =
		channel_new(f->loop, fds[0], on_supervisor, on_closed, f);
	msg_put_settings(&w, &settings);
	send_supervisor(f, MSG_SETTINGS, 0, &w, -1);
}

static void give_generation(
	struct fixture *f, uint32_t generation, const char *text)
{
	struct conf_load_options options = { .config_id = "here" };
	struct diag_list *diags = diag_list_new();
	struct msg_prepare prepare = { .dry_run = false };
	struct buf_writer w = { .data = NULL };
	int fd;

	conf_tree_free(f->tree);
	f->tree = conf_load_text(&toy_language, "test.conf", text, strlen(text),
		&options, diags);
	assert_non_null(f->tree);
	diag_list_free(diags);
	fd = conf_generation_write(f->tree);
	assert_true(fd >= 0);
	msg_put_prepare(&w, &prepare);
	send_supervisor(f, MSG_PREPARE, generation, &w, fd);
	close(fd);
	WAIT(f, 5, f->last == MSG_PREPARED);
	assert_int_equal(f->prepare_error, 0);
	send_supervisor(f, MSG_COMMIT, generation, NULL, -1);
	WAIT(f, 5, f->last == MSG_COMMITTED || f->last == MSG_READY);
}

static void connect_peer(struct fixture *f, unsigned int i)
{
	struct msg_peer m = { .role = i ? ROLE_HEALTHCHECK : ROLE_VRRP };
	struct buf_writer w = { .data = NULL };
	int fds[2];

	assert_int_equal(channel_pair(fds), 0);
	channel_free(f->peers[i]);
	f->peers[i] = channel_new(f->loop, fds[0], on_peer, on_closed, f);
	msg_put_peer(&w, &m);
	send_supervisor(f, MSG_PEER, 0, &w, fds[1]);
	close(fds[1]);
}

static void start_all(struct fixture *f)
{
	start_role(f);
	send_supervisor(f, MSG_RESTORE_END, 0, NULL, -1);
}

/* The node of the Nth script of the tree. */
static uint32_t script_node(struct fixture *f, unsigned int n)
{
	uint32_t node;

	for (node = 0; node < conf_tree_count(f->tree); node++)
		if (conf_node_is_script(f->tree, node) && n-- == 0)
			return node;
	fail_msg("no such script");
	return 0;
}

static void send_run(struct fixture *f, unsigned int peer, uint64_t id,
	uint32_t generation, uint32_t node, const char *subject,
	int64_t timeout_us, const char *arg)
{
	struct msg_run m = {
		.id = id,
		.node = node,
		.subject = subject,
		.timeout_us = timeout_us,
		.n_args = arg ? 1 : 0,
		.args = { arg },
	};
	struct buf_writer w = { .data = NULL };

	msg_put_run(&w, &m);
	assert_int_equal(
		channel_send(f->peers[peer], MSG_RUN, generation, &w, -1), 0);
	buf_writer_free(&w);
}

static void end_role(struct fixture *f, int expected_status)
{
	struct msg_stop m = { .mode = STOP_CLEAN };
	struct buf_writer w = { .data = NULL };
	int status;

	msg_put_stop(&w, &m);
	send_supervisor(f, MSG_STOP, 0, &w, -1);
	WAIT(f, 6, f->closed);
	assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected_status);
	f->pid = 0;
	channel_free(f->supervisor);
	f->supervisor = NULL;
}

static int setup(void **state)
{
	struct fixture *f = x_new(struct fixture, 1);

	strcpy(f->dir, "/tmp/tandem-role-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(chmod(f->dir, 0777), 0);
	f->loop = loop_new();
	f->tick = loop_timer_new(f->loop, on_tick, f);
	start_all(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char *command = x_asprintf("rm -rf %s", f->dir);
	unsigned int i;

	if (f->pid) {
		kill(f->pid, SIGKILL);
		waitpid(f->pid, NULL, 0);
	}
	for (i = 0; i < PEERS; i++)
		channel_free(f->peers[i]);
	channel_free(f->supervisor);
	loop_timer_free(f->tick);
	loop_free(f->loop);
	conf_tree_free(f->tree);
	json_object_put(f->answer);
	assert_int_equal(system(command), 0);
	x_free(command);
	x_free(f);
	return 0;
}

/* A generation with FORMAT, in which %1$s is the test's directory. */
static void configure(struct fixture *f, uint32_t generation,
	const char *format) __attribute__((format(printf, 3, 0)));

static void configure(
	struct fixture *f, uint32_t generation, const char *format)
{
	char *text;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	text = x_asprintf(format, f->dir, f->dir, f->dir);
#pragma GCC diagnostic pop
	give_generation(f, generation, text);
	x_free(text);
}

static char *read_file(struct fixture *f, const char *name)
{
	char *path = x_asprintf("%s/%s", f->dir, name);
	char *text = x_calloc(1, 4096);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, text, 4095) < 0)
			text[0] = '\0';
		close(fd);
	}
	x_free(path);
	return text;
}

static void assert_file(
	struct fixture *f, const char *name, const char *expected)
{
	char *text = read_file(f, name);

	assert_string_equal(text, expected);
	x_free(text);
}

static void wait_for_file(struct fixture *f, const char *name)
{
	char *path = x_asprintf("%s/%s", f->dir, name);
	struct stat st;
	int i;

	for (i = 0; i < 2000 && (stat(path, &st) < 0 || !st.st_size); i++)
		usleep(10000);
	assert_int_equal(stat(path, &st), 0);
	x_free(path);
}

/* In a script: waits for the file "go". */
#define UNTIL_GO "until test -e %1$s/go; do sleep 0.02; done"

static void touch(struct fixture *f, const char *name)
{
	char *path = x_asprintf("%s/%s", f->dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	close(fd);
	x_free(path);
}

static void assert_ran(const struct msg_ran *ran, uint64_t id,
	enum run_outcome outcome, int32_t value)
{
	assert_int_equal(ran->id, id);
	assert_int_equal(ran->outcome, outcome);
	assert_int_equal(ran->value, value);
}

/* --- tests --- */

static void test_results_come_back_to_who_asked(void **state)
{
	struct fixture *f = *state;

	configure(f, 1,
		"check a {\n script \"sh -c 'exit 3'\"\n}\n"
		"check b {\n script /no/such/file\n}\n");
	connect_peer(f, 0);
	connect_peer(f, 1);
	send_run(f, 0, 77, 1, script_node(f, 0), "check a", 0, NULL);
	WAIT(f, 5, f->n_ran == 1);
	assert_ran(&f->ran[0], 77, RUN_EXITED, 3);
	assert_int_equal(f->ran_peer[0], ROLE_VRRP);
	assert_int_equal(f->ran_generation[0], 1);
	assert_in_range(f->ran[0].duration_us, 1, USEC_PER_SEC);
	send_run(f, 1, 78, 1, script_node(f, 1), "check b", 0, NULL);
	WAIT(f, 5, f->n_ran == 2);
	assert_ran(&f->ran[1], 78, RUN_NOT_RUN, ENOENT);
	assert_int_equal(f->ran_peer[1], ROLE_HEALTHCHECK);
	end_role(f, 0);
}

static void test_a_redirection_succeeds_when_its_file_opens(void **state)
{
	struct fixture *f = *state;

	configure(f, 1,
		"check a {\n script \"</etc/passwd\"\n}\n"
		"check b {\n script \"</no/such/file\"\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 1, 1, script_node(f, 0), "check a", 0, NULL);
	WAIT(f, 5, f->n_ran == 1);
	assert_ran(&f->ran[0], 1, RUN_EXITED, 0);
	send_run(f, 0, 2, 1, script_node(f, 1), "check b", 0, NULL);
	WAIT(f, 5, f->n_ran == 2);
	assert_int_equal(f->ran[1].outcome, RUN_EXITED);
	assert_int_not_equal(f->ran[1].value, 0);
	end_role(f, 0);
}

static void test_runs_of_a_subject_keep_their_order(void **state)
{
	struct fixture *f = *state;
	char expected[512] = "";
	unsigned int i;

	/* Each run is faster than the one before it. */
	configure(f, 1,
		"instance i {\n notify \"sh -c 'sleep 0.0$((9 - $0)); "
		"echo $0 >> %1$s/out'\"\n}\n");
	connect_peer(f, 0);
	for (i = 0; i < 8; i++) {
		char arg[4];

		snprintf(arg, sizeof(arg), "%u", i);
		snprintf(expected + 2 * i, 3, "%u\n", i);
		send_run(
			f, 0, i, 1, script_node(f, 0), "instance VI_1", 0, arg);
	}
	WAIT(f, 10, f->n_ran == 8);
	for (i = 0; i < 8; i++)
		assert_ran(&f->ran[i], i, RUN_EXITED, 0);
	assert_file(f, "out", expected);
	end_role(f, 0);
}

static void test_a_time_limit_ends_a_run(void **state)
{
	struct fixture *f = *state;

	configure(f, 1, "check a {\n script \"sleep 30\"\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 5, 1, script_node(f, 0), "check a", 100 * USEC_PER_MSEC,
		NULL);
	WAIT(f, 5, f->n_ran == 1);
	assert_ran(&f->ran[0], 5, RUN_TIMED_OUT, SIGTERM);
	end_role(f, 0);
}

static void test_only_scripts_of_a_generation_that_is_held_are_run(void **state)
{
	struct fixture *f = *state;
	uint32_t old;
	unsigned int i;

	configure(f, 1, "check a {\n script \"sh -c 'exit 1'\"\n}\n");
	old = script_node(f, 0);
	configure(f, 2,
		"instance x {\n}\ncheck a {\n script \"sh -c 'exit 2'\"\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 1, 1, old, "s", 0, NULL);
	send_run(f, 0, 2, 2, script_node(f, 0), "s", 0, NULL);
	WAIT(f, 5, f->n_ran == 2);
	assert_ran(&f->ran[0], 1, RUN_EXITED, 1);
	assert_ran(&f->ran[1], 2, RUN_EXITED, 2);
	configure(f, 3, "check a {\n script \"sh -c 'exit 3'\"\n}\n");
	configure(f, 4, "check a {\n script \"sh -c 'exit 4'\"\n}\n");
	send_run(f, 0, 3, 1, old, "s", 0, NULL);
	send_run(f, 0, 4, 9, old, "s", 0, NULL);
	send_run(f, 0, 5, 4, 0, "s", 0, NULL);
	send_run(f, 0, 6, 4, UINT32_MAX, "s", 0, NULL);
	WAIT(f, 5, f->n_ran == 6);
	for (i = 2; i < 4; i++)
		assert_ran(&f->ran[i], i + 1, RUN_NOT_RUN, ESTALE);
	for (i = 4; i < 6; i++)
		assert_ran(&f->ran[i], i + 1, RUN_NOT_RUN, EINVAL);
	end_role(f, 0);
}

static void test_a_malformed_message_is_survived(void **state)
{
	struct fixture *f = *state;
	struct buf_writer w = { .data = NULL };

	configure(f, 1, "check a {\n script true\n}\n");
	connect_peer(f, 0);
	buf_put_u64(&w, 1);
	assert_int_equal(channel_send(f->peers[0], MSG_RUN, 1, &w, -1), 0);
	assert_int_equal(channel_send(f->peers[0], 9999, 1, &w, -1), 0);
	buf_writer_free(&w);
	send_run(f, 0, 2, 1, script_node(f, 0), "s", 0, NULL);
	WAIT(f, 5, f->n_ran == 1);
	assert_ran(&f->ran[0], 2, RUN_EXITED, 0);
	end_role(f, 0);
}

static void test_root_regains_its_capabilities_and_others_have_none(
	void **state)
{
	struct fixture *f = *state;
	char *bounding;
	char *text;

	if (getuid() != 0)
		skip();
	configure(f, 1,
		"check a {\n script \"sh -c 'id -u > %1$s/root; grep -E "
		"^Cap[PE] /proc/self/status >> %1$s/root'\" root\n}\n"
		"check b {\n script \"sh -c 'id -u > %1$s/nobody; grep -E "
		"^Cap[PE] /proc/self/status >> %1$s/nobody'\" nobody\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 1, 1, script_node(f, 0), "a", 0, NULL);
	send_run(f, 0, 2, 1, script_node(f, 1), "b", 0, NULL);
	WAIT(f, 5, f->n_ran == 2);
	assert_file(f, "nobody",
		"65534\nCapPrm:\t0000000000000000\n"
		"CapEff:\t0000000000000000\n");
	/* All that this test itself may have. */
	text = x_asprintf("grep CapBnd /proc/self/status | cut -f 2 > "
			  "%s/bounding",
		f->dir);
	assert_int_equal(system(text), 0);
	x_free(text);
	bounding = read_file(f, "bounding");
	text = x_asprintf("0\nCapPrm:\t%sCapEff:\t%s", bounding, bounding);
	assert_file(f, "root", text);
	x_free(text);
	x_free(bounding);
	end_role(f, 0);
}

static void test_root_runs_what_lies_in_a_private_directory(void **state)
{
	struct fixture *f = *state;
	char *command;

	if (getuid() != 0)
		skip();
	command = x_asprintf("cd %s && mkdir private && "
			     "printf '#!/bin/sh\\nexit $1\\n' > private/x && "
			     "chmod 755 private/x && chmod 700 private && "
			     "chown daemon private",
		f->dir);
	assert_int_equal(system(command), 0);
	x_free(command);
	configure(f, 1,
		"check a {\n script \"%1$s/private/x 5\" root\n}\n"
		"check b {\n script \"%1$s/private/x 5\" nobody\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 1, 1, script_node(f, 0), "a", 0, NULL);
	WAIT(f, 5, f->n_ran == 1);
	assert_ran(&f->ran[0], 1, RUN_EXITED, 5);
	send_run(f, 0, 2, 1, script_node(f, 1), "b", 0, NULL);
	WAIT(f, 5, f->n_ran == 2);
	assert_ran(&f->ran[1], 2, RUN_NOT_RUN, EACCES);
	end_role(f, 0);
}

static void test_a_stop_waits_for_notifications_that_are_on_their_way(
	void **state)
{
	struct fixture *f = *state;

	configure(f, 1,
		"instance i {\n notify_stop \"sh -c 'sleep 0.3; "
		"echo $0 >> %1$s/out'\"\n}\n"
		"check c {\n script \"sleep 30\"\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 1, 1, script_node(f, 1), "c", 0, NULL);
	send_run(f, 0, 2, 1, script_node(f, 0), "i", 0, "a");
	/* Behind the supervisor's back, and the sender is gone at once. */
	send_run(f, 0, 3, 1, script_node(f, 0), "i", 0, "b");
	channel_free(f->peers[0]);
	f->peers[0] = NULL;
	end_role(f, 0);
	assert_file(f, "out", "a\nb\n");
}

static void test_a_stop_does_not_wait_for_ever(void **state)
{
	struct fixture *f = *state;
	int64_t before;

	configure(f, 1,
		"instance i {\n notify \"sh -c 'echo on > %1$s/out; "
		"exec sleep 30'\"\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 1, 1, script_node(f, 0), "i", 0, NULL);
	wait_for_file(f, "out");
	before = time_monotonic_us();
	end_role(f, 0);
	assert_in_range(time_monotonic_us() - before, 1500 * USEC_PER_MSEC,
		15000 * USEC_PER_MSEC);
}

static void test_an_idle_role_stops_at_once(void **state)
{
	struct fixture *f = *state;
	int64_t before;

	configure(f, 1, "instance i {\n notify \"sleep 30\"\n}\n");
	before = time_monotonic_us();
	end_role(f, 0);
	/* Not the 2 s that it has for a script that runs. */
	assert_true(time_monotonic_us() - before < 1500 * USEC_PER_MSEC);
}

static void test_checks_end_with_their_sender_and_notifications_go_on(
	void **state)
{
	struct fixture *f = *state;

	configure(f, 1,
		"instance i {\n notify \"sh -c '" UNTIL_GO "; echo done > "
		"%1$s/notified'\"\n}\n"
		"check c {\n script \"sh -c '" UNTIL_GO "; echo done > "
		"%1$s/checked'\"\n}\n");
	connect_peer(f, 0);
	connect_peer(f, 1);
	send_run(f, 0, 1, 1, script_node(f, 0), "i", 0, NULL);
	send_run(f, 0, 2, 1, script_node(f, 1), "c", 0, NULL);
	send_run(f, 1, 3, 1, script_node(f, 1), "d", 0, NULL);
	/* vrrp is restarted: its new incarnation hears of nothing. */
	connect_peer(f, 0);
	touch(f, "go");
	WAIT(f, 5, f->n_ran == 1);
	assert_ran(&f->ran[0], 3, RUN_EXITED, 0);
	assert_int_equal(f->ran_peer[0], ROLE_HEALTHCHECK);
	wait_for_file(f, "notified");
	assert_int_equal(f->n_ran, 1);
	end_role(f, 0);
}

static int64_t own_counter(struct fixture *f, const char *key)
{
	struct json_object *own;
	struct json_object *value;

	assert_true(json_object_object_get_ex(f->answer, "runner", &own));
	assert_true(json_object_object_get_ex(own, key, &value));
	return json_object_get_int64(value);
}

static void ask(struct fixture *f, const char *json)
{
	struct msg_request m = { .id = 4, .json = json };
	struct buf_writer w = { .data = NULL };

	msg_put_request(&w, &m);
	send_supervisor(f, MSG_REQUEST, 0, &w, -1);
	WAIT(f, 5, f->last == MSG_ANSWER);
	assert_non_null(f->answer);
}

static void send_event(struct fixture *f, uint32_t generation, uint32_t node)
{
	const struct msg_event event = {
		.subject = EVENT_INSTANCE,
		.what = EVENT_MASTER,
		.node = node,
	};
	struct buf_writer w = { .data = NULL };

	msg_begin_events(&w, 0, 1);
	msg_put_event(&w, &event);
	assert_int_equal(channel_send(f->peers[0], MSG_EVENTS, generation, &w,
				 -1),
		0);
	buf_writer_free(&w);
}

static int64_t event_counter(struct fixture *f, const char *key)
{
	struct json_object *json;

	assert_true(json_object_object_get_ex(f->answer, "runner", &json));
	assert_true(json_object_object_get_ex(json, "events", &json));
	assert_true(json_object_object_get_ex(json, key, &json));
	return json_object_get_int64(json);
}

static void test_events_of_quick_reloads_are_told_or_stale(void **state)
{
	static const char text[] = "vrrp_instance x {\n}\n";
	struct fixture *f = *state;
	struct json_object *problems;
	uint32_t node;
	uint32_t i;

	for (i = 1; i <= 4; i++)
		configure(f, i, text);
	for (node = 0; strcmp(conf_node_keyword(f->tree, node), "vrrp_instance");)
		node++;
	connect_peer(f, 0);
	/* The first is long gone, the last has not been. */
	for (i = 1; i <= 5; i++)
		send_event(f, i, node);
	do
		ask(f, "{\"command\":\"status\"}");
	while (!event_counter(f, "unknown"));
	assert_int_equal(event_counter(f, "stale"), 1);
	assert_int_equal(event_counter(f, "told"), 3);
	assert_int_equal(event_counter(f, "unknown"), 1);
	assert_true(
		json_object_object_get_ex(f->answer, "problems", &problems));
	assert_string_equal(
		json_object_get_string(json_object_array_get_idx(problems, 0)),
		"1 events were not told to FIFOs and mail");
	end_role(f, 0);
}

static void test_hanging_checks_do_not_hold_up_notifications(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	configure(f, 1,
		"check c {\n script \"sleep 30\"\n}\n"
		"instance i {\n notify true\n}\n");
	connect_peer(f, 0);
	connect_peer(f, 1);
	for (i = 0; i < 80; i++) {
		char subject[16];

		snprintf(subject, sizeof(subject), "check %u", i);
		send_run(f, 1, i, 1, script_node(f, 0), subject, 0, NULL);
	}
	/* All that may run at once do. */
	do
		ask(f, "{\"command\":\"status\"}");
	while (own_counter(f, "running") + own_counter(f, "queued") < 80);
	assert_true(own_counter(f, "queued") > 0);
	send_run(f, 0, 999, 1, script_node(f, 1), "i", 0, NULL);
	WAIT(f, 3, f->n_ran == 1);
	assert_ran(&f->ran[0], 999, RUN_EXITED, 0);
	end_role(f, 0);
}

static void test_the_status_tells_what_runs_and_what_cannot(void **state)
{
	struct fixture *f = *state;
	struct json_object *problems;

	configure(f, 1,
		"check a {\n script true\n}\ncheck b {\n script false\n}\n"
		"check c {\n script /no/such\n}\n"
		"check d {\n script \"sleep 30\"\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 1, 1, script_node(f, 0), "a", 0, NULL);
	send_run(f, 0, 2, 1, script_node(f, 1), "b", 0, NULL);
	send_run(f, 0, 3, 1, script_node(f, 2), "c", 0, NULL);
	send_run(f, 0, 4, 1, script_node(f, 3), "d", 0, NULL);
	send_run(f, 0, 5, 1, script_node(f, 3), "d", 0, NULL);
	WAIT(f, 5, f->n_ran == 3);
	ask(f, "{\"command\":\"status\"}");
	assert_int_equal(own_counter(f, "running"), 1);
	assert_int_equal(own_counter(f, "queued"), 1);
	assert_int_equal(own_counter(f, "done"), 1);
	assert_int_equal(own_counter(f, "failed"), 2);
	assert_int_equal(own_counter(f, "not_run"), 1);
	assert_true(
		json_object_object_get_ex(f->answer, "problems", &problems));
	assert_int_equal(json_object_array_length(problems), 1);
	assert_string_equal(
		json_object_get_string(json_object_array_get_idx(problems, 0)),
		"test.conf:8: script '/no/such' could not be run: "
		"No such file or directory");
	ask(f, "{\"command\":\"explain\",\"subject\":\"d\"}");
	assert_true(json_object_object_get_ex(f->answer, "explain", &problems));
	assert_string_equal(
		json_object_get_string(json_object_array_get_idx(problems, 0)),
		"runner: a script runs, 1 waiting");
	end_role(f, 0);
}

static bool is_alive(int pid)
{
	char state = 'X';
	char *path = x_asprintf("/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");

	x_free(path);
	if (!file)
		return false;
	if (fscanf(file, "%*d %*s %c", &state) != 1)
		state = 'X';
	fclose(file);
	return state != 'X' && state != 'Z';
}

/* Ends the role as a crash does; its channels end here, too. */
static void kill_role(struct fixture *f)
{
	kill(f->pid, SIGKILL);
	waitpid(f->pid, NULL, 0);
	WAIT(f, 5, f->closed);
	channel_free(f->supervisor);
	channel_free(f->peers[0]);
	f->supervisor = NULL;
	f->peers[0] = NULL;
}

static void restore_all(struct fixture *f)
{
	unsigned int i;

	for (i = 0; i < f->n_keys; i++) {
		struct msg_checkpoint m = {
			.key = f->keys[i].key,
			.data = f->keys[i].data,
			.len = f->keys[i].len,
		};
		struct buf_writer w = { .data = NULL };

		msg_put_checkpoint(&w, &m);
		send_supervisor(f, MSG_RESTORE, 0, &w, -1);
	}
	send_supervisor(f, MSG_RESTORE_END, 0, NULL, -1);
}

static void test_scripts_of_a_killed_runner_do_not_outlive_the_next_one(
	void **state)
{
	struct fixture *f = *state;
	char *text;
	int script;
	int child;
	int i;

	configure(f, 1,
		"instance i {\n notify \"sh -c 'sleep 60 & echo $$ $! > "
		"%1$s/out; wait'\" root\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 1, 1, script_node(f, 0), "i", 0, NULL);
	wait_for_file(f, "out");
	text = read_file(f, "out");
	assert_int_equal(sscanf(text, "%d %d", &script, &child), 2);
	x_free(text);
	WAIT(f, 5, f->n_keys == 1);
	kill_role(f);
	start_role(f);
	restore_all(f);
	for (i = 0; i < 2000 && (is_alive(script) || is_alive(child)); i++)
		usleep(10000);
	assert_false(is_alive(script));
	assert_false(is_alive(child));
	WAIT(f, 5, f->n_keys == 0);
	end_role(f, 0);
}

static void test_a_script_without_privileges_ends_with_the_runner(void **state)
{
	struct fixture *f = *state;
	char *text;
	int script;
	int i;

	configure(f, 1,
		"instance i {\n notify \"sh -c 'echo $$ > %1$s/out; "
		"exec sleep 60'\" nobody\n}\n");
	connect_peer(f, 0);
	send_run(f, 0, 1, 1, script_node(f, 0), "i", 0, NULL);
	wait_for_file(f, "out");
	text = read_file(f, "out");
	script = atoi(text);
	x_free(text);
	WAIT(f, 5, f->n_keys == 1);
	assert_true(is_alive(script));
	kill_role(f);
	for (i = 0; i < 2000 && is_alive(script); i++)
		usleep(10000);
	assert_false(is_alive(script));
}

static void test_a_reused_process_number_is_left_alone(void **state)
{
	struct fixture *f = *state;
	pid_t other;

	/* A process that has the number, but not the time, of a script. */
	other = fork();
	assert_true(other >= 0);
	if (other == 0) {
		setsid();
		pause();
		_exit(0);
	}
	end_role(f, 0);
	f->n_keys = 1;
	snprintf(f->keys[0].key, sizeof(f->keys[0].key), "run/%d", other);
	{
		struct buf_writer w = { .data = NULL };

		buf_put_u8(&w, 1);
		buf_put_i32(&w, other);
		buf_put_u64(&w, 12345);
		memcpy(f->keys[0].data, w.data, w.len);
		f->keys[0].len = w.len;
		buf_writer_free(&w);
	}
	start_role(f);
	restore_all(f);
	WAIT(f, 5, f->n_keys == 0);
	assert_true(is_alive(other));
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	end_role(f, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_results_come_back_to_who_asked),
		TEST(test_a_redirection_succeeds_when_its_file_opens),
		TEST(test_runs_of_a_subject_keep_their_order),
		TEST(test_a_time_limit_ends_a_run),
		TEST(test_only_scripts_of_a_generation_that_is_held_are_run),
		TEST(test_a_malformed_message_is_survived),
		TEST(test_root_regains_its_capabilities_and_others_have_none),
		TEST(test_root_runs_what_lies_in_a_private_directory),
		TEST(test_a_stop_waits_for_notifications_that_are_on_their_way),
		TEST(test_a_stop_does_not_wait_for_ever),
		TEST(test_an_idle_role_stops_at_once),
		TEST(test_checks_end_with_their_sender_and_notifications_go_on),
		TEST(test_events_of_quick_reloads_are_told_or_stale),
		TEST(test_hanging_checks_do_not_hold_up_notifications),
		TEST(test_the_status_tells_what_runs_and_what_cannot),
		TEST(test_scripts_of_a_killed_runner_do_not_outlive_the_next_one),
		TEST(test_a_script_without_privileges_ends_with_the_runner),
		TEST(test_a_reused_process_number_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
