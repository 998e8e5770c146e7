/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/bfd_packet.h"

#include <string.h>

#define PROTOCOL_VERSION 1

enum flag {
	FLAG_MULTIPOINT = 1 << 0,
	FLAG_DEMAND = 1 << 1,
	FLAG_AUTH = 1 << 2,
	FLAG_INDEPENDENT = 1 << 3,
	FLAG_FINAL = 1 << 4,
	FLAG_POLL = 1 << 5,
};

const char *bfd_state_name(enum bfd_state state)
{
	switch (state) {
	case BFD_STATE_ADMIN_DOWN:
		return "ADMIN-DOWN";
	case BFD_STATE_DOWN:
		return "DOWN";
	case BFD_STATE_INIT:
		return "INIT";
	case BFD_STATE_UP:
		return "UP";
	}
	return "unknown";
}

const char *bfd_diag_text(unsigned int diag)
{
	static const char *const texts[] = {
		[BFD_DIAG_NONE] = "none",
		[BFD_DIAG_EXPIRED] = "detection-time-expired",
		[BFD_DIAG_ECHO_FAILED] = "echo-failed",
		[BFD_DIAG_NEIGHBOR_DOWN] = "neighbor-signaled-down",
		[BFD_DIAG_FORWARDING_RESET] = "forwarding-plane-reset",
		[BFD_DIAG_PATH_DOWN] = "path-down",
		[BFD_DIAG_CONCATENATED_DOWN] = "concatenated-path-down",
		[BFD_DIAG_ADMIN_DOWN] = "administratively-down",
		[BFD_DIAG_REVERSE_CONCATENATED_DOWN] =
			"reverse-concatenated-path-down",
	};

	return diag < sizeof(texts) / sizeof(texts[0]) ? texts[diag]
						       : "unknown";
}

const char *bfd_rx_text(enum bfd_rx rx)
{
	switch (rx) {
	case BFD_RX_OK:
		return "ok";
	case BFD_RX_VERSION:
		return "wrong version";
	case BFD_RX_LENGTH:
		return "wrong length";
	case BFD_RX_MULTIPLIER:
		return "detect multiplier is 0";
	case BFD_RX_MULTIPOINT:
		return "multipoint";
	case BFD_RX_DISCRIMINATOR:
		return "its discriminator is 0";
	case BFD_RX_NOT_OURS:
		return "up without naming a session";
	case BFD_RX_AUTH:
		return "authenticated, which is not supported";
	case BFD_RX_POLL_FINAL:
		return "both poll and final";
	case BFD_RX_TTL:
		return "came from too far (TTL)";
	case BFD_RX_NO_SESSION:
		return "no such session";
	case BFD_RX_SOURCE:
		return "not from the neighbour of its session";
	case BFD_RX_ADMIN_DOWN:
		return "the session is administratively down";
	case BFD_RX_COUNT_:
		break;
	}
	return "unknown";
}

static uint32_t get_u32(const uint8_t *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 |
	       (uint32_t)data[2] << 8 | data[3];
}

static void put_u32(uint8_t *data, uint32_t value)
{
	data[0] = (uint8_t)(value >> 24);
	data[1] = (uint8_t)(value >> 16);
	data[2] = (uint8_t)(value >> 8);
	data[3] = (uint8_t)value;
}

/* RFC 5880 6.8.6, in its order as far as the packet alone can tell. */
static enum bfd_rx check(
	const uint8_t *data, size_t len, const struct bfd_packet *packet)
{
	if (data[0] >> 5 != PROTOCOL_VERSION)
		return BFD_RX_VERSION;
	if (data[3] < BFD_PACKET_BYTES || data[3] > len)
		return BFD_RX_LENGTH;
	if (!packet->multiplier)
		return BFD_RX_MULTIPLIER;
	if (data[1] & FLAG_MULTIPOINT)
		return BFD_RX_MULTIPOINT;
	if (!packet->my_discr)
		return BFD_RX_DISCRIMINATOR;
	if (!packet->your_discr && packet->state != BFD_STATE_DOWN &&
		packet->state != BFD_STATE_ADMIN_DOWN)
		return BFD_RX_NOT_OURS;
	if (data[1] & FLAG_AUTH)
		return BFD_RX_AUTH;
	/* 6.5: a packet never has both. */
	if (packet->poll && packet->final)
		return BFD_RX_POLL_FINAL;
	return BFD_RX_OK;
}

enum bfd_rx bfd_packet_decode(
	const uint8_t *data, size_t len, struct bfd_packet *ret)
{
	struct bfd_packet packet;
	enum bfd_rx rx;

	if (len < BFD_PACKET_BYTES)
		return BFD_RX_LENGTH;
	packet = (struct bfd_packet){
		.diag = data[0] & 0x1f,
		.state = (enum bfd_state)(data[1] >> 6),
		.poll = data[1] & FLAG_POLL,
		.final = data[1] & FLAG_FINAL,
		.independent = data[1] & FLAG_INDEPENDENT,
		.demand = data[1] & FLAG_DEMAND,
		.multiplier = data[2],
		.my_discr = get_u32(data + 4),
		.your_discr = get_u32(data + 8),
		.min_tx_us = get_u32(data + 12),
		.min_rx_us = get_u32(data + 16),
		.min_echo_rx_us = get_u32(data + 20),
	};
	rx = check(data, len, &packet);
	if (rx == BFD_RX_OK)
		*ret = packet;
	return rx;
}

void bfd_packet_encode(
	const struct bfd_packet *packet, uint8_t out[static BFD_PACKET_BYTES])
{
	unsigned int flags = (unsigned int)packet->state << 6;

	if (packet->poll)
		flags |= FLAG_POLL;
	if (packet->final)
		flags |= FLAG_FINAL;
	if (packet->independent)
		flags |= FLAG_INDEPENDENT;
	if (packet->demand)
		flags |= FLAG_DEMAND;
	out[0] = (uint8_t)(PROTOCOL_VERSION << 5 | (packet->diag & 0x1f));
	out[1] = (uint8_t)flags;
	out[2] = packet->multiplier;
	out[3] = BFD_PACKET_BYTES;
	put_u32(out + 4, packet->my_discr);
	put_u32(out + 8, packet->your_discr);
	put_u32(out + 12, packet->min_tx_us);
	put_u32(out + 16, packet->min_rx_us);
	put_u32(out + 20, packet->min_echo_rx_us);
}
