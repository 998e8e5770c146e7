/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel tells of another process. */
#ifndef TANDEM_LIB_PROC_H
#define TANDEM_LIB_PROC_H

#include <sys/types.h>

/* State of a process as in proc(5): 'R' runs or wants to, 'S' sleeps, 'D'
 * waits for a disk, 'T' is stopped ...; 0 when there is no such process or no
 * /proc. */
char proc_state(pid_t pid);

#endif
