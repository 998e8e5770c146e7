/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/bfd_fsm.h"

#include <string.h>

/* Before the neighbour has said anything (RFC 5880 6.8.1). */
#define REMOTE_MIN_RX_START 1
/* Packets of different sessions leave together, on ticks of this length or a
 * 16th of the interval: one wakeup for all. */
#define TICK_MAX_US (1 * USEC_PER_MSEC)
#define TICKS 16

static uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

int64_t bfd_fsm_tx_interval_us(const struct bfd_fsm *fsm)
{
	return max_u32(fsm->used_tx_us, fsm->remote_min_rx_us);
}

int64_t bfd_fsm_detection_us(const struct bfd_fsm *fsm)
{
	return (int64_t)fsm->remote_multiplier *
	       max_u32(fsm->used_rx_us, fsm->remote_min_tx_us);
}

int64_t bfd_fsm_remote_detection_us(const struct bfd_fsm *fsm)
{
	return fsm->conf.multiplier *
	       (int64_t)max_u32(fsm->tx_us, fsm->remote_min_rx_us);
}

/* --- sending --- */

/* RFC 5880 6.8.7: each interval is shortened by a random part, of 0 to 25 %,
 * and of 10 to 25 % when one lost packet is enough for being lost. */
static int64_t jittered(const struct bfd_fsm *fsm, uint32_t jitter)
{
	int64_t interval = bfd_fsm_tx_interval_us(fsm);
	int64_t least = fsm->conf.multiplier == 1 ? interval / 10 : 0;
	int64_t most = interval / 4;

	return interval - least -
	       (int64_t)((uint64_t)(most - least) * jitter / UINT32_MAX);
}

static bool is_silent(const struct bfd_fsm *fsm)
{
	if (fsm->state == BFD_STATE_ADMIN_DOWN || !fsm->remote_min_rx_us)
		return true;
	if (fsm->conf.passive && !fsm->remote_discr)
		return true;
	/* The neighbour wants no packets, and is sure of us (6.6). */
	return fsm->remote_demand && fsm->state == BFD_STATE_UP &&
	       fsm->remote_state == BFD_STATE_UP &&
	       (fsm->poll == BFD_POLL_NONE || fsm->poll == BFD_POLL_PAUSE);
}

/* To the tick before, unless that is too early for 6.8.7. */
static int64_t on_tick(const struct bfd_fsm *fsm, int64_t at_us)
{
	int64_t interval = bfd_fsm_tx_interval_us(fsm);
	int64_t tick = interval / TICKS;
	int64_t aligned;

	if (tick > TICK_MAX_US)
		tick = TICK_MAX_US;
	aligned = tick ? at_us - at_us % tick : at_us;
	return aligned - fsm->sent_us >= interval - interval / 4 ? aligned
								 : at_us;
}

/* The next regular packet, from the last one. */
static void schedule(struct bfd_fsm *fsm, int64_t now, uint32_t jitter)
{
	fsm->interval_us = bfd_fsm_tx_interval_us(fsm);
	if (is_silent(fsm)) {
		fsm->send_us = TIME_NEVER;
		return;
	}
	fsm->send_us = now;
	if (fsm->sent_us)
		fsm->send_us =
			on_tick(fsm, fsm->sent_us + jittered(fsm, jitter));
	if (fsm->send_us < now)
		fsm->send_us = now;
}

/* Only if it is not planned well already: each try would throw the dice
 * anew. */
static void reschedule(struct bfd_fsm *fsm, int64_t now, uint32_t jitter)
{
	if (is_silent(fsm) || fsm->send_us == TIME_NEVER ||
		fsm->interval_us != bfd_fsm_tx_interval_us(fsm))
		schedule(fsm, now, jitter);
}

static void fill(struct bfd_fsm *fsm, struct bfd_actions *ret)
{
	ret->send = true;
	ret->packet = (struct bfd_packet){
		.diag = (uint8_t)fsm->diag,
		.state = fsm->state,
		.multiplier = fsm->conf.multiplier,
		.my_discr = fsm->discr,
		.your_discr = fsm->remote_discr,
		.min_tx_us = fsm->tx_us,
		.min_rx_us = fsm->rx_us,
	};
}

/* A regular packet, or one because its contents changed (6.8.7). */
static void send(struct bfd_fsm *fsm, int64_t now, uint32_t jitter,
	struct bfd_actions *ret)
{
	fill(fsm, ret);
	ret->packet.poll = fsm->poll == BFD_POLL_ACTIVE ||
			   fsm->poll == BFD_POLL_AGAIN;
	if (fsm->poll == BFD_POLL_PAUSE)
		fsm->poll = BFD_POLL_ACTIVE;
	fsm->sent_us = now;
	schedule(fsm, now, jitter);
}

/* --- intervals --- */

/* 6.5: one sequence at a time, with a packet without P between two. */
static void start_poll(struct bfd_fsm *fsm)
{
	if (!fsm->remote_discr)
		return;
	switch (fsm->poll) {
	case BFD_POLL_NONE:
		fsm->poll = BFD_POLL_ACTIVE;
		return;
	case BFD_POLL_ACTIVE:
		fsm->poll = BFD_POLL_AGAIN;
		return;
	case BFD_POLL_AGAIN:
	case BFD_POLL_PAUSE:
		return;
	}
}

/* 6.8.3: while Up, a slower transmission and a faster detection wait until
 * the neighbour has said that it knows. */
static void use_intervals(struct bfd_fsm *fsm)
{
	bool up = fsm->state == BFD_STATE_UP;

	if (!up || fsm->poll == BFD_POLL_NONE || fsm->tx_us < fsm->used_tx_us)
		fsm->used_tx_us = fsm->tx_us;
	if (!up || fsm->poll == BFD_POLL_NONE || fsm->rx_us > fsm->used_rx_us)
		fsm->used_rx_us = fsm->rx_us;
}

static void set_intervals(struct bfd_fsm *fsm)
{
	const struct bfd_fsm_conf *conf = &fsm->conf;
	uint32_t tx = fsm->state == BFD_STATE_UP
			      ? conf->min_tx_us
			      : max_u32(conf->idle_tx_us, conf->min_tx_us);

	if (tx != fsm->tx_us || conf->min_rx_us != fsm->rx_us)
		start_poll(fsm);
	fsm->tx_us = tx;
	fsm->rx_us = conf->min_rx_us;
	use_intervals(fsm);
}

/* A second sequence is about values that its F does not speak of. */
static void end_poll(struct bfd_fsm *fsm)
{
	switch (fsm->poll) {
	case BFD_POLL_ACTIVE:
		fsm->poll = BFD_POLL_NONE;
		use_intervals(fsm);
		return;
	case BFD_POLL_AGAIN:
		fsm->poll = BFD_POLL_PAUSE;
		return;
	case BFD_POLL_NONE:
	case BFD_POLL_PAUSE:
		return;
	}
}

/* --- the state --- */

static void change_state(struct bfd_fsm *fsm, enum bfd_state to,
	enum bfd_diag diag, int64_t now, struct bfd_actions *ret)
{
	ret->changed = true;
	ret->from = fsm->state;
	fsm->state = to;
	fsm->diag = diag;
	fsm->since_us = now;
	/* What was being agreed on belongs to the session that was. */
	fsm->poll = BFD_POLL_NONE;
	set_intervals(fsm);
}

/* Nothing is known about the neighbour any more (6.8.1, RemoteDiscr); that
 * it once wanted no packets must not keep us silent for ever. */
static void forget_neighbour(struct bfd_fsm *fsm)
{
	fsm->remote_discr = 0;
	fsm->remote_state = BFD_STATE_DOWN;
	fsm->remote_demand = false;
	fsm->remote_min_rx_us = REMOTE_MIN_RX_START;
	fsm->remote_min_tx_us = 0;
	fsm->remote_multiplier = 0;
	fsm->detect_us = TIME_NEVER;
}

static void expire(struct bfd_fsm *fsm, int64_t now, struct bfd_actions *ret)
{
	forget_neighbour(fsm);
	if (fsm->state == BFD_STATE_INIT || fsm->state == BFD_STATE_UP)
		change_state(fsm, BFD_STATE_DOWN, BFD_DIAG_EXPIRED, now, ret);
}

static void timer(struct bfd_fsm *fsm, int64_t now, uint32_t jitter,
	struct bfd_actions *ret)
{
	if (now >= fsm->detect_us) {
		expire(fsm, now, ret);
		if (ret->changed && !is_silent(fsm))
			send(fsm, now, jitter, ret);
		else
			reschedule(fsm, now, jitter);
	}
	if (!ret->send && now >= fsm->send_us)
		send(fsm, now, jitter, ret);
}

/* --- packets --- */

static void learn(
	struct bfd_fsm *fsm, const struct bfd_packet *packet, int64_t now)
{
	fsm->remote_discr = packet->my_discr;
	fsm->remote_state = packet->state;
	fsm->remote_diag = packet->diag;
	fsm->remote_demand = packet->demand;
	fsm->remote_min_rx_us = packet->min_rx_us;
	fsm->remote_min_tx_us = packet->min_tx_us;
	fsm->remote_multiplier = packet->multiplier;
	fsm->heard_us = now;
}

/* RFC 5880 6.8.6, the part that moves the state. */
static void follow(struct bfd_fsm *fsm, enum bfd_state heard, int64_t now,
	struct bfd_actions *ret)
{
	if (heard == BFD_STATE_ADMIN_DOWN) {
		if (fsm->state != BFD_STATE_DOWN)
			change_state(fsm, BFD_STATE_DOWN,
				BFD_DIAG_NEIGHBOR_DOWN, now, ret);
		return;
	}
	switch (fsm->state) {
	case BFD_STATE_DOWN:
		if (heard == BFD_STATE_DOWN)
			change_state(
				fsm, BFD_STATE_INIT, BFD_DIAG_NONE, now, ret);
		else if (heard == BFD_STATE_INIT)
			change_state(
				fsm, BFD_STATE_UP, BFD_DIAG_NONE, now, ret);
		return;
	case BFD_STATE_INIT:
		if (heard == BFD_STATE_INIT || heard == BFD_STATE_UP)
			change_state(
				fsm, BFD_STATE_UP, BFD_DIAG_NONE, now, ret);
		return;
	case BFD_STATE_UP:
		if (heard == BFD_STATE_DOWN)
			change_state(fsm, BFD_STATE_DOWN,
				BFD_DIAG_NEIGHBOR_DOWN, now, ret);
		return;
	case BFD_STATE_ADMIN_DOWN:
		return;
	}
}

static void packet_in(struct bfd_fsm *fsm, const struct bfd_packet *packet,
	int64_t now, uint32_t jitter, struct bfd_actions *ret)
{
	if (fsm->state == BFD_STATE_ADMIN_DOWN) {
		ret->dropped = true;
		return;
	}
	learn(fsm, packet, now);
	if (packet->final)
		end_poll(fsm);
	follow(fsm, packet->state, now, ret);
	fsm->detect_us = now + bfd_fsm_detection_us(fsm);
	/* The answer to a poll waits for no timer, and is no poll (6.5). */
	if (packet->poll) {
		fill(fsm, ret);
		ret->packet.final = true;
		reschedule(fsm, now, jitter);
	} else if (ret->changed && !is_silent(fsm)) {
		send(fsm, now, jitter, ret);
	} else {
		reschedule(fsm, now, jitter);
	}
}

/* --- the owner --- */

static void reconfigure(struct bfd_fsm *fsm, const struct bfd_fsm_conf *conf,
	int64_t now, uint32_t jitter)
{
	fsm->conf = *conf;
	set_intervals(fsm);
	if (fsm->detect_us != TIME_NEVER)
		fsm->detect_us = fsm->heard_us + bfd_fsm_detection_us(fsm);
	if (fsm->detect_us < now)
		fsm->detect_us = now;
	reschedule(fsm, now, jitter);
}

/* 6.8.16.  What it says is sent by the owner as often as it likes. */
static void admin_down(
	struct bfd_fsm *fsm, int64_t now, struct bfd_actions *ret)
{
	bool known = fsm->remote_discr != 0;

	if (fsm->state != BFD_STATE_ADMIN_DOWN)
		change_state(fsm, BFD_STATE_ADMIN_DOWN, BFD_DIAG_ADMIN_DOWN,
			now, ret);
	fsm->send_us = TIME_NEVER;
	fsm->detect_us = TIME_NEVER;
	if (known)
		fill(fsm, ret);
}

void bfd_fsm_step(struct bfd_fsm *fsm, const struct bfd_event *event,
	int64_t now, uint32_t jitter, struct bfd_actions *ret)
{
	memset(ret, 0, sizeof(*ret));
	switch (event->type) {
	case BFD_EVENT_TIMER:
		timer(fsm, now, jitter, ret);
		return;
	case BFD_EVENT_PACKET:
		packet_in(fsm, event->packet, now, jitter, ret);
		return;
	case BFD_EVENT_RECONFIGURE:
		reconfigure(fsm, event->conf, now, jitter);
		return;
	case BFD_EVENT_ADMIN_DOWN:
		admin_down(fsm, now, ret);
		return;
	}
}

int64_t bfd_fsm_deadline(const struct bfd_fsm *fsm)
{
	return fsm->send_us < fsm->detect_us ? fsm->send_us : fsm->detect_us;
}

void bfd_fsm_init(struct bfd_fsm *fsm, const struct bfd_fsm_conf *conf,
	uint32_t discr, int64_t now)
{
	*fsm = (struct bfd_fsm){
		.conf = *conf,
		.state = BFD_STATE_DOWN,
		.since_us = now,
		.discr = discr,
		.send_us = TIME_NEVER,
	};
	forget_neighbour(fsm);
	set_intervals(fsm);
	schedule(fsm, now, 0);
}

void bfd_fsm_resume(
	struct bfd_fsm *fsm, const struct bfd_fsm *state, int64_t now)
{
	fsm->state = state->state;
	fsm->diag = state->diag;
	fsm->since_us = state->since_us;
	fsm->discr = state->discr;
	fsm->remote_discr = state->remote_discr;
	fsm->remote_state = state->remote_state;
	fsm->remote_multiplier = state->remote_multiplier;
	fsm->remote_min_tx_us = state->remote_min_tx_us;
	fsm->remote_min_rx_us = state->remote_min_rx_us;
	/* Perhaps other values than the neighbour knows. */
	set_intervals(fsm);
	if (fsm->poll == BFD_POLL_NONE)
		start_poll(fsm);
	fsm->heard_us = now;
	fsm->detect_us = now + bfd_fsm_detection_us(fsm);
	schedule(fsm, now, 0);
}
