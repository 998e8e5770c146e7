/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMTP_CHECK: a mail server that greets, takes a HELO and says goodbye
 * (RFC 5321 4.1.1, 4.3.2).  With host blocks each of them is asked, one
 * after the other.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "healthcheck/probe.h"
#include "lib/smtp_reply.h"
#include "lib/timeutil.h"

#define READS_AT_ONCE 4

enum smtp_step {
	SMTP_CONNECT,
	SMTP_GREETING,
	SMTP_HELO,
	SMTP_QUIT,
};

struct smtp_probe {
	struct probe probe;
	const struct check_config *whole; /* probe.check is one host of it */
	uint32_t host;
	enum smtp_step step;
	struct smtp_reply reply;
	char out[280];
	size_t out_len;
	size_t sent;
};

static struct smtp_probe *smtp_of(struct probe *probe)
{
	return (struct smtp_probe *)probe;
}

static void begin_host(struct smtp_probe *smtp)
{
	if (smtp->whole->hosts.n)
		smtp->probe.check = smtp->whole->hosts.items[smtp->host];
	smtp->step = SMTP_CONNECT;
	smtp->out_len = 0;
	smtp->sent = 0;
	smtp_reply_init(&smtp->reply);
	probe_connect(&smtp->probe);
}

static void smtp_start(struct probe *probe)
{
	struct smtp_probe *smtp = smtp_of(probe);

	smtp->whole = probe->check;
	begin_host(smtp);
}

/* True unless the probe has ended. */
static bool flush_out(struct smtp_probe *smtp)
{
	while (smtp->sent < smtp->out_len) {
		ssize_t put = send(smtp->probe.fd, smtp->out + smtp->sent,
			smtp->out_len - smtp->sent, MSG_NOSIGNAL);

		if (put < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (put < 0) {
			probe_fail_errno(&smtp->probe, errno, "write");
			return false;
		}
		smtp->sent += (size_t)put;
	}
	return true;
}

static void begin_step(struct smtp_probe *smtp, enum smtp_step step)
{
	smtp->step = step;
	smtp->sent = 0;
	smtp_reply_init(&smtp->reply);
	probe_begin_step(
		&smtp->probe, smtp->probe.check->timing.connect_timeout_us);
}

static unsigned int expected_code(enum smtp_step step)
{
	switch (step) {
	case SMTP_CONNECT:
	case SMTP_GREETING:
		break;
	case SMTP_HELO:
		return 250;
	case SMTP_QUIT:
		return 221;
	}
	return 220;
}

/* A reply is complete.  True while the probe goes on with this host. */
static bool next_step(struct smtp_probe *smtp)
{
	if (smtp->reply.code != expected_code(smtp->step)) {
		probe_fail(&smtp->probe, REASON_CHECK_BAD_STATUS, "%s",
			smtp->reply.text);
		return false;
	}
	switch (smtp->step) {
	case SMTP_CONNECT:
	case SMTP_GREETING:
		smtp->out_len = (size_t)snprintf(smtp->out, sizeof(smtp->out),
			"HELO %s\r\n", smtp->whole->helo_name);
		probe_set_detail(&smtp->probe, "%s", smtp->reply.text);
		begin_step(smtp, SMTP_HELO);
		return flush_out(smtp);
	case SMTP_HELO:
		smtp->out_len = (size_t)snprintf(
			smtp->out, sizeof(smtp->out), "QUIT\r\n");
		begin_step(smtp, SMTP_QUIT);
		return flush_out(smtp);
	case SMTP_QUIT:
		break;
	}
	probe_disconnect(&smtp->probe);
	if (smtp->host + 1 < smtp->whole->hosts.n) {
		smtp->host++;
		begin_host(smtp);
	} else {
		probe_pass(&smtp->probe);
	}
	return false;
}

/* True while the probe lives and its descriptor may have more to read. */
static bool read_some(struct smtp_probe *smtp)
{
	char data[2048];
	ssize_t got = recv(smtp->probe.fd, data, sizeof(data), 0);
	size_t taken;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got < 0) {
		probe_fail_errno(&smtp->probe, errno, "read");
		return false;
	}
	if (!got) {
		probe_fail(&smtp->probe, REASON_CHECK_CLOSED_EARLY,
			"closed before its reply");
		return false;
	}
	if (smtp->probe.result.latency.first_byte_us < 0)
		smtp->probe.result.latency.first_byte_us =
			probe_step_elapsed(&smtp->probe);
	taken = smtp_reply_feed(&smtp->reply, data, (size_t)got);
	if (smtp->reply.state == SMTP_REPLY_FAILED) {
		probe_fail(&smtp->probe, smtp->reply.reason, "%s",
			smtp->reply.error);
		return false;
	}
	if (smtp->reply.state == SMTP_REPLY_READING)
		return true;
	if (taken < (size_t)got) {
		probe_fail(&smtp->probe, REASON_CHECK_BAD_REPLY,
			"it speaks out of turn");
		return false;
	}
	return next_step(smtp);
}

static void smtp_event(struct probe *probe, uint32_t events)
{
	struct smtp_probe *smtp = smtp_of(probe);
	int i;

	if (smtp->step == SMTP_CONNECT) {
		if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) ||
			probe_connected(probe, events) < 0)
			return;
		begin_step(smtp, SMTP_GREETING);
	}
	if (!flush_out(smtp))
		return;
	for (i = 0; i < READS_AT_ONCE; i++)
		if (!read_some(smtp))
			return;
	probe_again(probe);
}

static void smtp_timeout(struct probe *probe)
{
	struct smtp_probe *smtp = smtp_of(probe);
	double s = (double)probe->check->timing.connect_timeout_us /
		   (double)USEC_PER_SEC;

	if (smtp->step == SMTP_CONNECT)
		probe_fail(probe, REASON_CHECK_TIMEOUT_CONNECT,
			"no answer within %.3f s", s);
	else if (!smtp->reply.total_bytes)
		probe_fail(probe, REASON_CHECK_TIMEOUT_REPLY,
			"no reply within %.3f s", s);
	else
		probe_fail(probe, REASON_CHECK_TOO_SLOW,
			"%llu bytes within %.3f s, reply not complete",
			(unsigned long long)smtp->reply.total_bytes, s);
}

static void smtp_release(struct probe *probe)
{
	/* Whatever was left unread must not linger. */
	if (smtp_of(probe)->step > SMTP_CONNECT)
		probe_disconnect(probe);
}

static const struct probe_ops smtp_ops = {
	.start = smtp_start,
	.event = smtp_event,
	.timeout = smtp_timeout,
	.release = smtp_release,
};

struct probe *probe_smtp_new(struct probe_engine *engine)
{
	return probe_new(engine, sizeof(struct smtp_probe), &smtp_ops);
}
