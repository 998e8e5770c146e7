/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the roles tell, made into lines and given to who wants them.
 */
#ifndef TANDEM_RUNNER_EVENTS_H
#define TANDEM_RUNNER_EVENTS_H

#include <stdint.h>

#include "lib/log.h"
#include "lib/role.h"
#include "runner/fifos.h"
#include "runner/mailer.h"
#include "runner/script_table.h"

struct json_object;

struct events_counters {
	uint64_t told;
	uint64_t stale; /* of a generation long gone, as after a restart */
	uint64_t unknown; /* of no generation or node that there is */
	uint64_t lost;	  /* by who sent them */
};

struct events {
	struct fifos *fifos;
	struct mailer *mailer;
	struct events_counters counters;
	struct log_limit limit;
};

/* Takes the body of MSG_EVENTS from PEER; TABLE is that of its generation, or
 * NULL, which is nothing to worry about for one that is PAST.  0 or
 * -EBADMSG. */
int events_take(struct events *events, enum role_id peer,
	struct script_table *table, bool past, struct buf_reader *body);

/* {told, stale, unknown, lost}; what an operator must know goes to PROBLEMS.  A new
 * reference. */
struct json_object *events_status(
	const struct events *events, struct json_object *problems);

#endif
