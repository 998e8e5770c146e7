/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that a supervisor with fake roles (fake-roles.c) watches and writes:
 * the time of a reload, the mark of one, copies of what was loaded.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/daemon-driver.h"

#define SKIP 77
#define DEADLINE_MS 5000

struct fixture {
	struct driver d;
	char path[128];
};

/* The configuration says WORD PATH; PATH is NAME in the driver's directory. */
static void begin(
	struct fixture *f, const char *word, const char *name, const char *more)
{
	char text[512];

	driver_open(&f->d, "");
	snprintf(f->path, sizeof(f->path), "%s/%s", f->d.dir, name);
	snprintf(text, sizeof(text), "global_defs {\n%s %s\n%s\n}\n", word,
		f->path, more);
	driver_write(&f->d, text);
	driver_start(&f->d);
}

static void end(struct fixture *f)
{
	driver_stop(&f->d);
	driver_close(&f->d);
}

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

/* HH:MM:SSZ, SECONDS from now; 2 and more, lest it is over when it is read. */
static void write_time(const char *path, int seconds)
{
	time_t when = time(NULL) + seconds;
	char text[32];
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%H:%M:%SZ\n", &tm);
	write_file(path, text);
}

static bool reaches(const struct driver *d, int64_t generation)
{
	int64_t deadline = now_ms() + DEADLINE_MS;

	while (driver_generation(d) < generation) {
		if (now_ms() > deadline)
			return false;
		sleep_ms(20);
	}
	return true;
}

static bool logged(const struct driver *d, const char *text)
{
	int64_t deadline = now_ms() + DEADLINE_MS;

	while (!driver_log_has(d, text)) {
		if (now_ms() > deadline)
			return false;
		sleep_ms(20);
	}
	return true;
}

static void test_a_reload_comes_at_the_time_of_the_file(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "reload_time_file", "when", "");
	/* One that is changed before it is time. */
	write_time(f.path, 3600);
	assert_true(logged(&f.d, "a reload is due at"));
	write_time(f.path, 2);
	assert_true(reaches(&f.d, 2));
	assert_int_equal(access(f.path, F_OK), -1);
	end(&f);
}

static void test_a_file_that_goes_or_is_wrong_cancels_it(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "reload_time_file", "when", "reload_repeat");
	write_time(f.path, 2);
	assert_true(logged(&f.d, "a reload is due at"));
	unlink(f.path);
	assert_true(logged(&f.d, "no reload is due any more"));
	write_file(f.path, "soon\n");
	assert_true(logged(&f.d, "no time of a reload"));
	sleep_ms(2200); /* past that time */
	assert_int_equal(driver_generation(&f.d), 1);
	/* With reload_repeat it stays. */
	write_time(f.path, 2);
	assert_true(reaches(&f.d, 2));
	assert_int_equal(access(f.path, F_OK), 0);
	end(&f);
}

static void test_a_mark_is_there_while_the_file_is_read(void **state)
{
	char link[160];
	struct stat st;
	struct fixture f;

	(void)state;
	begin(&f, "reload_file", "mark", "");
	write_file(f.path, "I change the configuration\n");
	json_object_put(driver_ask(&f.d, "{\"command\":\"reload\"}"));
	assert_int_equal(access(f.path, F_OK), -1);
	/* A plan reads as well, but loads nothing. */
	write_file(f.path, "I do it again\n");
	json_object_put(driver_ask(&f.d, "{\"command\":\"plan\"}"));
	assert_int_equal(stat(f.path, &st), 0);
	assert_true(st.st_size > 0);
	unlink(f.path);
	/* What a link leads to is not emptied, and the link stays. */
	snprintf(link, sizeof(link), "%s/victim", f.d.dir);
	write_file(link, "precious\n");
	assert_int_equal(symlink(link, f.path), 0);
	json_object_put(driver_ask(&f.d, "{\"command\":\"reload\"}"));
	assert_int_equal(stat(link, &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(unlink(f.path), 0);
	assert_int_equal(linkat(AT_FDCWD, link, AT_FDCWD, f.path, 0), 0);
	json_object_put(driver_ask(&f.d, "{\"command\":\"reload\"}"));
	assert_int_equal(stat(link, &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(st.st_nlink, 2);
	unlink(f.path);
	/* Nor is a FIFO taken away. */
	assert_int_equal(mkfifo(f.path, 0600), 0);
	json_object_put(driver_ask(&f.d, "{\"command\":\"reload\"}"));
	assert_int_equal(unlink(f.path), 0);
	unlink(link);
	end(&f);
}

static bool appears(const char *path)
{
	int64_t deadline = now_ms() + DEADLINE_MS;

	while (access(path, F_OK) < 0) {
		if (now_ms() > deadline)
			return false;
		sleep_ms(20);
	}
	return true;
}

static void test_what_was_loaded_is_kept(void **state)
{
	static const char *const names[] = { "tandem-1.conf", "tandem-1.data",
		"tandem-2.conf", "tandem-2.data" };
	struct fixture f;
	char path[192];
	size_t i;

	(void)state;
	begin(&f, "config_save_dir", "saved", "role_timeout 1");
	json_object_put(driver_ask(&f.d, "{\"command\":\"reload\"}"));
	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", f.path, names[i]);
		assert_true(appears(path));
		unlink(path);
	}
	assert_int_equal(rmdir(f.path), 0);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		driver_test(test_a_reload_comes_at_the_time_of_the_file),
		driver_test(test_a_file_that_goes_or_is_wrong_cancels_it),
		driver_test(test_a_mark_is_there_while_the_file_is_read),
		driver_test(test_what_was_loaded_is_kept),
	};

	if (geteuid() != 0)
		return SKIP;
	driver_guard();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
