/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dumps that signals ask for: files in the runtime directory, replaced
 * as a whole, mode 0600.
 */
#ifndef TANDEM_DAEMON_DUMP_H
#define TANDEM_DAEMON_DUMP_H

#include "daemon/requests.h"

struct json_object;

/* STATUS is the merged status; in a worker.  0 or -errno. */
int dump_write(
	const char *dir, enum dump_kind kind, struct json_object *status);

#endif
