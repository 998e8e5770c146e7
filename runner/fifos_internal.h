/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What fifos.c and fifos_status.c share; nobody else includes it.
 */
#ifndef TANDEM_RUNNER_FIFOS_INTERNAL_H
#define TANDEM_RUNNER_FIFOS_INTERNAL_H

#include "lib/log.h"
#include "lib/loop.h"
#include "runner/fifo_queue.h"
#include "runner/fifo_script.h"
#include "runner/fifos.h"
#include "runner/run.h"

struct fifo {
	struct fifo *prev;
	struct fifo *next;
	struct fifos *fifos;
	char *path;
	unsigned int events;
	uint32_t script_node;
	int fd;		    /* -1 = not open */
	struct loop_io *io; /* while lines wait */
	struct fifo_queue *queue;
	struct fifo_script *script;
	uint64_t written;
	uint64_t lost;
	int64_t lost_us; /* when the last one was */
	struct log_limit limit;
};

/* A script that was told to end. */
struct ending {
	struct ending *prev;
	struct ending *next;
	struct fifos *fifos;
	struct fifo_script *script;
};

/* A line of the predecessor's. */
struct restored {
	struct restored *prev;
	struct restored *next;
	uint64_t id;
	uint32_t subject_len;
	char *path;
	char *text;
};

struct fifos {
	struct role *role;
	struct run_pool *runs;
	struct fifo *list;
	struct fifo *offered;
	uint32_t offered_generation;
	struct ending *endings;
	struct restored *restored;
	uint64_t last_id;
	int64_t read_by_us; /* stopping: scripts have so long to read */
	void (*changed)(void *user_data);
	void *user_data;
};

#endif
