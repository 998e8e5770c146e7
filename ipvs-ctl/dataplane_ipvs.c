/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane of the kernel's IPVS, over generic netlink.
 *
 * The kernel works on a request within the send and has its answers ready
 * when it returns, so most work is send, receive, send ...; it goes on for a
 * slice of time and then lets the loop turn.  What is not there yet is waited
 * for by the loop.
 *
 * Batches: many messages in one send, the last of which asks for an
 * acknowledgement; errors of the others come by themselves, and are matched
 * by sequence number.  The size of a batch follows the time that the kernel
 * takes for it, since a single change of a large mh service is slow.
 *
 * A socket on which answers were lost (ENOBUFS), or which says nothing for
 * long, is closed; what was under way ends with an error and the owner dumps
 * anew.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipvs-ctl/codec.h"
#include "ipvs-ctl/dataplane.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* One wake-up works no longer than this. */
#define IPVS_SLICE_US (4 * USEC_PER_MSEC)
/* One send should keep the kernel no longer than this. */
#define IPVS_BATCH_US (2 * USEC_PER_MSEC)
#define IPVS_BATCH_MIN 8
#define IPVS_BATCH_MAX 256
#define IPVS_ANSWER_TIMEOUT_US (5 * USEC_PER_SEC)
#define IPVS_RECEIVE_BUFFER (4 * 1024 * 1024)
/* Dumps come in pieces of at most 32 KiB. */
#define IPVS_READ_MAX 65536
#define IPVS_RESTARTS_MAX 3

enum ipvs_step {
	IPVS_IDLE,
	IPVS_FIND_FAMILY,
	IPVS_GET_CONFIG,
	IPVS_DUMP_DAEMONS,
	IPVS_DUMP_SERVICES,
	IPVS_DUMP_DESTS,
	IPVS_APPLY,
};

struct dataplane_ipvs {
	struct dataplane base;
	struct loop *loop;
	int fd;
	struct loop_io *io;
	struct loop_timer *timer;
	bool waiting; /* for an answer; the timer then is the time-out */

	enum ipvs_step step;
	uint16_t family;
	uint32_t seq; /* last one used */
	uint32_t wanted; /* the sequence number that ends the step */

	/* A dump. */
	enum dataplane_scope scope;
	struct table table;
	struct table_service *at; /* whose destinations come */
	unsigned int restarts;
	bool interrupted;

	/* An application. */
	const struct table_op *ops;
	size_t n_ops;
	size_t sent; /* operations before the present batch */
	size_t batch; /* operations in the present batch */
	size_t batch_size; /* what the next may hold */
	uint32_t first_seq; /* of the present batch */
	int *errors;

	uint8_t out[IPVS_BATCH_MAX * IPVS_CODEC_REQUEST_MAX]
		__attribute__((aligned(8)));
	uint8_t in[IPVS_READ_MAX] __attribute__((aligned(8)));
};

static void ipvs_work(struct dataplane_ipvs *d);

static struct dataplane_ipvs *ipvs_of(struct dataplane *dp)
{
	return (struct dataplane_ipvs *)dp;
}

/* --- the socket --- */

static void ipvs_readable(int fd, unsigned int events, void *user_data)
{
	(void)fd;
	(void)events;
	ipvs_work(user_data);
}

static int ipvs_open(struct dataplane_ipvs *d)
{
	struct sockaddr_nl local = { .nl_family = AF_NETLINK };
	int size = IPVS_RECEIVE_BUFFER;
	int one = 1;
	int fd;
	int err;

	if (d->fd >= 0)
		return 0;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	/* Errors then come without a copy of the request. */
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) <
		0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	d->fd = fd;
	d->io = loop_io_new(d->loop, fd, LOOP_READ, ipvs_readable, d);
	return 0;
}

static void ipvs_close(struct dataplane_ipvs *d)
{
	loop_io_free(d->io);
	d->io = NULL;
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	d->family = 0;
}

static int ipvs_send(struct dataplane_ipvs *d, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (sendto(d->fd, d->out, len, MSG_DONTWAIT,
		    (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	return 0;
}

/* --- ends --- */

static void ipvs_finish(struct dataplane_ipvs *d, int err)
{
	enum ipvs_step step = d->step;
	struct table table = d->table;
	int *errors = d->errors;

	if (err) {
		/* Late answers must not be taken for those of the next. */
		ipvs_close(d);
	}
	d->step = IPVS_IDLE;
	d->waiting = false;
	d->table.services = NULL;
	d->errors = NULL;
	d->at = NULL;
	loop_timer_set(d->timer, TIME_NEVER);
	if (step == IPVS_APPLY)
		d->base.handlers->applied(d->base.user_data, err, errors);
	else
		d->base.handlers->dumped(
			d->base.user_data, err, d->scope, &table);
	table_clear(&table);
	x_free(errors);
}

/* --- requests --- */

static int ask_family(struct dataplane_ipvs *d)
{
	d->wanted = ++d->seq;
	return ipvs_send(d, ipvs_encode_find_family(d->out, d->wanted));
}

static int ask_config(struct dataplane_ipvs *d)
{
	table_clear(&d->table);
	d->wanted = ++d->seq;
	return ipvs_send(
		d, ipvs_encode_get_config(d->out, d->family, d->wanted));
}

static int ask_daemons(struct dataplane_ipvs *d)
{
	d->wanted = ++d->seq;
	return ipvs_send(
		d, ipvs_encode_dump_daemons(d->out, d->family, d->wanted));
}

/* Perhaps anew. */
static int ask_services(struct dataplane_ipvs *d)
{
	struct table_globals globals = d->table.globals;

	table_clear(&d->table);
	d->table.globals = globals;
	d->interrupted = false;
	d->wanted = ++d->seq;
	return ipvs_send(d,
		ipvs_encode_dump_services(d->out, d->family, d->wanted));
}

static int ask_dests(struct dataplane_ipvs *d)
{
	d->wanted = ++d->seq;
	return ipvs_send(d, ipvs_encode_dump_dests(d->out, d->family,
				    d->wanted, &d->at->key));
}

/* Many small sends would cost most of the time; too large ones keep the
 * kernel from us. */
static void adapt_batch(struct dataplane_ipvs *d, int64_t took_us)
{
	if (took_us > 2 * IPVS_BATCH_US)
		d->batch_size /= 2;
	else if (took_us < IPVS_BATCH_US)
		d->batch_size *= 2;
	if (d->batch_size < IPVS_BATCH_MIN)
		d->batch_size = IPVS_BATCH_MIN;
	if (d->batch_size > IPVS_BATCH_MAX)
		d->batch_size = IPVS_BATCH_MAX;
}

static int send_batch(struct dataplane_ipvs *d)
{
	size_t left = d->n_ops - d->sent;
	int64_t began = time_monotonic_us();
	size_t len = 0;
	size_t i;
	int err;

	d->batch = left < d->batch_size ? left : d->batch_size;
	d->first_seq = d->seq + 1;
	for (i = 0; i < d->batch; i++)
		len += MNL_ALIGN(ipvs_encode_op(d->out + len, d->family,
			++d->seq, i + 1 == d->batch, &d->ops[d->sent + i]));
	d->wanted = d->seq;
	err = ipvs_send(d, len);
	d->base.writes += d->batch;
	if (d->batch == d->batch_size)
		adapt_batch(d, time_monotonic_us() - began);
	return err;
}

/* Sends what the present step asks for. */
static int ipvs_ask(struct dataplane_ipvs *d)
{
	switch (d->step) {
	case IPVS_FIND_FAMILY:
		return ask_family(d);
	case IPVS_GET_CONFIG:
		return ask_config(d);
	case IPVS_DUMP_DAEMONS:
		return ask_daemons(d);
	case IPVS_DUMP_SERVICES:
		return ask_services(d);
	case IPVS_DUMP_DESTS:
		return ask_dests(d);
	case IPVS_APPLY:
		return send_batch(d);
	case IPVS_IDLE:
		break;
	}
	return 0;
}

/* --- steps --- */

/* The step got its last answer.  Moves on to the next one and returns true
 * when there is something to ask. */
static bool next_after_services(struct dataplane_ipvs *d)
{
	if (d->interrupted && d->restarts++ < IPVS_RESTARTS_MAX)
		return true;
	if (d->scope == DATAPLANE_SERVICES || !d->table.services) {
		ipvs_finish(d, 0);
		return false;
	}
	d->step = IPVS_DUMP_DESTS;
	d->at = d->table.services;
	return true;
}

static bool next_after_dests(struct dataplane_ipvs *d, int err)
{
	struct table_service *done = d->at;

	d->at = d->at->hh.next;
	/* Gone in between: somebody removed it. */
	if (err == -ESRCH)
		table_remove(&d->table, &done->key);
	else
		table_service_sort(done);
	if (d->at)
		return true;
	ipvs_finish(d, 0);
	return false;
}

static bool next_after_batch(struct dataplane_ipvs *d)
{
	d->sent += d->batch;
	d->batch = 0;
	if (d->sent < d->n_ops)
		return true;
	ipvs_finish(d, 0);
	return false;
}

/* The answer with the awaited number has come, with ERR. */
static bool ipvs_next(struct dataplane_ipvs *d, int err)
{
	if (err && d->step != IPVS_APPLY &&
		!(d->step == IPVS_DUMP_DESTS && err == -ESRCH)) {
		ipvs_finish(d, err);
		return false;
	}
	switch (d->step) {
	case IPVS_FIND_FAMILY:
		if (!d->family) {
			ipvs_finish(d, -ENOENT);
			return false;
		}
		d->step = IPVS_GET_CONFIG;
		return true;
	case IPVS_GET_CONFIG:
		d->step = IPVS_DUMP_DAEMONS;
		return true;
	case IPVS_DUMP_DAEMONS:
		d->step = IPVS_DUMP_SERVICES;
		return true;
	case IPVS_DUMP_SERVICES:
		return next_after_services(d);
	case IPVS_DUMP_DESTS:
		return next_after_dests(d, err);
	case IPVS_APPLY:
		return next_after_batch(d);
	case IPVS_IDLE:
		break;
	}
	return false;
}

/* --- answers --- */

static void take_service(
	struct dataplane_ipvs *d, const struct ipvs_answer *answer)
{
	if (d->step == IPVS_DUMP_SERVICES && answer->seq == d->wanted)
		table_put(&d->table, table_service_new(&answer->service.key,
					     &answer->service.attributes));
}

static void take_error(
	struct dataplane_ipvs *d, const struct ipvs_answer *answer)
{
	uint32_t i = answer->seq - d->first_seq;

	if (d->step == IPVS_APPLY && i < d->batch)
		d->errors[d->sent + i] = answer->error;
}

/* True when this was the last answer of the step; *RET_ERR is its word. */
static bool take_answer(struct dataplane_ipvs *d,
	const struct ipvs_answer *answer, int *ret_err)
{
	static struct log_limit limit;

	switch (answer->kind) {
	case IPVS_ANSWER_ACK:
		take_error(d, answer);
		*ret_err = answer->error;
		return answer->seq == d->wanted;
	case IPVS_ANSWER_DONE:
		*ret_err = answer->error;
		return answer->seq == d->wanted;
	case IPVS_ANSWER_FAMILY:
		d->family = answer->family;
		return false;
	case IPVS_ANSWER_SERVICE:
		d->interrupted |= answer->interrupted;
		take_service(d, answer);
		return false;
	case IPVS_ANSWER_DEST:
		if (d->step == IPVS_DUMP_DESTS && answer->seq == d->wanted)
			table_service_push(d->at, &answer->dest);
		return false;
	case IPVS_ANSWER_CONFIG:
		if (d->step == IPVS_GET_CONFIG && answer->seq == d->wanted)
			d->table.globals.timeouts = answer->timeouts;
		return false;
	case IPVS_ANSWER_DAEMON:
		if (d->step == IPVS_DUMP_DAEMONS && answer->seq == d->wanted)
			d->table.globals.daemons[answer->daemon.kind] =
				answer->daemon.state;
		return false;
	case IPVS_ANSWER_OTHER:
		if (answer->error)
			log_limited(&limit, LOG_LEVEL_WARNING,
				"the kernel sent an IPVS message that cannot "
				"be read");
		return false;
	}
	return false;
}

/* Reads one datagram.  1: the step is complete with *RET_ERR, 0: go on
 * reading, or -errno (-EAGAIN: nothing there). */
static int ipvs_receive(struct dataplane_ipvs *d, int *ret_err)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(d->fd, d->in, sizeof(d->in), MSG_DONTWAIT,
		(struct sockaddr *)&from, &from_len);
	size_t at = 0;
	int complete = 0;

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (from.nl_pid)
		return 0; /* not the kernel */
	while (at < (size_t)n) {
		struct ipvs_answer answer;
		int len = ipvs_decode(d->in + at, (size_t)n - at, d->family,
			d->at ? d->at->key.family : AF_UNSPEC, &answer);

		if (len < 0)
			return complete;
		at += (size_t)len;
		if (take_answer(d, &answer, ret_err))
			complete = 1;
	}
	return complete;
}

/* Goes on until the answer is not there yet, all is done or the slice of
 * time is over. */
static void ipvs_work(struct dataplane_ipvs *d)
{
	int64_t until = time_monotonic_us() + IPVS_SLICE_US;
	int step_err = 0;
	int err;

	while (d->step != IPVS_IDLE) {
		if (!d->waiting) {
			if (time_monotonic_us() > until) {
				loop_timer_set(d->timer, 0);
				return;
			}
			err = ipvs_ask(d);
			if (err) {
				ipvs_finish(d, err);
				return;
			}
			d->waiting = true;
		}
		err = ipvs_receive(d, &step_err);
		/* Out of time with more to read: the loop calls again. */
		if (!err && time_monotonic_us() > until)
			err = -EAGAIN;
		if (err == -EAGAIN) {
			loop_timer_set(d->timer, time_monotonic_us() +
				IPVS_ANSWER_TIMEOUT_US);
			return;
		}
		if (err < 0) {
			ipvs_finish(d, err);
			return;
		}
		if (err) {
			d->waiting = false;
			if (!ipvs_next(d, step_err))
				return;
		}
	}
	/* Nothing is awaited: an answer that came too late. */
	if (d->fd >= 0)
		while (ipvs_receive(d, &step_err) >= 0)
			;
}

/* Either the slice was over, or an answer did not come. */
static void ipvs_timer(void *user_data)
{
	struct dataplane_ipvs *d = user_data;

	if (d->step != IPVS_IDLE && d->waiting)
		ipvs_finish(d, -ETIMEDOUT);
	else
		ipvs_work(d);
}

/* --- operations --- */

/* Work begins from the loop, so that no handler is called within a call. */
static void ipvs_begin(struct dataplane_ipvs *d, enum ipvs_step step)
{
	d->step = step;
	d->waiting = false;
	loop_timer_set(d->timer, 0);
}

static void ipvs_dump(struct dataplane *dp, enum dataplane_scope scope)
{
	struct dataplane_ipvs *d = ipvs_of(dp);
	int err = ipvs_open(d);

	d->scope = scope;
	d->restarts = 0;
	d->step = IPVS_FIND_FAMILY;
	/* The module may have been loaded anew under another number. */
	d->family = 0;
	if (err)
		ipvs_finish(d, err);
	else
		ipvs_begin(d, IPVS_FIND_FAMILY);
}

static void ipvs_apply(
	struct dataplane *dp, const struct table_op *ops, size_t n)
{
	struct dataplane_ipvs *d = ipvs_of(dp);

	d->step = IPVS_APPLY;
	d->ops = ops;
	d->n_ops = n;
	d->sent = 0;
	d->batch = 0;
	d->errors = x_new(int, n + 1);
	if (d->fd < 0 || !d->family)
		ipvs_finish(d, -ENOTCONN);
	else if (!n)
		ipvs_finish(d, 0);
	else
		ipvs_begin(d, IPVS_APPLY);
}

static void ipvs_destroy(struct dataplane *dp)
{
	struct dataplane_ipvs *d = ipvs_of(dp);

	ipvs_close(d);
	loop_timer_free(d->timer);
	table_clear(&d->table);
	x_free(d->errors);
	x_free(d);
}

static const struct dataplane_ops ipvs_ops = {
	.name = "ipvs",
	.dump = ipvs_dump,
	.apply = ipvs_apply,
	.destroy = ipvs_destroy,
};

struct dataplane *dataplane_ipvs_new(struct loop *loop)
{
	struct dataplane_ipvs *d = x_new(struct dataplane_ipvs, 1);

	d->base.ops = &ipvs_ops;
	d->loop = loop;
	d->fd = -1;
	d->batch_size = 32;
	d->timer = loop_timer_new(loop, ipvs_timer, d);
	return &d->base;
}
