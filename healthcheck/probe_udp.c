/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP_CHECK: a datagram that is not refused, or one that is answered as
 * expected.
 */
#include <sys/socket.h>

#include "healthcheck/hex_pattern.h"
#include "healthcheck/probe.h"
#include "lib/timeutil.h"

static void udp_start(struct probe *probe)
{
	const struct check_bytes *payload = &probe->check->payload;

	if (probe_open(probe, SOCK_DGRAM, 0))
		probe_datagram_send(probe, payload->bytes, payload->len);
}

/* DATA holds at most PROBE_DATAGRAM_MAX of LEN bytes; no pattern is longer. */
static bool udp_take(struct probe *probe, const void *data, size_t len)
{
	const struct check_config *check = probe->check;
	const struct check_bytes *reply = &check->reply;
	size_t at;

	if (!check->require_reply) {
		probe_set_detail(probe, "%zu bytes", len);
		probe_pass(probe);
	} else if (len > (size_t)check->max_reply_length) {
		probe_fail(probe, REASON_CHECK_REPLY_TOO_LONG,
			"%zu bytes, at most %lld may come", len,
			(long long)check->max_reply_length);
	} else if (len < (size_t)check->min_reply_length) {
		probe_fail(probe, REASON_CHECK_NO_MATCH,
			"%zu bytes, at least %lld must come", len,
			(long long)check->min_reply_length);
	} else if (!hex_pattern_match(reply->bytes, reply->mask, reply->len,
			   data, len, &at)) {
		probe_fail(probe, REASON_CHECK_NO_MATCH,
			"%zu bytes, byte %zu is not as required", len, at);
	} else {
		probe_set_detail(probe, "%zu bytes", len);
		probe_pass(probe);
	}
	return false;
}

static void udp_event(struct probe *probe, uint32_t events)
{
	probe_datagram_event(probe, events, udp_take);
}

static void udp_timeout(struct probe *probe)
{
	double s = (double)probe->check->timing.connect_timeout_us /
		   (double)USEC_PER_SEC;

	if (probe->check->require_reply) {
		probe_fail(probe, REASON_CHECK_TIMEOUT_REPLY,
			"no reply within %.3f s", s);
		return;
	}
	probe_set_detail(probe, "not refused within %.3f s", s);
	probe_pass(probe);
}

static const struct probe_ops udp_ops = {
	.start = udp_start,
	.event = udp_event,
	.timeout = udp_timeout,
};

struct probe *probe_udp_new(struct probe_engine *engine)
{
	return probe_new(engine, sizeof(struct probe), &udp_ops);
}
