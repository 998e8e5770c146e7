/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/pidfile.h"
#include "lib/log.h"
#include "lib/timeutil.h"

#define ORPHAN_TERM_MS 4000
#define ORPHAN_KILL_MS 2000
/* vrrp waits for its twins, and for its addresses to be gone. */
#define ORPHAN_STOP_MS 6000

static int orphan_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int orphan_signal(int pidfd, int signo)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0);
}

/* The value that follows OPTION on a command line of LEN bytes. */
static const char *cmdline_value(
	const char *cmdline, size_t len, const char *option)
{
	const char *end = cmdline + len;
	const char *word = cmdline;
	const char *next;

	for (; word < end; word = next) {
		next = word + strlen(word) + 1;
		if (!strcmp(word, option))
			return next < end ? next : NULL;
	}
	return NULL;
}

/* A pid may have been taken by another program since it was written. */
static bool orphan_is_ours(pid_t pid, enum role_id id, const char *runtime_dir)
{
	char path[64];
	char cmdline[512];
	const char *role;
	const char *dir;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, cmdline, sizeof(cmdline) - 1);
	close(fd);
	if (len <= 0)
		return false;
	cmdline[len] = '\0';
	role = cmdline_value(cmdline, (size_t)len, "--role");
	dir = cmdline_value(cmdline, (size_t)len, "--runtime-dir");
	return role && dir && !strcmp(role, role_id_name(id)) &&
	       !strcmp(dir, runtime_dir);
}

static bool orphan_wait(int pidfd, int timeout_ms)
{
	struct pollfd pfd = { .fd = pidfd, .events = POLLIN };
	int64_t end = time_monotonic_us() + timeout_ms * USEC_PER_MSEC;
	int64_t left;
	int n;

	/* Signals come meanwhile: the loop is not in charge now. */
	do {
		left = (end - time_monotonic_us()) / USEC_PER_MSEC;
		n = poll(&pfd, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

/* A descriptor of the process that PID_FILE names, if it is the role. */
static int orphan_open(enum role_id id, const char *pid_file,
	const char *runtime_dir, pid_t *ret_pid)
{
	pid_t pid = pidfile_read(pid_file);
	int pidfd = pid ? orphan_pidfd(pid) : -1;

	if (pidfd < 0)
		return -1;
	/* Checked through the descriptor's lifetime: the pid cannot change
	 * hands while we hold it. */
	if (!orphan_is_ours(pid, id, runtime_dir)) {
		close(pidfd);
		return -1;
	}
	*ret_pid = pid;
	return pidfd;
}

/* Takes PIDFD. */
static void orphan_finish(int pidfd, int signo, int patience_ms)
{
	orphan_signal(pidfd, signo);
	if (!orphan_wait(pidfd, patience_ms)) {
		log_warning("it does not end: killing it");
		orphan_signal(pidfd, SIGKILL);
		orphan_wait(pidfd, ORPHAN_KILL_MS);
	}
	close(pidfd);
}

int orphans_end(enum role_id id, const char *pid_file, const char *runtime_dir,
	struct handover_mark *ret_expected)
{
	pid_t pid = 0;
	int pidfd = orphan_open(id, pid_file, runtime_dir, &pid);

	if (pidfd < 0)
		return 0;
	log_warning("%s (pid %d) of a former supervisor still runs: ending it",
		role_id_name(id), (int)pid);
	*ret_expected = (struct handover_mark){
		.role = id,
		.pid = pid,
		.time_us = time_monotonic_us(),
	};
	orphan_finish(pidfd, SIGTERM, ORPHAN_TERM_MS);
	return 1;
}

int orphans_stop(enum role_id id, const char *pid_file, const char *runtime_dir)
{
	pid_t pid = 0;
	int pidfd = orphan_open(id, pid_file, runtime_dir, &pid);

	if (pidfd < 0)
		return 0;
	log_notice("%s (pid %d) of a former supervisor stops, too",
		role_id_name(id), (int)pid);
	orphan_finish(pidfd, SIGUSR1, ORPHAN_STOP_MS);
	return 1;
}
