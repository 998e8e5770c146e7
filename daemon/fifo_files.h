/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notify FIFOs as files: made, opened and removed by the supervisor, since
 * roles are not root.  The runner gets the descriptors and writes.
 *
 * A FIFO that is there is used as it is and stays; one that was made here
 * goes when it is no longer configured, or with the daemon.  The supervisor
 * keeps its descriptors, so that what was written survives the runner.
 */
#ifndef TANDEM_DAEMON_FIFO_FILES_H
#define TANDEM_DAEMON_FIFO_FILES_H

#include <stdint.h>

#include "daemon/fifo_conf.h"
#include "daemon/roles.h"

struct fifo_files;

struct fifo_files *fifo_files_new(void);
/* Closes all and removes what was made. */
void fifo_files_free(struct fifo_files *fifos);

/* Makes and opens what CONF wants and is not open yet; what cannot be is
 * logged. */
void fifo_files_open(struct fifo_files *fifos, const struct fifos_conf *conf);
/* Tells the runner about them, for GENERATION. */
void fifo_files_send(const struct fifo_files *fifos, struct roles *roles,
	const struct fifos_conf *conf, uint32_t generation);
/* Closes and removes all but those of CONF, which runs now. */
void fifo_files_keep(struct fifo_files *fifos, const struct fifos_conf *conf);

#endif
