/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char proc_state(pid_t pid)
{
	char buffer[512];
	char path[32];
	char *end;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	len = read(fd, buffer, sizeof(buffer) - 1);
	close(fd);
	if (len <= 0)
		return 0;
	buffer[len] = '\0';
	/* "PID (NAME) S ...": the name may hold anything, brackets as well. */
	end = strrchr(buffer, ')');
	return end && end[1] == ' ' ? end[2] : 0;
}
