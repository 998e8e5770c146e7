/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of the model: the log, what a successor must know, and scripts. */
#include <string.h>
#include <utlist.h>

#include "ipvs-ctl/kept.h"
#include "ipvs-ctl/role_internal.h"
#include "lib/event_sender.h"
#include "lib/log.h"
#include "lib/mem.h"

#define IPVS_RUNS_MAX 4096

static void drop_run(struct ipvs_role *r, struct ipvs_run *run)
{
	DL_DELETE(r->runs, run);
	r->n_runs--;
	x_free(run->subject);
	x_free(run);
}

static int send_run(struct ipvs_role *r, const struct ipvs_run *run)
{
	struct msg_run m = {
		.id = ++r->next_run,
		.node = run->node,
		.subject = run->subject,
	};
	struct buf_writer w = { .data = NULL };
	int err;

	msg_put_run(&w, &m);
	err = role_send(r->role, ROLE_RUNNER, MSG_RUN, run->generation, &w,
		-1);
	buf_writer_free(&w);
	return err;
}

/* Sends what waits, as far as the runner takes it. */
void ipvs_role_flush_runs(struct ipvs_role *r)
{
	while (r->runs && send_run(r, r->runs) == 0)
		drop_run(r, r->runs);
}

/* Takes SUBJECT. */
static void queue_run(struct ipvs_role *r, uint32_t node, char *subject)
{
	static struct log_limit limit;
	struct ipvs_run *run;

	if (r->n_runs >= IPVS_RUNS_MAX) {
		r->lost_runs++;
		log_limited(&limit, LOG_LEVEL_WARNING,
			"%s: its script is lost, the runner takes none",
			subject);
		x_free(subject);
		return;
	}
	run = x_new(struct ipvs_run, 1);
	run->generation = r->running->number;
	run->node = node;
	run->subject = subject;
	DL_APPEND(r->runs, run);
	r->n_runs++;
}

static void log_change(
	const struct model_change *change, const char *subject)
{
	const char *from;
	const char *to;

	if (change->from == change->to)
		return;
	if (change->server) {
		from = model_server_state_name(
			(enum model_server_state)change->from);
		to = model_server_state_name(
			(enum model_server_state)change->to);
	} else {
		from = model_service_state_name(
			(enum model_service_state)change->from);
		to = model_service_state_name(
			(enum model_service_state)change->to);
	}
	log_notice("%s: %s -> %s (%s)", subject, from, to,
		reason_text(change->reason));
}

void ipvs_role_handle_changes(struct ipvs_role *r, struct model_changes *changes)
{
	size_t i;

	for (i = 0; i < changes->n; i++) {
		const struct model_change *change = &changes->items[i];
		char *subject = ipvs_role_subject(change->service, change->server);

		log_change(change, subject);
		if (change->from != change->to)
			kept_say(change->service, change->server, ipvs_role_put_kept, r);
		if (change->script)
			queue_run(r, change->script->node, subject);
		else
			x_free(subject);
	}
	for (i = 0; i < changes->n_events; i++)
		event_sender_put(r->events, r->running->number,
			&changes->events[i]);
	model_changes_free(changes);
	event_sender_flush(r->events);
	ipvs_role_flush_runs(r);
}
void ipvs_role_drop_runs(struct ipvs_role *r)
{
	while (r->runs)
		drop_run(r, r->runs);
}
