/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/backoff.h"

#include "lib/timeutil.h"

#define BACKOFF_GOOD_RUN_US (60 * USEC_PER_SEC)

static const int64_t waits_us[] = {
	0,
	500 * USEC_PER_MSEC,
	1 * USEC_PER_SEC,
	2 * USEC_PER_SEC,
	4 * USEC_PER_SEC,
	8 * USEC_PER_SEC,
	16 * USEC_PER_SEC,
	30 * USEC_PER_SEC,
};

#define N_WAITS (sizeof(waits_us) / sizeof(waits_us[0]))

int64_t backoff_next_us(struct backoff *backoff, int64_t uptime_us)
{
	unsigned int i;

	if (uptime_us >= BACKOFF_GOOD_RUN_US)
		backoff->failures = 0;
	i = backoff->failures;
	if (backoff->failures < N_WAITS - 1)
		backoff->failures++;
	return waits_us[i];
}
