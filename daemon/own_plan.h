/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reload changes in the supervisor's own affairs: its part of a plan.
 * Pure.
 */
#ifndef TANDEM_DAEMON_OWN_PLAN_H
#define TANDEM_DAEMON_OWN_PLAN_H

struct generation;
struct json_object;

/* {"action", "subject", "detail"} for each change from FORMER, which may be
 * NULL, to NEXT. */
struct json_object *own_plan(
	const struct generation *former, const struct generation *next);

/* The first word that differs and that only a restart of the daemon changes;
 * NULL = none. */
const char *own_plan_needs_restart(
	const struct generation *former, const struct generation *next);

#endif
