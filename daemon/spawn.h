/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making processes: the fork that all children share, and the program of the
 * roles.
 */
#ifndef TANDEM_DAEMON_SPAWN_H
#define TANDEM_DAEMON_SPAWN_H

#include <sys/types.h>

#include "lib/role.h"

/*
 * fork() for a process with a loop: in the child no signal that is meant for
 * the parent can be taken by the parent's handlers.  Dispositions are the
 * default ones there and nothing is blocked.
 */
pid_t spawn_fork(void);

#define SPAWN_PROGRAM "tandem-role"

/*
 * Opens the program of the roles: beside this one, as in a build tree, or in
 * TANDEM_LIBEXEC_DIR.  It is opened once, so that a package upgrade does not
 * give a running supervisor roles of another version.  A descriptor or
 * -errno.
 */
int spawn_open_program(void);

/* What a role is started with. */
struct spawn_role {
	enum role_id id;
	int program_fd; /* ours, of spawn_open_program() */
	/* supervisor_fd is filled in by the child; log_ring_fd is ours. */
	struct role_boot boot;
	int netns_fd; /* ours, of its network namespace; 0 = this one */
	/* Only shown on its command line: whose role it is. */
	const char *runtime_dir;
};

/*
 * Starts a role with /dev/null, stderr, one channel to this process and the
 * ring for its log.
 * *RET_FD is our end.  0 or -errno.
 */
int spawn_role(const struct spawn_role *role, pid_t *ret_pid, int *ret_fd);

/* Reads what spawn_role() puts on the command line: 0, -ENOENT when ARGV is
 * not that of a role, -EINVAL, or -EPROTO (logged) when the supervisor is of
 * another version. */
int spawn_parse(int argc, char **argv, const char **ret_name,
	struct role_boot *ret_boot);

#endif
