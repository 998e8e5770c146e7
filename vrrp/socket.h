/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw VRRP sockets, one for each (family, interface, address bound to, with
 * AH or without), no matter how many virtual routers share it.
 *
 * The address is the multicast group, or our source for unicast peers; so
 * the kernel itself keeps apart what is not for us, and the destination of a
 * packet is known.  Packets are handed to whoever subscribed to their VRID
 * on the socket they came in on; what nobody subscribed to is counted here.
 * Nothing is allocated on the way of an advert in or out.
 */
#ifndef TANDEM_VRRP_SOCKET_H
#define TANDEM_VRRP_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ipaddr.h"
#include "lib/loop.h"
#include "vrrp/packet.h"

struct vrrp_sockets;
struct vrrp_socket;

struct vrrp_socket_key {
	uint32_t ifindex;    /* 0 = any, for unicast only */
	struct ip_addr bind; /* multicast group or unicast source */
	bool send_only;	     /* nothing is heard there */
	bool any_source;     /* also addresses of other interfaces */
	uint8_t vrid;	     /* others are left to the kernel; 0 = none */
	bool ah; /* protocol 51; what is sent brings its IPv4 header along */
};

struct vrrp_socket_counters {
	uint64_t received;
	uint64_t sent;
	uint64_t send_errors;
	uint64_t dropped[VRRP_RX_COUNT_]; /* before an instance was found */
};

/* PAYLOAD is what follows the IP header and valid during the call. */
typedef void vrrp_socket_receive_fn(void *subscriber, const uint8_t *payload,
	size_t len, const struct vrrp_rx_meta *meta, void *user_data);
/* Somebody sends with a VRID that is not configured here. */
typedef void vrrp_socket_stranger_fn(
	const struct vrrp_rx_meta *meta, uint8_t vrid, void *user_data);

struct vrrp_sockets *vrrp_sockets_new(struct loop *loop,
	vrrp_socket_receive_fn *receive, vrrp_socket_stranger_fn *stranger,
	void *user_data);
/* All subscribers must have left. */
void vrrp_sockets_free(struct vrrp_sockets *sockets); /* NULL is fine */

/*
 * Subscribes to VRID on the socket for KEY, which is opened when it is the
 * first.  0, -EBUSY when somebody has that VRID there, or the error of
 * opening: -EPERM without CAP_NET_RAW, -EADDRNOTAVAIL when the source is not
 * there (yet), -ENODEV ...
 */
int vrrp_sockets_join(struct vrrp_sockets *sockets,
	const struct vrrp_socket_key *key, uint8_t vrid, void *subscriber,
	struct vrrp_socket **ret_socket);
/* Safe inside the receive callback. */
void vrrp_socket_leave(struct vrrp_socket *sock, uint8_t vrid);

/* Sends one packet; never blocks.  SRC may be AF_UNSPEC: the kernel chooses.
 * 0 or -errno. */
int vrrp_socket_send(struct vrrp_socket *sock, const struct ip_addr *src,
	const struct ip_addr *dst, uint8_t ttl, const uint8_t *payload,
	size_t len);

/* Hands on what waits in the socket, so that a timer which ran out while the
 * process did not run is not believed before the adverts are. */
void vrrp_socket_drain(struct vrrp_socket *sock);

const struct vrrp_socket_key *vrrp_socket_key(const struct vrrp_socket *sock);
const struct vrrp_socket_counters *vrrp_socket_counters(
	const struct vrrp_socket *sock);
/* Calls CALLBACK for each open socket. */
void vrrp_sockets_each(const struct vrrp_sockets *sockets,
	void (*callback)(const struct vrrp_socket *sock, void *user_data),
	void *user_data);

#endif
