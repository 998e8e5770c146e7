/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reloads at the time that a file says (reload_time_file, reload_repeat).
 *
 * The directory of the file is watched: a file that comes, changes or goes
 * sets, moves or cancels the reload.  The wall clock may be set meanwhile.
 */
#ifndef TANDEM_DAEMON_RELOAD_CLOCK_H
#define TANDEM_DAEMON_RELOAD_CLOCK_H

#include <stdbool.h>

#include "lib/loop.h"

struct reload_clock;

/* DUE is called when it is time; the file is removed by then, unless it is
 * for every day. */
struct reload_clock *reload_clock_new(
	struct loop *loop, void (*due)(void *user_data), void *user_data);
void reload_clock_free(struct reload_clock *clock);

/* PATH NULL = no file.  Looks at the file anew in any case, as keepalived does
 * after a reload. */
void reload_clock_set(
	struct reload_clock *clock, const char *path, bool repeat);

#endif
