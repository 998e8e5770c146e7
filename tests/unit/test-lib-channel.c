/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/channel.h"
#include "lib/timeutil.h"

#define RECEIVED_MAX 200000

/* One end with what it has heard; the other end is a bare descriptor or a
 * second channel. */
struct end {
	struct loop *loop;
	struct channel *channel;
	struct loop_timer *deadline;
	unsigned int wanted; /* messages after which the loop stops */
	unsigned int n;
	uint16_t type;
	uint32_t generation;
	uint32_t value;
	bool in_order;
	int fd; /* taken from the last message */
	bool take_fd;
	bool free_inside;
	bool closed;
	bool timed_out;
};

static void on_message(
	struct channel *channel, struct message *msg, void *user_data)
{
	struct end *end = user_data;
	uint32_t value = buf_get_u32(&msg->body);

	assert_ptr_equal(channel, end->channel);
	if (end->n && value != end->value + 1)
		end->in_order = false;
	end->type = msg->type;
	end->generation = msg->generation;
	end->value = value;
	end->n++;
	if (end->take_fd)
		end->fd = message_take_fd(msg);
	if (end->free_inside) {
		channel_free(channel);
		end->channel = NULL;
		loop_stop(end->loop);
	}
	if (end->n == end->wanted)
		loop_stop(end->loop);
}

static void on_closed(struct channel *channel, void *user_data)
{
	struct end *end = user_data;

	assert_ptr_equal(channel, end->channel);
	end->closed = true;
	loop_stop(end->loop);
}

static void on_deadline(void *user_data)
{
	struct end *end = user_data;

	end->timed_out = true;
	loop_stop(end->loop);
}

static void end_open(struct end *end, struct loop *loop, int fd)
{
	*end = (struct end){ .loop = loop, .fd = -1, .in_order = true };
	end->channel = channel_new(loop, fd, on_message, on_closed, end);
	end->deadline = loop_timer_new(loop, on_deadline, end);
}

static void end_close(struct end *end)
{
	channel_free(end->channel);
	loop_timer_free(end->deadline);
}

/* Until WANTED messages are there, the other end is gone or 5 s are over. */
static void end_run(struct end *end, unsigned int wanted)
{
	end->wanted = end->n + wanted;
	loop_timer_set(end->deadline, time_monotonic_us() + 5 * USEC_PER_SEC);
	loop_run(end->loop);
	loop_timer_set(end->deadline, TIME_NEVER);
}

static int send_value(struct channel *channel, uint32_t value, int fd)
{
	struct buf_writer w = { .data = NULL };
	int err;

	buf_put_u32(&w, value);
	err = channel_send(channel, 7, 42, &w, fd);
	buf_writer_free(&w);
	return err;
}

static void test_a_message_arrives_with_type_generation_and_body(void **state)
{
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	int fds[2];

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
	end_open(&a, loop, fds[0]);
	end_open(&b, loop, fds[1]);
	assert_int_equal(send_value(a.channel, 123, -1), 0);
	end_run(&b, 1);
	assert_false(b.timed_out);
	assert_int_equal(b.type, 7);
	assert_int_equal(b.generation, 42);
	assert_int_equal(b.value, 123);
	assert_int_equal(channel_counters(a.channel)->sent, 1);
	assert_int_equal(channel_counters(b.channel)->received, 1);
	end_close(&a);
	end_close(&b);
	loop_free(loop);
}

static void test_a_descriptor_arrives_and_works(void **state)
{
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	int pipe_fds[2];
	int fds[2];
	char c;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	end_open(&b, loop, fds[1]);
	b.take_fd = true;
	assert_int_equal(send_value(a.channel, 1, pipe_fds[1]), 0);
	close(pipe_fds[1]);
	end_run(&b, 1);
	assert_true(b.fd >= 0);
	assert_true(fcntl(b.fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(b.fd, "x", 1), 1);
	close(b.fd);
	assert_int_equal(read(pipe_fds[0], &c, 1), 1);
	/* Nobody else has kept a copy. */
	assert_int_equal(read(pipe_fds[0], &c, 1), 0);
	close(pipe_fds[0]);
	end_close(&a);
	end_close(&b);
	loop_free(loop);
}

static void test_a_descriptor_that_nobody_takes_is_closed(void **state)
{
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	int pipe_fds[2];
	int fds[2];
	char c;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	end_open(&b, loop, fds[1]);
	assert_int_equal(send_value(a.channel, 1, pipe_fds[1]), 0);
	close(pipe_fds[1]);
	end_run(&b, 1);
	assert_int_equal(read(pipe_fds[0], &c, 1), 0);
	close(pipe_fds[0]);
	end_close(&a);
	end_close(&b);
	loop_free(loop);
}

static void test_what_the_socket_does_not_take_waits_and_keeps_its_order(
	void **state)
{
	struct loop *loop = loop_new();
	const uint32_t count = 100000;
	struct end a;
	struct end b;
	uint32_t i;
	int fds[2];

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	for (i = 0; i < count; i++)
		assert_int_equal(send_value(a.channel, i, -1), 0);
	assert_true(channel_queued(a.channel) > 0);
	end_open(&b, loop, fds[1]);
	end_run(&b, count);
	assert_false(b.timed_out);
	assert_int_equal(b.n, count);
	assert_true(b.in_order);
	assert_int_equal(channel_queued(a.channel), 0);
	end_close(&a);
	end_close(&b);
	loop_free(loop);
}

static void test_a_full_queue_refuses_and_counts(void **state)
{
	static char big[CHANNEL_BODY_MAX];
	struct buf_writer w = { .data = NULL };
	struct loop *loop = loop_new();
	struct end a;
	uint32_t i = 0;
	int fds[2];
	int err;

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	buf_put_bytes(&w, big, sizeof(big));
	do
		err = channel_send(a.channel, 7, 42, &w, -1);
	while (!err && ++i < RECEIVED_MAX);
	assert_int_equal(err, -ENOBUFS);
	assert_int_equal(channel_counters(a.channel)->overflowed, 1);
	buf_writer_free(&w);
	end_close(&a);
	close(fds[1]);
	loop_free(loop);
}

static void test_a_queued_descriptor_is_a_copy(void **state)
{
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	int pipe_fds[2];
	unsigned int n = 0;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	while (!channel_queued(a.channel))
		assert_int_equal(send_value(a.channel, n++, -1), 0);
	assert_int_equal(send_value(a.channel, n++, pipe_fds[1]), 0);
	close(pipe_fds[1]);
	end_open(&b, loop, fds[1]);
	b.take_fd = true;
	end_run(&b, n);
	assert_false(b.timed_out);
	assert_true(b.fd >= 0);
	assert_int_equal(write(b.fd, "x", 1), 1);
	close(b.fd);
	close(pipe_fds[0]);
	end_close(&a);
	end_close(&b);
	loop_free(loop);
}

/* A message without its descriptor would say something else. */
static void test_a_descriptor_that_cannot_wait_is_an_error(void **state)
{
	struct loop *loop = loop_new();
	unsigned int queued;
	struct rlimit old;
	struct rlimit few;
	struct end a;
	int fds[2];

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	while (!channel_queued(a.channel))
		assert_int_equal(send_value(a.channel, 0, -1), 0);
	queued = channel_queued(a.channel);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(send_value(a.channel, 1, fds[1]), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(channel_queued(a.channel), queued);
	end_close(&a);
	close(fds[1]);
	loop_free(loop);
}

static void test_garbage_is_counted_and_the_channel_lives(void **state)
{
	static const char *const garbage[] = { "", "x", "1234567", "12345678",
		"garbage that is as long as a header and more" };
	struct loop *loop = loop_new();
	struct channel_counters before;
	struct end b;
	struct end a;
	size_t i;
	int fds[2];

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&b, loop, fds[1]);
	before = *channel_counters(b.channel);
	assert_int_equal(before.malformed, 0);
	/* An empty datagram would look like an end of file: left out. */
	for (i = 1; i < sizeof(garbage) / sizeof(garbage[0]); i++)
		assert_true(
			send(fds[0], garbage[i], strlen(garbage[i]), 0) > 0);
	end_open(&a, loop, fds[0]);
	assert_int_equal(send_value(a.channel, 5, -1), 0);
	end_run(&b, 1);
	assert_false(b.timed_out);
	assert_false(b.closed);
	assert_int_equal(b.value, 5);
	assert_int_equal(channel_counters(b.channel)->malformed, 4);
	end_close(&a);
	end_close(&b);
	loop_free(loop);
}

static void test_a_datagram_that_is_too_long_is_dropped(void **state)
{
	static char big[CHANNEL_BODY_MAX + 64];
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	int fds[2];

	(void)state;
	/* With the right magic, which is in the bytes of any message. */
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	assert_int_equal(send_value(a.channel, 1, -1), 0);
	assert_true(recv(fds[1], big, sizeof(big), 0) > 0);
	end_open(&b, loop, fds[1]);
	assert_int_equal(
		send(fds[0], big, sizeof(big), 0), (ssize_t)sizeof(big));
	assert_int_equal(send_value(a.channel, 2, -1), 0);
	end_run(&b, 1);
	assert_int_equal(b.value, 2);
	assert_int_equal(channel_counters(b.channel)->malformed, 1);
	end_close(&a);
	end_close(&b);
	loop_free(loop);
}

static void test_a_body_has_a_limit(void **state)
{
	static char big[CHANNEL_BODY_MAX + 1];
	struct buf_writer w = { .data = NULL };
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	int fds[2];

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	end_open(&b, loop, fds[1]);
	buf_put_bytes(&w, big, CHANNEL_BODY_MAX + 1);
	assert_int_equal(channel_send(a.channel, 1, 1, &w, -1), -EMSGSIZE);
	w.len = CHANNEL_BODY_MAX;
	assert_int_equal(channel_send(a.channel, 1, 1, &w, -1), 0);
	end_run(&b, 1);
	assert_false(b.timed_out);
	buf_writer_free(&w);
	end_close(&a);
	end_close(&b);
	loop_free(loop);
}

static void test_the_end_of_the_other_side_is_told_once(void **state)
{
	struct loop *loop = loop_new();
	struct end b;
	int fds[2];

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&b, loop, fds[1]);
	close(fds[0]);
	end_run(&b, 1);
	assert_true(b.closed);
	assert_int_equal(send_value(b.channel, 1, -1), -EPIPE);
	end_close(&b);
	loop_free(loop);
}

static void test_what_was_sent_before_the_end_still_arrives(void **state)
{
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	uint32_t i;
	int fds[2];

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	for (i = 0; i < 100; i++)
		assert_int_equal(send_value(a.channel, i, -1), 0);
	end_close(&a);
	end_open(&b, loop, fds[1]);
	end_run(&b, 1000);
	assert_true(b.closed);
	assert_int_equal(b.n, 100);
	assert_true(b.in_order);
	end_close(&b);
	loop_free(loop);
}

/* The kernel says ECONNRESET first in this case. */
static void test_what_was_sent_before_an_end_that_left_ours_unread_arrives(
	void **state)
{
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	int fds[2];

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	end_open(&b, loop, fds[1]);
	assert_int_equal(send_value(b.channel, 9, -1), 0);
	assert_int_equal(send_value(a.channel, 1, -1), 0);
	assert_int_equal(send_value(a.channel, 2, -1), 0);
	end_close(&a);
	end_run(&b, RECEIVED_MAX);
	assert_true(b.closed);
	assert_int_equal(b.n, 2);
	end_close(&b);
	loop_free(loop);
}

static void test_draining_handles_what_waits_but_not_the_end(void **state)
{
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	int fds[2];
	uint32_t i;

	(void)state;
	channel_drain(NULL);
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	end_open(&b, loop, fds[1]);
	for (i = 0; i < 200; i++)
		assert_int_equal(send_value(a.channel, i, -1), 0);
	end_close(&a);
	channel_drain(b.channel);
	assert_int_equal(b.n, 200);
	assert_true(b.in_order);
	assert_false(b.closed);
	end_run(&b, RECEIVED_MAX);
	assert_true(b.closed);
	assert_int_equal(b.n, 200);
	end_close(&b);
	loop_free(loop);
}

static void test_the_queue_is_bounded_in_bytes_too(void **state)
{
	static const uint8_t body[CHANNEL_BODY_MAX];
	struct buf_writer w = { .data = NULL };
	struct loop *loop = loop_new();
	unsigned int n = 0;
	struct end a;
	int fds[2];
	int err;

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	buf_put_bytes(&w, body, sizeof(body));
	do
		err = channel_send(a.channel, 7, 42, &w, -1);
	while (!err && ++n < 10000);
	assert_int_equal(err, -ENOBUFS);
	/* 64 MiB of checkpoints pass. */
	assert_true(n > 1024);
	buf_writer_free(&w);
	end_close(&a);
	close(fds[1]);
	loop_free(loop);
}

static void test_a_channel_may_be_freed_by_its_own_handler(void **state)
{
	struct loop *loop = loop_new();
	struct end a;
	struct end b;
	int fds[2];

	(void)state;
	assert_int_equal(channel_pair(fds), 0);
	end_open(&a, loop, fds[0]);
	end_open(&b, loop, fds[1]);
	b.free_inside = true;
	assert_int_equal(send_value(a.channel, 1, -1), 0);
	assert_int_equal(send_value(a.channel, 2, -1), 0);
	end_run(&b, 2);
	assert_int_equal(b.n, 1);
	end_close(&a);
	end_close(&b);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_message_arrives_with_type_generation_and_body),
		cmocka_unit_test(test_a_descriptor_arrives_and_works),
		cmocka_unit_test(test_a_descriptor_that_nobody_takes_is_closed),
		cmocka_unit_test(
			test_what_the_socket_does_not_take_waits_and_keeps_its_order),
		cmocka_unit_test(test_a_full_queue_refuses_and_counts),
		cmocka_unit_test(test_a_queued_descriptor_is_a_copy),
		cmocka_unit_test(
			test_a_descriptor_that_cannot_wait_is_an_error),
		cmocka_unit_test(test_garbage_is_counted_and_the_channel_lives),
		cmocka_unit_test(test_a_datagram_that_is_too_long_is_dropped),
		cmocka_unit_test(test_a_body_has_a_limit),
		cmocka_unit_test(test_the_end_of_the_other_side_is_told_once),
		cmocka_unit_test(
			test_what_was_sent_before_the_end_still_arrives),
		cmocka_unit_test(
			test_what_was_sent_before_an_end_that_left_ours_unread_arrives),
		cmocka_unit_test(
			test_draining_handles_what_waits_but_not_the_end),
		cmocka_unit_test(test_the_queue_is_bounded_in_bytes_too),
		cmocka_unit_test(
			test_a_channel_may_be_freed_by_its_own_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
