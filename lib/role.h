/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part that all roles share: a process with a loop, a channel to the
 * supervisor and one to each declared peer.
 *
 * A role is a const struct role_ops.  Its file opens with its peer tables:
 * the whole statement of who may talk to it and what they may say.  Anything
 * else that arrives is counted, logged once a second and dropped.
 *
 * Life of a role: setup (still privileged) - privileges given up - create -
 * restore (what a predecessor left) - prepare, commit - peers come and go -
 * stop.  Peers may appear before or after the first commit.
 *
 * When the supervisor dies, the role stops by itself once the roles in
 * stop_after are gone (so that vrrp resigns before ipvs empties the table),
 * or goes on alone if SETTINGS_LEAVE_STANDING is set.  SIGTERM ends a role
 * with STOP_LEAVE: a role killed by hand is restarted and nothing is lost, and
 * one that goes on alone hands over to the next supervisor's (handover.h), or
 * stops with STOP_CLEAN at SIGUSR1.
 */
#ifndef TANDEM_LIB_ROLE_H
#define TANDEM_LIB_ROLE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/channel.h"
#include "lib/loop.h"
#include "lib/messages.h"
#include "lib/privileges.h"

struct json_object;
struct role;

/* What one peer may say; ends with type 0.  The handler checks the body with
 * its msg_get function and returns 0 or -EBADMSG. */
struct role_handler {
	uint16_t type;
	int (*handle)(void *state, enum role_id peer, struct message *msg);
};

/* Ends with a NULL handlers pointer.  ROLE_SUPERVISOR may be in it: what it
 * says to this role beyond what it says to all. */
struct role_peer {
	enum role_id id;
	const struct role_handler *handlers;
};

struct role_ops {
	enum role_id id;
	const struct role_peer *peers;
	struct privileges privileges;
	unsigned int stop_after; /* bits 1 << role_id */
	/* A copy of its checkpoints is small: it is kept even if nothing says
	 * so at the start, for a reload that says supervisor_death leave. */
	bool keeps_copy;

	/* Still root, before anything from outside was read: sockets that
	 * need it, scheduling, locked memory.  May be NULL.  0 or -errno,
	 * which is logged and survived. */
	int (*setup)(void);

	/* Makes the state, which is passed to all of the following. */
	void *(*create)(struct role *role);
	void (*destroy)(void *state);

	/* One key of the predecessor's checkpoint; may be NULL. */
	void (*restore)(void *state, const char *key, const void *data,
		size_t len);

	/*
	 * Binds generation GENERATION, which FD holds (borrowed; map it, see
	 * config/generation.h), and computes what would change, without
	 * changing anything.  PLAN is an empty JSON array for the changes:
	 * {"action": "add"|"edit"|"remove", "subject": ..., "detail": ...}.
	 * 0, or -errno with *RET_ERROR set to a text that the caller frees.
	 * abort or commit follows, or another prepare.
	 */
	int (*prepare)(void *state, uint32_t generation, int fd, bool dry_run,
		struct json_object *plan, char **ret_error);
	/* Makes the prepared generation the running one and calls
	 * role_committed(), now or later. */
	void (*commit)(void *state, uint32_t generation);
	void (*abort)(void *state);

	/* A notify FIFO of a generation to come, with its descriptor, which
	 * is taken (-1 = could not be opened).  Only the runner has it. */
	void (*fifo)(void *state, uint32_t generation,
		const struct msg_fifo *fifo, int fd);

	/* A channel to a peer is there (again) or gone; may be NULL. */
	void (*peer_up)(void *state, enum role_id peer);
	void (*peer_down)(void *state, enum role_id peer);

	/*
	 * Answers a request that the supervisor passed on; COMMAND is its
	 * "command".  Returns a new reference to the answer, or NULL when the
	 * role has nothing to say.  All roles answer "status" with an object
	 * whose keys are merged into the whole answer; "problems" in it is an
	 * array of texts that an operator must see.
	 */
	struct json_object *(*request)(void *state, const char *command,
		struct json_object *request);

	/* Ends what the role does and calls role_stopped(), now or later. */
	void (*stop)(void *state, enum stop_mode mode);
};

/* What the supervisor passes on the command line of a role. */
struct role_boot {
	int supervisor_fd;
	unsigned int log_targets;
	int log_facility;
	int log_level;
	int log_ring_fd; /* 0 = none */
	struct privileges_ids ids; /* 0 = they are looked up */
	const char *instance; /* in the log's name of the role; NULL = none */
};

/* Exit code of a role that wants to begin anew: it is no death. */
#define ROLE_EXIT_ANEW 75

/* Runs the role to its end and returns the exit code. */
int role_main(const struct role_ops *ops, const struct role_boot *boot);

struct loop *role_loop(struct role *role);
uint32_t role_settings_flags(const struct role *role);
const char *role_runtime_dir(const struct role *role);
/* msg_settings.predecessor_us. */
int64_t role_predecessor_us(const struct role *role);
/* The committed generation, 0 before the first. */
uint32_t role_generation(const struct role *role);

/* Sends to a peer or the supervisor, in the name of GENERATION.  As
 * channel_send(), or -ENOTCONN when the peer is away. */
int role_send(struct role *role, enum role_id peer, uint16_t type,
	uint32_t generation, const struct buf_writer *body, int fd);
bool role_peer_is_up(const struct role *role, enum role_id peer);

void role_committed(struct role *role, uint32_t generation);
/* The first pass over the work is done; repeated calls are harmless. */
void role_ready(struct role *role);
void role_stopped(struct role *role);
/*
 * Within ops->commit, instead of it: ends here, and a successor joins the
 * generation, with the checkpoints and with the privileges of a beginning.
 * WHY is for the log.
 */
void role_begin_anew(struct role *role, const char *why);

/* Within ops->request, which returns NULL then: the answer comes later, with
 * role_answer() and the number that is returned. */
uint32_t role_defer(struct role *role);
/* FD (borrowed) holds the answer as json_to_fd() makes it; or -errno. */
void role_answer(struct role *role, uint32_t request, int fd);

/* Keeps DATA under KEY in the supervisor; LEN 0 forgets the key. */
void role_checkpoint(
	struct role *role, const char *key, const void *data, size_t len);

#endif
