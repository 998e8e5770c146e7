/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events on their way from a role to the runner, which tells FIFOs and mail.
 *
 * Each event keeps the number of the generation that it speaks of, and they
 * arrive in the order in which they were put.  While the runner is away they
 * wait, so many and no more: then the oldest ones are left out, are counted
 * here, and the runner is told how many.
 */
#ifndef TANDEM_LIB_EVENT_SENDER_H
#define TANDEM_LIB_EVENT_SENDER_H

#include <stddef.h>
#include <stdint.h>

#include "lib/messages.h"

#define EVENT_SENDER_MAX 65536

struct event_sender;
struct role;

struct event_sender *event_sender_new(struct role *role);
void event_sender_free(struct event_sender *sender); /* NULL is fine */

/* EVENT waits for event_sender_flush(). */
void event_sender_put(struct event_sender *sender, uint32_t generation,
	const struct msg_event *event);
/* Sends what waits as far as the runner takes it: after a row of events, and
 * when the runner is there again. */
void event_sender_flush(struct event_sender *sender);

size_t event_sender_waiting(const struct event_sender *sender);

#endif
