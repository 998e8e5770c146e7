/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program that reads a FIFO: started with the FIFO's name as its last
 * argument, started again with growing waits when it ends, told to end with
 * TERM.
 */
#ifndef TANDEM_RUNNER_FIFO_SCRIPT_H
#define TANDEM_RUNNER_FIFO_SCRIPT_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/role.h"
#include "runner/run.h"
#include "runner/script_table.h"

struct fifo_script;

/* Starts SPEC of TABLE (referenced) for the FIFO at PATH (copied). */
struct fifo_script *fifo_script_new(struct role *role, struct run_pool *runs,
	struct script_table *table, const struct script_spec *spec,
	const char *path);
/* Kills it if it still runs; nobody is told. */
void fifo_script_free(struct fifo_script *script); /* NULL is fine */

/* Is it the same command, run by the same account? */
bool fifo_script_is(
	const struct fifo_script *script, const struct script_spec *spec);

/* TERM, and no start after that.  ENDED is called when it has ended, if it
 * runs; free it then or later. */
void fifo_script_end(struct fifo_script *script,
	void (*ended)(void *user_data), void *user_data);
/* 0 = it does not run now. */
pid_t fifo_script_pid(const struct fifo_script *script);
/* How often it was started. */
unsigned int fifo_script_starts(const struct fifo_script *script);
const char *fifo_script_command(const struct fifo_script *script);

#endif
