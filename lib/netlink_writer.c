/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/netlink_writer.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/netlink_socket.h"
#include "lib/timeutil.h"

/* Messages in one send.  128 addresses take the kernel about 1 ms. */
#define WRITER_CHUNK 128
#define WRITER_BUFFER 32768
/* Making or removing a link, and changing one, take the kernel as long as so
 * many addresses. */
#define WRITER_LINK_COST 32
#define WRITER_CHANGE_COST 4
#define WRITER_RCVBUF (1024 * 1024)
/* The kernel answers within the send; waiting longer means a lost answer. */
#define WRITER_TIMEOUT_US (2 * USEC_PER_SEC)

struct netlink_job {
	struct netlink_job *prev;
	struct netlink_job *next;
	struct netlink_writer *writer;
	void (*done)(const int *errors, size_t n, void *user_data);
	void *user_data;
	struct nl_msg **messages;
	int *errors;
	size_t n;
	size_t capacity;
	size_t n_sent;
	size_t n_answered;
};

/* Where the answer to a message in flight goes. */
struct writer_slot {
	struct netlink_job *job; /* NULL = answered */
	size_t index;
};

struct netlink_writer {
	struct nl_sock *sock;
	struct loop_io *io;
	struct loop_timer *timer; /* next chunk, or a lost answer */
	struct netlink_job *jobs;
	struct writer_slot slots[WRITER_CHUNK];
	unsigned int n_slots;
	unsigned int n_waiting;
	uint32_t first_seq; /* of slots[0] */
	uint64_t sent;
	char buffer[WRITER_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
};

uint64_t netlink_writer_sent(const struct netlink_writer *writer)
{
	return writer->sent;
}

bool netlink_writer_is_idle(const struct netlink_writer *writer)
{
	return !writer->jobs;
}

/* --- jobs --- */

struct netlink_job *netlink_job_new(struct netlink_writer *writer,
	void (*done)(const int *errors, size_t n, void *user_data),
	void *user_data)
{
	struct netlink_job *job = x_new(struct netlink_job, 1);

	job->writer = writer;
	job->done = done;
	job->user_data = user_data;
	return job;
}

static void job_free(struct netlink_job *job)
{
	size_t i;

	for (i = 0; i < job->n; i++)
		nlmsg_free(job->messages[i]);
	x_free(job->messages);
	x_free(job->errors);
	x_free(job);
}

void netlink_job_discard(struct netlink_job *job)
{
	job_free(job);
}

static void job_append(struct netlink_job *job, struct nl_msg *msg)
{
	if (job->n == job->capacity) {
		job->capacity = job->capacity ? 2 * job->capacity : 4;
		job->messages = x_realloc(
			job->messages, job->capacity, sizeof(*job->messages));
		job->errors = x_realloc(
			job->errors, job->capacity, sizeof(*job->errors));
	}
	job->messages[job->n] = msg;
	job->errors[job->n] = -ENOBUFS;
	job->n++;
}

void netlink_job_add_addr(
	struct netlink_job *job, const struct netlink_addr_info *addr)
{
	job_append(job, netlink_build_addr_add(addr));
}

void netlink_job_remove_addr(
	struct netlink_job *job, const struct netlink_addr_info *addr)
{
	job_append(job, netlink_build_addr_remove(addr));
}

void netlink_job_make_link(
	struct netlink_job *job, const struct netlink_link_make *make)
{
	job_append(job, netlink_build_link_make(make));
}

void netlink_job_change_link(
	struct netlink_job *job, const struct netlink_link_change *change)
{
	job_append(job, netlink_build_link_change(change));
}

void netlink_job_remove_link(struct netlink_job *job, uint32_t ifindex)
{
	job_append(job, netlink_build_link_remove(ifindex));
}

void netlink_job_remove_link_group(struct netlink_job *job, uint32_t group)
{
	job_append(job, netlink_build_link_remove_group(group));
}

void netlink_job_add_message(struct netlink_job *job, struct nl_msg *msg)
{
	job_append(job, msg);
}

size_t netlink_job_size(const struct netlink_job *job)
{
	return job->n;
}

void netlink_job_submit(struct netlink_job *job)
{
	struct netlink_writer *writer = job->writer;

	DL_APPEND(writer->jobs, job);
	if (!writer->n_waiting)
		loop_timer_set(writer->timer, time_monotonic_us());
}

void netlink_job_detach(struct netlink_job *job)
{
	job->done = NULL;
}

static void finish_jobs(struct netlink_writer *writer)
{
	struct netlink_job *job;

	while ((job = writer->jobs) && job->n_answered == job->n) {
		DL_DELETE(writer->jobs, job);
		if (job->done)
			job->done(job->errors, job->n, job->user_data);
		job_free(job);
	}
}

/* --- sending --- */

static unsigned int cost_of(const struct nlmsghdr *header)
{
	if (header->nlmsg_type == RTM_DELLINK)
		return WRITER_LINK_COST;
	if (header->nlmsg_type != RTM_NEWLINK)
		return 1;
	return header->nlmsg_flags & NLM_F_CREATE ? WRITER_LINK_COST
						  : WRITER_CHANGE_COST;
}

static unsigned int fill_chunk(struct netlink_writer *writer, struct iovec *iov)
{
	struct netlink_job *job;
	struct nlmsghdr *header;
	unsigned int n = 0, cost = 0;

	DL_FOREACH (writer->jobs, job) {
		while (job->n_sent < job->n && cost < WRITER_CHUNK) {
			header = nlmsg_hdr(job->messages[job->n_sent]);
			header->nlmsg_seq = writer->first_seq + n;
			header->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
			iov[n].iov_base = header;
			iov[n].iov_len = NLMSG_ALIGN(header->nlmsg_len);
			writer->slots[n].job = job;
			writer->slots[n].index = job->n_sent++;
			cost += cost_of(header);
			n++;
		}
		if (cost >= WRITER_CHUNK)
			break;
	}
	return n;
}

static void answer(struct netlink_writer *writer, unsigned int slot, int error)
{
	struct netlink_job *job = writer->slots[slot].job;

	if (!job)
		return;
	job->errors[writer->slots[slot].index] = error;
	job->n_answered++;
	writer->slots[slot].job = NULL;
	writer->n_waiting--;
}

static void answer_all(struct netlink_writer *writer, int error)
{
	unsigned int i;

	for (i = 0; i < writer->n_slots; i++)
		answer(writer, i, error);
}

static void send_chunk(struct netlink_writer *writer)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec iov[WRITER_CHUNK];
	struct msghdr msg = {
		.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
		.msg_iov = iov,
	};

	writer->first_seq += writer->n_slots;
	writer->n_slots = fill_chunk(writer, iov);
	writer->n_waiting = writer->n_slots;
	msg.msg_iovlen = writer->n_slots;
	if (!writer->n_slots)
		return;
	writer->sent += writer->n_slots;
	if (sendmsg(nl_socket_get_fd(writer->sock), &msg, MSG_DONTWAIT) < 0)
		answer_all(writer, -errno);
}

static void take_answers(struct netlink_writer *writer, ssize_t len)
{
	struct nlmsghdr *msg = (struct nlmsghdr *)writer->buffer;
	const struct nlmsgerr *err;
	uint32_t slot;
	int left = (int)len;

	for (; nlmsg_ok(msg, left); msg = nlmsg_next(msg, &left)) {
		slot = msg->nlmsg_seq - writer->first_seq;
		if (msg->nlmsg_type != NLMSG_ERROR ||
			nlmsg_datalen(msg) < (int)sizeof(*err) ||
			slot >= writer->n_slots)
			continue;
		err = nlmsg_data(msg);
		answer(writer, slot, err->error);
	}
}

static void read_answers(struct netlink_writer *writer)
{
	ssize_t len;

	while (writer->n_waiting) {
		len = netlink_socket_receive(
			writer->sock, writer->buffer, sizeof(writer->buffer));
		if (len == -ENOBUFS)
			answer_all(writer, -ENOBUFS);
		if (len < 0)
			return;
		take_answers(writer, len);
	}
}

static void arm(struct netlink_writer *writer)
{
	int64_t deadline = TIME_NEVER;

	if (writer->n_waiting)
		deadline = time_monotonic_us() + WRITER_TIMEOUT_US;
	else if (writer->jobs)
		deadline = time_monotonic_us();
	loop_timer_set(writer->timer, deadline);
}

static void on_timer(void *user_data)
{
	struct netlink_writer *writer = user_data;

	if (writer->n_waiting) {
		log_warning(
			"netlink: %u answers did not come", writer->n_waiting);
		answer_all(writer, -ENOBUFS);
	} else {
		send_chunk(writer);
		read_answers(writer);
	}
	finish_jobs(writer);
	arm(writer);
}

static void on_readable(int fd, unsigned int events, void *user_data)
{
	struct netlink_writer *writer = user_data;

	(void)events;
	if (!writer->n_waiting) {
		/* Too late, or from somebody else. */
		while (recv(fd, writer->buffer, sizeof(writer->buffer),
			       MSG_DONTWAIT) >= 0)
			;
		return;
	}
	read_answers(writer);
	finish_jobs(writer);
	arm(writer);
}

/* --- life --- */

int netlink_writer_new(struct loop *loop, struct netlink_writer **ret_writer)
{
	struct netlink_writer *writer = x_new(struct netlink_writer, 1);
	int fd, one = 1,
		err = netlink_socket_open(WRITER_RCVBUF, &writer->sock);

	if (err) {
		x_free(writer);
		return err;
	}
	fd = nl_socket_get_fd(writer->sock);
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	writer->first_seq = 1;
	writer->timer = loop_timer_new(loop, on_timer, writer);
	writer->io = loop_io_new(loop, fd, LOOP_READ, on_readable, writer);
	*ret_writer = writer;
	return 0;
}

void netlink_writer_free(struct netlink_writer *writer)
{
	struct netlink_job *job, *next;

	if (!writer)
		return;
	DL_FOREACH_SAFE (writer->jobs, job, next) {
		DL_DELETE(writer->jobs, job);
		job_free(job);
	}
	loop_io_free(writer->io);
	loop_timer_free(writer->timer);
	nl_socket_free(writer->sock);
	x_free(writer);
}
