/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a link that counts only after it has lasted
 * (interface_up_down_delays).
 *
 * Pure: the caller says what the link does and passes the time; the answer is
 * what counts.  Times are microseconds on the clock of NOW.
 */
#ifndef TANDEM_VRRP_DEBOUNCE_H
#define TANDEM_VRRP_DEBOUNCE_H

#include <stdbool.h>
#include <stdint.h>

struct vrrp_debounce {
	int64_t down_us; /* how long it must be down to count as down */
	int64_t up_us;
	bool counts; /* as up */
	int64_t due_us; /* when the other state counts; TIME_NEVER = never */
};

/* As the link is now, at once. */
void vrrp_debounce_init(struct vrrp_debounce *debounce, int64_t down_us,
	int64_t up_us, bool up);
/* The link is up, or not.  True when what counts has changed. */
bool vrrp_debounce_set(struct vrrp_debounce *debounce, bool up, int64_t now_us);
/* The time has come, or has not yet.  True when what counts has changed. */
bool vrrp_debounce_expire(struct vrrp_debounce *debounce, int64_t now_us);

#endif
