/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole role, from a generation to what ipvs is told.  Roles are forked
 * before threads are made: a lock that one of these holds then, of malloc or
 * OpenSSL, would never be given back in the child.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "healthcheck/check_store.h"
#include "lib/timeutil.h"
#include "tests/unit/check-harness.h"
#include "tests/unit/check-probe-servers.h"

/* Quick enough to wait for, and a first check at once. */
#define FAST " delay_loop 0.1\n warmup 0\n delay_before_retry 0.05\n"
/* So slow that nothing runs twice in a test. */
#define ONCE " delay_loop 1000\n warmup 0\n"
#define TCP "  TCP_CHECK {\n  }\n"

struct expected {
	unsigned int server;
	unsigned int check;
	enum check_state state;
};

static bool has_state(struct harness *h, const void *arg)
{
	const struct expected *e = arg;
	const struct msg_check_state *s =
		harness_state(h, e->server, e->check);

	return s && s->state == e->state;
}

static void wait_state(
	struct harness *h, unsigned int server, enum check_state state)
{
	const struct expected e = { .server = server, .state = state };

	harness_wait(h, has_state, &e);
}

static bool has_snapshots(struct harness *h, const void *arg)
{
	return h->n_snapshots >= *(const unsigned int *)arg;
}

static void wait_snapshots(struct harness *h, unsigned int n)
{
	harness_wait(h, has_snapshots, &n);
}

static bool has_runs(struct harness *h, const void *arg)
{
	return h->n_runs >= *(const size_t *)arg;
}

static void wait_runs(struct harness *h, size_t n)
{
	harness_wait(h, has_runs, &n);
}

static bool has_checkpoint(struct harness *h, const void *arg)
{
	const struct harness_checkpoint *cp;

	(void)arg;
	for (cp = h->checkpoints; cp; cp = cp->next)
		if (cp->len)
			return true;
	return false;
}

/* One service with two servers: PORT, and one where nobody listens. */
static const char *two_servers(
	char *buf, size_t size, const char *words, uint16_t port, uint16_t dead)
{
	snprintf(buf, size,
		"virtual_server 192.0.2.1 80 {\n%s"
		" real_server 127.0.0.1 %u {\n" TCP " }\n"
		" real_server 127.0.0.1 %u {\n" TCP " }\n}\n",
		words, (unsigned int)port, (unsigned int)dead);
	return buf;
}

static const char *one_server(char *buf, size_t size, const char *words,
	uint16_t port, const char *check)
{
	snprintf(buf, size,
		"virtual_server 192.0.2.1 80 {\n%s"
		" real_server 127.0.0.1 %u {\n%s }\n}\n",
		words, (unsigned int)port, check);
	return buf;
}

static void test_states_are_told_by_node(void **state)
{
	struct server server = { .text = NULL };
	struct harness h;
	char text[1024];

	(void)state;
	harness_start(&h);
	server_start(&server, serve_close);
	harness_load(&h, 1,
		two_servers(text, sizeof(text), FAST, server.port,
			unused_port()));
	wait_snapshots(&h, 1);
	wait_state(&h, 0, CHECK_STATE_UP);
	wait_state(&h, 1, CHECK_STATE_DOWN);
	assert_int_equal(harness_state(&h, 0, 0)->reason, REASON_CHECK_OK);
	assert_int_equal(
		harness_state(&h, 1, 0)->reason, REASON_CHECK_REFUSED);
	assert_int_equal(h.states_generation, 1);
	assert_true(h.ready);
	harness_stop(&h);
	server_stop(&server);
}

static void test_a_server_that_dies_goes_down_and_comes_back(void **state)
{
	struct server server = { .text = NULL };
	struct harness h;
	char text[1024];
	uint16_t port;

	(void)state;
	harness_start(&h);
	server_start(&server, serve_close);
	port = server.port;
	harness_load(&h, 1,
		one_server(text, sizeof(text), FAST " retry 2\n", port, TCP));
	wait_state(&h, 0, CHECK_STATE_UP);
	server_stop(&server);
	wait_state(&h, 0, CHECK_STATE_DOWN);
	assert_int_equal(
		harness_state(&h, 0, 0)->reason, REASON_CHECK_REFUSED);
	server_start_at(&server, port, serve_close);
	wait_state(&h, 0, CHECK_STATE_UP);
	harness_stop(&h);
	server_stop(&server);
}

static bool has_accepted(struct harness *h, const void *arg)
{
	const struct server *server = arg;

	(void)h;
	return server->accepted > 0;
}

static void test_equal_checks_run_once(void **state)
{
	struct server server = { .text = NULL };
	struct harness h;
	char text[2048];

	(void)state;
	harness_start(&h);
	server_start(&server, serve_close);
	snprintf(text, sizeof(text),
		"virtual_server 192.0.2.1 80 {\n" ONCE
		" real_server 127.0.0.1 %u {\n" TCP " }\n}\n"
		"virtual_server fwmark 5 {\n" ONCE
		" real_server 127.0.0.1 %u {\n" TCP TCP " }\n}\n",
		(unsigned int)server.port, (unsigned int)server.port);
	harness_load(&h, 1, text);
	wait_state(&h, 0, CHECK_STATE_UP);
	wait_state(&h, 1, CHECK_STATE_UP);
	assert_non_null(harness_state(&h, 1, 1));
	assert_int_equal(h.n_states, 3);
	/* The server may learn of the connection after us. */
	harness_wait(&h, has_accepted, &server);
	assert_int_equal(server.accepted, 1);
	harness_stop(&h);
	server_stop(&server);
}

static void test_a_reload_keeps_what_is_the_same(void **state)
{
	struct server server = { .text = NULL };
	struct harness h;
	char text[2048];
	char more[2100];

	(void)state;
	harness_start(&h);
	server_start(&server, serve_close);
	one_server(text, sizeof(text), ONCE, server.port, TCP);
	harness_load(&h, 1, text);
	wait_state(&h, 0, CHECK_STATE_UP);
	/* The same, at another node. */
	snprintf(more, sizeof(more), "SSL {\n ca /x\n}\n%s", text);
	harness_load(&h, 2, more);
	assert_int_equal(json_object_array_length(h.plan), 0);
	wait_snapshots(&h, 2);
	assert_int_equal(h.states_generation, 2);
	assert_non_null(harness_state(&h, 0, 0));
	assert_int_equal(harness_state(&h, 0, 0)->state, CHECK_STATE_UP);
	harness_pause(&h, 50 * USEC_PER_MSEC);
	assert_int_equal(server.accepted, 1);
	harness_stop(&h);
	server_stop(&server);
}

static void expect_plan(const struct harness *h, size_t n, const char *action)
{
	struct json_object *step;
	struct json_object *value;

	assert_int_equal(json_object_array_length(h->plan), n);
	step = json_object_array_get_idx(h->plan, 0);
	assert_true(json_object_object_get_ex(step, "action", &value));
	assert_string_equal(json_object_get_string(value), action);
}

/* A server that is down must not come up because its check was edited. */
static void test_an_edited_check_keeps_its_verdict(void **state)
{
	struct harness h;
	char text[2048];
	uint16_t dead = unused_port();

	(void)state;
	harness_start(&h);
	harness_load(&h, 1, one_server(text, sizeof(text), ONCE, dead, TCP));
	wait_state(&h, 0, CHECK_STATE_DOWN);
	harness_load(&h, 2,
		one_server(text, sizeof(text), ONCE, dead,
			"  TCP_CHECK {\n   retry 7\n  }\n"));
	expect_plan(&h, 1, "edit");
	wait_snapshots(&h, 2);
	assert_int_equal(harness_state(&h, 0, 0)->state, CHECK_STATE_DOWN);
	harness_load(&h, 3,
		one_server(text, sizeof(text), ONCE, dead,
			"  TCP_CHECK {\n   bindto 127.0.0.5\n  }\n"));
	expect_plan(&h, 1, "edit");
	wait_snapshots(&h, 3);
	assert_int_equal(harness_state(&h, 0, 0)->state, CHECK_STATE_DOWN);
	harness_load(&h, 4, "virtual_server 192.0.2.1 80 {\n}\n");
	expect_plan(&h, 1, "remove");
	harness_stop(&h);
}

static void test_an_abort_changes_nothing(void **state)
{
	struct server server = { .text = NULL };
	struct harness h;
	char text[1024];

	(void)state;
	harness_start(&h);
	server_start(&server, serve_close);
	harness_load(&h, 1,
		one_server(text, sizeof(text), FAST, server.port, TCP));
	wait_state(&h, 0, CHECK_STATE_UP);
	harness_prepare(&h, 2,
		one_server(text, sizeof(text), FAST, unused_port(), TCP));
	harness_abort(&h);
	harness_pause(&h, 300 * USEC_PER_MSEC);
	assert_int_equal(h.states_generation, 1);
	assert_int_equal(h.n_states, 1);
	assert_int_equal(h.states[0].state, CHECK_STATE_UP);
	harness_stop(&h);
	server_stop(&server);
}

/* Many reloads while checks run: none is lost, none starves. */
static void test_reloads_do_not_starve_checks(void **state)
{
	struct server server = { .text = NULL };
	struct harness h;
	char text[1024];
	uint32_t i;
	int before;

	(void)state;
	harness_start(&h);
	server_start(&server, serve_close);
	one_server(text, sizeof(text),
		" delay_loop 0.1\n warmup 0.1\n", server.port, TCP);
	harness_load(&h, 1, text);
	wait_state(&h, 0, CHECK_STATE_UP);
	before = server.accepted;
	for (i = 2; i < 22; i++) {
		harness_load(&h, i, text);
		harness_pause(&h, 30 * USEC_PER_MSEC);
	}
	assert_true(server.accepted - before >= 3);
	harness_stop(&h);
	server_stop(&server);
}

/* The script is answered once, before the role is killed. */
static void test_a_killed_role_remembers(void **state)
{
	static const char check[] =
		"  MISC_CHECK {\n   misc_path \"/bin/x\"\n  }\n";
	struct harness h;
	char text[1024];

	(void)state;
	harness_start(&h);
	one_server(text, sizeof(text), ONCE, 80, check);
	harness_load(&h, 1, text);
	wait_runs(&h, 1);
	harness_answer_run(&h, 0, RUN_EXITED, 1);
	wait_state(&h, 0, CHECK_STATE_DOWN);
	harness_wait(&h, has_checkpoint, NULL);
	harness_restart(&h);
	harness_load(&h, 1, text);
	wait_snapshots(&h, 1);
	assert_int_equal(h.n_states, 1);
	assert_int_equal(harness_state(&h, 0, 0)->state, CHECK_STATE_DOWN);
	assert_int_equal(
		harness_state(&h, 0, 0)->reason, REASON_CHECK_SCRIPT_FAILED);
	harness_stop(&h);
}

static void test_ipvs_is_told_everything_when_it_comes_back(void **state)
{
	struct server server = { .text = NULL };
	struct harness h;
	char text[1024];

	(void)state;
	harness_start(&h);
	server_start(&server, serve_close);
	harness_load(&h, 1,
		two_servers(text, sizeof(text), ONCE, server.port,
			unused_port()));
	wait_state(&h, 0, CHECK_STATE_UP);
	wait_state(&h, 1, CHECK_STATE_DOWN);
	harness_disconnect(&h, ROLE_IPVS);
	h.n_states = 0;
	h.n_snapshots = 0;
	harness_connect(&h, ROLE_IPVS);
	wait_snapshots(&h, 1);
	assert_int_equal(h.n_states, 2);
	harness_stop(&h);
	server_stop(&server);
}

static void test_scripts_go_to_the_runner(void **state)
{
	static const char check[] = "  MISC_CHECK {\n"
				    "   misc_path \"/bin/x 1\"\n"
				    "   misc_timeout 3\n   misc_dynamic\n  }\n";
	struct harness h;
	char text[1024];

	(void)state;
	harness_start(&h);
	harness_load(&h, 1, one_server(text, sizeof(text), FAST, 80, check));
	wait_runs(&h, 1);
	assert_int_equal(h.runs[0].timeout_us, 3 * USEC_PER_SEC);
	assert_true(conf_node_is_script(h.tree, h.runs[0].node));
	harness_answer_run(&h, 0, RUN_EXITED, 12);
	wait_state(&h, 0, CHECK_STATE_UP);
	assert_int_equal(harness_state(&h, 0, 0)->weight, 10);
	wait_runs(&h, 2);
	harness_answer_run(&h, 1, RUN_EXITED, 1);
	wait_state(&h, 0, CHECK_STATE_DOWN);
	assert_int_equal(
		harness_state(&h, 0, 0)->reason, REASON_CHECK_SCRIPT_FAILED);
	/* A runner that dies says nothing about the server. */
	wait_runs(&h, 3);
	harness_answer_run(&h, 2, RUN_EXITED, 0);
	wait_state(&h, 0, CHECK_STATE_UP);
	/* Nor does a host that has no room for a process. */
	wait_runs(&h, 4);
	harness_answer_run(&h, 3, RUN_NOT_RUN, EAGAIN);
	wait_runs(&h, 5);
	harness_answer_run(&h, 4, RUN_NOT_RUN, EAGAIN);
	wait_runs(&h, 6);
	assert_int_equal(harness_state(&h, 0, 0)->state, CHECK_STATE_UP);
	harness_disconnect(&h, ROLE_RUNNER);
	harness_pause(&h, 300 * USEC_PER_MSEC);
	assert_int_equal(harness_state(&h, 0, 0)->state, CHECK_STATE_UP);
	harness_connect(&h, ROLE_RUNNER);
	wait_runs(&h, 7);
	/* One that is missing is no check that passed. */
	harness_answer_run(&h, 6, RUN_NOT_RUN, ENOENT);
	wait_state(&h, 0, CHECK_STATE_DOWN);
	harness_stop(&h);
}

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		fail_msg("no '%s' in %s", key,
			json_object_to_json_string(object));
	return value;
}

static struct json_object *status_check(
	struct harness *h, struct json_object *status, unsigned int server)
{
	char node[16];

	snprintf(node, sizeof(node), "%u", harness_server_node(h, server));
	return json_object_array_get_idx(
		get(get(status, "checks"), node), 0);
}

static void test_status_and_explain(void **state)
{
	struct server server = { .text = "HTTP/1.1 503 Busy\r\n\r\n" };
	struct json_object *answer;
	struct json_object *check;
	struct harness h;
	char text[1024];
	const char *lines;

	(void)state;
	harness_start(&h);
	server_start(&server, serve_text);
	h.lenient = true;
	harness_load(&h, 1,
		one_server(text, sizeof(text), ONCE, server.port,
			"  HTTP_GET {\n   url {\n    path /\n   }\n  }\n"
			"  LDAP_CHECK {\n  }\n"));
	wait_state(&h, 0, CHECK_STATE_DOWN);
	answer = harness_ask(&h, "{\"command\":\"status\"}");
	check = status_check(&h, answer, 0);
	assert_string_equal(
		json_object_get_string(get(check, "kind")), "HTTP_GET");
	assert_string_equal(
		json_object_get_string(get(check, "state")), "down");
	assert_string_equal(json_object_get_string(get(check, "reason")),
		"unexpected-status");
	assert_string_equal(json_object_get_string(get(check, "detail")),
		"HTTP/1.1 503 Busy");
	assert_true(json_object_get_double(get(check, "latency_ms")) > 0);
	assert_true(json_object_get_double(get(check, "last_run")) > 1e9);
	assert_non_null(strstr(json_object_get_string(get(answer, "problems")),
		"no checkers that are known; their servers stay down"));

	snprintf(text, sizeof(text),
		"{\"command\":\"explain\",\"subject\":\"real_server "
		"127.0.0.1:%u\"}",
		(unsigned int)server.port);
	answer = harness_ask(&h, text);
	lines = json_object_get_string(get(answer, "explain"));
	assert_non_null(strstr(lines, "HTTP\\/1.1 503 Busy"));
	assert_non_null(strstr(lines, "unknown -> down"));
	assert_non_null(strstr(lines, "test:5"));
	snprintf(text, sizeof(text),
		"{\"command\":\"explain\",\"subject\":\"real_server "
		"127.0.0.1 %u\"}",
		(unsigned int)server.port);
	answer = harness_ask(&h, text);
	assert_true(json_object_object_get_ex(answer, "explain", NULL));
	answer = harness_ask(&h,
		"{\"command\":\"explain\",\"subject\":\"real_server "
		"127.0.0.1 1\"}");
	assert_false(json_object_object_get_ex(answer, "explain", NULL));
	answer = harness_ask(&h,
		"{\"command\":\"explain\",\"subject\":\"127.0.0.1:1\"}");
	assert_false(json_object_object_get_ex(answer, "explain", NULL));
	answer = harness_ask(
		&h, "{\"command\":\"explain\",\"subject\":\"127.0.0.1\"}");
	assert_true(json_object_object_get_ex(answer, "explain", NULL));
	answer = harness_ask(
		&h, "{\"command\":\"explain\",\"subject\":\"HTTP_GET\"}");
	lines = json_object_get_string(get(answer, "explain"));
	assert_non_null(strstr(lines, "HTTP_GET 127.0.0.1"));
	assert_null(strstr(lines, "LDAP_CHECK"));
	answer = harness_ask(&h,
		"{\"command\":\"explain\",\"subject\":\"TCP_CHECK "
		"127.0.0.1\"}");
	assert_false(json_object_object_get_ex(answer, "explain", NULL));
	answer = harness_ask(&h, "{\"command\":\"explain\",\"subject\":7}");
	assert_false(json_object_object_get_ex(answer, "explain", NULL));
	answer = harness_ask(
		&h, "{\"command\":\"explain\",\"subject\":\"192.0.2.250\"}");
	assert_false(json_object_object_get_ex(answer, "explain", NULL));
	harness_stop(&h);
	server_stop(&server);
}

/* So many that they take several slices. */
static void test_a_long_status_is_whole(void **state)
{
	const size_t size = 1 << 20;
	char *text = calloc(1, size);
	struct json_object *checks;
	struct harness h;
	size_t len;
	int i;

	(void)state;
	assert_non_null(text);
	len = (size_t)snprintf(text, size,
		"virtual_server 192.0.2.1 80 {\n delay_loop 1000\n");
	for (i = 0; i < 5000; i++)
		len += (size_t)snprintf(text + len, size - len,
			" real_server 10.0.%d.%d 80 {\n" TCP " }\n",
			i / 250, i % 250);
	snprintf(text + len, size - len, "}\n");
	harness_start(&h);
	harness_load(&h, 1, text);
	checks = get(harness_ask(&h, "{\"command\":\"status\"}"), "checks");
	assert_int_equal(json_object_object_length(checks), 5000);
	checks = get(h.answer, "check_stats");
	assert_int_equal(json_object_get_int(get(checks, "checks")), 5000);
	harness_load(&h, 2, "virtual_server 192.0.2.1 80 {\n}\n");
	checks = get(harness_ask(&h, "{\"command\":\"status\"}"), "checks");
	assert_int_equal(json_object_object_length(checks), 0);
	harness_stop(&h);
	free(text);
}

static void test_a_mistyped_check_keeps_its_server_down(void **state)
{
	struct json_object *check;
	struct harness h;
	char text[1024];

	(void)state;
	harness_start(&h);
	h.lenient = true;
	harness_load(&h, 1,
		one_server(text, sizeof(text), "", 25,
			"  TCP_CHEK {\n  }\n"));
	wait_state(&h, 0, CHECK_STATE_DOWN);
	assert_int_equal(
		harness_state(&h, 0, 0)->reason, REASON_CHECK_MISCONFIGURED);
	check = status_check(
		&h, harness_ask(&h, "{\"command\":\"status\"}"), 0);
	assert_string_equal(json_object_get_string(get(check, "detail")),
		"'TCP_CHEK' is no checker: did you mean 'TCP_CHECK'?");
	harness_stop(&h);
}

static void test_a_long_plan_only_counts(void **state)
{
	const size_t size = 1 << 20;
	struct json_object *last;
	struct harness h;
	char *text = malloc(size);
	size_t len = 0;
	int i;

	(void)state;
	assert_non_null(text);
	len += (size_t)snprintf(text, size,
		"virtual_server 192.0.2.1 80 {\n warmup 1000\n");
	for (i = 0; i < 1500; i++)
		len += (size_t)snprintf(text + len, size - len,
			" real_server 10.0.%d.%d 80 {\n" TCP " }\n", i / 250,
			i % 250 + 1);
	snprintf(text + len, size - len, "}\n");
	harness_start(&h);
	harness_load(&h, 1, text);
	assert_int_equal(json_object_array_length(h.plan), 1001);
	last = json_object_array_get_idx(h.plan, 1000);
	assert_string_equal(json_object_get_string(get(last, "subject")),
		"500 more checks");
	harness_stop(&h);
	free(text);
}

/* --- what this host says --- */

static bool has_weight(struct harness *h, const void *arg)
{
	const struct msg_check_state *s = harness_state(h, 0, 0);

	return s && s->state == CHECK_STATE_UP && s->adds &&
		s->weight == *(const int32_t *)arg;
}

static void wait_weight(struct harness *h, int32_t weight)
{
	harness_wait(h, has_weight, &weight);
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_a_file_check_follows_its_file(void **state)
{
	char directory[] = "/tmp/tandem-file-check-XXXXXX";
	struct harness h;
	char path[64];
	char text[512];

	(void)state;
	assert_non_null(mkdtemp(directory));
	/* The role is not root. */
	assert_int_equal(chmod(directory, 0755), 0);
	snprintf(path, sizeof(path), "%s/number", directory);
	snprintf(text, sizeof(text),
		"track_file load {\n file %s\n weight -2\n}\n"
		"virtual_server 192.0.2.1 80 {\n" ONCE
		" real_server 127.0.0.1 80 {\n"
		"  FILE_CHECK {\n track_file load\n }\n }\n}\n",
		path);
	harness_start(&h);
	harness_load(&h, 1, text);
	/* No file is a 0; then each change counts at once. */
	wait_weight(&h, 0);
	write_text(path, "7\n");
	wait_weight(&h, -14);
	write_text(path, "-3\n");
	wait_weight(&h, 6);
	/* Without a weight the number means up or down. */
	snprintf(text, sizeof(text),
		"track_file load {\n file %s\n weight 0\n}\n"
		"virtual_server 192.0.2.1 80 {\n" ONCE
		" real_server 127.0.0.1 80 {\n"
		"  FILE_CHECK {\n track_file load\n }\n }\n}\n",
		path);
	harness_load(&h, 2, text);
	wait_state(&h, 0, CHECK_STATE_DOWN);
	assert_int_equal(harness_state(&h, 0, 0)->reason, REASON_CHECK_FILE);
	write_text(path, "0\n");
	wait_state(&h, 0, CHECK_STATE_UP);
	harness_stop(&h);
	unlink(path);
	rmdir(directory);
}

/* Does the status speak of TEXT? */
static bool has_problem(struct harness *h, const char *text)
{
	struct json_object *status =
		harness_ask(h, "{\"command\": \"status\"}");

	return strstr(json_object_to_json_string(status), text) != NULL;
}

#define TWO_BFD_CHECKS                                                        \
	"bfd_instance leaf {\n}\nbfd_instance spine {\n}\n"                     \
	"virtual_server 192.0.2.1 80 {\n retry 3\n"                           \
	" real_server 127.0.0.1 80 {\n"                                       \
	"  BFD_CHECK {\n name leaf\n }\n }\n"                                \
	" real_server 127.0.0.1 81 {\n"                                       \
	"  BFD_CHECK {\n name leaf\n }\n }\n}\n"

/* A commit saves everything. */
static bool has_all_checkpoints(struct harness *h, const void *arg)
{
	const struct harness_checkpoint *cp;
	unsigned int n = 0;

	(void)arg;
	for (cp = h->checkpoints; cp; cp = cp->next)
		n++;
	return n == CHECK_STORE_BUCKETS;
}

static void test_a_bfd_check_follows_its_session(void **state)
{
	struct harness h;

	(void)state;
	harness_start(&h);
	harness_load(&h, 1, TWO_BFD_CHECKS);
	assert_true(has_problem(&h, "BFD_CHECK waits"));
	/* Nothing was said: nothing is known, and nobody tries. */
	harness_pause(&h, 50000);
	assert_null(harness_state(&h, 0, 0));
	harness_connect(&h, ROLE_VRRP);
	harness_tell_bfd(&h, "leaf", BFD_SESSION_UNKNOWN, "");
	harness_tell_bfd(&h, "spine", BFD_SESSION_DOWN, "");
	harness_tell_bfd(&h, "leaf", BFD_SESSION_UP, "");
	wait_state(&h, 0, CHECK_STATE_UP);
	wait_state(&h, 1, CHECK_STATE_UP);
	assert_false(has_problem(&h, "BFD_CHECK waits"));
	/* At once, whatever `retry` says for others. */
	harness_tell_bfd(
		&h, "leaf", BFD_SESSION_DOWN, "detection-time-expired");
	wait_state(&h, 0, CHECK_STATE_DOWN);
	wait_state(&h, 1, CHECK_STATE_DOWN);
	assert_int_equal(harness_state(&h, 0, 0)->reason, REASON_CHECK_BFD);
	assert_true(has_problem(&h, "detection-time-expired"));
	/* What was said holds while vrrp is away, and after a reload. */
	harness_disconnect(&h, ROLE_VRRP);
	harness_forget_checkpoints(&h);
	harness_load(&h, 2,
		TWO_BFD_CHECKS "virtual_server 192.0.2.2 80 {\n"
			       " real_server 127.0.0.1 82 {\n"
			       "  BFD_CHECK {\n name leaf\n }\n }\n}\n");
	wait_state(&h, 2, CHECK_STATE_DOWN);
	/* And is known to a successor, before vrrp speaks to it. */
	harness_wait(&h, has_all_checkpoints, NULL);
	harness_restart(&h);
	harness_load(&h, 3, TWO_BFD_CHECKS);
	wait_state(&h, 0, CHECK_STATE_DOWN);
	harness_connect(&h, ROLE_VRRP);
	harness_tell_bfd(&h, "leaf", BFD_SESSION_UP, "");
	wait_state(&h, 0, CHECK_STATE_UP);
	harness_stop(&h);
}

static struct json_object *first_check(
	struct json_object *status, unsigned int node)
{
	struct json_object *checks;
	struct json_object *list;
	char key[16];

	snprintf(key, sizeof(key), "%u", node);
	assert_true(json_object_object_get_ex(status, "checks", &checks));
	assert_true(json_object_object_get_ex(checks, key, &list));
	return json_object_array_get_idx(list, 0);
}

/* 203.0.113.0/24 is for documentation: on no host, let us hope. */
static void test_checks_rest_without_the_address_of_the_service(void **state)
{
	struct server server = { .text = NULL };
	struct json_object *status;
	struct harness h;
	char text[2048];

	(void)state;
	harness_start(&h);
	server_start(&server, serve_close);
	snprintf(text, sizeof(text),
		"virtual_server_group away {\n 203.0.113.0/24 80\n"
		" 203.0.113.1-9 81\n fwmark 4\n}\n"
		"virtual_server_group here {\n 203.0.113.1 80\n"
		" 127.0.0.0-127.0.0.9 80\n}\n"
		"virtual_server 203.0.113.1 80 {\n ha_suspend\n" FAST
		" real_server 127.0.0.1 %u {\n" TCP " }\n}\n"
		"virtual_server 127.0.0.1 80 {\n ha_suspend\n" FAST
		" delay_loop 0.2\n real_server 127.0.0.1 %u {\n" TCP " }\n}\n"
		"virtual_server group away {\n ha_suspend\n" FAST
		" delay_loop 0.3\n real_server 127.0.0.1 %u {\n" TCP " }\n}\n"
		"virtual_server group here {\n ha_suspend\n" FAST
		" delay_loop 0.4\n real_server 127.0.0.1 %u {\n" TCP " }\n}\n",
		(unsigned int)server.port, (unsigned int)server.port,
		(unsigned int)server.port, (unsigned int)server.port);
	harness_load(&h, 1, text);
	wait_state(&h, 1, CHECK_STATE_UP);
	wait_state(&h, 3, CHECK_STATE_UP);
	assert_null(harness_state(&h, 0, 0));
	assert_null(harness_state(&h, 2, 0));
	status = harness_ask(&h, "{\"command\":\"status\"}");
	assert_true(json_object_object_get_ex(
		first_check(status, harness_server_node(&h, 0)), "resting",
		NULL));
	assert_false(json_object_object_get_ex(
		first_check(status, harness_server_node(&h, 1)), "resting",
		NULL));
	/* A reload without the word wakes them. */
	snprintf(text, sizeof(text),
		"virtual_server 203.0.113.1 80 {\n" FAST
		" real_server 127.0.0.1 %u {\n" TCP " }\n}\n",
		(unsigned int)server.port);
	harness_load(&h, 2, text);
	wait_state(&h, 0, CHECK_STATE_UP);
	harness_stop(&h);
	server_stop(&server);
}

/* --- client certificates --- */

struct client_files {
	char directory[40];
	char server[64];
	char cert[64];
	char key[64];
	char other_key[64];
	char unused[64];
};

static void make_client_files(struct client_files *f)
{
	strcpy(f->directory, "/tmp/tandem-client-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->server, sizeof(f->server), "%s/server", f->directory);
	snprintf(f->cert, sizeof(f->cert), "%s/cert", f->directory);
	snprintf(f->key, sizeof(f->key), "%s/key", f->directory);
	snprintf(f->other_key, sizeof(f->other_key), "%s/other", f->directory);
	snprintf(f->unused, sizeof(f->unused), "%s/unused", f->directory);
	make_client(f->cert, f->key, "sesame");
	make_client(f->unused, f->other_key, NULL);
}

static void remove_client_files(const struct client_files *f)
{
	unlink(f->server);
	unlink(f->cert);
	unlink(f->key);
	unlink(f->other_key);
	unlink(f->unused);
	rmdir(f->directory);
}

/* The directory is closed to the role: what it needs came with the
 * generation. */
static void test_a_client_certificate_is_shown(void **state)
{
	struct server server = { .text = "HTTP/1.0 200 OK\r\n\r\n" };
	struct client_files f;
	struct harness h;
	char services[512];
	char text[1024];

	(void)state;
	make_client_files(&f);
	server.tls = make_tls("server", -60, 3600, f.server);
	SSL_CTX_set_verify(server.tls,
		SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	assert_int_equal(
		SSL_CTX_load_verify_file(server.tls, f.cert), 1);
	harness_start(&h);
	server_start(&server, serve_text_tls);
	one_server(services, sizeof(services), FAST " retry 1\n", server.port,
		"  SSL_GET {\n url {\n path /\n }\n }\n");
	harness_load(&h, 1, services);
	wait_state(&h, 0, CHECK_STATE_DOWN);
	snprintf(text, sizeof(text),
		"SSL {\n certificate %s\n key %s\n password sesame\n}\n%s",
		f.cert, f.key, services);
	harness_load(&h, 2, text);
	wait_state(&h, 0, CHECK_STATE_UP);
	/* A key that does not fit is refused, and nothing changes. */
	snprintf(text, sizeof(text), "SSL {\n certificate %s\n key %s\n}\n%s",
		f.cert, f.other_key, services);
	assert_int_equal(harness_try(&h, 3, text), -EINVAL);
	snprintf(text, sizeof(text),
		"SSL {\n certificate %s\n key %s\n password no\n}\n%s", f.cert,
		f.key, services);
	assert_int_equal(harness_try(&h, 4, text), -EINVAL);
	harness_stop(&h);
	server_stop(&server);
	remove_client_files(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states_are_told_by_node),
		cmocka_unit_test(
			test_a_server_that_dies_goes_down_and_comes_back),
		cmocka_unit_test(test_equal_checks_run_once),
		cmocka_unit_test(test_a_reload_keeps_what_is_the_same),
		cmocka_unit_test(test_an_edited_check_keeps_its_verdict),
		cmocka_unit_test(test_an_abort_changes_nothing),
		cmocka_unit_test(test_reloads_do_not_starve_checks),
		cmocka_unit_test(test_a_killed_role_remembers),
		cmocka_unit_test(
			test_ipvs_is_told_everything_when_it_comes_back),
		cmocka_unit_test(test_scripts_go_to_the_runner),
		cmocka_unit_test(test_a_file_check_follows_its_file),
		cmocka_unit_test(test_a_bfd_check_follows_its_session),
		cmocka_unit_test(
			test_checks_rest_without_the_address_of_the_service),
		cmocka_unit_test(test_a_client_certificate_is_shown),
		cmocka_unit_test(test_a_long_plan_only_counts),
		cmocka_unit_test(test_status_and_explain),
		cmocka_unit_test(test_a_long_status_is_whole),
		cmocka_unit_test(
			test_a_mistyped_check_keeps_its_server_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
