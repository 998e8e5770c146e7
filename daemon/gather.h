/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question to all roles.  A role that does not answer in time, or is not
 * there, yields a note instead of an answer: nothing hangs with it.
 */
#ifndef TANDEM_DAEMON_GATHER_H
#define TANDEM_DAEMON_GATHER_H

#include "daemon/roles.h"

enum gather_state {
	GATHER_ABSENT, /* the role does not run */
	GATHER_PENDING,
	GATHER_ANSWERED,
	GATHER_SILENT, /* no answer in time */
	GATHER_DIED,   /* while it was asked */
};

/* By role id; a descriptor (JSON, sealed memfd) only where answered. */
struct gathered {
	enum gather_state states[ROLE_COUNT];
	int fds[ROLE_COUNT];
};

struct gather;

struct gather *gather_new(struct loop *loop, struct roles *roles);
void gather_free(struct gather *gather); /* DONE is not called */

/* REQUEST is JSON text with "command".  DONE is called once, possibly before
 * this returns; it borrows ANSWERS.  0, or -EMSGSIZE. */
int gather_start(struct gather *gather, const char *request,
	void (*done)(const struct gathered *answers, void *user_data),
	void *user_data);

void gather_on_answer(
	struct gather *gather, enum role_id id, struct message *msg);
void gather_on_lost(struct gather *gather, enum role_id id);

#endif
