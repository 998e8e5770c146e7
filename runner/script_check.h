/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a script there, may it be run, and could somebody else change it?
 *
 * These look at the file system and at nothing else: used when a
 * configuration is checked, not when a script is due.
 */
#ifndef TANDEM_RUNNER_SCRIPT_CHECK_H
#define TANDEM_RUNNER_SCRIPT_CHECK_H

#include <stdbool.h>

#include "runner/script_user.h"

/* Where a command without a slash is looked for, and the PATH of scripts. */
#define SCRIPT_PATH                                                            \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * Whether IDENTITY can run COMMAND, the first word of a script.  0 with the
 * file in *RET_PATH (the caller frees it), or
 * -ENOENT  there is none,
 * -EISDIR  it is no regular file,
 * -EACCES  the modes of the file deny it,
 * -EPERM   this process may not look: nothing can be said.
 */
int script_check_find(const char *command,
	const struct script_identity *identity, char **ret_path);

/*
 * Whether somebody other than root can change what PATH, an absolute path,
 * names: PATH itself, a directory above it, or a link's target.  0, or
 * -EPERM with the culprit in *RET_COMPONENT (the caller frees it); other
 * errors mean that it could not be found out.
 */
int script_check_secure(const char *path, char **ret_component);

/* Is /bin/sh bash here?  Only bash opens a connection for /dev/tcp/... */
bool script_check_shell_is_bash(void);

#endif
