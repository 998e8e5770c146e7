/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/role.h"

#define LEFTOVER_VERSION 1
#define LEFTOVER_KEY "run/"
/* Of the fields after the command's name in /proc/PID/stat (proc(5)). */
#define STAT_START_FIELD 19

/* When PID started, in clock ticks since boot; 0 = not known.  *RET_ENDED: it
 * only waits to be waited for, which keeps its number from being reused. */
static uint64_t start_time(pid_t pid, bool *ret_ended)
{
	char path[64];
	char text[1024];
	const char *p;
	ssize_t len;
	int fd;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	p = strrchr(text, ')');
	*ret_ended = p && p[1] && (p[2] == 'Z' || p[2] == 'X');
	for (i = 0; p && i <= STAT_START_FIELD; i++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p, NULL, 10) : 0;
}

static void make_key(char *key, size_t size, pid_t pid)
{
	snprintf(key, size, LEFTOVER_KEY "%d", (int)pid);
}

void leftover_remember(struct role *role, pid_t pid)
{
	struct buf_writer w = { .data = NULL };
	char key[32];
	bool ended;

	make_key(key, sizeof(key), pid);
	buf_put_u8(&w, LEFTOVER_VERSION);
	buf_put_i32(&w, pid);
	buf_put_u64(&w, start_time(pid, &ended));
	role_checkpoint(role, key, w.data, w.len);
	buf_writer_free(&w);
}

void leftover_forget(struct role *role, pid_t pid)
{
	char key[32];

	make_key(key, sizeof(key), pid);
	role_checkpoint(role, key, NULL, 0);
}

void leftover_restore(
	struct role *role, const char *key, const void *data, size_t len)
{
	struct buf_reader r;
	uint64_t started;
	uint8_t version;
	bool ended;
	pid_t pid;

	if (strncmp(key, LEFTOVER_KEY, strlen(LEFTOVER_KEY)))
		return;
	buf_reader_init(&r, data, len);
	version = buf_get_u8(&r);
	pid = buf_get_i32(&r);
	started = buf_get_u64(&r);
	if (buf_reader_finish(&r) < 0 || version != LEFTOVER_VERSION ||
		pid <= 1)
		return;
	if (started && start_time(pid, &ended) == started) {
		/* What it started may live on when it has ended itself. */
		if (!ended)
			log_warning("a script of the runner before is still "
				    "there: ending process group %d",
				(int)pid);
		if (kill(-pid, SIGKILL) < 0 && errno != ESRCH)
			log_warning("process group %d: %s", (int)pid,
				strerror(errno));
	}
	leftover_forget(role, pid);
}
