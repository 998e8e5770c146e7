/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks as JSON, for people: status, plan and explanations.
 */
#ifndef TANDEM_HEALTHCHECK_CHECK_REPORT_H
#define TANDEM_HEALTHCHECK_CHECK_REPORT_H

#include "healthcheck/check_diff.h"
#include "healthcheck/check_table.h"

struct json_object;

/* [{kind, state, ...}] for the checks of SERVER, a new reference. */
struct json_object *check_report_server(
	const struct check_table *table, const struct check_server *server);

/* Lines for each check that SUBJECT (an address, an endpoint, a part of a
 * check's name) means, appended to the array LINES. */
void check_report_explain(const struct check_table *table,
	const char *subject, struct json_object *lines);

/* What a change from OLD (may be NULL) to SET means, appended to PLAN. */
void check_report_plan(const struct check_set *old,
	const struct check_set *set, struct json_object *plan);

#endif
