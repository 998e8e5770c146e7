/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the role says when it is asked to explain: an instance, a sync group, a
 * tracked object. */
#include <json-c/json.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/answer.h"
#include "vrrp/bfd_status.h"
#include "vrrp/shell.h"
#include "vrrp/status_routes.h"

/* --- instances --- */

static void explain_state(
	const struct vrrp_instance *inst, struct json_object *lines)
{
	const struct vrrp_fsm *fsm = &inst->fsm;
	int64_t now = time_monotonic_us();
	char text[IP_ADDR_STRLEN];

	vrrp_answer_line(lines,
		x_asprintf("%s is %s for %.3f s: %s", inst->subject,
			vrrp_state_name(fsm->state),
			inst->since_us ? (double)(now - inst->since_us) / 1e6
				       : 0.0,
			reason_text(fsm->reason)));
	if (inst->vmac && inst->port)
		vrrp_answer_line(
			lines, x_asprintf("its addresses are on interface %s",
				       vrrp_vmac_interface(inst->vmac)));
	else if (inst->vmac)
		vrrp_answer_line(lines,
			x_asprintf("its virtual-MAC interface is not there: %s",
				vrrp_vmac_problem(inst->vmac)));
	vrrp_answer_line(lines, x_asprintf("priority %u, of %u configured",
					(unsigned int)fsm->priority,
					(unsigned int)inst->conf->priority));
	if (ip_addr_is_set(&fsm->active_router))
		vrrp_answer_line(lines,
			x_asprintf("the Active router is %s with "
				   "priority %u",
				ip_addr_format(&fsm->active_router, text),
				(unsigned int)fsm->active_priority));
	if (inst->heard_us)
		vrrp_answer_line(
			lines, x_asprintf("last advert heard %.3f s ago",
				       (double)(now - inst->heard_us) / 1e6));
	if (fsm->state == VRRP_STATE_BACKUP)
		vrrp_answer_line(lines,
			x_asprintf("takes over when nothing is heard "
				   "for %.3f s",
				(double)vrrp_fsm_down_interval_us(fsm) / 1e6));
	if (fsm->faults)
		vrrp_answer_line(lines,
			x_asprintf("cannot take part: %s",
				reason_text(vrrp_fsm_fault_reason(fsm))));
}

static const char *status_word(enum vrrp_track_status status)
{
	switch (status) {
	case VRRP_TRACK_PENDING:
		return "not known yet";
	case VRRP_TRACK_UP:
		return "up";
	case VRRP_TRACK_DOWN:
		return "down";
	}
	return "";
}

static void explain_tracks(
	const struct vrrp_instance *inst, struct json_object *lines)
{
	size_t i;

	for (i = 0; i < inst->n_tracks; i++) {
		const struct vrrp_track_ref *ref = &inst->track_refs[i];
		const struct vrrp_track_object *object = inst->track_objects[i];
		const char *detail = vrrp_track_object_detail(object);

		vrrp_answer_line(
			lines, x_asprintf("tracked %s is %s%s%s%s, weight %d%s",
				       vrrp_track_object_name(object),
				       status_word(ref->object->status),
				       detail[0] ? " (" : "", detail,
				       detail[0] ? ")" : "", ref->weight,
				       ref->reverse ? " reverse" : ""));
	}
}

/* Whether everybody signs is what decides about the next mode. */
static void explain_hmac(
	const struct vrrp_instance *inst, struct json_object *lines)
{
	const struct vrrp_hmac_block *conf = inst->conf->hmac;
	const struct vrrp_hmac_counters *c;
	char text[IP_ADDR_STRLEN];

	if (!conf || !inst->hmac)
		return;
	c = vrrp_hmac_counters(inst->hmac);
	vrrp_answer_line(lines,
		x_asprintf("auth_hmac %s: %llu signed adverts taken, %llu "
			   "without a signature%s%s",
			vrrp_hmac_mode_name((enum vrrp_hmac_mode)conf->mode),
			(unsigned long long)c->verified,
			(unsigned long long)c->unsigned_taken,
			c->unsigned_taken ? ", last from " : "",
			c->unsigned_taken
				? ip_addr_format(&c->unsigned_from, text)
				: ""));
	if (c->verified && conf->by_time)
		vrrp_answer_line(lines,
			x_asprintf("the clock of the last sender differs by "
				   "%.3f s, %u are allowed",
				(double)c->skew_us / 1e6,
				(unsigned int)conf->window_s));
}

/* What could be told to be an instance's, and the rest that came in on the
 * socket that it may share with others. */
static void explain_drops(
	const struct vrrp_instance *inst, struct json_object *lines)
{
	const uint64_t *others =
		inst->sock ? vrrp_socket_counters(inst->sock)->dropped : NULL;
	unsigned int i;

	for (i = 0; i < VRRP_RX_COUNT_; i++)
		if (inst->drops[i])
			vrrp_answer_line(lines,
				x_asprintf("adverts dropped: %llu: %s",
					(unsigned long long)inst->drops[i],
					vrrp_rx_text((enum vrrp_rx)i)));
	for (i = 0; others && i < VRRP_RX_COUNT_; i++)
		if (others[i])
			vrrp_answer_line(lines,
				x_asprintf("packets dropped on its socket, "
					   "for no instance: %llu: %s",
					(unsigned long long)others[i],
					vrrp_rx_text((enum vrrp_rx)i)));
}

static void explain_history(
	const struct vrrp_instance *inst, struct json_object *lines)
{
	unsigned int n = inst->n_history < VRRP_HISTORY ? inst->n_history
							: VRRP_HISTORY;
	unsigned int i;

	for (i = inst->n_history - n; i != inst->n_history; i++) {
		const struct vrrp_history_entry *e =
			&inst->history[i % VRRP_HISTORY];
		char when[VRRP_WHEN_SIZE];

		vrrp_answer_line(lines,
			x_asprintf("%s %s -> %s: %s, priority %u",
				vrrp_when(e->realtime_us, when),
				vrrp_state_name((enum vrrp_state)e->from),
				vrrp_state_name((enum vrrp_state)e->to),
				reason_text((enum reason)e->reason),
				(unsigned int)e->priority));
	}
}

static void explain_instance(
	const struct vrrp_instance *inst, struct json_object *lines)
{
	explain_state(inst, lines);
	explain_tracks(inst, lines);
	explain_hmac(inst, lines);
	vrrp_routes_explain(inst->routes, lines);
	explain_drops(inst, lines);
	explain_history(inst, lines);
}

/* --- groups --- */

static void explain_member(
	const struct vrrp_instance *inst, struct json_object *lines)
{
	vrrp_answer_line(lines,
		x_asprintf("%s is %s: %s", inst->subject,
			vrrp_state_name(inst->fsm.state),
			reason_text(inst->fsm.faults
					    ? vrrp_fsm_fault_reason(&inst->fsm)
					    : inst->fsm.reason)));
}

static void explain_group(const struct vrrp_role *role,
	const struct vrrp_sync_group *group, struct json_object *lines)
{
	const struct vrrp_group *core = &group->core;
	int64_t now = time_monotonic_us();

	vrrp_answer_line(lines,
		x_asprintf("%s is %s for %.3f s: %s", group->subject,
			vrrp_state_name(core->state),
			core->since_us ? (double)(now - core->since_us) / 1e6
				       : 0.0,
			reason_text(core->reason)));
	vrrp_for_each_instance(role, inst)
	{
		if (inst->fsm.group == core)
			explain_member(inst, lines);
	}
}

/* --- tracked objects --- */

static void explain_script(
	const struct vrrp_tracked *tracked, struct json_object *lines)
{
	if (tracked->status == VRRP_TRACK_PENDING)
		return;
	vrrp_answer_line(lines,
		x_asprintf("%u of %u runs in a row said otherwise, which would "
			   "make it %s",
			tracked->in_a_row,
			tracked->status == VRRP_TRACK_UP ? tracked->fall
							 : tracked->rise,
			tracked->status == VRRP_TRACK_UP ? "down" : "up"));
}

static void explain_users(
	const struct vrrp_track_object *object, struct json_object *lines)
{
	size_t n;
	void *const *users = vrrp_track_object_users(object, &n);

	for (size_t i = 0; i < n; i++) {
		const struct vrrp_instance *inst = users[i];

		vrrp_answer_line(lines,
			x_asprintf("tracked by %s, which is %s with "
				   "priority %u",
				inst->subject, vrrp_state_name(inst->fsm.state),
				(unsigned int)inst->fsm.priority));
	}
}

static void explain_object(
	const struct vrrp_track_object *object, struct json_object *lines)
{
	const struct vrrp_tracked *tracked = vrrp_track_object_tracked(object);
	const char *detail = vrrp_track_object_detail(object);

	vrrp_answer_line(lines,
		x_asprintf("%s is %s%s%s", vrrp_track_object_name(object),
			status_word(tracked->status), detail[0] ? ": " : "",
			detail));
	if (tracked->kind == VRRP_TRACK_SCRIPT)
		explain_script(tracked, lines);
	explain_users(object, lines);
}

/* --- who is meant --- */

enum subject_kind {
	SUBJECT_INSTANCE,
	SUBJECT_GROUP,
	SUBJECT_SCRIPT,
	SUBJECT_FILE,
	SUBJECT_PROCESS,
	SUBJECT_INTERFACE,
	SUBJECT_COUNT,
};

/* What a subject may begin with: as logs call it, and as the configuration
 * does.  A name alone is that of the first kind that has it. */
static const struct kind_word {
	const char *word;
	enum subject_kind kind;
} kind_words[] = {
	{ "instance ", SUBJECT_INSTANCE },
	{ "vrrp_instance ", SUBJECT_INSTANCE },
	{ "vrrp ", SUBJECT_INSTANCE },
	{ "group ", SUBJECT_GROUP },
	{ "vrrp_sync_group ", SUBJECT_GROUP },
	{ "script ", SUBJECT_SCRIPT },
	{ "vrrp_script ", SUBJECT_SCRIPT },
	{ "file ", SUBJECT_FILE },
	{ "track_file ", SUBJECT_FILE },
	{ "vrrp_track_file ", SUBJECT_FILE },
	{ "process ", SUBJECT_PROCESS },
	{ "vrrp_track_process ", SUBJECT_PROCESS },
	{ "interface ", SUBJECT_INTERFACE },
};

static bool explain_tracked(const struct vrrp_role *role,
	enum vrrp_track_kind kind, const char *name, struct json_object *lines)
{
	const struct vrrp_track_object *object =
		vrrp_tracker_find(role->tracker, kind, name);

	if (object)
		explain_object(object, lines);
	return object != NULL;
}

/* False when there is no such subject. */
static bool explain_kind(const struct vrrp_role *role, enum subject_kind kind,
	const char *name, struct json_object *lines)
{
	const struct vrrp_sync_group *group;
	const struct vrrp_instance *inst;

	switch (kind) {
	case SUBJECT_INSTANCE:
		HASH_FIND_STR(role->instances, name, inst);
		if (inst)
			explain_instance(inst, lines);
		return inst != NULL;
	case SUBJECT_GROUP:
		HASH_FIND_STR(role->groups, name, group);
		if (group)
			explain_group(role, group, lines);
		return group != NULL;
	case SUBJECT_SCRIPT:
		return explain_tracked(role, VRRP_TRACK_SCRIPT, name, lines);
	case SUBJECT_FILE:
		return explain_tracked(role, VRRP_TRACK_FILE, name, lines);
	case SUBJECT_PROCESS:
		return explain_tracked(role, VRRP_TRACK_PROCESS, name, lines);
	case SUBJECT_INTERFACE:
		return explain_tracked(role, VRRP_TRACK_INTERFACE, name, lines);
	case SUBJECT_COUNT:
		break;
	}
	return false;
}

static bool explain_any(const struct vrrp_role *role, const char *subject,
	struct json_object *lines)
{
	const size_t n = sizeof(kind_words) / sizeof(kind_words[0]);

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(kind_words[i].word);

		if (!strncmp(subject, kind_words[i].word, len))
			return explain_kind(
				role, kind_words[i].kind, subject + len, lines);
	}
	for (int kind = 0; kind < SUBJECT_COUNT; kind++)
		if (explain_kind(role, (enum subject_kind)kind, subject, lines))
			return true;
	return false;
}

struct json_object *vrrp_explain_json(
	struct vrrp_role *role, struct json_object *request)
{
	struct json_object *answer, *lines, *value;
	const char *subject;

	if (!json_object_object_get_ex(request, "subject", &value))
		return NULL;
	subject = json_object_get_string(value);
	if (!subject)
		return NULL;
	lines = vrrp_bfd_explain(role->bfds, subject);
	if (!lines) {
		lines = json_object_new_array();
		if (!explain_any(role, subject, lines)) {
			json_object_put(lines);
			return NULL;
		}
	}
	answer = json_object_new_object();
	json_object_object_add(answer, "explain", lines);
	return answer;
}
