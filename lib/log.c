/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/log_ring.h"
#include "lib/log_syslog.h"
#include "lib/timeutil.h"

#define LOG_LINE LOG_RING_TEXT
/* How long a reader of stderr that is behind is waited for, once. */
#define LOG_PATIENCE_MS 50

static struct {
	const char *ident;
	unsigned int targets;
	enum log_level max;
	struct log_syslog syslog;
	struct log_ring *ring; /* NULL = nobody asks for it */
	unsigned int lost; /* nobody read stderr */
} state = {
	.ident = "tandem",
	.targets = LOG_TARGET_STDERR,
	.max = LOG_LEVEL_INFO,
	.syslog = { .fd = -1 },
};

static const struct {
	const char *name;
	int syslog;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
	[LOG_LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LOG_LEVEL_NOTICE] = { "notice", LOG_NOTICE },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

void log_open(const char *ident, unsigned int targets, int facility,
	enum log_level max)
{
	state.ident = ident;
	state.targets = targets;
	state.max = max;
	log_syslog_close(&state.syslog);
	if (targets & LOG_TARGET_SYSLOG)
		log_syslog_open(
			&state.syslog, LOG_SYSLOG_PATH, ident, facility);
}

void log_rename(const char *ident)
{
	state.ident = ident;
	state.syslog.ident = ident;
}

void log_keep(struct log_ring *ring)
{
	state.ring = ring;
}

const char *log_level_name(enum log_level level)
{
	return levels[level].name;
}

const char *log_level_name_of(int level)
{
	return level >= LOG_LEVEL_ERROR && level <= LOG_LEVEL_DEBUG
		       ? levels[level].name
		       : "unknown";
}

bool log_says_level(const char *level, const char *text)
{
	size_t len = strlen(level);
	const char *found = text;

	while (len && (found = strstr(found, level)) != NULL) {
		if ((found == text || (found >= text + 2 && found[-1] == ' ' &&
					      found[-2] == ':')) &&
			found[len] == ':' && found[len + 1] == ' ')
			return true;
		found++;
	}
	return false;
}

bool log_enabled(enum log_level level)
{
	return level <= state.max;
}

/* Whoever reads stderr may have stopped doing so: that must not stop us. */
static bool log_may_write(void)
{
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };
	int n;

	do
		n = poll(&pfd, 1, state.lost ? 0 : LOG_PATIENCE_MS);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

static void log_to_stderr(enum log_level level, const char *text)
{
	const char *name = levels[level].name;
	char line[LOG_LINE + 96];
	bool named;
	int len;

	named = level <= LOG_LEVEL_WARNING && !log_says_level(name, text);
	if (state.targets & LOG_TARGET_JOURNAL)
		len = snprintf(line, sizeof(line), "<%d>%s: %s\n",
			levels[level].syslog, state.ident, text);
	else
		len = snprintf(line, sizeof(line), "%s[%d]: %s%s%s\n",
			state.ident, (int)getpid(), named ? name : "",
			named ? ": " : "", text);
	if (!log_may_write())
		state.lost++;
	else if (len > 0 && write(STDERR_FILENO, line, (size_t)len) < 0)
		return; /* nobody left to tell */
}

static void log_count_lost(void)
{
	char text[80];
	unsigned int lost = state.lost;

	if (!lost || !log_may_write())
		return;
	state.lost = 0;
	snprintf(text, sizeof(text),
		"%u lines are missing here: nobody read them", lost);
	log_to_stderr(LOG_LEVEL_WARNING, text);
}

/* How many bytes a control character at TEXT has, 0 = it is none.  UTF-8 has
 * a second row of them. */
static unsigned int log_control_len(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	if (*c < 0x20 || *c == 0x7f)
		return 1;
	return c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0 ? 2 : 0;
}

/* What comes from a config, a script or the network must not begin a line of
 * its own or speak to a terminal. */
static void log_escape(char *to, size_t size, const char *from)
{
	const char *end = to + size - 2 * sizeof("\\xNN");
	unsigned int n;

	while (*from && to < end) {
		n = *from == '\t' ? 0 : log_control_len(from);
		if (!n)
			*to++ = *from == '\t' ? ' ' : *from;
		from += !n;
		for (; n; n--)
			to += sprintf(to, "\\x%02x", (unsigned char)*from++);
	}
	*to = '\0';
}

__attribute__((format(printf, 2, 0))) static void log_vwrite(
	enum log_level level, const char *format, va_list ap)
{
	int saved_errno = errno;
	char raw[LOG_LINE];
	char text[LOG_LINE];

	if (!log_enabled(level))
		return;
	vsnprintf(raw, sizeof(raw), format, ap);
	log_escape(text, sizeof(text), raw);
	if (state.ring)
		log_ring_put(state.ring, time_realtime_us(), level, text);
	if (state.targets & LOG_TARGET_SYSLOG)
		log_syslog_put(&state.syslog, levels[level].syslog, text);
	if (state.targets & (LOG_TARGET_STDERR | LOG_TARGET_JOURNAL)) {
		log_count_lost();
		log_to_stderr(level, text);
	}
	errno = saved_errno;
}

void log_write(enum log_level level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_vwrite(level, format, ap);
	va_end(ap);
}

void log_fatal(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_vwrite(LOG_LEVEL_ERROR, format, ap);
	va_end(ap);
	abort();
}

void log_limited(struct log_limit *limit, enum log_level level,
	const char *format, ...)
{
	int64_t now = time_monotonic_us();
	va_list ap;

	if (limit->last_us && now - limit->last_us < USEC_PER_SEC) {
		limit->suppressed++;
		return;
	}
	if (limit->suppressed)
		log_write(level, "%u similar lines left out",
			limit->suppressed);
	limit->last_us = now;
	limit->suppressed = 0;
	va_start(ap, format);
	log_vwrite(level, format, ap);
	va_end(ap);
}

void log_recent(void (*callback)(int64_t realtime_us, int level,
			const char *text, void *user_data),
	void *user_data)
{
	if (state.ring)
		log_ring_each(state.ring, callback, user_data);
}
