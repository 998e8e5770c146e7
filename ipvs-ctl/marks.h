/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables_ipvs: keeps the table that marks packets for groups.
 *
 * A table is replaced as a whole, in one batch, and only when it changes.
 * What is new is marked before IPVS gets its services: a mark that no service
 * has is looked up by address.  What goes is marked until they are written.
 * A table that somebody removes is made again.
 *
 * What an earlier daemon left (it was killed, or ended with -I) goes when IPVS
 * is settled first, if it has our name or is of the family that is not used.
 *
 * Else nothing is opened while the configuration does not have the word, and a
 * kernel that has not loaded nf_tables is not made to.
 */
#ifndef TANDEM_IPVS_MARKS_H
#define TANDEM_IPVS_MARKS_H

#include "ipvs-ctl/ipvs_conf.h"
#include "lib/loop.h"

struct marks;

enum marks_when {
	MARKS_NOW,
	/* A successor: the predecessor's table serves until then. */
	MARKS_WHEN_SETTLED,
};

struct marks *marks_new(struct loop *loop);
void marks_free(struct marks *marks); /* the table stays */

/* What CONF wants from now on. */
void marks_want(
	struct marks *marks, const struct ipvs_conf *conf, enum marks_when when);
/* IPVS holds the services of the last marks_want(). */
void marks_settle(struct marks *marks);
/* Takes the table away. */
void marks_remove(struct marks *marks);
/* What an operator must know, or NULL; borrowed until the next call. */
const char *marks_problem(const struct marks *marks);

#endif
