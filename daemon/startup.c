/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/startup.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemon/generation.h"
#include "daemon/global_conf.h"
#include "daemon/transaction.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define BIT(id) (1u << (id))
/* What the runner may need beyond a script's own time to end it. */
#define STARTUP_SPARE_US (10 * USEC_PER_SEC)
/* One for both, so that they never overlap. */
#define STARTUP_SUBJECT "tandemd"
/* Runners that may die before shutdown_script has begun. */
#define STARTUP_TRIES 3

enum startup_state {
	STARTUP_IDLE,
	STARTUP_JOINING, /* the runner gets the generation */
	STARTUP_RUNS,
	STARTUP_OVER,
	STARTUP_REACHING, /* shutdown_script is due, the runner not there */
	STARTUP_ENDING, /* it runs */
};

/* A script of a generation that the runner has. */
struct startup_script {
	uint32_t generation;
	uint32_t node; /* 0 = none */
	int64_t timeout_us;
};

struct startup {
	struct roles *roles;
	struct transaction *transaction;
	const struct startup_callbacks *callbacks;
	void *user_data;
	enum startup_state state;
	struct startup_script first;
	struct startup_script last;
	/* That of `last`, for a runner that has lost it: number and a
	 * descriptor of its own (-1 = none), which is all that roles get. */
	struct generation kept;
	unsigned int tries;
};

static void startup_joined(
	const struct transaction_result *result, void *user_data);

struct startup *startup_new(struct loop *loop, struct roles *roles,
	const struct startup_callbacks *callbacks, void *user_data)
{
	struct startup *startup = x_new(struct startup, 1);

	startup->roles = roles;
	startup->kept.fd = -1;
	startup->callbacks = callbacks;
	startup->user_data = user_data;
	startup->transaction =
		transaction_new(loop, roles, startup_joined, startup);
	return startup;
}

void startup_free(struct startup *startup)
{
	transaction_free(startup->transaction);
	if (startup->kept.fd >= 0)
		close(startup->kept.fd);
	x_free(startup);
}

static struct startup_script script_of(const struct generation *generation,
	const struct conf_script *script, int64_t timeout_s)
{
	const struct startup_script found = {
		.generation = generation->number,
		.node = script->node,
		.timeout_us = timeout_s * USEC_PER_SEC,
	};

	return found;
}

/* ENUM startup_state is what comes back as the id. */
static int startup_run(struct startup *startup,
	const struct startup_script *script, enum startup_state state)
{
	const struct msg_run m = {
		.id = state,
		.node = script->node,
		.subject = STARTUP_SUBJECT,
		.timeout_us = script->timeout_us,
	};
	struct buf_writer w = { .data = NULL };
	int64_t allowance_us = script->timeout_us + STARTUP_SPARE_US;
	int err;

	/* It waits for the end of the other one. */
	if (startup->state == STARTUP_RUNS)
		allowance_us += startup->first.timeout_us;
	msg_put_run(&w, &m);
	err = roles_send(startup->roles, ROLE_RUNNER, MSG_RUN,
		script->generation, &w, -1);
	buf_writer_free(&w);
	if (!err) {
		startup->state = state;
		startup->callbacks->begins(state == STARTUP_RUNS
						   ? "startup_script"
						   : "shutdown_script",
			allowance_us, startup->user_data);
	}
	return err;
}

static void startup_over(struct startup *startup)
{
	startup->state = STARTUP_OVER;
	startup->callbacks->started(startup->user_data);
}

/* The runner that has been reached has the generation, or does not take it. */
static void startup_reached(
	struct startup *startup, const struct transaction_result *result)
{
	if (result->outcome == RELOAD_COMMITTED &&
		startup_run(startup, &startup->last, STARTUP_ENDING) == 0)
		return;
	log_error("shutdown_script is not run: %s",
		*result->text ? result->text : "the runner cannot be told");
	startup->state = STARTUP_OVER;
	startup->callbacks->ended(startup->user_data);
}

static void startup_joined(
	const struct transaction_result *result, void *user_data)
{
	struct startup *startup = user_data;

	if (startup->state == STARTUP_REACHING) {
		startup_reached(startup, result);
		return;
	}
	if (startup->state != STARTUP_JOINING)
		return; /* stopping */
	if (result->outcome == RELOAD_COMMITTED) {
		log_notice("runs startup_script");
		if (startup_run(startup, &startup->first, STARTUP_RUNS) == 0)
			return;
	}
	log_error("startup_script is not run: %s",
		*result->text ? result->text : "the runner cannot be told");
	startup_over(startup);
}

bool startup_begin(struct startup *startup, const struct generation *generation)
{
	const struct global_defs *defs = generation->global->defs;

	if (startup->state != STARTUP_IDLE || !defs->startup_script.node)
		return false;
	startup->first = script_of(
		generation, &defs->startup_script, defs->startup_timeout_s);
	/* The others stay while the script runs. */
	roles_succeed(startup->roles, BIT(ROLE_RUNNER));
	roles_start(startup->roles, BIT(ROLE_RUNNER));
	if (!(roles_alive(startup->roles) & BIT(ROLE_RUNNER))) {
		log_error("startup_script is not run: there is no runner");
		startup->state = STARTUP_OVER;
		return false;
	}
	startup->state = STARTUP_JOINING;
	/* What the script has begun is undone, whatever comes then. */
	startup_set_running(startup, generation);
	transaction_start(
		startup->transaction, generation, BIT(ROLE_RUNNER), false);
	return true;
}

void startup_set_running(
	struct startup *startup, const struct generation *generation)
{
	const struct global_defs *defs = generation->global->defs;

	startup->last = script_of(
		generation, &defs->shutdown_script, defs->shutdown_timeout_s);
	if (startup->kept.fd >= 0)
		close(startup->kept.fd);
	startup->kept.number = generation->number;
	startup->kept.fd = startup->last.node
				   ? fcntl(generation->fd, F_DUPFD_CLOEXEC, 0)
				   : -1;
}

/* False: there is no runner, and will be none. */
static bool startup_reach(struct startup *startup)
{
	if (startup->kept.fd < 0 || !startup->tries ||
		!roles_start_last(startup->roles))
		return false;
	startup->tries--;
	startup->state = STARTUP_REACHING;
	startup->callbacks->begins("shutdown_script",
		startup->last.timeout_us + STARTUP_SPARE_US,
		startup->user_data);
	/* One that is about to end is lost soon. */
	if (roles_alive(startup->roles) & ~roles_dying(startup->roles) &
		BIT(ROLE_RUNNER))
		transaction_start(startup->transaction, &startup->kept,
			BIT(ROLE_RUNNER), false);
	return true;
}

bool startup_end(struct startup *startup)
{
	if (!startup->last.node)
		return false;
	transaction_cancel(startup->transaction);
	log_notice("runs shutdown_script");
	if (roles_joined(startup->roles) & ~roles_dying(startup->roles) &
			BIT(ROLE_RUNNER) &&
		startup_run(startup, &startup->last, STARTUP_ENDING) == 0)
		return true;
	startup->tries = STARTUP_TRIES;
	if (startup_reach(startup))
		return true;
	log_error("shutdown_script is not run: there is no runner");
	return false;
}

static void log_outcome(const char *what, const struct msg_ran *m)
{
	long long ms = m->duration_us / USEC_PER_MSEC;

	switch (m->outcome) {
	case RUN_EXITED:
		log_write(m->value ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
			"%s ended with exit status %d after %lld ms", what,
			m->value, ms);
		break;
	case RUN_SIGNALED:
		log_warning("%s was ended by signal %d after %lld ms", what,
			m->value, ms);
		break;
	case RUN_TIMED_OUT:
		log_warning("%s was ended after %lld ms: too slow", what, ms);
		break;
	case RUN_NOT_RUN:
		log_error("%s could not be run: %s", what, strerror(m->value));
		break;
	}
}

static void startup_on_ran(struct startup *startup, struct message *msg)
{
	struct msg_ran m;

	if (msg_get_ran(&msg->body, &m) < 0)
		return;
	log_outcome(
		m.id == STARTUP_ENDING ? "shutdown_script" : "startup_script",
		&m);
	if (m.id != startup->state)
		return; /* the start was given up */
	if (startup->state == STARTUP_RUNS) {
		startup_over(startup);
		return;
	}
	startup->state = STARTUP_OVER;
	startup->callbacks->ended(startup->user_data);
}

bool startup_on_message(
	struct startup *startup, enum role_id id, struct message *msg)
{
	if (msg->type == MSG_RAN) {
		if (id == ROLE_RUNNER)
			startup_on_ran(startup, msg);
		return true;
	}
	if (startup->state != STARTUP_JOINING &&
		startup->state != STARTUP_REACHING)
		return false;
	if (msg->type == MSG_PREPARED)
		transaction_on_prepared(startup->transaction, id, msg);
	else if (msg->type == MSG_COMMITTED)
		transaction_on_committed(startup->transaction, id, msg);
	return true;
}

void startup_on_lost(struct startup *startup, enum role_id id)
{
	if (id != ROLE_RUNNER)
		return;
	if (startup->state == STARTUP_RUNS) {
		log_error("the end of startup_script is not known: the runner "
			  "died");
		startup_over(startup);
	} else if (startup->state == STARTUP_ENDING) {
		log_error("the end of shutdown_script is not known: the "
			  "runner died");
	} else if (startup->state == STARTUP_REACHING) {
		transaction_cancel(startup->transaction);
		if (startup_reach(startup))
			return;
		log_error("shutdown_script is not run: the runner dies");
		startup->state = STARTUP_OVER;
	} else {
		transaction_on_lost(startup->transaction, id);
	}
}
