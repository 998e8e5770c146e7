/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer to `reload` and `plan`:
 * {"ok", "generation", "duration_ms", "plan": [{"role", "action", "subject",
 * "detail"}], "diagnostics": [...]}, or with "error" and "role" in it.  A
 * diagnostic is as in `tandemd -t --json`, with "source", the line, and
 * "length", that of what is marked in it, where the line may be shown.
 */
#ifndef TANDEM_DAEMON_RELOAD_ANSWER_H
#define TANDEM_DAEMON_RELOAD_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/worker.h"
#include "lib/messages.h"

struct generation;
struct json_object;

struct reload_report {
	const char *error;   /* NULL = it went well */
	enum role_id role;   /* who said so; the supervisor = the file itself */
	uint32_t generation; /* 0 = none */
	bool dry_run;
	int64_t duration_us;
	int diags_fd;	     /* -1 = none */
	const int *plan_fds; /* by role id, or NULL */
	/* For the supervisor's own part of the plan; may be NULL. */
	const struct generation *former;
	const struct generation *next;
};

/* A new reference. */
struct json_object *reload_answer_build(const struct reload_report *report);

/* Builds it in a worker and gives it to each client; ANSWER owns the
 * descriptor.  Borrows REPORT during the call only. */
void reload_answer_send(struct workers *workers,
	const struct reload_report *report, const uint64_t *clients,
	unsigned int n_clients,
	void (*answer)(uint64_t client, int fd, void *user_data),
	void *user_data);

#endif
