/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

#define NETNS_DIR "/run/netns/"

int netns_open(const char *name)
{
	char *path;
	int fd;

	if (!name) {
		fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	if (!*name || strchr(name, '/') || !strcmp(name, "..") ||
		!strcmp(name, "."))
		return -EINVAL;
	path = x_asprintf(NETNS_DIR "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	x_free(path);
	return fd < 0 ? -errno : fd;
}

int netns_enter(const char *name)
{
	int fd = netns_open(name);
	int err = 0;

	if (fd < 0)
		return fd;
	if (setns(fd, CLONE_NEWNET) < 0)
		err = -errno;
	close(fd);
	return err;
}
