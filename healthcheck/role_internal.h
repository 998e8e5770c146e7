/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the healthcheck role, shared by its files and nobody else.
 */
#ifndef TANDEM_HEALTHCHECK_ROLE_INTERNAL_H
#define TANDEM_HEALTHCHECK_ROLE_INTERNAL_H

#include "healthcheck/check_store.h"
#include "healthcheck/check_table.h"
#include "lib/role.h"

struct json_object;

/* Requests for a status that may wait. */
#define HEALTHCHECK_WAITING_MAX 8

struct healthcheck {
	struct role *role;
	struct probe_engine *engine;
	struct check_table *table;
	struct check_store *store; /* of a predecessor, until a commit */
	struct check_set *prepared;

	/* changes that ipvs does not know yet */
	struct check **pending;
	size_t n_pending;
	size_t pending_capacity;
	bool snapshot_due;
	struct loop_timer *report_timer;

	bool dirty[CHECK_STORE_BUCKETS];
	struct loop_timer *save_timer;
	bool save_armed;

	struct status_job *status_job; /* NULL = nobody asks */
	uint32_t asked[HEALTHCHECK_WAITING_MAX]; /* for it, and then */
	size_t n_asked;

	struct file_checks *files; /* of FILE_CHECK */
	struct bfd_checks *bfd; /* of BFD_CHECK */
	struct loop_timer *bfd_timer; /* looks whether vrrp is there */
	struct suspend *suspend; /* of ha_suspend */

	bool has_scripts;
	bool mark_denied;
	bool gave_up_raw; /* CAP_NET_RAW, which it had */
	size_t n_lost;
};

/* --- role_report.c --- */

/* Everything that is known, then the word that this is all. */
void healthcheck_send_snapshot(struct healthcheck *hc);
/* Tells the change of CHECK with the others of this turn of the loop. */
void healthcheck_add_pending(struct healthcheck *hc, struct check *check);
/* Before the checks are others: nothing is to be told. */
void healthcheck_forget_pending(struct healthcheck *hc);
/* Tells what is to be told; USER_DATA is the role. */
void healthcheck_on_report_timer(void *user_data);

/* --- role_status.c --- */

/* The request of role_ops: status and explain. */
struct json_object *healthcheck_request(
	void *state, const char *command, struct json_object *request);

#endif
