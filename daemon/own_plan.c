/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/own_plan.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "daemon/files_conf.h"
#include "daemon/generation.h"
#include "daemon/global_conf.h"
#include "daemon/tuning.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* Takes DETAIL. */
static void add(struct json_object *plan, const char *subject, char *detail)
{
	struct json_object *entry = json_object_new_object();

	json_object_object_add(entry, "action", json_object_new_string("edit"));
	json_object_object_add(
		entry, "subject", json_object_new_string(subject));
	json_object_object_add(entry, "detail", json_object_new_string(detail));
	json_object_array_add(plan, entry);
	x_free(detail);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* --- processes --- */

static char *cpus_text(const struct tuning_wish *wish)
{
	char *text = x_strdup("");
	size_t cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		char *more;

		if (!CPU_ISSET(cpu, &wish->cpus))
			continue;
		more = x_asprintf("%s %zu", text, cpu);
		x_free(text);
		text = more;
	}
	return text;
}

static char *number_text(const char *what, int64_t value, int64_t unset)
{
	return value == unset ? x_asprintf("%s as it began", what)
			      : x_asprintf("%s %" PRId64, what, value);
}

static void plan_process(struct json_object *plan, const char *subject,
	const struct tuning_wish *a, const struct tuning_wish *b)
{
	char *text;

	if (a->nice != b->nice)
		add(plan, subject,
			number_text("nice value", b->nice, PROCESS_UNSET));
	if (a->rt_priority != b->rt_priority)
		add(plan, subject,
			number_text("real-time priority", b->rt_priority, 0));
	if (a->rttime_us != b->rttime_us)
		add(plan, subject,
			number_text("rlimit_rttime", b->rttime_us, 0));
	if (a->lock_memory != b->lock_memory)
		add(plan, subject,
			x_strdup(b->lock_memory ? "memory locked"
						: "memory not locked"));
	if (a->has_cpus != b->has_cpus || !CPU_EQUAL(&a->cpus, &b->cpus)) {
		text = cpus_text(b);
		add(plan, subject,
			b->has_cpus ? x_asprintf("processors%s", text)
				    : x_strdup("processors as it began"));
		x_free(text);
	}
	if (strcmp(a->name, b->name) != 0)
		add(plan, subject,
			x_asprintf(
				"name %s", *b->name ? b->name : "of the role"));
}

static void plan_processes(struct json_object *plan,
	const struct process_conf *former, const struct process_conf *next)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++) {
		struct tuning_wish a;
		struct tuning_wish b;
		char *subject;

		tuning_of(former, (enum role_id)id, &a);
		tuning_of(next, (enum role_id)id, &b);
		if (tuning_is_equal(&a, &b))
			continue;
		subject = x_asprintf(
			"process %s", role_id_name((enum role_id)id));
		plan_process(plan, subject, &a, &b);
		x_free(subject);
	}
	if (!same_text(tuning_own_name(former), tuning_own_name(next)))
		add(plan, "process supervisor",
			x_asprintf("name %s", tuning_own_name(next)));
	if (former->umask != next->umask)
		add(plan, "umask",
			next->umask == PROCESS_UNSET
				? x_strdup("the usual one")
				: x_asprintf(
					  "%03o", (unsigned int)next->umask));
	if (former->max_auto_priority != next->max_auto_priority)
		add(plan, "max_auto_priority",
			number_text("up to", next->max_auto_priority, -2));
}

/* --- the rest --- */

static void plan_globals(struct json_object *plan,
	const struct global_defs *former, const struct global_defs *next)
{
	if (former->role_timeout_us != next->role_timeout_us)
		add(plan, "role_timeout",
			x_asprintf("%g s",
				(double)next->role_timeout_us / USEC_PER_SEC));
	if (former->supervisor_death != next->supervisor_death)
		add(plan, "supervisor_death",
			x_strdup(
				next->supervisor_death == SUPERVISOR_DEATH_LEAVE
					? "leave"
					: "stop"));
	if (!same_text(former->shutdown_script.command,
		    next->shutdown_script.command))
		add(plan, "shutdown_script",
			x_strdup(next->shutdown_script.node
					 ? next->shutdown_script.command
					 : "none"));
}

static void plan_files(struct json_object *plan,
	const struct files_conf *former, const struct files_conf *next)
{
	if (!same_text(former->reload_time, next->reload_time))
		add(plan, "reload_time_file",
			x_strdup(next->reload_time ? next->reload_time
						   : "none"));
}

const char *own_plan_needs_restart(
	const struct generation *former, const struct generation *next)
{
	const struct global_conf *a = former->global;
	const struct global_conf *b = next->global;

	if (!same_text(a->net_namespace, b->net_namespace))
		return "net_namespace";
	if (!same_text(a->ipvs_namespace, b->ipvs_namespace))
		return "net_namespace_ipvs";
	if (!same_text(a->instance, b->instance))
		return "instance";
	return NULL;
}

struct json_object *own_plan(
	const struct generation *former, const struct generation *next)
{
	struct json_object *plan = json_object_new_array();
	const char *stuck;

	if (!former)
		return plan;
	plan_globals(plan, former->global->defs, next->global->defs);
	plan_processes(plan, former->process, next->process);
	plan_files(plan, former->files, next->files);
	stuck = own_plan_needs_restart(former, next);
	if (stuck)
		add(plan, stuck,
			x_strdup("stays until the daemon is restarted"));
	return plan;
}
