/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/bfd_socket.h"

#include <errno.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/bfd_packet.h"

#define LISTENERS 4
#define BATCH 32
#define TURNS 8
#define DATAGRAM_BYTES 64
/* Network control, as routing daemons send it. */
#define TOS 0xc0
#define PORT_TRIES 32
/* Many sessions: what comes within this time is read together. */
#define PAUSE_US (1 * USEC_PER_MSEC)

struct listener {
	struct bfd_listeners *all;
	struct loop_io *io;
	int fd; /* -1 = not open */
	sa_family_t family;
	bool multihop;
	bool paused;
	int64_t read_us; /* last */
};

union control {
	struct cmsghdr align;
	char data[CMSG_SPACE(sizeof(int)) +
		  CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct bfd_listeners {
	struct loop *loop;
	void (*receive)(const uint8_t *data, size_t len,
		const struct bfd_rx_meta *meta, void *user_data);
	void *user_data;
	struct listener listeners[LISTENERS];
	struct loop_timer *timer; /* ends all pauses */
	bool draining;
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_storage from[BATCH];
	union control control[BATCH];
	uint8_t packets[BATCH][DATAGRAM_BYTES];
};

enum bfd_listener bfd_listener_of(sa_family_t family, bool multihop)
{
	if (multihop)
		return family == AF_INET ? BFD_LISTEN_MULTIHOP_V4
					 : BFD_LISTEN_MULTIHOP_V6;
	return family == AF_INET ? BFD_LISTEN_V4 : BFD_LISTEN_V6;
}

/* --- receiving --- */

static void read_cmsg(const struct cmsghdr *cmsg, struct bfd_rx_meta *meta)
{
	struct in_pktinfo info4;
	struct in6_pktinfo info6;

	if ((cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_TTL) ||
		(cmsg->cmsg_level == IPPROTO_IPV6 &&
			cmsg->cmsg_type == IPV6_HOPLIMIT)) {
		memcpy(&meta->ttl, CMSG_DATA(cmsg), sizeof(meta->ttl));
	} else if (cmsg->cmsg_level == IPPROTO_IP &&
		   cmsg->cmsg_type == IP_PKTINFO) {
		memcpy(&info4, CMSG_DATA(cmsg), sizeof(info4));
		meta->dst.family = AF_INET;
		meta->dst.v4 = info4.ipi_addr;
	} else if (cmsg->cmsg_level == IPPROTO_IPV6 &&
		   cmsg->cmsg_type == IPV6_PKTINFO) {
		memcpy(&info6, CMSG_DATA(cmsg), sizeof(info6));
		meta->dst.family = AF_INET6;
		meta->dst.v6 = info6.ipi6_addr;
	}
}

static void take(struct bfd_listeners *all, const struct listener *listener,
	unsigned int i)
{
	struct msghdr *msg = &all->msgs[i].msg_hdr;
	struct bfd_rx_meta meta;
	struct ip_endpoint from;
	struct cmsghdr *cmsg;
	size_t len = all->msgs[i].msg_len;

	memset(&meta, 0, sizeof(meta));
	meta.ttl = -1;
	meta.multihop = listener->multihop;
	if (ip_endpoint_from_sockaddr(msg->msg_name, &from) < 0)
		return;
	meta.src = from.addr;
	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg))
		read_cmsg(cmsg, &meta);
	all->receive(all->packets[i],
		len < DATAGRAM_BYTES ? len : DATAGRAM_BYTES, &meta,
		all->user_data);
}

static int receive_batch(struct bfd_listeners *all, int fd)
{
	for (unsigned int i = 0; i < BATCH; i++) {
		all->msgs[i].msg_hdr.msg_namelen = sizeof(all->from[i]);
		all->msgs[i].msg_hdr.msg_controllen = sizeof(all->control[i]);
		all->msgs[i].msg_hdr.msg_flags = 0;
	}
	return recvmmsg(fd, all->msgs, BATCH, MSG_DONTWAIT, NULL);
}

/* RECEIVE opens and closes no listeners. */
static void drain(struct listener *listener)
{
	struct bfd_listeners *all = listener->all;
	int n = BATCH;

	for (unsigned int turn = 0; n == BATCH && turn < TURNS; turn++) {
		n = receive_batch(all, listener->fd);
		for (int i = 0; i < n; i++)
			take(all, listener, (unsigned int)i);
	}
}

void bfd_listeners_drain(struct bfd_listeners *all)
{
	if (all->draining)
		return;
	all->draining = true;
	for (unsigned int i = 0; i < LISTENERS; i++)
		if (all->listeners[i].fd >= 0)
			drain(&all->listeners[i]);
	all->draining = false;
}

static void readable(int fd, unsigned int events, void *user_data)
{
	struct listener *listener = user_data;
	int64_t now = time_monotonic_us();

	(void)fd;
	(void)events;
	if (listener->all->draining)
		return;
	listener->all->draining = true;
	drain(listener);
	listener->all->draining = false;
	if (now - listener->read_us < PAUSE_US) {
		listener->paused = true;
		loop_io_set_events(listener->io, 0);
		loop_timer_set(listener->all->timer, now + PAUSE_US);
	}
	listener->read_us = now;
}

static void go_on(void *user_data)
{
	struct bfd_listeners *all = user_data;
	int64_t now = time_monotonic_us();

	bfd_listeners_drain(all);
	for (unsigned int i = 0; i < LISTENERS; i++) {
		if (!all->listeners[i].paused)
			continue;
		all->listeners[i].paused = false;
		all->listeners[i].read_us = now;
		loop_io_set_events(all->listeners[i].io, LOOP_READ);
	}
}

/* --- opening --- */

static int set_int(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) < 0)
		return -errno;
	return 0;
}

static int ask_for_control(int fd, sa_family_t family)
{
	int err;

	if (family == AF_INET) {
		err = set_int(fd, IPPROTO_IP, IP_RECVTTL, 1);
		return err ? err : set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
	}
	err = set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!err)
		err = set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	return err ? err : set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

static int bind_port(int fd, const struct ip_addr *addr, uint16_t port)
{
	struct ip_endpoint local = { .addr = *addr, .port = port };
	struct sockaddr_storage name;
	socklen_t len = ip_endpoint_to_sockaddr(&local, 0, &name);

	return bind(fd, (struct sockaddr *)&name, len) < 0 ? -errno : 0;
}

static int listener_open(struct listener *listener)
{
	const struct ip_addr any = { .family = listener->family };
	int fd = socket(
		listener->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = ask_for_control(fd, listener->family);
	if (!err)
		err = bind_port(fd, &any,
			listener->multihop ? BFD_MULTIHOP_PORT : BFD_PORT);
	if (err) {
		close(fd);
		return err;
	}
	listener->fd = fd;
	listener->io = loop_io_new(
		listener->all->loop, fd, LOOP_READ, readable, listener);
	return 0;
}

static void listener_close(struct listener *listener)
{
	if (listener->fd < 0)
		return;
	loop_io_free(listener->io);
	close(listener->fd);
	listener->fd = -1;
	listener->paused = false;
}

int bfd_listeners_want(struct bfd_listeners *all, unsigned int wanted)
{
	int last = 0, err;

	for (unsigned int i = 0; i < LISTENERS; i++) {
		struct listener *listener = &all->listeners[i];

		if (!(wanted & bfd_listener_of(
				       listener->family, listener->multihop)))
			listener_close(listener);
		else if (listener->fd < 0 && (err = listener_open(listener)))
			last = err;
	}
	return last;
}

struct bfd_listeners *bfd_listeners_new(struct loop *loop,
	void (*receive)(const uint8_t *data, size_t len,
		const struct bfd_rx_meta *meta, void *user_data),
	void *user_data)
{
	struct bfd_listeners *all = x_new(struct bfd_listeners, 1);

	all->loop = loop;
	all->receive = receive;
	all->user_data = user_data;
	all->timer = loop_timer_new(loop, go_on, all);
	for (unsigned int i = 0; i < LISTENERS; i++)
		all->listeners[i] = (struct listener){
			.all = all,
			.fd = -1,
			.family = i % 2 ? AF_INET6 : AF_INET,
			.multihop = i / 2,
		};
	for (unsigned int i = 0; i < BATCH; i++) {
		struct msghdr *msg = &all->msgs[i].msg_hdr;

		all->iov[i].iov_base = all->packets[i];
		all->iov[i].iov_len = DATAGRAM_BYTES;
		msg->msg_iov = &all->iov[i];
		msg->msg_iovlen = 1;
		msg->msg_name = &all->from[i];
		msg->msg_control = &all->control[i];
	}
	return all;
}

void bfd_listeners_free(struct bfd_listeners *all)
{
	if (!all)
		return;
	for (unsigned int i = 0; i < LISTENERS; i++)
		listener_close(&all->listeners[i]);
	loop_timer_free(all->timer);
	x_free(all);
}

/* --- sending --- */

static uint16_t random_port(void)
{
	const unsigned int n = 65536 - BFD_SOURCE_PORT_MIN;
	uint16_t random;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = (uint16_t)time_monotonic_us();
	return (uint16_t)(BFD_SOURCE_PORT_MIN + random % n);
}

/* The same as before, else any that is free. */
static int bind_source(int fd, const struct ip_addr *source, uint16_t *port)
{
	uint16_t try = *port ? *port : random_port();
	int err = bind_port(fd, source, try);

	for (int i = 0; err == -EADDRINUSE && i < PORT_TRIES; i++) {
		try = random_port();
		err = bind_port(fd, source, try);
	}
	if (!err)
		*port = try;
	return err;
}

static int set_ttl(int fd, sa_family_t family, uint8_t ttl)
{
	/* What routers make of it is their matter. */
	if (family == AF_INET)
		set_int(fd, IPPROTO_IP, IP_TOS, TOS);
	else
		set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, TOS);
	return family == AF_INET
		       ? set_int(fd, IPPROTO_IP, IP_TTL, ttl)
		       : set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl);
}

static int connect_to(int fd, const struct ip_addr *neighbour, bool multihop)
{
	struct ip_endpoint to = {
		.addr = *neighbour,
		.port = multihop ? BFD_MULTIHOP_PORT : BFD_PORT,
	};
	struct sockaddr_storage name;
	socklen_t len = ip_endpoint_to_sockaddr(&to, 0, &name);

	return connect(fd, (struct sockaddr *)&name, len) < 0 ? -errno : 0;
}

int bfd_sender_open(struct bfd_sender *sender, const struct ip_addr *neighbour,
	const struct ip_addr *source, bool multihop, uint8_t ttl)
{
	const struct ip_addr any = { .family = neighbour->family };
	int fd = socket(neighbour->family,
		SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	/* Nothing is received here: what comes finds no room. */
	set_int(fd, SOL_SOCKET, SO_RCVBUF, 0);
	err = set_ttl(fd, neighbour->family, ttl);
	if (!err)
		err = bind_source(fd, ip_addr_is_set(source) ? source : &any,
			&sender->port);
	if (!err)
		err = connect_to(fd, neighbour, multihop);
	if (err) {
		close(fd);
		return err;
	}
	sender->fd = fd;
	return 0;
}

void bfd_sender_close(struct bfd_sender *sender)
{
	if (sender->fd >= 0)
		close(sender->fd);
	sender->fd = -1;
}

int bfd_sender_send(
	const struct bfd_sender *sender, const void *data, size_t len)
{
	if (sender->fd < 0)
		return -ENOTCONN;
	if (send(sender->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

struct ip_addr bfd_sender_source(const struct bfd_sender *sender)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	struct ip_endpoint local = { .port = 0 };

	if (sender->fd < 0 ||
		getsockname(sender->fd, (struct sockaddr *)&name, &len) < 0 ||
		ip_endpoint_from_sockaddr((struct sockaddr *)&name, &local) < 0)
		local.addr = (struct ip_addr){ .family = AF_UNSPEC };
	return local.addr;
}
