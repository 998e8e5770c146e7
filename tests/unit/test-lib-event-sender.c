/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events on their way: the test is the role that they are sent through. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/event_sender.h"
#include "lib/mem.h"
#include "lib/role.h"

#define NODES_MAX (EVENT_SENDER_MAX + 10)

static struct {
	bool up;
	unsigned int room; /* messages that are taken yet */
	unsigned int messages;
	uint64_t lost;
	uint32_t n;
	uint32_t nodes[NODES_MAX];
	uint32_t generations[NODES_MAX];
} runner;

bool role_peer_is_up(const struct role *role, enum role_id peer)
{
	(void)role;
	return peer == ROLE_RUNNER && runner.up;
}

int role_send(struct role *role, enum role_id peer, uint16_t type,
	uint32_t generation, const struct buf_writer *body, int fd)
{
	struct buf_reader r;
	uint64_t lost;
	uint32_t count;
	uint32_t i;

	(void)role;
	assert_int_equal(peer, ROLE_RUNNER);
	assert_int_equal(type, MSG_EVENTS);
	assert_int_equal(fd, -1);
	if (!runner.room)
		return -ENOBUFS;
	runner.room--;
	runner.messages++;
	buf_reader_init(&r, body->data, body->len);
	assert_int_equal(msg_get_events(&r, &lost, &count), 0);
	runner.lost += lost;
	for (i = 0; i < count; i++) {
		struct msg_event event;

		assert_int_equal(msg_get_event(&r, &event), 0);
		runner.nodes[runner.n] = event.node;
		runner.generations[runner.n++] = generation;
	}
	assert_int_equal(buf_reader_finish(&r), 0);
	return 0;
}

static struct event_sender *open_sender(bool up, unsigned int room)
{
	memset(&runner, 0, sizeof(runner));
	runner.up = up;
	runner.room = room;
	return event_sender_new(NULL);
}

static void put(struct event_sender *sender, uint32_t generation, uint32_t node)
{
	const struct msg_event event = {
		.subject = EVENT_INSTANCE,
		.what = EVENT_MASTER,
		.node = node,
	};

	event_sender_put(sender, generation, &event);
}

static void test_events_arrive_in_order_with_their_generation(void **state)
{
	struct event_sender *sender = open_sender(true, 100);
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		put(sender, i < 60 ? 1 : 2, i);
	event_sender_flush(sender);
	assert_int_equal(runner.messages, 2);
	assert_int_equal(runner.n, 100);
	for (i = 0; i < 100; i++) {
		assert_int_equal(runner.nodes[i], i);
		assert_int_equal(runner.generations[i], i < 60 ? 1 : 2);
	}
	assert_int_equal(event_sender_waiting(sender), 0);
	event_sender_free(sender);
}

static void test_events_wait_for_a_runner_and_for_room(void **state)
{
	struct event_sender *sender = open_sender(false, 1);
	uint32_t i;

	(void)state;
	for (i = 0; i < 3 * MSG_EVENTS_MAX; i++)
		put(sender, 1, i);
	event_sender_flush(sender);
	assert_int_equal(runner.n, 0);
	runner.up = true;
	event_sender_flush(sender);
	assert_int_equal(runner.n, MSG_EVENTS_MAX);
	assert_int_equal(event_sender_waiting(sender), 2 * MSG_EVENTS_MAX);
	put(sender, 1, i);
	runner.room = 10;
	event_sender_flush(sender);
	assert_int_equal(runner.n, 3 * MSG_EVENTS_MAX + 1);
	for (i = 0; i < runner.n; i++)
		assert_int_equal(runner.nodes[i], i);
	assert_int_equal(runner.lost, 0);
	event_sender_free(sender);
}

static void test_what_is_lost_is_the_oldest_and_is_told(void **state)
{
	struct event_sender *sender = open_sender(false, 1000);
	uint32_t i;

	(void)state;
	for (i = 0; i < EVENT_SENDER_MAX + 5; i++)
		put(sender, 1, i);
	assert_int_equal(event_sender_waiting(sender), EVENT_SENDER_MAX);
	runner.up = true;
	event_sender_flush(sender);
	assert_int_equal(runner.lost, 5);
	assert_int_equal(runner.n, EVENT_SENDER_MAX);
	for (i = 0; i < runner.n; i++)
		assert_int_equal(runner.nodes[i], i + 5);
	/* Told once. */
	put(sender, 1, 7);
	event_sender_flush(sender);
	assert_int_equal(runner.lost, 5);
	event_sender_free(sender);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_events_arrive_in_order_with_their_generation),
		cmocka_unit_test(test_events_wait_for_a_runner_and_for_room),
		cmocka_unit_test(test_what_is_lost_is_the_oldest_and_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
