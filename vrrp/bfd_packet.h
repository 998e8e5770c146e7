/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD control packets (RFC 5880 4.1): bytes to a struct and back.
 *
 * Pure, no allocation.  The decoder does those checks of RFC 5880 6.8.6 that
 * need nothing but the packet; which session it is for, whether it came from
 * near enough and what it means is decided elsewhere.
 */
#ifndef TANDEM_VRRP_BFD_PACKET_H
#define TANDEM_VRRP_BFD_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BFD_PORT 3784		/* RFC 5881 4 */
#define BFD_MULTIHOP_PORT 4784	/* RFC 5883 5 */
#define BFD_SOURCE_PORT_MIN 49152
#define BFD_TTL 255
#define BFD_PACKET_BYTES 24

/* The numbers are those of the packet. */
enum bfd_state {
	BFD_STATE_ADMIN_DOWN,
	BFD_STATE_DOWN,
	BFD_STATE_INIT,
	BFD_STATE_UP,
};

/* "ADMIN-DOWN", "DOWN", "INIT", "UP". */
const char *bfd_state_name(enum bfd_state state);

/* Why a session changed its state last, likewise. */
enum bfd_diag {
	BFD_DIAG_NONE,
	BFD_DIAG_EXPIRED,
	BFD_DIAG_ECHO_FAILED,
	BFD_DIAG_NEIGHBOR_DOWN,
	BFD_DIAG_FORWARDING_RESET,
	BFD_DIAG_PATH_DOWN,
	BFD_DIAG_CONCATENATED_DOWN,
	BFD_DIAG_ADMIN_DOWN,
	BFD_DIAG_REVERSE_CONCATENATED_DOWN,
};

/* Never NULL; numbers that nobody has assigned are "unknown". */
const char *bfd_diag_text(unsigned int diag);

struct bfd_packet {
	uint8_t diag; /* 0 to 31, enum bfd_diag and what others invent */
	enum bfd_state state;
	bool poll;
	bool final;
	bool independent; /* C: lives on without the control plane */
	bool demand;
	uint8_t multiplier;
	uint32_t my_discr;
	uint32_t your_discr; /* 0 = not known yet */
	uint32_t min_tx_us;
	uint32_t min_rx_us;
	uint32_t min_echo_rx_us;
};

/* What became of a packet. */
enum bfd_rx {
	BFD_RX_OK,
	BFD_RX_VERSION,
	BFD_RX_LENGTH,
	BFD_RX_MULTIPLIER,
	BFD_RX_MULTIPOINT,
	BFD_RX_DISCRIMINATOR, /* its own is 0 */
	BFD_RX_NOT_OURS,      /* knows nobody here, yet claims to be up */
	BFD_RX_AUTH,
	BFD_RX_POLL_FINAL,
	BFD_RX_TTL,
	BFD_RX_NO_SESSION,
	BFD_RX_SOURCE, /* our discriminator, but not from the neighbour */
	BFD_RX_ADMIN_DOWN,
	BFD_RX_COUNT_,
};

/* For logs and status, never NULL. */
const char *bfd_rx_text(enum bfd_rx rx);

/* DATA is the payload of a datagram.  RET is set when BFD_RX_OK. */
enum bfd_rx bfd_packet_decode(
	const uint8_t *data, size_t len, struct bfd_packet *ret);

/* Always BFD_PACKET_BYTES long; without authentication. */
void bfd_packet_encode(const struct bfd_packet *packet,
	uint8_t out[static BFD_PACKET_BYTES]);

#endif
