/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be asked at the control socket:
 *
 *   {"command":"status"}
 *   {"command":"show","what":"vrrp"|"services"|"roles"|"config"|"log"}
 *   (config: also "origin", "defaults", "text_only":true, see show_config.h)
 *   {"command":"explain","subject":TEXT}
 *   {"command":"plan"} or {"command":"plan","file":ABSOLUTE PATH}
 *   {"command":"reload"}
 *
 * status and show answer with the keys of the JSON contract; plan and reload
 * as in reload_answer.h, after all roles have agreed or one has refused.
 * Whatever cannot be done answers {"error":TEXT}.  plan and reload are for
 * root and for the uid that the supervisor runs as.
 */
#ifndef TANDEM_DAEMON_REQUESTS_H
#define TANDEM_DAEMON_REQUESTS_H

#include <sys/types.h>

#include "daemon/reload.h"
#include "daemon/roles.h"
#include "daemon/worker.h"

struct control;
struct gather;
struct requests;

/* Borrows all of them. */
struct requests_context {
	struct loop *loop;
	struct workers *workers;
	struct roles *roles;
	struct gather *gather;
	struct reload *reload;
	struct control *control; /* may be set later */
	const char *runtime_dir;
	const char *file;
	int64_t started_us;
};

struct requests *requests_new(const struct requests_context *context);
void requests_free(struct requests *requests);
void requests_set_control(struct requests *requests, struct control *control);

/* Until the next call, all wait for the script of this keyword; NULL = for
 * none.  Borrowed. */
void requests_set_waits(struct requests *requests, const char *keyword);

/* One line of a client of CONTROL. */
void requests_handle(struct requests *requests, uint64_t client, uid_t uid,
	const char *line);

enum dump_kind {
	DUMP_DATA,  /* everything, for people */
	DUMP_STATS, /* counters of VRRP */
	DUMP_JSON,  /* VRRP, as keepalived has it */
};

/* Writes a file (dump.h), later; CLEAR sets the counters to zero then. */
void requests_dump(
	struct requests *requests, enum dump_kind kind, bool clear);
/* All that is known, to PATH, which is taken. */
void requests_dump_to(struct requests *requests, char *path);

#endif
