/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet filters of VRRP: a table of our own in nf_tables, for each family,
 * while there is anything in it.
 *
 * - Reports of multicast groups (IGMP, MLD) that leave by a virtual-MAC
 *   interface leave by the one below instead, and router solicitations do not
 *   leave at all: a switch must not learn the virtual MAC at a backup.
 * - What is for or from an address of an instance with no_accept is dropped,
 *   but for Neighbor Discovery (RFC 9568 6.1, Accept_Mode).
 *
 * The table is written as a whole at first and when its settings change; then
 * its sets are changed in place.  When somebody removes it (`nft flush
 * ruleset`), it is written again.  A table of the same name that is there at
 * the first write is a predecessor's, and replaced in the same transaction.
 */
#ifndef TANDEM_VRRP_FILTER_H
#define TANDEM_VRRP_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/loop.h"
#include "vrrp/filter_plan.h"

struct vrrp_filter;

struct vrrp_filter *vrrp_filter_new(struct loop *loop);
/* Leaves the kernel as it is.  NULL is fine. */
void vrrp_filter_free(struct vrrp_filter *filter);

/* How the tables are; what was written with other settings is replaced by
 * the next set.  TABLE is copied. */
void vrrp_filter_configure(struct vrrp_filter *filter, const char *table,
	int32_t priority, bool counters, bool by_index);
bool vrrp_filter_by_index(const struct vrrp_filter *filter);

/* Makes the kernel have WANT (taken over, and freed later).  Failures are
 * logged and tried again. */
void vrrp_filter_set(struct vrrp_filter *filter, struct vrrp_filter_list *want);

/* The table that is there now, NULL = none; for a successor. */
const char *vrrp_filter_table(const struct vrrp_filter *filter);
/* A predecessor has left TABLE: it is replaced or removed by the next set. */
void vrrp_filter_inherit(struct vrrp_filter *filter, const char *table);

/* What the kernel refuses; 0 = nothing. */
int vrrp_filter_error(const struct vrrp_filter *filter);

#endif
