/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/reload.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "daemon/diag_log.h"
#include "daemon/files_conf.h"
#include "daemon/generation.h"
#include "daemon/own_plan.h"
#include "daemon/reload_job.h"
#include "daemon/transaction.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define RELOAD_QUEUE_MAX 16
/* How often the first transaction survives the death of a role. */
#define RELOAD_FIRST_TRIES 5
#define RELOAD_EXIT_FATAL 1
#define RELOAD_EXIT_CONFIG 2
#define RELOAD_EXIT_MISSING 6

enum reload_step {
	RELOAD_STEP_NONE,
	RELOAD_STEP_READING,
	RELOAD_STEP_WAITING, /* for reload_read_again() */
	RELOAD_STEP_HELD, /* for roles and the end of a transaction */
	RELOAD_STEP_APPLYING,
};

struct reload {
	struct workers *workers;
	struct roles *roles;
	struct reload_options options;
	const struct reload_callbacks *callbacks;
	void *user_data;
	struct transaction *transaction;
	struct config_child child;
	struct generation *running;
	uint32_t last_number;
	struct reload_job *queue;
	unsigned int queued;
	struct reload_job *job; /* what is done now */
	enum reload_step step;
	/* Why the last reload was refused; NULL = it was not. */
	char *refusal;
	int64_t refused_us;
	bool joining; /* the transaction is one of restarted roles */
	bool pumping;
	bool stopped;
};

static void reload_pump(struct reload *reload);

/* --- the end of a job --- */

static void reload_answered(uint64_t client, int fd, void *user_data)
{
	struct reload *reload = user_data;

	reload->callbacks->answer(client, fd, reload->user_data);
}

static void reload_end_job(struct reload *reload, const char *error,
	const struct transaction_result *result, int exit_code)
{
	struct reload_job *job = reload->job;

	reload_job_answer(
		job, reload->workers, error, result, reload->running,
		reload_answered, reload);
	reload->job = NULL;
	reload->step = RELOAD_STEP_NONE;
	if (job->kind == RELOAD_KIND_RELOAD)
		reload->callbacks->busy(false, reload->user_data);
	if (job->kind == RELOAD_KIND_FIRST && error) {
		reload->stopped = true;
		reload->callbacks->failed(exit_code, reload->user_data);
	}
	reload_job_free(job);
}

static void reload_refuse(struct reload *reload, const char *why,
	const struct transaction_result *result, int exit_code)
{
	struct reload_job *job = reload->job;

	if (job->kind == RELOAD_KIND_PLAN)
		log_info("plan of %s: %s", job->file, why);
	else if (reload->running)
		log_error("%s refused, generation %u stays: %s",
			reload_job_name(job), reload->running->number, why);
	else
		log_error("%s refused: %s", reload_job_name(job), why);
	if (job->kind == RELOAD_KIND_RELOAD) {
		x_free(reload->refusal);
		reload->refusal = x_strdup(why);
		reload->refused_us = time_monotonic_us();
	}
	reload_end_job(reload, why, result, exit_code);
}

/* --- reading --- */

static const char *answer_problem(const struct config_answer *answer)
{
	if (answer->error == -ETIMEDOUT)
		return "reading the configuration took too long";
	if (answer->error)
		return "the process that reads the configuration died";
	switch (answer->outcome) {
	case CONFIG_GOOD:
		return NULL;
	case CONFIG_ERRORS:
		return "the configuration has errors";
	case CONFIG_UNUSABLE:
		return "the configuration is unusable";
	case CONFIG_MISSING:
		return "no such configuration file";
	}
	return "no answer";
}

static int answer_exit_code(const struct config_answer *answer)
{
	return !answer->error && answer->outcome == CONFIG_MISSING
		       ? RELOAD_EXIT_MISSING
		       : RELOAD_EXIT_CONFIG;
}

/* What the first file says has changed the machine: interfaces are looked up
 * in a namespace, or a script has made them. */
void reload_read_again(struct reload *reload)
{
	struct reload_job *job = reload->job;

	if (reload->stopped)
		return;
	generation_free(job->candidate);
	job->candidate = NULL;
	close(job->diags_fd);
	job->diags_fd = -1;
	job->again = true;
	reload->step = RELOAD_STEP_NONE;
	reload_pump(reload);
}

static void reload_have_candidate(struct reload *reload)
{
	struct reload_job *job = reload->job;
	int err;

	reload->step = RELOAD_STEP_HELD;
	if (job->kind != RELOAD_KIND_FIRST)
		return;
	reload->step = RELOAD_STEP_WAITING;
	err = reload->callbacks->prepare_start(
		job->candidate, reload->user_data);
	if (err < 0)
		reload_refuse(reload, strerror(-err), NULL, RELOAD_EXIT_FATAL);
	else if (err == RELOAD_AGAIN)
		reload_read_again(reload);
	else if (err == 0)
		reload->step = RELOAD_STEP_HELD;
}

static void reload_read_done(
	const struct config_answer *answer, void *user_data)
{
	struct reload *reload = user_data;
	struct reload_job *job = reload->job;
	const char *problem = answer_problem(answer);
	int err;

	job->diags_fd = answer->diags_fd;
	if (job->marker)
		config_remove_marker(job->marker);
	if (reload->stopped) {
		if (answer->generation_fd >= 0)
			close(answer->generation_fd);
		return;
	}
	if (job->kind != RELOAD_KIND_PLAN)
		diag_log(answer->diags_fd);
	if (problem) {
		if (answer->generation_fd >= 0)
			close(answer->generation_fd);
		reload_refuse(reload, problem, NULL, answer_exit_code(answer));
		reload_pump(reload);
		return;
	}
	err = generation_new(++reload->last_number, answer->generation_fd,
		job->file, &job->candidate);
	if (err)
		reload_refuse(reload, strerror(-err), NULL, RELOAD_EXIT_FATAL);
	else
		reload_have_candidate(reload);
	reload_pump(reload);
}

/* Who changes the file is told when it is read, with the running words. */
static void reload_mark(struct reload *reload, struct reload_job *job)
{
	const struct files_conf *conf =
		reload->running ? reload->running->files : NULL;

	if (job->kind != RELOAD_KIND_RELOAD || !conf || !conf->reload_marked)
		return;
	job->marker = conf->reload_marker
			      ? x_strdup(conf->reload_marker)
			      : x_asprintf("%s/tandem.reload",
					reload->options.runtime_dir);
}

static void reload_read(struct reload *reload)
{
	struct reload_job *job = reload->job;
	struct config_request request = {
		.file = job->file,
		.config_id = reload->options.config_id,
		.lenient = reload->options.lenient,
		.all_files = reload->options.all_files,
		.present = reload->options.present,
		.first = job->kind == RELOAD_KIND_FIRST && !job->again,
		.print = job->kind == RELOAD_KIND_FIRST &&
			 reload->options.print_first,
	};
	int err;

	reload_mark(reload, job);
	request.marker = job->marker;
	reload->step = RELOAD_STEP_READING;
	err = config_child_start(reload->workers, &request, &reload->child);
	if (err)
		reload_refuse(reload, strerror(-err), NULL, RELOAD_EXIT_FATAL);
}

/* --- transactions --- */

static void reload_commit(
	struct reload *reload, const struct transaction_result *result)
{
	struct reload_job *job = reload->job;
	struct generation *former = reload->running;
	const char *stuck;

	reload->running = job->candidate;
	x_free(reload->refusal);
	reload->refusal = NULL;
	log_notice("generation %u runs (%s of %s, %.0f ms)",
		reload->running->number, reload_job_name(job), job->file,
		(double)(time_monotonic_us() - job->began_us) / USEC_PER_MSEC);
	stuck = former ? own_plan_needs_restart(former, reload->running) : NULL;
	if (stuck)
		log_warning("%s stays as it was until the daemon is restarted",
			stuck);
	reload->callbacks->running(reload->running, reload->user_data);
	reload_job_answer(
		job, reload->workers, NULL, result, former,
		reload_answered, reload);
	job->n_clients = 0;
	job->candidate = NULL;
	generation_free(former);
	reload_end_job(reload, NULL, NULL, 0);
}

static void reload_transaction_failed(
	struct reload *reload, const struct transaction_result *result)
{
	struct reload_job *job = reload->job;
	char *why;

	/* A role that dies at the first start is restarted and asked again. */
	if (job->kind == RELOAD_KIND_FIRST &&
		result->outcome == RELOAD_ROLE_LOST &&
		++job->tries < RELOAD_FIRST_TRIES) {
		reload->step = RELOAD_STEP_HELD;
		return;
	}
	why = x_asprintf("%s: %s", role_id_name(result->role), result->text);
	reload_refuse(reload, why, result,
		result->outcome == RELOAD_REFUSED ? RELOAD_EXIT_CONFIG
						  : RELOAD_EXIT_FATAL);
	x_free(why);
}

static void reload_joined(
	struct reload *reload, const struct transaction_result *result)
{
	reload->joining = false;
	switch (result->outcome) {
	case RELOAD_REFUSED:
	case RELOAD_TIMED_OUT:
		log_error("%s cannot join generation %u: %s",
			role_id_name(result->role), reload->running->number,
			result->text);
		roles_kill(reload->roles, result->role,
			"does not take the running configuration");
		break;
	case RELOAD_RUNNING:
	case RELOAD_COMMITTED:
	case RELOAD_PLANNED:
	case RELOAD_ROLE_LOST:
		break;
	}
}

static void reload_transaction_done(
	const struct transaction_result *result, void *user_data)
{
	struct reload *reload = user_data;

	if (reload->joining) {
		reload_joined(reload, result);
		reload_pump(reload);
		return;
	}
	switch (result->outcome) {
	case RELOAD_COMMITTED:
		reload_commit(reload, result);
		break;
	case RELOAD_PLANNED:
		/* All have answered, and forget it: its number is free.  That
		 * of one that was refused is not: an answer may be on its
		 * way, and must not be one to the next. */
		reload->last_number = reload->job->candidate->number - 1;
		reload_end_job(reload, NULL, result, 0);
		break;
	case RELOAD_RUNNING:
	case RELOAD_REFUSED:
	case RELOAD_ROLE_LOST:
	case RELOAD_TIMED_OUT:
		reload_transaction_failed(reload, result);
		break;
	}
	reload_pump(reload);
}

/* Roles without the running generation; one that has just been killed for
 * refusing it is no longer asked. */
static unsigned int reload_joiners(const struct reload *reload)
{
	return roles_alive(reload->roles) & ~roles_joined(reload->roles) &
	       ~roles_dying(reload->roles);
}

static bool reload_may_apply(const struct reload *reload)
{
	if (reload->step != RELOAD_STEP_HELD)
		return false;
	return reload->running || roles_all_alive(reload->roles);
}

static void reload_apply(struct reload *reload)
{
	struct reload_job *job = reload->job;
	unsigned int participants = reload->running
					    ? roles_joined(reload->roles)
					    : roles_alive(reload->roles);

	participants &= ~roles_dying(reload->roles);
	reload->step = RELOAD_STEP_APPLYING;
	if (job->kind != RELOAD_KIND_PLAN)
		reload->callbacks->applying(
			job->candidate, participants, reload->user_data);
	transaction_start(reload->transaction, job->candidate, participants,
		job->kind == RELOAD_KIND_PLAN);
}

static void reload_next_job(struct reload *reload)
{
	if (!reload->job) {
		reload->job = reload->queue;
		DL_DELETE(reload->queue, reload->job);
		reload->queued--;
		if (reload->job->kind == RELOAD_KIND_RELOAD)
			reload->callbacks->busy(true, reload->user_data);
	}
	reload->job->began_us = time_monotonic_us();
	reload_read(reload);
}

/* One step of what is due; true when there may be another. */
static bool reload_pump_once(struct reload *reload)
{
	if (reload->stopped || !transaction_is_idle(reload->transaction))
		return false;
	if (reload->running && reload_joiners(reload)) {
		reload->joining = true;
		reload->callbacks->applying(reload->running,
			reload_joiners(reload), reload->user_data);
		transaction_start(reload->transaction, reload->running,
			reload_joiners(reload), false);
		return true;
	}
	if (reload_may_apply(reload)) {
		reload_apply(reload);
		return true;
	}
	if (reload->step == RELOAD_STEP_NONE &&
		(reload->job || reload->queue)) {
		reload_next_job(reload);
		return true;
	}
	return false;
}

static void reload_pump(struct reload *reload)
{
	if (reload->pumping)
		return; /* the loop below goes on */
	reload->pumping = true;
	while (reload_pump_once(reload))
		;
	reload->pumping = false;
}

/* --- what the roles say --- */

void reload_on_started(struct reload *reload, enum role_id id)
{
	(void)id;
	reload_pump(reload);
}

void reload_on_lost(struct reload *reload, enum role_id id)
{
	transaction_on_lost(reload->transaction, id);
	reload_pump(reload);
}

void reload_on_message(
	struct reload *reload, enum role_id id, struct message *msg)
{
	if (msg->type == MSG_PREPARED)
		transaction_on_prepared(reload->transaction, id, msg);
	else if (msg->type == MSG_COMMITTED)
		transaction_on_committed(reload->transaction, id, msg);
}

/* --- requests --- */

static int reload_enqueue(struct reload *reload, struct reload_job *job)
{
	if (reload->queued >= RELOAD_QUEUE_MAX || reload->stopped) {
		reload_job_free(job);
		return reload->stopped ? -ESHUTDOWN : -EBUSY;
	}
	DL_APPEND(reload->queue, job);
	reload->queued++;
	reload_pump(reload);
	return 0;
}

void reload_first(struct reload *reload)
{
	reload_enqueue(reload,
		reload_job_new(RELOAD_KIND_FIRST, reload->options.file));
}

int reload_request(struct reload *reload, uint64_t client)
{
	struct reload_job *job;

	DL_FOREACH (reload->queue, job)
		if (job->kind == RELOAD_KIND_RELOAD && !reload->stopped)
			return reload_job_add_client(job, client);
	job = reload_job_new(RELOAD_KIND_RELOAD, reload->options.file);
	reload_job_add_client(job, client);
	return reload_enqueue(reload, job);
}

int reload_plan(struct reload *reload, const char *file, uint64_t client)
{
	struct reload_job *job = reload_job_new(
		RELOAD_KIND_PLAN, file ? file : reload->options.file);

	reload_job_add_client(job, client);
	return reload_enqueue(reload, job);
}

const struct generation *reload_running(const struct reload *reload)
{
	return reload->running;
}

char *reload_refusal(const struct reload *reload)
{
	if (!reload->refusal || !reload->running)
		return NULL;
	return x_asprintf("the reload of %s was refused %lld s ago, "
			  "generation %u stays: %s",
		reload->options.file,
		(long long)((time_monotonic_us() - reload->refused_us) /
			    USEC_PER_SEC),
		reload->running->number, reload->refusal);
}

void reload_stop(struct reload *reload)
{
	struct reload_job *job;

	reload->stopped = true;
	transaction_cancel(reload->transaction);
	if (reload->job)
		reload_job_tell_stop(reload->job, reload_answered, reload);
	DL_FOREACH (reload->queue, job)
		reload_job_tell_stop(job, reload_answered, reload);
}

/* --- life --- */

struct reload *reload_new(struct loop *loop, struct workers *workers,
	struct roles *roles, const struct reload_options *options,
	const struct reload_callbacks *callbacks, void *user_data)
{
	struct reload *reload = x_new(struct reload, 1);

	reload->workers = workers;
	reload->roles = roles;
	reload->options = *options;
	reload->callbacks = callbacks;
	reload->user_data = user_data;
	reload->child.done = reload_read_done;
	reload->child.user_data = reload;
	reload->transaction =
		transaction_new(loop, roles, reload_transaction_done, reload);
	return reload;
}

void reload_free(struct reload *reload)
{
	struct reload_job *job;
	struct reload_job *next;

	transaction_free(reload->transaction);
	DL_FOREACH_SAFE (reload->queue, job, next)
		reload_job_free(job);
	reload_job_free(reload->job);
	generation_free(reload->running);
	x_free(reload->refusal);
	x_free(reload);
}
