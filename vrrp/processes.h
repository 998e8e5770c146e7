/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts the processes that vrrp_track_process blocks mean.
 *
 * The kernel tells of processes where it does (process_events.h); elsewhere
 * /proc is looked through again and again, in pauses of half a second and
 * more.  In both cases a thread reads /proc (process_scan.h), and the end of
 * a process that counts is seen at once, by its pidfd.
 */
#ifndef TANDEM_VRRP_PROCESSES_H
#define TANDEM_VRRP_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/loop.h"
#include "vrrp/process_rule.h"
#include "vrrp/vrrp_conf.h"

struct vrrp_processes;

struct vrrp_process_view {
	const char *name;
	const struct vrrp_process_conf *conf;
	bool known; /* counted once */
	bool up;
	uint32_t n;
};

struct vrrp_process_events {
	/* UP is another one, or known for the first time; not during
	 * apply. */
	void (*changed)(const struct vrrp_process_view *view, void *user_data);
};

struct vrrp_processes *vrrp_processes_new(struct loop *loop,
	const struct vrrp_process_events *events, void *user_data);
void vrrp_processes_free(struct vrrp_processes *processes); /* NULL is fine */

/* The blocks of a generation (struct vrrp_process_conf), which stay until the
 * next apply.  RCV_BUF and FORCE: process_monitor_rcv_bufs. */
void vrrp_processes_apply(struct vrrp_processes *processes,
	const struct conf_list *confs, uint32_t rcv_buf, bool force);

void vrrp_processes_each(struct vrrp_processes *processes,
	void (*callback)(
		const struct vrrp_process_view *view, void *user_data),
	void *user_data);

enum vrrp_process_source {
	VRRP_PROCESS_NONE, /* nothing is tracked */
	VRRP_PROCESS_EVENTS,
	VRRP_PROCESS_SCAN,
};

enum vrrp_process_source vrrp_processes_source(
	const struct vrrp_processes *processes);
/* Why nothing can be counted, as errno; 0 = it can. */
int vrrp_processes_error(const struct vrrp_processes *processes);

#endif
