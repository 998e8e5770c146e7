/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/channel.h"
#include "lib/log.h"

/* Where a role finds its channel. */
#define SPAWN_CHANNEL_FD 3
/* And the memory for its last log lines, if there is any. */
#define SPAWN_RING_FD 4
#define SPAWN_EXIT_EXEC 127

static void spawn_reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	int signo;

	for (signo = 1; signo <= SIGRTMAX; signo++)
		sigaction(signo, &action, NULL); /* some cannot: fine */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t spawn_fork(void)
{
	sigset_t all;
	sigset_t old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		spawn_reset_signals();
	else
		sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

/* A program that can be run, or -errno. */
static int open_program(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EISDIR;
	else if (faccessat(fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS) < 0)
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int spawn_open_program(void)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
	char *slash = len > 0 ? memrchr(path, '/', (size_t)len) : NULL;
	size_t room = slash ? sizeof(path) - (size_t)(slash + 1 - path) : 0;
	int fd = -ENOENT;
	int installed;

	if (room > sizeof(SPAWN_PROGRAM)) {
		memcpy(slash + 1, SPAWN_PROGRAM, sizeof(SPAWN_PROGRAM));
		fd = open_program(path);
	}
	if (fd >= 0)
		return fd;
	installed = open_program(TANDEM_LIBEXEC_DIR "/" SPAWN_PROGRAM);
	/* What is wrong with the one that is there. */
	return installed == -ENOENT ? fd : installed;
}

/* In the child: descriptors 0 to 3, or 4, and no other after the exec. */
static int spawn_set_descriptors(
	int channel_fd, int ring_fd, int *program_fd)
{
	int null_fd;

	/* Out of the way of what is put in place below. */
	*program_fd = fcntl(*program_fd, F_DUPFD_CLOEXEC, 10);
	channel_fd = fcntl(channel_fd, F_DUPFD_CLOEXEC, 10);
	if (ring_fd > 0)
		ring_fd = fcntl(ring_fd, F_DUPFD_CLOEXEC, 10);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (*program_fd < 0 || channel_fd < 0 || null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
		dup2(null_fd, STDOUT_FILENO) < 0 ||
		dup2(channel_fd, SPAWN_CHANNEL_FD) < 0)
		return -errno;
	if (ring_fd > 0 && dup2(ring_fd, SPAWN_RING_FD) < 0)
		return -errno;
	if (close_range(SPAWN_CHANNEL_FD + 1 + (ring_fd > 0), ~0U,
		    CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	return 0;
}

static void spawn_exec(const struct spawn_role *role, int channel_fd)
{
	char program[] = "tandemd";
	char arg_role[] = "--role";
	char arg_boot[] = "--boot";
	char arg_dir[] = "--runtime-dir";
	char name[32];
	char boot[128];
	char dir[256];
	int program_fd = role->program_fd;
	char arg_instance[] = "--instance";
	char instance[64];
	char *argv[] = { program, arg_role, name, arg_boot, boot, arg_dir, dir,
		NULL, NULL, NULL };

	if (role->netns_fd > 0 && setns(role->netns_fd, CLONE_NEWNET) < 0)
		_exit(SPAWN_EXIT_EXEC);
	/* What a terminal or timeout(1) sends to the supervisor's group is for
	 * the supervisor: it stops the roles in their order. */
	setpgid(0, 0);
	snprintf(name, sizeof(name), "%s", role_id_name(role->id));
	snprintf(boot, sizeof(boot),
		"%d,%u,%d,%d,%d," PACKAGE_VERSION ",%u,%u", SPAWN_CHANNEL_FD,
		role->boot.log_targets, role->boot.log_facility,
		role->boot.log_level,
		role->boot.log_ring_fd > 0 ? SPAWN_RING_FD : 0,
		role->boot.ids.uid, role->boot.ids.gid);
	snprintf(dir, sizeof(dir), "%s", role->runtime_dir);
	if (role->boot.instance) {
		snprintf(instance, sizeof(instance), "%s", role->boot.instance);
		argv[7] = arg_instance;
		argv[8] = instance;
	}
	/* What systemd tells the supervisor is not for roles and scripts. */
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	if (spawn_set_descriptors(
		    channel_fd, role->boot.log_ring_fd, &program_fd) == 0)
		execveat(program_fd, "", argv, environ, AT_EMPTY_PATH);
	_exit(SPAWN_EXIT_EXEC);
}

int spawn_role(const struct spawn_role *role, pid_t *ret_pid, int *ret_fd)
{
	int fds[2];
	int err = channel_pair(fds);
	pid_t pid;

	if (err)
		return err;
	pid = spawn_fork();
	if (pid == 0)
		spawn_exec(role, fds[1]);
	if (pid < 0)
		err = -errno;
	close(fds[1]);
	if (err) {
		close(fds[0]);
		return err;
	}
	*ret_pid = pid;
	*ret_fd = fds[0];
	return 0;
}

int spawn_parse(int argc, char **argv, const char **ret_name,
	struct role_boot *ret_boot)
{
	struct role_boot boot;
	char version[32];
	int n;

	if (argc < 2 || strcmp(argv[1], "--role"))
		return -ENOENT;
	if (argc < 5 || strcmp(argv[3], "--boot"))
		return -EINVAL;
	/* The version first: what follows it may be another version's. */
	n = sscanf(argv[4], "%d,%u,%d,%d,%d,%31[^,],%u,%u",
		&boot.supervisor_fd, &boot.log_targets, &boot.log_facility,
		&boot.log_level, &boot.log_ring_fd, version, &boot.ids.uid,
		&boot.ids.gid);
	if (n < 6)
		return -EINVAL;
	if (strcmp(version, PACKAGE_VERSION) != 0) {
		log_open(SPAWN_PROGRAM, boot.log_targets, boot.log_facility,
			LOG_LEVEL_INFO);
		log_error("this is version " PACKAGE_VERSION
			  " and tandemd is %s: install both from one package",
			version);
		return -EPROTO;
	}
	if (n != 8)
		return -EINVAL;
	boot.instance = argc >= 9 ? argv[8] : NULL;
	*ret_name = argv[2];
	*ret_boot = boot;
	return 0;
}
