/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS_CHECK: a question over UDP that is answered without an error.
 */
#include <string.h>
#include <sys/socket.h>

#include "healthcheck/dns_message.h"
#include "healthcheck/probe.h"
#include "lib/timeutil.h"

struct dns_probe {
	struct probe probe;
	size_t query_len;
	uint8_t query[DNS_QUERY_MAX];
};

static struct dns_probe *dns_of(struct probe *probe)
{
	return (struct dns_probe *)probe;
}

static void dns_start(struct probe *probe)
{
	const struct check_config *check = probe->check;
	struct dns_probe *dns = dns_of(probe);
	uint16_t id;
	int len;

	if (!probe_random(probe, &id, sizeof(id)))
		return;
	/* The name was looked at when it was read. */
	len = dns_query_encode(check->dns_name, (enum dns_type)check->dns_type,
		id, dns->query);
	dns->query_len = len < 0 ? 0 : (size_t)len;
	if (probe_open(probe, SOCK_DGRAM, 0))
		probe_datagram_send(probe, dns->query, dns->query_len);
}

static bool dns_take(struct probe *probe, const void *data, size_t len)
{
	struct dns_probe *dns = dns_of(probe);
	size_t known = len < PROBE_DATAGRAM_MAX ? len : PROBE_DATAGRAM_MAX;
	unsigned int rcode = 0;

	switch (dns_reply_decode(
		data, known, dns->query, dns->query_len, &rcode)) {
	case DNS_REPLY_OTHER:
		return true;
	case DNS_REPLY_MALFORMED:
		probe_fail(probe, REASON_CHECK_BAD_REPLY,
			"%zu bytes that are no reply of DNS", len);
		return false;
	case DNS_REPLY_ANSWERED:
		break;
	}
	if (rcode) {
		probe_fail(probe, REASON_CHECK_BAD_STATUS, "%s (%u)",
			dns_rcode_name(rcode), rcode);
		return false;
	}
	probe_set_detail(probe, "%s", dns_rcode_name(rcode));
	probe_pass(probe);
	return false;
}

static void dns_event(struct probe *probe, uint32_t events)
{
	probe_datagram_event(probe, events, dns_take);
}

static void dns_timeout(struct probe *probe)
{
	probe_fail(probe, REASON_CHECK_TIMEOUT_REPLY, "no reply within %.3f s",
		(double)probe->check->timing.connect_timeout_us /
			(double)USEC_PER_SEC);
}

static const struct probe_ops dns_ops = {
	.start = dns_start,
	.event = dns_event,
	.timeout = dns_timeout,
};

struct probe *probe_dns_new(struct probe_engine *engine)
{
	return probe_new(engine, sizeof(struct dns_probe), &dns_ops);
}
