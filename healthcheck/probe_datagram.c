/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What UDP, DNS and ping probes have in common: one datagram goes out, those
 * that come back are looked at until one ends the probe or time is over.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "healthcheck/probe.h"

/* Looked at from one server before others get their turn. */
#define DATAGRAMS_AT_ONCE 4

bool probe_datagram_send(struct probe *probe, const void *data, size_t len)
{
	if (send(probe->fd, data, len, MSG_NOSIGNAL) >= 0)
		return true;
	probe_fail_errno(probe, errno, "send");
	return false;
}

/* True while the probe lives and may have more to read. */
static bool read_one(struct probe *probe,
	bool (*take)(struct probe *probe, const void *data, size_t len))
{
	uint8_t data[PROBE_DATAGRAM_MAX];
	ssize_t len = recv(probe->fd, data, sizeof(data), MSG_TRUNC);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (len < 0) {
		probe_fail_errno(probe, errno, "receive");
		return false;
	}
	if (probe->result.latency.first_byte_us < 0)
		probe->result.latency.first_byte_us = probe_step_elapsed(probe);
	return take(probe, data, (size_t)len);
}

void probe_datagram_event(struct probe *probe, uint32_t events,
	bool (*take)(struct probe *probe, const void *data, size_t len))
{
	int i;

	if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
		return;
	for (i = 0; i < DATAGRAMS_AT_ONCE; i++)
		if (!read_one(probe, take))
			return;
	probe_again(probe);
}

bool probe_random(struct probe *probe, void *data, size_t len)
{
	if (getrandom(data, len, GRND_NONBLOCK) == (ssize_t)len)
		return true;
	probe_inconclusive(probe, REASON_CHECK_SOCKET, "no random numbers: %s",
		strerror(errno));
	return false;
}
