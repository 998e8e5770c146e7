/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/verdict.h"

#include <stddef.h>

const char *verdict_state_name(enum verdict_state state)
{
	static const char *const names[] = {
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_UP] = "up",
		[VERDICT_DOWN] = "down",
	};

	return names[state];
}

void verdict_init(struct verdict *verdict, int64_t now_us)
{
	*verdict = (struct verdict){
		.state = VERDICT_UNKNOWN,
		.reason = REASON_CHECK_PENDING,
		.since_us = now_us,
	};
}

int64_t verdict_first_run(
	const struct verdict_timing *timing, int64_t now_us, uint64_t random)
{
	if (timing->warmup_us <= 0)
		return now_us;
	return now_us + (int64_t)(random % (uint64_t)timing->warmup_us);
}

static uint32_t count(uint32_t n)
{
	return n < UINT32_MAX ? n + 1 : n;
}

/* The state after one more passed or failed run. */
static enum verdict_state next_state(
	const struct verdict *verdict, const struct verdict_timing *timing)
{
	switch (verdict->state) {
	case VERDICT_UNKNOWN:
		if (verdict->passed >= timing->rise)
			return VERDICT_UP;
		if (verdict->failed >= timing->fall ||
			(verdict->failed && timing->first_failure_decides))
			return VERDICT_DOWN;
		break;
	case VERDICT_UP:
		if (verdict->failed >= timing->fall)
			return VERDICT_DOWN;
		break;
	case VERDICT_DOWN:
		if (verdict->passed >= timing->rise)
			return VERDICT_UP;
		break;
	}
	return verdict->state;
}

/* Is the state in doubt, so that the next run comes sooner? */
static bool in_doubt(const struct verdict *verdict)
{
	switch (verdict->state) {
	case VERDICT_UNKNOWN:
		return true;
	case VERDICT_UP:
		return verdict->failed > 0;
	case VERDICT_DOWN:
		return verdict->passed > 0;
	}
	return true;
}

struct verdict_change verdict_step(struct verdict *verdict,
	const struct verdict_timing *timing, enum verdict_outcome outcome,
	enum reason reason, int64_t now_us)
{
	struct verdict_change change = { .from = verdict->state };
	enum verdict_state state;

	switch (outcome) {
	case VERDICT_INCONCLUSIVE:
		change.next_us = now_us + timing->retry_interval_us;
		return change;
	case VERDICT_PASSED:
		verdict->passed = count(verdict->passed);
		verdict->failed = 0;
		break;
	case VERDICT_FAILED:
		verdict->failed = count(verdict->failed);
		verdict->passed = 0;
		break;
	}
	state = next_state(verdict, timing);
	if (state != verdict->state) {
		verdict->state = state;
		verdict->since_us = now_us;
		change.changed = true;
	}
	/* A failure that is still being retried is not yet the reason. */
	if (state == (outcome == VERDICT_PASSED ? VERDICT_UP : VERDICT_DOWN))
		verdict->reason = reason;
	change.next_us = now_us +
		(!change.changed && in_doubt(verdict) ?
				timing->retry_interval_us :
				timing->interval_us);
	return change;
}

uint64_t verdict_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}
