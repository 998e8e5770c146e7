/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics of a configuration as log lines.
 */
#ifndef TANDEM_DAEMON_DIAG_LOG_H
#define TANDEM_DAEMON_DIAG_LOG_H

/* FD (borrowed, -1 = none) holds {"diagnostics": [...]}.  Logs the first of
 * them and how many are left out. */
void diag_log(int fd);

#endif
