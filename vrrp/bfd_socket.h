/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets of BFD (RFC 5881 4, RFC 5883 5): one that listens for each
 * family and port, however many sessions there are, and one for each session
 * that sends, with a source port and a TTL of its own.
 *
 * Nothing here decides anything and nothing allocates for a packet.
 */
#ifndef TANDEM_VRRP_BFD_SOCKET_H
#define TANDEM_VRRP_BFD_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ipaddr.h"
#include "lib/loop.h"

struct bfd_rx_meta {
	struct ip_addr src;
	struct ip_addr dst; /* AF_UNSPEC = not known */
	int ttl;	    /* -1 = not known */
	bool multihop;	    /* came to that port */
};

struct bfd_listeners;

/* RECEIVE gets each datagram, of which at most 64 bytes are looked at; LEN is
 * how many DATA holds. */
struct bfd_listeners *bfd_listeners_new(struct loop *loop,
	void (*receive)(const uint8_t *data, size_t len,
		const struct bfd_rx_meta *meta, void *user_data),
	void *user_data);
void bfd_listeners_free(struct bfd_listeners *listeners); /* NULL is fine */

enum bfd_listener {
	BFD_LISTEN_V4 = 1 << 0,
	BFD_LISTEN_V6 = 1 << 1,
	BFD_LISTEN_MULTIHOP_V4 = 1 << 2,
	BFD_LISTEN_MULTIHOP_V6 = 1 << 3,
};

enum bfd_listener bfd_listener_of(sa_family_t family, bool multihop);

/* Opens those of WANTED (enum bfd_listener) that are not open, closes all
 * others.  0, or -errno of the last that could not be opened. */
int bfd_listeners_want(struct bfd_listeners *listeners, unsigned int wanted);
/* Takes what waits.  Harmless from within RECEIVE. */
void bfd_listeners_drain(struct bfd_listeners *listeners);

struct bfd_sender {
	int fd; /* -1 = not open */
	uint16_t port; /* of ours; 0 = any, then the one that was taken */
};

/*
 * Opens SENDER for packets to NEIGHBOUR, from SOURCE unless that is
 * AF_UNSPEC.  0 or -errno, such as -EADDRNOTAVAIL while SOURCE is not there
 * and -ENETUNREACH without a route.
 */
int bfd_sender_open(struct bfd_sender *sender, const struct ip_addr *neighbour,
	const struct ip_addr *source, bool multihop, uint8_t ttl);
void bfd_sender_close(struct bfd_sender *sender);
/* 0 or -errno; never blocks.  -ECONNREFUSED is what the neighbour said to an
 * earlier packet; this one was not sent. */
int bfd_sender_send(
	const struct bfd_sender *sender, const void *data, size_t len);
/* The address that packets are sent from; AF_UNSPEC when not open. */
struct ip_addr bfd_sender_source(const struct bfd_sender *sender);

#endif
