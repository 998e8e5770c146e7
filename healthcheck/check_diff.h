/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of each check at a reload.
 *
 * Pure.  For each entry of the new set: the same as before, the same with
 * other timing, in the place of another (same kind and target), or new.  The
 * plan and the commit are both made from this.
 */
#ifndef TANDEM_HEALTHCHECK_CHECK_DIFF_H
#define TANDEM_HEALTHCHECK_CHECK_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "healthcheck/check_set.h"

enum check_fate {
	CHECK_NEW,
	CHECK_KEPT,
	CHECK_RETIMED, /* keeps verdict and counts */
	CHECK_REPLACES, /* takes over the verdict until its own first run */
};

struct check_change {
	enum check_fate fate;
	size_t old; /* entry of the old set, unless CHECK_NEW */
};

struct check_diff {
	struct check_change *changes; /* one for each new entry */
	bool *claimed; /* one for each old entry: it lives on */
};

/* OLD may be NULL. */
struct check_diff check_diff_make(
	const struct check_set *old, const struct check_set *set);
void check_diff_free(struct check_diff *diff);

#endif
