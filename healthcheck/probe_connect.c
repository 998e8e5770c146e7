/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket that a probe begins with.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "healthcheck/probe.h"

/* Lack of something here that says nothing about the server. */
static bool is_local_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	       error == ENOMEM || error == EADDRNOTAVAIL ||
	       error == EADDRINUSE || error == EAGAIN || error == EINTR;
}

static enum reason errno_reason(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return REASON_CHECK_REFUSED;
	case ECONNRESET:
	case EPIPE:
		return REASON_CHECK_RESET;
	case ETIMEDOUT:
		return REASON_CHECK_TIMEOUT_CONNECT;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case ENOPROTOOPT:
	case EPROTO:
		return REASON_CHECK_UNREACHABLE;
	default:
		return REASON_CHECK_SOCKET;
	}
}

void probe_fail_errno(struct probe *probe, int error, const char *what)
{
	if (is_local_shortage(error))
		probe_inconclusive(probe, REASON_CHECK_SOCKET, "%s: %s", what,
			strerror(error));
	else
		probe_fail(probe, errno_reason(error), "%s: %s", what,
			strerror(error));
}

static uint32_t scope_of(
	const struct check_config *check, const struct ip_endpoint *endpoint)
{
	if (!check->bind_if || !ip_addr_is_link_local(&endpoint->addr))
		return 0;
	return if_nametoindex(check->bind_if);
}

/* A source that is not ours here and now is a matter of the configuration:
 * the check fails, it does not wait. */
static bool bind_source(struct probe *probe, struct ip_endpoint source)
{
	const struct check_config *check = probe->check;
	struct sockaddr_storage sa;
	socklen_t len;
	int on = 1;

	if (!source.port && !ip_addr_is_set(&source.addr))
		return true;
	if (!ip_addr_is_set(&source.addr))
		source.addr.family = check->target.addr.family;
	if (source.port)
		setsockopt(
			probe->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	else
		setsockopt(probe->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
			sizeof(on));
	len = ip_endpoint_to_sockaddr(&source, scope_of(check, &source), &sa);
	if (bind(probe->fd, (struct sockaddr *)&sa, len) == 0)
		return true;
	if (errno == EADDRINUSE)
		probe_fail_errno(probe, errno, "bindto");
	else
		probe_fail(probe, REASON_CHECK_SOCKET, "bindto: %s",
			strerror(errno));
	return false;
}

static bool set_options(struct probe *probe, struct ip_endpoint source)
{
	const struct check_config *check = probe->check;
	uint32_t mark = (uint32_t)check->fwmark;

	if (check->bind_if && setsockopt(probe->fd, SOL_SOCKET, SO_BINDTODEVICE,
				      check->bind_if,
				      (socklen_t)strlen(check->bind_if)) < 0) {
		probe_fail(probe, REASON_CHECK_SOCKET, "bind_if %s: %s",
			check->bind_if, strerror(errno));
		return false;
	}
	if (mark && setsockopt(probe->fd, SOL_SOCKET, SO_MARK, &mark,
			    sizeof(mark)) < 0) {
		probe_fail(probe, REASON_CHECK_SOCKET, "fwmark: %s",
			strerror(errno));
		return false;
	}
	return bind_source(probe, source);
}

/* ICMP errors that a datagram met are told at the next call (ip(7)). */
static void ask_for_errors(struct probe *probe)
{
	int on = 1;

	if (probe->check->target.addr.family == AF_INET6)
		setsockopt(
			probe->fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	else
		setsockopt(probe->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
}

static bool open_to(struct probe *probe, struct ip_endpoint target,
	struct ip_endpoint source)
{
	const struct check_config *check = probe->check;
	struct sockaddr_storage sa;
	socklen_t len;
	int err;

	if (!set_options(probe, source))
		return false;
	probe_begin_step(probe, check->timing.connect_timeout_us);
	len = ip_endpoint_to_sockaddr(&target, scope_of(check, &target), &sa);
	if (connect(probe->fd, (struct sockaddr *)&sa, len) < 0 &&
		errno != EINPROGRESS) {
		probe_fail_errno(probe, errno, "connect");
		return false;
	}
	err = probe_watch(probe);
	if (err) {
		probe_fail_errno(probe, -err, "epoll");
		return false;
	}
	return true;
}

bool probe_open(struct probe *probe, int type, int protocol)
{
	const struct check_config *check = probe->check;

	probe->fd = socket(check->target.addr.family,
		type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (probe->fd < 0) {
		probe_fail_errno(probe, errno, "socket");
		return false;
	}
	if (type == SOCK_DGRAM)
		ask_for_errors(probe);
	return open_to(probe, check->target, check->source);
}

bool probe_open_with(struct probe *probe)
{
	struct ip_endpoint target = probe->check->target;
	struct ip_endpoint source = probe->check->source;

	target.port = 0;
	source.port = 0;
	ask_for_errors(probe);
	return open_to(probe, target, source);
}

bool probe_connect(struct probe *probe)
{
	return probe_open(probe, SOCK_STREAM, 0);
}

int probe_connected(struct probe *probe, uint32_t events)
{
	socklen_t len = sizeof(int);
	int error = 0;

	/* Writable without an error: no need to ask. */
	if (events & (EPOLLERR | EPOLLHUP) &&
		getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error) {
		probe_fail_errno(probe, error, "connect");
		return -error;
	}
	probe->result.latency.connect_us = probe_step_elapsed(probe);
	return 0;
}

void probe_disconnect(struct probe *probe)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (probe->fd < 0)
		return;
	setsockopt(probe->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(probe->fd);
	probe->fd = -1;
}
