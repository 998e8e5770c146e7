/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The role processes: started, watched, restarted, stopped.
 *
 * A role that ends is noticed by SIGCHLD at once; one that hangs, by its
 * silence within role_timeout.  Either is killed if need be, and started
 * again with back-off; it gets its checkpoints back and joins the running
 * generation.  What a generation is, is the owner's business: this module
 * says who came up and who was lost, and hands messages over.
 */
#ifndef TANDEM_DAEMON_ROLES_H
#define TANDEM_DAEMON_ROLES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/loop.h"
#include "lib/role.h"

struct json_object;
struct process_conf;
struct roles;

enum role_process_state {
	ROLE_PROCESS_OFF,      /* not wanted, or ended for good */
	ROLE_PROCESS_WAITING,  /* for its back-off */
	ROLE_PROCESS_STARTING, /* runs, has no generation yet */
	ROLE_PROCESS_JOINED,   /* has committed a generation */
	ROLE_PROCESS_READY,    /* and has done its first pass */
	ROLE_PROCESS_STOPPING,
};

const char *role_process_state_name(enum role_process_state state);

struct roles_callbacks {
	/* The process is there and takes messages; it has no generation. */
	void (*started)(enum role_id id, void *user_data);
	/* It is gone.  Called before any restart. */
	void (*lost)(enum role_id id, void *user_data);
	/* PREPARED, COMMITTED, READY, ANSWER and RAN. */
	void (*message)(enum role_id id, struct message *msg, void *user_data);
	/* After roles_stop(): only the last role in the stop order is left, if
	 * it is.  True: it is not stopped before roles_stop_last(). */
	bool (*last)(void *user_data);
	/* After roles_stop(): no role is left. */
	void (*stopped)(void *user_data);
};

struct roles_settings {
	const char *runtime_dir;
	int program_fd; /* of spawn_open_program() */
	struct role_boot boot;
	uint32_t flags; /* settings_flags without RESTARTED */
	bool no_respawn;
	int64_t silence_us; /* after which a role is hung */
	int64_t stop_us;    /* for each role to stop in */
	/* Pid files instead of RUNTIME_DIR/ROLE.pid; NULL = none. */
	const char *pid_files[ROLE_COUNT];
};

/* Borrows SETTINGS' strings and CALLBACKS. */
struct roles *roles_new(struct loop *loop,
	const struct roles_settings *settings,
	const struct roles_callbacks *callbacks, void *user_data);
/* Kills what is left. */
void roles_free(struct roles *roles);

/* Ends those in WHICH (bits) that a former supervisor has told to stay, which
 * hand over to their successors what they know; or all of them if they are on
 * their way to stop.  Before their start; blocks for some seconds at worst. */
void roles_succeed(struct roles *roles, unsigned int which);
/* Stops those that a former supervisor has left and that have no successor of
 * ours, in the order of the role table; blocks as well. */
void roles_stop_left(struct roles *roles);
/* Starts those in WANTED (bits) that the role table has and that are not
 * there; no others are wanted from now on. */
void roles_start(struct roles *roles, unsigned int wanted);
/* Stops all in the order of the role table. */
void roles_stop(struct roles *roles);
void roles_stop_last(struct roles *roles);
/* For last(): starts that role again if it has died meanwhile.  False: it does
 * not run, and will not. */
bool roles_start_last(struct roles *roles);
/* After SIGCHLD. */
void roles_reap(struct roles *roles);

/* For roles that are started from now on; INSTANCE is borrowed. */
void roles_set_instance(struct roles *roles, const char *instance);
/* Tells all roles when they differ from what was said. */
void roles_set_flags(struct roles *roles, uint32_t flags);
/* Priorities, processors, names and the umask of all roles, now and after a
 * restart; what has not changed is not touched. */
void roles_set_process(
	struct roles *roles, const struct process_conf *conf, mode_t mask);
/* Where ID runs from its next start on; FD is borrowed, 0 = as this process. */
void roles_set_netns(struct roles *roles, enum role_id id, int fd);
void roles_set_times(struct roles *roles, int64_t silence_us, int64_t stop_us);

enum role_process_state roles_state(const struct roles *roles, enum role_id id);
/* Bits of those that are started and of those that have a generation. */
unsigned int roles_alive(const struct roles *roles);
unsigned int roles_joined(const struct roles *roles);
/* Bits of those that were killed and have not ended yet. */
unsigned int roles_dying(const struct roles *roles);
/* Within lost(): ID has ended for a successor, which starts at once. */
bool roles_begins_anew(const struct roles *roles, enum role_id id);
/* All that are wanted are alive. */
bool roles_all_alive(const struct roles *roles);
/* All that are wanted are ready; false before the start. */
bool roles_all_ready(const struct roles *roles);

/* As channel_send(), or -ENOTCONN.  A role that cannot be told is killed: its
 * successor is told everything anew. */
int roles_send(struct roles *roles, enum role_id id, uint16_t type,
	uint32_t generation, const struct buf_writer *body, int fd);

/* ID has committed: it is connected with its peers. */
void roles_set_joined(struct roles *roles, enum role_id id);
void roles_set_ready(struct roles *roles, enum role_id id);
/* While PATIENT, a role may be silent for long: it is binding a config. */
void roles_set_patient(struct roles *roles, enum role_id id, bool patient);
/* SIGKILL, and a restart with back-off. */
void roles_kill(struct roles *roles, enum role_id id, const char *why);

/* Array of {name, pid, state, restarts, last_ping_ms, ...}; the supervisor
 * itself is the first. */
struct json_object *roles_to_json(const struct roles *roles);
/* Adds {time_us, level, role, text} to LINES: what this process, the roles
 * that run and those that ran before them have logged last; not in the order
 * of time. */
void roles_add_log(const struct roles *roles, struct json_object *lines);
/* What an operator must know about the roles, appended to PROBLEMS. */
void roles_add_problems(
	const struct roles *roles, struct json_object *problems);

#endif
