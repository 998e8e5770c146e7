/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling ipvs the states of the checks. */
#include <errno.h>

#include "healthcheck/role_internal.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* After a full queue everything is said again. */
#define SNAPSHOT_RETRY_US (1 * USEC_PER_SEC)

static bool is_known(const struct check *check)
{
	return check->verdict.state != VERDICT_UNKNOWN;
}

struct report {
	struct healthcheck *hc;
	struct buf_writer body;
	uint32_t count;
	int err;
};

static void report_send(struct report *report, bool last)
{
	struct healthcheck *hc = report->hc;
	struct buf_writer w = { .data = NULL };
	int err;

	msg_begin_check_states(&w, last, report->count);
	buf_put_bytes(&w, report->body.data, report->body.len);
	err = role_send(hc->role, ROLE_IPVS, MSG_CHECK_STATES,
		check_table_set(hc->table)->generation, &w, -1);
	if (err)
		report->err = err;
	buf_writer_free(&w);
	buf_writer_reset(&report->body);
	report->count = 0;
}

static void report_add(struct report *report, const struct check *check)
{
	const struct check_entry *entry = check->entry;
	uint32_t i;

	for (i = 0; i < entry->n_users; i++) {
		const struct msg_check_state state = {
			.server_node = entry->users[i]->server->node,
			.check_node = entry->users[i]->node,
			.state = check->verdict.state == VERDICT_UP ?
				CHECK_STATE_UP :
				CHECK_STATE_DOWN,
			.reason = check->verdict.reason,
			.weight = check->weight,
			.adds = entry->config->kind == CHECK_KIND_FILE,
		};

		msg_put_check_state(&report->body, &state);
		if (++report->count == MSG_CHECK_STATES_MAX)
			report_send(report, false);
	}
}

void healthcheck_forget_pending(struct healthcheck *hc)
{
	size_t i;

	for (i = 0; i < hc->n_pending; i++)
		hc->pending[i]->reported = false;
	hc->n_pending = 0;
}

void healthcheck_send_snapshot(struct healthcheck *hc)
{
	struct report report = { .hc = hc };
	size_t i;

	healthcheck_forget_pending(hc);
	hc->snapshot_due = false;
	if (!check_table_set(hc->table) ||
		!role_peer_is_up(hc->role, ROLE_IPVS))
		return;
	for (i = 0; i < check_table_count(hc->table); i++)
		if (is_known(check_table_get(hc->table, i)))
			report_add(&report, check_table_get(hc->table, i));
	report_send(&report, true);
	buf_writer_free(&report.body);
	if (report.err == -ENOBUFS) {
		hc->snapshot_due = true;
		loop_timer_set(hc->report_timer,
			time_monotonic_us() + SNAPSHOT_RETRY_US);
	}
}

static void send_changes(struct healthcheck *hc)
{
	struct report report = { .hc = hc };
	size_t i;

	for (i = 0; i < hc->n_pending; i++)
		if (is_known(hc->pending[i]))
			report_add(&report, hc->pending[i]);
	healthcheck_forget_pending(hc);
	if (report.count)
		report_send(&report, false);
	buf_writer_free(&report.body);
	if (report.err == -ENOBUFS) {
		hc->snapshot_due = true;
		loop_timer_set(hc->report_timer,
			time_monotonic_us() + SNAPSHOT_RETRY_US);
	}
}

void healthcheck_on_report_timer(void *user_data)
{
	struct healthcheck *hc = user_data;

	if (hc->snapshot_due)
		healthcheck_send_snapshot(hc);
	else
		send_changes(hc);
}

void healthcheck_add_pending(struct healthcheck *hc, struct check *check)
{
	if (check->reported || hc->snapshot_due)
		return;
	if (hc->n_pending == hc->pending_capacity) {
		hc->pending_capacity =
			hc->pending_capacity ? hc->pending_capacity * 2 : 64;
		hc->pending = x_realloc(hc->pending, hc->pending_capacity,
			sizeof(*hc->pending));
	}
	/* What changes in one turn of the loop goes out together. */
	if (!hc->n_pending)
		loop_timer_set(hc->report_timer, time_monotonic_us());
	check->reported = true;
	hc->pending[hc->n_pending++] = check;
}
