/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is due when: a heap of entries that are embedded in their owners.
 *
 * Pure: it knows no clock.  Put, move and remove cost O(log n), the first
 * entry O(1).  Entries belong to the caller and must be removed before they
 * are freed; a zeroed entry is one that is not in a heap.
 */
#ifndef TANDEM_HEALTHCHECK_SCHEDULE_H
#define TANDEM_HEALTHCHECK_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule_entry {
	int64_t due_us;
	size_t slot; /* place in the heap + 1; 0 = not in it */
};

/* Zero-initialise. */
struct schedule {
	struct schedule_entry **heap;
	size_t n;
	size_t capacity;
};

void schedule_free(struct schedule *schedule);

/* Puts ENTRY in, or moves it. */
void schedule_put(struct schedule *schedule, struct schedule_entry *entry,
	int64_t due_us);
/* Harmless when it is not in. */
void schedule_remove(struct schedule *schedule, struct schedule_entry *entry);

/* The entry that is due first, or NULL; it stays in. */
struct schedule_entry *schedule_first(const struct schedule *schedule);
/* When that is; TIME_NEVER when there is none. */
int64_t schedule_next_us(const struct schedule *schedule);

static inline bool schedule_has(const struct schedule_entry *entry)
{
	return entry->slot != 0;
}

#endif
