/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/log_syslog.h"
#include "lib/timeutil.h"

struct reader {
	char dir[64];
	char path[80];
	int fd;
};

static void reader_listen(struct reader *reader)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", reader->path);
	unlink(reader->path);
	reader->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(reader->fd >= 0);
	assert_int_equal(
		bind(reader->fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
}

static void reader_open(struct reader *reader)
{
	snprintf(reader->dir, sizeof(reader->dir), "/tmp/tandem-test-XXXXXX");
	assert_non_null(mkdtemp(reader->dir));
	snprintf(reader->path, sizeof(reader->path), "%s/log", reader->dir);
	reader_listen(reader);
}

static void reader_close(struct reader *reader)
{
	close(reader->fd);
	unlink(reader->path);
	assert_int_equal(rmdir(reader->dir), 0);
}

/* "" = nothing there. */
static void assert_line(
	struct reader *reader, const char *begin, const char *end)
{
	char line[1024] = "";
	ssize_t n = recv(reader->fd, line, sizeof(line) - 1, MSG_DONTWAIT);

	if (!*end) {
		assert_true(n < 0);
		return;
	}
	assert_true(n > (ssize_t)strlen(end));
	assert_memory_equal(line, begin, strlen(begin));
	assert_string_equal(line + n - strlen(end), end);
}

static void test_a_line_is_as_the_system_wants_it(void **state)
{
	struct log_syslog out;
	struct reader reader;
	char end[64];

	(void)state;
	reader_open(&reader);
	log_syslog_open(&out, reader.path, "vrrp", LOG_LOCAL1);
	log_syslog_put(&out, LOG_NOTICE, "VI_1: ACTIVE 100%");
	snprintf(end, sizeof(end), " vrrp[%d]: VI_1: ACTIVE 100%%",
		(int)getpid());
	/* local1 is 17, notice is 5. */
	assert_line(&reader, "<141>", end);
	assert_line(&reader, "", "");
	log_syslog_close(&out);
	reader_close(&reader);
}

/* syslog(3) would wait here for ever. */
static void test_a_reader_that_sleeps_stops_nobody(void **state)
{
	int64_t start = time_monotonic_us();
	struct log_syslog out;
	struct reader reader;
	char line[1024] = "";
	char note[64];
	unsigned int lost;
	ssize_t n;
	int i;

	(void)state;
	reader_open(&reader);
	log_syslog_open(&out, reader.path, "vrrp", LOG_DAEMON);
	for (i = 0; i < 5000; i++)
		log_syslog_put(&out, LOG_INFO, "a line that nobody reads");
	assert_true(time_monotonic_us() - start < 5 * USEC_PER_SEC);
	lost = out.lost;
	assert_in_range(lost, 1000, 4999);
	for (i = 0; i < (int)(5000 - lost); i++)
		assert_true(recv(reader.fd, line, sizeof(line), 0) > 0);
	log_syslog_put(&out, LOG_INFO, "after it");
	n = recv(reader.fd, line, sizeof(line) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	line[n] = '\0';
	snprintf(note, sizeof(note), ": %u lines are missing here", lost);
	assert_non_null(strstr(line, note));
	assert_line(&reader, "<30>", ": after it");
	assert_int_equal(out.lost, 0);
	log_syslog_close(&out);
	reader_close(&reader);
}

static void test_a_reader_that_comes_back_is_found(void **state)
{
	struct log_syslog out;
	struct reader reader;

	(void)state;
	reader_open(&reader);
	log_syslog_open(&out, reader.path, "vrrp", LOG_DAEMON);
	log_syslog_put(&out, LOG_INFO, "one");
	assert_line(&reader, "<30>", ": one");
	close(reader.fd);
	log_syslog_put(&out, LOG_INFO, "two");
	assert_int_equal(out.lost, 1);
	reader_listen(&reader);
	log_syslog_put(&out, LOG_INFO, "three");
	assert_line(&reader, "<28>",
		": 1 lines are missing here: nobody read them");
	assert_line(&reader, "<30>", ": three");
	log_syslog_close(&out);
	reader_close(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_is_as_the_system_wants_it),
		cmocka_unit_test(test_a_reader_that_sleeps_stops_nobody),
		cmocka_unit_test(test_a_reader_that_comes_back_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
