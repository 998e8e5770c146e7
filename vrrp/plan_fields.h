/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The many small settings of a plan: which of them differ between two
 * configurations of the same thing.  Pure.
 *
 * What is in no list here has a text of its own in plan.c.
 */
#ifndef TANDEM_VRRP_PLAN_FIELDS_H
#define TANDEM_VRRP_PLAN_FIELDS_H

#include "vrrp/vrrp_conf.h"

/* Takes PART, "unicast_ttl 64 -> 255", which it frees with x_free(). */
typedef void vrrp_plan_part_fn(void *user_data, char *part);

void vrrp_plan_instance_fields(const struct vrrp_instance_conf *before,
	const struct vrrp_instance_conf *after, vrrp_plan_part_fn *part,
	void *user_data);
void vrrp_plan_group_fields(const struct vrrp_group_conf *before,
	const struct vrrp_group_conf *after, vrrp_plan_part_fn *part,
	void *user_data);
void vrrp_plan_script_fields(const struct vrrp_script_conf *before,
	const struct vrrp_script_conf *after, vrrp_plan_part_fn *part,
	void *user_data);
void vrrp_plan_file_fields(const struct vrrp_file_conf *before,
	const struct vrrp_file_conf *after, vrrp_plan_part_fn *part,
	void *user_data);
void vrrp_plan_global_fields(const struct vrrp_globals_conf *before,
	const struct vrrp_globals_conf *after, vrrp_plan_part_fn *part,
	void *user_data);

/* An address with all that was said about it, for x_free(). */
char *vrrp_plan_address_text(const struct vrrp_address_conf *addr);

#endif
