/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts that outlive a killed runner.
 *
 * The kernel ends a child with its parent (PDEATHSIG) only as long as it
 * gains no privileges, which scripts of root's do at their exec, and never
 * ends what a script has started.  So each running script is noted with the
 * supervisor, and the next runner ends what it finds there before it starts
 * anything: runs of one subject do not overlap, whatever dies.
 */
#ifndef TANDEM_RUNNER_LEFTOVER_H
#define TANDEM_RUNNER_LEFTOVER_H

#include <stddef.h>
#include <sys/types.h>

struct role;

/* Notes the process group PID, and takes the note back. */
void leftover_remember(struct role *role, pid_t pid);
void leftover_forget(struct role *role, pid_t pid);

/* One checkpoint of the predecessor: kills the group if it is still the same
 * one. */
void leftover_restore(
	struct role *role, const char *key, const void *data, size_t len);

#endif
