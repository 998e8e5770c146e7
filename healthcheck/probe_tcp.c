/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP_CHECK: a connection that comes about.  It is ended with a reset, so
 * that 10,000 checks a second leave no TIME_WAIT behind.
 */
#include <sys/epoll.h>

#include "healthcheck/probe.h"
#include "lib/timeutil.h"

static void tcp_start(struct probe *probe)
{
	probe_connect(probe);
}

static void tcp_event(struct probe *probe, uint32_t events)
{
	if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) ||
		probe_connected(probe, events) < 0)
		return;
	probe_disconnect(probe);
	probe_pass(probe);
}

static void tcp_timeout(struct probe *probe)
{
	probe_fail(probe, REASON_CHECK_TIMEOUT_CONNECT,
		"no answer within %.3f s",
		(double)probe->check->timing.connect_timeout_us /
			(double)USEC_PER_SEC);
}

static const struct probe_ops tcp_ops = {
	.start = tcp_start,
	.event = tcp_event,
	.timeout = tcp_timeout,
};

struct probe *probe_tcp_new(struct probe_engine *engine)
{
	return probe_new(engine, sizeof(struct probe), &tcp_ops);
}
