/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uthash.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/ah.h"

/* Packets in one system call, and calls in one turn of the loop. */
#define SOCKET_BATCH 32
#define SOCKET_TURNS 16
#define SOCKET_PACKET_MAX                                                     \
	(60 + VRRP_AH_HEADER_BYTES + VRRP_PACKET_MAX + VRRP_TRAILER_BYTES)
#define SOCKET_RCVBUF (1024 * 1024)
#define SOCKET_VRIDS 256
/* After packets were read, others that follow at once wait for each other:
 * a burst of a thousand routers wakes the role a few times, not for each. */
#define SOCKET_PAUSE_US (1 * USEC_PER_MSEC)
/* "Internetwork control" (RFC 791), what routing protocols use. */
#define SOCKET_TOS 0xc0
/* Linux 4.20 and 4.15; older headers lack them. */
#define SOCKET_IPV6_MULTICAST_ALL 29
#define SOCKET_IPV6_FREEBIND 78

union socket_control {
	char data[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
		  CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

struct vrrp_socket {
	struct vrrp_socket_key key;
	struct vrrp_sockets *sockets;
	int fd; /* -1 = to be freed */
	struct loop_io *io;
	unsigned int n_subscribers;
	struct vrrp_socket_counters counters;
	bool paused; /* in the list of those that the timer reads */
	struct vrrp_socket *prev;
	struct vrrp_socket *next;
	UT_hash_handle hh;
	void *subscribers[SOCKET_VRIDS];
};

struct vrrp_sockets {
	struct loop *loop;
	vrrp_socket_receive_fn *receive;
	vrrp_socket_stranger_fn *stranger;
	void *user_data;
	struct vrrp_socket *open;
	struct vrrp_socket *paused; /* list */
	unsigned int n_paused;
	struct loop_timer *timer; /* reads the paused ones */
	/* The one being read: it must not be freed under way. */
	struct vrrp_socket *reading;
	struct mmsghdr msgs[SOCKET_BATCH];
	struct iovec iov[SOCKET_BATCH];
	struct sockaddr_storage from[SOCKET_BATCH];
	union socket_control control[SOCKET_BATCH];
	uint8_t packets[SOCKET_BATCH][SOCKET_PACKET_MAX];
};

const struct vrrp_socket_key *vrrp_socket_key(const struct vrrp_socket *sock)
{
	return &sock->key;
}

const struct vrrp_socket_counters *vrrp_socket_counters(
	const struct vrrp_socket *sock)
{
	return &sock->counters;
}

void vrrp_sockets_each(const struct vrrp_sockets *sockets,
	void (*callback)(const struct vrrp_socket *sock, void *user_data),
	void *user_data)
{
	const struct vrrp_socket *sock;

	for (sock = sockets->open; sock; sock = sock->hh.next)
		callback(sock, user_data);
}

/* --- receiving --- */

static int hop_limit(struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	int hops = -1;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg))
		if (cmsg->cmsg_level == IPPROTO_IPV6 &&
			cmsg->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hops, CMSG_DATA(cmsg), sizeof(hops));
	return hops;
}

/* Fills META and finds the payload of message I. */
static enum vrrp_rx unwrap(struct vrrp_socket *sock, unsigned int i,
	struct vrrp_rx_meta *meta, const uint8_t **ret, size_t *ret_len)
{
	struct vrrp_sockets *sockets = sock->sockets;
	struct msghdr *msg = &sockets->msgs[i].msg_hdr;
	const struct sockaddr_in6 *from;

	if (msg->msg_flags & MSG_TRUNC)
		return VRRP_RX_LENGTH;
	meta->ifindex = sock->key.ifindex;
	if (sock->key.ah)
		return vrrp_ah_strip(sockets->packets[i],
			sockets->msgs[i].msg_len, meta, ret, ret_len);
	if (sock->key.bind.family == AF_INET)
		return vrrp_packet_strip_ipv4(sockets->packets[i],
			sockets->msgs[i].msg_len, meta, ret, ret_len);
	from = (const struct sockaddr_in6 *)msg->msg_name;
	if (msg->msg_namelen < sizeof(*from))
		return VRRP_RX_IP_HEADER;
	memset(&meta->src, 0, sizeof(meta->src));
	meta->src.family = AF_INET6;
	meta->src.v6 = from->sin6_addr;
	meta->dst = sock->key.bind;
	meta->ttl = hop_limit(msg);
	*ret = sockets->packets[i];
	*ret_len = sockets->msgs[i].msg_len;
	return VRRP_RX_OK;
}

static void take_packet(struct vrrp_socket *sock, unsigned int i)
{
	struct vrrp_sockets *sockets = sock->sockets;
	struct vrrp_rx_meta meta = { .packet = NULL };
	const uint8_t *payload;
	uint8_t version, vrid;
	enum vrrp_rx rx;
	size_t len;

	sock->counters.received++;
	rx = unwrap(sock, i, &meta, &payload, &len);
	if (rx == VRRP_RX_OK)
		rx = vrrp_packet_peek(payload, len, &version, &vrid);
	if (rx == VRRP_RX_OK && !sock->subscribers[vrid]) {
		rx = VRRP_RX_VRID;
		if (sockets->stranger)
			sockets->stranger(&meta, vrid, sockets->user_data);
	}
	if (rx != VRRP_RX_OK) {
		sock->counters.dropped[rx]++;
		return;
	}
	sockets->receive(sock->subscribers[vrid], payload, len, &meta,
		sockets->user_data);
}

static int receive_batch(struct vrrp_socket *sock)
{
	struct vrrp_sockets *sockets = sock->sockets;
	unsigned int i;

	for (i = 0; i < SOCKET_BATCH; i++) {
		sockets->msgs[i].msg_hdr.msg_namelen = sizeof(sockets->from[i]);
		sockets->msgs[i].msg_hdr.msg_controllen =
			sizeof(sockets->control[i]);
		sockets->msgs[i].msg_hdr.msg_flags = 0;
	}
	return recvmmsg(
		sock->fd, sockets->msgs, SOCKET_BATCH, MSG_DONTWAIT, NULL);
}

static void set_paused(struct vrrp_socket *sock, bool paused)
{
	struct vrrp_sockets *sockets = sock->sockets;

	if (sock->paused == paused)
		return;
	sock->paused = paused;
	if (paused) {
		DL_APPEND(sockets->paused, sock);
		sockets->n_paused++;
	} else {
		DL_DELETE(sockets->paused, sock);
		sockets->n_paused--;
	}
}

static void socket_close(struct vrrp_socket *sock)
{
	set_paused(sock, false);
	HASH_DELETE(hh, sock->sockets->open, sock);
	loop_io_free(sock->io);
	close(sock->fd);
	sock->fd = -1;
	if (sock->sockets->reading != sock)
		x_free(sock);
}

/* How many packets there were; -1 when the socket was closed under way. */
static int drain(struct vrrp_socket *sock)
{
	struct vrrp_sockets *sockets = sock->sockets;
	int n = SOCKET_BATCH, total = 0;
	unsigned int turn;
	int i;

	/* Called from within a receive callback: it is being drained. */
	if (sockets->reading)
		return 0;
	sockets->reading = sock;
	for (turn = 0; n == SOCKET_BATCH && turn < SOCKET_TURNS; turn++) {
		n = sock->fd < 0 ? 0 : receive_batch(sock);
		for (i = 0; i < n && sock->fd >= 0; i++)
			take_packet(sock, (unsigned int)i);
		total += n > 0 ? n : 0;
	}
	sockets->reading = NULL;
	if (sock->fd >= 0)
		return total;
	x_free(sock);
	return -1;
}

void vrrp_socket_drain(struct vrrp_socket *sock)
{
	drain(sock);
}

static void arm(struct vrrp_sockets *sockets)
{
	loop_timer_set(sockets->timer, time_monotonic_us() + SOCKET_PAUSE_US);
}

static void socket_readable(int fd, unsigned int events, void *user_data)
{
	struct vrrp_socket *sock = user_data;
	struct vrrp_sockets *sockets = sock->sockets;

	(void)fd;
	(void)events;
	if (drain(sock) <= 0)
		return;
	if (!sockets->n_paused)
		arm(sockets);
	loop_io_set_events(sock->io, 0);
	set_paused(sock, true);
}

/* Who had more goes to the end of the list for another turn; the loop tells
 * about the rest again. */
static void read_paused(void *user_data)
{
	struct vrrp_sockets *sockets = user_data;
	unsigned int n = sockets->n_paused;
	struct vrrp_socket *sock;
	int got;

	for (; n && (sock = sockets->paused); n--) {
		set_paused(sock, false);
		got = drain(sock);
		if (got > 0)
			set_paused(sock, true);
		else if (got == 0)
			loop_io_set_events(sock->io, LOOP_READ);
	}
	if (sockets->n_paused)
		arm(sockets);
}

/* --- sending --- */

static void put_cmsg(struct msghdr *msg, struct cmsghdr *cmsg, int level,
	int type, const void *data, size_t len)
{
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
	msg->msg_controllen += CMSG_SPACE(len);
}

/* Source, interface and TTL travel with each packet, because instances with
 * different ones share the socket. */
static void put_control(struct msghdr *msg, union socket_control *control,
	const struct vrrp_socket_key *key, const struct ip_addr *src,
	uint8_t ttl)
{
	struct in_pktinfo info4 = { .ipi_ifindex = (int)key->ifindex };
	struct in6_pktinfo info6 = { .ipi6_ifindex = key->ifindex };
	bool v4 = key->bind.family == AF_INET;
	size_t len = v4 ? sizeof(info4) : sizeof(info6);
	int hops = ttl;

	memset(control, 0, sizeof(*control));
	if (src->family == AF_INET)
		info4.ipi_spec_dst = src->v4;
	if (src->family == AF_INET6)
		info6.ipi6_addr = src->v6;
	msg->msg_control = control->data;
	msg->msg_controllen = 0;
	put_cmsg(msg, &control->align, v4 ? IPPROTO_IP : IPPROTO_IPV6,
		v4 ? IP_PKTINFO : IPV6_PKTINFO,
		v4 ? (const void *)&info4 : (const void *)&info6, len);
	put_cmsg(msg,
		(struct cmsghdr *)(void *)(control->data + CMSG_SPACE(len)),
		v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_HOPLIMIT,
		&hops, sizeof(hops));
}

int vrrp_socket_send(struct vrrp_socket *sock, const struct ip_addr *src,
	const struct ip_addr *dst, uint8_t ttl, const uint8_t *payload,
	size_t len)
{
	struct ip_endpoint to = { .addr = *dst };
	struct sockaddr_storage name;
	union socket_control control;
	struct iovec iov = {
		.iov_base = (void *)(uintptr_t)payload,
		.iov_len = len,
	};
	struct msghdr msg = {
		.msg_name = &name,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	msg.msg_namelen =
		ip_endpoint_to_sockaddr(&to, sock->key.ifindex, &name);
	put_control(&msg, &control, &sock->key, src, ttl);
	if (sendmsg(sock->fd, &msg, MSG_DONTWAIT) < 0) {
		sock->counters.send_errors++;
		return -errno;
	}
	sock->counters.sent++;
	return 0;
}

/* --- opening --- */

static int set_int(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) < 0)
		return -errno;
	return 0;
}

static int bind_device(int fd, uint32_t ifindex)
{
	/* SO_BINDTOIFINDEX, Linux 5.1: no name that may change meanwhile. */
	return ifindex ? set_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX, (int)ifindex)
		       : 0;
}

static int bind_address(int fd, const struct vrrp_socket_key *key)
{
	struct ip_endpoint local = { .addr = key->bind };
	struct sockaddr_storage name;
	socklen_t len = ip_endpoint_to_sockaddr(&local, key->ifindex, &name);

	return bind(fd, (struct sockaddr *)&name, len) < 0 ? -errno : 0;
}

static int join_group(int fd, const struct vrrp_socket_key *key)
{
	struct ip_mreqn req4 = {
		.imr_multiaddr = key->bind.v4,
		.imr_ifindex = (int)key->ifindex,
	};
	struct ipv6_mreq req6 = {
		.ipv6mr_multiaddr = key->bind.v6,
		.ipv6mr_interface = key->ifindex,
	};
	int err;

	if (!ip_addr_is_multicast(&key->bind) || key->send_only)
		return 0;
	if (key->bind.family == AF_INET)
		err = setsockopt(
			fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &req4, sizeof(req4));
	else
		err = setsockopt(
			fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &req6, sizeof(req6));
	return err < 0 ? -errno : 0;
}

static int set_family_options(int fd, const struct vrrp_socket_key *key)
{
	struct ip_mreqn out = { .imr_ifindex = (int)key->ifindex };

	if (key->bind.family == AF_INET) {
		set_int(fd, IPPROTO_IP, IP_TOS, SOCKET_TOS);
		set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
		/* Only groups that this socket joined. */
		set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
		if (key->ah && set_int(fd, IPPROTO_IP, IP_HDRINCL, 1) < 0)
			return -errno;
		if (key->ifindex && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF,
					    &out, sizeof(out)) < 0)
			return -errno;
		return 0;
	}
	set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, SOCKET_TOS);
	set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
	set_int(fd, IPPROTO_IPV6, SOCKET_IPV6_MULTICAST_ALL, 0);
	if (key->any_source)
		set_int(fd, IPPROTO_IPV6, SOCKET_IPV6_FREEBIND, 1);
	if (key->ifindex && set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF,
				    (int)key->ifindex) < 0)
		return -errno;
	return set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
}

/* A virtual-MAC interface gets the adverts of all routers of its network, and
 * so does each of its like: the kernel sorts them. */
static int filter_vrid(int fd, const struct vrrp_socket_key *key)
{
	const uint32_t at = (key->ah ? VRRP_AH_HEADER_BYTES : 0) + 1;
	struct sock_filter v4[] = {
		/* X = length of the IPv4 header */
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, at),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, key->vrid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter v6[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, key->vrid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {
		.len = key->bind.family == AF_INET
			       ? sizeof(v4) / sizeof(v4[0])
			       : sizeof(v6) / sizeof(v6[0]),
		.filter = key->bind.family == AF_INET ? v4 : v6,
	};

	if (!key->vrid || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
				  sizeof(program)) == 0)
		return 0;
	return -errno;
}

static int open_raw(const struct vrrp_socket_key *key)
{
	int fd = socket(key->bind.family,
		SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		key->ah ? VRRP_AH_PROTOCOL : VRRP_PROTOCOL);
	int err;

	if (fd < 0)
		return -errno;
	if (set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_RCVBUF) < 0)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_RCVBUF);
	err = filter_vrid(fd, key);
	if (!err)
		err = bind_device(fd, key->ifindex);
	if (!err)
		err = set_family_options(fd, key);
	if (!err)
		err = bind_address(fd, key);
	if (!err)
		err = join_group(fd, key);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int socket_open(struct vrrp_sockets *sockets,
	const struct vrrp_socket_key *key, struct vrrp_socket **ret_socket)
{
	struct vrrp_socket *sock;
	int fd = open_raw(key);

	if (fd < 0)
		return fd;
	sock = x_new(struct vrrp_socket, 1);
	/* With its padding: it is hashed. */
	memcpy(&sock->key, key, sizeof(sock->key));
	sock->sockets = sockets;
	sock->fd = fd;
	sock->io = loop_io_new(
		sockets->loop, fd, LOOP_READ, socket_readable, sock);
	HASH_ADD(hh, sockets->open, key, sizeof(sock->key), sock);
	*ret_socket = sock;
	return 0;
}

/* Two keys with equal values must have equal bytes. */
static void clean_key(
	const struct vrrp_socket_key *key, struct vrrp_socket_key *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->ifindex = key->ifindex;
	ret->ah = key->ah;
	ret->send_only = key->send_only;
	ret->any_source = key->any_source;
	ret->vrid = key->vrid;
	ret->bind.family = key->bind.family;
	memcpy(ret->bind.bytes, key->bind.bytes,
		ip_family_bytes(key->bind.family));
}

int vrrp_sockets_join(struct vrrp_sockets *sockets,
	const struct vrrp_socket_key *key, uint8_t vrid, void *subscriber,
	struct vrrp_socket **ret_socket)
{
	struct vrrp_socket_key clean;
	struct vrrp_socket *sock;
	int err;

	clean_key(key, &clean);
	HASH_FIND(hh, sockets->open, &clean, sizeof(clean), sock);
	if (!sock) {
		err = socket_open(sockets, &clean, &sock);
		if (err)
			return err;
	}
	if (sock->subscribers[vrid])
		return -EBUSY;
	sock->subscribers[vrid] = subscriber;
	sock->n_subscribers++;
	*ret_socket = sock;
	return 0;
}

void vrrp_socket_leave(struct vrrp_socket *sock, uint8_t vrid)
{
	if (!sock->subscribers[vrid])
		return;
	sock->subscribers[vrid] = NULL;
	if (--sock->n_subscribers == 0)
		socket_close(sock);
}

/* --- life --- */

struct vrrp_sockets *vrrp_sockets_new(struct loop *loop,
	vrrp_socket_receive_fn *receive, vrrp_socket_stranger_fn *stranger,
	void *user_data)
{
	struct vrrp_sockets *sockets = x_new(struct vrrp_sockets, 1);
	unsigned int i;

	sockets->loop = loop;
	sockets->receive = receive;
	sockets->stranger = stranger;
	sockets->user_data = user_data;
	sockets->timer = loop_timer_new(loop, read_paused, sockets);
	for (i = 0; i < SOCKET_BATCH; i++) {
		struct msghdr *msg = &sockets->msgs[i].msg_hdr;

		sockets->iov[i].iov_base = sockets->packets[i];
		sockets->iov[i].iov_len = sizeof(sockets->packets[i]);
		msg->msg_iov = &sockets->iov[i];
		msg->msg_iovlen = 1;
		msg->msg_name = &sockets->from[i];
		msg->msg_control = sockets->control[i].data;
	}
	return sockets;
}

void vrrp_sockets_free(struct vrrp_sockets *sockets)
{
	if (!sockets)
		return;
	while (sockets->open)
		socket_close(sockets->open);
	loop_timer_free(sockets->timer);
	x_free(sockets);
}
