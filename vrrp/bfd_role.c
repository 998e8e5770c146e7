/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/bfd_role.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/shell.h"

#define CHECKPOINT_KEY "bfd/"
/* After a full queue everything is said again. */
#define TELL_AGAIN_US (1 * USEC_PER_SEC)

/* --- those who follow a session --- */

/* A session that the predecessor had up has time to come back, as the
 * instance that tracks it does; a new one has not, as with keepalived. */
static enum vrrp_track_status status_of(const struct vrrp_bfd_view *view)
{
	switch (view->word) {
	case VRRP_BFD_UP:
		return VRRP_TRACK_UP;
	case VRRP_BFD_DOWN:
		return VRRP_TRACK_DOWN;
	case VRRP_BFD_PENDING:
		break;
	}
	return view->inherited ? VRRP_TRACK_PENDING : VRRP_TRACK_DOWN;
}

static void tell_tracker(
	struct vrrp_role *role, const struct vrrp_bfd_view *view, bool quiet)
{
	vrrp_tracker_set(role->tracker, VRRP_TRACK_BFD, view->name,
		status_of(view),
		view->fsm->diag ? bfd_diag_text(view->fsm->diag) : "", quiet);
}

/* --- the checks of healthcheck --- */

struct report {
	struct vrrp_role *role;
	struct buf_writer body;
	uint32_t count;
	bool failed;
};

static void report_send(struct report *report)
{
	struct role *role = report->role->role;
	struct buf_writer w = { .data = NULL };

	if (!report->count)
		return;
	msg_begin_bfd_states(&w, report->count);
	buf_put_bytes(&w, report->body.data, report->body.len);
	if (role_send(role, ROLE_HEALTHCHECK, MSG_BFD_STATES,
		    role_generation(role), &w, -1) == -ENOBUFS)
		report->failed = true;
	buf_writer_free(&w);
	buf_writer_reset(&report->body);
	report->count = 0;
}

/* What was said of a session that has time to come back holds. */
static void report_add(struct report *report, const struct vrrp_bfd_view *view)
{
	struct msg_bfd_state m = {
		.session = view->name,
		.state = BFD_SESSION_UNKNOWN,
		.detail = view->fsm->diag ? bfd_diag_text(view->fsm->diag) : "",
	};

	if (!view->for_checker ||
		(view->word == VRRP_BFD_PENDING && view->inherited))
		return;
	if (view->word == VRRP_BFD_UP)
		m.state = BFD_SESSION_UP;
	else if (view->word == VRRP_BFD_DOWN)
		m.state = BFD_SESSION_DOWN;
	msg_put_bfd_state(&report->body, &m);
	if (++report->count == MSG_BFD_STATES_MAX)
		report_send(report);
}

static void report_end(struct report *report)
{
	report_send(report);
	buf_writer_free(&report->body);
	if (report->failed)
		loop_timer_set(report->role->bfd_timer,
			time_monotonic_us() + TELL_AGAIN_US);
}

static void report_one(const struct vrrp_bfd_view *view, void *user_data)
{
	report_add(user_data, view);
}

void vrrp_bfd_role_tell_all(struct vrrp_role *role)
{
	struct report report = { .role = role };

	if (!role_peer_is_up(role->role, ROLE_HEALTHCHECK))
		return;
	vrrp_bfds_each(role->bfds, report_one, &report);
	report_end(&report);
}

void vrrp_bfd_role_on_timer(void *role)
{
	vrrp_bfd_role_tell_all(role);
}

static void changed(const struct vrrp_bfd_view *view, void *user_data)
{
	struct vrrp_role *role = user_data;
	struct report report = { .role = role };

	if (role_peer_is_up(role->role, ROLE_HEALTHCHECK))
		report_add(&report, view);
	report_end(&report);
	tell_tracker(role, view, false);
}

static void look(const struct vrrp_bfd_view *view, void *user_data)
{
	tell_tracker(user_data, view, true);
}

/* --- checkpoints --- */

static void save(
	const char *name, const void *data, size_t len, void *user_data)
{
	struct vrrp_role *role = user_data;
	char *key = x_asprintf("%s%s", CHECKPOINT_KEY, name);

	role_checkpoint(role->role, key, data, len);
	x_free(key);
}

bool vrrp_bfd_role_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len)
{
	size_t prefix = strlen(CHECKPOINT_KEY);

	if (strncmp(key, CHECKPOINT_KEY, prefix) != 0)
		return false;
	vrrp_bfds_restore(role->bfds, key + prefix, data, len);
	return true;
}

/* --- life --- */

struct vrrp_bfds *vrrp_bfd_role_new(struct vrrp_role *role)
{
	static const struct vrrp_bfd_events events = {
		.changed = changed,
		.save = save,
	};

	return vrrp_bfds_new(role->loop, &events, role);
}

/* What tracks them is as if nobody answered. */
static void say_off(struct vrrp_role *role, const struct vrrp_conf *conf)
{
	if (conf->bfds.n)
		log_warning("no BFD session is run (-B)");
	vrrp_conf_for_each(vrrp_bfd_conf, bfd, &conf->bfds)
		vrrp_tracker_set(role->tracker, VRRP_TRACK_BFD, bfd->name,
			VRRP_TRACK_DOWN, "not run, -B", true);
}

void vrrp_bfd_role_apply(struct vrrp_role *role, const struct vrrp_conf *conf)
{
	static const struct conf_list none;
	bool off = role_settings_flags(role->role) & SETTINGS_NO_BFD;

	vrrp_bfds_apply(role->bfds, off ? &none : &conf->bfds,
		role_predecessor_us(role->role));
	vrrp_bfds_each(role->bfds, look, role);
	if (off)
		say_off(role, conf);
	vrrp_bfd_role_tell_all(role);
}

/* --- plan --- */

struct entry {
	const struct vrrp_bfd_conf *conf;
	UT_hash_handle hh;
};

static struct entry *index_new(const struct vrrp_conf *conf)
{
	struct entry *index = NULL, *entry;

	vrrp_conf_for_each(vrrp_bfd_conf, bfd, &conf->bfds)
	{
		entry = x_new(struct entry, 1);
		entry->conf = bfd;
		HASH_ADD_KEYPTR(hh, index, bfd->name, strlen(bfd->name), entry);
	}
	return index;
}

static void index_free(struct entry *index)
{
	struct entry *entry, *next;

	HASH_ITER (hh, index, entry, next) {
		HASH_DEL(index, entry);
		x_free(entry);
	}
}

static const struct vrrp_bfd_conf *find(struct entry *index, const char *name)
{
	struct entry *entry;

	HASH_FIND_STR(index, name, entry);
	return entry ? entry->conf : NULL;
}

/* Takes DETAIL. */
static void say(struct json_object *plan, const char *action, const char *name,
	char *detail)
{
	struct json_object *step = json_object_new_object();
	char *subject = x_asprintf("bfd_instance %s", name);

	json_object_object_add(step, "action", json_object_new_string(action));
	json_object_object_add(
		step, "subject", json_object_new_string(subject));
	json_object_object_add(step, "detail", json_object_new_string(detail));
	json_object_array_add(plan, step);
	x_free(subject);
	x_free(detail);
}

static char *describe(const struct vrrp_bfd_conf *bfd)
{
	char neighbour[IP_ADDR_STRLEN], source[IP_ADDR_STRLEN];
	bool has_source = ip_addr_is_set(&bfd->source);

	return x_asprintf("neighbour %s%s%s%s",
		ip_addr_format(&bfd->neighbour, neighbour),
		has_source ? " from " : "",
		has_source ? ip_addr_format(&bfd->source, source) : "",
		bfd->multihop ? ", multihop" : "");
}

static char *describe_timing(const struct vrrp_bfd_conf *bfd)
{
	return x_asprintf("min_tx %.3f, min_rx %.3f, idle_tx %.3f, multiplier "
			  "%u, ttl %u from %d%s",
		(double)bfd->min_tx_us / 1e3, (double)bfd->min_rx_us / 1e3,
		(double)bfd->idle_tx_us / 1e3,
		(unsigned int)bfd->fsm.multiplier, (unsigned int)bfd->ttl,
		bfd->ttl_min, bfd->passive ? ", passive" : "");
}

static void plan_one(const struct vrrp_bfd_conf *before,
	const struct vrrp_bfd_conf *after, struct json_object *plan)
{
	char *old_place = describe(before), *place = describe(after);
	char *old_timing = describe_timing(before);
	char *timing = describe_timing(after);

	if (strcmp(old_place, place) != 0)
		say(plan, "edit", after->name,
			x_asprintf("starts anew: %s", place));
	else if (strcmp(old_timing, timing) != 0)
		say(plan, "edit", after->name, x_strdup(timing));
	x_free(old_place);
	x_free(place);
	x_free(old_timing);
	x_free(timing);
}

void vrrp_bfd_role_plan(const struct vrrp_conf *before,
	const struct vrrp_conf *after, struct json_object *plan)
{
	static const struct vrrp_conf nothing;
	struct entry *old = index_new(before ? before : &nothing);
	struct entry *new = index_new(after);
	const struct vrrp_bfd_conf *other;

	before = before ? before : &nothing;
	vrrp_conf_for_each(vrrp_bfd_conf, bfd, &before->bfds)
	{
		if (!find(new, bfd->name))
			say(plan, "remove", bfd->name,
				x_strdup("administratively down"));
	}
	vrrp_conf_for_each(vrrp_bfd_conf, bfd, &after->bfds)
	{
		other = find(old, bfd->name);
		if (other)
			plan_one(other, bfd, plan);
		else
			say(plan, "add", bfd->name, describe(bfd));
	}
	index_free(old);
	index_free(new);
}
