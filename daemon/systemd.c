/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/systemd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

struct systemd {
	struct loop_timer *timer; /* NULL = no watchdog */
	int64_t period_us;
	bool ready;
};

static void systemd_feed(void *user_data)
{
	struct systemd *systemd = user_data;

	sd_notify(0, "WATCHDOG=1");
	loop_timer_set(
		systemd->timer, time_monotonic_us() + systemd->period_us);
}

struct systemd *systemd_new(struct loop *loop)
{
	struct systemd *systemd = x_new(struct systemd, 1);
	uint64_t timeout_us;

	if (sd_watchdog_enabled(0, &timeout_us) > 0) {
		systemd->period_us = (int64_t)(timeout_us / 3);
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
	sd_notifyf(0,
		"READY=1\nSTATUS=Running generation %" PRIu32
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
	sd_notifyf(
		0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, time_monotonic_us());
}

void systemd_stopping(struct systemd *systemd)
{
	(void)systemd;
	sd_notify(0, "STOPPING=1\nSTATUS=Stopping");
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
