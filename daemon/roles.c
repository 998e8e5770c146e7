/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/roles.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/pidfile.h"
#include "daemon/role_table.h"
#include "daemon/roles_internal.h"
#include "daemon/spawn.h"
#include "lib/log_ring.h"
#include "lib/mem.h"

#define BIT(id) (1u << (id))

/* --- starting --- */

const char *role_pid_file(
	const struct role_process *p, char *buffer, size_t size)
{
	const struct roles_settings *s = &p->roles->settings;

	if (s->pid_files[p->id])
		return s->pid_files[p->id];
	snprintf(
		buffer, size, "%s/%s.pid", s->runtime_dir, role_id_name(p->id));
	return buffer;
}

static void role_started(struct role_process *p, int fd)
{
	struct roles *roles = p->roles;
	int64_t now = time_monotonic_us();
	char buffer[PATH_MAX];

	p->state = ROLE_PROCESS_STARTING;
	p->starts++;
	p->started_us = now;
	p->patient = false;
	p->anew = false;
	p->cpu_heard_us = 0;
	p->cpu_us = 0;
	p->why[0] = '\0';
	p->tuned = false;
	p->earned_rt = 0;
	p->channel = channel_new(
		roles->loop, fd, role_on_message, role_on_closed, p);
	pidfile_write(role_pid_file(p, buffer, sizeof(buffer)), p->pid);
	role_send_settings(p);
	role_send_checkpoints(p);
	liveness_start(&p->liveness, now, role_silence_us(p));
	loop_timer_set(p->look_timer, now);
	log_info("%s started (pid %d)", role_id_name(p->id), (int)p->pid);
	roles->callbacks->started(p->id, roles->user_data);
}

static void role_wait(struct role_process *p, int64_t uptime_us)
{
	int64_t wait_us = backoff_next_us(&p->backoff, uptime_us);

	p->state = ROLE_PROCESS_WAITING;
	if (wait_us)
		log_warning("%s will be started again in %.1f s",
			role_id_name(p->id), (double)wait_us / USEC_PER_SEC);
	loop_timer_set(p->restart_timer, time_monotonic_us() + wait_us);
}

static void role_start(struct role_process *p)
{
	struct spawn_role spawn = {
		.id = p->id,
		.program_fd = p->roles->settings.program_fd,
		.boot = p->roles->settings.boot,
		.runtime_dir = p->roles->settings.runtime_dir,
	};
	int err;
	int fd;

	spawn.boot.log_ring_fd = p->log ? p->log_fd : 0;
	spawn.boot.ids = privileges_find_ids();
	spawn.netns_fd = p->netns_fd;
	err = spawn_role(&spawn, &p->pid, &fd);
	if (err) {
		log_error("%s cannot be started: %s", role_id_name(p->id),
			strerror(-err));
		role_wait(p, 0);
		return;
	}
	role_started(p, fd);
}

static void role_restart_timeout(void *user_data)
{
	role_start(user_data);
}

void roles_start(struct roles *roles, unsigned int wanted)
{
	unsigned int n;
	const enum role_id *order = role_table_commit_order(&n);
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct role_process *p = &roles->processes[order[i]];

		p->wanted = wanted & BIT(p->id);
	}
	for (i = 0; i < n; i++) {
		struct role_process *p = &roles->processes[order[i]];

		if (p->wanted && p->state == ROLE_PROCESS_OFF)
			role_start(p);
	}
}

bool roles_start_last(struct roles *roles)
{
	unsigned int n;
	const enum role_id *order = role_table_stop_order(&n);
	struct role_process *p = &roles->processes[order[n - 1]];

	if (p->pid || roles->settings.no_respawn)
		return p->pid != 0;
	role_start(p);
	if (p->pid)
		return true;
	/* Nobody waits for a later try. */
	loop_timer_set(p->restart_timer, TIME_NEVER);
	p->state = ROLE_PROCESS_OFF;
	return false;
}

/* --- ending --- */

static void role_describe_end(struct role_process *p, int status)
{
	double uptime =
		(double)(time_monotonic_us() - p->started_us) / USEC_PER_SEC;
	char how[64];

	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "killed by SIG%s%s",
			sigabbrev_np(WTERMSIG(status)),
			WCOREDUMP(status) ? " (core dumped)" : "");
	else
		snprintf(how, sizeof(how), "exit status %d",
			WEXITSTATUS(status));
	snprintf(p->last_words, sizeof(p->last_words), "%s after %.1f s%s%s",
		how, uptime, p->why[0] ? ": " : "", p->why);
}

static void role_ended(struct role_process *p, int status)
{
	struct roles *roles = p->roles;
	int64_t uptime = time_monotonic_us() - p->started_us;
	bool expected = p->state == ROLE_PROCESS_STOPPING;
	bool has_worked;
	pid_t pid = p->pid;
	char buffer[PATH_MAX];

	/* Waited for: the number may belong to another process soon. */
	p->pid = 0;
	/* What it said last, checkpoints above all. */
	channel_drain(p->channel);
	has_worked = role_is_joined(p);
	role_describe_end(p, status);
	p->anew = !p->why[0] && WIFEXITED(status) &&
		  WEXITSTATUS(status) == ROLE_EXIT_ANEW;
	if (expected || p->anew)
		log_info("%s (pid %d) stopped: %s", role_id_name(p->id),
			(int)pid, p->last_words);
	else
		log_error("%s (pid %d) died: %s", role_id_name(p->id), (int)pid,
			p->last_words);
	/* One that was killed by us had done nothing since it was heard, and
	 * one without a generation nothing at all. */
	if (has_worked)
		p->predecessor_us = p->why[0] ? p->liveness.heard_us
					      : time_monotonic_us();
	p->state = ROLE_PROCESS_OFF;
	channel_free(p->channel);
	p->channel = NULL;
	loop_timer_set(p->look_timer, TIME_NEVER);
	unlink(role_pid_file(p, buffer, sizeof(buffer)));
	role_remove_handover(p);
	roles->callbacks->lost(p->id, roles->user_data);
	if (roles->stopping)
		roles_stop_next(roles);
	else if (p->anew)
		role_start(p);
	else if (!roles->settings.no_respawn)
		role_wait(p, uptime);
}

void roles_reap(struct roles *roles)
{
	unsigned int id;
	int status;

	for (id = 0; id < ROLE_COUNT; id++) {
		struct role_process *p = &roles->processes[id];

		if (p->pid && waitpid(p->pid, &status, WNOHANG) == p->pid)
			role_ended(p, status);
	}
}

/* --- life --- */

static void role_make_log(struct role_process *p)
{
	if (p->id == ROLE_SUPERVISOR)
		return;
	p->log_fd = log_ring_create();
	if (p->log_fd >= 0)
		p->log = log_ring_map(p->log_fd);
	if (!p->log)
		log_warning("the log of %s is not kept", role_id_name(p->id));
}

struct roles *roles_new(struct loop *loop,
	const struct roles_settings *settings,
	const struct roles_callbacks *callbacks, void *user_data)
{
	struct roles *roles = x_new(struct roles, 1);
	unsigned int id;

	roles->loop = loop;
	roles->settings = *settings;
	roles->callbacks = callbacks;
	roles->user_data = user_data;
	for (id = 0; id < ROLE_COUNT; id++) {
		struct role_process *p = &roles->processes[id];

		p->roles = roles;
		p->id = (enum role_id)id;
		p->checkpoints = checkpoint_store_new(
			CHECKPOINT_BYTES_MAX, CHECKPOINT_KEYS_MAX);
		p->look_timer = loop_timer_new(loop, role_look, p);
		p->restart_timer =
			loop_timer_new(loop, role_restart_timeout, p);
		role_make_log(p);
	}
	return roles;
}

void roles_free(struct roles *roles)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++) {
		struct role_process *p = &roles->processes[id];

		if (p->pid) {
			kill(p->pid, SIGKILL);
			waitpid(p->pid, NULL, 0);
		}
		channel_free(p->channel);
		loop_timer_free(p->look_timer);
		loop_timer_free(p->restart_timer);
		checkpoint_store_free(p->checkpoints);
		log_ring_unmap(p->log);
		if (p->id != ROLE_SUPERVISOR && p->log_fd >= 0)
			close(p->log_fd);
	}
	loop_timer_free(roles->stop_timer);
	x_free(roles);
}

void roles_set_instance(struct roles *roles, const char *instance)
{
	roles->settings.boot.instance = instance;
}

void roles_set_flags(struct roles *roles, uint32_t flags)
{
	unsigned int id;

	if (roles->settings.flags == flags)
		return;
	roles->settings.flags = flags;
	for (id = 0; id < ROLE_COUNT; id++)
		role_send_settings(&roles->processes[id]);
}

void roles_set_netns(struct roles *roles, enum role_id id, int fd)
{
	roles->processes[id].netns_fd = fd;
}

void roles_set_times(struct roles *roles, int64_t silence_us, int64_t stop_us)
{
	unsigned int id;

	roles->settings.stop_us = stop_us;
	if (roles->settings.silence_us == silence_us)
		return;
	roles->settings.silence_us = silence_us;
	for (id = 0; id < ROLE_COUNT; id++)
		roles_set_patient(
			roles, (enum role_id)id, roles->processes[id].patient);
}

/* --- what is so --- */

enum role_process_state roles_state(const struct roles *roles, enum role_id id)
{
	return roles->processes[id].state;
}

unsigned int roles_alive(const struct roles *roles)
{
	unsigned int bits = 0;
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (roles->processes[id].channel)
			bits |= BIT(id);
	return bits;
}

unsigned int roles_joined(const struct roles *roles)
{
	unsigned int bits = 0;
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (roles->processes[id].channel &&
			role_is_joined(&roles->processes[id]))
			bits |= BIT(id);
	return bits;
}

unsigned int roles_dying(const struct roles *roles)
{
	unsigned int bits = 0;
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (roles->processes[id].pid && roles->processes[id].why[0])
			bits |= BIT(id);
	return bits;
}

bool roles_begins_anew(const struct roles *roles, enum role_id id)
{
	return roles->processes[id].anew;
}

bool roles_all_alive(const struct roles *roles)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (roles->processes[id].wanted &&
			!roles->processes[id].channel)
			return false;
	return true;
}

bool roles_all_ready(const struct roles *roles)
{
	unsigned int wanted = 0;
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++) {
		const struct role_process *p = &roles->processes[id];

		wanted += p->wanted;
		if (p->wanted && p->state != ROLE_PROCESS_READY)
			return false;
	}
	return wanted > 0;
}
