/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/process_events.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

/* The kernel answers at once, if at all. */
#define ANSWER_US (500 * USEC_PER_MSEC)
#define EVENTS_AT_ONCE 128

struct process_events {
	struct process_events_ops ops;
	void *user_data;
	struct loop_io *io;
	struct loop_timer *timer;
	int fd;
	bool answered;
};

/* --- events --- */

static void answered(struct process_events *events, int error)
{
	if (events->answered)
		return;
	events->answered = true;
	loop_timer_set(events->timer, TIME_NEVER);
	events->ops.ready(error, events->user_data);
}

static void on_timer(void *user_data)
{
	answered(user_data, -ETIMEDOUT);
}

/* Threads have events of their own, which are not looked at. */
static void take(struct process_events *events, const struct proc_event *event)
{
	switch ((unsigned int)event->what) {
	case PROC_EVENT_NONE:
		answered(events, -(int)event->event_data.ack.err);
		return;
	case PROC_EVENT_FORK:
		if (event->event_data.fork.child_pid ==
			event->event_data.fork.child_tgid)
			events->ops.forked(event->event_data.fork.parent_tgid,
				event->event_data.fork.child_tgid,
				events->user_data);
		return;
	case PROC_EVENT_EXEC:
		events->ops.changed(
			event->event_data.exec.process_tgid, events->user_data);
		return;
	case PROC_EVENT_COMM:
		if (event->event_data.comm.process_pid ==
			event->event_data.comm.process_tgid)
			events->ops.changed(event->event_data.comm.process_tgid,
				events->user_data);
		return;
	case PROC_EVENT_EXIT:
		if (event->event_data.exit.process_pid ==
			event->event_data.exit.process_tgid)
			events->ops.exited(event->event_data.exit.process_tgid,
				events->user_data);
		return;
	default: /* no enum of ours: the kernel has more */
		return;
	}
}

/* One datagram, one event. */
static void take_datagram(
	struct process_events *events, const uint8_t *data, size_t len)
{
	const size_t headers = NLMSG_HDRLEN + sizeof(struct cn_msg);
	struct proc_event event;
	struct cn_msg msg;
	size_t size;

	if (len < headers)
		return;
	memcpy(&msg, data + NLMSG_HDRLEN, sizeof(msg));
	if (msg.id.idx != CN_IDX_PROC || msg.id.val != CN_VAL_PROC)
		return;
	/* Older and newer kernels have other sizes. */
	size = len - headers < sizeof(event) ? len - headers : sizeof(event);
	memset(&event, 0, sizeof(event));
	memcpy(&event, data + headers, size);
	take(events, &event);
}

static void readable(int fd, unsigned int flags, void *user_data)
{
	struct process_events *events = user_data;
	uint8_t data[512];
	struct sockaddr_nl from;

	(void)flags;
	for (int i = 0; i < EVENTS_AT_ONCE; i++) {
		socklen_t from_len = sizeof(from);
		ssize_t len = recvfrom(fd, data, sizeof(data), MSG_DONTWAIT,
			(struct sockaddr *)&from, &from_len);

		if (len < 0 && errno == ENOBUFS) {
			events->ops.lost(events->user_data);
			continue;
		}
		if (len < 0)
			return;
		/* From the kernel, not from another process. */
		if (from_len == sizeof(from) && from.nl_pid == 0)
			take_datagram(events, data, (size_t)len);
	}
}

/* --- opening --- */

static int subscribe(int fd)
{
	const enum proc_cn_mcast_op op = PROC_CN_MCAST_LISTEN;
	uint8_t data[NLMSG_SPACE(sizeof(struct cn_msg) + sizeof(op))];
	const struct cn_msg msg = {
		.id = { .idx = CN_IDX_PROC, .val = CN_VAL_PROC },
		.len = sizeof(op),
	};
	const struct nlmsghdr header = {
		.nlmsg_len = NLMSG_LENGTH(sizeof(msg) + sizeof(op)),
		.nlmsg_type = NLMSG_DONE,
	};

	memset(data, 0, sizeof(data));
	memcpy(data, &header, sizeof(header));
	memcpy(data + NLMSG_HDRLEN, &msg, sizeof(msg));
	memcpy(data + NLMSG_HDRLEN + sizeof(msg), &op, sizeof(op));
	return send(fd, data, header.nlmsg_len, MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int open_socket(uint32_t rcv_buf, bool force, int *ret_fd)
{
	const struct sockaddr_nl name = {
		.nl_family = AF_NETLINK,
		.nl_groups = CN_IDX_PROC,
	};
	int size = (int)rcv_buf, err = 0;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		NETLINK_CONNECTOR);

	if (fd < 0)
		return -errno;
	if (rcv_buf)
		setsockopt(fd, SOL_SOCKET, force ? SO_RCVBUFFORCE : SO_RCVBUF,
			&size, sizeof(size));
	if (bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0)
		err = -errno;
	if (!err)
		err = subscribe(fd);
	if (err)
		close(fd);
	else
		*ret_fd = fd;
	return err;
}

int process_events_new(struct loop *loop, const struct process_events_ops *ops,
	uint32_t rcv_buf, bool force, void *user_data,
	struct process_events **ret)
{
	struct process_events *events;
	int fd = -1, err = open_socket(rcv_buf, force, &fd);

	if (err)
		return err;
	events = x_new(struct process_events, 1);
	events->ops = *ops;
	events->user_data = user_data;
	events->fd = fd;
	events->io = loop_io_new(loop, fd, LOOP_READ, readable, events);
	events->timer = loop_timer_new(loop, on_timer, events);
	loop_timer_set(events->timer, time_monotonic_us() + ANSWER_US);
	*ret = events;
	return 0;
}

void process_events_free(struct process_events *events)
{
	if (!events)
		return;
	loop_io_free(events->io);
	loop_timer_free(events->timer);
	close(events->fd);
	x_free(events);
}
