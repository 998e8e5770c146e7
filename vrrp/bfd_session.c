/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One BFD session: packets in and out, its timers, and who is told. */
#include <errno.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/mem.h"
#include "vrrp/bfd_internal.h"

static enum vrrp_bfd_word word_of(const struct vrrp_bfd_session *s)
{
	if (s->fsm.state == BFD_STATE_UP)
		return VRRP_BFD_UP;
	return s->grace ? VRRP_BFD_PENDING : VRRP_BFD_DOWN;
}

struct vrrp_bfd_view bfd_session_view(const struct vrrp_bfd_session *s)
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
	const struct vrrp_bfd_view view = bfd_session_view(s);

	if (!s->bfds->quiet)
		s->bfds->events.changed(&view, s->bfds->user_data);
}

/* --- what a successor needs --- */

static void put_key(struct buf_writer *w, const struct bfd_key *key)
{
	buf_put_addr(w, &key->neighbour);
	buf_put_addr(w, &key->source);
	buf_put_u8(w, key->multihop != 0);
}

void bfd_session_save(const struct vrrp_bfd_session *s)
{
	const struct bfd_fsm *fsm = &s->fsm;
	struct buf_writer w = { .data = NULL };

	if (fsm->state == BFD_STATE_UP) {
		buf_put_u8(&w, BFD_SAVE_VERSION);
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

void bfd_session_arm(struct vrrp_bfd_session *s)
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
		bfd_session_save(s);
}

void bfd_session_step(struct vrrp_bfd_session *s, const struct bfd_event *event)
{
	enum vrrp_bfd_word before = word_of(s);
	struct bfd_actions did;

	bfd_fsm_step(
		&s->fsm, event, time_monotonic_us(), bfd_random(s->bfds), &did);
	if (did.dropped)
		s->drops[BFD_RX_ADMIN_DOWN]++;
	if (did.send)
		send_packet(s, &did.packet);
	bfd_session_arm(s);
	if (did.changed)
		state_changed(s, did.from);
	if (word_of(s) != before)
		tell(s);
}

void bfd_session_on_timer(void *user_data)
{
	const struct bfd_event event = { .type = BFD_EVENT_TIMER };
	struct vrrp_bfd_session *s = user_data;

	/* After a stall a packet that waits is better news than the timer. */
	if (time_monotonic_us() >= s->fsm.detect_us)
		bfd_listeners_drain(s->bfds->listeners);
	s->armed_us = TIME_NEVER;
	bfd_session_step(s, &event);
}

void bfd_session_on_grace(void *user_data)
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
	struct bfd_key key = bfd_key_make(&meta->src, source, meta->multihop);
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

void bfd_receive(const uint8_t *data, size_t len,
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
	bfd_session_step(s, &event);
}
