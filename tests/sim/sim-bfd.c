/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two BFD sessions and a bad line between them, in virtual time.
 *
 * A seed makes a pair with random intervals and multipliers, and rounds of
 * trouble: loss, delay, duplicates, reordering, one-way and whole cuts, a
 * process that is killed and begins anew or resumes, one that is stopped for
 * a while, and configurations that change under way.  Asked for at every
 * step:
 *
 * - a packet never has both P and F, is well-formed, and regular packets keep
 *   75 to 100 % of the agreed interval (RFC 5880 6.8.7);
 * - a session that hears nothing is Down when its detection time is over, not
 *   before and not after.
 *
 * And after each round, on a line that only delays:
 *
 * - both are Up within a bound, their polls have ended, they use what the
 *   configurations say, and the detection times of both fit;
 * - from then on changes of the configuration on either side never take the
 *   session down (6.8.3), however often.
 *
 * SIM_SEEDS=N runs N seeds (200), SIM_SEED=S replays one with a trace.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/bfd_fsm.h"

#define SEEDS_DEFAULT 200
#define ROUNDS 6
#define IN_FLIGHT_MAX 256
#define MS(n) ((n) * USEC_PER_MSEC)

struct flight {
	int64_t at_us;
	uint8_t bytes[BFD_PACKET_BYTES];
	int to;
};

struct end {
	struct bfd_fsm fsm;
	bool stopped; /* the process hangs: packets wait */
	int64_t last_regular_us;
	int64_t last_interval_us;
	bool moved; /* the interval, since the last regular packet */
};

struct world {
	uint64_t random;
	int64_t now;
	struct end ends[2];
	struct flight flights[IN_FLIGHT_MAX];
	int n_flights;
	bool cut[2]; /* towards this end */
	unsigned int loss_percent;
	unsigned int duplicate_percent;
	int64_t delay_us;
	bool quiet; /* no state may change */
	uint64_t steps;
	uint64_t seed;
	bool trace;
};

static uint64_t next_random(struct world *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static unsigned int below(struct world *w, unsigned int n)
{
	return (unsigned int)((next_random(w) >> 16) % n);
}

static void fail(const struct world *w, const char *what)
{
	fprintf(stderr, "seed %" PRIu64 " at %.6f s: %s\n", w->seed,
		(double)w->now / 1e6, what);
	exit(1);
}

/* --- the line --- */

static void put_on_line(struct world *w, int to, const uint8_t *bytes)
{
	struct flight *flight;

	if (w->cut[to] || below(w, 100) < w->loss_percent)
		return;
	/* A buffer that nobody reads. */
	if (w->n_flights > IN_FLIGHT_MAX / 2 && w->ends[to].stopped)
		return;
	if (w->n_flights == IN_FLIGHT_MAX)
		fail(w, "too many packets under way");
	flight = &w->flights[w->n_flights++];
	flight->at_us = w->now + 50 +
			(w->delay_us ? below(w, (unsigned int)w->delay_us) : 0);
	flight->to = to;
	memcpy(flight->bytes, bytes, sizeof(flight->bytes));
}

static int first_flight(const struct world *w)
{
	int first = -1;

	for (int i = 0; i < w->n_flights; i++)
		if (!w->ends[w->flights[i].to].stopped &&
			(first < 0 ||
				w->flights[i].at_us < w->flights[first].at_us))
			first = i;
	return first;
}

/* --- what is promised at each step --- */

static void check_sent(struct world *w, int from, const struct bfd_actions *did)
{
	struct end *end = &w->ends[from];
	uint8_t bytes[BFD_PACKET_BYTES];
	struct bfd_packet again;

	bfd_packet_encode(&did->packet, bytes);
	if (bfd_packet_decode(bytes, sizeof(bytes), &again) != BFD_RX_OK)
		fail(w, "sends what nobody may take");
	if (again.poll && again.final)
		fail(w, "sends P and F at once");
	if (!again.final && !did->changed && w->quiet) {
		int64_t gap = w->now - end->last_regular_us;

		if (!end->moved && (gap < end->last_interval_us * 3 / 4 - 1 ||
					   gap > end->last_interval_us))
			fail(w, "does not keep the agreed interval");
	}
	if (!again.final) {
		end->last_regular_us = w->now;
		end->last_interval_us = end->fsm.interval_us;
		end->moved = false;
	}
	put_on_line(w, !from, bytes);
	if (below(w, 100) < w->duplicate_percent)
		put_on_line(w, !from, bytes);
}

static void did(struct world *w, int who, const struct bfd_actions *did)
{
	struct end *end = &w->ends[who];

	if (w->trace && did->changed)
		printf("%10.6f %d %s -> %s (%s)\n", (double)w->now / 1e6, who,
			bfd_state_name(did->from),
			bfd_state_name(end->fsm.state),
			bfd_diag_text(end->fsm.diag));
	if (did->changed && w->quiet)
		fail(w, "changes its state without a cause");
	if (did->changed && end->fsm.diag == BFD_DIAG_EXPIRED &&
		end->fsm.state == BFD_STATE_DOWN &&
		did->from == BFD_STATE_UP && w->now == end->fsm.heard_us)
		fail(w, "is lost while it is heard");
	if (did->send)
		check_sent(w, who, did);
}

static void step(struct world *w, int who, const struct bfd_event *event)
{
	struct end *end = &w->ends[who];
	struct bfd_actions actions;
	int64_t due = end->fsm.detect_us;
	bool up = end->fsm.state == BFD_STATE_UP;

	w->steps++;
	bfd_fsm_step(&end->fsm, event, w->now, (uint32_t)next_random(w),
		&actions);
	if (event->type == BFD_EVENT_TIMER && up && w->now >= due &&
		end->fsm.state == BFD_STATE_UP)
		fail(w, "is up beyond its detection time");
	if (event->type == BFD_EVENT_TIMER && up && w->now < due &&
		end->fsm.state != BFD_STATE_UP)
		fail(w, "is down before its detection time");
	if (end->fsm.interval_us != end->last_interval_us)
		end->moved = true;
	did(w, who, &actions);
	if (event->type == BFD_EVENT_TIMER &&
		bfd_fsm_deadline(&end->fsm) < w->now)
		fail(w, "has a deadline in the past");
}

/* --- time --- */

static void deliver(struct world *w, int i)
{
	struct flight flight = w->flights[i];
	struct bfd_packet packet;
	struct bfd_event event = {
		.type = BFD_EVENT_PACKET,
		.packet = &packet,
	};

	w->flights[i] = w->flights[--w->n_flights];
	if (bfd_packet_decode(flight.bytes, sizeof(flight.bytes), &packet) !=
		BFD_RX_OK)
		fail(w, "a packet is spoilt");
	/* The shell finds the session by it. */
	if (packet.your_discr &&
		packet.your_discr != w->ends[flight.to].fsm.discr)
		return;
	step(w, flight.to, &event);
}

/* One packet or one timer; false when nothing happens until UNTIL. */
static bool advance(struct world *w, int64_t until)
{
	const struct bfd_event timer = { .type = BFD_EVENT_TIMER };
	int64_t at = until;
	int flight = first_flight(w), who = -1;

	for (int i = 0; i < 2; i++) {
		int64_t due = bfd_fsm_deadline(&w->ends[i].fsm);

		if (!w->ends[i].stopped && due < at) {
			at = due;
			who = i;
		}
	}
	/* Packets first: that is how the shell does it. */
	if (flight >= 0 && w->flights[flight].at_us <= at) {
		if (w->flights[flight].at_us > w->now)
			w->now = w->flights[flight].at_us;
		deliver(w, flight);
		return true;
	}
	if (at > w->now)
		w->now = at;
	if (who < 0)
		return false;
	step(w, who, &timer);
	return true;
}

static void run_until(struct world *w, int64_t until)
{
	while (advance(w, until))
		;
}

/* --- trouble --- */

static struct bfd_fsm_conf random_conf(struct world *w)
{
	static const uint32_t intervals[] = { 3300, 10000, 10000, 20000, 50000,
		100000, 300000 };
	const unsigned int n = sizeof(intervals) / sizeof(intervals[0]);

	return (struct bfd_fsm_conf){
		.min_tx_us = intervals[below(w, n)],
		.min_rx_us = intervals[below(w, n)],
		.idle_tx_us = below(w, 4) ? 1000000 : 300000,
		.multiplier = (uint8_t)(2 + below(w, 4)),
	};
}

static void reconfigure(struct world *w, int who)
{
	struct bfd_fsm_conf conf = random_conf(w);
	const struct bfd_event event = {
		.type = BFD_EVENT_RECONFIGURE,
		.conf = &conf,
	};

	conf.passive = w->ends[who].fsm.conf.passive;
	step(w, who, &event);
}

/* Anew, or where it was, as after the death of a role. */
static void restart(struct world *w, int who)
{
	struct end *end = &w->ends[who];
	struct bfd_fsm before = end->fsm;
	struct bfd_fsm_conf conf = before.conf;

	bfd_fsm_init(&end->fsm, &conf, (uint32_t)next_random(w) | 1, w->now);
	if (before.state == BFD_STATE_UP && below(w, 2))
		bfd_fsm_resume(&end->fsm, &before, w->now);
}

static void hang(struct world *w, int who)
{
	w->ends[who].stopped = true;
	run_until(w, w->now + MS(1 + below(w, 1500)));
	w->ends[who].stopped = false;
}

static void trouble(struct world *w)
{
	unsigned int n = 1 + below(w, 8);

	w->loss_percent = below(w, 40);
	w->duplicate_percent = below(w, 30);
	w->delay_us = below(w, 2) ? MS(5) : 1;
	while (n--) {
		int who = (int)below(w, 2);

		switch (below(w, 6)) {
		case 0:
			w->cut[who] = !w->cut[who];
			break;
		case 1:
			w->cut[0] = w->cut[1] = below(w, 2);
			break;
		case 2:
			reconfigure(w, who);
			break;
		case 3:
			restart(w, who);
			break;
		case 4:
			hang(w, who);
			break;
		default:
			break;
		}
		run_until(w, w->now + MS(1 + below(w, 3000)));
	}
}

/* --- peace --- */

static void heal(struct world *w)
{
	w->loss_percent = 0;
	w->duplicate_percent = 0;
	w->delay_us = 500;
	w->cut[0] = w->cut[1] = false;
}

/* A neighbour of the past must be lost first: 5 times 1 s; then a few idle
 * packets of each. */
#define CONVERGENCE_US (USEC_PER_SEC * 12)

static void check_agreement(struct world *w)
{
	for (int i = 0; i < 2; i++) {
		const struct bfd_fsm *us = &w->ends[i].fsm;
		const struct bfd_fsm *them = &w->ends[!i].fsm;
		uint32_t tx = us->conf.min_tx_us > them->conf.min_rx_us
				      ? us->conf.min_tx_us
				      : them->conf.min_rx_us;

		if (us->state != BFD_STATE_UP)
			fail(w, "is not up although all is well");
		if (us->poll != BFD_POLL_NONE)
			fail(w, "still polls");
		if (bfd_fsm_tx_interval_us(us) != tx)
			fail(w, "sends at another pace than was agreed");
		if (bfd_fsm_detection_us(them) !=
			bfd_fsm_remote_detection_us(us))
			fail(w, "the two disagree on the detection time");
	}
}

static void peace(struct world *w)
{
	heal(w);
	run_until(w, w->now + CONVERGENCE_US);
	check_agreement(w);
	w->quiet = true;
	for (unsigned int n = below(w, 12); n; n--) {
		reconfigure(w, (int)below(w, 2));
		run_until(w, w->now + MS(below(w, 1200)));
	}
	run_until(w, w->now + MS(3000));
	check_agreement(w);
	w->quiet = false;
}

static uint64_t run_seed(uint64_t seed, bool trace)
{
	struct world w = {
		.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
		.now = USEC_PER_SEC,
		.seed = seed,
		.trace = trace,
	};

	for (int i = 0; i < 8; i++)
		next_random(&w);
	for (int i = 0; i < 2; i++) {
		struct bfd_fsm_conf conf = random_conf(&w);

		/* Two passive ones would wait for each other. */
		conf.passive = i && below(&w, 3) == 0;
		bfd_fsm_init(&w.ends[i].fsm, &conf,
			(uint32_t)next_random(&w) | 1, w.now);
	}
	for (int round = 0; round < ROUNDS; round++) {
		peace(&w);
		trouble(&w);
	}
	peace(&w);
	return w.steps;
}

int main(void)
{
	const char *one = getenv("SIM_SEED");
	const char *many = getenv("SIM_SEEDS");
	uint64_t n = many ? strtoull(many, NULL, 10) : SEEDS_DEFAULT;
	uint64_t steps = 0;

	if (one) {
		steps = run_seed(strtoull(one, NULL, 10), true);
		n = 1;
	} else {
		for (uint64_t seed = 1; seed <= n; seed++)
			steps += run_seed(seed, false);
	}
	printf("%" PRIu64 " seeds, %" PRIu64 " steps\n", n, steps);
	return 0;
}
