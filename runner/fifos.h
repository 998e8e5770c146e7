/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notify FIFOs that this process writes to.
 *
 * The supervisor makes and opens them and gives the descriptors, before the
 * generation that they belong to.  A line that a FIFO does not take waits in
 * its queue (fifo_queue.h), and is noted with the supervisor, so that a
 * successor of this process goes on with it.  Nobody ever waits for a reader.
 */
#ifndef TANDEM_RUNNER_FIFOS_H
#define TANDEM_RUNNER_FIFOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/role.h"
#include "runner/script_table.h"

struct fifos;
struct json_object;

/* CHANGED is called when something that fifos_stop_step() waits for ended. */
struct fifos *fifos_new(
	struct role *role, void (*changed)(void *user_data), void *user_data);
void fifos_free(struct fifos *fifos);

/* One checkpoint of the predecessor; false when it is none of ours. */
bool fifos_restore(
	struct fifos *fifos, const char *key, const void *data, size_t len);

/* What the supervisor says of a generation to come; takes FD. */
void fifos_offer(struct fifos *fifos, uint32_t generation,
	const struct msg_fifo *fifo, int fd);
/* What was offered for TABLE's generation is what is written from now on.  A
 * FIFO that stays keeps its lines and its script. */
void fifos_commit(struct fifos *fifos, struct script_table *table);

/* Does any FIFO want the events of SOURCE (enum fifo_events)? */
bool fifos_want(const struct fifos *fifos, unsigned int source);
/* Writes LINE; see fifo_queue_push(). */
void fifos_write(struct fifos *fifos, unsigned int source, const char *line,
	size_t subject_len);

/* Told to stop: lines are written and read, then the scripts end.  True when
 * nothing is left to wait for; else it is to be called again, when CHANGED is
 * and at *RET_AGAIN_US.  After DEADLINE_US everything is given up. */
bool fifos_stop_step(
	struct fifos *fifos, int64_t deadline_us, int64_t *ret_again_us);

/* {path, events, open, written, waiting, lost, script ...} of each; what an
 * operator must know goes to PROBLEMS.  A new reference. */
struct json_object *fifos_status(
	const struct fifos *fifos, struct json_object *problems);

#endif
