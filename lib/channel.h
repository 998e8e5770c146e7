/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel carries messages between two processes of the suite.
 *
 * It is one end of a SOCK_SEQPACKET socketpair.  A message has a type, the
 * generation it speaks of, a body (lib/buf.h) and at most one descriptor.
 * Sending never blocks: what the socket does not take waits in a queue of
 * bounded size.  A message that is malformed is counted and dropped; only
 * the end of the other process ends a channel.
 */
#ifndef TANDEM_LIB_CHANNEL_H
#define TANDEM_LIB_CHANNEL_H

#include <stdint.h>

#include "lib/buf.h"
#include "lib/loop.h"

/* The largest body; senders of lists split them. */
#define CHANNEL_BODY_MAX 65536

struct channel;

/* A message while its handler runs.  BODY borrows the channel's buffer; FD
 * is closed after the handler unless it took it with message_take_fd(). */
struct message {
	uint16_t type;
	uint32_t generation;
	struct buf_reader body;
	int fd; /* -1 = none */
};

int message_take_fd(struct message *msg);

struct channel_counters {
	uint64_t sent;
	uint64_t received;
	uint64_t malformed; /* dropped: no valid header */
	uint64_t overflowed; /* not sent: the queue was full */
};

/*
 * Takes FD, sets it non-blocking and watches it.  MESSAGE is called for each
 * message; CLOSED once, when the other end is gone: free the channel there
 * or later.
 */
struct channel *channel_new(struct loop *loop, int fd,
	void (*message)(struct channel *channel, struct message *msg,
		void *user_data),
	void (*closed)(struct channel *channel, void *user_data),
	void *user_data);
/* Closes the descriptor; queued messages are tried once and then lost. */
void channel_free(struct channel *channel); /* NULL is fine */
/*
 * Handles what has arrived and waits to be read, before the channel is freed
 * or its silence is judged: MESSAGE is called as usual, CLOSED is not.
 */
void channel_drain(struct channel *channel); /* NULL is fine */

/*
 * Sends, or queues, one message.  BODY may be NULL; FD is duplicated when it
 * has to wait, so the caller keeps its own, and -1 means none.
 * 0, -EMSGSIZE, -ENOBUFS (queue full: counted), -EPIPE (other end gone), or
 * what went wrong with FD; nothing was sent then.
 */
int channel_send(struct channel *channel, uint16_t type, uint32_t generation,
	const struct buf_writer *body, int fd);

/* Messages waiting in the queue. */
unsigned int channel_queued(const struct channel *channel);
const struct channel_counters *channel_counters(const struct channel *channel);

/* A connected pair, close-on-exec.  0 or -errno. */
int channel_pair(int ret_fds[2]);

#endif
