/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/log.h"

static void background_wait(int fd)
{
	unsigned char code;
	ssize_t n;

	do
		n = read(fd, &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	if (n != 1)
		code = EXIT_FAILURE;
	if (code)
		fprintf(stderr,
			"tandemd: not started (exit code %d); the log says "
			"why\n",
			code);
	_exit(code);
}

int background_start(void)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		close(fds[1]);
		background_wait(fds[0]);
	}
	close(fds[0]);
	setsid();
	return fds[1];
}

void background_report(int fd, int exit_code)
{
	unsigned char code = (unsigned char)exit_code;

	if (write(fd, &code, sizeof(code)) < 0)
		log_debug("nobody waits for the start");
	close(fd);
}

void background_fill_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

void background_close_stdio(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
}
