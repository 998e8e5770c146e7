/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What IPVS has once and not per service: the timeouts of connections and the
 * two connection sync daemons.  Pure.
 *
 * Tandem touches of it what the configuration names.  The timeouts from
 * before are remembered and set again when they are no longer named, and at
 * a stop; sync daemons that were ours are stopped then.
 */
#ifndef TANDEM_IPVS_GLOBALS_H
#define TANDEM_IPVS_GLOBALS_H

#include "ipvs-ctl/diff.h"

struct globals {
	struct table_globals wanted; /* by the configuration */
	/* To be restored; 0 = was never changed. */
	struct table_timeouts before;
	bool owns_daemons;
};

/* Notes what KERNEL has before it is changed.  True: a successor must know
 * before that happens. */
bool globals_prepare(
	struct globals *g, const struct table_globals *kernel);
/* What should be; nothing of ours any more with REMOVING. */
void globals_desired(
	const struct globals *g, bool removing, struct table_globals *ret);
/* All is written: forgets what is restored.  True: tell the successor. */
bool globals_settled(
	struct globals *g, const struct table_globals *kernel);
/* Appends what makes DESIRED of KERNEL. */
void globals_diff(const struct table_globals *kernel,
	const struct table_globals *desired, struct table_ops *ops);

#endif
