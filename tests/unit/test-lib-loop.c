/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <unistd.h>

#include "lib/loop.h"
#include "lib/timeutil.h"

#define MS USEC_PER_MSEC
/* What a busy machine may be late. */
#define LATE (500 * MS)

struct fired {
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_timer *other;
	struct loop_io *io;
	unsigned int n;
	unsigned int stop_at;
	int64_t at[8];
	char name;
	char *log;
};

static void on_timer(void *user_data)
{
	struct fired *f = user_data;

	f->at[f->n % 8] = time_monotonic_us();
	if (f->log)
		*f->log++ = f->name;
	if (++f->n == f->stop_at)
		loop_stop(f->loop);
}

static void test_a_timer_fires_once_and_not_early(void **state)
{
	struct fired guard = { .loop = loop_new(), .stop_at = 1 };
	struct fired f = { .loop = guard.loop };
	int64_t deadline = time_monotonic_us() + 30 * MS;

	(void)state;
	f.timer = loop_timer_new(f.loop, on_timer, &f);
	guard.timer = loop_timer_new(f.loop, on_timer, &guard);
	loop_timer_set(f.timer, deadline);
	loop_timer_set(guard.timer, deadline + 100 * MS);
	loop_run(f.loop);
	assert_int_equal(f.n, 1);
	assert_true(f.at[0] >= deadline);
	assert_true(f.at[0] <= deadline + LATE);
	loop_timer_free(f.timer);
	loop_timer_free(guard.timer);
	loop_free(f.loop);
}

static void test_a_past_deadline_fires_at_once_and_never_means_never(
	void **state)
{
	struct fired f = { .loop = loop_new(), .stop_at = 1 };
	struct fired never = { .loop = f.loop, .stop_at = 1 };
	int64_t began = time_monotonic_us();

	(void)state;
	f.timer = loop_timer_new(f.loop, on_timer, &f);
	never.timer = loop_timer_new(f.loop, on_timer, &never);
	loop_timer_set(never.timer, 0);
	loop_timer_set(never.timer, TIME_NEVER);
	loop_timer_set(f.timer, began - USEC_PER_SEC);
	loop_run(f.loop);
	assert_int_equal(f.n, 1);
	assert_int_equal(never.n, 0);
	assert_true(f.at[0] - began < LATE);
	loop_timer_free(f.timer);
	loop_timer_free(never.timer);
	loop_free(f.loop);
}

static void test_a_new_deadline_replaces_the_old_one(void **state)
{
	struct fired f = { .loop = loop_new(), .stop_at = 1 };
	int64_t now = time_monotonic_us();

	(void)state;
	f.timer = loop_timer_new(f.loop, on_timer, &f);
	loop_timer_set(f.timer, now + 3600 * USEC_PER_SEC);
	loop_timer_set(f.timer, now + 20 * MS);
	loop_run(f.loop);
	assert_int_equal(f.n, 1);
	assert_true(f.at[0] >= now + 20 * MS);
	loop_timer_free(f.timer);
	loop_free(f.loop);
}

static void test_timers_fire_in_the_order_of_their_deadlines(void **state)
{
	static const int order[] = { 3, 1, 4, 0, 2 };
	struct loop *loop = loop_new();
	struct fired f[5];
	char log[6] = "";
	char *next = log;
	int64_t now = time_monotonic_us();
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		f[i] = (struct fired){ .loop = loop,
			.timer = loop_timer_new(loop, on_timer, &f[i]),
			.name = (char)('a' + i) };
	f[4].stop_at = 1;
	for (i = 0; i < 5; i++)
		loop_timer_set(
			f[order[i]].timer, now + 10 * MS + order[i] * 5 * MS);
	/* One log for all: each handler moves its own pointer on. */
	for (i = 0; i < 5; i++)
		f[i].log = next++;
	loop_run(loop);
	assert_string_equal(log, "abcde");
	for (i = 0; i < 5; i++) {
		assert_int_equal(f[i].n, 1);
		if (i)
			assert_true(f[i].at[0] >= f[i - 1].at[0]);
		loop_timer_free(f[i].timer);
	}
	loop_free(loop);
}

static void free_both(void *user_data)
{
	struct fired *f = user_data;

	f->n++;
	loop_timer_free(f->timer);
	loop_timer_free(f->other);
}

static void test_freed_timers_do_not_fire_even_freed_by_each_other(void **state)
{
	struct fired guard = { .loop = loop_new(), .stop_at = 1 };
	struct fired f = { .loop = guard.loop };
	int64_t now = time_monotonic_us();

	(void)state;
	guard.timer = loop_timer_new(f.loop, on_timer, &guard);
	f.timer = loop_timer_new(f.loop, free_both, &f);
	f.other = loop_timer_new(f.loop, free_both, &f);
	loop_timer_set(f.timer, now);
	loop_timer_set(f.other, now);
	loop_timer_set(guard.timer, now + 50 * MS);
	loop_run(f.loop);
	assert_int_equal(f.n, 1);
	loop_timer_free(guard.timer);
	loop_free(f.loop);
}

static void on_io(int fd, unsigned int events, void *user_data)
{
	struct fired *f = user_data;
	char c;

	if (events & LOOP_READ)
		assert_int_equal(read(fd, &c, 1), 1);
	if (++f->n == f->stop_at)
		loop_stop(f->loop);
}

static void test_io_is_level_triggered_and_can_be_paused(void **state)
{
	struct fired f = { .loop = loop_new(), .stop_at = 3 };
	struct fired guard = { .loop = f.loop, .stop_at = 1 };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "abcd", 4), 4);
	f.io = loop_io_new(f.loop, fds[0], LOOP_READ, on_io, &f);
	loop_run(f.loop);
	assert_int_equal(f.n, 3);

	loop_io_set_events(f.io, 0);
	guard.timer = loop_timer_new(f.loop, on_timer, &guard);
	loop_timer_set(guard.timer, time_monotonic_us() + 30 * MS);
	loop_run(f.loop);
	assert_int_equal(f.n, 3);

	f.stop_at = 4;
	loop_io_set_events(f.io, LOOP_READ);
	loop_run(f.loop);
	assert_int_equal(f.n, 4);
	loop_io_free(f.io);
	loop_timer_free(guard.timer);
	close(fds[0]);
	close(fds[1]);
	loop_free(f.loop);
}

static void free_io(int fd, unsigned int events, void *user_data)
{
	struct fired *f = user_data;

	(void)fd;
	(void)events;
	f->n++;
	loop_io_free(f->io);
	loop_stop(f->loop);
}

static void test_io_may_be_freed_by_its_own_callback(void **state)
{
	struct fired f = { .loop = loop_new() };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	f.io = loop_io_new(f.loop, fds[1], LOOP_WRITE, free_io, &f);
	loop_run(f.loop);
	assert_int_equal(f.n, 1);
	close(fds[0]);
	close(fds[1]);
	loop_free(f.loop);
}

static void on_signal(int signo, void *user_data)
{
	struct fired *f = user_data;

	assert_int_equal(signo, SIGUSR1);
	f->n++;
	loop_stop(f->loop);
}

static void test_a_signal_calls_back(void **state)
{
	struct fired f = { .loop = loop_new() };
	struct loop_signal *sig =
		loop_signal_new(f.loop, SIGUSR1, on_signal, &f);

	(void)state;
	raise(SIGUSR1);
	loop_run(f.loop);
	assert_int_equal(f.n, 1);
	loop_signal_free(sig);
	loop_free(f.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_timer_fires_once_and_not_early),
		cmocka_unit_test(
			test_a_past_deadline_fires_at_once_and_never_means_never),
		cmocka_unit_test(test_a_new_deadline_replaces_the_old_one),
		cmocka_unit_test(
			test_timers_fire_in_the_order_of_their_deadlines),
		cmocka_unit_test(
			test_freed_timers_do_not_fire_even_freed_by_each_other),
		cmocka_unit_test(test_io_is_level_triggered_and_can_be_paused),
		cmocka_unit_test(test_io_may_be_freed_by_its_own_callback),
		cmocka_unit_test(test_a_signal_calls_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
