/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The supervisor with real processes: reloads, plans, the control socket and
 * its clients, dumps, exit codes.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "tests/unit/daemon-driver.h"

#define SKIP 77
#define PLAIN "global_defs {\n\trole_timeout 1\n}\n"
#define RELOAD "{\"command\":\"reload\"}"
#define PLAN "{\"command\":\"plan\"}"

static const char *const names[] = { "vrrp", "healthcheck", "ipvs", "runner" };

static void assert_generations(const struct driver *d, int64_t generation)
{
	struct json_object *status = driver_status(d);
	size_t i;

	assert_int_equal(json_int(status, "generation"), generation);
	for (i = 0; i < 4; i++)
		assert_int_equal(role_generation(status, names[i]), generation);
	json_object_put(status);
}

static void assert_answer(const struct driver *d, const char *request,
	const char *path, const char *expected)
{
	struct json_object *answer = driver_ask(d, request);

	assert_non_null(answer);
	assert_string_equal(json_text(answer, path), expected);
	json_object_put(answer);
}

/* --- reload and plan --- */

static void test_a_reload_reaches_all_roles(void **state)
{
	struct json_object *answer;
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	answer = driver_ask(&d, RELOAD);
	assert_string_equal(json_text(answer, "ok"), "true");
	assert_int_equal(json_int(answer, "generation"), 2);
	assert_int_equal(json_object_array_length(json_at(answer, "plan")), 4);
	assert_string_equal(json_text(answer, "plan.0.role"), "vrrp");
	assert_string_equal(json_text(answer, "plan.0.action"), "edit");
	json_object_put(answer);
	assert_generations(&d, 2);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_plan_changes_nothing(void **state)
{
	struct json_object *answer;
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	answer = driver_ask(&d, PLAN);
	assert_string_equal(json_text(answer, "ok"), "true");
	assert_string_equal(json_text(answer, "dry_run"), "true");
	assert_int_equal(json_object_array_length(json_at(answer, "plan")), 4);
	json_object_put(answer);
	assert_generations(&d, 1);
	assert_answer(&d, "{\"command\":\"plan\",\"file\":\"relative\"}",
		"error", "plan needs the absolute path of a file");
	assert_answer(&d, "{\"command\":\"plan\",\"file\":\"/nowhere\"}",
		"error", "no such configuration file");
	/* Nor does it use up a number. */
	answer = driver_ask(&d, RELOAD);
	assert_int_equal(json_int(answer, "generation"), 2);
	json_object_put(answer);
	answer = driver_ask(&d, PLAN);
	json_object_put(answer);
	answer = driver_ask(&d, RELOAD);
	assert_int_equal(json_int(answer, "generation"), 3);
	json_object_put(answer);
	assert_generations(&d, 3);
	driver_stop(&d);
	driver_close(&d);
}

/* The supervisor's own affairs are in it, too. */
static void test_a_plan_names_what_is_the_supervisor_s(void **state)
{
	static const char *const wanted[] = { "role_timeout: 3 s",
		"process vrrp: real-time priority 9",
		"process supervisor: name boss",
		"net_namespace: stays until the daemon is restarted" };
	struct json_object *answer;
	struct json_object *plan;
	struct driver d;
	size_t found = 0;
	size_t i;
	size_t k;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	driver_write(&d, "net_namespace other\n"
			 "global_defs {\nrole_timeout 3\n"
			 "vrrp_rt_priority 9\nprocess_name boss\n}\n");
	answer = driver_ask(&d, PLAN);
	plan = json_at(answer, "plan");
	for (i = 0; plan && i < json_object_array_length(plan); i++) {
		struct json_object *entry = json_object_array_get_idx(plan, i);
		char line[128];

		if (strcmp(json_text(entry, "role"), "supervisor") != 0)
			continue;
		snprintf(line, sizeof(line), "%s: %s",
			json_text(entry, "subject"),
			json_text(entry, "detail"));
		for (k = 0; k < 4; k++)
			found += !strcmp(line, wanted[k]);
	}
	assert_int_equal(found, 4);
	json_object_put(answer);
	json_object_put(driver_ask(&d, RELOAD));
	assert_true(driver_log_has(&d, "net_namespace stays as it was"));
	driver_stop(&d);
	driver_close(&d);
}

static void test_one_role_that_refuses_keeps_the_old_generation_everywhere(
	void **state)
{
	struct json_object *answer;
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	driver_write(&d, PLAIN "fake ipvs refuse\n");
	answer = driver_ask(&d, RELOAD);
	assert_string_equal(json_text(answer, "ok"), "false");
	assert_string_equal(json_text(answer, "error"), "ipvs: told to refuse");
	assert_string_equal(json_text(answer, "role"), "ipvs");
	json_object_put(answer);
	assert_generations(&d, 1);
	/* And the next good one goes through. */
	driver_write(&d, PLAIN);
	assert_answer(&d, RELOAD, "ok", "true");
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_broken_file_is_refused_with_its_place(void **state)
{
	struct json_object *answer;
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	driver_write(&d, PLAIN "nonsense 1\n");
	answer = driver_ask(&d, RELOAD);
	assert_string_equal(json_text(answer, "ok"), "false");
	assert_int_equal(json_int(answer, "diagnostics.0.line"), 4);
	assert_string_equal(
		json_text(answer, "diagnostics.0.keyword"), "nonsense");
	assert_string_equal(
		json_text(answer, "diagnostics.0.source"), "nonsense 1");
	assert_int_equal(json_int(answer, "diagnostics.0.length"), 8);
	json_object_put(answer);
	assert_generations(&d, 1);
	/* What runs is not what the file says, until a reload is taken. */
	answer = driver_status(&d);
	assert_non_null(strstr(json_text(answer, "problems.0"),
		"generation 1 stays: the configuration has errors"));
	json_object_put(answer);
	driver_write(&d, PLAIN);
	json_object_put(driver_ask(&d, RELOAD));
	answer = driver_status(&d);
	assert_null(json_at(answer, "problems.0"));
	json_object_put(answer);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_role_that_dies_while_preparing_aborts_the_reload(
	void **state)
{
	struct driver d;
	pid_t old;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	old = driver_role_pid(&d, "vrrp");
	driver_write(&d, PLAIN "fake vrrp die-in-prepare\n");
	assert_answer(&d, RELOAD, "error", "vrrp: died while preparing");
	assert_true(driver_role_replaced(&d, "vrrp", old, DRIVER_WAIT_MS));
	assert_generations(&d, 1);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_role_that_dies_while_committing_joins_the_new_generation(
	void **state)
{
	struct driver d;
	pid_t old;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	old = driver_role_pid(&d, "vrrp");
	driver_write(&d, PLAIN "fake vrrp die-in-commit\n");
	assert_answer(&d, RELOAD, "ok", "true");
	assert_true(driver_role_replaced(&d, "vrrp", old, DRIVER_WAIT_MS));
	assert_generations(&d, 2);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_role_that_dies_during_a_reload_from_outside(void **state)
{
	struct json_object *answer;
	struct driver d;
	int64_t generation;
	pid_t old;
	int fd;

	(void)state;
	driver_open(&d, PLAIN "fake ipvs slow-prepare\n");
	driver_start(&d);
	old = driver_role_pid(&d, "runner");
	fd = driver_connect(&d);
	assert_true(dprintf(fd, RELOAD "\n") > 0);
	/* The second time: the first was the start. */
	driver_wait_log(&d, "prepares slowly", 2);
	process_signal(old, SIGKILL);
	assert_true(driver_role_replaced(&d, "runner", old, DRIVER_WAIT_MS));
	close(fd);
	generation = driver_generation(&d);
	assert_generations(&d, generation);
	answer = driver_ask(&d, RELOAD);
	assert_string_equal(json_text(answer, "ok"), "true");
	json_object_put(answer);
	driver_stop(&d);
	driver_close(&d);
}

static void test_reloads_during_a_reload_become_one(void **state)
{
	struct driver d;
	int fds[6];
	char c;
	int i;

	(void)state;
	driver_open(&d, PLAIN "fake ipvs slow-commit\n");
	driver_start(&d);
	for (i = 0; i < 6; i++) {
		fds[i] = driver_connect(&d);
		assert_true(dprintf(fds[i], RELOAD "\n") > 0);
		if (i == 0)
			driver_sync(&d);
	}
	for (i = 0; i < 6; i++) {
		assert_int_equal(read(fds[i], &c, 1), 1);
		assert_int_equal(c, '{');
		close(fds[i]);
	}
	assert_generations(&d, 3);
	driver_stop(&d);
	driver_close(&d);
}

/* The answer to what was asked at FD. */
static void assert_told(int fd, const char *text)
{
	char answer[512] = "";

	assert_true(read(fd, answer, sizeof(answer) - 1) > 0);
	assert_non_null(strstr(answer, text));
	close(fd);
}

static void test_who_waits_for_a_reload_is_told_of_a_stop(void **state)
{
	struct driver d;
	int reload;
	int plan;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	driver_write(&d, PLAIN "fake ipvs slow-prepare\n");
	reload = driver_connect(&d);
	assert_true(dprintf(reload, RELOAD "\n") > 0);
	plan = driver_connect(&d);
	assert_true(dprintf(plan, PLAN "\n") > 0);
	driver_sync(&d);
	process_signal(d.pid, SIGTERM);
	assert_told(reload, "the daemon stops");
	assert_told(plan, "the daemon stops");
	assert_int_equal(driver_wait(&d), 0);
	driver_close(&d);
}

static void test_sighup_reloads(void **state)
{
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	process_signal(d.pid, SIGHUP);
	driver_wait_generation(&d, 2);
	assert_generations(&d, 2);
	driver_stop(&d);
	driver_close(&d);
}

/* --- the socket --- */

static void test_requests_that_are_none_get_an_error(void **state)
{
	static const char *const lines[] = { "", "x", "{", "[]", "1", "\"a\"",
		"{}", "{\"command\":1}", "{\"command\":\"dance\"}",
		"{\"command\":\"show\"}",
		"{\"command\":\"show\",\"what\":\"secrets\"}",
		"{\"command\":\"explain\"}",
		"{\"command\":\"explain\",\"subject\":\"nobody\"}" };
	struct driver d;
	size_t i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct json_object *answer = driver_ask(&d, lines[i]);

		assert_non_null(answer);
		assert_true(*json_text(answer, "error"));
		json_object_put(answer);
	}
	assert_true(driver_generation(&d) == 1);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_request_that_is_too_long_is_refused(void **state)
{
	static char big[70000];
	struct driver d;
	char answer[128];
	ssize_t n;
	int fd;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	memset(big, 'x', sizeof(big));
	fd = driver_connect(&d);
	send(fd, big, sizeof(big), MSG_NOSIGNAL | MSG_DONTWAIT);
	n = recv(fd, answer, sizeof(answer) - 1, 0);
	if (n > 0) {
		answer[n] = '\0';
		assert_non_null(strstr(answer, "too long"));
	}
	close(fd);
	assert_true(driver_generation(&d) == 1);
	driver_stop(&d);
	driver_close(&d);
}

/* A configuration that takes a while to print. */
static void open_with_much_to_show(struct driver *d)
{
	static const char line[] = "fake vrrp nothing\n";
	char *config = x_calloc(1, sizeof(PLAIN) + 40000 * sizeof(line));
	char *end = config;
	int i;

	end += sprintf(end, "%s", PLAIN);
	for (i = 0; i < 40000; i++)
		end += sprintf(end, "%s", line);
	driver_open(d, config);
	x_free(config);
}

/* Each of the 30 took a worker, and 16 were all that there were. */
static void test_who_asks_for_the_config_keeps_nobody_from_the_status(
	void **state)
{
	struct driver d;
	int fds[30];
	int i;

	(void)state;
	open_with_much_to_show(&d);
	driver_start(&d);
	for (i = 0; i < 30; i++)
		fds[i] = driver_connect(&d);
	for (i = 0; i < 30; i++)
		assert_true(dprintf(fds[i], "{\"command\":\"show\","
					    "\"what\":\"config\"}\n") > 0);
	assert_generations(&d, 1);
	for (i = 0; i < 30; i++)
		assert_told(fds[i], "role_timeout");
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_client_in_pieces_or_half_closed_is_served(void **state)
{
	static const char line[] = "{\"command\":\"status\"}";
	struct driver d;
	char c = 0;
	size_t i;
	int fd;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	fd = driver_connect(&d);
	for (i = 0; i < sizeof(line) - 1; i++) {
		assert_int_equal(write(fd, &line[i], 1), 1);
		sleep_ms(2);
	}
	shutdown(fd, SHUT_WR);
	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(c, '{');
	close(fd);
	driver_stop(&d);
	driver_close(&d);
}

/* A client that has the places of others only. */
static int connect_as(const struct driver *d, uid_t uid)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/control.sock", d->run_dir);
	assert_int_equal(chmod(d->dir, 0755), 0);
	assert_int_equal(chmod(d->run_dir, 0755), 0);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(seteuid(uid), 0);
	fd = driver_connect(d);
	assert_int_equal(seteuid(0), 0);
	return fd;
}

static void assert_refused(int fd)
{
	char text[64] = "";

	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "too many clients"));
}

/* What one too many has asked already makes no reset of the answer. */
static void assert_refusal_is_whole(const struct driver *d)
{
	static const char line[] = "{\"command\":\"status\"}\n";
	char text[128] = "";
	size_t len = 0;
	ssize_t n;
	int fd;

	assert_int_equal(kill(d->pid, SIGSTOP), 0);
	fd = driver_connect(d);
	assert_int_equal(write(fd, line, strlen(line)), strlen(line));
	assert_int_equal(kill(d->pid, SIGCONT), 0);
	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	assert_string_equal(
		text, "{\"error\":\"too many clients: try again\"}\n");
	close(fd);
}

/* Connections are accepted in their order: no wait is needed. */
static void test_idle_clients_hold_nobody_up_and_too_many_are_told(void **state)
{
	struct driver d;
	int fds[41];
	int i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < 40; i++)
		fds[i] = driver_connect(&d);
	fds[40] = driver_connect(&d);
	assert_refused(fds[40]);
	assert_refusal_is_whole(&d);
	for (i = 0; i < 41; i++)
		close(fds[i]);
	driver_wait_generation(&d, 1);
	driver_stop(&d);
	driver_close(&d);
}

static void test_many_clients_of_the_group_do_not_shut_root_out(void **state)
{
	struct driver d;
	int fds[33];
	int i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < 33; i++)
		fds[i] = connect_as(&d, (uid_t)(65500 + i / 8));
	assert_refused(fds[32]);
	assert_true(driver_generation(&d) == 1);
	for (i = 0; i < 33; i++)
		close(fds[i]);
	driver_stop(&d);
	driver_close(&d);
}

static void test_one_user_cannot_take_the_places_of_others(void **state)
{
	struct driver d;
	int fds[9];
	int other;
	int i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < 9; i++)
		fds[i] = connect_as(&d, 65500);
	assert_refused(fds[8]);
	other = connect_as(&d, 65501);
	assert_true(dprintf(other, "{\"command\":\"status\"}\n") > 0);
	assert_told(other, "\"generation\":1");
	/* A place that was left is free again. */
	for (i = 0; i < 9; i++)
		close(fds[i]);
	driver_sync(&d);
	fds[0] = connect_as(&d, 65500);
	assert_true(dprintf(fds[0], "{\"command\":\"status\"}\n") > 0);
	assert_told(fds[0], "\"generation\":1");
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_client_that_leaves_while_it_waits_harms_nobody(void **state)
{
	struct driver d;
	int i;

	(void)state;
	driver_open(&d, PLAIN "fake ipvs slow-commit\n");
	driver_start(&d);
	for (i = 0; i < 5; i++) {
		int fd = driver_connect(&d);

		assert_true(dprintf(fd, RELOAD "\n") > 0);
		close(fd);
	}
	/* Done when all that were asked for before are. */
	assert_answer(&d, RELOAD, "ok", "true");
	assert_generations(&d, driver_generation(&d));
	driver_stop(&d);
	driver_close(&d);
}

/* As another user, with the socket opened to all: may read, not change. */
static int ask_as_nobody(const struct driver *d)
{
	struct json_object *read_answer;
	struct json_object *reload_answer;
	bool ok;

	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 1;
	read_answer = driver_status(d);
	reload_answer = driver_ask(d, RELOAD);
	ok = read_answer && !*json_text(read_answer, "error") &&
	     !strcmp(json_text(reload_answer, "error"), "permission denied");
	return ok ? 0 : 2;
}

static void test_others_may_read_but_not_change(void **state)
{
	struct driver d;
	char path[128];
	struct stat st;
	int status;
	pid_t pid;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	snprintf(path, sizeof(path), "%s/control.sock", d.run_dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(chmod(path, 0666), 0);
	pid = fork();
	if (pid == 0)
		_exit(ask_as_nobody(&d));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(driver_generation(&d), 1);
	driver_stop(&d);
	driver_close(&d);
}

static void test_show_gives_the_part_that_was_asked_for(void **state)
{
	struct json_object *answer;
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN "fake vrrp  \"two words\"\n");
	driver_start(&d);
	answer = driver_ask(&d, "{\"command\":\"show\",\"what\":\"config\"}");
	assert_non_null(strstr(json_text(answer, "text"), "role_timeout 1\n"));
	assert_non_null(
		strstr(json_text(answer, "text"), "fake vrrp \"two words\"\n"));
	assert_string_equal(
		json_text(answer, "config.0.keyword"), "global_defs");
	assert_int_equal(json_int(answer, "config.0.children.0.line"), 2);
	json_object_put(answer);
	answer = driver_ask(&d, "{\"command\":\"show\",\"what\":\"config\","
				"\"origin\":true,\"defaults\":true}");
	assert_non_null(strstr(json_text(answer, "text"), ":2\n"));
	assert_non_null(strstr(json_text(answer, "text"), " (default)\n"));
	json_object_put(answer);
	answer = driver_ask(&d, "{\"command\":\"show\",\"what\":\"log\"}");
	assert_true(json_object_array_length(json_at(answer, "log")) >= 5);
	assert_string_equal(json_text(answer, "log.0.role"), "supervisor");
	assert_null(json_at(answer, "roles"));
	json_object_put(answer);
	answer = driver_ask(&d, "{\"command\":\"show\",\"what\":\"vrrp\"}");
	assert_non_null(json_at(answer, "vrrp"));
	assert_null(json_at(answer, "services"));
	json_object_put(answer);
	driver_stop(&d);
	driver_close(&d);
}

/* --- files and exit codes --- */

static void test_signals_write_dumps_for_root_alone(void **state)
{
	static const struct {
		int signo;
		const char *name;
	} dumps[] = { { SIGUSR1, "tandem.data" }, { SIGUSR2, "tandem.stats" },
		{ 0, "tandem.json" } };
	struct driver d;
	size_t i;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	for (i = 0; i < 3; i++) {
		struct stat st = { .st_mode = 0 };
		char path[128];
		int64_t deadline = now_ms() + DRIVER_WAIT_MS;

		snprintf(path, sizeof(path), "%s/%s", d.run_dir, dumps[i].name);
		process_signal(
			d.pid, dumps[i].signo ? dumps[i].signo : SIGRTMIN + 2);
		while (stat(path, &st) < 0 && now_ms() < deadline)
			sleep_ms(5);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	driver_stop(&d);
	driver_close(&d);
}

static int exit_code_of(const char *config, const char *option)
{
	struct driver d;
	int code;

	driver_open(&d, config);
	driver_spawn(&d, option);
	code = driver_wait(&d);
	driver_close(&d);
	return code;
}

static void test_exit_codes_are_those_of_the_contract(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of(PLAIN, "-t"), 0);
	assert_int_equal(exit_code_of(PLAIN "nonsense\n", "-t"), 5);
	assert_int_equal(exit_code_of(PLAIN, "-t/nowhere"), 4);
	assert_int_equal(exit_code_of(PLAIN "nonsense\n", NULL), 2);
	assert_int_equal(exit_code_of(PLAIN, "-f/nowhere"), 6);
	assert_int_equal(exit_code_of(PLAIN "fake vrrp refuse\n", NULL), 2);
	assert_int_equal(exit_code_of(PLAIN, "--no-such-option"), 1);
	assert_int_equal(exit_code_of(PLAIN, "--version"), 0);
}

static void test_lenient_runs_what_has_errors(void **state)
{
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN "nonsense\n");
	driver_spawn(&d, "--lenient");
	assert_true(driver_wait_ready(&d, DRIVER_WAIT_MS));
	assert_int_equal(driver_stop(&d), 0);
	driver_close(&d);
}

static void test_a_second_supervisor_is_refused(void **state)
{
	struct driver second;
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN);
	driver_start(&d);
	second = d;
	second.pid = 0;
	driver_spawn(&second, NULL);
	assert_int_equal(driver_wait(&second), 1);
	assert_true(driver_log_has(&d, "tandemd runs already"));
	assert_generations(&d, 1);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_runtime_directory_of_others_is_refused(void **state)
{
	struct driver d;

	(void)state;
	driver_open(&d, PLAIN);
	assert_int_equal(mkdir(d.run_dir, 0755), 0);
	assert_int_equal(chmod(d.run_dir, 0777), 0);
	driver_spawn(&d, NULL);
	assert_int_equal(driver_wait(&d), 1);
	driver_close(&d);

	driver_open(&d, PLAIN);
	assert_int_equal(symlink("/tmp", d.run_dir), 0);
	driver_spawn(&d, NULL);
	assert_int_equal(driver_wait(&d), 1);
	driver_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		driver_test(test_a_reload_reaches_all_roles),
		driver_test(test_a_plan_changes_nothing),
		driver_test(test_a_plan_names_what_is_the_supervisor_s),
		driver_test(
			test_one_role_that_refuses_keeps_the_old_generation_everywhere),
		driver_test(test_a_broken_file_is_refused_with_its_place),
		driver_test(
			test_a_role_that_dies_while_preparing_aborts_the_reload),
		driver_test(
			test_a_role_that_dies_while_committing_joins_the_new_generation),
		driver_test(
			test_a_role_that_dies_during_a_reload_from_outside),
		driver_test(test_reloads_during_a_reload_become_one),
		driver_test(test_who_waits_for_a_reload_is_told_of_a_stop),
		driver_test(test_sighup_reloads),
		driver_test(test_requests_that_are_none_get_an_error),
		driver_test(test_a_request_that_is_too_long_is_refused),
		driver_test(
			test_who_asks_for_the_config_keeps_nobody_from_the_status),
		driver_test(
			test_a_client_in_pieces_or_half_closed_is_served),
		driver_test(
			test_idle_clients_hold_nobody_up_and_too_many_are_told),
		driver_test(
			test_many_clients_of_the_group_do_not_shut_root_out),
		driver_test(test_one_user_cannot_take_the_places_of_others),
		driver_test(
			test_a_client_that_leaves_while_it_waits_harms_nobody),
		driver_test(test_others_may_read_but_not_change),
		driver_test(test_show_gives_the_part_that_was_asked_for),
		driver_test(test_signals_write_dumps_for_root_alone),
		driver_test(test_exit_codes_are_those_of_the_contract),
		driver_test(test_lenient_runs_what_has_errors),
		driver_test(test_a_second_supervisor_is_refused),
		driver_test(test_a_runtime_directory_of_others_is_refused),
	};

	if (geteuid() != 0)
		return SKIP;
	driver_guard();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
