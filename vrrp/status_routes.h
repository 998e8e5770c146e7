/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes and rules in the answers for tandemctl; for vrrp/status.c only. */
#ifndef TANDEM_VRRP_STATUS_ROUTES_H
#define TANDEM_VRRP_STATUS_ROUTES_H

#include "vrrp/fib.h"

struct json_object;

/* [{"kind", "text", "present", "problem"}]; the caller owns it. */
struct json_object *vrrp_routes_json(const struct vrrp_fib_set *set);
/* A line for each that could not be added; SUBJECT is whose they are. */
void vrrp_routes_problems(const struct vrrp_fib_set *set, const char *subject,
	struct json_object *array);
/* How many are there; nothing for an empty set. */
void vrrp_routes_explain(
	const struct vrrp_fib_set *set, struct json_object *lines);

#endif
