/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a role alive?  Pure: the caller sends the pings and gives the time.
 *
 * Whatever a role sends is a sign of life; a ping every 200 ms makes sure
 * that there is something to answer.  Silence longer than the limit is
 * suspicious; what the kernel says of the process then tells one that is
 * stopped, or waits for something else than its loop, from one that works on
 * something large or gets no processor.  When the supervisor itself was late,
 * the time it slept is not held against the role: both may have been stopped
 * together.
 */
#ifndef TANDEM_DAEMON_LIVENESS_H
#define TANDEM_DAEMON_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/timeutil.h"

#define LIVENESS_PING_US (200 * USEC_PER_MSEC)
/* A process that can run: how much of a processor it may use, and how long it
 * may wait for one, before its silence is held against it. */
#define LIVENESS_CPU_US (3 * USEC_PER_SEC)
#define LIVENESS_STARVED_US (10 * USEC_PER_SEC)

struct liveness {
	int64_t limit_us;
	int64_t heard_us;      /* last sign of life */
	int64_t ping_us;       /* when the next ping is due */
	int64_t look_us;       /* when the next look is due */
	uint64_t sent;	       /* number of the last ping */
	uint64_t answered;     /* number of the last pong */
	int64_t sent_us;       /* of the oldest ping without an answer */
	int64_t round_trip_us; /* of the last answered ping */
};

/* What the caller has to do now, and when to look again. */
struct liveness_look {
	bool ping; /* send a ping with number liveness.sent */
	bool hung;
	int64_t next_us;
};

/* What the kernel says of a silent process. */
struct liveness_facts {
	char state;	/* proc(5): R, S, D, T ...; 0 = unknown */
	int64_t cpu_us; /* processor time used since its last sign of life */
};

enum liveness_verdict {
	LIVENESS_ALIVE,	  /* not silent for long enough */
	LIVENESS_WORKS,	  /* silent, but it has work and may go on */
	LIVENESS_STOPPED, /* by a signal or a debugger */
	LIVENESS_WAITS,	  /* for something else than its loop */
	LIVENESS_LOOPS,	  /* has used too much time, or waited too long */
};

/*
 * Judges a silence.  A stopped process is found after STOPPED_US, whatever
 * the limit is: binding a large configuration takes time, but not that way.
 */
enum liveness_verdict liveness_judge(const struct liveness *l, int64_t now_us,
	int64_t stopped_us, const struct liveness_facts *facts);

void liveness_start(struct liveness *l, int64_t now_us, int64_t limit_us);
/* A new limit counts from now. */
void liveness_limit(struct liveness *l, int64_t now_us, int64_t limit_us);
void liveness_heard(struct liveness *l, int64_t now_us);
/* Numbers that were never sent are ignored. */
void liveness_pong(struct liveness *l, int64_t now_us, uint64_t number);
struct liveness_look liveness_look(struct liveness *l, int64_t now_us);

/* For people: the last round trip, or the time that the oldest unanswered
 * ping has been waiting if that is longer. */
int64_t liveness_delay_us(const struct liveness *l, int64_t now_us);

#endif
