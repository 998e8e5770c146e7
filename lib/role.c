/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/role.h"

#include <errno.h>
#include <json-c/json.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/handover.h"
#include "lib/jsonfd.h"
#include "lib/log.h"
#include "lib/log_ring.h"
#include "lib/mem.h"
#include "lib/process.h"
#include "lib/timeutil.h"

/* How often a role looks at its own clock to notice that it was stalled. */
#define ROLE_STALL_PERIOD_US (50 * USEC_PER_MSEC)
/* How long an orphan waits for the roles that stop before it. */
#define ROLE_ORPHAN_WAIT_US (3 * USEC_PER_SEC)
#define ROLE_SIGNALS 5
#define ROLE_MMAP_THRESHOLD (64 * 1024)

struct role_peer_slot {
	struct role *role;
	enum role_id id;
	const struct role_handler *handlers;
	struct channel *channel;
};

struct role {
	const struct role_ops *ops;
	struct loop *loop;
	void *state;
	struct role_peer_slot peers[ROLE_COUNT];
	/* What ops lets the supervisor say, or NULL. */
	const struct role_handler *own_handlers;
	uint32_t flags;
	char *runtime_dir;
	int64_t predecessor_us;
	struct handover handover;
	bool restored; /* all that the predecessor left */
	uint32_t prepared;
	uint32_t generation;
	uint32_t request; /* being asked */
	bool deferred; /* its answer comes later */
	bool ready;
	bool stopping;
	bool leaves; /* everything as it is */
	bool anew; /* ends for a successor */
	bool orphan;
	struct loop_timer *orphan_timer;
	struct loop_timer *stall_timer;
	int64_t stall_due_us;
	int64_t stall_worst_us;
	uint64_t refused;
	struct log_limit refused_limit;
	struct log_limit lost_limit;
	struct log_limit rttime_limit;
	bool locked; /* the supervisor asked for it */
};

/* --- what roles call --- */

struct loop *role_loop(struct role *role)
{
	return role->loop;
}

uint32_t role_settings_flags(const struct role *role)
{
	return role->flags;
}

const char *role_runtime_dir(const struct role *role)
{
	return role->runtime_dir ? role->runtime_dir : "";
}

int64_t role_predecessor_us(const struct role *role)
{
	return role->predecessor_us;
}

uint32_t role_generation(const struct role *role)
{
	return role->generation;
}

bool role_peer_is_up(const struct role *role, enum role_id peer)
{
	return role->peers[peer].channel != NULL;
}

int role_send(struct role *role, enum role_id peer, uint16_t type,
	uint32_t generation, const struct buf_writer *body, int fd)
{
	struct channel *channel = role->peers[peer].channel;

	int err;

	if (!channel)
		return -ENOTCONN;
	err = channel_send(channel, type, generation, body, fd);
	/* A peer that is gone is told of elsewhere. */
	if (err && err != -EPIPE)
		log_limited(&role->lost_limit, LOG_LEVEL_ERROR,
			"message %s to %s is lost: %s", message_type_name(type),
			role_id_name(peer), strerror(-err));
	return err;
}

static void role_tell(struct role *role, uint16_t type, uint32_t generation)
{
	role_send(role, ROLE_SUPERVISOR, type, generation, NULL, -1);
}

void role_committed(struct role *role, uint32_t generation)
{
	role->generation = generation;
	role_tell(role, MSG_COMMITTED, generation);
}

void role_ready(struct role *role)
{
	if (role->ready)
		return;
	role->ready = true;
	role_tell(role, MSG_READY, role->generation);
}

void role_stopped(struct role *role)
{
	loop_stop(role->loop);
}

void role_begin_anew(struct role *role, const char *why)
{
	log_notice("begins anew: %s", why);
	role->stopping = true;
	role->anew = true;
	loop_stop(role->loop);
}

void role_checkpoint(
	struct role *role, const char *key, const void *data, size_t len)
{
	struct msg_checkpoint m = { .key = key, .data = data, .len = len };
	struct buf_writer w = { .data = NULL };

	handover_keep(&role->handover, key, data, len);
	msg_put_checkpoint(&w, &m);
	role_send(role, ROLE_SUPERVISOR, MSG_CHECKPOINT, role->generation, &w,
		-1);
	buf_writer_free(&w);
}

/* --- stopping --- */

static void role_stop(struct role *role, enum stop_mode mode)
{
	if (role->stopping)
		return;
	role->stopping = true;
	role->leaves = mode == STOP_LEAVE;
	if (role->leaves || !role->ops->stop) {
		role_stopped(role);
		return;
	}
	role->ops->stop(role->state, mode);
}

static bool role_waits_for_others(const struct role *role)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (role->ops->stop_after & (1u << id) &&
			role->peers[id].channel)
			return true;
	return false;
}

static void role_orphan_check(struct role *role)
{
	if (role->orphan && !role_waits_for_others(role))
		role_stop(role, STOP_CLEAN);
}

static void role_orphan_timeout(void *user_data)
{
	role_stop(user_data, STOP_CLEAN);
}

static void role_supervisor_lost(struct role *role)
{
	if (role->stopping)
		return;
	if (role->flags & SETTINGS_LEAVE_STANDING) {
		log_warning("the supervisor is gone; going on alone");
		return;
	}
	log_warning("the supervisor is gone; stopping");
	role->orphan = true;
	role->orphan_timer =
		loop_timer_new(role->loop, role_orphan_timeout, role);
	loop_timer_set(role->orphan_timer,
		time_monotonic_us() + ROLE_ORPHAN_WAIT_US);
	role_orphan_check(role);
}

static void role_signal(int signo, void *user_data)
{
	struct role *role = user_data;

	if (signo == SIGTERM)
		role_stop(role, STOP_LEAVE);
	else if (signo == SIGUSR1 && !role->peers[ROLE_SUPERVISOR].channel)
		role_stop(role, STOP_CLEAN);
	else if (signo == SIGXCPU)
		log_limited(&role->rttime_limit, LOG_LEVEL_WARNING,
			"worked in real-time for longer than rlimit_rttime "
			"without a rest");
}

/* --- stall meter --- */

static void role_stall_tick(void *user_data)
{
	struct role *role = user_data;
	int64_t now = time_monotonic_us();
	int64_t late = now - role->stall_due_us;

	if (role->stall_due_us && late > role->stall_worst_us)
		role->stall_worst_us = late;
	role->stall_due_us = now + ROLE_STALL_PERIOD_US;
	loop_timer_set(role->stall_timer, role->stall_due_us);
}

/* --- messages of the supervisor --- */

static void role_lock_memory(struct role *role, bool lock)
{
	int err = 0;

	if (role->locked != lock)
		err = process_lock_memory(lock);
	role->locked = lock;
	if (err)
		log_warning("memory is not locked: %s " PROCESS_LOCK_HINT,
			strerror(-err));
}

static int role_on_settings(void *user_data, enum role_id peer,
	struct message *msg)
{
	struct role *role = user_data;
	struct msg_settings m;

	(void)peer;
	if (msg_get_settings(&msg->body, &m) < 0)
		return -EBADMSG;
	/* Before anything is kept; later, only a copy from then on could be
	 * made, which would not be all. */
	if (!role->runtime_dir && (msg->fd >= 0 || role->ops->keeps_copy))
		handover_begin(&role->handover);
	handover_set_file(&role->handover, message_take_fd(msg));
	role->flags = m.flags;
	role->predecessor_us = m.predecessor_us;
	x_free(role->runtime_dir);
	role->runtime_dir = x_strdup(m.runtime_dir);
	process_set_name(*m.process_name ? m.process_name :
					   role_id_name(role->ops->id));
	umask((mode_t)m.umask);
	if (m.rttime_us)
		process_set_rttime(m.rttime_us);
	role_lock_memory(role, m.flags & SETTINGS_LOCK_MEMORY);
	return 0;
}

static int role_on_restore(void *user_data, enum role_id peer,
	struct message *msg)
{
	struct role *role = user_data;
	struct msg_checkpoint m;

	(void)peer;
	if (msg_get_checkpoint(&msg->body, &m) < 0)
		return -EBADMSG;
	handover_keep(&role->handover, m.key, m.data, m.len);
	if (role->ops->restore)
		role->ops->restore(role->state, m.key, m.data, m.len);
	return 0;
}

static int role_on_restore_end(void *user_data, enum role_id peer,
	struct message *msg)
{
	struct role *role = user_data;

	(void)peer;
	role->restored = true;
	return buf_reader_finish(&msg->body);
}

static int role_on_prepare(void *user_data, enum role_id peer,
	struct message *msg)
{
	struct role *role = user_data;
	struct json_object *plan = json_object_new_array();
	struct buf_writer w = { .data = NULL };
	struct msg_prepared answer = { .text = "" };
	struct msg_prepare m;
	char *text = NULL;
	int fd;

	(void)peer;
	if (role->stopping) {
		json_object_put(plan);
		return 0;
	}
	if (msg_get_prepare(&msg->body, &m) < 0 || msg->fd < 0) {
		json_object_put(plan);
		return -EBADMSG;
	}
	answer.error = role->ops->prepare(role->state, msg->generation, msg->fd,
		m.dry_run, plan, &text);
	if (answer.error)
		answer.text = text ? text : strerror(-answer.error);
	else
		role->prepared = msg->generation;
	msg_put_prepared(&w, &answer);
	fd = json_to_fd(plan);
	role_send(role, ROLE_SUPERVISOR, MSG_PREPARED, msg->generation, &w, fd);
	if (fd >= 0)
		close(fd);
	buf_writer_free(&w);
	json_object_put(plan);
	x_free(text);
	return 0;
}

static int role_on_commit(void *user_data, enum role_id peer,
	struct message *msg)
{
	struct role *role = user_data;

	(void)peer;
	/* What is given up is not configured again. */
	if (role->stopping) {
		log_warning("generation %u is to be committed, after this role "
			    "was told to stop",
			(unsigned int)msg->generation);
		return 0;
	}
	if (!role->prepared || msg->generation != role->prepared)
		return -EBADMSG;
	role->prepared = 0;
	role->ops->commit(role->state, msg->generation);
	/* The plan, and the generation before. */
	malloc_trim(0);
	return 0;
}

static int role_on_abort(void *user_data, enum role_id peer,
	struct message *msg)
{
	struct role *role = user_data;

	(void)peer;
	(void)msg;
	if (role->prepared)
		role->ops->abort(role->state);
	role->prepared = 0;
	return 0;
}

static int role_on_ping(void *user_data, enum role_id peer, struct message *msg)
{
	struct role *role = user_data;
	struct buf_writer w = { .data = NULL };
	struct msg_ping m;

	(void)peer;
	if (msg_get_ping(&msg->body, &m) < 0)
		return -EBADMSG;
	m.stall_us = role->stall_worst_us;
	role->stall_worst_us = 0;
	msg_put_ping(&w, &m);
	role_send(role, ROLE_SUPERVISOR, MSG_PONG, msg->generation, &w, -1);
	buf_writer_free(&w);
	return 0;
}

static struct json_object *role_ask(struct role *role, const char *json)
{
	struct json_object *request = json_tokener_parse(json);
	struct json_object *answer = NULL;
	struct json_object *value;
	const char *command;

	if (request && json_object_object_get_ex(request, "command", &value)) {
		command = json_object_get_string(value);
		if (role->ops->request)
			answer = role->ops->request(
				role->state, command, request);
	}
	json_object_put(request);
	return answer ? answer : json_object_new_object();
}

uint32_t role_defer(struct role *role)
{
	role->deferred = true;
	return role->request;
}

void role_answer(struct role *role, uint32_t request, int fd)
{
	const struct msg_answer answer = {
		.id = request,
		.error = fd < 0 ? fd : 0,
	};
	struct buf_writer w = { .data = NULL };

	msg_put_answer(&w, &answer);
	role_send(role, ROLE_SUPERVISOR, MSG_ANSWER, role->generation, &w,
		fd < 0 ? -1 : fd);
	buf_writer_free(&w);
}

/* The tree of an answer is several times its text: what leaves so much of the
 * heap free gives it back. */
#define ROLE_ANSWER_LARGE (128 * 1024)

static int role_on_request(void *user_data, enum role_id peer,
	struct message *msg)
{
	struct role *role = user_data;
	struct buf_writer w = { .data = NULL };
	struct json_object *json;
	struct msg_answer answer;
	struct msg_request m;
	bool large;
	int fd;

	(void)peer;
	if (msg_get_request(&msg->body, &m) < 0)
		return -EBADMSG;
	role->request = m.id;
	role->deferred = false;
	json = role_ask(role, m.json);
	if (role->deferred) {
		json_object_put(json);
		return 0;
	}
	answer.id = m.id;
	answer.error = json_object_object_get_ex(json, "error", NULL) ?
		-EINVAL : 0;
	msg_put_answer(&w, &answer);
	fd = json_to_fd(json);
	large = fd >= 0 && lseek(fd, 0, SEEK_CUR) > ROLE_ANSWER_LARGE;
	role_send(role, ROLE_SUPERVISOR, MSG_ANSWER, role->generation, &w, fd);
	if (fd >= 0)
		close(fd);
	buf_writer_free(&w);
	json_object_put(json);
	if (large)
		malloc_trim(0);
	return 0;
}

static int role_on_stop(void *user_data, enum role_id peer, struct message *msg)
{
	struct msg_stop m;

	(void)peer;
	if (msg_get_stop(&msg->body, &m) < 0)
		return -EBADMSG;
	role_stop(user_data, m.mode);
	return 0;
}

static int role_on_fifo(void *user_data, enum role_id peer, struct message *msg)
{
	struct role *role = user_data;
	struct msg_fifo m;

	(void)peer;
	if (msg_get_fifo(&msg->body, &m) < 0 || !role->ops->fifo)
		return -EBADMSG;
	role->ops->fifo(
		role->state, msg->generation, &m, message_take_fd(msg));
	return 0;
}

static void role_peer_connect(struct role *role, enum role_id id, int fd);

static int role_on_peer(void *user_data, enum role_id peer, struct message *msg)
{
	struct role *role = user_data;
	struct msg_peer m;

	(void)peer;
	if (msg_get_peer(&msg->body, &m) < 0 || msg->fd < 0 ||
		!role->peers[m.role].handlers || m.role == ROLE_SUPERVISOR)
		return -EBADMSG;
	role_peer_connect(role, m.role, message_take_fd(msg));
	return 0;
}

static const struct role_handler supervisor_handlers[] = {
	{ MSG_SETTINGS, role_on_settings },
	{ MSG_RESTORE, role_on_restore },
	{ MSG_RESTORE_END, role_on_restore_end },
	{ MSG_PEER, role_on_peer },
	{ MSG_PREPARE, role_on_prepare },
	{ MSG_COMMIT, role_on_commit },
	{ MSG_ABORT, role_on_abort },
	{ MSG_PING, role_on_ping },
	{ MSG_REQUEST, role_on_request },
	{ MSG_STOP, role_on_stop },
	{ MSG_FIFO, role_on_fifo },
	{ 0, NULL },
};

/* --- peers --- */

/* Is there a handler in HANDLERS, which may be NULL, that takes MSG? */
static bool role_handle(const struct role_handler *handlers, void *target,
	enum role_id peer, struct message *msg)
{
	const struct role_handler *h;

	for (h = handlers; h && h->type; h++)
		if (h->type == msg->type)
			return h->handle(target, peer, msg) == 0;
	return false;
}

/* The supervisor's messages are for the shell, or else for the role, as the
 * others' are. */
static void role_message(struct channel *channel, struct message *msg,
	void *user_data)
{
	struct role_peer_slot *slot = user_data;
	struct role *role = slot->role;

	(void)channel;
	if (slot->id == ROLE_SUPERVISOR ?
		    role_handle(slot->handlers, role, slot->id, msg) ||
			    role_handle(role->own_handlers, role->state,
				    slot->id, msg) :
		    role_handle(slot->handlers, role->state, slot->id, msg))
		return;
	role->refused++;
	log_limited(&role->refused_limit, LOG_LEVEL_WARNING,
		"refused a message %s from %s", message_type_name(msg->type),
		role_id_name(slot->id));
}

static void role_closed(struct channel *channel, void *user_data)
{
	struct role_peer_slot *slot = user_data;
	struct role *role = slot->role;

	slot->channel = NULL;
	channel_free(channel);
	if (slot->id == ROLE_SUPERVISOR) {
		role_supervisor_lost(role);
		return;
	}
	if (role->ops->peer_down)
		role->ops->peer_down(role->state, slot->id);
	role_orphan_check(role);
}

static void role_peer_connect(struct role *role, enum role_id id, int fd)
{
	struct role_peer_slot *slot = &role->peers[id];
	bool was_up = slot->channel != NULL;

	/* What the old end said comes before what the new one says. */
	channel_drain(slot->channel);
	channel_free(slot->channel);
	slot->channel = NULL;
	if (was_up && role->ops->peer_down && id != ROLE_SUPERVISOR)
		role->ops->peer_down(role->state, id);
	slot->channel =
		channel_new(role->loop, fd, role_message, role_closed, slot);
	if (id != ROLE_SUPERVISOR && role->ops->peer_up)
		role->ops->peer_up(role->state, id);
}

static void role_init_peers(struct role *role)
{
	const struct role_peer *peer;
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++) {
		role->peers[id].role = role;
		role->peers[id].id = id;
	}
	role->peers[ROLE_SUPERVISOR].handlers = supervisor_handlers;
	for (peer = role->ops->peers; peer && peer->handlers; peer++) {
		if (peer->id == ROLE_SUPERVISOR)
			role->own_handlers = peer->handlers;
		else
			role->peers[peer->id].handlers = peer->handlers;
	}
}

/* --- life --- */

/* Without a generation it has done nothing yet: what its predecessor left goes
 * on to the next one, and is no younger for that. */
static int64_t role_worked_us(const struct role *role)
{
	if (role->generation)
		return time_monotonic_us();
	return role->restored ? role->predecessor_us : 0;
}

static void role_free(struct role *role)
{
	unsigned int id;

	if (role->ops->destroy)
		role->ops->destroy(role->state);
	for (id = 0; id < ROLE_COUNT; id++)
		channel_free(role->peers[id].channel);
	loop_timer_free(role->stall_timer);
	loop_timer_free(role->orphan_timer);
	loop_free(role->loop);
	handover_free(&role->handover);
	x_free(role->runtime_dir);
	x_free(role);
}

int role_main(const struct role_ops *ops, const struct role_boot *boot)
{
	static const int signals[ROLE_SIGNALS] = { SIGTERM, SIGINT, SIGHUP,
		SIGUSR1, SIGXCPU };
	struct loop_signal *handles[ROLE_SIGNALS];
	struct role *role;
	unsigned int i;
	bool anew;
	int err;

	log_open(role_id_name(ops->id), boot->log_targets, boot->log_facility,
		(enum log_level)boot->log_level);
	if (boot->instance)
		log_rename(x_asprintf("%s_%s", role_id_name(ops->id),
			boot->instance));
	if (boot->log_ring_fd > 0) {
		log_keep(log_ring_map(boot->log_ring_fd));
		close(boot->log_ring_fd);
	}
	process_set_name(role_id_name(ops->id));
	process_allow_lock();
	/* Chunks and buffers of 64 KiB are mapped: of those that are not full,
	 * the rest is no memory. */
	mallopt(M_MMAP_THRESHOLD, ROLE_MMAP_THRESHOLD);
	signal(SIGPIPE, SIG_IGN);
	err = ops->setup ? ops->setup() : 0;
	if (err)
		log_warning("setup is incomplete: %s", strerror(-err));
	if (privileges_drop(&ops->privileges, &boot->ids) < 0)
		return EXIT_FAILURE;

	role = x_new(struct role, 1);
	role->ops = ops;
	handover_init(&role->handover, ops->id);
	role->loop = loop_new();
	role_init_peers(role);
	for (i = 0; i < ROLE_SIGNALS; i++)
		handles[i] = loop_signal_new(
			role->loop, signals[i], role_signal, role);
	role->state = ops->create(role);
	role->stall_timer = loop_timer_new(role->loop, role_stall_tick, role);
	role_stall_tick(role);
	role_peer_connect(role, ROLE_SUPERVISOR, boot->supervisor_fd);
	loop_run(role->loop);
	if (role->leaves)
		handover_end(&role->handover, role_worked_us(role));

	for (i = 0; i < ROLE_SIGNALS; i++)
		loop_signal_free(handles[i]);
	anew = role->anew;
	role_free(role);
	return anew ? ROLE_EXIT_ANEW : EXIT_SUCCESS;
}
