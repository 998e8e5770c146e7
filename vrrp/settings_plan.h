/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network settings that are changed while they are needed, and then put back:
 * the difference between what is wanted, what is held and what is so.
 *
 * Pure: no descriptor, no clock, no log.  settings.c asks and carries out.
 */
#ifndef TANDEM_VRRP_SETTINGS_PLAN_H
#define TANDEM_VRRP_SETTINGS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/netlink_codec.h"

enum vrrp_setting_scope {
	VRRP_SETTING_LINK, /* an enum netlink_devconf of link IFINDEX */
	VRRP_SETTING_ALL_RP_FILTER, /* net.ipv4.conf.all.rp_filter */
	VRRP_SETTING_DEFAULT_RP_FILTER, /* net.ipv4.conf.default.rp_filter */
	VRRP_SETTING_IGMP, /* net.ipv4.igmp_link_local_mcast_reports */
	VRRP_SETTING_SCOPES,
};

struct vrrp_setting_key {
	uint32_t scope; /* enum vrrp_setting_scope */
	uint32_t ifindex; /* 0 unless VRRP_SETTING_LINK */
	uint32_t what; /* likewise: enum netlink_devconf */
};

struct vrrp_setting {
	struct vrrp_setting_key key;
	uint32_t value; /* what it is to be, or was made to be */
	uint32_t original; /* held ones: what it was before */
};

/* Ordered by key; 0 when they are of the same setting. */
int vrrp_setting_compare(const void *a, const void *b);

/* The one with KEY in sorted LIST, or NULL. */
const struct vrrp_setting *vrrp_setting_find(const struct vrrp_setting *list,
	size_t n, const struct vrrp_setting_key *key);

/* What it is, or will be when all writes under way have been done: the plan
 * takes it for the truth.  False when it is not there any more (its link is
 * gone). */
typedef bool vrrp_setting_read_fn(
	const struct vrrp_setting_key *key, uint32_t *ret, void *user_data);

/*
 * HELD (sorted) is what was changed before, WANT (sorted, no key twice) what
 * is to be.  RET_HELD (room for N_HELD + N_WANT) is what is held then, sorted;
 * RET_WRITE (the same room) what has to be written for it, in `value`.
 *
 * What is as wanted already is not held, so that it is not put back later;
 * what is no longer wanted is put back, unless somebody else has changed it
 * meanwhile.  VERIFY: what is held and still wanted is read, and when somebody
 * else has changed it, it is written again, and what they made of it is what
 * is put back later.
 */
void vrrp_settings_plan(const struct vrrp_setting *held, size_t n_held,
	const struct vrrp_setting *want, size_t n_want,
	vrrp_setting_read_fn *read, void *user_data, bool verify,
	struct vrrp_setting *ret_held, size_t *ret_n_held,
	struct vrrp_setting *ret_write, size_t *ret_n_write);

#endif
