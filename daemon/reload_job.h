/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One start, reload or plan, who asked for it and what they are told.
 */
#ifndef TANDEM_DAEMON_RELOAD_JOB_H
#define TANDEM_DAEMON_RELOAD_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/transaction.h"
#include "daemon/worker.h"

#define RELOAD_CLIENTS_MAX 64

struct generation;

enum reload_kind {
	RELOAD_KIND_FIRST,
	RELOAD_KIND_RELOAD,
	RELOAD_KIND_PLAN,
};

struct reload_job {
	struct reload_job *prev;
	struct reload_job *next;
	enum reload_kind kind;
	char *file;
	char *marker; /* reload_file; NULL = none */
	uint64_t clients[RELOAD_CLIENTS_MAX];
	unsigned int n_clients;
	int diags_fd;
	struct generation *candidate;
	unsigned int tries;
	bool again; /* read for the second time, see RELOAD_AGAIN */
	int64_t began_us;
};

struct reload_job *reload_job_new(enum reload_kind kind, const char *file);
/* JOB may be NULL; it owns its candidate and its diagnostics. */
void reload_job_free(struct reload_job *job);
/* CLIENT 0 is nobody.  0 or -EBUSY. */
int reload_job_add_client(struct reload_job *job, uint64_t client);
/* "start", "reload" or "plan". */
const char *reload_job_name(const struct reload_job *job);

/* ERROR, RESULT and FORMER, which ran before, may be NULL.  A worker makes the
 * answer, of which each client gets a copy: ANSWER takes FD. */
void reload_job_answer(const struct reload_job *job, struct workers *workers,
	const char *error, const struct transaction_result *result,
	const struct generation *former,
	void (*answer)(uint64_t client, int fd, void *user_data),
	void *user_data);
/* That the daemon stops; at once, without a worker: the loop may end soon. */
void reload_job_tell_stop(struct reload_job *job,
	void (*answer)(uint64_t client, int fd, void *user_data),
	void *user_data);

#endif
