/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/schedule.h"

#include "lib/mem.h"
#include "lib/timeutil.h"

/* A wide heap is flat: fewer cache misses a move. */
#define WIDTH 4

void schedule_free(struct schedule *schedule)
{
	x_free(schedule->heap);
	*schedule = (struct schedule){ .heap = NULL };
}

static void place(
	struct schedule *schedule, size_t i, struct schedule_entry *entry)
{
	schedule->heap[i] = entry;
	entry->slot = i + 1;
}

static void sift_up(struct schedule *schedule, size_t i)
{
	struct schedule_entry *entry = schedule->heap[i];

	while (i > 0) {
		size_t parent = (i - 1) / WIDTH;

		if (schedule->heap[parent]->due_us <= entry->due_us)
			break;
		place(schedule, i, schedule->heap[parent]);
		i = parent;
	}
	place(schedule, i, entry);
}

static size_t smallest_child(const struct schedule *schedule, size_t i)
{
	size_t child = i * WIDTH + 1;
	size_t best = child;
	size_t k;

	for (k = child + 1; k < child + WIDTH && k < schedule->n; k++)
		if (schedule->heap[k]->due_us < schedule->heap[best]->due_us)
			best = k;
	return best;
}

static void sift_down(struct schedule *schedule, size_t i)
{
	struct schedule_entry *entry = schedule->heap[i];

	while (i * WIDTH + 1 < schedule->n) {
		size_t child = smallest_child(schedule, i);

		if (schedule->heap[child]->due_us >= entry->due_us)
			break;
		place(schedule, i, schedule->heap[child]);
		i = child;
	}
	place(schedule, i, entry);
}

void schedule_put(struct schedule *schedule, struct schedule_entry *entry,
	int64_t due_us)
{
	size_t i;

	entry->due_us = due_us;
	if (!entry->slot) {
		if (schedule->n == schedule->capacity) {
			schedule->capacity = schedule->capacity ?
				schedule->capacity * 2 :
				64;
			schedule->heap = x_realloc(schedule->heap,
				schedule->capacity, sizeof(*schedule->heap));
		}
		place(schedule, schedule->n++, entry);
	}
	i = entry->slot - 1;
	sift_up(schedule, i);
	sift_down(schedule, entry->slot - 1);
}

void schedule_remove(struct schedule *schedule, struct schedule_entry *entry)
{
	struct schedule_entry *last;
	size_t i;

	if (!entry->slot)
		return;
	i = entry->slot - 1;
	entry->slot = 0;
	last = schedule->heap[--schedule->n];
	if (last == entry)
		return;
	place(schedule, i, last);
	sift_up(schedule, i);
	sift_down(schedule, last->slot - 1);
}

struct schedule_entry *schedule_first(const struct schedule *schedule)
{
	return schedule->n ? schedule->heap[0] : NULL;
}

int64_t schedule_next_us(const struct schedule *schedule)
{
	return schedule->n ? schedule->heap[0]->due_us : TIME_NEVER;
}
