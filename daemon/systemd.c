/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/systemd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

struct systemd {
	struct loop_timer *timer; /* NULL = no watchdog */
	int64_t period_us;
	bool ready;
};

/* --- the protocol of sd_notify(3) --- */

/* The address in NOTIFY_SOCKET: a path, or `@` and an abstract name; its
 * length, or 0 when there is none. */
static socklen_t notify_address(struct sockaddr_un *ret)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	if (len < 2 || len >= sizeof(ret->sun_path) ||
		(path[0] != '/' && path[0] != '@'))
		return 0;
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, path, len);
	if (path[0] == '@')
		ret->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* One datagram; who reads slowly loses it, the supervisor never waits. */
static void __attribute__((format(printf, 1, 2)))
notify(const char *format, ...)
{
	struct sockaddr_un addr;
	socklen_t len = notify_address(&addr);
	char text[256];
	va_list args;
	int n;
	int fd;

	if (!len)
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text))
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || sendto(fd, text, (size_t)n, MSG_NOSIGNAL,
			      (const struct sockaddr *)&addr, len) < 0)
		log_warning("systemd is not told '%.*s': %s",
			(int)strcspn(text, "\n"), text, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* WATCHDOG_USEC, when it is meant for this process; or 0. */
static int64_t watchdog_timeout_us(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	char *end;
	long long value;

	if (!usec || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	errno = 0;
	value = strtoll(usec, &end, 10);
	return errno || *end || value <= 0 ? 0 : (int64_t)value;
}

/* --- what is told --- */

static void systemd_feed(void *user_data)
{
	struct systemd *systemd = user_data;

	notify("WATCHDOG=1");
	loop_timer_set(
		systemd->timer, time_monotonic_us() + systemd->period_us);
}

struct systemd *systemd_new(struct loop *loop)
{
	struct systemd *systemd = x_new(struct systemd, 1);
	int64_t timeout_us = watchdog_timeout_us();

	if (timeout_us) {
		systemd->period_us = timeout_us / 3;
		systemd->timer = loop_timer_new(loop, systemd_feed, systemd);
		systemd_feed(systemd);
	}
	return systemd;
}

void systemd_free(struct systemd *systemd)
{
	loop_timer_free(systemd->timer);
	x_free(systemd);
}

void systemd_ready(struct systemd *systemd, uint32_t generation)
{
	systemd->ready = true;
	notify("READY=1\nSTATUS=Running generation %" PRIu32
	       " of the configuration\nMAINPID=%d",
		generation, (int)getpid());
}

bool systemd_is_ready(const struct systemd *systemd)
{
	return systemd->ready;
}

void systemd_reloading(struct systemd *systemd)
{
	(void)systemd;
	notify("RELOADING=1\nMONOTONIC_USEC=%" PRId64, time_monotonic_us());
}

void systemd_stopping(struct systemd *systemd)
{
	(void)systemd;
	notify("STOPPING=1\nSTATUS=Stopping");
}

void systemd_extend(struct systemd *systemd, int64_t us)
{
	(void)systemd;
	notify("EXTEND_TIMEOUT_USEC=%" PRId64, us);
}

bool systemd_has_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device;
	unsigned long long inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}
