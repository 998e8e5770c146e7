/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a reload is due by the line of a reload_time_file.  Pure, but for the
 * time zone, which is that of the process.
 */
#ifndef TANDEM_DAEMON_RELOAD_TIME_H
#define TANDEM_DAEMON_RELOAD_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * TEXT, LEN bytes of it, begins with a line HH:MM:SS, YY-MM-DD HH:MM:SS or
 * YYYY-MM-DD HH:MM:SS, each with a Z behind it for UTC.  Times are seconds
 * since 1970.  Without a date it is the next such time after NOW, today or
 * tomorrow (*RET_DAILY); a time that the clock skips is that much later, as
 * mktime(3) has it.
 *
 * 0, -EINVAL for anything else (blanks before, within or behind included), or
 * -ETIME for a date that is over.
 */
int reload_time_parse(const char *text, size_t len, int64_t now,
	int64_t *ret_when, bool *ret_daily);

#endif
