/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/process_role.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "vrrp/answer.h"
#include "vrrp/shell.h"

/* --- those who track --- */

static enum vrrp_track_status status_of(const struct vrrp_process_view *view)
{
	if (!view->known)
		return VRRP_TRACK_PENDING;
	return view->up ? VRRP_TRACK_UP : VRRP_TRACK_DOWN;
}

static void tell_tracker(struct vrrp_role *role,
	const struct vrrp_process_view *view, bool quiet)
{
	char detail[32] = "";

	if (view->known)
		snprintf(detail, sizeof(detail), "%u of them",
			(unsigned int)view->n);
	vrrp_tracker_set(role->tracker, VRRP_TRACK_PROCESS, view->name,
		status_of(view), detail, quiet);
}

static void changed(const struct vrrp_process_view *view, void *user_data)
{
	tell_tracker(user_data, view, false);
}

/* While they are counted by new rules, what was counted before holds. */
static void look(const struct vrrp_process_view *view, void *user_data)
{
	if (view->known)
		tell_tracker(user_data, view, true);
}

struct vrrp_processes *vrrp_process_role_new(struct vrrp_role *role)
{
	static const struct vrrp_process_events events = {
		.changed = changed,
	};

	return vrrp_processes_new(role->loop, &events, role);
}

void vrrp_process_role_apply(
	struct vrrp_role *role, const struct vrrp_conf *conf)
{
	vrrp_processes_apply(role->processes, &conf->processes,
		(uint32_t)conf->globals->process_rcv_bufs,
		conf->globals->process_rcv_bufs_force);
	vrrp_processes_each(role->processes, look, role);
}

/* --- tandemctl --- */

struct listing {
	struct json_object *array;
	enum vrrp_process_source source;
};

static const char *source_name(enum vrrp_process_source source)
{
	switch (source) {
	case VRRP_PROCESS_NONE:
		return "none";
	case VRRP_PROCESS_EVENTS:
		return "events";
	case VRRP_PROCESS_SCAN:
		return "scan";
	}
	return "";
}

static void add_process(const struct vrrp_process_view *view, void *user_data)
{
	const struct process_quorum_conf *quorum = &view->conf->quorum;
	struct json_object *o = json_object_new_object();
	struct listing *listing = user_data;

	vrrp_answer_text(o, "name", view->name);
	vrrp_answer_text(o, "process", view->conf->rule.name);
	vrrp_answer_text(o, "state",
		!view->known ? "unknown"
		: view->up   ? "up"
			     : "down");
	json_object_object_add(o, "processes", json_object_new_int64(view->n));
	json_object_object_add(
		o, "quorum", json_object_new_int64(quorum->quorum));
	json_object_object_add(o, "quorum_max",
		quorum->quorum_max == UINT32_MAX
			? NULL
			: json_object_new_int64(quorum->quorum_max));
	vrrp_answer_text(o, "source", source_name(listing->source));
	json_object_array_add(listing->array, o);
}

struct json_object *vrrp_process_json(struct vrrp_processes *processes)
{
	struct listing listing = {
		.array = json_object_new_array(),
		.source = vrrp_processes_source(processes),
	};

	vrrp_processes_each(processes, add_process, &listing);
	return listing.array;
}

void vrrp_process_problems(
	struct vrrp_processes *processes, struct json_object *problems)
{
	int err = vrrp_processes_error(processes);

	if (err)
		vrrp_answer_line(
			problems, x_asprintf("processes cannot be tracked: %s",
					  strerror(err)));
}
