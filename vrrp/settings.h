/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network settings that others own and that virtual addresses need otherwise:
 * changed while they are needed, put back then (settings_plan.h decides).
 *
 * Settings of a link are read and written over rtnetlink by the number of the
 * link; the few that rtnetlink cannot write are written in /proc/sys/net,
 * where CAP_NET_ADMIN is enough.  Borrowed: the netlink cache and writer.
 */
#ifndef TANDEM_VRRP_SETTINGS_H
#define TANDEM_VRRP_SETTINGS_H

#include "lib/netlink.h"
#include "lib/netlink_writer.h"
#include "vrrp/settings_plan.h"

struct vrrp_settings;

struct vrrp_settings *vrrp_settings_new(
	struct netlink *netlink, struct netlink_writer *writer);
/* Leaves the kernel as it is.  NULL is fine. */
void vrrp_settings_free(struct vrrp_settings *settings);

/* Between begin and end is said what is wanted; the first to say something
 * about a setting decides. */
void vrrp_settings_begin(struct vrrp_settings *settings);
void vrrp_settings_want(struct vrrp_settings *settings,
	const struct vrrp_setting_key *key, uint32_t value);
/* VERIFY: what is held is looked at, too.  True when what is held has
 * changed. */
bool vrrp_settings_end(struct vrrp_settings *settings, bool verify);

/* What KEY is, or was before it was changed here; false when unknown. */
bool vrrp_settings_original(struct vrrp_settings *settings,
	const struct vrrp_setting_key *key, uint32_t *ret);

bool vrrp_settings_is_held(const struct vrrp_settings *settings,
	const struct vrrp_setting_key *key);

/* What is held, for a successor and from a predecessor.  LIST is copied. */
const struct vrrp_setting *vrrp_settings_held(
	const struct vrrp_settings *settings, size_t *ret_n);
void vrrp_settings_inherit(struct vrrp_settings *settings,
	const struct vrrp_setting *list, size_t n);

#endif
