/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/liveness.h"

/* What a timer may be late without the supervisor having been stalled. */
#define LIVENESS_TOLERANCE_US (20 * USEC_PER_MSEC)

void liveness_start(struct liveness *l, int64_t now_us, int64_t limit_us)
{
	*l = (struct liveness){
		.limit_us = limit_us,
		.heard_us = now_us,
		.ping_us = now_us,
	};
}

void liveness_limit(struct liveness *l, int64_t now_us, int64_t limit_us)
{
	l->limit_us = limit_us;
	l->heard_us = now_us;
}

void liveness_heard(struct liveness *l, int64_t now_us)
{
	l->heard_us = now_us;
}

void liveness_pong(struct liveness *l, int64_t now_us, uint64_t number)
{
	l->heard_us = now_us;
	if (number <= l->answered || number > l->sent)
		return;
	l->answered = number;
	if (number == l->sent)
		l->round_trip_us = now_us - l->sent_us;
	else
		l->sent_us += LIVENESS_PING_US;
}

static void liveness_forgive(struct liveness *l, int64_t now_us)
{
	int64_t late = l->look_us ? now_us - l->look_us : 0;

	if (late <= LIVENESS_TOLERANCE_US)
		return;
	l->heard_us += late;
	if (l->heard_us > now_us)
		l->heard_us = now_us;
}

struct liveness_look liveness_look(struct liveness *l, int64_t now_us)
{
	struct liveness_look look = { .ping = false };
	int64_t deadline;

	liveness_forgive(l, now_us);
	deadline = l->heard_us + l->limit_us;
	look.hung = now_us >= deadline;
	if (now_us >= l->ping_us) {
		if (l->answered == l->sent)
			l->sent_us = now_us;
		l->sent++;
		look.ping = true;
		l->ping_us = now_us + LIVENESS_PING_US;
	}
	look.next_us = l->ping_us < deadline ? l->ping_us : deadline;
	if (look.hung)
		look.next_us = l->ping_us;
	l->look_us = look.next_us;
	return look;
}

int64_t liveness_delay_us(const struct liveness *l, int64_t now_us)
{
	int64_t waiting = l->answered < l->sent ? now_us - l->sent_us : 0;

	return waiting > l->round_trip_us ? waiting : l->round_trip_us;
}

enum liveness_verdict liveness_judge(const struct liveness *l, int64_t now_us,
	int64_t stopped_us, const struct liveness_facts *facts)
{
	int64_t silent = now_us - l->heard_us;

	if (silent >= stopped_us && (facts->state == 'T' || facts->state == 't'))
		return LIVENESS_STOPPED;
	if (silent < l->limit_us)
		return LIVENESS_ALIVE;
	if (facts->state != 'R' && facts->state != 'D')
		return LIVENESS_WAITS;
	if (facts->cpu_us < LIVENESS_CPU_US &&
		silent < l->limit_us + LIVENESS_STARVED_US)
		return LIVENESS_WORKS;
	return LIVENESS_LOOPS;
}
