/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From two tables to the operations that turn one into the other.  Pure.
 *
 * Operations come in two parts.  The first gives (services, servers, higher
 * weights), the second takes away (lower weights, removals).  So at no point
 * of the sequence is a service that had a usable server before and will have
 * one after without any.  Whoever carries them out sends the first part,
 * looks at what failed and asks diff_guard_take() which of the second part
 * would now hurt.
 */
#ifndef TANDEM_IPVS_DIFF_H
#define TANDEM_IPVS_DIFF_H

#include <stdbool.h>

#include "ipvs-ctl/table.h"

struct diff_policy {
	/* May this service, which nobody wants, be removed?  NULL = no. */
	bool (*owned)(const struct table_key *key, const void *user_data);
	const void *user_data;
};

struct diff_result {
	struct table_ops give;
	struct table_ops take;
};

/* Appends what turns KERNEL into DESIRED, either of which may be NULL
 * (= not there), for one service. */
void diff_service(const struct table_service *kernel,
	const struct table_service *desired, struct diff_result *result);

/* The whole tables.  Services of KERNEL that DESIRED has not are removed
 * where POLICY owns them, and not touched otherwise.  Costs n log n. */
void diff_tables(const struct table *kernel, const struct table *desired,
	const struct diff_policy *policy, struct diff_result *result);

void diff_result_free(struct diff_result *result);
bool diff_result_is_empty(const struct diff_result *result);

/*
 * After the first part was carried out, and KERNEL was brought up to date
 * with what of it succeeded: drops from the second part what would leave a
 * service without a usable server although DESIRED has one for it, because
 * an addition failed.  Returns how many were dropped.
 */
size_t diff_guard_take(const struct table *kernel,
	const struct table *desired, struct table_ops *take);

#endif
