/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The supervisor with real processes, whose roles are fakes (fake-roles.c):
 * start, loss, hanging, stop, its own death.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/timeutil.h"
#include "tests/unit/daemon-driver.h"

#define PLAIN "global_defs {\n\trole_timeout 1\n}\n"
/* A child of this test that nobody waits for is adopted by it. */
#define SKIP 77

static const char *const names[] = { "vrrp", "healthcheck", "ipvs", "runner" };

static struct json_object *must_ask(const struct driver *d, const char *line)
{
	struct json_object *answer = driver_ask(d, line);

	assert_non_null(answer);
	return answer;
}

/* Who is connected to whom is arranged after all are ready. */
static void wait_peers(const struct driver *d)
{
	static const struct {
		const char *path;
		const char *peers;
	} expected[] = {
		{ "fake-vrrp.peers",
			"[ \"healthcheck\", \"ipvs\", \"runner\" ]" },
		{ "fake-healthcheck.peers",
			"[ \"vrrp\", \"ipvs\", \"runner\" ]" },
		{ "fake-ipvs.peers",
			"[ \"vrrp\", \"healthcheck\", \"runner\" ]" },
		{ "fake-runner.peers",
			"[ \"vrrp\", \"healthcheck\", \"ipvs\" ]" },
	};
	int64_t deadline = now_ms() + DRIVER_WAIT_MS;
	struct json_object *status;
	size_t i = 0;

	while (i < 4 && now_ms() < deadline) {
		status = driver_status(d);
		while (i < 4 && !strcmp(json_text(status, expected[i].path),
					expected[i].peers))
			i++;
		json_object_put(status);
	}
	assert_int_equal(i, 4);
}

static void test_all_roles_start_join_and_are_connected(void **state)
{
	struct json_object *status;
	struct driver d;
	size_t i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	status = driver_status(&d);
	assert_int_equal(json_int(status, "generation"), 1);
	for (i = 0; i < 4; i++)
		assert_int_equal(role_generation(status, names[i]), 1);
	json_object_put(status);
	wait_peers(&d);
	assert_int_equal(driver_stop(&d), 0);
	driver_close(&d);
}

static void test_a_killed_role_is_back_at_once_with_its_checkpoint(void **state)
{
	struct json_object *status;
	struct driver d;
	pid_t others[4];
	size_t i;
	pid_t old;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < 4; i++)
		others[i] = driver_role_pid(&d, names[i]);
	old = others[2];
	process_signal(old, SIGKILL);
	assert_true(driver_role_replaced(&d, "ipvs", old, DRIVER_WAIT_MS));
	/* At once: nothing was waited for. */
	assert_false(driver_log_has(&d, "will be started again in"));
	status = driver_status(&d);
	assert_string_equal(
		json_text(status, "fake-ipvs.restored"), "commit 1");
	assert_int_equal(json_int(status, "fake-ipvs.generation"), 1);
	assert_string_equal(json_text(status, "fake-ipvs.predecessor"), "true");
	assert_int_equal(json_int(status, "roles.3.restarts"), 1);
	json_object_put(status);
	wait_peers(&d);
	for (i = 0; i < 4; i++)
		if (i != 2)
			assert_int_equal(
				driver_role_pid(&d, names[i]), others[i]);
	assert_true(driver_log_has(&d, "died: killed by SIGKILL after"));
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_role_that_hangs_is_replaced_within_a_second_or_so(
	void **state)
{
	struct driver d;
	int64_t began;
	pid_t old;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	old = driver_role_pid(&d, "vrrp");
	began = now_ms();
	process_signal(old, SIGSTOP);
	assert_true(driver_role_replaced(&d, "vrrp", old, DRIVER_WAIT_MS));
	assert_true(now_ms() - began >= 500);
	assert_true(driver_log_has(&d, "role-hung"));
	assert_true(process_is_gone(old, DRIVER_WAIT_MS));
	driver_stop(&d);
	driver_close(&d);
}

/* Whether the log has a line of the process PID of ROLE. */
static bool log_has_line_of(const struct driver *d, const char *role, pid_t pid)
{
	struct json_object *answer =
		must_ask(d, "{\"command\":\"show\",\"what\":\"log\"}");
	struct json_object *lines = json_at(answer, "log");
	size_t n = json_object_array_length(lines);
	bool found = false;
	char text[64];
	size_t i;

	snprintf(text, sizeof(text), "commit 1 of pid %d", (int)pid);
	for (i = 0; i < n; i++) {
		struct json_object *line = json_object_array_get_idx(lines, i);

		found = found ||
			(!strcmp(json_text(line, "role"), role) &&
				!strcmp(json_text(line, "text"), text));
	}
	json_object_put(answer);
	return found;
}

static void test_the_log_of_a_role_outlives_it(void **state)
{
	struct driver d;
	pid_t old;
	pid_t new;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	old = driver_role_pid(&d, "ipvs");
	/* No role is asked: one that is stopped has its lines, too. */
	process_signal(old, SIGSTOP);
	assert_true(log_has_line_of(&d, "ipvs", old));
	process_signal(old, SIGKILL);
	assert_true(driver_role_replaced(&d, "ipvs", old, DRIVER_WAIT_MS));
	new = driver_role_pid(&d, "ipvs");
	assert_true(log_has_line_of(&d, "ipvs", old));
	assert_true(log_has_line_of(&d, "ipvs", new));
	assert_false(log_has_line_of(&d, "vrrp", new));
	driver_stop(&d);
	driver_close(&d);
}

static void test_restarts_back_off(void **state)
{
	int64_t took[3];
	struct driver d;
	int i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < 3; i++) {
		pid_t old = driver_role_pid(&d, "runner");
		int64_t began = now_ms();

		process_signal(old, SIGKILL);
		assert_true(driver_role_replaced(&d, "runner", old, DRIVER_WAIT_MS));
		took[i] = now_ms() - began;
	}
	assert_true(took[1] >= 500);
	assert_true(took[2] >= 1000);
	driver_stop(&d);
	driver_close(&d);
}

/* For MS, each role is still the process in PIDS. */
static void assert_nobody_dies(
	const struct driver *d, const pid_t pids[4], int64_t ms)
{
	int64_t until = now_ms() + ms;
	size_t i;

	do {
		for (i = 0; i < 4; i++)
			assert_int_equal(
				driver_role_pid(d, names[i]), pids[i]);
		sleep_ms(20);
	} while (now_ms() < until);
	assert_false(driver_log_has(d, "killing it"));
}

static void test_a_stalled_supervisor_kills_nobody(void **state)
{
	pid_t pids[4];
	struct driver d;
	size_t i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < 4; i++)
		pids[i] = driver_role_pid(&d, names[i]);
	process_signal(d.pid, SIGSTOP);
	/* Thrice what a role may be silent. */
	sleep_ms(2500);
	process_signal(d.pid, SIGCONT);
	assert_nobody_dies(&d, pids, 1500);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_hung_role_yields_a_note_instead_of_a_hanging_status(
	void **state)
{
	struct json_object *status;
	struct driver d;
	int64_t began;
	pid_t pid;

	(void)state;
	driver_open(&d, "global_defs {\n\trole_timeout 60\n}\n");
	driver_start(&d);
	pid = driver_role_pid(&d, "healthcheck");
	process_signal(pid, SIGSTOP);
	began = now_ms();
	status = driver_status(&d);
	assert_in_range(now_ms() - began, 1500, DRIVER_WAIT_MS);
	assert_string_equal(json_text(status, "problems.0"),
		"role healthcheck gave no answer in time");
	assert_int_equal(json_int(status, "fake-ipvs.generation"), 1);
	json_object_put(status);
	process_signal(pid, SIGCONT);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_role_that_works_on_an_answer_is_left_alone(void **state)
{
	struct json_object *status;
	struct driver d;
	pid_t pid;

	(void)state;
	driver_open(&d, "fake ipvs busy-answer\n");
	driver_start(&d);
	pid = driver_role_pid(&d, "ipvs");
	json_object_put(driver_status(&d));
	/* It works for longer than the answer is waited for. */
	status = driver_status(&d);
	assert_int_equal(driver_role_pid(&d, "ipvs"), pid);
	json_object_put(status);
	assert_false(driver_log_has(&d, "killing it"));
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_role_that_sleeps_over_an_answer_is_not(void **state)
{
	struct json_object *status;
	struct driver d;
	pid_t pid;

	(void)state;
	driver_open(&d, "fake ipvs sleepy-answer\n");
	driver_start(&d);
	pid = driver_role_pid(&d, "ipvs");
	status = driver_status(&d);
	assert_string_equal(json_text(status, "problems.0"),
		"role ipvs died while it was asked");
	json_object_put(status);
	assert_true(driver_role_replaced(&d, "ipvs", pid, DRIVER_WAIT_MS));
	driver_stop(&d);
	driver_close(&d);
}

/* It was silent for too long, and answers while it is looked at. */
static void test_a_late_answer_counts_until_the_last_moment(void **state)
{
	struct driver d;
	pid_t pid;

	(void)state;
	driver_open(&d, PLAIN "fake ipvs nap-answer\n");
	setenv("FAKE_SLOW_LOOK", "1", 1);
	driver_spawn(&d, NULL);
	unsetenv("FAKE_SLOW_LOOK");
	assert_true(driver_wait_ready(&d, DRIVER_WAIT_MS));
	pid = driver_role_pid(&d, "ipvs");
	json_object_put(driver_status(&d));
	json_object_put(driver_status(&d));
	assert_int_equal(driver_role_pid(&d, "ipvs"), pid);
	assert_false(driver_log_has(&d, "killing it"));
	driver_stop(&d);
	driver_close(&d);
}

static bool has_file(const struct driver *d, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", d->run_dir, name);
	return access(path, F_OK) == 0;
}

static void test_stop_is_in_order_and_leaves_no_files(void **state)
{
	static const char *const order[] = { "vrrp", "ipvs", "healthcheck",
		"runner" };
	char text[64];
	struct driver d;
	pid_t pids[4];
	long last = -1;
	size_t i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	assert_true(has_file(&d, "tandemd.pid"));
	assert_true(has_file(&d, "vrrp.pid"));
	for (i = 0; i < 4; i++)
		pids[i] = driver_role_pid(&d, order[i]);
	assert_int_equal(driver_stop(&d), 0);
	for (i = 0; i < 4; i++) {
		long place;

		snprintf(text, sizeof(text), "%s (pid %d) stopped", order[i],
			(int)pids[i]);
		place = driver_log_place(&d, text);
		assert_true(place > last);
		last = place;
	}
	assert_false(has_file(&d, "tandemd.pid"));
	assert_false(has_file(&d, "control.sock"));
	assert_false(has_file(&d, "vrrp.pid"));
	driver_close(&d);
}

static void test_a_role_that_does_not_stop_is_killed_after_child_wait_time(
	void **state)
{
	struct driver d;
	int64_t began;

	(void)state;
	driver_open(&d, "child_wait_time 1\nfake ipvs deaf-to-stop\n");
	driver_start(&d);
	began = now_ms();
	assert_int_equal(driver_stop(&d), 0);
	assert_in_range(now_ms() - began, 900, DRIVER_WAIT_MS);
	assert_true(driver_log_has(&d, "did not stop within child_wait_time"));
	driver_close(&d);
}

static void test_a_role_that_is_never_ready_does_not_hold_up_a_reload(
	void **state)
{
	struct json_object *answer;
	struct driver d;

	(void)state;
	driver_open(&d, "fake ipvs never-ready\n");
	driver_spawn(&d, NULL);
	driver_wait_generation(&d, 1);
	answer = must_ask(&d, "{\"command\":\"reload\"}");
	assert_string_equal(json_text(answer, "ok"), "true");
	json_object_put(answer);
	assert_int_equal(driver_generation(&d), 2);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_killed_supervisor_takes_its_roles_along(void **state)
{
	struct driver d;
	pid_t pids[4];
	size_t i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < 4; i++)
		pids[i] = driver_role_pid(&d, names[i]);
	process_signal(d.pid, SIGKILL);
	assert_int_equal(driver_wait(&d), 128 + SIGKILL);
	for (i = 0; i < 4; i++)
		assert_true(process_is_gone(pids[i], DRIVER_WAIT_MS));
	/* And a new one starts over what it has left. */
	driver_start(&d);
	assert_int_equal(driver_stop(&d), 0);
	driver_close(&d);
}

#define LEAVE "global_defs {\n\tsupervisor_death leave\n}\n"

/* The roles of a killed supervisor, told to stay, have noticed. */
static void leave_roles(struct driver *d, pid_t pids[4])
{
	size_t i;

	driver_open(d, LEAVE);
	driver_start(d);
	for (i = 0; i < 4; i++)
		pids[i] = driver_role_pid(d, names[i]);
	process_signal(d->pid, SIGKILL);
	driver_wait(d);
	driver_wait_log(d, "the supervisor is gone; going on alone", 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(kill(pids[i], 0), 0);
}

static void assert_restored(
	const struct driver *d, const char *role, bool is_restored)
{
	struct json_object *status = driver_status(d);
	char path[64];

	snprintf(path, sizeof(path), "fake-%s.restored", role);
	assert_string_equal(
		json_text(status, path), is_restored ? "commit 1" : "");
	snprintf(path, sizeof(path), "fake-%s.predecessor", role);
	assert_string_equal(
		json_text(status, path), is_restored ? "true" : "false");
	json_object_put(status);
}

static bool has_handover(const struct driver *d, const char *role)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s.handover", d->run_dir, role);
	return access(path, F_OK) == 0;
}

static void test_roles_told_to_stay_hand_over_to_the_next_supervisor(
	void **state)
{
	struct driver d;
	pid_t pids[4];
	size_t i;

	(void)state;
	leave_roles(&d, pids);
	driver_start(&d);
	for (i = 0; i < 4; i++)
		assert_true(process_is_gone(pids[i], DRIVER_WAIT_MS));
	assert_true(driver_log_has(&d, "of a former supervisor still runs"));
	for (i = 0; i < 4; i++)
		assert_restored(&d, names[i], true);
	assert_int_equal(driver_stop(&d), 0);
	for (i = 0; i < 4; i++)
		assert_false(has_handover(&d, names[i]));
	driver_close(&d);
}

static int64_t predecessor_us(const struct driver *d, const char *role)
{
	struct json_object *status = driver_status(d);
	int64_t us;
	char path[64];

	snprintf(path, sizeof(path), "fake-%s.predecessor_us", role);
	us = json_int(status, path);
	json_object_put(status);
	return us;
}

/* Its roles have begun nothing: the first ones' work is what counts. */
static void test_a_supervisor_killed_in_its_start_passes_on_what_there_was(
	void **state)
{
	struct driver d;
	pid_t pids[4];
	int64_t us;
	size_t i;

	(void)state;
	leave_roles(&d, pids);
	driver_write(&d, LEAVE "fake ipvs slow-prepare\n");
	driver_spawn(&d, NULL);
	driver_wait_log(&d, "prepares slowly", 1);
	us = time_monotonic_us();
	process_signal(d.pid, SIGKILL);
	driver_wait(&d);
	driver_wait_log(&d, "the supervisor is gone; going on alone", 8);
	driver_write(&d, LEAVE);
	driver_start(&d);
	for (i = 0; i < 4; i++) {
		assert_restored(&d, names[i], true);
		assert_true(predecessor_us(&d, names[i]) < us);
	}
	assert_int_equal(driver_stop(&d), 0);
	driver_close(&d);
}

static pid_t pid_in_file(const struct driver *d, const char *role)
{
	char path[160];
	FILE *file;
	int pid = 0;

	snprintf(path, sizeof(path), "%s/%s.pid", d->run_dir, role);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	return pid;
}

static void test_a_role_that_dies_before_its_work_is_no_predecessor(
	void **state)
{
	struct driver d;
	int64_t us;
	pid_t pid;

	(void)state;
	driver_open(&d, PLAIN "fake ipvs slow-prepare\n");
	driver_start(&d);
	process_signal(driver_role_pid(&d, "ipvs"), SIGKILL);
	driver_wait_log(&d, "prepares slowly", 2);
	us = time_monotonic_us();
	pid = pid_in_file(&d, "ipvs");
	process_signal(pid, SIGKILL);
	assert_true(driver_role_replaced(&d, "ipvs", pid, DRIVER_WAIT_MS));
	assert_restored(&d, "ipvs", true);
	assert_true(predecessor_us(&d, "ipvs") < us);
	driver_stop(&d);
	driver_close(&d);
}

/* What is in its file is of nobody who was ended just now. */
static void test_what_a_role_left_that_has_ended_is_not_believed(void **state)
{
	struct driver d;
	pid_t pids[4];

	(void)state;
	leave_roles(&d, pids);
	/* Ended by hand, it hands over, and then nobody comes. */
	process_signal(pids[0], SIGTERM);
	assert_true(process_is_gone(pids[0], DRIVER_WAIT_MS));
	assert_true(has_handover(&d, names[0]));
	/* And one that cannot. */
	process_signal(pids[1], SIGKILL);
	assert_true(process_is_gone(pids[1], DRIVER_WAIT_MS));
	driver_start(&d);
	assert_restored(&d, names[0], false);
	assert_restored(&d, names[1], false);
	assert_restored(&d, names[2], true);
	assert_int_equal(driver_stop(&d), 0);
	driver_close(&d);
}

static void test_a_broken_file_leaves_those_that_stay_alone(void **state)
{
	struct driver d;
	pid_t pids[4];
	size_t i;

	(void)state;
	leave_roles(&d, pids);
	driver_write(&d, "vrrp_instance {\n");
	driver_spawn(&d, NULL);
	assert_true(driver_wait(&d) != 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(kill(pids[i], 0), 0);
	/* Told to stop by the next one's file, they have handed over. */
	driver_write(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < 4; i++) {
		assert_true(process_is_gone(pids[i], DRIVER_WAIT_MS));
		assert_restored(&d, names[i], true);
		assert_false(has_handover(&d, names[i]));
	}
	assert_int_equal(driver_stop(&d), 0);
	driver_close(&d);
}

/* The others had prepared; ipvs does when the first was told to stop. */
static void test_who_is_told_to_stop_is_not_configured_again(void **state)
{
	struct driver d;
	int fd;

	(void)state;
	driver_open(&d, "child_wait_time 2\nfake vrrp deaf-to-stop\n");
	driver_start(&d);
	driver_write(&d, "child_wait_time 2\nfake ipvs slow-prepare\n");
	fd = driver_connect(&d);
	assert_true(dprintf(fd, "{\"command\":\"reload\"}\n") > 0);
	driver_wait_log(&d, "prepares slowly", 1);
	assert_int_equal(driver_stop(&d), 0);
	close(fd);
	assert_true(driver_log_has(&d, "did not stop within child_wait_time"));
	assert_true(driver_log_has(&d, "commit 1 of pid"));
	assert_false(driver_log_has(&d, "commit 2 of pid"));
	assert_false(driver_log_has(&d, "was told to stop"));
	driver_close(&d);
}

static void test_with_R_the_end_of_a_role_is_the_end(void **state)
{
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN);
	driver_spawn(&d, "-R");
	assert_true(driver_wait_ready(&d, DRIVER_WAIT_MS));
	process_signal(driver_role_pid(&d, "healthcheck"), SIGKILL);
	assert_int_equal(driver_wait(&d), 1);
	driver_close(&d);
}

static void test_only_the_wanted_roles_run(void **state)
{
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN);
	driver_spawn(&d, "-P");
	assert_true(driver_wait_ready(&d, DRIVER_WAIT_MS));
	assert_true(driver_role_pid(&d, "vrrp") > 0);
	assert_true(driver_role_pid(&d, "runner") > 0);
	assert_int_equal(driver_role_pid(&d, "ipvs"), 0);
	assert_int_equal(driver_role_pid(&d, "healthcheck"), 0);
	assert_int_equal(driver_stop(&d), 0);
	driver_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		driver_test(test_all_roles_start_join_and_are_connected),
		driver_test(
			test_a_killed_role_is_back_at_once_with_its_checkpoint),
		driver_test(
			test_a_role_that_hangs_is_replaced_within_a_second_or_so),
		driver_test(test_the_log_of_a_role_outlives_it),
		driver_test(test_restarts_back_off),
		driver_test(test_a_stalled_supervisor_kills_nobody),
		driver_test(
			test_a_hung_role_yields_a_note_instead_of_a_hanging_status),
		driver_test(
			test_a_role_that_works_on_an_answer_is_left_alone),
		driver_test(test_a_role_that_sleeps_over_an_answer_is_not),
		driver_test(test_a_late_answer_counts_until_the_last_moment),
		driver_test(test_stop_is_in_order_and_leaves_no_files),
		driver_test(
			test_a_role_that_does_not_stop_is_killed_after_child_wait_time),
		driver_test(
			test_a_role_that_is_never_ready_does_not_hold_up_a_reload),
		driver_test(
			test_a_killed_supervisor_takes_its_roles_along),
		driver_test(
			test_roles_told_to_stay_hand_over_to_the_next_supervisor),
		driver_test(
			test_a_supervisor_killed_in_its_start_passes_on_what_there_was),
		driver_test(
			test_a_role_that_dies_before_its_work_is_no_predecessor),
		driver_test(
			test_what_a_role_left_that_has_ended_is_not_believed),
		driver_test(test_a_broken_file_leaves_those_that_stay_alone),
		driver_test(
			test_who_is_told_to_stop_is_not_configured_again),
		driver_test(test_with_R_the_end_of_a_role_is_the_end),
		driver_test(test_only_the_wanted_roles_run),
	};

	if (geteuid() != 0)
		return SKIP;
	driver_guard();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
