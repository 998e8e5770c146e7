/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/fifo_script.h"

#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/history.h"
#include "runner/leftover.h"

/* The first start again is at once; a run of so long forgets the past. */
#define WAIT_MIN_US (1 * USEC_PER_SEC)
#define WAIT_MAX_US (60 * USEC_PER_SEC)
#define HEALTHY_US (60 * USEC_PER_SEC)

struct fifo_script {
	struct role *role;
	struct run_pool *runs;
	struct script_table *table;
	const struct script_spec *spec;
	char **argv; /* of the spec, and the path */
	char *path;
	struct run *run;
	struct loop_timer *timer;
	int64_t wait_us;
	unsigned int starts;
	bool ending;
	void (*ended)(void *user_data);
	void *user_data;
};

static void start(void *user_data);

static void start_later(struct fifo_script *script, int64_t uptime_us)
{
	if (uptime_us >= HEALTHY_US)
		script->wait_us = 0;
	loop_timer_set(script->timer, time_monotonic_us() + script->wait_us);
	script->wait_us = script->wait_us ? script->wait_us * 2 : WAIT_MIN_US;
	if (script->wait_us > WAIT_MAX_US)
		script->wait_us = WAIT_MAX_US;
}

static void tell_end(const struct fifo_script *script,
	const struct run_result *result)
{
	char *how = history_describe(result->outcome, result->value);

	log_warning("%s:%u: %s '%s' %s after %.1f s%s%s; starting it again",
		script->spec->file, script->spec->line, script->spec->keyword,
		script->spec->argv[0], how,
		(double)result->duration_us / USEC_PER_SEC,
		result->output[0] ? ": " : "", result->output);
	x_free(how);
}

static void run_ended(const struct run_result *result, void *user_data)
{
	struct fifo_script *script = user_data;

	leftover_forget(script->role, run_pid(script->run));
	script->run = NULL;
	if (script->ending) {
		script->ended(script->user_data);
		return;
	}
	tell_end(script, result);
	start_later(script, result->duration_us);
}

static void start(void *user_data)
{
	struct fifo_script *script = user_data;
	int err;

	script->starts++;
	err = run_start(script->runs, script->argv, script->spec->identity, 0,
		run_ended, script, &script->run);
	if (!err) {
		leftover_remember(script->role, run_pid(script->run));
		log_info("%s '%s' reads %s (pid %d)", script->spec->keyword,
			script->spec->argv[0], script->path,
			(int)run_pid(script->run));
		return;
	}
	script->run = NULL;
	log_error("%s:%u: %s '%s' cannot be started: %s", script->spec->file,
		script->spec->line, script->spec->keyword,
		script->spec->argv[0], strerror(-err));
	start_later(script, 0);
}

struct fifo_script *fifo_script_new(struct role *role, struct run_pool *runs,
	struct script_table *table, const struct script_spec *spec,
	const char *path)
{
	struct fifo_script *script = x_new(struct fifo_script, 1);

	script->role = role;
	script->runs = runs;
	script->table = script_table_ref(table);
	script->spec = spec;
	script->path = x_strdup(path);
	script->argv = x_new(char *, spec->n_args + 2);
	memcpy(script->argv, spec->argv, spec->n_args * sizeof(char *));
	script->argv[spec->n_args] = script->path;
	script->timer = loop_timer_new(role_loop(role), start, script);
	start(script);
	return script;
}

void fifo_script_free(struct fifo_script *script)
{
	if (!script)
		return;
	if (script->run) {
		leftover_forget(script->role, run_pid(script->run));
		run_cancel(script->run);
	}
	loop_timer_free(script->timer);
	script_table_unref(script->table);
	x_free(script->argv);
	x_free(script->path);
	x_free(script);
}

bool fifo_script_is(
	const struct fifo_script *script, const struct script_spec *spec)
{
	const struct script_spec *own = script->spec;
	unsigned int i;

	if (own->n_args != spec->n_args ||
		own->identity->uid != spec->identity->uid ||
		own->identity->gid != spec->identity->gid ||
		own->identity->error != spec->identity->error)
		return false;
	for (i = 0; i < spec->n_args; i++)
		if (strcmp(own->argv[i], spec->argv[i]) != 0)
			return false;
	return true;
}

void fifo_script_end(struct fifo_script *script,
	void (*ended)(void *user_data), void *user_data)
{
	script->ending = true;
	script->ended = ended;
	script->user_data = user_data;
	loop_timer_set(script->timer, TIME_NEVER);
	if (script->run)
		run_end(script->run);
}

pid_t fifo_script_pid(const struct fifo_script *script)
{
	return script->run ? run_pid(script->run) : 0;
}

unsigned int fifo_script_starts(const struct fifo_script *script)
{
	return script->starts;
}

const char *fifo_script_command(const struct fifo_script *script)
{
	return script->spec->argv[0];
}
