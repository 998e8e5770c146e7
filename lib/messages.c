/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/messages.h"

#include <errno.h>
#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

const char *role_id_name(enum role_id id)
{
	static const char *const names[ROLE_COUNT] = {
		[ROLE_SUPERVISOR] = "supervisor",
		[ROLE_VRRP] = "vrrp",
		[ROLE_HEALTHCHECK] = "healthcheck",
		[ROLE_IPVS] = "ipvs",
		[ROLE_RUNNER] = "runner",
	};

	return (size_t)id < ROLE_COUNT ? names[id] : "unknown";
}

const char *message_type_name(uint16_t type)
{
	static const char *const names[] = {
		[MSG_SETTINGS] = "settings",
		[MSG_RESTORE] = "restore",
		[MSG_RESTORE_END] = "restore-end",
		[MSG_PEER] = "peer",
		[MSG_PREPARE] = "prepare",
		[MSG_COMMIT] = "commit",
		[MSG_ABORT] = "abort",
		[MSG_PING] = "ping",
		[MSG_REQUEST] = "request",
		[MSG_STOP] = "stop",
		[MSG_FIFO] = "fifo",
		[MSG_PREPARED] = "prepared",
		[MSG_COMMITTED] = "committed",
		[MSG_READY] = "ready",
		[MSG_PONG] = "pong",
		[MSG_ANSWER] = "answer",
		[MSG_CHECKPOINT] = "checkpoint",
		[MSG_CHECK_STATES] = "check-states",
		[MSG_VRRP_STATE] = "vrrp-state",
		[MSG_BFD_STATES] = "bfd-states",
		[MSG_RUN] = "run",
		[MSG_RAN] = "ran",
		[MSG_EVENTS] = "events",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "unknown";
}

const char *vrrp_state_name(enum vrrp_state state)
{
	static const char *const names[] = {
		[VRRP_STATE_INITIALIZE] = "INITIALIZE",
		[VRRP_STATE_BACKUP] = "BACKUP",
		[VRRP_STATE_ACTIVE] = "ACTIVE",
		[VRRP_STATE_FAULT] = "FAULT",
	};

	return (size_t)state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

/* An enum that came over the wire, checked against its last value. */
static uint8_t get_enum(struct buf_reader *r, uint8_t min, uint8_t max)
{
	uint8_t value = buf_get_u8(r);

	if (value < min || value > max)
		r->failed = true;
	return value;
}

void msg_put_settings(struct buf_writer *w, const struct msg_settings *m)
{
	buf_put_u32(w, m->flags);
	buf_put_str(w, m->runtime_dir);
	buf_put_str(w, m->process_name ? m->process_name : "");
	buf_put_u32(w, m->umask);
	buf_put_i64(w, m->rttime_us);
	buf_put_i64(w, m->predecessor_us);
}

int msg_get_settings(struct buf_reader *r, struct msg_settings *ret)
{
	ret->flags = buf_get_u32(r);
	ret->runtime_dir = buf_get_str(r);
	ret->process_name = buf_get_str(r);
	ret->umask = buf_get_u32(r);
	ret->rttime_us = buf_get_i64(r);
	ret->predecessor_us = buf_get_i64(r);
	return buf_reader_finish(r);
}

void msg_put_checkpoint(struct buf_writer *w, const struct msg_checkpoint *m)
{
	buf_put_str(w, m->key);
	buf_put_blob(w, m->data, m->len);
}

int msg_get_checkpoint(struct buf_reader *r, struct msg_checkpoint *ret)
{
	ret->key = buf_get_str(r);
	ret->data = buf_get_blob(r, &ret->len);
	return buf_reader_finish(r);
}

void msg_put_peer(struct buf_writer *w, const struct msg_peer *m)
{
	buf_put_u8(w, (uint8_t)m->role);
}

int msg_get_peer(struct buf_reader *r, struct msg_peer *ret)
{
	ret->role = get_enum(r, 0, ROLE_COUNT - 1);
	return buf_reader_finish(r);
}

void msg_put_prepare(struct buf_writer *w, const struct msg_prepare *m)
{
	buf_put_u8(w, m->dry_run);
}

int msg_get_prepare(struct buf_reader *r, struct msg_prepare *ret)
{
	ret->dry_run = get_enum(r, 0, 1);
	return buf_reader_finish(r);
}

void msg_put_prepared(struct buf_writer *w, const struct msg_prepared *m)
{
	buf_put_i32(w, m->error);
	buf_put_str(w, m->text);
}

int msg_get_prepared(struct buf_reader *r, struct msg_prepared *ret)
{
	ret->error = buf_get_i32(r);
	ret->text = buf_get_str(r);
	return buf_reader_finish(r);
}

void msg_put_ping(struct buf_writer *w, const struct msg_ping *m)
{
	buf_put_u64(w, m->number);
	buf_put_i64(w, m->stall_us);
}

int msg_get_ping(struct buf_reader *r, struct msg_ping *ret)
{
	ret->number = buf_get_u64(r);
	ret->stall_us = buf_get_i64(r);
	return buf_reader_finish(r);
}

void msg_put_request(struct buf_writer *w, const struct msg_request *m)
{
	buf_put_u32(w, m->id);
	buf_put_str(w, m->json);
}

int msg_get_request(struct buf_reader *r, struct msg_request *ret)
{
	ret->id = buf_get_u32(r);
	ret->json = buf_get_str(r);
	return buf_reader_finish(r);
}

void msg_put_answer(struct buf_writer *w, const struct msg_answer *m)
{
	buf_put_u32(w, m->id);
	buf_put_i32(w, m->error);
}

int msg_get_answer(struct buf_reader *r, struct msg_answer *ret)
{
	ret->id = buf_get_u32(r);
	ret->error = buf_get_i32(r);
	return buf_reader_finish(r);
}

void msg_put_stop(struct buf_writer *w, const struct msg_stop *m)
{
	buf_put_u8(w, (uint8_t)m->mode);
}

int msg_get_stop(struct buf_reader *r, struct msg_stop *ret)
{
	ret->mode = get_enum(r, STOP_CLEAN, STOP_LEAVE);
	return buf_reader_finish(r);
}

void msg_begin_check_states(struct buf_writer *w, bool last, uint32_t count)
{
	buf_put_u8(w, last);
	buf_put_u32(w, count);
}

void msg_put_check_state(struct buf_writer *w, const struct msg_check_state *m)
{
	buf_put_u32(w, m->server_node);
	buf_put_u32(w, m->check_node);
	buf_put_u8(w, (uint8_t)m->state);
	buf_put_u16(w, (uint16_t)m->reason);
	buf_put_i32(w, m->weight);
	buf_put_u8(w, m->adds);
}

int msg_get_check_states(
	struct buf_reader *r, bool *ret_last, uint32_t *ret_count)
{
	*ret_last = get_enum(r, 0, 1);
	*ret_count = buf_get_u32(r);
	if (*ret_count > MSG_CHECK_STATES_MAX)
		r->failed = true;
	return r->failed ? -EBADMSG : 0;
}

int msg_get_check_state(struct buf_reader *r, struct msg_check_state *ret)
{
	ret->server_node = buf_get_u32(r);
	ret->check_node = buf_get_u32(r);
	ret->state = get_enum(r, CHECK_STATE_UP, CHECK_STATE_DOWN);
	ret->reason = buf_get_u16(r);
	ret->weight = buf_get_i32(r);
	ret->adds = get_enum(r, false, true);
	if (ret->reason >= REASON_COUNT)
		r->failed = true;
	return r->failed ? -EBADMSG : 0;
}

void msg_begin_bfd_states(struct buf_writer *w, uint32_t count)
{
	buf_put_u32(w, count);
}

void msg_put_bfd_state(struct buf_writer *w, const struct msg_bfd_state *m)
{
	buf_put_str(w, m->session);
	buf_put_u8(w, (uint8_t)m->state);
	buf_put_str(w, m->detail);
}

int msg_get_bfd_states(struct buf_reader *r, uint32_t *ret_count)
{
	*ret_count = buf_get_u32(r);
	if (*ret_count > MSG_BFD_STATES_MAX)
		r->failed = true;
	return r->failed ? -EBADMSG : 0;
}

int msg_get_bfd_state(struct buf_reader *r, struct msg_bfd_state *ret)
{
	ret->session = buf_get_str(r);
	ret->state = get_enum(r, BFD_SESSION_UP, BFD_SESSION_UNKNOWN);
	ret->detail = buf_get_str(r);
	if (!ret->session || !ret->detail)
		r->failed = true;
	return r->failed ? -EBADMSG : 0;
}

void msg_put_vrrp_state(struct buf_writer *w, const struct msg_vrrp_state *m)
{
	buf_put_str(w, m->instance);
	buf_put_u8(w, (uint8_t)m->state);
}

int msg_get_vrrp_state(struct buf_reader *r, struct msg_vrrp_state *ret)
{
	ret->instance = buf_get_str(r);
	ret->state = get_enum(r, VRRP_STATE_INITIALIZE, VRRP_STATE_FAULT);
	return buf_reader_finish(r);
}

void msg_put_run(struct buf_writer *w, const struct msg_run *m)
{
	uint32_t i;

	buf_put_u64(w, m->id);
	buf_put_u32(w, m->node);
	buf_put_str(w, m->subject);
	buf_put_i64(w, m->timeout_us);
	buf_put_u32(w, m->n_args);
	for (i = 0; i < m->n_args; i++)
		buf_put_str(w, m->args[i]);
}

int msg_get_run(struct buf_reader *r, struct msg_run *ret)
{
	uint32_t i;

	ret->id = buf_get_u64(r);
	ret->node = buf_get_u32(r);
	ret->subject = buf_get_str(r);
	ret->timeout_us = buf_get_i64(r);
	ret->n_args = buf_get_u32(r);
	if (ret->timeout_us < 0 || ret->n_args > MSG_RUN_ARGS_MAX)
		return -EBADMSG;
	for (i = 0; i < ret->n_args; i++)
		ret->args[i] = buf_get_str(r);
	return buf_reader_finish(r);
}

void msg_put_ran(struct buf_writer *w, const struct msg_ran *m)
{
	buf_put_u64(w, m->id);
	buf_put_u8(w, (uint8_t)m->outcome);
	buf_put_i32(w, m->value);
	buf_put_i64(w, m->duration_us);
}

int msg_get_ran(struct buf_reader *r, struct msg_ran *ret)
{
	ret->id = buf_get_u64(r);
	ret->outcome = get_enum(r, RUN_EXITED, RUN_NOT_RUN);
	ret->value = buf_get_i32(r);
	ret->duration_us = buf_get_i64(r);
	return buf_reader_finish(r);
}

void msg_begin_events(struct buf_writer *w, uint64_t lost, uint32_t count)
{
	buf_put_u64(w, lost);
	buf_put_u32(w, count);
}

void msg_put_event(struct buf_writer *w, const struct msg_event *m)
{
	buf_put_u8(w, (uint8_t)m->subject);
	buf_put_u8(w, (uint8_t)m->what);
	buf_put_u8(w, m->flags);
	buf_put_u8(w, m->priority);
	buf_put_u32(w, m->node);
	buf_put_u32(w, m->check_node);
	buf_put_u32(w, m->threshold);
	buf_put_u32(w, m->weight);
}

int msg_get_events(
	struct buf_reader *r, uint64_t *ret_lost, uint32_t *ret_count)
{
	*ret_lost = buf_get_u64(r);
	*ret_count = buf_get_u32(r);
	if (*ret_count > MSG_EVENTS_MAX)
		r->failed = true;
	return r->failed ? -EBADMSG : 0;
}

int msg_get_event(struct buf_reader *r, struct msg_event *ret)
{
	ret->subject = get_enum(r, EVENT_INSTANCE, EVENT_CHECK);
	ret->what = get_enum(r, EVENT_MASTER, EVENT_DOWN);
	ret->flags = get_enum(r, 0, EVENT_FLAGS_ALL);
	ret->priority = buf_get_u8(r);
	ret->node = buf_get_u32(r);
	ret->check_node = buf_get_u32(r);
	ret->threshold = buf_get_u32(r);
	ret->weight = buf_get_u32(r);
	return r->failed ? -EBADMSG : 0;
}

void msg_put_fifo(struct buf_writer *w, const struct msg_fifo *m)
{
	buf_put_u8(w, m->index);
	buf_put_u8(w, m->count);
	buf_put_u8(w, m->events);
	buf_put_u32(w, m->script_node);
	buf_put_str(w, m->path);
}

int msg_get_fifo(struct buf_reader *r, struct msg_fifo *ret)
{
	ret->index = buf_get_u8(r);
	ret->count = get_enum(r, 0, MSG_FIFOS_MAX);
	ret->events = get_enum(r, 0, FIFO_VRRP | FIFO_LVS);
	ret->script_node = buf_get_u32(r);
	ret->path = buf_get_str(r);
	if (ret->count && ret->index >= ret->count)
		r->failed = true;
	return buf_reader_finish(r);
}
