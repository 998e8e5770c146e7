/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/announce.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uthash.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/announce_packet.h"

/* Packets of one lane in one turn of the loop, and in one system call. */
#define ANNOUNCE_TURN 256
#define ANNOUNCE_CHUNK 64
/* When the device has no room. */
#define ANNOUNCE_RETRY_US (5 * USEC_PER_MSEC)
/* What waits in one lane: an interval that lets out less than is asked for
 * must not make the queue grow for ever. */
#define ANNOUNCE_WAITING_MAX 65536

struct announce_entry {
	uint64_t owner; /* 0 = taken back */
	struct ip_addr addr;
};

struct announce_lane_key {
	uint32_t ifindex;
	uint32_t family;
};

/* A ring that grows: what waits for one interface in one family. */
struct announce_lane {
	struct announce_lane_key key;
	struct vrrp_announcer *announcer;
	struct loop_timer *timer;
	struct announce_entry *ring;
	size_t capacity; /* a power of two */
	size_t head;
	size_t n;
	int64_t next_us; /* not before */
	UT_hash_handle hh;
};

/* Interfaces that share one pace. */
struct vrrp_announce_group {
	int64_t garp_us;
	int64_t na_us;
	int64_t garp_next_us;
	int64_t na_next_us;
	struct vrrp_announce_group *next;
};

/* Which group an interface is in. */
struct announce_member {
	char *name;
	struct vrrp_announce_group *group;
	UT_hash_handle hh;
};

struct vrrp_announcer {
	struct loop *loop;
	struct vrrp_announce_group *groups; /* list */
	struct announce_member *members;    /* hash by name */
	struct netlink *netlink;
	struct announce_lane *lanes;
	int fd;
	int64_t garp_us;
	int64_t na_us;
	struct vrrp_announcer_counters counters;
	struct log_limit limit;
};

const struct vrrp_announcer_counters *vrrp_announcer_counters(
	const struct vrrp_announcer *announcer)
{
	return &announcer->counters;
}

void vrrp_announcer_set_intervals(
	struct vrrp_announcer *announcer, int64_t garp_us, int64_t na_us)
{
	announcer->garp_us = garp_us;
	announcer->na_us = na_us;
}

void vrrp_announcer_clear_groups(struct vrrp_announcer *announcer)
{
	struct vrrp_announce_group *group;
	struct announce_member *member, *next;

	HASH_ITER (hh, announcer->members, member, next) {
		HASH_DELETE(hh, announcer->members, member);
		x_free(member->name);
		x_free(member);
	}
	while ((group = announcer->groups)) {
		LL_DELETE(announcer->groups, group);
		x_free(group);
	}
}

struct vrrp_announce_group *vrrp_announcer_add_group(
	struct vrrp_announcer *announcer, int64_t garp_us, int64_t na_us)
{
	struct vrrp_announce_group *group =
		x_new(struct vrrp_announce_group, 1);

	group->garp_us = garp_us < 0 ? announcer->garp_us : garp_us;
	group->na_us = na_us < 0 ? announcer->na_us : na_us;
	LL_PREPEND(announcer->groups, group);
	return group;
}

void vrrp_announcer_group_interface(struct vrrp_announcer *announcer,
	struct vrrp_announce_group *group, const char *name)
{
	struct announce_member *member;

	HASH_FIND_STR(announcer->members, name, member);
	if (!member) {
		member = x_new(struct announce_member, 1);
		member->name = x_strdup(name);
		HASH_ADD_KEYPTR(hh, announcer->members, member->name,
			strlen(member->name), member);
	}
	member->group = group;
}

static struct vrrp_announce_group *find_group(
	const struct vrrp_announcer *announcer, const char *interface)
{
	struct announce_member *member;

	HASH_FIND_STR(announcer->members, interface, member);
	return member ? member->group : NULL;
}

/* The pace of a lane, and until when its group has to wait. */
static int64_t lane_interval(const struct announce_lane *lane,
	struct vrrp_announce_group *group, int64_t **ret_next_us)
{
	const struct vrrp_announcer *announcer = lane->announcer;
	bool v4 = lane->key.family == AF_INET;

	if (group) {
		*ret_next_us = v4 ? &group->garp_next_us : &group->na_next_us;
		return v4 ? group->garp_us : group->na_us;
	}
	return v4 ? announcer->garp_us : announcer->na_us;
}

/* --- one packet --- */

struct announce_packet {
	struct sockaddr_ll to;
	struct iovec iov;
	uint8_t data[VRRP_ANNOUNCE_PACKET_MAX];
};

static void fill_target(struct announce_packet *p,
	const struct netlink_link_info *link, sa_family_t family)
{
	memset(&p->to, 0, sizeof(p->to));
	p->to.sll_family = AF_PACKET;
	p->to.sll_protocol = htons(family == AF_INET ? ETH_P_ARP : ETH_P_IPV6);
	p->to.sll_ifindex = (int)link->ifindex;
	p->to.sll_halen = ETH_ALEN;
	memset(p->to.sll_addr, 0xff, ETH_ALEN);
	if (family == AF_INET)
		return;
	/* RFC 2464 7: 33:33 and the end of ff02::1. */
	memset(p->to.sll_addr, 0, ETH_ALEN);
	p->to.sll_addr[0] = 0x33;
	p->to.sll_addr[1] = 0x33;
	p->to.sll_addr[5] = 0x01;
}

static void fill_packet(struct announce_packet *p,
	const struct netlink_link_info *link, const struct ip_addr *addr)
{
	fill_target(p, link, addr->family);
	p->iov.iov_base = p->data;
	p->iov.iov_len = addr->family == AF_INET
				 ? vrrp_announce_build_arp(&addr->v4,
					   link->type, link->mac, link->mac_len,
					   p->data)
				 : vrrp_announce_build_na(&addr->v6, link->mac,
					   link->mac_len, p->data);
}

/* Links without broadcast (tunnels, lo) have nobody to tell. */
static bool can_announce(const struct netlink_link_info *link)
{
	return link->mac_len == ETH_ALEN && !(link->flags & IFF_NOARP) &&
	       !(link->flags & IFF_LOOPBACK) && (link->flags & IFF_UP);
}

/* --- a lane --- */

static struct announce_entry *lane_at(struct announce_lane *lane, size_t i)
{
	return &lane->ring[(lane->head + i) & (lane->capacity - 1)];
}

static void lane_drop(struct announce_lane *lane, size_t n)
{
	lane->head = (lane->head + n) & (lane->capacity - 1);
	lane->n -= n;
}

static void lane_push(
	struct announce_lane *lane, uint64_t owner, const struct ip_addr *addr)
{
	struct announce_entry *entry;
	size_t old = lane->capacity;
	size_t i;

	if (lane->n == old) {
		lane->capacity = old ? 2 * old : 16;
		lane->ring = x_realloc(
			lane->ring, lane->capacity, sizeof(*lane->ring));
		/* What had wrapped around moves behind the old end. */
		for (i = 0; i < lane->head; i++)
			lane->ring[old + i] = lane->ring[i];
	}
	entry = lane_at(lane, lane->n++);
	entry->owner = owner;
	entry->addr = *addr;
}

static void lane_give_up(struct announce_lane *lane)
{
	lane->announcer->counters.failed += lane->n;
	lane_drop(lane, lane->n);
}

/* Up to MAX packets.  How many entries are done with, or -errno. */
static ssize_t lane_send_chunk(struct announce_lane *lane,
	const struct netlink_link_info *link, size_t max)
{
	struct vrrp_announcer *announcer = lane->announcer;
	struct announce_packet packets[ANNOUNCE_CHUNK];
	struct mmsghdr msgs[ANNOUNCE_CHUNK];
	size_t last[ANNOUNCE_CHUNK]; /* entries done once it is sent */
	struct announce_entry *entry;
	size_t i, n = 0;
	int sent;

	memset(msgs, 0, sizeof(msgs));
	for (i = 0; i < lane->n && n < max; i++) {
		entry = lane_at(lane, i);
		if (!entry->owner)
			continue;
		fill_packet(&packets[n], link, &entry->addr);
		msgs[n].msg_hdr.msg_name = &packets[n].to;
		msgs[n].msg_hdr.msg_namelen = sizeof(packets[n].to);
		msgs[n].msg_hdr.msg_iov = &packets[n].iov;
		msgs[n].msg_hdr.msg_iovlen = 1;
		last[n++] = i + 1;
	}
	if (!n)
		return (ssize_t)i;
	sent = sendmmsg(announcer->fd, msgs, (unsigned int)n, MSG_DONTWAIT);
	if (sent < 0)
		return -errno;
	announcer->counters.sent += (uint64_t)sent;
	return sent == (int)n ? (ssize_t)i : (ssize_t)last[sent - 1];
}

/* Opened when first needed, again and again while it is refused. */
static bool have_socket(struct vrrp_announcer *announcer)
{
	if (announcer->fd >= 0)
		return true;
	/* Protocol 0: it sends and never receives. */
	announcer->fd =
		socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (announcer->fd < 0)
		log_limited(&announcer->limit, LOG_LEVEL_ERROR,
			"no gratuitous ARP or Neighbor Advertisement can be "
			"sent: %s",
			strerror(errno));
	return announcer->fd >= 0;
}

static struct announce_lane *lane_get(struct vrrp_announcer *announcer,
	uint32_t ifindex, sa_family_t family);

/* Interfaces on top of another share its pace: what they send goes over one
 * wire. */
static const struct netlink_link *base_of(
	const struct vrrp_announcer *announcer, const struct netlink_link *link)
{
	const struct netlink_link *base = NULL;

	if (link && !link->info.parent_elsewhere &&
		(link->info.kind == NETLINK_KIND_MACVLAN ||
			link->info.kind == NETLINK_KIND_IPVLAN))
		base = netlink_find_link(
			announcer->netlink, link->info.parent);
	return base ? base : link;
}

static struct vrrp_announce_group *group_of(
	const struct vrrp_announcer *announcer, const struct netlink_link *link)
{
	const struct netlink_link *base = base_of(announcer, link);
	struct vrrp_announce_group *group =
		link ? find_group(announcer, link->info.name) : NULL;

	return group || base == link ? group
				     : find_group(announcer, base->info.name);
}

/* When the lane goes on; TIME_NEVER when it is empty. */
static int64_t lane_send(struct announce_lane *lane, int64_t now)
{
	const struct netlink_link *link =
		netlink_find_link(lane->announcer->netlink, lane->key.ifindex);
	const struct netlink_link *base = base_of(lane->announcer, link);
	struct announce_lane *pace = base == link
			? lane
			: lane_get(lane->announcer, base->info.ifindex,
				  (sa_family_t)lane->key.family);
	struct vrrp_announce_group *group = group_of(lane->announcer, link);
	int64_t *next_us = &pace->next_us;
	int64_t interval = lane_interval(lane, group, &next_us);
	size_t turn = interval ? 1 : ANNOUNCE_TURN;
	size_t chunk = interval ? 1 : ANNOUNCE_CHUNK;
	ssize_t done;

	if (!link || !can_announce(&link->info) ||
		!have_socket(lane->announcer)) {
		lane_give_up(lane);
		return TIME_NEVER;
	}
	if (*next_us > now)
		return *next_us;
	while (lane->n && turn) {
		done = lane_send_chunk(lane, &link->info, chunk);
		if (done == -EAGAIN || done == -ENOBUFS)
			return now + ANNOUNCE_RETRY_US;
		if (done < 0) {
			log_limited(&lane->announcer->limit, LOG_LEVEL_WARNING,
				"%s: cannot announce addresses: %s",
				link->info.name, strerror((int)-done));
			lane_give_up(lane);
			return TIME_NEVER;
		}
		lane_drop(lane, (size_t)done);
		turn -= turn < chunk ? turn : chunk;
	}
	*next_us = now + interval;
	return lane->n ? *next_us : TIME_NEVER;
}

static void lane_run(struct announce_lane *lane)
{
	int64_t now = time_monotonic_us();

	if (lane->next_us > now)
		loop_timer_set(lane->timer, lane->next_us);
	else
		loop_timer_set(lane->timer, lane_send(lane, now));
}

static void lane_timer(void *user_data)
{
	lane_run(user_data);
}

static struct announce_lane *lane_get(
	struct vrrp_announcer *announcer, uint32_t ifindex, sa_family_t family)
{
	struct announce_lane_key key;
	struct announce_lane *lane;

	/* Padding counts in the hash. */
	memset(&key, 0, sizeof(key));
	key.ifindex = ifindex;
	key.family = family;

	HASH_FIND(hh, announcer->lanes, &key, sizeof(key), lane);
	if (lane)
		return lane;
	lane = x_new(struct announce_lane, 1);
	lane->key = key;
	lane->announcer = announcer;
	lane->timer = loop_timer_new(announcer->loop, lane_timer, lane);
	HASH_ADD(hh, announcer->lanes, key, sizeof(key), lane);
	return lane;
}

void vrrp_announcer_add(struct vrrp_announcer *announcer, uint64_t owner,
	uint32_t ifindex, const struct ip_addr *addr)
{
	struct announce_lane *lane = lane_get(announcer, ifindex, addr->family);

	if (lane->n == ANNOUNCE_WAITING_MAX) {
		announcer->counters.failed++;
		log_limited(&announcer->limit, LOG_LEVEL_WARNING,
			"announcements are asked for faster than their "
			"interval lets them out: some are left out");
		return;
	}
	lane_push(lane, owner, addr);
	/* From the loop, so that a burst goes out in few calls. */
	if (lane->n == 1)
		loop_timer_set(lane->timer, lane->next_us);
}

void vrrp_announcer_flush(struct vrrp_announcer *announcer)
{
	struct announce_lane *lane, *next;

	HASH_ITER (hh, announcer->lanes, lane, next)
		if (lane->n)
			lane_run(lane);
}

void vrrp_announcer_cancel(struct vrrp_announcer *announcer, uint64_t owner)
{
	struct announce_lane *lane, *next;
	size_t i;

	HASH_ITER (hh, announcer->lanes, lane, next)
		for (i = 0; i < lane->n; i++)
			if (lane_at(lane, i)->owner == owner)
				lane_at(lane, i)->owner = 0;
}

struct vrrp_announcer *vrrp_announcer_new(
	struct loop *loop, struct netlink *netlink)
{
	struct vrrp_announcer *announcer = x_new(struct vrrp_announcer, 1);

	announcer->loop = loop;
	announcer->netlink = netlink;
	announcer->fd = -1;
	return announcer;
}

void vrrp_announcer_free(struct vrrp_announcer *announcer)
{
	struct announce_lane *lane, *next;

	if (!announcer)
		return;
	HASH_ITER (hh, announcer->lanes, lane, next) {
		HASH_DELETE(hh, announcer->lanes, lane);
		loop_timer_free(lane->timer);
		x_free(lane->ring);
		x_free(lane);
	}
	vrrp_announcer_clear_groups(announcer);
	if (announcer->fd >= 0)
		close(announcer->fd);
	x_free(announcer);
}
