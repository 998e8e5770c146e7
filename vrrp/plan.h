/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one configuration changes against another: which instances stay,
 * which change in place, which have to start anew.  Pure.
 */
#ifndef TANDEM_VRRP_PLAN_H
#define TANDEM_VRRP_PLAN_H

#include <stdbool.h>

#include "vrrp/vrrp_conf.h"

struct json_object;
struct vrrp_plan_index;

/* Finds instances of CONF, which is borrowed, by name. */
struct vrrp_plan_index *vrrp_plan_index_new(const struct vrrp_conf *conf);
void vrrp_plan_index_free(struct vrrp_plan_index *index);
const struct vrrp_instance_conf *vrrp_plan_index_find(
	const struct vrrp_plan_index *index, const char *name);
/* Has one of them the place of INST on the wire: interface or source,
 * family and VRID? */
bool vrrp_plan_index_has_router(const struct vrrp_plan_index *index,
	const struct vrrp_instance_conf *inst);

/* Is AFTER still the same virtual router as BEFORE, so that it goes on? */
bool vrrp_plan_can_stay(const struct vrrp_instance_conf *before,
	const struct vrrp_instance_conf *after);

/* Appends {"action", "subject", "detail"} for each difference; BEFORE is
 * NULL when nothing runs yet. */
void vrrp_plan(const struct vrrp_conf *before, const struct vrrp_conf *after,
	struct json_object *plan);

#endif
