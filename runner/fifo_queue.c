/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/fifo_queue.h"

#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "lib/mem.h"

struct line {
	struct line *prev; /* all lines, in their order */
	struct line *next;
	struct line *old_prev; /* those that are old news */
	struct line *old_next;
	UT_hash_handle hh; /* the last one of each subject */
	uint64_t id;
	size_t subject_len;
	size_t len;
	bool old;
	char text[];
};

struct fifo_queue {
	struct line *lines;
	struct line *old;
	struct line *last; /* hash by subject */
	size_t n;
	size_t max;
	size_t written; /* bytes of the first line */
};

struct fifo_queue *fifo_queue_new(size_t max)
{
	struct fifo_queue *queue = x_new(struct fifo_queue, 1);

	queue->max = max;
	return queue;
}

static void take_out(struct fifo_queue *queue, struct line *line)
{
	if (line == queue->lines)
		queue->written = 0;
	DL_DELETE(queue->lines, line);
	if (line->old)
		DL_DELETE2(queue->old, line, old_prev, old_next);
	else
		HASH_DELETE(hh, queue->last, line);
	queue->n--;
	x_free(line);
}

void fifo_queue_free(struct fifo_queue *queue)
{
	if (!queue)
		return;
	while (queue->lines)
		take_out(queue, queue->lines);
	x_free(queue);
}

static void make_old(struct fifo_queue *queue, struct line *line)
{
	HASH_DELETE(hh, queue->last, line);
	line->old = true;
	DL_APPEND2(queue->old, line, old_prev, old_next);
}

static bool has_begun(const struct fifo_queue *queue, const struct line *line)
{
	return line == queue->lines && queue->written;
}

/* Whom the queue can spare most easily; NULL when there is nobody. */
static struct line *find_victim(const struct fifo_queue *queue)
{
	struct line *victim = queue->old;

	if (victim && has_begun(queue, victim))
		victim = victim->old_next;
	if (victim)
		return victim;
	victim = queue->lines;
	return victim && has_begun(queue, victim) ? victim->next : victim;
}

uint64_t fifo_queue_push(struct fifo_queue *queue, uint64_t id,
	const char *text, size_t subject_len)
{
	size_t len = strlen(text);
	struct line *line = x_calloc(1, sizeof(*line) + len + 1);
	struct line *before;
	struct line *victim;
	uint64_t dropped = 0;

	line->id = id;
	line->len = len;
	line->subject_len = subject_len;
	memcpy(line->text, text, len + 1);
	HASH_FIND(hh, queue->last, text, subject_len, before);
	if (before)
		make_old(queue, before);
	victim = queue->n >= queue->max ? find_victim(queue) : NULL;
	if (victim) {
		dropped = victim->id;
		take_out(queue, victim);
	}
	DL_APPEND(queue->lines, line);
	HASH_ADD_KEYPTR(hh, queue->last, line->text, line->subject_len, line);
	queue->n++;
	return dropped;
}

bool fifo_queue_first(const struct fifo_queue *queue, struct fifo_line *ret)
{
	const struct line *line = queue->lines;

	if (!line)
		return false;
	*ret = (struct fifo_line){
		.id = line->id,
		.text = line->text + queue->written,
		.len = line->len - queue->written,
	};
	return true;
}

uint64_t fifo_queue_wrote(struct fifo_queue *queue, size_t len)
{
	uint64_t id = queue->lines->id;

	queue->written += len;
	if (queue->written < queue->lines->len)
		return 0;
	take_out(queue, queue->lines);
	return id;
}

size_t fifo_queue_count(const struct fifo_queue *queue)
{
	return queue->n;
}
