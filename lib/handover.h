/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a role that was left without a supervisor hands to the next one: its
 * checkpoints, in a file that its own supervisor made and gave it.  The file
 * stays empty until the role is told to end.
 *
 * It is believed only by who has just ended that very process, and only if
 * it was written after the order to end: nothing older can be meant.
 */
#ifndef TANDEM_LIB_HANDOVER_H
#define TANDEM_LIB_HANDOVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/messages.h"

struct checkpoint_store;

struct handover_mark {
	enum role_id role;
	pid_t pid;
	uint64_t netns; /* of handover_netns() */
	/* When it was written; of what is expected: not before. */
	int64_t time_us;
	/* Until when somebody did the work: the role itself, or before it was
	 * configured its predecessor.  Nothing is expected of it. */
	int64_t worked_us;
};

/* A number of the network namespace that FD is, or with 0 of our own; 0 when
 * it cannot be known. */
uint64_t handover_netns(int fd);

/* Once to an empty file.  0 or -errno: nobody will believe it then. */
int handover_write(int fd, const struct handover_mark *mark,
	const struct checkpoint_store *store);

/*
 * Fills STORE and *RET_WORKED_US.  0, or with STORE as it was: -ENODATA when
 * nothing was written, -ESTALE when it is not what is EXPECTED, -EPROTO when
 * another version wrote it, -EBADMSG when it is damaged, or what went wrong.
 */
int handover_read(int fd, const struct handover_mark *expected,
	struct checkpoint_store *store, int64_t *ret_worked_us);

/* --- the role's side --- */

struct handover {
	enum role_id role;
	int fd; /* -1 = the role does not stay without a supervisor */
	struct checkpoint_store *store; /* NULL = not all is known */
};

void handover_init(struct handover *h, enum role_id role);
/* A copy of all checkpoints is kept from now on, before the first. */
void handover_begin(struct handover *h);
/* Takes FD, -1 for none. */
void handover_set_file(struct handover *h, int fd);
void handover_keep(
	struct handover *h, const char *key, const void *data, size_t len);
/* The role ends and leaves everything as it is.  WORKED_US is that of the
 * mark; 0 = nobody has worked, or not all is known that was left. */
void handover_end(struct handover *h, int64_t worked_us);
void handover_free(struct handover *h);

#endif
