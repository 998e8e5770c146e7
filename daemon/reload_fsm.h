/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transaction that gives a generation to roles.  Pure.
 *
 * All participants prepare at once; when the last has agreed they commit one
 * after the other in the order given.  Before the first commit anything that
 * goes wrong aborts all of them; after it there is no way back, and a
 * participant that dies is passed over: its next incarnation joins with the
 * new generation.
 */
#ifndef TANDEM_DAEMON_RELOAD_FSM_H
#define TANDEM_DAEMON_RELOAD_FSM_H

#include <stdbool.h>

#include "lib/messages.h"

#define RELOAD_ROLE(id) (1u << (id))

enum reload_phase {
	RELOAD_IDLE,
	RELOAD_PREPARING,
	RELOAD_COMMITTING,
};

enum reload_outcome {
	RELOAD_RUNNING, /* not finished */
	RELOAD_COMMITTED,
	RELOAD_PLANNED,	  /* dry run: all prepared, then aborted */
	RELOAD_REFUSED,	  /* a participant answered with an error */
	RELOAD_ROLE_LOST, /* a participant died while preparing */
	RELOAD_TIMED_OUT,
};

struct reload_fsm {
	enum reload_phase phase;
	bool dry_run;
	unsigned int participants; /* bits RELOAD_ROLE(id) */
	unsigned int waiting;	   /* participants whose answer is awaited */
	const enum role_id *order; /* borrowed */
	unsigned int n_order;
	unsigned int next; /* in order */
};

/* What the caller sends after a step. */
struct reload_actions {
	unsigned int prepare; /* bits */
	unsigned int abort;   /* bits */
	unsigned int commit;  /* at most one bit */
	unsigned int kill;    /* bits: did not commit in time */
	enum reload_outcome outcome;
};

/* ORDER has each possible participant once and stays valid. */
struct reload_actions reload_fsm_start(struct reload_fsm *fsm,
	unsigned int participants, bool dry_run, const enum role_id *order,
	unsigned int n_order);

/* An answer of a role that is not awaited changes nothing. */
struct reload_actions reload_fsm_prepared(
	struct reload_fsm *fsm, enum role_id role, bool ok);
struct reload_actions reload_fsm_committed(
	struct reload_fsm *fsm, enum role_id role);
struct reload_actions reload_fsm_lost(
	struct reload_fsm *fsm, enum role_id role);
/* Preparing is given up; a commit that hangs costs the role its life. */
struct reload_actions reload_fsm_timeout(struct reload_fsm *fsm);
/* The daemon stops: nothing more is asked of anybody, no outcome is told.  A
 * role that committed last may not be followed by the next one, for that one
 * may be stopping already. */
void reload_fsm_cancel(struct reload_fsm *fsm);

#endif
