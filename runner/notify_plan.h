/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reload would change of FIFOs and mail, for the plan.
 */
#ifndef TANDEM_RUNNER_NOTIFY_PLAN_H
#define TANDEM_RUNNER_NOTIFY_PLAN_H

struct conf_tree;
struct json_object;

/* Adds {"action", "subject", "detail"} to PLAN for each word of global_defs
 * that says something else in AFTER than in BEFORE (NULL = there is none). */
void notify_plan(const struct conf_tree *before, const struct conf_tree *after,
	struct json_object *plan);

#endif
