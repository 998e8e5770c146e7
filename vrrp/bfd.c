/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/bfd.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <uthash.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "vrrp/bfd_socket.h"

#define SAVE_VERSION 1
/* Listening sockets that could not be opened are tried again. */
#define RETRY_US (1 * USEC_PER_SEC)
/* So long a new session may need to come up before that it is not is a fact:
 * so many idle intervals, of which each side needs one or two. */
#define GRACE_INTERVALS 3
/* The last word is said so often: nothing follows it. */
#define ADMIN_DOWN_PACKETS 3

struct key {
	struct ip_addr neighbour;
	struct ip_addr source; /* as configured */
	uint32_t multihop;
};

struct vrrp_bfd_session {
	struct vrrp_bfds *bfds;
	char *name;
	struct key key;
	const struct vrrp_bfd_conf *conf;
	struct bfd_fsm fsm;
	struct loop_timer *timer;
	int64_t armed_us;
	struct loop_timer *grace_timer;
	bool grace; /* PENDING until it is up or the timer fires */
	bool inherited;
	bool used; /* in the generation being applied */
	struct bfd_sender sender;
	uint64_t sent;
	uint64_t received;
	uint64_t send_errors;
	int send_error;
	uint64_t drops[BFD_RX_COUNT_];
	uint64_t went_up;
	uint64_t went_down;
	struct vrrp_bfd_change history[VRRP_BFD_HISTORY];
	unsigned int n_history;
	struct log_limit limit;
	UT_hash_handle hh;	 /* by name */
	UT_hash_handle hh_discr; /* by fsm.discr */
	UT_hash_handle hh_key;
};

struct saved {
	char *name;
	struct key key;
	struct bfd_fsm fsm;
	UT_hash_handle hh;
};

struct vrrp_bfds {
	struct loop *loop;
	struct vrrp_bfd_events events;
	void *user_data;
	struct bfd_listeners *listeners;
	struct loop_timer *retry_timer;
	unsigned int wanted; /* enum bfd_listener */
	int error;
	struct vrrp_bfd_session *by_name;
	struct vrrp_bfd_session *by_discr;
	struct vrrp_bfd_session *by_key;
	struct saved *saved;
	uint64_t random;
	uint64_t drops[BFD_RX_COUNT_];
	bool quiet; /* apply and stop tell nobody */
};

/* --- small things --- */

static uint32_t jitter(struct vrrp_bfds *bfds)
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
			discr = jitter(bfds);
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
static struct key make_key(const struct ip_addr *neighbour,
	const struct ip_addr *source, bool multihop)
{
	struct key key;

	memset(&key, 0, sizeof(key));
	put_addr(&key.neighbour, neighbour);
	if (source)
		put_addr(&key.source, source);
	key.multihop = multihop;
	return key;
}

static struct key key_of(const struct vrrp_bfd_conf *conf)
{
	return make_key(&conf->neighbour, &conf->source, conf->multihop);
}

static bool same_conf(
	const struct bfd_fsm_conf *a, const struct bfd_fsm_conf *b)
{
	return a->min_tx_us == b->min_tx_us && a->min_rx_us == b->min_rx_us &&
	       a->idle_tx_us == b->idle_tx_us &&
	       a->multiplier == b->multiplier && a->passive == b->passive;
}

static enum vrrp_bfd_word word_of(const struct vrrp_bfd_session *s)
{
	if (s->fsm.state == BFD_STATE_UP)
		return VRRP_BFD_UP;
	return s->grace ? VRRP_BFD_PENDING : VRRP_BFD_DOWN;
}

static struct vrrp_bfd_view view_of(const struct vrrp_bfd_session *s)
{
	return (struct vrrp_bfd_view){
		.name = s->name,
		.neighbour = s->key.neighbour,
		.source = bfd_sender_source(&s->sender),
		.multihop = s->key.multihop,
		.for_vrrp = s->conf->for_vrrp,
		.for_checker = s->conf->for_checker,
		.fsm = &s->fsm,
		.word = word_of(s),
		.inherited = s->inherited,
		.sent = s->sent,
		.received = s->received,
		.send_errors = s->send_errors,
		.send_error = s->send_error,
		.drops = s->drops,
		.went_up = s->went_up,
		.went_down = s->went_down,
		.history = s->history,
		.n_history = s->n_history,
	};
}

static void tell(const struct vrrp_bfd_session *s)
{
	const struct vrrp_bfd_view view = view_of(s);

	if (!s->bfds->quiet)
		s->bfds->events.changed(&view, s->bfds->user_data);
}

/* --- what a successor needs --- */

static void put_key(struct buf_writer *w, const struct key *key)
{
	buf_put_addr(w, &key->neighbour);
	buf_put_addr(w, &key->source);
	buf_put_u8(w, key->multihop != 0);
}

static void save(const struct vrrp_bfd_session *s)
{
	const struct bfd_fsm *fsm = &s->fsm;
	struct buf_writer w = { .data = NULL };

	if (fsm->state == BFD_STATE_UP) {
		buf_put_u8(&w, SAVE_VERSION);
		put_key(&w, &s->key);
		buf_put_i64(&w, fsm->since_us);
		buf_put_u32(&w, fsm->discr);
		buf_put_u32(&w, fsm->remote_discr);
		buf_put_u8(&w, fsm->remote_multiplier);
		buf_put_u32(&w, fsm->remote_min_tx_us);
		buf_put_u32(&w, fsm->remote_min_rx_us);
		buf_put_u8(&w, fsm->conf.multiplier);
		buf_put_u32(&w, fsm->tx_us);
	}
	s->bfds->events.save(s->name, w.data, w.len, s->bfds->user_data);
	buf_writer_free(&w);
}

static bool get_saved(struct buf_reader *r, struct saved *ret)
{
	struct bfd_fsm *fsm = &ret->fsm;
	struct ip_addr neighbour, source;

	if (buf_get_u8(r) != SAVE_VERSION)
		return false;
	neighbour = buf_get_addr(r);
	source = buf_get_addr(r);
	ret->key = make_key(&neighbour, &source, buf_get_u8(r));
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

static void saved_free(struct vrrp_bfds *bfds, struct saved *saved)
{
	HASH_DEL(bfds->saved, saved);
	x_free(saved->name);
	x_free(saved);
}

void vrrp_bfds_restore(
	struct vrrp_bfds *bfds, const char *name, const void *data, size_t len)
{
	struct saved *saved = x_new(struct saved, 1), *old;
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

/* --- sending --- */

/* An error is said once, and again when it is another one. */
static void send_failed(struct vrrp_bfd_session *s, int err)
{
	s->send_errors++;
	if (s->send_error != -err)
		log_limited(&s->limit, LOG_LEVEL_WARNING,
			"bfd %s: cannot send: %s", s->name, strerror(-err));
	s->send_error = -err;
	/* Another route, another source: with a socket made anew. */
	if (err != -ECONNREFUSED && err != -EAGAIN && err != -ENOBUFS)
		bfd_sender_close(&s->sender);
}

static void send_packet(
	struct vrrp_bfd_session *s, const struct bfd_packet *packet)
{
	uint8_t bytes[BFD_PACKET_BYTES];
	int err = 0;

	if (s->sender.fd < 0)
		err = bfd_sender_open(&s->sender, &s->key.neighbour,
			&s->key.source, s->key.multihop, s->conf->ttl);
	bfd_packet_encode(packet, bytes);
	if (!err)
		err = bfd_sender_send(&s->sender, bytes, sizeof(bytes));
	/* The neighbour has nobody who listens; that was the last packet's
	 * answer, and this one has not been sent. */
	if (err == -ECONNREFUSED)
		err = bfd_sender_send(&s->sender, bytes, sizeof(bytes));
	if (err) {
		send_failed(s, err);
		return;
	}
	s->sent++;
	s->send_error = 0;
}

/* --- the state machine --- */

static void arm(struct vrrp_bfd_session *s)
{
	int64_t deadline = bfd_fsm_deadline(&s->fsm);

	if (deadline == s->armed_us)
		return;
	s->armed_us = deadline;
	loop_timer_set(s->timer, deadline);
}

static void state_changed(struct vrrp_bfd_session *s, enum bfd_state from)
{
	const struct bfd_fsm *fsm = &s->fsm;
	struct vrrp_bfd_change *change =
		&s->history[s->n_history++ % VRRP_BFD_HISTORY];

	log_notice("bfd %s: %s -> %s%s%s%s", s->name, bfd_state_name(from),
		bfd_state_name(fsm->state), fsm->diag ? " (" : "",
		fsm->diag ? bfd_diag_text(fsm->diag) : "",
		fsm->diag ? ")" : "");
	*change = (struct vrrp_bfd_change){
		.realtime_us = time_realtime_us(),
		.from = from,
		.to = fsm->state,
		.diag = fsm->diag,
	};
	if (fsm->state == BFD_STATE_UP) {
		s->went_up++;
		s->grace = false;
		s->inherited = false;
		loop_timer_set(s->grace_timer, TIME_NEVER);
	} else if (from == BFD_STATE_UP) {
		s->went_down++;
		s->inherited = false;
	}
	if (fsm->state == BFD_STATE_UP || from == BFD_STATE_UP)
		save(s);
}

static void step(struct vrrp_bfd_session *s, const struct bfd_event *event)
{
	enum vrrp_bfd_word before = word_of(s);
	struct bfd_actions did;

	bfd_fsm_step(
		&s->fsm, event, time_monotonic_us(), jitter(s->bfds), &did);
	if (did.dropped)
		s->drops[BFD_RX_ADMIN_DOWN]++;
	if (did.send)
		send_packet(s, &did.packet);
	arm(s);
	if (did.changed)
		state_changed(s, did.from);
	if (word_of(s) != before)
		tell(s);
}

static void on_timer(void *user_data)
{
	const struct bfd_event event = { .type = BFD_EVENT_TIMER };
	struct vrrp_bfd_session *s = user_data;

	/* After a stall a packet that waits is better news than the timer. */
	if (time_monotonic_us() >= s->fsm.detect_us)
		bfd_listeners_drain(s->bfds->listeners);
	s->armed_us = TIME_NEVER;
	step(s, &event);
}

static void on_grace(void *user_data)
{
	struct vrrp_bfd_session *s = user_data;

	s->grace = false;
	s->inherited = false;
	if (s->fsm.state == BFD_STATE_UP)
		return;
	log_notice("bfd %s: the neighbour was not heard yet", s->name);
	tell(s);
}

/* --- packets in --- */

static struct vrrp_bfd_session *find_key(struct vrrp_bfds *bfds,
	const struct bfd_rx_meta *meta, const struct ip_addr *source)
{
	struct key key = make_key(&meta->src, source, meta->multihop);
	struct vrrp_bfd_session *s;

	HASH_FIND(hh_key, bfds->by_key, &key, sizeof(key), s);
	return s;
}

/* RFC 5880 6.8.6: by the discriminator, if there is one. */
static struct vrrp_bfd_session *find_session(struct vrrp_bfds *bfds,
	const struct bfd_packet *packet, const struct bfd_rx_meta *meta)
{
	struct vrrp_bfd_session *s;

	if (packet->your_discr) {
		HASH_FIND(hh_discr, bfds->by_discr, &packet->your_discr,
			sizeof(packet->your_discr), s);
		return s;
	}
	s = find_key(bfds, meta, &meta->dst);
	return s ? s : find_key(bfds, meta, NULL);
}

static enum bfd_rx check_origin(
	const struct vrrp_bfd_session *s, const struct bfd_rx_meta *meta)
{
	if (ip_addr_compare(&meta->src, &s->key.neighbour) ||
		meta->multihop != (s->key.multihop != 0))
		return BFD_RX_SOURCE;
	if (meta->ttl < s->conf->ttl_min)
		return BFD_RX_TTL;
	return BFD_RX_OK;
}

/* The first of its kind is worth a line. */
static void drop(struct vrrp_bfds *bfds, struct vrrp_bfd_session *s,
	enum bfd_rx rx, const struct bfd_rx_meta *meta)
{
	char text[IP_ADDR_STRLEN];

	if (!s)
		bfds->drops[rx]++;
	else if (!s->drops[rx]++)
		log_warning("bfd %s: dropped a packet of %s: %s", s->name,
			ip_addr_format(&meta->src, text), bfd_rx_text(rx));
}

static void receive(const uint8_t *data, size_t len,
	const struct bfd_rx_meta *meta, void *user_data)
{
	struct vrrp_bfds *bfds = user_data;
	struct vrrp_bfd_session *s = NULL;
	struct bfd_packet packet;
	struct bfd_event event = {
		.type = BFD_EVENT_PACKET,
		.packet = &packet,
	};
	enum bfd_rx rx = bfd_packet_decode(data, len, &packet);

	if (rx == BFD_RX_OK) {
		s = find_session(bfds, &packet, meta);
		rx = s ? check_origin(s, meta) : BFD_RX_NO_SESSION;
	}
	if (rx != BFD_RX_OK) {
		drop(bfds, s, rx, meta);
		return;
	}
	s->received++;
	step(s, &event);
}

/* --- listening --- */

static void listen_now(void *user_data)
{
	struct vrrp_bfds *bfds = user_data;
	int err = bfd_listeners_want(bfds->listeners, bfds->wanted);

	if (err && err != bfds->error)
		log_error("bfd: cannot listen: %s", strerror(-err));
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
	const struct saved *saved, int64_t predecessor_us, int64_t now)
{
	int64_t patience = bfd_fsm_remote_detection_us(&saved->fsm);

	return predecessor_us && now - predecessor_us < patience - patience / 4;
}

static void begin(struct vrrp_bfd_session *s, int64_t predecessor_us)
{
	const struct bfd_fsm_conf *conf = &s->conf->fsm;
	struct vrrp_bfds *bfds = s->bfds;
	int64_t now = time_monotonic_us();
	struct saved *saved;

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
	arm(s);
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
	s->timer = loop_timer_new(bfds->loop, on_timer, s);
	s->grace_timer = loop_timer_new(bfds->loop, on_grace, s);
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
		step(s, &event);
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
	if (!same_conf(&s->fsm.conf, &conf->fsm))
		step(s, &event);
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
		struct key key = key_of(conf);

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
	struct saved *saved, *next;

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
		const struct vrrp_bfd_view view = view_of(s);

		callback(&view, user_data);
	}
}

bool vrrp_bfds_find(
	struct vrrp_bfds *bfds, const char *name, struct vrrp_bfd_view *ret)
{
	struct vrrp_bfd_session *s;

	HASH_FIND_STR(bfds->by_name, name, s);
	if (s)
		*ret = view_of(s);
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
	bfds->listeners = bfd_listeners_new(loop, receive, bfds);
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
	struct saved *saved, *next_saved;

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
