/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/netlink_socket.h"

#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include "lib/log.h"

static void set_rcvbuf(int fd, int size)
{
	/* The first needs CAP_NET_ADMIN, the second is cut to the limit. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int netlink_socket_open(int rcvbuf, struct nl_sock **ret_sock)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (!sock)
		log_fatal("netlink: no memory for a socket");
	errno = 0;
	if (nl_connect(sock, NETLINK_ROUTE) < 0) {
		int err = errno ? -errno : -EIO;

		nl_socket_free(sock);
		return err;
	}
	nl_socket_set_nonblocking(sock);
	if (rcvbuf)
		set_rcvbuf(nl_socket_get_fd(sock), rcvbuf);
	*ret_sock = sock;
	return 0;
}

ssize_t netlink_socket_receive(struct nl_sock *sock, void *buf, size_t size)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	struct iovec iov = { buf, size };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n = recvmsg(nl_socket_get_fd(sock), &msg, MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	/* Any process may send to a netlink socket; the kernel is port 0. */
	return from.nl_pid != 0 || msg.msg_flags & MSG_TRUNC ? 0 : n;
}
