/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process does to itself: its name, its memory, its limit of work
 * without a rest.
 */
#ifndef TANDEM_LIB_PROCESS_H
#define TANDEM_LIB_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* However much real-time work a configuration allows without a rest: only a
 * bug takes so long, and the kernel ends the process. */
#define PROCESS_RTTIME_MAX_US (3 * INT64_C(1000000))

/* As ps -o comm shows it; 15 characters of NAME. */
void process_set_name(const char *name);

/* While it is still root: locked memory without a limit, since without
 * CAP_IPC_LOCK a limit would make allocations fail. */
void process_allow_lock(void);
/* All memory, as it is touched; or no longer.  0 or -errno. */
int process_lock_memory(bool lock);
/* Follows the error in the log. */
#define PROCESS_LOCK_HINT                                                      \
	"(hint: LimitMEMLOCK=infinity in the unit, or 'ulimit -l unlimited'; " \
	"with CAP_SYS_RESOURCE tandemd does so itself)"

/* SIGXCPU comes after US of real-time work without a system call that waits,
 * the end after PROCESS_RTTIME_MAX_US.  0 or -errno. */
int process_set_rttime(int64_t us);

#endif
