/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"

#define CHANNEL_MAGIC 0x7444u
#define CHANNEL_SOCKET_BUFFER (4 * 1024 * 1024)
/* Memory of the messages that wait: twice what a role's checkpoints may be. */
#define CHANNEL_QUEUE_BYTES (128u * 1024 * 1024)
/* How many messages one wake-up reads, so that a busy peer does not starve
 * the timers of this role. */
#define CHANNEL_BURST 64
/* More than a socket's buffer holds. */
#define CHANNEL_DRAIN_MAX 65536

struct channel_header {
	uint16_t magic;
	uint16_t type;
	uint32_t generation;
};

struct channel_waiting {
	struct channel_waiting *prev;
	struct channel_waiting *next;
	int fd;
	struct channel_header header;
	size_t len;
	uint8_t body[];
};

struct channel {
	int fd;
	struct loop_io *io;
	struct channel_waiting *queue;
	unsigned int queued;
	size_t queued_bytes;
	bool closed;
	bool *freed; /* set while messages are handled */
	struct channel_counters counters;
	void (*message)(struct channel *channel, struct message *msg,
		void *user_data);
	void (*on_closed)(struct channel *channel, void *user_data);
	void *user_data;
	uint8_t buffer[CHANNEL_BODY_MAX];
};

union channel_control {
	char data[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int message_take_fd(struct message *msg)
{
	int fd = msg->fd;

	msg->fd = -1;
	return fd;
}

static int channel_write(struct channel *channel,
	struct channel_header *header, const void *body, size_t len, int fd)
{
	struct iovec iov[2] = {
		{ .iov_base = header, .iov_len = sizeof(*header) },
		{ .iov_base = (void *)(uintptr_t)body, .iov_len = len },
	};
	union channel_control control = { .data = { 0 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };
	struct cmsghdr *cmsg;

	if (fd >= 0) {
		msg.msg_control = control.data;
		msg.msg_controllen = sizeof(control.data);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	if (sendmsg(channel->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return -errno;
	channel->counters.sent++;
	return 0;
}

static size_t waiting_bytes(size_t len)
{
	return sizeof(struct channel_waiting) + len;
}

static void channel_drop_first(struct channel *channel)
{
	struct channel_waiting *first = channel->queue;

	DL_DELETE(channel->queue, first);
	channel->queued--;
	channel->queued_bytes -= waiting_bytes(first->len);
	if (first->fd >= 0)
		close(first->fd);
	x_free(first);
}

static void channel_flush(struct channel *channel)
{
	while (channel->queue) {
		struct channel_waiting *first = channel->queue;
		int err = channel_write(channel, &first->header, first->body,
			first->len, first->fd);

		if (err == -EAGAIN || err == -ENOBUFS || err == -EINTR)
			return;
		channel_drop_first(channel);
	}
	loop_io_set_events(channel->io, LOOP_READ);
}

static int channel_enqueue(struct channel *channel,
	const struct channel_header *header, const void *body, size_t len,
	int fd)
{
	struct channel_waiting *waiting;
	int copy = -1;

	if (channel->queued_bytes + waiting_bytes(len) > CHANNEL_QUEUE_BYTES) {
		channel->counters.overflowed++;
		return -ENOBUFS;
	}
	if (fd >= 0) {
		copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (copy < 0)
			return -errno;
	}
	waiting = x_calloc(1, waiting_bytes(len));
	waiting->header = *header;
	waiting->len = len;
	if (len)
		memcpy(waiting->body, body, len);
	waiting->fd = copy;
	DL_APPEND(channel->queue, waiting);
	channel->queued++;
	channel->queued_bytes += waiting_bytes(len);
	loop_io_set_events(channel->io, LOOP_READ | LOOP_WRITE);
	return 0;
}

int channel_send(struct channel *channel, uint16_t type, uint32_t generation,
	const struct buf_writer *body, int fd)
{
	struct channel_header header = {
		.magic = CHANNEL_MAGIC,
		.type = type,
		.generation = generation,
	};
	const void *data = body ? body->data : NULL;
	size_t len = body ? body->len : 0;
	int err;

	if (channel->closed)
		return -EPIPE;
	if (len > CHANNEL_BODY_MAX)
		return -EMSGSIZE;
	if (!channel->queue) {
		err = channel_write(channel, &header, data, len, fd);
		if (err != -EAGAIN && err != -ENOBUFS && err != -EINTR)
			return err;
	}
	return channel_enqueue(channel, &header, data, len, fd);
}

static int channel_received_fd(struct msghdr *msg)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	int fd;

	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET ||
		cmsg->cmsg_type != SCM_RIGHTS ||
		cmsg->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -1;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

static void channel_lost(struct channel *channel)
{
	if (channel->closed)
		return;
	channel->closed = true;
	loop_io_set_events(channel->io, 0);
	channel->on_closed(channel, channel->user_data);
}

/* One message: 1 = handled, 0 = none there, -EPIPE = the other end is gone. */
static int channel_read(struct channel *channel)
{
	struct channel_header header;
	struct iovec iov[2] = {
		{ .iov_base = &header, .iov_len = sizeof(header) },
		{ .iov_base = channel->buffer,
			.iov_len = sizeof(channel->buffer) },
	};
	union channel_control control;
	struct msghdr msg = {
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control.data,
		.msg_controllen = sizeof(control.data),
	};
	struct message message = { .fd = -1 };
	ssize_t len;

	len = recvmsg(channel->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	/* Said once, when the other end was closed before it had read all of
	 * ours; what it sent before that is still there. */
	if (len < 0 && errno == ECONNRESET)
		len = recvmsg(
			channel->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	if (!len)
		return -EPIPE;
	message.fd = channel_received_fd(&msg);
	if ((size_t)len < sizeof(header) || header.magic != CHANNEL_MAGIC ||
		msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		channel->counters.malformed++;
		if (message.fd >= 0)
			close(message.fd);
		return 1;
	}
	channel->counters.received++;
	message.type = header.type;
	message.generation = header.generation;
	buf_reader_init(&message.body, channel->buffer,
		(size_t)len - sizeof(header));
	channel->message(channel, &message, channel->user_data);
	if (message.fd >= 0)
		close(message.fd);
	return 1;
}

/* At most MAX messages: as channel_read(), or -ECANCELED when a handler has
 * freed the channel. */
static int channel_read_some(struct channel *channel, unsigned int max)
{
	bool *outer = channel->freed;
	bool freed = false;
	unsigned int i;
	int got = 1;

	channel->freed = &freed;
	for (i = 0; i < max && got > 0; i++) {
		got = channel_read(channel);
		if (freed) {
			if (outer)
				*outer = true;
			return -ECANCELED;
		}
	}
	channel->freed = outer;
	return got;
}

static void channel_event(int fd, unsigned int events, void *user_data)
{
	struct channel *channel = user_data;

	(void)fd;
	if (events & LOOP_WRITE)
		channel_flush(channel);
	if (events & LOOP_READ &&
		channel_read_some(channel, CHANNEL_BURST) == -EPIPE)
		channel_lost(channel);
}

void channel_drain(struct channel *channel)
{
	if (channel && !channel->closed)
		channel_read_some(channel, CHANNEL_DRAIN_MAX);
}

struct channel *channel_new(struct loop *loop, int fd,
	void (*message)(struct channel *channel, struct message *msg,
		void *user_data),
	void (*closed)(struct channel *channel, void *user_data),
	void *user_data)
{
	struct channel *channel = x_new(struct channel, 1);
	int size = CHANNEL_SOCKET_BUFFER;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	/* More where the system allows it; the queue takes the rest. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	channel->fd = fd;
	channel->message = message;
	channel->on_closed = closed;
	channel->user_data = user_data;
	channel->io = loop_io_new(loop, fd, LOOP_READ, channel_event, channel);
	return channel;
}

void channel_free(struct channel *channel)
{
	if (!channel)
		return;
	if (channel->queue)
		channel_flush(channel);
	while (channel->queue)
		channel_drop_first(channel);
	if (channel->freed)
		*channel->freed = true;
	loop_io_free(channel->io);
	close(channel->fd);
	x_free(channel);
}

unsigned int channel_queued(const struct channel *channel)
{
	return channel->queued;
}

const struct channel_counters *channel_counters(const struct channel *channel)
{
	return &channel->counters;
}

int channel_pair(int ret_fds[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
		return -errno;
	return 0;
}
