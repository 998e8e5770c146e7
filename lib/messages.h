/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What crosses between the roles: the whole list of messages, their bodies
 * and who sends them to whom.  Roles include this and never each other.
 *
 * Services, servers, checks, scripts and instances are named by the number
 * of their node in the configuration tree of the generation in the message.
 * A message of a generation that the receiver does not hold is counted and
 * dropped; senders say everything again after a commit.
 *
 * For each body there is a put function, which appends it to a writer, and a
 * get function: 0, or -EBADMSG when the body is not well-formed, in which
 * case the output is not to be used.  Strings and blobs that a get function
 * returns borrow the message.
 */
#ifndef TANDEM_LIB_MESSAGES_H
#define TANDEM_LIB_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/reason.h"

enum role_id {
	ROLE_SUPERVISOR,
	ROLE_VRRP,
	ROLE_HEALTHCHECK,
	ROLE_IPVS,
	ROLE_RUNNER,
	ROLE_COUNT,
};

/* "supervisor", "vrrp", "healthcheck", "ipvs", "runner". */
const char *role_id_name(enum role_id id);

enum message_type {
	/* supervisor -> role */
	MSG_SETTINGS = 1, /* settings + fd (or none): where to hand over what
			   * is known; first message of all */
	MSG_RESTORE, /* checkpoint; what the predecessor left, then */
	MSG_RESTORE_END, /* (empty) */
	MSG_PEER, /* peer + fd: the channel to another role */
	MSG_PREPARE, /* prepare + fd: the generation */
	MSG_COMMIT, /* (empty) */
	MSG_ABORT, /* (empty) */
	MSG_PING, /* ping */
	MSG_REQUEST, /* request */
	MSG_STOP, /* stop */
	MSG_FIFO, /* fifo + fd: to the runner, before PREPARE */

	/* role -> supervisor */
	MSG_PREPARED, /* prepared + fd: the plan as JSON text */
	MSG_COMMITTED, /* (empty) */
	MSG_READY, /* (empty): first pass over the work is done */
	MSG_PONG, /* ping, with the same number */
	MSG_ANSWER, /* answer + fd: JSON text */
	MSG_CHECKPOINT, /* checkpoint */

	/* healthcheck -> ipvs */
	MSG_CHECK_STATES, /* check_states */

	/* vrrp -> ipvs */
	MSG_VRRP_STATE, /* vrrp_state */

	/* vrrp -> healthcheck */
	MSG_BFD_STATES, /* bfd_states */

	/* vrrp, healthcheck, ipvs -> runner */
	MSG_RUN, /* run */
	/* runner -> who asked */
	MSG_RAN, /* ran */

	/* vrrp, ipvs -> runner */
	MSG_EVENTS, /* events */
};

/* Name of a message_type for logs; "unknown" for others. */
const char *message_type_name(uint16_t type);

/* --- settings: what the command line and global_defs say, for every role --- */

enum settings_flags {
	SETTINGS_DETAIL = 1 << 0, /* -D */
	SETTINGS_KEEP_IPVS = 1 << 1, /* -I */
	SETTINGS_KEEP_VIPS = 1 << 2, /* -V */
	SETTINGS_RESTARTED = 1 << 3, /* this role has a known predecessor */
	SETTINGS_LEAVE_STANDING = 1 << 4, /* go on without a supervisor */
	SETTINGS_LOCK_MEMORY = 1 << 5, /* of this role */
	SETTINGS_NO_BFD = 1 << 6, /* -B */
};

struct msg_settings {
	uint32_t flags;
	const char *runtime_dir;
	const char *process_name; /* "" or NULL = the role's own */
	uint32_t umask;
	/* RLIMIT_RTTIME after which a role says that it worked without a
	 * rest; 0 = as it was. */
	int64_t rttime_us;
	/* When the predecessor is known to have worked last, on the
	 * monotonic clock: the time of its exit, or of its last sign of life
	 * if it hung.  0 = there was none, or nobody knows. */
	int64_t predecessor_us;
};

void msg_put_settings(struct buf_writer *w, const struct msg_settings *m);
int msg_get_settings(struct buf_reader *r, struct msg_settings *ret);

/* --- checkpoint: state that outlives a role.  An empty blob forgets the
 * key.  Only the role that wrote it knows its layout; start it with a
 * version number. --- */

struct msg_checkpoint {
	const char *key;
	const void *data;
	size_t len;
};

void msg_put_checkpoint(struct buf_writer *w, const struct msg_checkpoint *m);
int msg_get_checkpoint(struct buf_reader *r, struct msg_checkpoint *ret);

struct msg_peer {
	enum role_id role;
};

void msg_put_peer(struct buf_writer *w, const struct msg_peer *m);
int msg_get_peer(struct buf_reader *r, struct msg_peer *ret);

/* --- reload --- */

struct msg_prepare {
	bool dry_run; /* a plan is wanted, ABORT will follow */
};

void msg_put_prepare(struct buf_writer *w, const struct msg_prepare *m);
int msg_get_prepare(struct buf_reader *r, struct msg_prepare *ret);

struct msg_prepared {
	int32_t error; /* 0 or -errno */
	const char *text; /* why, when error */
};

void msg_put_prepared(struct buf_writer *w, const struct msg_prepared *m);
int msg_get_prepared(struct buf_reader *r, struct msg_prepared *ret);

struct msg_ping {
	uint64_t number;
	int64_t stall_us; /* in a pong: worst loop lag since the last one */
};

void msg_put_ping(struct buf_writer *w, const struct msg_ping *m);
int msg_get_ping(struct buf_reader *r, struct msg_ping *ret);

/* --- requests of tandemctl, passed on by the supervisor --- */

struct msg_request {
	uint32_t id;
	const char *json; /* {"command": ...} */
};

void msg_put_request(struct buf_writer *w, const struct msg_request *m);
int msg_get_request(struct buf_reader *r, struct msg_request *ret);

struct msg_answer {
	uint32_t id;
	int32_t error; /* 0 or -errno; the JSON then has "error" */
};

void msg_put_answer(struct buf_writer *w, const struct msg_answer *m);
int msg_get_answer(struct buf_reader *r, struct msg_answer *ret);

enum stop_mode {
	STOP_CLEAN, /* resign, take addresses and entries away */
	STOP_LEAVE, /* end at once, leave everything as it is */
};

struct msg_stop {
	enum stop_mode mode;
};

void msg_put_stop(struct buf_writer *w, const struct msg_stop *m);
int msg_get_stop(struct buf_reader *r, struct msg_stop *ret);

/* --- facts of checks --- */

enum check_state {
	CHECK_STATE_UP = 1,
	CHECK_STATE_DOWN,
};

#define CHECK_WEIGHT_NONE INT32_MIN

struct msg_check_state {
	uint32_t server_node; /* the real_server block */
	uint32_t check_node; /* the checker block in it */
	enum check_state state;
	enum reason reason;
	int32_t weight; /* what the check asks for, else CHECK_WEIGHT_NONE */
	bool adds; /* WEIGHT is to be added to the configured one */
};

/* At most so many fit one message. */
#define MSG_CHECK_STATES_MAX 1024

/*
 * A list is built by begin, then put for each, then end; the reader is asked
 * for the count and then for each.  LAST: with this message the receiver has
 * every state that is known (sent after a connect and after a commit).
 */
void msg_begin_check_states(struct buf_writer *w, bool last, uint32_t count);
void msg_put_check_state(struct buf_writer *w, const struct msg_check_state *m);
int msg_get_check_states(
	struct buf_reader *r, bool *ret_last, uint32_t *ret_count);
int msg_get_check_state(struct buf_reader *r, struct msg_check_state *ret);

/* --- BFD sessions, for checks that follow one --- */

enum bfd_session_state {
	BFD_SESSION_UP = 1,
	BFD_SESSION_DOWN,
	BFD_SESSION_UNKNOWN, /* new: what was said of one of this name is
				nothing any more */
};

struct msg_bfd_state {
	const char *session;
	enum bfd_session_state state;
	const char *detail; /* why, "" = nothing to say */
};

/* At most so many fit one message: names have 31 characters. */
#define MSG_BFD_STATES_MAX 512

/* All sessions are said after a connect and after a commit, changes as they
 * come.  Names are the same in every generation. */
void msg_begin_bfd_states(struct buf_writer *w, uint32_t count);
void msg_put_bfd_state(struct buf_writer *w, const struct msg_bfd_state *m);
int msg_get_bfd_states(struct buf_reader *r, uint32_t *ret_count);
int msg_get_bfd_state(struct buf_reader *r, struct msg_bfd_state *ret);

/* --- VRRP state, for those that follow an instance --- */

enum vrrp_state {
	VRRP_STATE_INITIALIZE,
	VRRP_STATE_BACKUP,
	VRRP_STATE_ACTIVE,
	VRRP_STATE_FAULT,
};

/* "INITIALIZE", "BACKUP", "ACTIVE", "FAULT". */
const char *vrrp_state_name(enum vrrp_state state);

struct msg_vrrp_state {
	const char *instance;
	enum vrrp_state state;
};

void msg_put_vrrp_state(struct buf_writer *w, const struct msg_vrrp_state *m);
int msg_get_vrrp_state(struct buf_reader *r, struct msg_vrrp_state *ret);

/* --- scripts --- */

#define MSG_RUN_ARGS_MAX 8

/*
 * Runs the command of configuration node NODE (a keyword of script type).
 * The runner takes command, user and limits from its own copy of the
 * generation: nobody can make it run what the config does not name.  Runs
 * with the same SUBJECT never overlap and keep their order.
 */
struct msg_run {
	uint64_t id; /* the sender's; comes back in msg_ran */
	uint32_t node;
	const char *subject; /* e.g. "instance VI_1", "check 17" */
	int64_t timeout_us; /* 0 = none */
	uint32_t n_args; /* appended to the configured command */
	const char *args[MSG_RUN_ARGS_MAX];
};

void msg_put_run(struct buf_writer *w, const struct msg_run *m);
int msg_get_run(struct buf_reader *r, struct msg_run *ret);

enum run_outcome {
	RUN_EXITED = 1, /* value: exit status */
	RUN_SIGNALED, /* value: signal number */
	RUN_TIMED_OUT, /* value: the signal that ended it */
	RUN_NOT_RUN, /* value: errno of what failed before the script began */
};

struct msg_ran {
	uint64_t id;
	enum run_outcome outcome;
	int32_t value;
	int64_t duration_us;
};

void msg_put_ran(struct buf_writer *w, const struct msg_ran *m);
int msg_get_ran(struct buf_reader *r, struct msg_ran *ret);

/* --- events: what FIFOs and mail tell --- */

/* What NODE of an event is. */
enum event_subject {
	EVENT_INSTANCE = 1, /* vrrp_instance */
	EVENT_GROUP, /* vrrp_sync_group */
	EVENT_SERVICE, /* virtual_server */
	EVENT_SERVER, /* real_server */
	EVENT_CHECK, /* real_server, of which a check changed */
};

enum event_what {
	EVENT_MASTER = 1,
	EVENT_BACKUP,
	EVENT_FAULT,
	EVENT_STOP,
	EVENT_DELETED,
	EVENT_MASTER_RX_LOWER_PRI,
	EVENT_MASTER_PRIORITY,
	EVENT_BACKUP_PRIORITY,
	EVENT_UP,
	EVENT_DOWN,
};

enum event_flags {
	EVENT_AGAIN = 1 << 0, /* no change: told again after a reload */
	EVENT_STARTING = 1 << 1, /* EVENT_SERVICE: its first state */
	EVENT_STOPPING = 1 << 2, /* down because of a stop */
	EVENT_REMOVED = 1 << 3, /* down because of a reload */
	EVENT_CHECK_FAILED = 1 << 4, /* EVENT_CHECK: else it passed */
	EVENT_SERVER_CHANGED = 1 << 5, /* EVENT_CHECK: the server, too */
};

#define EVENT_FLAGS_ALL 63

/*
 * The runner makes lines and mails of it from its own copy of the
 * generation: nobody can make it tell what the config does not name.
 */
struct msg_event {
	enum event_subject subject;
	enum event_what what;
	uint8_t flags;
	uint8_t priority; /* EVENT_INSTANCE: effective one */
	uint32_t node;
	uint32_t check_node; /* EVENT_CHECK: the checker */
	uint32_t threshold; /* EVENT_SERVICE: weight it was judged by, */
	uint32_t weight; /* and that of its servers that are up */
};

/* At most so many fit one message. */
#define MSG_EVENTS_MAX 1024

/* A list, as of check states.  LOST: so many the sender had to leave out
 * since its last message. */
void msg_begin_events(struct buf_writer *w, uint64_t lost, uint32_t count);
void msg_put_event(struct buf_writer *w, const struct msg_event *m);
int msg_get_events(
	struct buf_reader *r, uint64_t *ret_lost, uint32_t *ret_count);
int msg_get_event(struct buf_reader *r, struct msg_event *ret);

/* --- notify FIFOs: made by the supervisor, written by the runner --- */

enum fifo_events {
	FIFO_VRRP = 1 << 0,
	FIFO_LVS = 1 << 1,
};

#define MSG_FIFOS_MAX 3

/* FIFO INDEX of COUNT of the generation in the message, whose PREPARE
 * follows; with COUNT 0 there is none.  Without a descriptor it could not be
 * opened. */
struct msg_fifo {
	uint8_t index;
	uint8_t count;
	uint8_t events; /* enum fifo_events */
	uint32_t script_node; /* 0 = none */
	const char *path;
};

void msg_put_fifo(struct buf_writer *w, const struct msg_fifo *m);
int msg_get_fifo(struct buf_reader *r, struct msg_fifo *ret);

#endif
