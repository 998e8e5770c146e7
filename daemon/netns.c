/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

#define NETNS_DIR "/run/netns/"

int netns_enter(const char *name)
{
	char *path;
	int err = 0;
	int fd;

	if (!*name || strchr(name, '/') || !strcmp(name, "..") ||
		!strcmp(name, "."))
		return -EINVAL;
	path = x_asprintf(NETNS_DIR "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	x_free(path);
	if (fd < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET) < 0)
		err = -errno;
	close(fd);
	return err;
}
