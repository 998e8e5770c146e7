/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time.  Every point in time and every duration in Tandem is an int64_t in
 * microseconds; points are on the monotonic clock unless the name says
 * "realtime".  Cores never ask for the time: they are given `now`.
 */
#ifndef TANDEM_LIB_TIMEUTIL_H
#define TANDEM_LIB_TIMEUTIL_H

#include <stdint.h>

#define USEC_PER_MSEC INT64_C(1000)
#define USEC_PER_SEC INT64_C(1000000)
#define NSEC_PER_USEC INT64_C(1000)

/* A deadline that never comes. */
#define TIME_NEVER INT64_MAX

int64_t time_monotonic_us(void);
int64_t time_realtime_us(void);
/*
 * What the wall clock shows, or showed, at POINT_US.  One point gives one
 * answer, to the microsecond, however often it is asked for, until the wall
 * clock has been moved.  Not for threads.
 */
int64_t time_realtime_of(int64_t point_us);
/* Since the machine booted, suspended time included. */
int64_t time_boot_us(void);

#endif
