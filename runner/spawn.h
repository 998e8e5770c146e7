/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the runner's process to the script's: fork, become the user, exec.
 *
 * The caller never waits: what happens between fork and exec, which may
 * touch slow file systems, is told by a pipe that closes when the script
 * runs, or brings the error that kept it from running.
 */
#ifndef TANDEM_RUNNER_SPAWN_H
#define TANDEM_RUNNER_SPAWN_H

#include <sys/types.h>

#include "runner/script_user.h"

struct spawn_result {
	pid_t pid;     /* also its session and process group */
	int pidfd;     /* readable when it has ended */
	int error_fd;  /* an int of errno, or its end: the script runs */
	int output_fd; /* what it writes, non-blocking */
};

/*
 * Starts ARGV (a command found on SCRIPT_PATH, or a path) as IDENTITY, with
 * INPUT_FD (borrowed; -1 = /dev/null) as standard input.  All descriptors in
 * *RET are close-on-exec and the caller's.  0 or -errno, when there is no
 * process.
 */
int spawn_script(char *const argv[], const struct script_identity *identity,
	int input_fd, struct spawn_result *ret);

#endif
