/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/timeutil.h"
#include "lib/file_watch.h"

static char directory[] = "file-watch-XXXXXX";
static char path[64];
static struct loop *loop;
static struct loop_timer *deadline;
static struct file_watcher *watcher;
static int64_t wanted;
static bool timed_out;

static void put(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	fclose(f);
}

static void changed(void *owner)
{
	int64_t value = 0;

	(void)owner;
	file_read_number(path, &value);
	if (value == wanted)
		loop_stop(loop);
}

static void give_up(void *user_data)
{
	(void)user_data;
	timed_out = true;
	loop_stop(loop);
}

/* Until the watcher says that the file may have changed, and it is VALUE. */
static void wait_for(int64_t value)
{
	wanted = value;
	timed_out = false;
	loop_timer_set(deadline, time_monotonic_us() + 8 * USEC_PER_SEC);
	loop_run(loop);
	assert_false(timed_out);
}

static int setup(void **state)
{
	(void)state;
	strcpy(directory, "file-watch-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/number", directory);
	loop = loop_new();
	deadline = loop_timer_new(loop, give_up, NULL);
	watcher = file_watcher_new(loop, changed);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	file_watcher_free(watcher);
	loop_timer_free(deadline);
	loop_free(loop);
	unlink(path);
	rmdir(directory);
	return 0;
}

static void test_a_number_is_read_and_cut(void **state)
{
	int64_t value = 7;

	(void)state;
	assert_int_equal(file_read_number(path, &value), -ENOENT);
	put("-12\n");
	assert_int_equal(file_read_number(path, &value), 0);
	assert_int_equal(value, -12);
	put(" 99999999999999999999 ");
	assert_int_equal(file_read_number(path, &value), 0);
	assert_int_equal(value, INT32_MAX);
	put("-99999999999");
	assert_int_equal(file_read_number(path, &value), 0);
	assert_int_equal(value, -INT32_MAX);
}

static void test_what_is_no_number_is_said(void **state)
{
	int64_t value = 7;

	(void)state;
	put("");
	assert_int_equal(file_read_number(path, &value), -EINVAL);
	put("12 apples");
	assert_int_equal(file_read_number(path, &value), -EINVAL);
	assert_int_equal(file_read_number(directory, &value), -EINVAL);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(file_read_number(path, &value), -EINVAL);
	assert_int_equal(value, 7);
}

static void test_a_file_is_made_but_not_overwritten_unasked(void **state)
{
	int64_t value;

	(void)state;
	assert_int_equal(file_write_number(path, 5, false), 0);
	assert_int_equal(file_write_number(path, 6, false), 0);
	assert_int_equal(file_read_number(path, &value), 0);
	assert_int_equal(value, 5);
	assert_int_equal(file_write_number(path, -6, true), 0);
	assert_int_equal(file_read_number(path, &value), 0);
	assert_int_equal(value, -6);
}

static void test_changes_are_told(void **state)
{
	struct file_watch *watch;
	char other[80];

	(void)state;
	watch = file_watch_new(watcher, path, NULL);
	put("1");
	wait_for(1);
	put("2");
	wait_for(2);
	unlink(path);
	wait_for(0);
	/* Replaced by a rename. */
	put("3");
	wait_for(3);
	snprintf(other, sizeof(other), "%s.new", path);
	assert_int_equal(file_write_number(other, 4, true), 0);
	assert_int_equal(rename(other, path), 0);
	wait_for(4);
	file_watch_free(watch);
}

static void test_a_directory_may_come_and_go(void **state)
{
	struct file_watch *watch;

	(void)state;
	assert_int_equal(rmdir(directory), 0);
	watch = file_watch_new(watcher, path, NULL);
	assert_int_equal(mkdir(directory, 0700), 0);
	put("1");
	wait_for(1);
	unlink(path);
	assert_int_equal(rmdir(directory), 0);
	wait_for(0);
	assert_int_equal(mkdir(directory, 0700), 0);
	put("2");
	wait_for(2);
	file_watch_free(watch);
}

static void test_two_files_of_a_directory_go_one_by_one(void **state)
{
	struct file_watch *first, *second;

	(void)state;
	first = file_watch_new(watcher, path, NULL);
	second = file_watch_new(watcher, path, NULL);
	file_watch_free(first);
	put("1");
	wait_for(1);
	file_watch_free(second);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_number_is_read_and_cut),
		T(test_what_is_no_number_is_said),
		T(test_a_file_is_made_but_not_overwritten_unasked),
		T(test_changes_are_told),
		T(test_a_directory_may_come_and_go),
		T(test_two_files_of_a_directory_go_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
