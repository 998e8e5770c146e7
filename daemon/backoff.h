/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long to wait before a dead role is started again.  Pure.
 *
 * The first restart is at once, since one crash says little; the waits then
 * grow to 30 s, so that a role that cannot live does not eat the machine.
 * A run of a minute proves health and forgets the past.
 */
#ifndef TANDEM_DAEMON_BACKOFF_H
#define TANDEM_DAEMON_BACKOFF_H

#include <stdint.h>

/* Zero-initialise. */
struct backoff {
	unsigned int failures;
};

/* A role ended after it had run for UPTIME_US; the wait in us. */
int64_t backoff_next_us(struct backoff *backoff, int64_t uptime_us);

#endif
