/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"

int runtime_dir_make(const char *dir)
{
	char *path = x_strdup(dir);
	struct stat st;
	char *slash;

	for (slash = strchr(path + 1, '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755); /* what is wrong shows below */
		*slash = '/';
	}
	if (mkdir(path, 0755) < 0 && errno != EEXIST) {
		int err = -errno;

		x_free(path);
		return err;
	}
	x_free(path);
	if (lstat(dir, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & 022)
		return -EPERM;
	return 0;
}

static int pid_text(char *buffer, size_t size, pid_t pid)
{
	return snprintf(buffer, size, "%d\n", (int)pid);
}

/* A daemon that ends removes its file before it gives up the lock: what was
 * locked may be no longer what the path names. */
static bool pidfile_is_at(const char *path, int fd)
{
	struct stat held;
	struct stat named;

	return fstat(fd, &held) == 0 && lstat(path, &named) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

int pidfile_lock(const char *path, pid_t *ret_other)
{
	int err;
	int fd;

	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			0644);
		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0)
			break;
		if (pidfile_is_at(path, fd))
			return fd;
		close(fd);
	}
	err = -errno;
	close(fd);
	*ret_other = pidfile_read(path);
	return err;
}

int pidfile_write_locked(int fd)
{
	char text[32];
	int len = pid_text(text, sizeof(text), getpid());

	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) != len)
		return errno ? -errno : -EIO;
	return 0;
}

void pidfile_write(const char *path, pid_t pid)
{
	int fd = open(path,
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	char text[32];
	int len = pid_text(text, sizeof(text), pid);

	if (fd < 0 || write(fd, text, (size_t)len) != len)
		log_warning("cannot write %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

pid_t pidfile_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char text[32] = "";
	ssize_t len;
	long pid;

	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	pid = len > 0 ? strtol(text, NULL, 10) : 0;
	return pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}
