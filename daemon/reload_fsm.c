/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/reload_fsm.h"

static struct reload_actions reload_finish(
	struct reload_fsm *fsm, enum reload_outcome outcome, unsigned int abort)
{
	struct reload_actions actions = { .abort = abort, .outcome = outcome };

	fsm->phase = RELOAD_IDLE;
	fsm->waiting = 0;
	return actions;
}

/* The next participant in order, or the end. */
static struct reload_actions reload_next(struct reload_fsm *fsm)
{
	struct reload_actions actions = { .outcome = RELOAD_RUNNING };

	while (fsm->next < fsm->n_order) {
		unsigned int bit = RELOAD_ROLE(fsm->order[fsm->next++]);

		if (!(fsm->participants & bit))
			continue;
		fsm->waiting = bit;
		actions.commit = bit;
		return actions;
	}
	return reload_finish(fsm, RELOAD_COMMITTED, 0);
}

static struct reload_actions reload_all_prepared(struct reload_fsm *fsm)
{
	if (fsm->dry_run)
		return reload_finish(fsm, RELOAD_PLANNED, fsm->participants);
	fsm->phase = RELOAD_COMMITTING;
	fsm->next = 0;
	return reload_next(fsm);
}

struct reload_actions reload_fsm_start(struct reload_fsm *fsm,
	unsigned int participants, bool dry_run, const enum role_id *order,
	unsigned int n_order)
{
	struct reload_actions actions = {
		.prepare = participants,
		.outcome = RELOAD_RUNNING,
	};

	*fsm = (struct reload_fsm){
		.phase = RELOAD_PREPARING,
		.dry_run = dry_run,
		.participants = participants,
		.waiting = participants,
		.order = order,
		.n_order = n_order,
	};
	if (!participants)
		return reload_all_prepared(fsm);
	return actions;
}

struct reload_actions reload_fsm_prepared(
	struct reload_fsm *fsm, enum role_id role, bool ok)
{
	struct reload_actions nothing = { .outcome = RELOAD_RUNNING };

	if (fsm->phase != RELOAD_PREPARING ||
		!(fsm->waiting & RELOAD_ROLE(role)))
		return nothing;
	if (!ok)
		return reload_finish(fsm, RELOAD_REFUSED, fsm->participants);
	fsm->waiting &= ~RELOAD_ROLE(role);
	return fsm->waiting ? nothing : reload_all_prepared(fsm);
}

struct reload_actions reload_fsm_committed(
	struct reload_fsm *fsm, enum role_id role)
{
	struct reload_actions nothing = { .outcome = RELOAD_RUNNING };

	if (fsm->phase != RELOAD_COMMITTING ||
		!(fsm->waiting & RELOAD_ROLE(role)))
		return nothing;
	return reload_next(fsm);
}

struct reload_actions reload_fsm_lost(struct reload_fsm *fsm, enum role_id role)
{
	struct reload_actions nothing = { .outcome = RELOAD_RUNNING };
	unsigned int bit = RELOAD_ROLE(role);

	if (fsm->phase == RELOAD_IDLE || !(fsm->participants & bit))
		return nothing;
	fsm->participants &= ~bit;
	if (fsm->phase == RELOAD_PREPARING)
		return reload_finish(fsm, RELOAD_ROLE_LOST, fsm->participants);
	return fsm->waiting & bit ? reload_next(fsm) : nothing;
}

void reload_fsm_cancel(struct reload_fsm *fsm)
{
	fsm->phase = RELOAD_IDLE;
	fsm->waiting = 0;
	fsm->participants = 0;
}

struct reload_actions reload_fsm_timeout(struct reload_fsm *fsm)
{
	struct reload_actions actions = { .outcome = RELOAD_RUNNING };

	if (fsm->phase == RELOAD_PREPARING)
		return reload_finish(fsm, RELOAD_TIMED_OUT, fsm->participants);
	if (fsm->phase == RELOAD_COMMITTING)
		actions.kill = fsm->waiting;
	return actions;
}
