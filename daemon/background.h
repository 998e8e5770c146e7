/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going into the background: the process that was called waits until its
 * child says how the start went, and ends with that exit code.
 */
#ifndef TANDEM_DAEMON_BACKGROUND_H
#define TANDEM_DAEMON_BACKGROUND_H

/* Returns in the child only, in its own session: the descriptor for
 * background_report(), or -errno without a child. */
int background_start(void);

/* Lets the caller end with EXIT_CODE.  FD is closed. */
void background_report(int fd, int exit_code);

/* The terminal is given back: also with -l, whoever started a daemon in the
 * background does not wait for its output to end. */
void background_close_stdio(void);

/* Descriptors 0 to 2 that are closed become /dev/null: what is opened later
 * does not take their place. */
void background_fill_stdio(void);

#endif
