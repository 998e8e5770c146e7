/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roles that a dead supervisor has left: they go on alone, or are on their
 * way to stop.  They end before our own start, and leave everything as it is
 * for these to adopt; or stop with us, if it does not come to that.
 */
#ifndef TANDEM_DAEMON_ORPHANS_H
#define TANDEM_DAEMON_ORPHANS_H

#include "lib/handover.h"

/*
 * PID_FILE is that of role ID.  Blocks for some seconds at worst.  Returns 1
 * when one was found and ended; *RET_EXPECTED is what it hands over then, but
 * for the namespace.
 */
int orphans_end(enum role_id id, const char *pid_file, const char *runtime_dir,
	struct handover_mark *ret_expected);

/* The same, but it stops as its own supervisor would have made it: it resigns
 * and removes what is its own. */
int orphans_stop(
	enum role_id id, const char *pid_file, const char *runtime_dir);

#endif
