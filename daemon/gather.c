/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/gather.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

#define GATHER_TIMEOUT_US (2 * USEC_PER_SEC)

struct question {
	struct question *prev;
	struct question *next;
	struct gather *gather;
	uint32_t id;
	struct loop_timer *timer;
	struct gathered answers;
	void (*done)(const struct gathered *answers, void *user_data);
	void *user_data;
};

struct gather {
	struct loop *loop;
	struct roles *roles;
	struct question *questions;
	uint32_t last_id;
};

struct gather *gather_new(struct loop *loop, struct roles *roles)
{
	struct gather *gather = x_new(struct gather, 1);

	gather->loop = loop;
	gather->roles = roles;
	return gather;
}

static void question_free(struct question *q)
{
	unsigned int id;

	DL_DELETE(q->gather->questions, q);
	for (id = 0; id < ROLE_COUNT; id++)
		if (q->answers.fds[id] >= 0)
			close(q->answers.fds[id]);
	loop_timer_free(q->timer);
	x_free(q);
}

void gather_free(struct gather *gather)
{
	while (gather->questions)
		question_free(gather->questions);
	x_free(gather);
}

static void question_check(struct question *q)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (q->answers.states[id] == GATHER_PENDING)
			return;
	q->done(&q->answers, q->user_data);
	question_free(q);
}

static void question_timeout(void *user_data)
{
	struct question *q = user_data;
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (q->answers.states[id] == GATHER_PENDING)
			q->answers.states[id] = GATHER_SILENT;
	question_check(q);
}

static struct question *question_new(struct gather *gather)
{
	struct question *q = x_new(struct question, 1);
	unsigned int id;

	q->gather = gather;
	q->id = ++gather->last_id;
	q->timer = loop_timer_new(gather->loop, question_timeout, q);
	loop_timer_set(q->timer, time_monotonic_us() + GATHER_TIMEOUT_US);
	for (id = 0; id < ROLE_COUNT; id++)
		q->answers.fds[id] = -1;
	DL_APPEND(gather->questions, q);
	return q;
}

/* 0, -ENOTCONN (no such role now) or -EMSGSIZE. */
static int question_send(
	struct question *q, enum role_id id, const char *request)
{
	struct msg_request m = { .id = q->id, .json = request };
	struct buf_writer w = { .data = NULL };
	int err;

	msg_put_request(&w, &m);
	err = roles_send(q->gather->roles, id, MSG_REQUEST, 0, &w, -1);
	buf_writer_free(&w);
	return err;
}

int gather_start(struct gather *gather, const char *request,
	void (*done)(const struct gathered *answers, void *user_data),
	void *user_data)
{
	struct question *q;
	unsigned int id;

	if (strlen(request) + 64 > CHANNEL_BODY_MAX)
		return -EMSGSIZE;
	q = question_new(gather);
	q->done = done;
	q->user_data = user_data;
	for (id = 0; id < ROLE_COUNT; id++)
		if (roles_alive(gather->roles) & (1u << id) &&
			question_send(q, (enum role_id)id, request) == 0)
			q->answers.states[id] = GATHER_PENDING;
	question_check(q);
	return 0;
}

void gather_on_answer(
	struct gather *gather, enum role_id id, struct message *msg)
{
	struct question *q;
	struct msg_answer m;

	if (msg_get_answer(&msg->body, &m) < 0)
		return;
	DL_FOREACH (gather->questions, q)
		if (q->id == m.id)
			break;
	if (!q || q->answers.states[id] != GATHER_PENDING)
		return;
	q->answers.states[id] = GATHER_ANSWERED;
	q->answers.fds[id] = message_take_fd(msg);
	question_check(q);
}

void gather_on_lost(struct gather *gather, enum role_id id)
{
	struct question *q;
	struct question *next;

	DL_FOREACH_SAFE (gather->questions, q, next) {
		if (q->answers.states[id] != GATHER_PENDING)
			continue;
		q->answers.states[id] = GATHER_DIED;
		question_check(q);
	}
}
