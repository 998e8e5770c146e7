/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/log_ring.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

static void keep_last(int64_t realtime_us, int level,
	const char *text, void *user_data)
{
	(void)realtime_us;
	(void)level;
	strncpy(user_data, text, 1023);
}

static void assert_logged(const char *text, const char *expected)
{
	char last[1024] = "";

	log_write(LOG_LEVEL_INFO, "%s", text);
	log_recent(keep_last, last);
	assert_string_equal(last, expected);
}

static void test_control_characters_are_shown_not_sent(void **state)
{
	(void)state;
	log_open("test", 0, 0, LOG_LEVEL_INFO);
	assert_logged("plain \303\244\303\240 text", "plain \303\244\303\240 text");
	assert_logged("a\tb", "a b");
	assert_logged("VI\nvrrp[1]: VI_1: ACTIVE", "VI\\x0avrrp[1]: VI_1: ACTIVE");
	assert_logged("\033[2J\r\177", "\\x1b[2J\\x0d\\x7f");
	/* U+009B begins a command of terminals as well. */
	assert_logged("x\302\2332J", "x\\xc2\\x9b2J");
}

static void test_a_line_of_control_characters_has_an_end(void **state)
{
	char text[2000];
	char last[1024] = "";

	(void)state;
	memset(text, '\033', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_open("test", 0, 0, LOG_LEVEL_INFO);
	log_write(LOG_LEVEL_INFO, "%s", text);
	log_recent(keep_last, last);
	assert_in_range(strlen(last), 400, 480);
	assert_string_equal(last + strlen(last) - 4, "\\x1b");
}

static void test_a_level_is_said_once(void **state)
{
	(void)state;
	assert_true(log_says_level("error", "t.conf:3:2: error: no such"));
	assert_true(log_says_level("warning", "warning: it is late"));
	assert_true(log_says_level("error", "refused: t.conf: error: no"));
	assert_false(log_says_level("error", "it is an error: no"));
	assert_false(log_says_level("error", "terror: error"));
	assert_false(log_says_level("error", "t.conf:3:2: warning: old"));
	assert_false(log_says_level("warning", ""));
	assert_false(log_says_level("", ""));
}

/* Stderr is a pipe of 64 KiB; what was lost is told when it is read again. */
static void test_a_reader_that_sleeps_stops_nobody(void **state)
{
	char text[65536 * 2] = "";
	int saved = dup(STDERR_FILENO);
	int64_t start;
	int64_t took;
	int fds[2];
	ssize_t n;
	int i;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
	log_open("test", LOG_TARGET_STDERR, 0, LOG_LEVEL_INFO);
	start = time_monotonic_us();
	for (i = 0; i < 10000; i++)
		log_info("line %d of those that nobody reads", i);
	took = time_monotonic_us() - start;
	n = read(fds[0], text, sizeof(text) - 1);
	log_info("after it");
	n += read(fds[0], text + n, sizeof(text) - 1 - (size_t)n);
	dup2(saved, STDERR_FILENO);
	log_open("test", 0, 0, LOG_LEVEL_INFO);
	close(saved);
	close(fds[0]);
	close(fds[1]);
	assert_true(took < USEC_PER_SEC);
	assert_true(n > 65536 / 2);
	assert_non_null(strstr(text, "line 0 of"));
	assert_non_null(strstr(text, "lines are missing here"));
	assert_non_null(strstr(text, ": after it\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control_characters_are_shown_not_sent),
		cmocka_unit_test(test_a_line_of_control_characters_has_an_end),
		cmocka_unit_test(test_a_level_is_said_once),
		cmocka_unit_test(test_a_reader_that_sleeps_stops_nobody),
	};

	struct log_ring *ring = log_ring_new();
	int failed;

	log_keep(ring);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	log_keep(NULL);
	x_free(ring);
	return failed;
}
