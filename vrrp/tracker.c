/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/tracker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "lib/file_watch.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/link_state.h"

struct vrrp_track_object {
	char *key;	  /* "interface NAME", "script NAME" ... */
	const char *name; /* in key */
	struct vrrp_tracker *tracker;
	struct vrrp_tracked tracked;
	bool used; /* in this round */
	void **users;
	size_t n_users;
	size_t capacity;
	/* Scripts. */
	const struct vrrp_script_conf *script;
	struct loop_timer *timer;
	int64_t due_us; /* of the next run; TIME_NEVER = when it is back */
	uint64_t run;	/* under way; 0 = none */
	/* Files. */
	const struct vrrp_file_conf *file;
	struct file_watch *watch;
	bool unmade; /* init_file could not make it */
	char detail[64];
	UT_hash_handle hh;
};

struct vrrp_tracker {
	struct loop *loop;
	struct netlink *netlink;
	const struct vrrp_links *links; /* NULL = as the kernel says */
	struct vrrp_runs *runs;
	vrrp_tracker_changed_fn *changed;
	void *user_data;
	struct vrrp_track_object *objects;
	struct file_watcher *files; /* NULL = none was ever tracked */
	bool first_start;		 /* in this round */
};

const struct vrrp_tracked *vrrp_track_object_tracked(
	const struct vrrp_track_object *object)
{
	return &object->tracked;
}

const char *vrrp_track_object_name(const struct vrrp_track_object *object)
{
	return object->key;
}

const char *vrrp_track_object_detail(const struct vrrp_track_object *object)
{
	return object->detail;
}

void *const *vrrp_track_object_users(
	const struct vrrp_track_object *object, size_t *ret_n)
{
	*ret_n = object->n_users;
	return object->users;
}

void vrrp_track_object_each_user(
	const struct vrrp_track_object *object, void (*callback)(void *user))
{
	size_t i;

	for (i = 0; i < object->n_users; i++)
		callback(object->users[i]);
}

static void tell(struct vrrp_track_object *object)
{
	const char *status = object->tracked.status == VRRP_TRACK_UP ? "up"
								     : "down";

	if (object->file)
		log_notice("%s: %s", object->key, object->detail);
	else
		log_notice("%s is %s%s%s", object->key, status,
			object->detail[0] ? ": " : "", object->detail);
	object->tracker->changed(object, object->tracker->user_data);
}

/* --- scripts --- */

static void script_done(const struct msg_ran *ran, void *user_data);

static void script_start(struct vrrp_track_object *object)
{
	struct msg_run run = {
		.node = object->script->script.node,
		.subject = object->key,
		.timeout_us = object->script->timeout_us,
	};

	object->run = vrrp_runs_start(
		object->tracker->runs, &run, script_done, object);
	/* Without a runner, vrrp_tracker_runner_up() begins again. */
	object->due_us =
		object->run ? time_monotonic_us() + object->script->interval_us
			    : TIME_NEVER;
	loop_timer_set(object->timer, object->due_us);
}

static void script_timer(void *user_data)
{
	struct vrrp_track_object *object = user_data;

	/* Still running: the next run follows when it ends, at the latest
	 * after its timeout. */
	if (object->run)
		object->due_us = 0;
	else
		script_start(object);
}

static void describe(
	struct vrrp_track_object *object, const struct msg_ran *ran)
{
	char *text = object->detail;
	size_t size = sizeof(object->detail);

	switch (ran->outcome) {
	case RUN_EXITED:
		snprintf(text, size, "exit status %d", ran->value);
		return;
	case RUN_SIGNALED:
		snprintf(text, size, "died of signal %d", ran->value);
		return;
	case RUN_TIMED_OUT:
		snprintf(text, size, "timed out after %.3f s",
			(double)ran->duration_us / USEC_PER_SEC);
		return;
	case RUN_NOT_RUN:
		snprintf(text, size, "could not be run: %s",
			strerror(ran->value));
		return;
	}
}

static void script_done(const struct msg_ran *ran, void *user_data)
{
	struct vrrp_track_object *object = user_data;
	bool ok;

	object->run = 0;
	if (!ran) {
		/* The runner died; runner_up begins again. */
		object->due_us = TIME_NEVER;
		loop_timer_set(object->timer, TIME_NEVER);
		return;
	}
	ok = ran->outcome == RUN_EXITED && ran->value == 0;
	describe(object, ran);
	if (object->due_us <= time_monotonic_us())
		loop_timer_set(object->timer, time_monotonic_us());
	if (vrrp_tracked_script_result(&object->tracked, ok))
		tell(object);
}

void vrrp_tracker_runner_up(struct vrrp_tracker *tracker)
{
	struct vrrp_track_object *object, *next;

	HASH_ITER (hh, tracker->objects, object, next)
		if (object->script && !object->run)
			script_start(object);
}

/* --- files --- */

/* What the file says now.  Without a number it counts as 0; and as what it
 * would hold when we were to make it and could not. */
static int64_t file_read(struct vrrp_track_object *object)
{
	char *detail = object->detail;
	size_t size = sizeof(object->detail);
	int64_t value = 0;
	int err = file_read_number(object->file->path, &value);

	if (!err) {
		object->unmade = false;
		snprintf(detail, size, "%lld", (long long)value);
		return value;
	}
	if (object->unmade)
		value = object->file->init_value;
	snprintf(detail, size, "counts as %lld: %s", (long long)value,
		err == -EINVAL ? "no number in it" : strerror(-err));
	return value;
}

static void file_changed(void *owner)
{
	struct vrrp_track_object *object = owner;

	if (vrrp_tracked_set_value(&object->tracked, file_read(object)))
		tell(object);
}

static void file_make(struct vrrp_track_object *object)
{
	const struct vrrp_file_conf *file = object->file;
	bool overwrite = file->overwrite && object->tracker->first_start;
	int err = file_write_number(
		file->path, file->init_value, overwrite);

	object->unmade = err != 0;
	if (err)
		log_error("%s: cannot make %s: %s", object->key, file->path,
			strerror(-err));
}

static void file_start(
	struct vrrp_track_object *object, const struct vrrp_file_conf *file)
{
	struct vrrp_tracker *tracker = object->tracker;

	object->file = file;
	if (!tracker->files)
		tracker->files =
			file_watcher_new(tracker->loop, file_changed);
	if (file->init)
		file_make(object);
	object->watch =
		file_watch_new(tracker->files, file->path, object);
	vrrp_tracked_init_file(&object->tracked, file_read(object));
	log_info("%s: %s", object->key, object->detail);
}

/* The same name as before, perhaps another file. */
static void file_reconfigure(
	struct vrrp_track_object *object, const struct vrrp_file_conf *file)
{
	bool same = !strcmp(object->file->path, file->path);

	object->file = file;
	if (same)
		return;
	file_watch_free(object->watch);
	object->unmade = false;
	file_start(object, file);
}

/* --- interfaces --- */

static bool interface_is_up(
	const struct vrrp_tracker *tracker, const char *name)
{
	const struct netlink_link *link =
		netlink_find_link_by_name(tracker->netlink, name);

	if (link && tracker->links)
		return vrrp_links_is_running(tracker->links, &link->info);
	return link && netlink_link_is_running(&link->info);
}

static struct vrrp_track_object *find(const struct vrrp_tracker *tracker,
	enum vrrp_track_kind kind, const char *name)
{
	struct vrrp_track_object *object;
	char key[256];

	snprintf(key, sizeof(key), "%s %s",
		vrrp_track_kind_name(kind), name);
	HASH_FIND_STR(tracker->objects, key, object);
	return object;
}

const struct vrrp_track_object *vrrp_tracker_find(
	const struct vrrp_tracker *tracker, enum vrrp_track_kind kind,
	const char *name)
{
	return find(tracker, kind, name);
}

void vrrp_tracker_on_link(struct vrrp_tracker *tracker, const char *name)
{
	struct vrrp_track_object *object =
		find(tracker, VRRP_TRACK_INTERFACE, name);

	if (object && vrrp_tracked_set_interface(
			      &object->tracked, interface_is_up(tracker, name)))
		tell(object);
}

void vrrp_tracker_set_links(
	struct vrrp_tracker *tracker, const struct vrrp_links *links)
{
	tracker->links = links;
}

/* --- what the owner finds out --- */

void vrrp_tracker_set(struct vrrp_tracker *tracker, enum vrrp_track_kind kind,
	const char *name, enum vrrp_track_status status, const char *detail,
	bool quiet)
{
	struct vrrp_track_object *object = find(tracker, kind, name);

	if (!object)
		return;
	snprintf(object->detail, sizeof(object->detail), "%s", detail);
	if (vrrp_tracked_set_status(&object->tracked, status) && !quiet)
		tracker->changed(object, tracker->user_data);
}

/* --- rounds --- */

void vrrp_tracker_begin(struct vrrp_tracker *tracker, bool first_start)
{
	struct vrrp_track_object *object, *next;

	tracker->first_start = first_start;
	HASH_ITER (hh, tracker->objects, object, next) {
		object->used = false;
		object->n_users = 0;
	}
}

void vrrp_tracker_forget_users(struct vrrp_tracker *tracker)
{
	struct vrrp_track_object *object, *next;

	HASH_ITER (hh, tracker->objects, object, next)
		object->n_users = 0;
}

static void script_init(
	struct vrrp_track_object *object, const struct vrrp_script_conf *script)
{
	object->script = script;
	object->timer =
		loop_timer_new(object->tracker->loop, script_timer, object);
	vrrp_tracked_init_script(&object->tracked, (unsigned int)script->rise,
		(unsigned int)script->fall, script->init_fail);
	script_start(object);
}

static struct vrrp_track_object *object_new(
	struct vrrp_tracker *tracker, const struct vrrp_track_conf *conf)
{
	struct vrrp_track_object *object = x_new(struct vrrp_track_object, 1);

	object->tracker = tracker;
	object->key = x_asprintf(
		"%s %s", vrrp_track_kind_name(conf->kind), conf->name);
	object->name = strchr(object->key, ' ') + 1;
	HASH_ADD_KEYPTR(
		hh, tracker->objects, object->key, strlen(object->key), object);
	switch (conf->kind) {
	case VRRP_TRACK_INTERFACE:
		vrrp_tracked_init_interface(&object->tracked,
			interface_is_up(tracker, conf->name));
		break;
	case VRRP_TRACK_SCRIPT:
		script_init(object, conf->script);
		break;
	case VRRP_TRACK_FILE:
		file_start(object, conf->file);
		break;
	case VRRP_TRACK_PROCESS:
		vrrp_tracked_init_status(
			&object->tracked, conf->kind, VRRP_TRACK_PENDING);
		break;
	case VRRP_TRACK_BFD:
		vrrp_tracked_init_status(
			&object->tracked, conf->kind, VRRP_TRACK_DOWN);
		break;
	}
	return object;
}

/* The same script as before, perhaps with other numbers. */
static void script_reconfigure(
	struct vrrp_track_object *object, const struct vrrp_script_conf *script)
{
	bool sooner = script->interval_us < object->script->interval_us;

	object->script = script;
	object->tracked.rise = (unsigned int)script->rise;
	object->tracked.fall = (unsigned int)script->fall;
	if (sooner && !object->run && object->due_us != TIME_NEVER)
		script_start(object);
}

const struct vrrp_track_object *vrrp_tracker_use(struct vrrp_tracker *tracker,
	const struct vrrp_track_conf *conf, void *user)
{
	struct vrrp_track_object *object =
		find(tracker, conf->kind, conf->name);

	if (!object)
		object = object_new(tracker, conf);
	else if (!object->used && conf->script)
		script_reconfigure(object, conf->script);
	else if (!object->used && conf->file)
		file_reconfigure(object, conf->file);
	else if (!object->used && conf->kind == VRRP_TRACK_INTERFACE)
		/* interface_up_down_delays may have changed. */
		vrrp_tracked_set_interface(&object->tracked,
			interface_is_up(tracker, conf->name));
	object->used = true;
	if (object->n_users == object->capacity) {
		object->capacity = object->capacity ? 2 * object->capacity : 4;
		object->users = x_realloc((void *)object->users,
			object->capacity, sizeof(*object->users));
	}
	object->users[object->n_users++] = user;
	return object;
}

static void object_free(
	struct vrrp_tracker *tracker, struct vrrp_track_object *object)
{
	HASH_DELETE(hh, tracker->objects, object);
	if (object->run)
		vrrp_runs_forget(tracker->runs, object->run);
	loop_timer_free(object->timer);
	file_watch_free(object->watch);
	x_free((void *)object->users);
	x_free(object->key);
	x_free(object);
}

void vrrp_tracker_end(struct vrrp_tracker *tracker)
{
	struct vrrp_track_object *object, *next;

	HASH_ITER (hh, tracker->objects, object, next)
		if (!object->used)
			object_free(tracker, object);
}

/* --- life --- */

struct vrrp_tracker *vrrp_tracker_new(struct loop *loop,
	struct netlink *netlink, struct vrrp_runs *runs,
	vrrp_tracker_changed_fn *changed, void *user_data)
{
	struct vrrp_tracker *tracker = x_new(struct vrrp_tracker, 1);

	tracker->loop = loop;
	tracker->netlink = netlink;
	tracker->runs = runs;
	tracker->changed = changed;
	tracker->user_data = user_data;
	return tracker;
}

void vrrp_tracker_free(struct vrrp_tracker *tracker)
{
	struct vrrp_track_object *object, *next;

	if (!tracker)
		return;
	HASH_ITER (hh, tracker->objects, object, next)
		object_free(tracker, object);
	file_watcher_free(tracker->files);
	x_free(tracker);
}
