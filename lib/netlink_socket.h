/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of rtnetlink.  For lib/ only. */
#ifndef TANDEM_LIB_NETLINK_SOCKET_H
#define TANDEM_LIB_NETLINK_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

struct nl_sock;

/*
 * A non-blocking socket, which the caller frees.  RCVBUF is the size of its
 * receive buffer in bytes, without CAP_NET_ADMIN cut to what is allowed; 0 =
 * the usual one.  0 or -errno.
 */
int netlink_socket_open(int rcvbuf, struct nl_sock **ret_sock);

/* One datagram of the kernel.  Its length, 0 for one that is cut or of
 * somebody else, or -errno. */
ssize_t netlink_socket_receive(struct nl_sock *sock, void *buf, size_t size);

#endif
