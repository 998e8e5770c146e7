/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracked objects: one for each interface, script and file that instances track,
 * however many do.  Schedules track scripts, takes their results and the
 * state of links, and tells the owner when the status of an object changed.
 */
#ifndef TANDEM_VRRP_TRACKER_H
#define TANDEM_VRRP_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/loop.h"
#include "lib/netlink.h"
#include "vrrp/runs.h"
#include "vrrp/track.h"
#include "vrrp/vrrp_conf.h"

struct vrrp_tracker;
struct vrrp_track_object;
struct vrrp_links;

/* TRACKED changed its status; USERS is what vrrp_tracker_use() was given. */
typedef void vrrp_tracker_changed_fn(
	const struct vrrp_track_object *object, void *user_data);

struct vrrp_tracker *vrrp_tracker_new(struct loop *loop,
	struct netlink *netlink, struct vrrp_runs *runs,
	vrrp_tracker_changed_fn *changed, void *user_data);
void vrrp_tracker_free(struct vrrp_tracker *tracker); /* NULL is fine */

/*
 * A reload: between begin and end each instance says again what it tracks.
 * Objects that are named again keep their status; those that nobody names
 * are freed by end(), so references to them must be gone by then.
 * FIRST_START: nobody ran before; files may be overwritten (init_file).
 */
void vrrp_tracker_begin(struct vrrp_tracker *tracker, bool first_start);
/* The object of CONF, whose strings and script stay valid until the next
 * round.  USER is remembered as one of those who track it. */
const struct vrrp_track_object *vrrp_tracker_use(struct vrrp_tracker *tracker,
	const struct vrrp_track_conf *conf, void *user);
void vrrp_tracker_end(struct vrrp_tracker *tracker);
/* At a stop: those who track end one by one. */
void vrrp_tracker_forget_users(struct vrrp_tracker *tracker);

/* NULL when nobody tracks such a thing. */
const struct vrrp_track_object *vrrp_tracker_find(
	const struct vrrp_tracker *tracker, enum vrrp_track_kind kind,
	const char *name);
const struct vrrp_tracked *vrrp_track_object_tracked(
	const struct vrrp_track_object *object);
const char *vrrp_track_object_name(const struct vrrp_track_object *object);
/* What the last run said, or "" for interfaces and before the first. */
const char *vrrp_track_object_detail(const struct vrrp_track_object *object);
/* The users of OBJECT; they are its own. */
void *const *vrrp_track_object_users(
	const struct vrrp_track_object *object, size_t *ret_n);
void vrrp_track_object_each_user(
	const struct vrrp_track_object *object, void (*callback)(void *user));

/* Who says which links count as running; borrowed. */
void vrrp_tracker_set_links(
	struct vrrp_tracker *tracker, const struct vrrp_links *links);
/*
 * What the owner finds out about an object of KIND, a BFD session or a number
 * of processes; DETAIL is one word or more.  Nothing happens when nobody tracks it.  QUIET: without
 * calling CHANGED, while the owner is going to look at all instances.
 */
void vrrp_tracker_set(struct vrrp_tracker *tracker, enum vrrp_track_kind kind,
	const char *name, enum vrrp_track_status status, const char *detail,
	bool quiet);

/* A link came, went or changed. */
void vrrp_tracker_on_link(struct vrrp_tracker *tracker, const char *name);
/* Scripts that could not be started are started now. */
void vrrp_tracker_runner_up(struct vrrp_tracker *tracker);

#endif
