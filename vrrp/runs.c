/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/runs.h"

#include <errno.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"

/* Notifications kept for a runner that is away. */
#define RUNS_WAITING_MAX 4096

/* One that was sent. */
struct run {
	uint64_t id;
	vrrp_run_done_fn *done; /* NULL = a notification */
	void *user_data;
	char *subject;
	UT_hash_handle hh;
};

/* One that waits. */
struct waiting {
	struct waiting *prev;
	struct waiting *next;
	uint32_t generation;
	char *subject;
	struct buf_writer body;
};

struct vrrp_runs {
	struct role *role;
	uint32_t generation;
	uint64_t last_id;
	struct run *sent;
	struct waiting *waiting;
	size_t n_waiting;
	struct log_limit limit;
};

size_t vrrp_runs_waiting(const struct vrrp_runs *runs)
{
	return runs->n_waiting;
}

void vrrp_runs_set_generation(struct vrrp_runs *runs, uint32_t generation)
{
	runs->generation = generation;
}

static void run_free(struct vrrp_runs *runs, struct run *run)
{
	HASH_DELETE(hh, runs->sent, run);
	x_free(run->subject);
	x_free(run);
}

static void run_remember(struct vrrp_runs *runs, uint64_t id,
	const char *subject, vrrp_run_done_fn *done, void *user_data)
{
	struct run *run = x_new(struct run, 1);

	run->id = id;
	run->done = done;
	run->user_data = user_data;
	run->subject = x_strdup(subject);
	HASH_ADD(hh, runs->sent, id, sizeof(run->id), run);
}

static int send_body(struct vrrp_runs *runs, uint32_t generation,
	const struct buf_writer *body)
{
	return role_send(
		runs->role, ROLE_RUNNER, MSG_RUN, generation, body, -1);
}

uint64_t vrrp_runs_start(struct vrrp_runs *runs, const struct msg_run *run,
	vrrp_run_done_fn *done, void *user_data)
{
	struct buf_writer body = { .data = NULL };
	struct msg_run numbered = *run;
	int err;

	numbered.id = ++runs->last_id;
	msg_put_run(&body, &numbered);
	err = send_body(runs, runs->generation, &body);
	buf_writer_free(&body);
	if (err)
		return 0;
	run_remember(runs, numbered.id, run->subject, done, user_data);
	return numbered.id;
}

static void ignore_result(const struct msg_ran *ran, void *user_data)
{
	(void)ran;
	(void)user_data;
}

void vrrp_runs_forget(struct vrrp_runs *runs, uint64_t id)
{
	struct run *run;

	HASH_FIND(hh, runs->sent, &id, sizeof(id), run);
	if (run)
		run->done = ignore_result;
}

/* --- notifications --- */

static void waiting_free(struct vrrp_runs *runs, struct waiting *w)
{
	DL_DELETE(runs->waiting, w);
	runs->n_waiting--;
	buf_writer_free(&w->body);
	x_free(w->subject);
	x_free(w);
}

static void flush(struct vrrp_runs *runs)
{
	struct waiting *w;
	struct buf_reader r;
	uint64_t id;

	while ((w = runs->waiting)) {
		if (send_body(runs, w->generation, &w->body) < 0)
			return;
		/* The number is the first field of the body. */
		buf_reader_init(&r, w->body.data, w->body.len);
		id = buf_get_u64(&r);
		run_remember(runs, id, w->subject, NULL, NULL);
		waiting_free(runs, w);
	}
}

void vrrp_runs_notify(struct vrrp_runs *runs, const struct msg_run *run)
{
	struct msg_run numbered = *run;
	struct waiting *w;

	if (runs->n_waiting == RUNS_WAITING_MAX) {
		log_limited(&runs->limit, LOG_LEVEL_ERROR,
			"%s: notify script not run: too many wait for the "
			"runner",
			run->subject);
		return;
	}
	w = x_new(struct waiting, 1);
	numbered.id = ++runs->last_id;
	w->generation = runs->generation;
	w->subject = x_strdup(run->subject);
	msg_put_run(&w->body, &numbered);
	DL_APPEND(runs->waiting, w);
	runs->n_waiting++;
	flush(runs);
}

static void log_result(const struct run *run, const struct msg_ran *ran)
{
	switch (ran->outcome) {
	case RUN_EXITED:
		if (ran->value)
			log_warning("%s: notify script exited with status %d",
				run->subject, ran->value);
		return;
	case RUN_SIGNALED:
		log_warning("%s: notify script died of signal %d", run->subject,
			ran->value);
		return;
	case RUN_TIMED_OUT:
		log_warning("%s: notify script took too long and was ended",
			run->subject);
		return;
	case RUN_NOT_RUN:
		log_error("%s: notify script could not be run: %s",
			run->subject, strerror(ran->value));
		return;
	}
}

int vrrp_runs_on_ran(struct vrrp_runs *runs, struct message *msg)
{
	vrrp_run_done_fn *done;
	struct msg_ran ran;
	struct run *run;
	void *user_data;

	if (msg_get_ran(&msg->body, &ran) < 0)
		return -EBADMSG;
	HASH_FIND(hh, runs->sent, &ran.id, sizeof(ran.id), run);
	if (!run)
		return 0; /* asked by our predecessor */
	done = run->done;
	user_data = run->user_data;
	if (!done)
		log_result(run, &ran);
	run_free(runs, run);
	if (done)
		done(&ran, user_data);
	return 0;
}

void vrrp_runs_runner_up(struct vrrp_runs *runs)
{
	flush(runs);
}

void vrrp_runs_runner_down(struct vrrp_runs *runs)
{
	struct run *run, *next;
	vrrp_run_done_fn *done;
	void *user_data;

	HASH_ITER (hh, runs->sent, run, next) {
		done = run->done;
		user_data = run->user_data;
		if (!done)
			log_warning("%s: the runner died; it is not known "
				    "whether the notify script ran",
				run->subject);
		run_free(runs, run);
		if (done)
			done(NULL, user_data);
	}
}

struct vrrp_runs *vrrp_runs_new(struct role *role)
{
	struct vrrp_runs *runs = x_new(struct vrrp_runs, 1);

	runs->role = role;
	return runs;
}

void vrrp_runs_free(struct vrrp_runs *runs)
{
	struct run *run, *next;

	if (!runs)
		return;
	while (runs->waiting)
		waiting_free(runs, runs->waiting);
	HASH_ITER (hh, runs->sent, run, next)
		run_free(runs, run);
	x_free(runs);
}
