/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracking: what the state of interfaces, scripts and files means for an instance.
 *
 * Pure arithmetic.  The shell has one struct vrrp_tracked for each object
 * (interface, script), however many instances track it, and evaluates the
 * instances that do when it changes.
 */
#ifndef TANDEM_VRRP_TRACK_H
#define TANDEM_VRRP_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/reason.h"

enum vrrp_track_kind {
	VRRP_TRACK_INTERFACE,
	VRRP_TRACK_SCRIPT,
	VRRP_TRACK_FILE,
	VRRP_TRACK_BFD,
	VRRP_TRACK_PROCESS,
};

/* "interface", "script" ... */
const char *vrrp_track_kind_name(enum vrrp_track_kind kind);

enum vrrp_track_status {
	VRRP_TRACK_PENDING, /* no result yet */
	VRRP_TRACK_UP,
	VRRP_TRACK_DOWN,
};

struct vrrp_tracked {
	enum vrrp_track_kind kind;
	enum vrrp_track_status status;
	/* Scripts: results in a row that are needed, and had, against the
	 * present status. */
	unsigned int rise;
	unsigned int fall;
	unsigned int in_a_row;
	/* Files: the number that counts, times the weight. */
	int64_t value;
};

/* init_fail: a script counts as failed until it succeeded RISE times;
 * otherwise its first result counts at once. */
void vrrp_tracked_init_script(struct vrrp_tracked *tracked, unsigned int rise,
	unsigned int fall, bool init_fail);
void vrrp_tracked_init_interface(struct vrrp_tracked *tracked, bool up);

/* What others find out: BFD sessions, processes, interfaces. */
void vrrp_tracked_init_status(struct vrrp_tracked *tracked,
	enum vrrp_track_kind kind, enum vrrp_track_status status);
/* True when the status changed. */
bool vrrp_tracked_set_status(
	struct vrrp_tracked *tracked, enum vrrp_track_status status);

/* A script has run.  True when the status changed. */
bool vrrp_tracked_script_result(struct vrrp_tracked *tracked, bool ok);
/* True when the status changed. */
bool vrrp_tracked_set_interface(struct vrrp_tracked *tracked, bool up);

/* A file, whose number is within 32 bits.  True when it changed. */
void vrrp_tracked_init_file(struct vrrp_tracked *tracked, int64_t value);
bool vrrp_tracked_set_value(struct vrrp_tracked *tracked, int64_t value);

/* One instance tracks one object. */
struct vrrp_track_ref {
	const struct vrrp_tracked *object;
	/* -253..253, of files -254..254; 0 = no weight: its failure, or any
	 * number but 0 in a file, is a FAULT */
	int weight;
	bool reverse;
};

struct vrrp_track_result {
	uint8_t priority; /* effective */
	bool fault; /* VRRP_FAULT_TRACK */
	enum reason reason; /* of the fault */
	/* An object without weight had no result yet: do not start. */
	bool pending;
};

/*
 * BASE is the configured priority.  A positive weight is added while the
 * object is up, a negative one while it is down; reverse turns its sign.  The
 * sum stays in 1..254; an address owner (255) keeps its priority.  A file adds
 * its number times the weight; a product below -253 is a fault.
 * IGNORE_WEIGHTS: member of a sync group without sync_group_tracking_weight.
 */
struct vrrp_track_result vrrp_track_evaluate(uint8_t base,
	const struct vrrp_track_ref *refs, size_t n_refs, bool ignore_weights);

#endif
