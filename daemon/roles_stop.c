/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>

#include "daemon/role_table.h"
#include "daemon/roles_internal.h"

static void role_send_stop(struct role_process *p)
{
	struct msg_stop m = { .mode = STOP_CLEAN };
	struct buf_writer w = { .data = NULL };

	p->state = ROLE_PROCESS_STOPPING;
	msg_put_stop(&w, &m);
	roles_send(p->roles, p->id, MSG_STOP, 0, &w, -1);
	buf_writer_free(&w);
}

static void roles_stop_timeout(void *user_data)
{
	struct roles *roles = user_data;
	unsigned int n;
	const enum role_id *order = role_table_stop_order(&n);

	roles_kill(roles, order[roles->stop_next - 1],
		"did not stop within child_wait_time");
}

void roles_stop_next(struct roles *roles)
{
	unsigned int n;
	const enum role_id *order = role_table_stop_order(&n);
	struct role_process *p;

	/* A role further down died by itself: the turn is not its own. */
	if (roles->stop_next &&
		roles->processes[order[roles->stop_next - 1]].pid)
		return;
	if (roles->holding && roles->processes[order[n - 1]].pid)
		return;
	while (roles->stop_next < n) {
		if (roles->stop_next == n - 1 && !roles->asked_last) {
			roles->asked_last = true;
			roles->holding =
				roles->callbacks->last(roles->user_data);
			if (roles->holding) {
				loop_timer_set(roles->stop_timer, TIME_NEVER);
				return;
			}
		}
		p = &roles->processes[order[roles->stop_next++]];
		loop_timer_set(p->restart_timer, TIME_NEVER);
		if (!p->pid) {
			p->state = ROLE_PROCESS_OFF;
			continue;
		}
		role_send_stop(p);
		loop_timer_set(roles->stop_timer,
			time_monotonic_us() + roles->settings.stop_us);
		return;
	}
	loop_timer_set(roles->stop_timer, TIME_NEVER);
	roles->callbacks->stopped(roles->user_data);
}

void roles_stop_last(struct roles *roles)
{
	roles->holding = false;
	roles_stop_next(roles);
}

void roles_stop(struct roles *roles)
{
	unsigned int id;

	if (roles->stopping)
		return;
	roles->stopping = true;
	for (id = 0; id < ROLE_COUNT; id++)
		loop_timer_set(roles->processes[id].restart_timer, TIME_NEVER);
	roles->stop_timer =
		loop_timer_new(roles->loop, roles_stop_timeout, roles);
	roles_stop_next(roles);
}
