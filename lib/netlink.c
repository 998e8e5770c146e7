/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/netlink_socket.h"

/* The kernel's largest dump part is 32 KiB. */
#define NETLINK_BUFFER 65536
#define NETLINK_MONITOR_RCVBUF (4 * 1024 * 1024)
/* A dump during which something changed is read again so many times. */
#define NETLINK_DUMP_TRIES 5
/* Datagrams read in one wake-up. */
#define NETLINK_BURST 256

struct netlink {
	const struct netlink_events *events;
	void *user_data;
	struct nl_sock *monitor;
	struct nl_sock *command;
	struct loop_io *io;
	struct netlink_link *links; /* by ifindex */
	struct netlink_link *names; /* by name */
	struct netlink_addr *addrs;
	uint32_t round; /* of the last dump */
	uint32_t seq;
	uint64_t overruns;
	struct log_limit limit;
	char buffer[NETLINK_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* --- lookup --- */

static struct netlink_link *find_link(
	const struct netlink *netlink, uint32_t ifindex)
{
	struct netlink_link *link;

	HASH_FIND(hh, netlink->links, &ifindex, sizeof(ifindex), link);
	return link;
}

const struct netlink_link *netlink_find_link(
	const struct netlink *netlink, uint32_t ifindex)
{
	return find_link(netlink, ifindex);
}

const struct netlink_link *netlink_find_link_by_name(
	const struct netlink *netlink, const char *name)
{
	struct netlink_link *link;

	HASH_FIND(hh_name, netlink->names, name, strlen(name), link);
	return link;
}

void netlink_each_link(const struct netlink *netlink,
	void (*callback)(const struct netlink_link *link, void *user_data),
	void *user_data)
{
	const struct netlink_link *link;

	for (link = netlink->links; link; link = link->hh.next)
		callback(link, user_data);
}

static void addr_key(
	const struct netlink_addr_info *info, struct netlink_addr_key *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->ifindex = info->ifindex;
	ret->addr.family = info->addr.family;
	memcpy(ret->addr.bytes, info->addr.bytes, sizeof(ret->addr.bytes));
	if (info->addr.family != AF_INET)
		return;
	ret->prefix_len = info->prefix_len;
	ret->peer.family = info->peer.family;
	memcpy(ret->peer.bytes, info->peer.bytes, sizeof(ret->peer.bytes));
}

static struct netlink_addr *find_addr(
	const struct netlink *netlink, const struct netlink_addr_info *info)
{
	struct netlink_addr_key key;
	struct netlink_addr *addr;

	addr_key(info, &key);
	HASH_FIND(hh, netlink->addrs, &key, sizeof(key), addr);
	return addr;
}

const struct netlink_addr_info *netlink_find_addr(
	const struct netlink *netlink, const struct netlink_addr_info *info)
{
	const struct netlink_addr *addr = find_addr(netlink, info);

	return addr ? &addr->info : NULL;
}

const struct netlink_addr *netlink_find_local(
	const struct netlink *netlink, const struct ip_addr *addr)
{
	const struct netlink_addr *a;

	for (a = netlink->addrs; a; a = a->hh.next)
		if (!ip_addr_compare(&a->info.addr, addr) &&
			netlink_addr_is_usable(&a->info))
			return a;
	return NULL;
}

uint64_t netlink_overruns(const struct netlink *netlink)
{
	return netlink->overruns;
}

/* --- changes of the cache --- */

static void tell_addr(struct netlink *netlink,
	const struct netlink_addr_info *before,
	const struct netlink_addr_info *after)
{
	if (netlink->events->addr)
		netlink->events->addr(before, after, netlink->user_data);
}

static void tell_link(struct netlink *netlink,
	const struct netlink_link_info *before,
	const struct netlink_link_info *after)
{
	if (netlink->events->link)
		netlink->events->link(before, after, netlink->user_data);
}

static void drop_addr(struct netlink *netlink, struct netlink_addr *addr)
{
	struct netlink_link *link = find_link(netlink, addr->info.ifindex);

	HASH_DELETE(hh, netlink->addrs, addr);
	if (link)
		DL_DELETE(link->addrs, addr);
	tell_addr(netlink, &addr->info, NULL);
	x_free(addr);
}

static bool has_name(
	const struct netlink *netlink, const struct netlink_link *link)
{
	return netlink_find_link_by_name(netlink, link->info.name) == link;
}

static void drop_link(struct netlink *netlink, struct netlink_link *link)
{
	struct netlink_addr *addr, *next;

	DL_FOREACH_SAFE (link->addrs, addr, next)
		drop_addr(netlink, addr);
	HASH_DELETE(hh, netlink->links, link);
	if (has_name(netlink, link))
		HASH_DELETE(hh_name, netlink->names, link);
	tell_link(netlink, &link->info, NULL);
	x_free(link);
}

static void put_name(struct netlink *netlink, struct netlink_link *link)
{
	struct netlink_link *other;

	/* A name that moved from one link to another: the old owner's own
	 * message with its new name is still to come. */
	HASH_FIND(hh_name, netlink->names, link->info.name,
		strlen(link->info.name), other);
	if (other)
		HASH_DELETE(hh_name, netlink->names, other);
	HASH_ADD_KEYPTR(hh_name, netlink->names, link->info.name,
		strlen(link->info.name), link);
}

static void put_link(
	struct netlink *netlink, const struct netlink_link_info *info)
{
	struct netlink_link *link = find_link(netlink, info->ifindex);
	struct netlink_link_info before;

	if (!link) {
		link = x_new(struct netlink_link, 1);
		link->info = *info;
		link->seen = netlink->round;
		HASH_ADD(hh, netlink->links, info.ifindex,
			sizeof(link->info.ifindex), link);
		put_name(netlink, link);
		tell_link(netlink, NULL, &link->info);
		return;
	}
	link->seen = netlink->round;
	if (!memcmp(&link->info, info, sizeof(*info)) &&
		has_name(netlink, link))
		return;
	before = link->info;
	if (has_name(netlink, link))
		HASH_DELETE(hh_name, netlink->names, link);
	link->info = *info;
	put_name(netlink, link);
	tell_link(netlink, &before, &link->info);
}

static bool same_addr(
	const struct netlink_addr_info *a, const struct netlink_addr_info *b)
{
	/* Lifetimes count down by themselves. */
	return a->flags == b->flags && a->scope == b->scope &&
	       a->proto == b->proto && a->prefix_len == b->prefix_len &&
	       !strcmp(a->label, b->label) &&
	       !ip_addr_compare(&a->peer, &b->peer) &&
	       !ip_addr_compare(&a->broadcast, &b->broadcast);
}

static void put_addr(
	struct netlink *netlink, const struct netlink_addr_info *info)
{
	struct netlink_link *link = find_link(netlink, info->ifindex);
	struct netlink_addr *addr = find_addr(netlink, info);
	struct netlink_addr_info before;

	if (!link)
		return; /* its link is gone already */
	if (!addr) {
		addr = x_new(struct netlink_addr, 1);
		addr->info = *info;
		addr->seen = netlink->round;
		addr_key(info, &addr->key);
		HASH_ADD(hh, netlink->addrs, key, sizeof(addr->key), addr);
		DL_APPEND(link->addrs, addr);
		tell_addr(netlink, NULL, &addr->info);
		return;
	}
	addr->seen = netlink->round;
	before = addr->info;
	addr->info = *info;
	if (!same_addr(&before, info))
		tell_addr(netlink, &before, &addr->info);
}

void netlink_note_added(
	struct netlink *netlink, const struct netlink_addr_info *info)
{
	if (!find_addr(netlink, info))
		put_addr(netlink, info);
}

void netlink_note_removed(
	struct netlink *netlink, const struct netlink_addr_info *info)
{
	struct netlink_addr *addr = find_addr(netlink, info);

	if (addr)
		drop_addr(netlink, addr);
}

static void take_rp_filter(
	struct netlink *netlink, int32_t ifindex, uint32_t value)
{
	struct netlink_link *link;
	struct netlink_link_info info;

	if (ifindex == NETLINK_ALL_LINKS && netlink->events->all_rp_filter)
		netlink->events->all_rp_filter(netlink->user_data);
	link = ifindex > 0 ? find_link(netlink, (uint32_t)ifindex) : NULL;
	if (!link || !link->info.has_devconf)
		return;
	info = link->info;
	info.devconf[NETLINK_DEVCONF_RP_FILTER] = value;
	put_link(netlink, &info);
}

static void take_message(struct netlink *netlink, struct nlmsghdr *msg)
{
	int32_t ifindex;
	uint32_t value;
	struct netlink_link_info link;
	struct netlink_addr_info addr;
	struct netlink_link *old_link;
	struct netlink_addr *old_addr;

	switch (msg->nlmsg_type) {
	case RTM_NEWLINK:
		/* A bridge tells of its ports, with other attributes. */
		if (((const struct ifinfomsg *)nlmsg_data(msg))->ifi_family ==
				AF_UNSPEC &&
			netlink_parse_link(msg, &link) == 0)
			put_link(netlink, &link);
		break;
	case RTM_DELLINK:
		/* A bridge says DELLINK when a port leaves it. */
		if (netlink_parse_link(msg, &link) < 0 ||
			((const struct ifinfomsg *)nlmsg_data(msg))
					->ifi_family != AF_UNSPEC)
			break;
		old_link = find_link(netlink, link.ifindex);
		if (old_link)
			drop_link(netlink, old_link);
		break;
	case RTM_NEWADDR:
		if (netlink_parse_addr(msg, &addr) == 0)
			put_addr(netlink, &addr);
		break;
	case RTM_DELADDR:
		if (netlink_parse_addr(msg, &addr) < 0)
			break;
		old_addr = find_addr(netlink, &addr);
		if (old_addr)
			drop_addr(netlink, old_addr);
		break;
	case RTM_NEWNETCONF:
		if (netlink_parse_rp_filter(msg, &ifindex, &value) == 0)
			take_rp_filter(netlink, ifindex, value);
		break;
	}
}

/* --- reading --- */

static ssize_t receive(struct netlink *netlink, struct nl_sock *sock)
{
	return netlink_socket_receive(
		sock, netlink->buffer, sizeof(netlink->buffer));
}

/* The parts of one dump.  1 when it is complete, 0 when more follows, or
 * -errno; -EINTR when the kernel's tables changed meanwhile. */
static int take_dump_part(
	struct netlink *netlink, ssize_t len, bool *interrupted)
{
	struct nlmsghdr *msg = (struct nlmsghdr *)netlink->buffer;
	const struct nlmsgerr *err;
	int left = (int)len;

	for (; nlmsg_ok(msg, left); msg = nlmsg_next(msg, &left)) {
		if (msg->nlmsg_seq != netlink->seq)
			continue;
		if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
			*interrupted = true;
		if (msg->nlmsg_type == NLMSG_DONE)
			return 1;
		if (msg->nlmsg_type == NLMSG_ERROR) {
			err = nlmsg_data(msg);
			if (nlmsg_datalen(msg) < (int)sizeof(*err))
				return -EBADMSG;
			return err->error ? err->error : 1;
		}
		take_message(netlink, msg);
	}
	return 0;
}

/* All of TYPE, or, with an IFINDEX, one link and the kernel's answer. */
static int ask(struct netlink *netlink, int type, uint32_t ifindex)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info; /* as long as every rtnetlink header */
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = (uint16_t)type,
			.nlmsg_flags = (uint16_t)(NLM_F_REQUEST |
				(ifindex ? NLM_F_ACK : NLM_F_DUMP)),
			.nlmsg_seq = ++netlink->seq,
		},
		.info.ifi_index = (int)ifindex,
	};
	bool interrupted = false;
	ssize_t len;
	int ret;

	if (send(nl_socket_get_fd(netlink->command), &request, sizeof(request),
		    MSG_DONTWAIT) < 0)
		return -errno;
	for (;;) {
		len = receive(netlink, netlink->command);
		if (len < 0)
			return (int)len;
		ret = take_dump_part(netlink, len, &interrupted);
		if (ret < 0)
			return ret;
		if (ret == 1)
			return interrupted ? -EINTR : 0;
	}
}

static int dump(struct netlink *netlink, int type)
{
	unsigned int tries;
	int err = -EINTR;

	for (tries = 0; err == -EINTR && tries < NETLINK_DUMP_TRIES; tries++)
		err = ask(netlink, type, 0);
	return err;
}

int netlink_refresh_link(struct netlink *netlink, uint32_t ifindex)
{
	return ask(netlink, RTM_GETLINK, ifindex);
}

static void sweep_links(struct netlink *netlink)
{
	struct netlink_link *link, *next;

	HASH_ITER (hh, netlink->links, link, next)
		if (link->seen != netlink->round)
			drop_link(netlink, link);
}

static void sweep_addrs(struct netlink *netlink)
{
	struct netlink_addr *addr, *next;

	HASH_ITER (hh, netlink->addrs, addr, next)
		if (addr->seen != netlink->round)
			drop_addr(netlink, addr);
}

void netlink_for_each_addr(const struct netlink *netlink,
	void (*visit)(const struct netlink_addr_info *info, void *user_data),
	void *user_data)
{
	const struct netlink_addr *addr;

	for (addr = netlink->addrs; addr; addr = addr->hh.next)
		visit(&addr->info, user_data);
}

int netlink_resync(struct netlink *netlink)
{
	int err;

	netlink->round++;
	err = dump(netlink, RTM_GETLINK);
	if (err)
		return err;
	sweep_links(netlink);
	err = dump(netlink, RTM_GETADDR);
	if (err)
		return err;
	sweep_addrs(netlink);
	if (netlink->events->settled)
		netlink->events->settled(netlink->user_data);
	return 0;
}

static void monitor_overrun(struct netlink *netlink)
{
	int err;

	netlink->overruns++;
	err = netlink_resync(netlink);
	log_limited(&netlink->limit, LOG_LEVEL_WARNING,
		"netlink: events were lost; everything was read again%s%s",
		err ? ": " : "", err ? strerror(-err) : "");
}

void netlink_read(struct netlink *netlink)
{
	int fd = nl_socket_get_fd(netlink->monitor);
	struct nlmsghdr *msg;
	unsigned int n;
	ssize_t len;
	int left;

	for (n = 0; n < NETLINK_BURST; n++) {
		len = receive(netlink, netlink->monitor);
		if (len == -ENOBUFS) {
			monitor_overrun(netlink);
			continue;
		}
		if (len < 0)
			break;
		msg = (struct nlmsghdr *)netlink->buffer;
		left = (int)len;
		for (; nlmsg_ok(msg, left); msg = nlmsg_next(msg, &left))
			take_message(netlink, msg);
	}
	/* There may be more, which the next wake-up reads. */
	if (n == NETLINK_BURST &&
		recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT) >= 0)
		return;
	if (netlink->events->settled)
		netlink->events->settled(netlink->user_data);
}

static void monitor_readable(int fd, unsigned int events, void *user_data)
{
	(void)fd;
	(void)events;
	netlink_read(user_data);
}

/* --- life --- */

static int open_monitor(
	struct netlink *netlink, const struct netlink_events *events)
{
	int err = netlink_socket_open(
		NETLINK_MONITOR_RCVBUF, &netlink->monitor);

	if (err)
		return err;
	if (nl_socket_add_memberships(netlink->monitor, RTNLGRP_LINK,
		    RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0) < 0)
		return -EPERM;
	if (events->all_rp_filter &&
		nl_socket_add_membership(
			netlink->monitor, RTNLGRP_IPV4_NETCONF) < 0)
		return -EPERM;
	return 0;
}

int netlink_new(struct loop *loop, const struct netlink_events *events,
	void *user_data, struct netlink **ret_netlink)
{
	static const struct netlink_events nobody;
	struct netlink *netlink = x_new(struct netlink, 1);
	int err;

	netlink->events = &nobody;
	err = netlink_socket_open(0, &netlink->command);
	if (!err)
		err = open_monitor(netlink, events);
	if (!err)
		err = netlink_resync(netlink);
	if (err) {
		netlink_free(netlink);
		return err;
	}
	netlink->events = events;
	netlink->user_data = user_data;
	netlink->io = loop_io_new(loop, nl_socket_get_fd(netlink->monitor),
		LOOP_READ, monitor_readable, netlink);
	*ret_netlink = netlink;
	return 0;
}

void netlink_free(struct netlink *netlink)
{
	static const struct netlink_events nobody;
	struct netlink_link *link, *next;

	if (!netlink)
		return;
	netlink->events = &nobody;
	HASH_ITER (hh, netlink->links, link, next)
		drop_link(netlink, link);
	loop_io_free(netlink->io);
	if (netlink->monitor)
		nl_socket_free(netlink->monitor);
	if (netlink->command)
		nl_socket_free(netlink->command);
	x_free(netlink);
}
