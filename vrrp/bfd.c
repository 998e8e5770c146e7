/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "lib/buf.h"
#include "lib/mem.h"
#include "vrrp/bfd_internal.h"

/* Listening sockets that could not be opened are tried again. */
#define RETRY_US (1 * USEC_PER_SEC)
/* So long a new session may need to come up before that it is not is a fact:
 * so many idle intervals, of which each side needs one or two. */
#define GRACE_INTERVALS 3
/* The last word is said so often: nothing follows it. */
#define ADMIN_DOWN_PACKETS 3

/* --- small things --- */

uint32_t bfd_random(struct vrrp_bfds *bfds)
{
	bfds->random ^= bfds->random << 13;
	bfds->random ^= bfds->random >> 7;
	bfds->random ^= bfds->random << 17;
	return (uint32_t)(bfds->random >> 32);
}

/* Not to be guessed by who is not on the path (RFC 5880 9). */
static uint32_t new_discr(struct vrrp_bfds *bfds)
{
	struct vrrp_bfd_session *other;
	uint32_t discr;

	do {
		if (getrandom(&discr, sizeof(discr), GRND_NONBLOCK) !=
			sizeof(discr))
			discr = bfd_random(bfds);
		HASH_FIND(
			hh_discr, bfds->by_discr, &discr, sizeof(discr), other);
	} while (!discr || other);
	return discr;
}

/* Without what lies between the members: keys are compared as bytes. */
static void put_addr(struct ip_addr *to, const struct ip_addr *from)
{
	to->family = from->family;
	memcpy(to->bytes, from->bytes, ip_family_bytes(from->family));
}

/* SOURCE may be NULL: none. */
struct bfd_key bfd_key_make(const struct ip_addr *neighbour,
	const struct ip_addr *source, bool multihop)
{
	struct bfd_key key;

	memset(&key, 0, sizeof(key));
	put_addr(&key.neighbour, neighbour);
	if (source)
		put_addr(&key.source, source);
	key.multihop = multihop;
	return key;
}

static struct bfd_key key_of(const struct vrrp_bfd_conf *conf)
{
	return bfd_key_make(&conf->neighbour, &conf->source, conf->multihop);
}

static bool same_conf(
	const struct bfd_fsm_conf *a, const struct bfd_fsm_conf *b)
{
	return a->min_tx_us == b->min_tx_us && a->min_rx_us == b->min_rx_us &&
	       a->idle_tx_us == b->idle_tx_us &&
	       a->multiplier == b->multiplier && a->passive == b->passive;
}

/* --- what a predecessor left --- */

static bool get_saved(struct buf_reader *r, struct bfd_saved *ret)
{
	struct bfd_fsm *fsm = &ret->fsm;
	struct ip_addr neighbour, source;

	if (buf_get_u8(r) != BFD_SAVE_VERSION)
		return false;
	neighbour = buf_get_addr(r);
	source = buf_get_addr(r);
	ret->key = bfd_key_make(&neighbour, &source, buf_get_u8(r));
	fsm->state = BFD_STATE_UP;
	fsm->remote_state = BFD_STATE_UP;
	fsm->since_us = buf_get_i64(r);
	fsm->discr = buf_get_u32(r);
	fsm->remote_discr = buf_get_u32(r);
	fsm->remote_multiplier = buf_get_u8(r);
	fsm->remote_min_tx_us = buf_get_u32(r);
	fsm->remote_min_rx_us = buf_get_u32(r);
	fsm->conf.multiplier = buf_get_u8(r);
	fsm->tx_us = buf_get_u32(r);
	return buf_reader_finish(r) == 0 && fsm->discr && fsm->remote_discr &&
	       fsm->remote_multiplier;
}

static void saved_free(struct vrrp_bfds *bfds, struct bfd_saved *saved)
{
	HASH_DEL(bfds->saved, saved);
	x_free(saved->name);
	x_free(saved);
}

void vrrp_bfds_restore(
	struct vrrp_bfds *bfds, const char *name, const void *data, size_t len)
{
	struct bfd_saved *saved = x_new(struct bfd_saved, 1), *old;
	struct buf_reader r;

	buf_reader_init(&r, data, len);
	if (!get_saved(&r, saved)) {
		log_warning("what the predecessor left of bfd %s is not "
			    "readable",
			name);
		x_free(saved);
		return;
	}
	HASH_FIND_STR(bfds->saved, name, old);
	if (old)
		saved_free(bfds, old);
	saved->name = x_strdup(name);
	HASH_ADD_KEYPTR(
		hh, bfds->saved, saved->name, strlen(saved->name), saved);
}

/* --- listening --- */

static void listen_now(void *user_data)
{
	struct vrrp_bfds *bfds = user_data;
	int err = bfd_listeners_want(bfds->listeners, bfds->wanted);

	if (err && err != bfds->error)
		log_error("bfd: cannot listen: %s%s", strerror(-err),
			err == -EADDRINUSE
				? " (hint: another BFD daemon has the port)"
				: "");
	else if (!err && bfds->error)
		log_notice("bfd: listens again");
	bfds->error = err;
	loop_timer_set(bfds->retry_timer,
		err ? time_monotonic_us() + RETRY_US : TIME_NEVER);
}

static void listen_for_all(struct vrrp_bfds *bfds)
{
	struct vrrp_bfd_session *s, *next;

	bfds->wanted = 0;
	HASH_ITER (hh, bfds->by_name, s, next)
		bfds->wanted |= bfd_listener_of(
			s->key.neighbour.family, s->key.multihop);
	listen_now(bfds);
}

/* --- sessions come and go --- */

/* The neighbour has not noticed if it heard of the predecessor within its
 * detection time; a part of that is left for the next packet to arrive. */
static bool may_resume(
	const struct bfd_saved *saved, int64_t predecessor_us, int64_t now)
{
	int64_t patience = bfd_fsm_remote_detection_us(&saved->fsm);

	return predecessor_us && now - predecessor_us < patience - patience / 4;
}

static void begin(struct vrrp_bfd_session *s, int64_t predecessor_us)
{
	const struct bfd_fsm_conf *conf = &s->conf->fsm;
	struct vrrp_bfds *bfds = s->bfds;
	int64_t now = time_monotonic_us();
	struct bfd_saved *saved;

	bfd_fsm_init(&s->fsm, conf, new_discr(bfds), now);
	s->grace = true;
	HASH_FIND_STR(bfds->saved, s->name, saved);
	if (saved && !memcmp(&saved->key, &s->key, sizeof(s->key))) {
		s->inherited = true;
		if (may_resume(saved, predecessor_us, now)) {
			bfd_fsm_resume(&s->fsm, &saved->fsm, now);
			s->grace = false;
			log_info("bfd %s: goes on", s->name);
		}
	}
	if (s->grace)
		loop_timer_set(s->grace_timer,
			now + GRACE_INTERVALS * (int64_t)conf->idle_tx_us);
	bfd_session_arm(s);
}

static void session_new(struct vrrp_bfds *bfds,
	const struct vrrp_bfd_conf *conf, int64_t predecessor_us)
{
	struct vrrp_bfd_session *s = x_new(struct vrrp_bfd_session, 1);

	s->bfds = bfds;
	s->name = x_strdup(conf->name);
	s->key = key_of(conf);
	s->conf = conf;
	s->used = true;
	s->sender.fd = -1;
	s->armed_us = TIME_NEVER;
	s->timer = loop_timer_new(bfds->loop, bfd_session_on_timer, s);
	s->grace_timer = loop_timer_new(bfds->loop, bfd_session_on_grace, s);
	begin(s, predecessor_us);
	HASH_ADD_KEYPTR(hh, bfds->by_name, s->name, strlen(s->name), s);
	HASH_ADD(hh_discr, bfds->by_discr, fsm.discr, sizeof(s->fsm.discr), s);
	HASH_ADD(hh_key, bfds->by_key, key, sizeof(s->key), s);
}

static void session_free(struct vrrp_bfd_session *s)
{
	struct vrrp_bfds *bfds = s->bfds;

	HASH_DELETE(hh, bfds->by_name, s);
	HASH_DELETE(hh_discr, bfds->by_discr, s);
	HASH_DELETE(hh_key, bfds->by_key, s);
	loop_timer_free(s->timer);
	loop_timer_free(s->grace_timer);
	bfd_sender_close(&s->sender);
	x_free(s->name);
	x_free(s);
}

/* RFC 5880 6.8.16. */
static void session_end(struct vrrp_bfd_session *s)
{
	const struct bfd_event event = { .type = BFD_EVENT_ADMIN_DOWN };

	for (int i = 0; i < ADMIN_DOWN_PACKETS; i++)
		bfd_session_step(s, &event);
	s->bfds->events.save(s->name, NULL, 0, s->bfds->user_data);
}

static void session_keep(
	struct vrrp_bfd_session *s, const struct vrrp_bfd_conf *conf)
{
	const struct bfd_event event = {
		.type = BFD_EVENT_RECONFIGURE,
		.conf = &conf->fsm,
	};

	if (s->conf->ttl != conf->ttl)
		bfd_sender_close(&s->sender);
	s->conf = conf;
	s->used = true;
	if (same_conf(&s->fsm.conf, &conf->fsm))
		return;
	bfd_session_step(s, &event);
	if (s->fsm.state == BFD_STATE_UP)
		bfd_session_save(s);
}

/* Those that go speak for the last time while their configuration is
 * there. */
static void drop_others(struct vrrp_bfds *bfds, const struct conf_list *confs)
{
	struct vrrp_bfd_session *s, *next;

	HASH_ITER (hh, bfds->by_name, s, next)
		s->used = false;
	vrrp_conf_for_each(vrrp_bfd_conf, conf, confs)
	{
		struct bfd_key key = key_of(conf);

		HASH_FIND_STR(bfds->by_name, conf->name, s);
		if (s && !memcmp(&s->key, &key, sizeof(key)))
			s->used = true;
	}
	HASH_ITER (hh, bfds->by_name, s, next) {
		if (s->used)
			continue;
		session_end(s);
		session_free(s);
	}
}

static void forget_saved(struct vrrp_bfds *bfds)
{
	struct vrrp_bfd_session *s;
	struct bfd_saved *saved, *next;

	HASH_ITER (hh, bfds->saved, saved, next) {
		HASH_FIND_STR(bfds->by_name, saved->name, s);
		if (!s || s->fsm.state != BFD_STATE_UP)
			bfds->events.save(
				saved->name, NULL, 0, bfds->user_data);
		saved_free(bfds, saved);
	}
}

void vrrp_bfds_apply(struct vrrp_bfds *bfds, const struct conf_list *confs,
	int64_t predecessor_us)
{
	struct vrrp_bfd_session *s;

	bfds->quiet = true;
	drop_others(bfds, confs);
	vrrp_conf_for_each(vrrp_bfd_conf, conf, confs)
	{
		HASH_FIND_STR(bfds->by_name, conf->name, s);
		if (s)
			session_keep(s, conf);
		else
			session_new(bfds, conf, predecessor_us);
	}
	forget_saved(bfds);
	listen_for_all(bfds);
	bfds->quiet = false;
}

void vrrp_bfds_stop(struct vrrp_bfds *bfds)
{
	struct vrrp_bfd_session *s, *next;

	bfds->quiet = true;
	HASH_ITER (hh, bfds->by_name, s, next)
		session_end(s);
}

/* --- looking --- */

void vrrp_bfds_each(struct vrrp_bfds *bfds,
	void (*callback)(const struct vrrp_bfd_view *view, void *user_data),
	void *user_data)
{
	struct vrrp_bfd_session *s, *next;

	HASH_ITER (hh, bfds->by_name, s, next) {
		const struct vrrp_bfd_view view = bfd_session_view(s);

		callback(&view, user_data);
	}
}

bool vrrp_bfds_find(
	struct vrrp_bfds *bfds, const char *name, struct vrrp_bfd_view *ret)
{
	struct vrrp_bfd_session *s;

	HASH_FIND_STR(bfds->by_name, name, s);
	if (s)
		*ret = bfd_session_view(s);
	return s != NULL;
}

const uint64_t *vrrp_bfds_drops(const struct vrrp_bfds *bfds)
{
	return bfds->drops;
}

int vrrp_bfds_error(const struct vrrp_bfds *bfds)
{
	return bfds->error;
}

/* --- life --- */

struct vrrp_bfds *vrrp_bfds_new(struct loop *loop,
	const struct vrrp_bfd_events *events, void *user_data)
{
	struct vrrp_bfds *bfds = x_new(struct vrrp_bfds, 1);

	bfds->loop = loop;
	bfds->events = *events;
	bfds->user_data = user_data;
	bfds->listeners = bfd_listeners_new(loop, bfd_receive, bfds);
	bfds->retry_timer = loop_timer_new(loop, listen_now, bfds);
	if (getrandom(&bfds->random, sizeof(bfds->random), GRND_NONBLOCK) !=
		sizeof(bfds->random))
		bfds->random = (uint64_t)time_realtime_us();
	bfds->random |= 1;
	return bfds;
}

void vrrp_bfds_free(struct vrrp_bfds *bfds)
{
	struct vrrp_bfd_session *s, *next;
	struct bfd_saved *saved, *next_saved;

	if (!bfds)
		return;
	HASH_ITER (hh, bfds->by_name, s, next)
		session_free(s);
	HASH_ITER (hh, bfds->saved, saved, next_saved)
		saved_free(bfds, saved);
	bfd_listeners_free(bfds->listeners);
	loop_timer_free(bfds->retry_timer);
	x_free(bfds);
}
