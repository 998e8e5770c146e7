/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/log_syslog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define SYSLOG_LINE 640

void log_syslog_close(struct log_syslog *syslog)
{
	if (syslog->fd >= 0)
		close(syslog->fd);
	syslog->fd = -1;
}

static int syslog_connect(struct log_syslog *syslog)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int err;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", syslog->path);
	syslog->fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (syslog->fd < 0)
		return -errno;
	if (connect(syslog->fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return 0;
	err = -errno;
	log_syslog_close(syslog);
	return err;
}

void log_syslog_open(struct log_syslog *syslog, const char *path,
	const char *ident, int facility)
{
	*syslog = (struct log_syslog){
		.path = path,
		.ident = ident,
		.facility = facility,
		.fd = -1,
	};
	/* While we may; else the first line tries again. */
	syslog_connect(syslog);
}

static int syslog_send(
	struct log_syslog *syslog, int priority, const char *text)
{
	time_t now = time(NULL);
	char when[32] = "";
	char line[SYSLOG_LINE];
	struct tm tm;
	size_t len;
	int err;

	if (syslog->fd < 0) {
		err = syslog_connect(syslog);
		if (err)
			return err;
	}
	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm);
	snprintf(line, sizeof(line), "<%d>%s %s[%d]: %s",
		syslog->facility | priority, when, syslog->ident, (int)getpid(),
		text);
	len = strlen(line);
	if (send(syslog->fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return 0;
	return -errno;
}

/* Another reader may have come since the last line. */
static int syslog_try(struct log_syslog *syslog, int priority, const char *text)
{
	int err = syslog_send(syslog, priority, text);

	if (!err || err == -EAGAIN || err == -ENOBUFS || syslog->fd < 0)
		return err;
	log_syslog_close(syslog);
	return syslog_send(syslog, priority, text);
}

void log_syslog_put(struct log_syslog *syslog, int priority, const char *text)
{
	char note[80];

	if (syslog->lost) {
		snprintf(note, sizeof(note),
			"%u lines are missing here: nobody read them",
			syslog->lost);
		if (syslog_try(syslog, LOG_WARNING, note) < 0) {
			syslog->lost++;
			return;
		}
		syslog->lost = 0;
	}
	if (syslog_try(syslog, priority, text) < 0)
		syslog->lost++;
}
