/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/event_sender.h"

#include <string.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/role.h"

#define FIRST_CAPACITY 64

struct waiting {
	uint32_t generation;
	struct msg_event event;
};

/* A ring of CAPACITY places, which doubles when it is full. */
struct event_sender {
	struct role *role;
	struct waiting *ring;
	size_t capacity;
	size_t first;
	size_t n;
	uint64_t lost; /* not told yet */
	struct log_limit limit;
};

struct event_sender *event_sender_new(struct role *role)
{
	struct event_sender *sender = x_new(struct event_sender, 1);

	sender->role = role;
	return sender;
}

void event_sender_free(struct event_sender *sender)
{
	if (!sender)
		return;
	x_free(sender->ring);
	x_free(sender);
}

static struct waiting *place(const struct event_sender *sender, size_t i)
{
	return &sender->ring[(sender->first + i) % sender->capacity];
}

static void drop_first(struct event_sender *sender, size_t n)
{
	sender->first = (sender->first + n) % sender->capacity;
	sender->n -= n;
}

static void grow(struct event_sender *sender)
{
	size_t capacity =
		sender->capacity ? sender->capacity * 2 : FIRST_CAPACITY;
	struct waiting *ring = x_new(struct waiting, capacity);
	size_t i;

	for (i = 0; i < sender->n; i++)
		ring[i] = *place(sender, i);
	x_free(sender->ring);
	sender->ring = ring;
	sender->capacity = capacity;
	sender->first = 0;
}

void event_sender_put(struct event_sender *sender, uint32_t generation,
	const struct msg_event *event)
{
	if (sender->n == EVENT_SENDER_MAX) {
		drop_first(sender, 1);
		sender->lost++;
		log_limited(&sender->limit, LOG_LEVEL_ERROR,
			"events for FIFOs and mail are lost: %u wait for the "
			"runner",
			EVENT_SENDER_MAX);
	} else if (sender->n == sender->capacity) {
		grow(sender);
	}
	*place(sender, sender->n++) = (struct waiting){ generation, *event };
}

/* How many of the first speak of one generation and fit one message. */
static uint32_t count_alike(const struct event_sender *sender)
{
	uint32_t generation = place(sender, 0)->generation;
	uint32_t n = 1;

	while (n < MSG_EVENTS_MAX && n < sender->n &&
		place(sender, n)->generation == generation)
		n++;
	return n;
}

void event_sender_flush(struct event_sender *sender)
{
	struct buf_writer w = { .data = NULL };

	while (sender->n && role_peer_is_up(sender->role, ROLE_RUNNER)) {
		uint32_t n = count_alike(sender);
		uint32_t i;

		buf_writer_reset(&w);
		msg_begin_events(&w, sender->lost, n);
		for (i = 0; i < n; i++)
			msg_put_event(&w, &place(sender, i)->event);
		if (role_send(sender->role, ROLE_RUNNER, MSG_EVENTS,
			    place(sender, 0)->generation, &w, -1) < 0)
			break;
		sender->lost = 0;
		drop_first(sender, n);
	}
	buf_writer_free(&w);
}

size_t event_sender_waiting(const struct event_sender *sender)
{
	return sender->n;
}
