/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/timeutil.h"

#include <time.h>

static int64_t time_read(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / NSEC_PER_USEC;
}

int64_t time_monotonic_us(void)
{
	return time_read(CLOCK_MONOTONIC);
}

int64_t time_realtime_us(void)
{
	return time_read(CLOCK_REALTIME);
}

int64_t time_boot_us(void)
{
	return time_read(CLOCK_BOOTTIME);
}
