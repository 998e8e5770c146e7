/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's process connector: who forks, becomes another program, changes
 * its name and ends.  Only the network, process and user namespaces that the
 * machine was booted with have it; elsewhere nothing answers.
 */
#ifndef TANDEM_VRRP_PROCESS_EVENTS_H
#define TANDEM_VRRP_PROCESS_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/loop.h"

struct process_events;

struct process_events_ops {
	/* Events come from now on, or ERROR says why not: -errno, -ETIMEDOUT
	 * when the kernel does not answer.  Once. */
	void (*ready)(int error, void *user_data);
	void (*forked)(pid_t parent, pid_t child, void *user_data);
	/* Another program, or another name. */
	void (*changed)(pid_t pid, void *user_data);
	void (*exited)(pid_t pid, void *user_data);
	/* Events were lost: look everywhere. */
	void (*lost)(void *user_data);
};

/* RCV_BUF bytes, 0 = the system's default; FORCE: beyond its limit.  0 or
 * -errno. */
int process_events_new(struct loop *loop, const struct process_events_ops *ops,
	uint32_t rcv_buf, bool force, void *user_data,
	struct process_events **ret);
void process_events_free(struct process_events *events); /* NULL is fine */

#endif
