/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PING_CHECK: an ICMP echo request that is answered.
 *
 * The kernel's ping sockets are used where net.ipv4.ping_group_range lets
 * the role, else a raw socket, for which it keeps CAP_NET_RAW: no setting of
 * the host is changed.
 */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "healthcheck/icmp_echo.h"
#include "healthcheck/probe.h"
#include "lib/timeutil.h"

/* linux/icmp.h, which clashes with netinet/ip_icmp.h. */
#define ICMP_FILTER_OPTION 1
#define ECHO_REPLY_V4 0

struct ping_probe {
	struct probe probe;
	bool raw;
	uint8_t token[ICMP_ECHO_TOKEN_LEN];
};

static struct ping_probe *ping_of(struct probe *probe)
{
	return (struct ping_probe *)probe;
}

static int open_socket(struct ping_probe *ping)
{
	sa_family_t family = ping->probe.check->target.addr.family;
	int protocol = family == AF_INET6 ? (int)IPPROTO_ICMPV6 : IPPROTO_ICMP;
	int fd = socket(
		family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd >= 0 || (errno != EACCES && errno != EPERM))
		return fd;
	ping->raw = true;
	return socket(
		family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

/* Only echo replies wake a raw socket. */
static void set_filter(const struct probe *probe)
{
	const uint32_t v4 = ~(UINT32_C(1) << ECHO_REPLY_V4);
	struct icmp6_filter v6;

	if (probe->check->target.addr.family == AF_INET) {
		setsockopt(probe->fd, SOL_RAW, ICMP_FILTER_OPTION, &v4,
			sizeof(v4));
		return;
	}
	ICMP6_FILTER_SETBLOCKALL(&v6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &v6);
	setsockopt(probe->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &v6, sizeof(v6));
}

static void ping_start(struct probe *probe)
{
	struct ping_probe *ping = ping_of(probe);
	uint8_t request[ICMP_ECHO_LEN];

	if (!probe_random(probe, ping->token, sizeof(ping->token)))
		return;
	probe->fd = open_socket(ping);
	if (probe->fd < 0 && (errno == EACCES || errno == EPERM)) {
		probe_inconclusive(probe, REASON_CHECK_SOCKET,
			"ping: not permitted (needs CAP_NET_RAW, or "
			"net.ipv4.ping_group_range)");
		return;
	}
	if (probe->fd < 0) {
		probe_fail_errno(probe, errno, "socket");
		return;
	}
	if (ping->raw)
		set_filter(probe);
	icmp_echo_encode(
		probe->check->target.addr.family, ping->token, request);
	if (probe_open_with(probe))
		probe_datagram_send(probe, request, sizeof(request));
}

static bool ping_take(struct probe *probe, const void *data, size_t len)
{
	struct ping_probe *ping = ping_of(probe);
	sa_family_t family = probe->check->target.addr.family;

	if (len > PROBE_DATAGRAM_MAX ||
		!icmp_echo_is_reply(family, ping->raw && family == AF_INET,
			ping->token, data, len))
		return true;
	probe_pass(probe);
	return false;
}

static void ping_event(struct probe *probe, uint32_t events)
{
	probe_datagram_event(probe, events, ping_take);
}

static void ping_timeout(struct probe *probe)
{
	probe_fail(probe, REASON_CHECK_TIMEOUT_REPLY, "no reply within %.3f s",
		(double)probe->check->timing.connect_timeout_us /
			(double)USEC_PER_SEC);
}

static const struct probe_ops ping_ops = {
	.start = ping_start,
	.event = ping_event,
	.timeout = ping_timeout,
};

struct probe *probe_ping_new(struct probe_engine *engine)
{
	return probe_new(engine, sizeof(struct ping_probe), &ping_ops);
}
