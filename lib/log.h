/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of one process.
 *
 * Levels mean something: error = the operator must act, warning = degraded,
 * notice = state change, info = lifecycle, debug = per subject.  Lines go to
 * syslog, to stderr or to both; the last of them stay in a ring, so that
 * `tandemctl show log` answers without the system's log.
 *
 * Control characters are shown as \xNN, so that nothing from outside begins a
 * line of its own.  When nobody reads them, lines are left out and counted:
 * the log never blocks a role for longer than a moment.
 */
#ifndef TANDEM_LIB_LOG_H
#define TANDEM_LIB_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

enum log_target {
	LOG_TARGET_SYSLOG = 1 << 0,
	LOG_TARGET_STDERR = 1 << 1, /* "ident[pid]: text" */
	LOG_TARGET_JOURNAL = 1 << 2, /* stderr with "<N>" in front */
};

/* Before this call everything up to info goes to stderr.  IDENT is borrowed
 * and must stay valid; FACILITY is one of syslog's LOG_*. */
void log_open(const char *ident, unsigned int targets, int facility,
	enum log_level max);

/* Text of a level, as in JSON and in `tandemctl show log`. */
const char *log_level_name(enum log_level level);

/* The same for a number of anybody's. */
const char *log_level_name_of(int level);

struct log_ring;
/* From now on lines are kept in RING, too; borrowed, NULL = in none. */
void log_keep(struct log_ring *ring);
/* Another IDENT than the one of log_open(); borrowed for good. */
void log_rename(const char *ident);

/* Does TEXT say its LEVEL itself, as diagnostics do?  Then it is not said in
 * front of it once more. */
bool log_says_level(const char *level, const char *text);

bool log_enabled(enum log_level level);
void log_write(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)                                                        \
	do {                                                                  \
		if (log_enabled(LOG_LEVEL_DEBUG))                             \
			log_write(LOG_LEVEL_DEBUG, __VA_ARGS__);              \
	} while (0)

/* Logs and aborts.  Only before a loop starts, on lost memory or a broken
 * invariant: what comes from outside is counted and survived. */
void log_fatal(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/*
 * A limit for one call site: at most one line a second, with the number of
 * those left out.  Use: `static struct log_limit limit;` in the function.
 */
struct log_limit {
	int64_t last_us;
	unsigned int suppressed;
};

void log_limited(struct log_limit *limit, enum log_level level,
	const char *format, ...) __attribute__((format(printf, 3, 4)));


/* Calls CALLBACK for each line in the ring, oldest first.  REALTIME_US is the
 * wall clock in microseconds. */
void log_recent(void (*callback)(int64_t realtime_us, int level,
			const char *text, void *user_data),
	void *user_data);

#endif
