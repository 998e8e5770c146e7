/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/timeutil.h"

#include <time.h>

/* So far the wall clock may be slewed before times follow it. */
#define CLOCK_TOLERANCE_US (50 * USEC_PER_MSEC)
#define CLOCK_TRIES 10

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

/* The wall clock less the monotonic one.  They are not read at the same moment;
 * a reading between which we were put aside does not count. */
static int64_t time_offset(void)
{
	int64_t offset = 0;

	for (int i = 0; i < CLOCK_TRIES; i++) {
		int64_t before = time_monotonic_us();

		offset = time_realtime_us() - before;
		if (time_monotonic_us() - before < USEC_PER_MSEC)
			break;
	}
	return offset;
}

int64_t time_realtime_of(int64_t point_us)
{
	static int64_t offset;
	int64_t now = time_offset();

	if (now - offset > CLOCK_TOLERANCE_US ||
		offset - now > CLOCK_TOLERANCE_US)
		offset = now;
	return point_us + offset;
}

int64_t time_boot_us(void)
{
	return time_read(CLOCK_BOOTTIME);
}
