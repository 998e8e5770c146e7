/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/nft.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/nft_internal.h"

#define NFT_BUFFER 65536
/* A batch of 20,000 elements goes in one send. */
#define NFT_SNDBUF (4 * 1024 * 1024)
#define NFT_RCVBUF (1024 * 1024)
/* Datagrams of the monitor in one wake-up. */
#define NFT_BURST 64

struct nft {
	struct mnl_socket *commands;
	struct mnl_socket *monitor;
	struct loop_io *io;
	nft_gone_fn *gone;
	void *user_data;
	char buffer[NFT_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static void ask_for(const struct mnl_socket *sock, int forced, int plain,
	int size)
{
	int fd = mnl_socket_get_fd(sock);

	if (setsockopt(fd, SOL_SOCKET, forced, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, plain, &size, sizeof(size));
}

/* One datagram of the kernel; its length, 0 for one to be skipped, -errno. */
static ssize_t receive(struct nft *nft, const struct mnl_socket *sock)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	struct iovec iov = { nft->buffer, sizeof(nft->buffer) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n = recvmsg(mnl_socket_get_fd(sock), &msg, MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	return from.nl_pid != 0 || msg.msg_flags & MSG_TRUNC ? 0 : n;
}

/* --- commands --- */

struct answers {
	int error; /* the first */
	uint32_t n;
};

static void take_answers(struct nft *nft, ssize_t len, struct answers *a)
{
	struct nlmsghdr *header = (struct nlmsghdr *)(void *)nft->buffer;
	const struct nlmsgerr *err;
	int left = (int)len;

	for (; mnl_nlmsg_ok(header, left);
		header = mnl_nlmsg_next(header, &left)) {
		if (header->nlmsg_type != NLMSG_ERROR ||
			mnl_nlmsg_get_payload_len(header) < sizeof(*err))
			continue;
		err = mnl_nlmsg_get_payload(header);
		a->n++;
		if (!a->error)
			a->error = err->error;
	}
}

/* Answers to an earlier batch that nobody waited for. */
static void drain(struct nft *nft)
{
	while (receive(nft, nft->commands) >= 0)
		;
}

static int send_batch(struct nft *nft, const struct nft_batch *b)
{
	struct answers a = { .n = 0 };
	/* Begin and end are not answered. */
	uint32_t expected = b->n - 2;
	ssize_t len;

	if (!expected)
		return 0;
	drain(nft);
	if (send(mnl_socket_get_fd(nft->commands), b->data, b->len,
		    MSG_DONTWAIT) < 0)
		return -errno;
	while (a.n < expected && (len = receive(nft, nft->commands)) >= 0)
		take_answers(nft, len, &a);
	if (a.error)
		return a.error;
	return a.n < expected ? -ENOBUFS : 0;
}

int nft_commit(struct nft *nft, struct nft_batch *b)
{
	int err;

	nft_batch_finish(b);
	err = send_batch(nft, b);
	nft_batch_free(b);
	return err;
}

/* --- news --- */

/* In all of these the name of the table is attribute 1. */
static bool is_deletion(uint16_t type)
{
	if (type >> 8 != NFNL_SUBSYS_NFTABLES)
		return false;
	switch (type & 0xff) {
	case NFT_MSG_DELTABLE:
	case NFT_MSG_DELCHAIN:
	case NFT_MSG_DELRULE:
	case NFT_MSG_DELSET:
	case NFT_MSG_DELSETELEM:
		return true;
	}
	return false;
}

static void take_news(struct nft *nft, const struct nlmsghdr *header)
{
	const struct nfgenmsg *info;
	struct nlattr *attr;

	if (!is_deletion(header->nlmsg_type) ||
		header->nlmsg_pid == mnl_socket_get_portid(nft->commands) ||
		mnl_nlmsg_get_payload_len(header) < sizeof(*info))
		return;
	info = mnl_nlmsg_get_payload(header);
	mnl_attr_for_each(attr, header, sizeof(*info))
	{
		if (mnl_attr_get_type(attr) != NFTA_TABLE_NAME ||
			mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
			continue;
		nft->gone(info->nfgen_family, mnl_attr_get_str(attr),
			nft->user_data);
		return;
	}
}

static void monitor_readable(int fd, unsigned int events, void *user_data)
{
	struct nft *nft = user_data;
	struct nlmsghdr *header;
	unsigned int n;
	ssize_t len;
	int left;

	(void)fd;
	(void)events;
	for (n = 0; n < NFT_BURST; n++) {
		len = receive(nft, nft->monitor);
		if (len == -ENOBUFS) {
			/* Whatever was missed may have been that. */
			nft->gone(AF_UNSPEC, NULL, nft->user_data);
			continue;
		}
		if (len < 0)
			return;
		header = (struct nlmsghdr *)(void *)nft->buffer;
		left = (int)len;
		for (; mnl_nlmsg_ok(header, left);
			header = mnl_nlmsg_next(header, &left))
			take_news(nft, header);
	}
}

/* --- life --- */

static struct mnl_socket *open_socket(unsigned int groups)
{
	struct mnl_socket *sock = mnl_socket_open2(
		NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int err;

	if (sock && mnl_socket_bind(sock, groups, MNL_SOCKET_AUTOPID) < 0) {
		err = errno;
		mnl_socket_close(sock);
		errno = err;
		return NULL;
	}
	return sock;
}

int nft_new(struct loop *loop, nft_gone_fn *gone, void *user_data,
	struct nft **ret_nft)
{
	struct nft *nft = x_new(struct nft, 1);
	int err;

	nft->gone = gone;
	nft->user_data = user_data;
	nft->commands = open_socket(0);
	if (nft->commands)
		nft->monitor = open_socket(1 << (NFNLGRP_NFTABLES - 1));
	if (!nft->monitor) {
		err = errno ? -errno : -EIO;
		nft_free(nft);
		return err;
	}
	ask_for(nft->commands, SO_SNDBUFFORCE, SO_SNDBUF, NFT_SNDBUF);
	ask_for(nft->commands, SO_RCVBUFFORCE, SO_RCVBUF, NFT_RCVBUF);
	ask_for(nft->monitor, SO_RCVBUFFORCE, SO_RCVBUF, NFT_RCVBUF);
	nft->io = loop_io_new(loop, mnl_socket_get_fd(nft->monitor), LOOP_READ,
		monitor_readable, nft);
	*ret_nft = nft;
	return 0;
}

void nft_free(struct nft *nft)
{
	if (!nft)
		return;
	if (nft->io)
		loop_io_free(nft->io);
	if (nft->monitor)
		mnl_socket_close(nft->monitor);
	if (nft->commands)
		mnl_socket_close(nft->commands);
	x_free(nft);
}
