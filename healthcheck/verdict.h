/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From results of probes to a verdict: up, down or unknown.
 *
 * Pure: a result and `now` go in, the new state and the time of the next run
 * come out.  Nothing here fails.  verdict_step() is the only function that
 * changes a state.
 *
 * A check is unknown until it was seen to pass or to fail.  RISE passes in a
 * row bring it up, FALL failures in a row bring it down; while it counts it
 * is run every retry interval, otherwise every interval, both measured from
 * the end of a run.  A run that could not take place (no descriptor left,
 * no runner) counts for nothing and is tried again after a retry interval.
 */
#ifndef TANDEM_HEALTHCHECK_VERDICT_H
#define TANDEM_HEALTHCHECK_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/reason.h"

enum verdict_state {
	VERDICT_UNKNOWN,
	VERDICT_UP,
	VERDICT_DOWN,
};

/* "unknown", "up", "down". */
const char *verdict_state_name(enum verdict_state state);

enum verdict_outcome {
	VERDICT_PASSED,
	VERDICT_FAILED,
	VERDICT_INCONCLUSIVE,
};

struct verdict_timing {
	int64_t interval_us;
	int64_t retry_interval_us;
	int64_t warmup_us; /* the first run is spread over this time */
	uint32_t rise; /* at least 1 */
	uint32_t fall; /* at least 1 */
	/* The very first result decides alone, also when it is a failure:
	 * such a server is in use before it was ever checked. */
	bool first_failure_decides;
};

struct verdict {
	enum verdict_state state;
	enum reason reason; /* of the state */
	int64_t since_us; /* of the state */
	uint32_t passed; /* results in a row, */
	uint32_t failed; /* capped at UINT32_MAX */
};

void verdict_init(struct verdict *verdict, int64_t now_us);

/* When a check that begins now runs first; RANDOM is any number. */
int64_t verdict_first_run(
	const struct verdict_timing *timing, int64_t now_us, uint64_t random);

struct verdict_change {
	bool changed; /* the state is another one */
	enum verdict_state from;
	int64_t next_us; /* the next run */
};

struct verdict_change verdict_step(struct verdict *verdict,
	const struct verdict_timing *timing, enum verdict_outcome outcome,
	enum reason reason, int64_t now_us);

/* The next number of a generator (splitmix64) whose seed is *STATE. */
uint64_t verdict_random(uint64_t *state);

#endif
