/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ha_suspend: lets the checks of a service rest while none of its addresses
 * is on this host.  A check that several services share rests when it does
 * for all of them.
 *
 * The kernel tells of addresses by rtnetlink, which takes no permission; it
 * is asked only while the configuration has the word.  Without an answer no
 * check rests.
 */
#ifndef TANDEM_HEALTHCHECK_SUSPEND_H
#define TANDEM_HEALTHCHECK_SUSPEND_H

#include "healthcheck/check_table.h"

struct suspend;

/* TABLE must outlive it. */
struct suspend *suspend_new(struct loop *loop, struct check_table *table);
void suspend_free(struct suspend *suspend);

/* The table has another set. */
void suspend_apply(struct suspend *suspend);

#endif
