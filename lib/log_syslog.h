/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines for the system's log, at the socket of syslog (RFC 3164, as the C
 * library writes them).  Unlike syslog(3) this never waits for its reader:
 * what it does not take is left out and counted.
 */
#ifndef TANDEM_LIB_LOG_SYSLOG_H
#define TANDEM_LIB_LOG_SYSLOG_H

#define LOG_SYSLOG_PATH "/dev/log"

struct log_syslog {
	const char *path;  /* borrowed */
	const char *ident; /* borrowed */
	int facility;	   /* one of syslog's LOG_* */
	int fd;		   /* -1 = nobody listens, or not yet */
	unsigned int lost; /* lines since the last one that was taken */
};

/* Connects at once, or as soon as somebody listens. */
void log_syslog_open(struct log_syslog *syslog, const char *path,
	const char *ident, int facility);
void log_syslog_close(struct log_syslog *syslog);

/* PRIORITY is one of syslog's, LOG_ERR to LOG_DEBUG. */
void log_syslog_put(struct log_syslog *syslog, int priority, const char *text);

#endif
