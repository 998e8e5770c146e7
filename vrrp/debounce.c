/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/debounce.h"

#include "lib/timeutil.h"

void vrrp_debounce_init(struct vrrp_debounce *debounce, int64_t down_us,
	int64_t up_us, bool up)
{
	*debounce = (struct vrrp_debounce){
		.down_us = down_us,
		.up_us = up_us,
		.counts = up,
		.due_us = TIME_NEVER,
	};
}

bool vrrp_debounce_set(struct vrrp_debounce *debounce, bool up, int64_t now_us)
{
	int64_t delay = up ? debounce->up_us : debounce->down_us;

	if (up == debounce->counts) {
		debounce->due_us = TIME_NEVER;
		return false;
	}
	if (debounce->due_us == TIME_NEVER)
		debounce->due_us = now_us + delay;
	return vrrp_debounce_expire(debounce, now_us);
}

bool vrrp_debounce_expire(struct vrrp_debounce *debounce, int64_t now_us)
{
	if (debounce->due_us == TIME_NEVER || now_us < debounce->due_us)
		return false;
	debounce->due_us = TIME_NEVER;
	debounce->counts = !debounce->counts;
	return true;
}
