/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/roles.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/pidfile.h"
#include "daemon/role_table.h"
#include "daemon/roles_internal.h"
#include "daemon/spawn.h"
#include "lib/log_ring.h"
#include "lib/mem.h"
#include "lib/proc.h"

/* Until a role has its first generation: exec, dynamic linking and setup
 * take their time on a small or busy machine. */
#define ROLES_START_SILENCE_US (10 * USEC_PER_SEC)
/* While a role binds or applies a configuration of any size. */
#define ROLES_PATIENT_SILENCE_US (60 * USEC_PER_SEC)
#define ROLES_CHECKPOINT_BYTES (64u * 1024 * 1024)
/* With what each costs in a channel's queue, all of them fit there. */
#define ROLES_CHECKPOINT_KEYS (512u * 1024)

#define BIT(id) (1u << (id))

static void role_start(struct role_process *p);

/* --- talking to a role --- */

int roles_send(struct roles *roles, enum role_id id, uint16_t type,
	uint32_t generation, const struct buf_writer *body, int fd)
{
	struct role_process *p = &roles->processes[id];
	char why[96];
	int err;

	if (!p->channel)
		return -ENOTCONN;
	err = channel_send(p->channel, type, generation, body, fd);
	/* A successor is told everything; this one would never know. */
	if (err && err != -EPIPE && err != -EMSGSIZE) {
		snprintf(why, sizeof(why), "cannot be told %s: %s",
			message_type_name(type), strerror(-err));
		roles_kill(roles, id, why);
	}
	return err;
}

static void role_send_settings(struct role_process *p)
{
	const struct roles_settings *s = &p->roles->settings;
	struct msg_settings m = {
		.flags = s->flags | (p->starts > 1 ? SETTINGS_RESTARTED : 0),
		.runtime_dir = s->runtime_dir,
		.predecessor_us = p->predecessor_us,
	};
	struct buf_writer w = { .data = NULL };

	msg_put_settings(&w, &m);
	roles_send(p->roles, p->id, MSG_SETTINGS, 0, &w, -1);
	buf_writer_free(&w);
}

static void role_restore_one(
	const char *key, const void *data, size_t len, void *user_data)
{
	struct msg_checkpoint m = { .key = key, .data = data, .len = len };
	struct role_process *p = user_data;
	struct buf_writer w = { .data = NULL };

	msg_put_checkpoint(&w, &m);
	roles_send(p->roles, p->id, MSG_RESTORE, 0, &w, -1);
	buf_writer_free(&w);
}

static void role_send_ping(struct role_process *p)
{
	struct msg_ping m = { .number = p->liveness.sent };
	struct buf_writer w = { .data = NULL };

	msg_put_ping(&w, &m);
	roles_send(p->roles, p->id, MSG_PING, 0, &w, -1);
	buf_writer_free(&w);
}

static void role_on_checkpoint(struct role_process *p, struct message *msg)
{
	struct msg_checkpoint m;

	if (msg_get_checkpoint(&msg->body, &m) < 0) {
		log_limited(&p->limit, LOG_LEVEL_WARNING,
			"%s sent a malformed checkpoint", role_id_name(p->id));
		return;
	}
	if (checkpoint_store_put(p->checkpoints, m.key, m.data, m.len) < 0)
		log_limited(&p->limit, LOG_LEVEL_WARNING,
			"%s wants to keep more than %u bytes or %u keys: '%s' "
			"is not updated",
			role_id_name(p->id), ROLES_CHECKPOINT_BYTES,
			ROLES_CHECKPOINT_KEYS, m.key);
}

static void role_on_pong(struct role_process *p, struct message *msg)
{
	struct msg_ping m;

	if (msg_get_ping(&msg->body, &m) < 0)
		return;
	liveness_pong(&p->liveness, time_monotonic_us(), m.number);
	if (m.stall_us > p->stall_us)
		p->stall_us = m.stall_us;
}

static void role_on_message(
	struct channel *channel, struct message *msg, void *user_data)
{
	struct role_process *p = user_data;

	(void)channel;
	liveness_heard(&p->liveness, time_monotonic_us());
	switch (msg->type) {
	case MSG_PONG:
		role_on_pong(p, msg);
		return;
	case MSG_CHECKPOINT:
		role_on_checkpoint(p, msg);
		return;
	case MSG_PREPARED:
	case MSG_COMMITTED:
	case MSG_READY:
	case MSG_ANSWER:
		p->roles->callbacks->message(p->id, msg, p->roles->user_data);
		return;
	default:
		log_limited(&p->limit, LOG_LEVEL_WARNING,
			"refused a message %s from %s",
			message_type_name(msg->type), role_id_name(p->id));
	}
}

/* The process is about to end; SIGCHLD says how.  If it does not end, its
 * silence does. */
static void role_on_closed(struct channel *channel, void *user_data)
{
	struct role_process *p = user_data;

	p->channel = NULL;
	channel_free(channel);
}

/* --- peers --- */

static bool role_is_joined(const struct role_process *p)
{
	return p->state == ROLE_PROCESS_JOINED ||
	       p->state == ROLE_PROCESS_READY;
}

static void role_send_peer(
	struct roles *roles, enum role_id to, enum role_id peer, int fd)
{
	struct msg_peer m = { .role = peer };
	struct buf_writer w = { .data = NULL };

	msg_put_peer(&w, &m);
	roles_send(roles, to, MSG_PEER, 0, &w, fd);
	buf_writer_free(&w);
}

/* ID, one of PAIR, has just joined. */
static void roles_connect(
	struct roles *roles, enum role_id id, const struct role_pair *pair)
{
	int fds[2];
	int err;

	if (!role_is_joined(&roles->processes[pair->a]) ||
		!role_is_joined(&roles->processes[pair->b]))
		return;
	err = channel_pair(fds);
	if (err) {
		log_error("cannot connect %s with %s: %s",
			role_id_name(pair->a), role_id_name(pair->b),
			strerror(-err));
		roles_kill(roles, id, "has no channel to its peers");
		return;
	}
	role_send_peer(roles, pair->a, pair->b, fds[0]);
	role_send_peer(roles, pair->b, pair->a, fds[1]);
	close(fds[0]);
	close(fds[1]);
}

void roles_set_joined(struct roles *roles, enum role_id id)
{
	struct role_process *p = &roles->processes[id];
	const struct role_pair *pairs;
	unsigned int n;
	unsigned int i;

	if (p->state != ROLE_PROCESS_STARTING)
		return;
	p->state = ROLE_PROCESS_JOINED;
	roles_set_patient(roles, id, false);
	pairs = role_table_pairs(&n);
	for (i = 0; i < n; i++)
		if (pairs[i].a == id || pairs[i].b == id)
			roles_connect(roles, id, &pairs[i]);
}

void roles_set_ready(struct roles *roles, enum role_id id)
{
	struct role_process *p = &roles->processes[id];

	if (p->state == ROLE_PROCESS_JOINED)
		p->state = ROLE_PROCESS_READY;
}

/* --- watching --- */

static int64_t role_silence_us(const struct role_process *p)
{
	if (p->patient)
		return ROLES_PATIENT_SILENCE_US;
	if (p->state == ROLE_PROCESS_STARTING)
		return ROLES_START_SILENCE_US;
	return p->roles->settings.silence_us;
}

void roles_set_patient(struct roles *roles, enum role_id id, bool patient)
{
	struct role_process *p = &roles->processes[id];
	int64_t now = time_monotonic_us();

	p->patient = patient;
	liveness_limit(&p->liveness, now, role_silence_us(p));
	if (p->pid)
		loop_timer_set(p->look_timer, now);
}

void roles_kill(struct roles *roles, enum role_id id, const char *why)
{
	struct role_process *p = &roles->processes[id];

	if (!p->pid || p->why[0])
		return;
	snprintf(p->why, sizeof(p->why), "%s", why);
	log_error("%s (pid %d): %s; killing it", role_id_name(id), (int)p->pid,
		why);
	kill(p->pid, SIGKILL);
}

/* CPU time that the process has used; 0 when nobody knows. */
static int64_t role_cpu_us(const struct role_process *p)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(p->pid, &clock) ||
		clock_gettime(clock, &ts) < 0)
		return 0;
	return (int64_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / NSEC_PER_USEC;
}

static struct liveness_facts role_facts(const struct role_process *p)
{
	struct liveness_facts facts = {
		.state = proc_state(p->pid),
		.cpu_us = role_cpu_us(p) - p->cpu_us,
	};

	return facts;
}

static const char *verdict_text(enum liveness_verdict verdict)
{
	switch (verdict) {
	case LIVENESS_ALIVE:
		return "alive";
	case LIVENESS_WORKS:
		return "works";
	case LIVENESS_STOPPED:
		return "stopped";
	case LIVENESS_WAITS:
		return "blocked";
	case LIVENESS_LOOPS:
		return "in a loop or starved";
	}
	return "?";
}

/* What the role has said already, and nobody has read yet, counts. */
static void role_judge(struct role_process *p, int64_t now)
{
	struct liveness_facts facts;
	enum liveness_verdict verdict;
	int64_t silent;
	char why[96];

	channel_drain(p->channel);
	facts = role_facts(p);
	verdict = liveness_judge(
		&p->liveness, now, p->roles->settings.silence_us, &facts);
	silent = (now - p->liveness.heard_us) / USEC_PER_MSEC;
	switch (verdict) {
	case LIVENESS_ALIVE:
		break;
	case LIVENESS_WORKS:
		log_limited(&p->limit, LOG_LEVEL_WARNING,
			"%s is silent for %" PRId64 " ms but works (%" PRId64
			" ms of processor time): left alone",
			role_id_name(p->id), silent,
			facts.cpu_us / USEC_PER_MSEC);
		break;
	case LIVENESS_STOPPED:
	case LIVENESS_WAITS:
	case LIVENESS_LOOPS:
		snprintf(why, sizeof(why), "%s, silent for %" PRId64 " ms, %s",
			reason_text(REASON_ROLE_HUNG), silent,
			verdict_text(verdict));
		roles_kill(p->roles, p->id, why);
		break;
	}
}

static void role_look(void *user_data)
{
	struct role_process *p = user_data;
	int64_t now = time_monotonic_us();
	struct liveness_look look = liveness_look(&p->liveness, now);

	if (look.ping)
		role_send_ping(p);
	if (p->cpu_heard_us != p->liveness.heard_us) {
		p->cpu_heard_us = p->liveness.heard_us;
		p->cpu_us = role_cpu_us(p);
	}
	if (now - p->liveness.heard_us >= p->roles->settings.silence_us &&
		p->state != ROLE_PROCESS_STOPPING && !p->why[0])
		role_judge(p, now);
	loop_timer_set(p->look_timer, look.next_us);
}

/* --- starting --- */

static const char *role_pid_file(
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
	p->cpu_heard_us = 0;
	p->cpu_us = 0;
	p->why[0] = '\0';
	p->channel = channel_new(
		roles->loop, fd, role_on_message, role_on_closed, p);
	pidfile_write(role_pid_file(p, buffer, sizeof(buffer)), p->pid);
	role_send_settings(p);
	checkpoint_store_each(p->checkpoints, role_restore_one, p);
	roles_send(roles, p->id, MSG_RESTORE_END, 0, NULL, -1);
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
		.boot = p->roles->settings.boot,
		.runtime_dir = p->roles->settings.runtime_dir,
	};
	int err;
	int fd;

	spawn.boot.log_ring_fd = p->log ? p->log_fd : 0;
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

		p->wanted = p->ops && wanted & BIT(p->id);
	}
	for (i = 0; i < n; i++) {
		struct role_process *p = &roles->processes[order[i]];

		if (p->wanted)
			role_start(p);
	}
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
	pid_t pid = p->pid;
	char buffer[PATH_MAX];

	/* Waited for: the number may belong to another process soon. */
	p->pid = 0;
	/* What it said last, checkpoints above all. */
	channel_drain(p->channel);
	role_describe_end(p, status);
	if (expected)
		log_info("%s (pid %d) stopped: %s", role_id_name(p->id),
			(int)pid, p->last_words);
	else
		log_error("%s (pid %d) died: %s", role_id_name(p->id), (int)pid,
			p->last_words);
	/* One that was killed by us had done nothing since it was heard. */
	p->predecessor_us = p->why[0] ? p->liveness.heard_us
				      : time_monotonic_us();
	p->state = ROLE_PROCESS_OFF;
	channel_free(p->channel);
	p->channel = NULL;
	loop_timer_set(p->look_timer, TIME_NEVER);
	unlink(role_pid_file(p, buffer, sizeof(buffer)));
	roles->callbacks->lost(p->id, roles->user_data);
	if (roles->stopping)
		roles_stop_next(roles);
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
	if (!p->ops)
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
		p->ops = role_table_get(p->id);
		p->checkpoints = checkpoint_store_new(
			ROLES_CHECKPOINT_BYTES, ROLES_CHECKPOINT_KEYS);
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
		if (p->ops && p->log_fd >= 0)
			close(p->log_fd);
	}
	loop_timer_free(roles->stop_timer);
	x_free(roles);
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
