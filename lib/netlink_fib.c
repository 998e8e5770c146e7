/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/netlink_fib.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/mem.h"
#include "lib/netlink_socket.h"

#define FIB_BUFFER 65536
#define FIB_RCVBUF (1024 * 1024)
/* A dump during which something changed is read again so many times. */
#define FIB_TRIES 5
/* Datagrams read in one wake-up. */
#define FIB_BURST 256

struct netlink_fib {
	void (*changed)(void *user_data);
	void *user_data;
	struct nl_sock *monitor;
	struct nl_sock *command;
	struct loop_io *io;
	uint32_t seq;
	char buffer[FIB_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* --- reading --- */

static ssize_t receive(struct netlink_fib *fib, struct nl_sock *sock)
{
	return netlink_socket_receive(sock, fib->buffer, sizeof(fib->buffer));
}

static void take(
	struct nlmsghdr *msg, const struct netlink_fib_visitor *visitor)
{
	struct netlink_route route;
	struct netlink_rule rule;

	if (msg->nlmsg_type == RTM_NEWROUTE &&
		netlink_parse_route(msg, &route) == 0) {
		/* Kernels before 4.20 do not filter. */
		if (route.protocol == NETLINK_ROUTE_PROTO)
			visitor->route(&route, visitor->user_data);
		netlink_route_clear(&route);
	}
	if (msg->nlmsg_type == RTM_NEWRULE &&
		netlink_parse_rule(msg, &rule) == 0 &&
		rule.protocol == NETLINK_ROUTE_PROTO)
		visitor->rule(&rule, visitor->user_data);
}

/* 1 when the dump is complete, 0 when more follows, or -errno. */
static int take_part(struct netlink_fib *fib, ssize_t len,
	const struct netlink_fib_visitor *visitor, bool *interrupted)
{
	struct nlmsghdr *msg = (struct nlmsghdr *)fib->buffer;
	int left = (int)len;

	for (; nlmsg_ok(msg, left); msg = nlmsg_next(msg, &left)) {
		if (msg->nlmsg_seq != fib->seq)
			continue;
		if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
			*interrupted = true;
		if (msg->nlmsg_type == NLMSG_DONE)
			return 1;
		if (msg->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *err = nlmsg_data(msg);

			if (nlmsg_datalen(msg) < (int)sizeof(*err))
				return -EBADMSG;
			return err->error ? err->error : 1;
		}
		take(msg, visitor);
	}
	return 0;
}

static int dump(struct netlink_fib *fib, int type, sa_family_t family,
	const struct netlink_fib_visitor *visitor, bool *interrupted)
{
	struct {
		struct nlmsghdr header;
		struct rtmsg route; /* as long as struct fib_rule_hdr */
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = (uint16_t)type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.nlmsg_seq = ++fib->seq,
		},
		.route = { .rtm_family = (uint8_t)family },
	};
	ssize_t len;
	int ret = 0;

	if (type == RTM_GETROUTE)
		request.route.rtm_protocol = NETLINK_ROUTE_PROTO;
	if (send(nl_socket_get_fd(fib->command), &request, sizeof(request),
		    MSG_DONTWAIT) < 0)
		return -errno;
	while (!ret) {
		len = receive(fib, fib->command);
		if (len < 0)
			return (int)len;
		ret = take_part(fib, len, visitor, interrupted);
	}
	return ret < 0 ? ret : 0;
}

int netlink_fib_read(
	struct netlink_fib *fib, const struct netlink_fib_visitor *visitor)
{
	static const struct {
		int type;
		sa_family_t family;
	} kinds[] = {
		{ RTM_GETROUTE, AF_INET },
		{ RTM_GETROUTE, AF_INET6 },
		{ RTM_GETRULE, AF_INET },
		{ RTM_GETRULE, AF_INET6 },
	};
	bool interrupted = true;
	int err = 0;

	/* What was told twice was told once too often, and harms nobody. */
	for (int tries = 0; interrupted && !err && tries < FIB_TRIES; tries++) {
		interrupted = false;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			err = dump(fib, kinds[i].type, kinds[i].family,
				visitor, &interrupted);
			/* No IPv6, or no rules, in this kernel. */
			if (err == -EOPNOTSUPP || err == -EAFNOSUPPORT)
				err = 0;
			if (err)
				break;
		}
	}
	return err;
}

/* --- events --- */

static void readable(int fd, unsigned int events, void *user_data)
{
	struct netlink_fib *fib = user_data;
	bool changed = false;

	(void)fd;
	(void)events;
	for (unsigned int n = 0; n < FIB_BURST; n++) {
		ssize_t len = receive(fib, fib->monitor);

		if (len < 0 && len != -ENOBUFS)
			break;
		changed |= len != 0;
	}
	if (changed)
		fib->changed(fib->user_data);
}

/* Routes of others are not even read.  All numbers in the filter are in
 * network order as it loads them; those of netlink are the machine's. */
static int ignore_others(int fd)
{
	const unsigned int type = offsetof(struct nlmsghdr, nlmsg_type);
	const unsigned int protocol =
		NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol);
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, type),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, protocol),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_ROUTE_PROTO, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = (struct sock_filter *)(uintptr_t)code,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) < 0
		       ? -errno
		       : 0;
}

/* --- life --- */

static int open_sockets(struct netlink_fib *fib)
{
	int one = 1, err = netlink_socket_open(0, &fib->command);

	if (!err)
		err = netlink_socket_open(FIB_RCVBUF, &fib->monitor);
	if (err)
		return err;
	setsockopt(nl_socket_get_fd(fib->command), SOL_NETLINK,
		NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	err = ignore_others(nl_socket_get_fd(fib->monitor));
	if (err)
		return err;
	if (nl_socket_add_memberships(fib->monitor, RTNLGRP_IPV4_ROUTE,
		    RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
		    0) < 0)
		return -EPERM;
	return 0;
}

int netlink_fib_new(struct loop *loop, void (*changed)(void *user_data),
	void *user_data, struct netlink_fib **ret_fib)
{
	struct netlink_fib *fib = x_new(struct netlink_fib, 1);
	int err = open_sockets(fib);

	if (err) {
		netlink_fib_free(fib);
		return err;
	}
	fib->changed = changed;
	fib->user_data = user_data;
	fib->io = loop_io_new(loop, nl_socket_get_fd(fib->monitor), LOOP_READ,
		readable, fib);
	*ret_fib = fib;
	return 0;
}

void netlink_fib_free(struct netlink_fib *fib)
{
	if (!fib)
		return;
	loop_io_free(fib->io);
	if (fib->monitor)
		nl_socket_free(fib->monitor);
	if (fib->command)
		nl_socket_free(fib->command);
	x_free(fib);
}
