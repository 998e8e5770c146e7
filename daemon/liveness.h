/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a role alive?  Pure: the caller sends the pings and gives the time.
 *
 * Whatever a role sends is a sign of life; a ping every 200 ms makes sure
 * that there is something to answer.  Silence longer than the limit means
 * that the role hangs.  When the supervisor itself was late, the time it
 * slept is not held against the role: both may have been stopped together.
 */
#ifndef TANDEM_DAEMON_LIVENESS_H
#define TANDEM_DAEMON_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/timeutil.h"

#define LIVENESS_PING_US (200 * USEC_PER_MSEC)

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
