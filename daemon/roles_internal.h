/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the roles share; nobody else includes it: roles.c (start,
 * end, what is so), roles_succeed.c (those of a former supervisor),
 * roles_talk.c (messages), roles_watch.c (signs of life), roles_tune.c
 * (priorities), roles_stop.c and roles_json.c.
 */
#ifndef TANDEM_DAEMON_ROLES_INTERNAL_H
#define TANDEM_DAEMON_ROLES_INTERNAL_H

#include "daemon/backoff.h"
#include "daemon/liveness.h"
#include "daemon/roles.h"
#include "daemon/tuning.h"
#include "lib/checkpoint.h"
#include "lib/log.h"

struct role_process {
	struct roles *roles;
	enum role_id id;
	enum role_process_state state;
	pid_t pid;		 /* 0 = none */
	struct channel *channel; /* NULL = closed by the role */
	struct checkpoint_store *checkpoints;
	struct log_ring *log; /* NULL = no memory for it */
	int log_fd;
	int netns_fd; /* borrowed; 0 = as the supervisor */
	struct liveness liveness;
	struct loop_timer *look_timer;
	struct loop_timer *restart_timer;
	struct backoff backoff;
	bool wanted;
	bool patient;
	bool anew; /* it ended for a successor, which starts at once */
	int64_t cpu_heard_us; /* the sign of life that cpu_us belongs to */
	int64_t cpu_us;	      /* its processor time then */
	int64_t started_us;
	int64_t predecessor_us; /* when its predecessor worked last */
	int64_t stall_us;	/* worst that it reported */
	unsigned int starts;
	bool succeeds;	      /* a role of a former supervisor, known */
	char why[96];	      /* we killed it; "" = we did not */
	char last_words[256]; /* of its predecessor */
	struct log_limit limit;
	struct tuning_wish wish;
	bool tuned;		 /* own and now are known */
	struct tuning_state own; /* what the process began with */
	struct tuning_state now;
	int earned_rt; /* by late timers */
};

struct roles {
	struct loop *loop;
	struct roles_settings settings;
	const struct roles_callbacks *callbacks;
	void *user_data;
	struct role_process processes[ROLE_COUNT];
	mode_t umask;
	int64_t max_auto_priority;
	int64_t min_auto_delay_us;
	bool stopping;
	unsigned int stop_next; /* in the stop order */
	bool asked_last;	/* the owner has been told of the last one */
	bool holding;		/* and keeps it for a while */
	struct loop_timer *stop_timer;
};

/* --- roles.c --- */

/* In BUFFER, unless the command line says which. */
const char *role_pid_file(
	const struct role_process *p, char *buffer, size_t size);

/* --- roles_succeed.c --- */

/* A new file for what P hands over; the descriptor, or -1, which is logged. */
int role_open_handover(const struct role_process *p);
void role_remove_handover(const struct role_process *p);

/* --- roles_talk.c --- */

/* It has a generation. */
bool role_is_joined(const struct role_process *p);
void role_send_settings(struct role_process *p);
/* All that it has left, and the end mark. */
void role_send_checkpoints(struct role_process *p);
void role_send_ping(struct role_process *p);
/* Of its channel; USER_DATA is the role_process. */
void role_on_message(
	struct channel *channel, struct message *msg, void *user_data);
void role_on_closed(struct channel *channel, void *user_data);

/* --- roles_watch.c --- */

/* How long it may be silent now. */
int64_t role_silence_us(const struct role_process *p);
/* Of its look_timer. */
void role_look(void *user_data);

/* --- roles_tune.c --- */

/* What a process has now. */
struct tuning_state role_tuning(pid_t pid);
/* Gives the process what it is to have, once it has joined. */
void role_tune(struct role_process *p);
/* Its timers were late by LATE_US. */
void role_tune_late(struct role_process *p, int64_t late_us);

/* --- roles_stop.c --- */

/* Stopping: the role that was waited for is gone, or there is none yet. */
void roles_stop_next(struct roles *roles);

#endif
