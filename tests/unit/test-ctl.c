/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program itself against a daemon that the test plays: what it asks,
 * what it shows, and its exit status. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"

#define PROGRAM "ctl/tandemctl"

struct fixture {
	char dir[64];
	pid_t server;
	int listener;
	char *out;
	char *err;
	int status;
};

enum behaviour {
	SERVE_ANSWER,
	SERVE_SILENCE, /* takes the question and never answers */
	SERVE_HANGUP,  /* at once */
};

static int setup(void **state)
{
	struct fixture *f = x_new(struct fixture, 1);

	strcpy(f->dir, "/tmp/tandem-ctl-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->listener = -1;
	*state = f;
	return 0;
}

static void stop_server(struct fixture *f)
{
	if (f->server) {
		kill(f->server, SIGKILL);
		waitpid(f->server, NULL, 0);
		f->server = 0;
	}
	if (f->listener >= 0)
		close(f->listener);
	f->listener = -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char *command = x_asprintf("rm -rf %s", f->dir);

	stop_server(f);
	assert_int_equal(system(command), 0);
	x_free(command);
	x_free(f->out);
	x_free(f->err);
	x_free(f);
	return 0;
}

static char *read_file(struct fixture *f, const char *name)
{
	char *path = x_asprintf("%s/%s", f->dir, name);
	char *text = x_calloc(1, 65536);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t n = read(fd, text, 65535);

		assert_true(n >= 0);
		close(fd);
	}
	x_free(path);
	return text;
}

/* One conversation: keeps the question in the file "question". */
static void serve(
	struct fixture *f, enum behaviour behaviour, const char *answer)
{
	char *path = x_asprintf("%s/question", f->dir);
	int fd = accept(f->listener, NULL, NULL);
	char line[4096];
	size_t len = 0;
	int out;

	if (behaviour == SERVE_HANGUP)
		_exit(0);
	while (len < sizeof(line) && (!len || line[len - 1] != '\n')) {
		ssize_t n = read(fd, line + len, sizeof(line) - len);

		if (n <= 0)
			_exit(1);
		len += (size_t)n;
	}
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (write(out, line, len - 1) < 0)
		_exit(1);
	if (behaviour == SERVE_SILENCE)
		pause();
	while (*answer) {
		ssize_t n = write(fd, answer, strlen(answer));

		if (n <= 0)
			_exit(1);
		answer += n;
	}
	_exit(0);
}

static void start_server(
	struct fixture *f, enum behaviour behaviour, const char *answer)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/control.sock",
		f->dir);
	stop_server(f);
	unlink(address.sun_path);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
		bind(f->listener,
			(const struct sockaddr *)(const void *)&address,
			sizeof(address)),
		0);
	assert_int_equal(listen(f->listener, 4), 0);
	f->server = fork();
	assert_true(f->server >= 0);
	if (f->server == 0)
		serve(f, behaviour, answer);
}

/* Runs the program with WORDS; its output and status are in F. */
static void ctl(struct fixture *f, const char *words)
{
	char *command = x_asprintf("%s --runtime-dir %s %s >%s/out 2>%s/err",
		PROGRAM, f->dir, words, f->dir, f->dir);
	int status = system(command);

	x_free(command);
	assert_true(WIFEXITED(status));
	f->status = WEXITSTATUS(status);
	x_free(f->out);
	x_free(f->err);
	f->out = read_file(f, "out");
	f->err = read_file(f, "err");
}

static void ask(struct fixture *f, const char *words, const char *answer)
{
	start_server(f, SERVE_ANSWER, answer);
	ctl(f, words);
}

static void assert_question(struct fixture *f, const char *expected)
{
	char *question = read_file(f, "question");

	assert_string_equal(question, expected);
	x_free(question);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

/* --- exit status --- */

static void test_no_daemon_is_status_3(void **state)
{
	struct fixture *f = *state;

	ctl(f, "status");
	assert_int_equal(f->status, 3);
	assert_has(f->err, "no daemon is running");
	assert_string_equal(f->out, "");
	/* A socket that nobody listens at any more. */
	start_server(f, SERVE_HANGUP, "");
	stop_server(f);
	ctl(f, "reload");
	assert_int_equal(f->status, 3);
}

static void test_wrong_usage_is_status_2(void **state)
{
	static const char *const wrong[] = {
		"",
		"no-such-command",
		"show",
		"show everything",
		"check",
		"status now",
		"--no-such-option status",
		"reload --json=yes",
		"explain",
		"plan a b",
		"--timeout 0 status",
		"--timeout x status",
		"--format=xml status",
		"status --runtime-dir",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ctl(f, wrong[i]);
		if (f->status != 2 || !*f->err)
			fail_msg("'%s' gave %d: %s", wrong[i], f->status,
				f->err);
	}
}

static void test_usage_tells_what_was_meant(void **state)
{
	static const struct {
		const char *words;
		const char *said;
	} wrong[] = {
		{ "chekc x", "unknown command 'chekc'; did you mean 'check'? (" },
		{ "stat", "unknown command 'stat'; did you mean 'status'? (" },
		{ "frobnicate", "unknown command 'frobnicate' (see" },
		{ "show servises", "did you mean 'services'?\n" },
		{ "import keepalivd x", "did you mean 'keepalived'?\n" },
		{ "config dif a b", "config diff FILE FILE" },
		{ "lint --disable weak-pasword,x x",
			"'weak-pasword' (tandemctl lint lists them); did you "
			"mean 'weak-password'?\n" },
		{ "--format=xml status",
			"'xml' is no value for --format; valid: text, json, " },
		{ "--timeout x status",
			"'x' is no value for --timeout; valid: a number of "
			"seconds" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ctl(f, wrong[i].words);
		assert_int_equal(f->status, 2);
		assert_has(f->err, wrong[i].said);
	}
}

static void test_help_and_version_need_nothing(void **state)
{
	struct fixture *f = *state;

	ctl(f, "--help");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "Usage: tandemctl");
	assert_has(f->out, "explain SUBJECT");
	ctl(f, "--version");
	assert_int_equal(f->status, 0);
	assert_string_equal(f->out, "tandemctl " PACKAGE_VERSION "\n");
}

static void test_a_refusal_is_status_1_and_says_why(void **state)
{
	struct fixture *f = *state;

	ask(f, "reload",
		"{\"error\":\"the configuration has errors\",\"diagnostics\":"
		"[{\"file\":\"/etc/t.conf\",\"line\":3,\"column\":6,"
		"\"severity\":\"error\",\"code\":\"unknown-keyword\","
		"\"keyword\":\"advert_intt\",\"message\":\"unknown keyword\","
		"\"hint\":\"did you mean 'advert_int'?\",\"length\":11,"
		"\"source\":\"\\tx \\u001b advert_intt 1\"}]}\n");
	assert_int_equal(f->status, 1);
	assert_question(f, "{\"command\":\"reload\"}");
	assert_string_equal(f->out, "");
	assert_string_equal(f->err,
		"/etc/t.conf:3:6: error: unknown keyword [advert_intt]\n"
		"\tx ? advert_intt 1\n"
		"\t    ^~~~~~~~~~~\n"
		"hint: did you mean 'advert_int'?\n"
		"tandemctl: the configuration has errors\n");
}

static void test_a_refusal_with_json_is_there_for_programs(void **state)
{
	struct fixture *f = *state;

	ask(f, "--json reload",
		"{\"error\":\"cannot bind\",\"role\":\"vrrp\"}\n");
	assert_int_equal(f->status, 1);
	assert_has(f->out, "\"error\": \"cannot bind\"");
	assert_string_equal(f->err, "tandemctl: vrrp: cannot bind\n");
}

static void test_a_hung_daemon_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	start_server(f, SERVE_SILENCE, "");
	ctl(f, "--timeout 0.2 status");
	assert_int_equal(f->status, 1);
	assert_has(f->err, "the daemon does not answer");
}

static void test_rubbish_is_no_answer(void **state)
{
	static const char *const rubbish[] = { "", "\n", "hello\n", "[1,2]\n",
		"{\"vrrp\":[", "\x01\x02\x03", "12\n" };
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
		ask(f, "status", rubbish[i]);
		assert_int_equal(f->status, 1);
		assert_true(*f->err);
		assert_string_equal(f->out, "");
	}
	start_server(f, SERVE_HANGUP, "");
	ctl(f, "status");
	assert_int_equal(f->status, 1);
}

static void test_answers_of_another_shape_are_survived(void **state)
{
	static const char *const words[] = { "status", "show vrrp",
		"show services", "show roles", "show config", "show log",
		"plan", "reload", "explain x" };
	static const char *const answers[] = {
		"{}\n",
		"{\"roles\":{},\"vrrp\":7,\"services\":\"x\",\"log\":null,"
		"\"plan\":false,\"explain\":1,\"problems\":2,\"text\":[]}\n",
		"{\"roles\":[1,null,[]],\"vrrp\":[\"a\",{\"addresses\":[null,"
		"{}],\"since\":\"x\"}],\"services\":[{\"real_servers\":[null,"
		"{\"checks\":[1,{}]}]},5],\"log\":[{},3],\"plan\":[[],{}],"
		"\"explain\":[null,1],\"problems\":[null,{}],"
		"\"diagnostics\":[1,{}],\"text\":{}}\n",
	};
	struct fixture *f = *state;
	size_t i;
	size_t k;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (k = 0; k < 3; k++) {
			ask(f, words[i], answers[k]);
			assert_in_range(f->status, 0, 1);
		}
}

/* --- what is asked --- */

static void test_questions_are_as_the_daemon_expects_them(void **state)
{
	static const struct {
		const char *words;
		const char *question;
	} cases[] = {
		{ "status", "{\"command\":\"status\"}" },
		{ "show log", "{\"command\":\"show\",\"what\":\"log\"}" },
		{ "show config", "{\"command\":\"show\","
				 "\"what\":\"config\","
				 "\"text_only\":true}" },
		{ "--defaults --origin show config",
			"{\"command\":\"show\",\"what\":\"config\","
			"\"origin\":true,\"defaults\":true,"
			"\"text_only\":true}" },
		{ "plan", "{\"command\":\"plan\"}" },
		{ "plan /etc/../etc/passwd",
			"{\"command\":\"plan\",\"file\":\"\\/etc\\/passwd\"}" },
		{ "explain instance VI_1", "{\"command\":\"explain\","
					   "\"subject\":\"instance VI_1\"}" },
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask(f, cases[i].words, "{\"explain\":[\"x\"]}\n");
		assert_int_equal(f->status, 0);
		assert_question(f, cases[i].question);
	}
	ctl(f, "plan /no/such/file");
	assert_int_equal(f->status, 1);
	assert_has(f->err, "/no/such/file");
}

/* --- what is shown --- */

#define STATUS                                                                 \
	"{\"version\":\"0.1.0\",\"generation\":3,\"uptime_s\":7400,"           \
	"\"config_file\":\"/etc/tandem/tandem.conf\","                         \
	"\"problems\":[%s],"                                                   \
	"\"roles\":[{\"name\":\"vrrp\",\"pid\":12,\"state\":\"ready\","        \
	"\"restarts\":0,\"last_ping_ms\":1.25}],"                              \
	"\"vrrp\":[{\"name\":\"VI_1\",\"vrid\":51,\"family\":\"ipv4\","        \
	"\"version\":3,\"interface\":\"eth0\",\"state\":\"ACTIVE\","           \
	"\"priority\":150,\"effective_priority\":130,\"since\":1,"             \
	"\"reason\":\"no-adverts-heard\",\"addresses\":[\"10.0.0.100/24\"],"   \
	"\"active_router\":\"10.0.0.1\"}],"                                    \
	"\"services\":[{\"name\":\"\",\"protocol\":\"tcp\","                   \
	"\"address\":\"10.0.0.100\",\"port\":80,\"fwmark\":0,"                 \
	"\"scheduler\":\"wrr\",\"forwarding\":\"NAT\",\"state\":\"%s\","       \
	"\"quorum\":1,\"weight_up\":3,\"real_servers\":["                      \
	"{\"address\":\"10.0.1.1\",\"port\":80,\"state\":\"up\","              \
	"\"weight\":3,\"effective_weight\":3,\"reason\":\"checks-passed\","    \
	"\"checks\":[{\"kind\":\"HTTP_GET\",\"state\":\"up\","                 \
	"\"reason\":\"ok\",\"latency_ms\":1.26}],"                             \
	"\"active_connections\":4,\"inactive_connections\":9},"                \
	"{\"address\":\"2001:db8::2\",\"port\":80,\"state\":\"down\","         \
	"\"weight\":1,\"effective_weight\":0,\"reason\":\"check-failed\","     \
	"\"checks\":[{\"kind\":\"TCP_CHECK\",\"state\":\"down\","              \
	"\"reason\":\"connection-refused\",\"latency_ms\":null}]}]}]}\n"

static void ask_status(struct fixture *f, const char *words,
	const char *problems, const char *service_state)
{
	char *answer = x_asprintf(STATUS, problems, service_state);

	ask(f, words, answer);
	assert_int_equal(f->status, 0);
	x_free(answer);
}

static void test_status_is_one_line_and_then_tables(void **state)
{
	struct fixture *f = *state;

	ask_status(f, "status", "", "degraded");
	assert_has(f->out,
		"DEGRADED: 1 service degraded, 1 of 1 services serve, "
		"active for 1 of 1 instances\n"
		"tandem 0.1.0, generation 3 of /etc/tandem/tandem.conf, "
		"up 2 h 3 min\n");
	assert_has(f->out, "\nRoles\n"
			   "ROLE  PID  STATE  RESTARTS    PING\n"
			   "vrrp   12  ready         0  1.2 ms\n");
	assert_has(f->out, "VI_1      ACTIVE ");
	assert_has(f->out, "130 of 150  10.0.0.1       10.0.0.100/24\n");
	assert_has(f->out,
		"\nServices\n"
		"tcp 10.0.0.100:80 degraded, wrr NAT, weight 3 up, quorum 1\n"
		"  REAL SERVER       STATE  WEIGHT  CONNS  REASON         "
		"CHECKS\n"
		"  10.0.1.1:80       up          3    4+9  checks-passed  "
		"HTTP_GET ok 1.3 ms\n"
		"  [2001:db8::2]:80  down   0 of 1         check-failed   "
		"TCP_CHECK connection-refused\n");
	/* Not a terminal: no colours. */
	assert_null(strchr(f->out, '\033'));
}

static void test_status_says_whether_somebody_must_act(void **state)
{
	struct fixture *f = *state;

	ask_status(f, "status", "", "up");
	assert_int_equal(strncmp(f->out, "OK: 1 of 1 services serve", 25), 0);
	ask_status(f, "status", "", "down");
	assert_int_equal(strncmp(f->out, "PROBLEMS: 1 service down", 24), 0);
	assert_has(f->out, "\n  ! service tcp 10.0.0.100:80 is down: weight 3 "
			   "up, quorum 1\n");
	ask_status(f, "status", "", "sorry");
	assert_has(f->out, "\n  ! service tcp 10.0.0.100:80 is on the sorry "
			   "server: ");
	ask(f, "status", "{\"vrrp\":[{\"name\":\"VI_1\",\"state\":\"FAULT\","
			 "\"reason\":\"interface-down\"}]}\n");
	assert_has(f->out, "\n  ! instance VI_1 is in fault: interface-down\n");
	ask_status(f, "status", "\"the kernel has no ip_vs\"", "up");
	assert_int_equal(strncmp(f->out, "PROBLEMS", 8), 0);
	assert_has(f->out, "\n  ! the kernel has no ip_vs\n");
}

static void test_json_is_the_daemons_answer(void **state)
{
	struct fixture *f = *state;

	ask_status(f, "--json status", "", "up");
	assert_has(f->out, "\"generation\": 3");
	assert_has(f->out, "\"address\": \"2001:db8::2\"");
	assert_has(f->out, "/etc/tandem/tandem.conf");
}

static void test_control_characters_do_not_reach_the_terminal(void **state)
{
	struct fixture *f = *state;

	ask_status(f, "status", "\"a\\u001b[2Jb\\nc\"", "up");
	assert_has(f->out, "  ! a?[2Jb?c\n");
	assert_null(strchr(f->out, '\033'));
}

static void test_a_plan_is_a_table_of_changes(void **state)
{
	struct fixture *f = *state;

	ask(f, "plan",
		"{\"ok\":true,\"plan\":[{\"role\":\"vrrp\",\"action\":\"add\","
		"\"subject\":\"instance VI_2\",\"detail\":\"10.0.0.7\"},"
		"{\"role\":\"ipvs\",\"action\":\"edit\",\"subject\":"
		"\"real_server 10.0.1.1:80\",\"detail\":\"weight 1 -> 3\"}]}");
	assert_int_equal(f->status, 0);
	assert_string_equal(f->out,
		"ACTION  SUBJECT                  DETAIL         ROLE\n"
		"add     instance VI_2            10.0.0.7       vrrp\n"
		"edit    real_server 10.0.1.1:80  weight 1 -> 3  ipvs\n"
		"2 changes\n");
	ask(f, "plan", "{\"plan\":[]}");
	assert_string_equal(f->out, "no changes\n");
}

static void test_the_log_has_times_roles_and_levels(void **state)
{
	struct fixture *f = *state;

	setenv("TZ", "UTC", 1);
	ask(f, "show log",
		"{\"log\":[{\"time_us\":1000001002003,\"level\":\"notice\","
		"\"role\":\"vrrp\",\"text\":\"VI_1: BACKUP -> ACTIVE\"}]}");
	assert_string_equal(f->out, "1970-01-12 13:46:41.002 vrrp notice: "
				    "VI_1: BACKUP -> ACTIVE\n");
}

static void test_the_configuration_is_shown_as_it_is(void **state)
{
	struct fixture *f = *state;

	ask(f, "show config", "{\"text\":\"a {\\n\\tb 1\\n}\\n\"}");
	assert_string_equal(f->out, "a {\n\tb 1\n}\n");
}

static void test_explain_of_the_unknown_is_a_refusal(void **state)
{
	struct fixture *f = *state;

	ask(f, "explain no-such-thing", "{\"explain\":[]}");
	assert_int_equal(f->status, 1);
	assert_has(f->err, "no-such-thing");
	ask(f, "explain no-such-thing", "{\"error\":\"nothing is known\"}");
	assert_int_equal(f->status, 1);
	assert_string_equal(
		f->err, "tandemctl: no-such-thing: nothing is known\n");
	ask(f, "explain VI_1", "{\"explain\":[\"one\",\"two\"]}");
	assert_string_equal(f->out, "one\ntwo\n");
}

/* --- check --- */

static char *write_config(struct fixture *f, const char *text)
{
	char *path = x_asprintf("%s/test.conf", f->dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

static void check(struct fixture *f, const char *words, const char *text)
{
	char *path = write_config(f, text);
	char *all = x_asprintf("%s check %s", words, path);

	ctl(f, all);
	x_free(all);
	x_free(path);
}

static void test_check_needs_no_daemon(void **state)
{
	struct fixture *f = *state;
	char *expected;

	check(f, "", "global_defs {\n router_id here\n}\n");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "/test.conf: good (0 errors, 0 warnings)\n");
	check(f, "", "global_defs {\n router_idd here\n}\n");
	assert_int_equal(f->status, 1);
	assert_has(f->out, "test.conf:2:2: error: ");
	assert_has(f->out, "\n ^~~~~~~~~~\nhint: did you mean 'router_id'?\n");
	assert_has(f->out, "refused (1 error, 0 warnings)\n");
	check(f, "--lenient", "global_defs {\n router_idd here\n}\n");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "/test.conf: usable with --lenient: 1 error "
			   "ignored, 0 warnings\n");
	check(f, "--lenient", "global_defs {\n router_id here\n}\n");
	assert_has(f->out, "/test.conf: good (0 errors, 0 warnings)\n");
	check(f, "--format=gcc", "global_defs {\n router_idd here\n}\n");
	expected = x_asprintf("%s/test.conf:2:2: error: unknown keyword "
			      "[router_idd]\n",
		f->dir);
	assert_string_equal(f->out, expected);
	x_free(expected);
	check(f, "--json", "global_defs {\n router_idd here\n}\n");
	assert_int_equal(f->status, 1);
	assert_has(f->out, "\"code\": \"unknown-keyword\"");
	check(f, "--json", "global_defs {\n router_id here\n}\n");
	assert_string_equal(f->out, "[\n]\n");
}

/* Runs the program with WORDS and TEXT in a pipe: nothing of it can be read
 * twice. */
static void pipe_in(struct fixture *f, const char *words, const char *text)
{
	char *path = write_config(f, text);
	char *feed = x_asprintf("cat %s >%s/pipe &", path, f->dir);
	char *pipe = x_asprintf("%s/pipe", f->dir);
	char *all = x_asprintf("%s <%s", words, pipe);

	unlink(pipe);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(system(feed), 0);
	ctl(f, all);
	x_free(all);
	x_free(pipe);
	x_free(feed);
	x_free(path);
}

#define INSTANCE                                                               \
	"vrrp_instance A {\n  interface eth0\n  virtual_router_id 1\n"         \
	"  priority 100\n"

static void test_standard_input_is_a_file(void **state)
{
	struct fixture *f = *state;
	char *words;

	pipe_in(f, "check -", INSTANCE "  advert_intt 1\n}\n");
	assert_int_equal(f->status, 1);
	assert_has(f->out, "<stdin>:5:3: error: unknown keyword [advert_intt]\n"
			   "  advert_intt 1\n  ^~~~~~~~~~~\n");
	assert_has(f->out, "<stdin>: refused (1 error, ");
	pipe_in(f, "lint -",
		"virtual_server 192.0.2.1 80 {\n  alpha\n"
		"  real_server 192.0.2.2 80 {\n  }\n"
		"  real_server 192.0.2.3 80 { # lint: off\n  }\n}\n");
	assert_int_equal(f->status, 1);
	assert_has(f->out, "<stdin>:3:3: warning: ");
	assert_has(f->out, "\n  real_server 192.0.2.2 80 {\n  ^~~~~~~~~~~\n");
	assert_null(strstr(f->out, "192.0.2.3"));
	pipe_in(f, "format -", INSTANCE "}\n");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "vrrp_instance A {\n\tinterface eth0\n");
	pipe_in(f, "format --in-place -", INSTANCE "}\n");
	assert_int_equal(f->status, 2);
	pipe_in(f, "show config --origin -", INSTANCE "}\n");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "<stdin>:2");
	words = x_asprintf("config diff %s/test.conf -", f->dir);
	pipe_in(f, words, INSTANCE "}\n");
	assert_int_equal(f->status, 0);
	x_free(words);
	ctl(f, "config diff - -");
	assert_int_equal(f->status, 2);
	ctl(f, "check - <&-");
	assert_int_equal(f->status, 1);
	assert_has(f->out, "<stdin>: error: cannot read standard input: Bad "
			   "file descriptor\n<stdin>: refused (1 error, ");
	ctl(f, "--json check - <&-");
	assert_int_equal(f->status, 1);
	assert_has(f->out, "[\n  {\n    \"file\": \"<stdin>\",");
	assert_has(f->out, "\"code\": \"cannot-read\"");
	assert_string_equal(f->err, "");
}

/* What it says is there once, and nobody is waited for. */
static void test_a_pipe_without_a_writer_ends(void **state)
{
	static const char text[] = "vrrp_instance A {\n  interface lo\n"
				   "  virtual_router_id 1\n}\n";
	struct fixture *f = *state;
	char *path = x_asprintf("%s/fifo", f->dir);
	char *words = x_asprintf("check %s", path);
	int to;
	int fd;

	assert_int_equal(mkfifo(path, 0600), 0);
	ctl(f, words);
	assert_int_equal(f->status, 1);
	assert_has(f->out, "/fifo' is a pipe, and nothing is in it\nhint: ");
	assert_null(strstr(f->out, "empty"));
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	to = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(to, text, strlen(text)), strlen(text));
	close(to);
	ctl(f, words);
	close(fd);
	assert_int_equal(f->status, 1);
	assert_has(f->out, "/fifo:2:13: error: VRRP does not run on");
	unlink(path);
	x_free(words);
	x_free(path);
}

static void test_a_file_as_a_whole_has_no_line(void **state)
{
	struct fixture *f = *state;

	ctl(f, "check /no/such/file");
	assert_int_equal(f->status, 1);
	assert_string_equal(f->out,
		"/no/such/file: error: cannot read '/no/such/file': No such "
		"file or directory\n"
		"hint: check the path; tandemd takes it with -f FILE\n"
		"/no/such/file: refused (1 error, 0 warnings)\n");
	ctl(f, "--format=gcc check /no/such/file");
	assert_string_equal(f->out,
		"/no/such/file: error: cannot read '/no/such/file': No such "
		"file or directory\n");
	ctl(f, "--json check /no/such/file");
	assert_has(f->out, "\"line\": 0,");
	assert_has(f->out, "\"code\": \"cannot-read\"");
	ask(f, "reload",
		"{\"error\":\"bad\",\"diagnostics\":[{\"file\":\"/x\",\"line\":0,"
		"\"column\":0,\"severity\":\"error\",\"keyword\":\"\","
		"\"message\":\"cannot read '/x'\"}]}\n");
	assert_has(f->err, "/x: error: cannot read '/x'\n");
}

/* --- keywords --- */

/* What of JSON, at PATH, has no word of documentation. */
static unsigned int count_undocumented(
	struct json_object *json, const char *path, unsigned int *total)
{
	struct json_object *children;
	unsigned int bad = 0;
	size_t i;

	if (!json_object_object_get_ex(json, "children", &children))
		return 0;
	for (i = 0; i < json_object_array_length(children); i++) {
		struct json_object *child =
			json_object_array_get_idx(children, i);
		struct json_object *name;
		char *below;

		assert_true(json_object_object_get_ex(child, "keyword", &name));
		below = x_asprintf("%s %s", path, json_object_get_string(name));
		(*total)++;
		if (!json_object_object_get_ex(child, "doc", NULL)) {
			print_error("no documentation:%s\n", below);
			bad++;
		}
		bad += count_undocumented(child, below, total);
		x_free(below);
	}
	return bad;
}

static void test_every_keyword_is_documented(void **state)
{
	struct fixture *f = *state;
	char *path = x_asprintf("%s/out", f->dir);
	struct json_object *json;
	unsigned int total = 0;

	ctl(f, "--json keywords");
	assert_int_equal(f->status, 0);
	json = json_object_from_file(path);
	assert_non_null(json);
	assert_int_equal(count_undocumented(json, "", &total), 0);
	assert_true(total > 250);
	json_object_put(json);
	x_free(path);
}

static void test_keywords_are_found_by_block_and_by_name(void **state)
{
	struct fixture *f = *state;

	ctl(f, "keywords global_defs script_user");
	assert_int_equal(f->status, 0);
	assert_int_equal(
		strncmp(f->out, "script_user USER [[:]GROUP]\n", 28), 0);
	assert_has(f->out, "\n    default: keepalived_script, where that");
	ctl(f, "keywords connect_timeout");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "in virtual_server:\n  connect_timeout SECONDS\n");
	assert_has(f->out, "in virtual_server real_server TCP_CHECK:\n");
	ctl(f, "keywords no_such_keyword");
	assert_int_equal(f->status, 1);
	assert_has(f->err, "no_such_keyword");
	ctl(f, "keywords global_defs real_server");
	assert_int_equal(f->status, 1);
}

static void test_help_tells_what_a_keyword_means(void **state)
{
	struct fixture *f = *state;

	ctl(f, "help priority");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "in vrrp_instance:\npriority N\n");
	assert_has(f->out, "    values: 1 to 255\n");
	assert_has(f->out, "    example: priority 100\n");
	ctl(f, "help connect_timeout");
	assert_has(f->out, "in virtual_server real_server TCP_CHECK:\n");
	ctl(f, "help TCP_CHECK");
	assert_has(f->out, "    inside: connect_ip ");
	ctl(f, "--json help priority");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "\"block\": \"vrrp_instance\"");
	ctl(f, "help prioritty");
	assert_int_equal(f->status, 1);
	assert_has(f->err, "no keyword 'prioritty'");
	assert_has(f->err, "did you mean 'priority'?");
	ctl(f, "help MISC_CHECK");
	assert_has(f->out, "    example:\n        MISC_CHECK {\n"
			   "            misc_path ");
	assert_has(f->out, "\n        }\n    inside: ");
	ctl(f, "--json help authentication");
	assert_has(f->out,
		"authentication {\\n\\tauth_type PASS\\n\\tauth_pass secret"
		"\\n}\"");
}

static void test_help_knows_words_that_are_no_keywords(void **state)
{
	static const char *const words[] = { "include", "includer", "includem",
		"includew", "includeb", "includea", "$", "@", "@^", "~SEQ",
		"~SEQx", "~LST", "~SEQ(i,3)", "@director-a", "${NET}" };
	struct fixture *f = *state;
	char command[64];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		snprintf(command, sizeof(command), "help '%s'", words[i]);
		ctl(f, command);
		assert_int_equal(f->status, 0);
		assert_has(f->out, "on any line:\n");
	}
	ctl(f, "--json help ~LST");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "\"keyword\": \"~LST(NAME, VALUE, VALUE ...) LINE\"");
	ctl(f, "help inclde");
	assert_int_equal(f->status, 1);
	assert_has(f->err, "did you mean 'include'");
	ctl(f, "help ~SQE");
	assert_int_equal(f->status, 1);
}

static void test_help_tells_what_is_said_of_words_of_the_past(void **state)
{
	struct fixture *f = *state;

	ctl(f, "help lvs_id");
	assert_int_equal(f->status, 0);
	assert_has(f->out, "in global_defs:\nlvs_id\n"
			   "    no keyword: it is ignored, with a warning\n");
	assert_has(f->out, "it is router_id");
	ctl(f, "help raise");
	assert_has(f->out, "it is an error\n    hint: did you mean 'rise'?\n");
	ctl(f, "help nb_get_retry");
	assert_has(f->out, "it is deprecated: it works, with a warning\n");
	assert_has(f->out, "SMTP_CHECK:\nin virtual_server real_server "
			   "DNS_CHECK:\n");
	ctl(f, "help debug");
	assert_has(f->out, "it has no effect, which is a warning\n");
	ctl(f, "--json help lvs_id");
	assert_has(f->out, "\"foreign\": true");
	assert_has(f->out, "\"ignored\": true");
}

static void test_help_tells_blocks_before_those_in_them(void **state)
{
	struct fixture *f = *state;

	ctl(f, "help delay_loop");
	assert_int_equal(strncmp(f->out, "in virtual_server:\n", 19), 0);
	ctl(f, "help persistence_timeout");
	assert_has(f->out, "values: 1 or more; 360 when nothing is said\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_no_daemon_is_status_3),
		TEST(test_wrong_usage_is_status_2),
		TEST(test_usage_tells_what_was_meant),
		TEST(test_help_and_version_need_nothing),
		TEST(test_a_refusal_is_status_1_and_says_why),
		TEST(test_a_refusal_with_json_is_there_for_programs),
		TEST(test_a_hung_daemon_is_not_waited_for),
		TEST(test_rubbish_is_no_answer),
		TEST(test_answers_of_another_shape_are_survived),
		TEST(test_questions_are_as_the_daemon_expects_them),
		TEST(test_status_is_one_line_and_then_tables),
		TEST(test_status_says_whether_somebody_must_act),
		TEST(test_json_is_the_daemons_answer),
		TEST(test_control_characters_do_not_reach_the_terminal),
		TEST(test_a_plan_is_a_table_of_changes),
		TEST(test_the_log_has_times_roles_and_levels),
		TEST(test_the_configuration_is_shown_as_it_is),
		TEST(test_explain_of_the_unknown_is_a_refusal),
		TEST(test_check_needs_no_daemon),
		TEST(test_standard_input_is_a_file),
		TEST(test_a_pipe_without_a_writer_ends),
		TEST(test_a_file_as_a_whole_has_no_line),
		TEST(test_every_keyword_is_documented),
		TEST(test_keywords_are_found_by_block_and_by_name),
		TEST(test_help_tells_what_a_keyword_means),
		TEST(test_help_knows_words_that_are_no_keywords),
		TEST(test_help_tells_what_is_said_of_words_of_the_past),
		TEST(test_help_tells_blocks_before_those_in_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
