/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that is there whole or not at all.
 *
 * The name of the new one cannot be guessed, and rename() follows no link: in
 * a directory like /tmp nobody can lead us elsewhere.
 */
#ifndef TANDEM_DAEMON_REPLACE_FILE_H
#define TANDEM_DAEMON_REPLACE_FILE_H

#include <stdio.h>

/* PATH then holds what PUT writes, with mode 0600; on failure it is as it
 * was.  0 or -errno.  It may block: for workers. */
int replace_file(const char *path, void (*put)(FILE *out, void *user_data),
	void *user_data);

#endif
