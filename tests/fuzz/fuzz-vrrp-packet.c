/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VRRP codec and the state machine behind it: any bytes are dropped with
 * a reason or give an advert that can be encoded and decoded again to the
 * same.  The first byte chooses what is expected; half of the runs get a
 * good checksum, so that what is behind it is reached.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/fsm.h"
#include "vrrp/networks.h"
#include "vrrp/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum choice {
	CHOOSE_V3 = 1 << 0,
	CHOOSE_IPV6 = 1 << 1,
	CHOOSE_PASS = 1 << 2,
	CHOOSE_AS_V2 = 1 << 3,
	CHOOSE_CHECKSUM = 1 << 4,
	CHOOSE_STRIP = 1 << 5,
	CHOOSE_UNICAST = 1 << 6,
	CHOOSE_TRAILER = 1 << 7,
};

static struct ip_addr parse(const char *text)
{
	struct ip_addr addr = { .family = AF_UNSPEC };

	if (ip_addr_parse(text, &addr) < 0)
		abort();
	return addr;
}

static uint32_t add(uint32_t sum, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
	return sum;
}

static void mend_checksum(uint8_t *data, size_t size,
	const struct vrrp_rx_meta *meta, const struct vrrp_rx_rules *rules)
{
	uint32_t sum = 0;

	if (size < VRRP_HEADER_BYTES)
		return;
	data[6] = data[7] = 0;
	if (rules->version == 3 &&
		!(rules->family == AF_INET && rules->checksum_as_v2)) {
		size_t bytes = ip_family_bytes(rules->family);

		sum = VRRP_PROTOCOL + (uint32_t)size;
		sum = add(sum, meta->src.bytes, bytes);
		sum = add(sum, meta->dst.bytes, bytes);
	}
	sum = add(sum, data, size);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	data[6] = (uint8_t)(~sum >> 8);
	data[7] = (uint8_t)~sum;
}

/* What was decoded, encoded and decoded again. */
static void check_again(const struct vrrp_advert *advert,
	const struct vrrp_rx_meta *meta, const struct vrrp_rx_rules *rules)
{
	struct ip_addr addresses[VRRP_ADDRESSES_MAX];
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_tx tx = {
		.version = advert->version,
		.vrid = advert->vrid,
		.priority = advert->priority,
		.family = rules->family,
		.advert_int_us = advert->advert_int_us,
		.auth_type = rules->auth_type,
		.checksum_as_v2 = rules->checksum_as_v2,
		.addresses = addresses,
		.n_addresses = advert->n_addresses,
	};
	struct vrrp_advert again;
	int len;

	memcpy(tx.auth_data, rules->auth_data, sizeof(tx.auth_data));
	for (size_t i = 0; i < advert->n_addresses; i++)
		addresses[i] = vrrp_advert_address(advert, i);
	len = vrrp_packet_encode(&tx, &meta->src, &meta->dst, buf, sizeof(buf));
	if (len < 0 || vrrp_packet_decode(buf, (size_t)len, meta, rules,
			       &again) != VRRP_RX_OK)
		abort();
	if (again.priority != advert->priority ||
		again.advert_int_us != advert->advert_int_us ||
		again.n_addresses != advert->n_addresses ||
		again.addresses_differ != advert->addresses_differ ||
		memcmp(again.addresses, advert->addresses,
			advert->n_addresses * ip_family_bytes(rules->family)))
		abort();
}

static void give_to_fsm(const struct vrrp_advert *advert)
{
	const struct vrrp_fsm_conf conf = {
		.version = advert->version,
		.priority = 100,
		.advert_int_us = USEC_PER_SEC,
		.preempt = true,
		.down_timer_adverts = 3,
	};
	struct vrrp_event event = { .type = VRRP_EVENT_STARTUP };
	struct ip_addr primary = { .family = AF_UNSPEC };
	struct vrrp_actions actions;
	struct vrrp_fsm fsm;

	vrrp_fsm_init(&fsm, &conf, &primary);
	vrrp_fsm_step(&fsm, &event, 0, &actions);
	event.type = VRRP_EVENT_ADVERT;
	event.advert.priority = advert->priority;
	event.advert.advert_int_us = advert->advert_int_us;
	event.advert.src = advert->src;
	vrrp_fsm_step(&fsm, &event, 1, &actions);
	if (fsm.state != VRRP_STATE_BACKUP || vrrp_fsm_deadline(&fsm) <= 1 ||
		vrrp_fsm_deadline(&fsm) == TIME_NEVER)
		abort();
}

static void run(uint8_t choice, uint8_t *data, size_t size)
{
	struct ip_addr vip =
		parse(choice & CHOOSE_IPV6 ? "fe80::100" : "192.0.2.100");
	struct vrrp_rx_meta meta = {
		.src = parse(choice & CHOOSE_IPV6 ? "fe80::1" : "192.0.2.1"),
		.dst = parse(choice & CHOOSE_IPV6 ? "ff02::12" : "224.0.0.18"),
		.ttl = 255,
	};
	struct vrrp_rx_rules rules = {
		.version = choice & CHOOSE_V3 ? 3 : 2,
		.vrid = 51,
		.family = meta.src.family,
		.group = meta.dst,
		.ttl_max = 255,
		.checksum_as_v2 = choice & CHOOSE_AS_V2,
		.trailer = choice & CHOOSE_TRAILER,
		.addresses = &vip,
		.n_addresses = 1,
	};
	struct vrrp_network network = { 0xc0000200, 0xc00002ff };
	const struct vrrp_networks networks = { &network, 1 };
	const uint8_t *payload = data;
	struct vrrp_advert advert;
	enum vrrp_rx rx;

	if (choice & CHOOSE_PASS) {
		rules.auth_type = VRRP_AUTH_PASS;
		vrrp_auth_data_from_password("secret", rules.auth_data);
	}
	if (!(choice & CHOOSE_UNICAST))
		rules.networks = &networks;
	else
		rules.group = rules.own = (struct ip_addr){ 0 };
	if (choice & CHOOSE_STRIP) {
		if (vrrp_packet_strip_ipv4(
			    data, size, &meta, &payload, &size) != VRRP_RX_OK)
			return;
	}
	if (choice & CHOOSE_CHECKSUM)
		mend_checksum(data + (payload - data), size, &meta, &rules);
	rx = vrrp_packet_decode(payload, size, &meta, &rules, &advert);
	if ((int)rx < 0 || rx >= VRRP_RX_COUNT_)
		abort();
	if (rx != VRRP_RX_OK)
		return;
	if (rules.networks && !vrrp_networks_have(&networks, &meta.src))
		abort();
	check_again(&advert, &meta, &rules);
	give_to_fsm(&advert);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size < 1)
		return 0;
	/* Exactly as long as the packet, for the sanitizer. */
	copy = malloc(size > 1 ? size - 1 : 1);
	if (!copy)
		abort();
	memcpy(copy, data + 1, size - 1);
	run(data[0], copy, size - 1);
	free(copy);
	return 0;
}
