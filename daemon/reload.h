/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generations on their way to the roles: reloads, plans, and roles that join
 * the running generation after a restart.
 *
 * One thing is done at a time and the rest waits in a queue, in which a
 * second reload joins the first that has not begun.  Roles that lack the
 * running generation get it before anything else happens, so that a reload
 * always meets all roles that are alive.
 */
#ifndef TANDEM_DAEMON_RELOAD_H
#define TANDEM_DAEMON_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/config_child.h"
#include "daemon/roles.h"

struct generation;
struct reload;

/* What prepare_start may return. */
#define RELOAD_AGAIN 1
#define RELOAD_WAIT 2

struct reload_options {
	const char *file;
	const char *config_id;
	const char *runtime_dir;
	bool lenient;
	bool all_files; /* -e */
	bool present; /* interfaces that are missing are errors */
	bool print_first; /* problems of the first load to stderr */
};

struct reload_callbacks {
	/* The first generation is good: enter its network namespace, start
	 * the roles.  0, RELOAD_AGAIN when the file has to be read again
	 * first, RELOAD_WAIT when that is so after reload_read_again(), or
	 * -errno. */
	int (*prepare_start)(
		const struct generation *generation, void *user_data);
	/* GENERATION is about to be given to PARTICIPANTS (bits), to stay. */
	void (*applying)(const struct generation *generation,
		unsigned int participants, void *user_data);
	/* GENERATION runs; the former one is still valid during the call. */
	void (*running)(const struct generation *generation, void *user_data);
	/* A reload begins or has ended, for systemd. */
	void (*busy)(bool busy, void *user_data);
	/* The first generation cannot run; EXIT_CODE of the contract. */
	void (*failed)(int exit_code, void *user_data);
	/* An answer for client CLIENT: JSON in FD, which is given away. */
	void (*answer)(uint64_t client, int fd, void *user_data);
};

/* Borrows OPTIONS and CALLBACKS. */
struct reload *reload_new(struct loop *loop, struct workers *workers,
	struct roles *roles, const struct reload_options *options,
	const struct reload_callbacks *callbacks, void *user_data);
void reload_free(struct reload *reload);

/* Reads the first generation. */
void reload_first(struct reload *reload);

/* After RELOAD_WAIT: the machine is now as the file may expect it. */
void reload_read_again(struct reload *reload);

/* What clients are told when the daemon stops before they have an answer. */
#define RELOAD_STOPS "the daemon stops"

/* CLIENT 0: nobody waits.  0, -EBUSY when too much is waiting, or -ESHUTDOWN
 * after reload_stop(). */
int reload_request(struct reload *reload, uint64_t client);
/* FILE NULL = the file of the running generation. */
int reload_plan(struct reload *reload, const char *file, uint64_t client);

/* NULL before the first. */
const struct generation *reload_running(const struct reload *reload);
/* That what runs is not what the file says, since the last reload was refused;
 * the caller frees it.  NULL = it was not. */
char *reload_refusal(const struct reload *reload);
/* Stopping: nothing new begins. */
void reload_stop(struct reload *reload);

/* What the roles say. */
void reload_on_started(struct reload *reload, enum role_id id);
void reload_on_lost(struct reload *reload, enum role_id id);
void reload_on_message(
	struct reload *reload, enum role_id id, struct message *msg);

#endif
