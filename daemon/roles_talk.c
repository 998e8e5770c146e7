/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/role_table.h"
#include "daemon/roles_internal.h"

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

void role_send_settings(struct role_process *p)
{
	const struct roles_settings *s = &p->roles->settings;
	struct msg_settings m = {
		.flags = s->flags |
			 (p->starts > 1 || p->succeeds ? SETTINGS_RESTARTED
						       : 0) |
			 (p->wish.lock_memory ? SETTINGS_LOCK_MEMORY : 0),
		.runtime_dir = s->runtime_dir,
		.process_name = p->wish.name,
		.umask = p->roles->umask,
		.rttime_us = p->wish.rttime_us,
		.predecessor_us = p->predecessor_us,
	};
	struct buf_writer w = { .data = NULL };
	int fd = -1;

	if (!p->channel)
		return;
	if (s->flags & SETTINGS_LEAVE_STANDING)
		fd = role_open_handover(p);
	else
		role_remove_handover(p);
	msg_put_settings(&w, &m);
	roles_send(p->roles, p->id, MSG_SETTINGS, 0, &w, fd);
	buf_writer_free(&w);
	if (fd >= 0)
		close(fd);
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

void role_send_ping(struct role_process *p)
{
	struct msg_ping m = { .number = p->liveness.sent };
	struct buf_writer w = { .data = NULL };

	msg_put_ping(&w, &m);
	roles_send(p->roles, p->id, MSG_PING, 0, &w, -1);
	buf_writer_free(&w);
}

void role_send_checkpoints(struct role_process *p)
{
	checkpoint_store_each(p->checkpoints, role_restore_one, p);
	roles_send(p->roles, p->id, MSG_RESTORE_END, 0, NULL, -1);
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
			role_id_name(p->id), CHECKPOINT_BYTES_MAX,
			CHECKPOINT_KEYS_MAX, m.key);
}

static void role_on_pong(struct role_process *p, struct message *msg)
{
	struct msg_ping m;

	if (msg_get_ping(&msg->body, &m) < 0)
		return;
	liveness_pong(&p->liveness, time_monotonic_us(), m.number);
	if (m.stall_us > p->stall_us)
		p->stall_us = m.stall_us;
	role_tune_late(p, m.stall_us);
}

void role_on_message(
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
	case MSG_RAN:
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
void role_on_closed(struct channel *channel, void *user_data)
{
	struct role_process *p = user_data;

	p->channel = NULL;
	channel_free(channel);
}

/* --- peers --- */

bool role_is_joined(const struct role_process *p)
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
	role_tune(p);
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
