/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/reload_time.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* Reads the digits that FORMAT has letters for; all else has to be the same.
 * The letters: y, m, d, H, M, S. */
static bool scan(const char *text, size_t len, const char *format,
	int values[static 128])
{
	size_t i;

	if (strlen(format) != len)
		return false;
	memset(values, 0, 128 * sizeof(*values));
	for (i = 0; i < len; i++) {
		unsigned char letter = (unsigned char)format[i];

		if (strchr("ymdHMS", letter)) {
			if (text[i] < '0' || text[i] > '9')
				return false;
			values[letter] = values[letter] * 10 + text[i] - '0';
		} else if (text[i] != format[i]) {
			return false;
		}
	}
	return true;
}

static bool is_time(const int *values)
{
	return values['H'] < 24 && values['M'] < 60 && values['S'] < 60;
}

static bool is_date(const int *values)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int year = values['y'];
	int month = values['m'];
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month >= 1 && month <= 12 && values['d'] >= 1 &&
	       values['d'] <= days[month - 1] + (month == 2 && leap);
}

static int64_t seconds_of(struct tm *tm, bool utc)
{
	tm->tm_isdst = -1;
	return utc ? timegm(tm) : mktime(tm);
}

/* The first HH:MM:SS after NOW. */
static int64_t next_daily(const int *values, bool utc, int64_t now)
{
	time_t seconds = (time_t)now;
	int64_t when = 0;
	struct tm today;
	int day;

	if (!(utc ? gmtime_r(&seconds, &today) : localtime_r(&seconds, &today)))
		return 0;
	for (day = 0; day <= 1; day++) {
		struct tm tm = today;

		tm.tm_mday += day;
		tm.tm_hour = values['H'];
		tm.tm_min = values['M'];
		tm.tm_sec = values['S'];
		when = seconds_of(&tm, utc);
		if (when > now)
			break;
	}
	return when;
}

static int64_t at_date(const int *values, bool utc)
{
	struct tm tm = {
		.tm_year = values['y'] - 1900,
		.tm_mon = values['m'] - 1,
		.tm_mday = values['d'],
		.tm_hour = values['H'],
		.tm_min = values['M'],
		.tm_sec = values['S'],
	};

	return seconds_of(&tm, utc);
}

int reload_time_parse(const char *text, size_t len, int64_t now,
	int64_t *ret_when, bool *ret_daily)
{
	const char *end = memchr(text, '\n', len);
	int values[128];
	bool utc;
	int64_t when;

	len = end ? (size_t)(end - text) : len;
	utc = len && text[len - 1] == 'Z';
	len -= utc;
	if (scan(text, len, "HH:MM:SS", values) && is_time(values)) {
		*ret_when = next_daily(values, utc, now);
		*ret_daily = true;
		return 0;
	}
	if (scan(text, len, "yy-mm-dd HH:MM:SS", values))
		values['y'] += 2000;
	else if (!scan(text, len, "yyyy-mm-dd HH:MM:SS", values))
		return -EINVAL;
	if (!is_time(values) || !is_date(values))
		return -EINVAL;
	when = at_date(values, utc);
	if (when <= now)
		return -ETIME;
	*ret_when = when;
	*ret_daily = false;
	return 0;
}
