/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts that the runner runs for this role: sends MSG_RUN, matches the
 * answers, and keeps what cannot be sent yet, because the runner is away, in
 * its order.
 */
#ifndef TANDEM_VRRP_RUNS_H
#define TANDEM_VRRP_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/messages.h"
#include "lib/role.h"

struct vrrp_runs;

/* Takes the answer; NULL outcome pointer: the runner died meanwhile. */
typedef void vrrp_run_done_fn(const struct msg_ran *ran, void *user_data);

struct vrrp_runs *vrrp_runs_new(struct role *role);
void vrrp_runs_free(struct vrrp_runs *runs); /* NULL is fine */
/* The generation whose node numbers are used from now on. */
void vrrp_runs_set_generation(struct vrrp_runs *runs, uint32_t generation);

/*
 * Runs a script whose result matters (a track script).  The number by which
 * it can be forgotten; 0 when the runner is away.  DONE is called once,
 * with NULL when the runner dies before it answers.
 */
uint64_t vrrp_runs_start(struct vrrp_runs *runs, const struct msg_run *run,
	vrrp_run_done_fn *done, void *user_data);
void vrrp_runs_forget(struct vrrp_runs *runs, uint64_t id);

/*
 * Tells a notify script: in order for each subject, as soon as the runner is
 * there.  All strings are copied.  Failures are logged here.  What waited is
 * sent with the node numbers of the generation that it was asked in.
 */
void vrrp_runs_notify(struct vrrp_runs *runs, const struct msg_run *run);

void vrrp_runs_runner_up(struct vrrp_runs *runs);
void vrrp_runs_runner_down(struct vrrp_runs *runs);
int vrrp_runs_on_ran(struct vrrp_runs *runs, struct message *msg);

/* Nothing waits for being sent to the runner. */
size_t vrrp_runs_waiting(const struct vrrp_runs *runs);

#endif
