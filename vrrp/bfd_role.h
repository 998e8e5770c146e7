/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD within the vrrp role: what a session's state means for instances that
 * track it and for the checks of the healthcheck role, its checkpoints, and
 * its part of plans.
 */
#ifndef TANDEM_VRRP_BFD_ROLE_H
#define TANDEM_VRRP_BFD_ROLE_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct vrrp_bfds;
struct vrrp_conf;
struct vrrp_role;

struct vrrp_bfds *vrrp_bfd_role_new(struct vrrp_role *role);
/* True when KEY was one of BFD's. */
bool vrrp_bfd_role_restore(struct vrrp_role *role, const char *key,
	const void *data, size_t len);
/* Says the states of all sessions to healthcheck, which is there (again). */
void vrrp_bfd_role_tell_all(struct vrrp_role *role);
/* Of vrrp_role.bfd_timer: once more, after a full queue. */
void vrrp_bfd_role_on_timer(void *role);
/* The sessions of CONF; instances look at what they track afterwards. */
void vrrp_bfd_role_apply(struct vrrp_role *role, const struct vrrp_conf *conf);
/* BEFORE may be NULL. */
void vrrp_bfd_role_plan(const struct vrrp_conf *before,
	const struct vrrp_conf *after, struct json_object *plan);

#endif
