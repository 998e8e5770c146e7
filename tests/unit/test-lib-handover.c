/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/checkpoint.h"
#include "lib/handover.h"
#include "lib/timeutil.h"

#define NETNS 4711u

struct fixture {
	int fd;
	struct handover_mark mark;
	struct checkpoint_store *from;
	struct checkpoint_store *to;
	int64_t worked_us;
};

static int setup(void **state)
{
	static struct fixture f;

	f.fd = memfd_create("handover", MFD_CLOEXEC);
	assert_true(f.fd >= 0);
	assert_int_equal(fchmod(f.fd, 0600), 0);
	f.mark = (struct handover_mark){ ROLE_VRRP, 17, NETNS,
		time_monotonic_us(), 1 };
	f.from = checkpoint_store_new(1000, 10);
	f.to = checkpoint_store_new(1000, 10);
	f.worked_us = 0;
	checkpoint_store_put(f.from, "instance/one", "\0\1\2", 3);
	checkpoint_store_put(f.from, "instance/two", "x", 1);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	close(f->fd);
	checkpoint_store_free(f->from);
	checkpoint_store_free(f->to);
	return 0;
}

static void write_it(struct fixture *f)
{
	assert_int_equal(handover_write(f->fd, &f->mark, f->from), 0);
}

static void assert_refused(
	struct fixture *f, const struct handover_mark *expected, int err)
{
	assert_int_equal(
		handover_read(f->fd, expected, f->to, &f->worked_us), err);
	assert_int_equal(checkpoint_store_count(f->to), 0);
	assert_int_equal(f->worked_us, 0);
}

static void look(const char *key, const void *data, size_t len, void *user_data)
{
	int *found = user_data;

	if (!strcmp(key, "instance/one") && len == 3 &&
		!memcmp(data, "\0\1\2", 3))
		*found |= 1;
	if (!strcmp(key, "instance/two") && len == 1 && !memcmp(data, "x", 1))
		*found |= 2;
}

static void test_what_was_written_is_read(void **state)
{
	struct fixture *f = *state;
	struct handover_mark expected = f->mark;
	int found = 0;

	write_it(f);
	expected.time_us -= USEC_PER_SEC;
	assert_int_equal(
		handover_read(f->fd, &expected, f->to, &f->worked_us), 0);
	assert_int_equal(f->worked_us, f->mark.worked_us);
	checkpoint_store_each(f->to, look, &found);
	assert_int_equal(found, 3);
	assert_int_equal(checkpoint_store_count(f->to), 2);
}

static void test_nothing_written_is_nothing(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, &f->mark, -ENODATA);
}

/* Of before the order to end: another supervisor's, another boot's. */
static void test_what_is_older_than_the_order_is_refused(void **state)
{
	struct fixture *f = *state;
	struct handover_mark expected = f->mark;

	write_it(f);
	expected.time_us++;
	assert_refused(f, &expected, -ESTALE);
}

static void test_what_is_of_the_future_is_refused(void **state)
{
	struct fixture *f = *state;
	struct handover_mark expected = f->mark;

	f->mark.time_us += 3600 * USEC_PER_SEC;
	write_it(f);
	assert_refused(f, &expected, -ESTALE);
}

/* Of a time that is none, or after it was written. */
static void test_when_the_work_ended_is_known(void **state)
{
	struct fixture *f = *state;
	int64_t wrong[] = { 0, -1, f->mark.time_us + 1 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		f->mark.worked_us = wrong[i];
		write_it(f);
		assert_refused(f, &f->mark, -ESTALE);
	}
}

static void test_what_another_wrote_is_refused(void **state)
{
	struct fixture *f = *state;
	struct handover_mark expected = f->mark;

	write_it(f);
	expected.pid++;
	assert_refused(f, &expected, -ESTALE);
	expected = f->mark;
	expected.role = ROLE_IPVS;
	assert_refused(f, &expected, -ESTALE);
	expected = f->mark;
	expected.netns++;
	assert_refused(f, &expected, -ESTALE);
}

static void test_a_namespace_that_is_not_known_is_none(void **state)
{
	struct fixture *f = *state;

	f->mark.netns = 0;
	write_it(f);
	assert_refused(f, &f->mark, -ESTALE);
}

static void test_another_version_is_refused(void **state)
{
	struct fixture *f = *state;

	write_it(f);
	/* Behind the magic and the length. */
	assert_int_equal(pwrite(f->fd, "~", 1, 8), 1);
	assert_refused(f, &f->mark, -EPROTO);
}

/* Cut anywhere it is refused whole. */
static void test_what_is_damaged_is_refused(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	off_t len;
	int err;

	write_it(f);
	assert_int_equal(fstat(f->fd, &st), 0);
	assert_int_equal(pwrite(f->fd, "?", 1, st.st_size), 1);
	assert_refused(f, &f->mark, -EBADMSG);
	for (len = st.st_size - 1; len; len--) {
		assert_int_equal(ftruncate(f->fd, len), 0);
		err = handover_read(f->fd, &f->mark, f->to, &f->worked_us);
		assert_true(err == -EBADMSG || err == -EPROTO ||
			    (len < 4 && err == -ENODATA));
		assert_int_equal(checkpoint_store_count(f->to), 0);
	}
	assert_int_equal(ftruncate(f->fd, 0), 0);
	assert_refused(f, &f->mark, -ENODATA);
}

/* The first word is written last. */
static void test_what_was_not_finished_is_nothing(void **state)
{
	struct fixture *f = *state;

	write_it(f);
	assert_int_equal(pwrite(f->fd, "\0\0\0\0", 4, 0), 4);
	assert_refused(f, &f->mark, -ENODATA);
}

static void test_what_others_may_write_is_refused(void **state)
{
	struct fixture *f = *state;

	write_it(f);
	assert_int_equal(fchmod(f->fd, 0622), 0);
	assert_refused(f, &f->mark, -EPERM);
}

static void test_our_namespace_is_known(void **state)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd > 0);
	assert_true(handover_netns(0) != 0);
	assert_true(handover_netns(fd) == handover_netns(0));
	close(fd);
}

#define handover_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		handover_test(test_what_was_written_is_read),
		handover_test(test_nothing_written_is_nothing),
		handover_test(test_what_is_older_than_the_order_is_refused),
		handover_test(test_what_is_of_the_future_is_refused),
		handover_test(test_when_the_work_ended_is_known),
		handover_test(test_what_another_wrote_is_refused),
		handover_test(test_a_namespace_that_is_not_known_is_none),
		handover_test(test_another_version_is_refused),
		handover_test(test_what_is_damaged_is_refused),
		handover_test(test_what_was_not_finished_is_nothing),
		handover_test(test_what_others_may_write_is_refused),
		cmocka_unit_test(test_our_namespace_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
