/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BFD codec and the session behind it: any bytes are dropped with a
 * reason or give a packet that is the same after encoding and decoding.  What
 * was decoded goes to a session; the input holds one packet every 24 bytes,
 * and between two the session's time goes on to its next deadline.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/bfd_fsm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DISCR 7

static void check_again(const struct bfd_packet *packet)
{
	uint8_t out[BFD_PACKET_BYTES];
	struct bfd_packet again;

	bfd_packet_encode(packet, out);
	if (bfd_packet_decode(out, sizeof(out), &again) != BFD_RX_OK)
		abort();
	if (again.diag != packet->diag || again.state != packet->state ||
		again.poll != packet->poll || again.final != packet->final ||
		again.independent != packet->independent ||
		again.demand != packet->demand ||
		again.multiplier != packet->multiplier ||
		again.my_discr != packet->my_discr ||
		again.your_discr != packet->your_discr ||
		again.min_tx_us != packet->min_tx_us ||
		again.min_rx_us != packet->min_rx_us ||
		again.min_echo_rx_us != packet->min_echo_rx_us)
		abort();
}

static void check_session(const struct bfd_fsm *fsm,
	const struct bfd_actions *did, int64_t now)
{
	struct bfd_packet sent;
	uint8_t out[BFD_PACKET_BYTES];

	if (bfd_fsm_deadline(fsm) < now)
		abort();
	if (fsm->state == BFD_STATE_UP && fsm->detect_us == TIME_NEVER)
		abort();
	if (fsm->state == BFD_STATE_UP && !fsm->remote_discr)
		abort();
	if (!did->send)
		return;
	bfd_packet_encode(&did->packet, out);
	if (bfd_packet_decode(out, sizeof(out), &sent) != BFD_RX_OK)
		abort();
}

static void give(struct bfd_fsm *fsm, const struct bfd_packet *packet,
	int64_t *now)
{
	struct bfd_event event = {
		.type = BFD_EVENT_PACKET,
		.packet = packet,
	};
	struct bfd_actions did;
	int64_t next;

	bfd_fsm_step(fsm, &event, *now, packet->my_discr, &did);
	check_session(fsm, &did, *now);
	next = bfd_fsm_deadline(fsm);
	if (next == TIME_NEVER || packet->your_discr & 1)
		return;
	*now = next;
	event = (struct bfd_event){ .type = BFD_EVENT_TIMER };
	bfd_fsm_step(fsm, &event, *now, packet->my_discr, &did);
	check_session(fsm, &did, *now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bfd_fsm_conf conf = {
		.min_tx_us = 10000,
		.min_rx_us = 10000,
		.idle_tx_us = 1000000,
		.multiplier = 3,
	};
	struct bfd_packet packet;
	struct bfd_fsm fsm;
	int64_t now = 1;

	bfd_fsm_init(&fsm, &conf, DISCR, now);
	do {
		size_t len = size < BFD_PACKET_BYTES ? size : BFD_PACKET_BYTES;
		uint8_t *copy = malloc(len ? len : 1);
		enum bfd_rx rx;

		if (!copy)
			abort();
		memcpy(copy, data, len);
		rx = bfd_packet_decode(copy, len, &packet);
		free(copy);
		if ((int)rx < 0 || rx >= BFD_RX_COUNT_)
			abort();
		if (rx == BFD_RX_OK) {
			check_again(&packet);
			give(&fsm, &packet, &now);
		}
		data += len;
		size -= len;
	} while (size);
	return 0;
}
