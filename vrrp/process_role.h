/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracked processes within the vrrp role: what their number means for the
 * instances that track them, and what tandemctl is told.
 */
#ifndef TANDEM_VRRP_PROCESS_ROLE_H
#define TANDEM_VRRP_PROCESS_ROLE_H

struct json_object;
struct vrrp_conf;
struct vrrp_processes;
struct vrrp_role;

struct vrrp_processes *vrrp_process_role_new(struct vrrp_role *role);
/* The blocks of CONF; instances look at what they track afterwards. */
void vrrp_process_role_apply(
	struct vrrp_role *role, const struct vrrp_conf *conf);

/* "track_processes" of the status; the caller owns it. */
struct json_object *vrrp_process_json(struct vrrp_processes *processes);
/* Adds texts to PROBLEMS. */
void vrrp_process_problems(
	struct vrrp_processes *processes, struct json_object *problems);

#endif
