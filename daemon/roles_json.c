/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/roles_internal.h"
#include "lib/jsonfd.h"
#include "lib/log_ring.h"

const char *role_process_state_name(enum role_process_state state)
{
	switch (state) {
	case ROLE_PROCESS_OFF:
		return "off";
	case ROLE_PROCESS_WAITING:
		return "waiting";
	case ROLE_PROCESS_STARTING:
		return "starting";
	case ROLE_PROCESS_JOINED:
		return "running";
	case ROLE_PROCESS_READY:
		return "ready";
	case ROLE_PROCESS_STOPPING:
		return "stopping";
	}
	return "unknown";
}

static struct json_object *role_to_json(
	const struct role_process *p, int64_t now)
{
	struct json_object *json = json_object_new_object();
	struct tuning_state now_has = { .rt_priority = 0 };

	if (p->pid)
		now_has = role_tuning(p->pid);
	json_object_object_add(
		json, "name", json_object_new_string(role_id_name(p->id)));
	json_object_object_add(json, "pid", json_object_new_int(p->pid));
	json_object_object_add(json, "state",
		json_object_new_string(role_process_state_name(p->state)));
	json_object_object_add(json, "restarts",
		json_object_new_int64(p->starts ? p->starts - 1 : 0));
	json_object_object_add(json, "last_ping_ms",
		p->pid ? json_new_ms(liveness_delay_us(&p->liveness, now))
		       : NULL);
	json_object_object_add(json, "uptime_s",
		json_object_new_int64(
			p->pid ? (now - p->started_us) / USEC_PER_SEC : 0));
	json_object_object_add(
		json, "worst_stall_ms", json_new_ms(p->stall_us));
	json_object_object_add(json, "checkpoint_bytes",
		json_object_new_int64(
			(int64_t)checkpoint_store_bytes(p->checkpoints)));
	json_object_object_add(json, "realtime_priority",
		json_object_new_int(now_has.rt_priority));
	json_object_object_add(
		json, "nice", json_object_new_int(now_has.nice));
	json_object_object_add(json, "last_death",
		p->last_words[0] ? json_object_new_string(p->last_words)
				 : NULL);
	return json;
}

struct role_log {
	struct json_object *lines;
	enum role_id id;
};

static void role_add_line(
	int64_t realtime_us, int level, const char *text, void *user_data)
{
	const struct role_log *log = user_data;
	struct json_object *line = json_object_new_object();

	json_object_object_add(
		line, "time_us", json_object_new_int64(realtime_us));
	json_object_object_add(line, "level",
		json_object_new_string(log_level_name_of(level)));
	json_object_object_add(
		line, "role", json_object_new_string(role_id_name(log->id)));
	json_object_object_add(line, "text", json_object_new_string(text));
	json_object_array_add(log->lines, line);
}

void roles_add_log(const struct roles *roles, struct json_object *lines)
{
	struct role_log log = { .lines = lines };
	unsigned int id;

	log.id = ROLE_SUPERVISOR;
	log_recent(role_add_line, &log);
	for (id = 0; id < ROLE_COUNT; id++) {
		log.id = (enum role_id)id;
		if (roles->processes[id].log)
			log_ring_each(
				roles->processes[id].log, role_add_line, &log);
	}
}

struct json_object *roles_to_json(const struct roles *roles)
{
	struct json_object *list = json_object_new_array();
	struct json_object *self = json_object_new_object();
	int64_t now = time_monotonic_us();
	unsigned int id;

	json_object_object_add(self, "name",
		json_object_new_string(role_id_name(ROLE_SUPERVISOR)));
	json_object_object_add(self, "pid", json_object_new_int(getpid()));
	json_object_object_add(self, "state",
		json_object_new_string(
			roles->stopping
				? "stopping"
				: (roles_all_ready(roles) ? "ready"
							  : "running")));
	json_object_object_add(self, "restarts", json_object_new_int(0));
	json_object_object_add(self, "last_ping_ms", json_new_ms(0));
	json_object_array_add(list, self);
	for (id = ROLE_SUPERVISOR + 1; id < ROLE_COUNT; id++)
		json_object_array_add(
			list, role_to_json(&roles->processes[id], now));
	return list;
}

void roles_add_problems(const struct roles *roles, struct json_object *problems)
{
	unsigned int id;
	char text[320];

	for (id = 0; id < ROLE_COUNT; id++) {
		const struct role_process *p = &roles->processes[id];

		if (p->state != ROLE_PROCESS_WAITING)
			continue;
		snprintf(text, sizeof(text), "role %s is down: %s",
			role_id_name(p->id), p->last_words);
		json_object_array_add(problems, json_object_new_string(text));
	}
}
