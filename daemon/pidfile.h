/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runtime directory and the pid files in it.  No path is followed
 * through a symbolic link in its last part; nothing is made in /tmp.
 */
#ifndef TANDEM_DAEMON_PIDFILE_H
#define TANDEM_DAEMON_PIDFILE_H

#include <sys/types.h>

/* Makes DIR (0755) with its parents.  0 or -errno; -EPERM when it exists and
 * others may write to it or own it. */
int runtime_dir_make(const char *dir);

/* Takes the lock that says "this is the running supervisor" and keeps it
 * until the descriptor is closed.  The descriptor, or -errno: -EWOULDBLOCK
 * when another process has it, whose pid is then in *RET_OTHER. */
int pidfile_lock(const char *path, pid_t *ret_other);
/* Writes our own pid to the locked file.  0 or -errno. */
int pidfile_write_locked(int fd);

/* A pid file without a lock, mode 0644.  Failure is logged and survived. */
void pidfile_write(const char *path, pid_t pid);

/* The pid in the file, or 0. */
pid_t pidfile_read(const char *path);

#endif
