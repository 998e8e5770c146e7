/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel has of routes and rules, and what others do to them. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "lib/mem.h"
#include "lib/netlink_fib.h"
#include "lib/timeutil.h"
#include "vrrp/fib_internal.h"

/* So often the kernel is asked whether what somebody else has in our place is
 * still there. */
#define ASK_US (2 * USEC_PER_SEC)

/* --- places --- */

static void put_addr(struct ip_addr *to, const struct ip_addr *from)
{
	to->family = from->family;
	memcpy(to->bytes, from->bytes, ip_family_bytes(from->family));
}

static void place_of_route(const struct netlink_route *route, struct vrrp_fib_place *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->family = route->family;
	ret->table = route->table;
	ret->priority = route->priority;
	ret->dst_len = route->dst_len;
	if (route->dst_len)
		put_addr(&ret->dst, &route->dst);
}

static void place_of_rule(const struct netlink_rule *rule, struct vrrp_fib_place *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->is_rule = true;
	ret->family = rule->family;
	ret->priority = rule->priority;
}

void fib_put_into_place(struct object *object, bool is_rule)
{
	struct vrrp_fib *fib = object->fib;
	struct vrrp_fib_at *head;

	if (is_rule)
		place_of_rule(&object->rule, &object->place);
	else
		place_of_route(&object->route, &object->place);
	HASH_FIND(hh, fib->places, &object->place, sizeof(object->place), head);
	if (!head) {
		head = x_new(struct vrrp_fib_at, 1);
		head->place = object->place;
		HASH_ADD(hh, fib->places, place, sizeof(head->place), head);
	}
	LL_PREPEND(head->objects, object);
	object->at = head;
}

void fib_take_from_place(struct object *object)
{
	struct vrrp_fib_at *at = object->at;

	LL_DELETE(at->objects, object);
	if (at->objects)
		return;
	HASH_DELETE(hh, object->fib->places, at);
	x_free(at);
}

/* --- what the kernel has --- */

/* Its protocol is ours: what the kernel has is read. */
bool fib_is_read(const struct object *object)
{
	return (fib_is_rule(object) ? object->rule.protocol
				: object->route.protocol) ==
	       NETLINK_ROUTE_PROTO;
}

static void note_near(struct object *objects)
{
	struct object *object;

	LL_FOREACH (objects, object)
		object->near = true;
}

static void find_route(const struct netlink_route *have, void *user_data)
{
	struct vrrp_fib *fib = user_data;
	struct vrrp_fib_at *head;
	struct object *object;
	struct vrrp_fib_place place;
	bool known = false;

	place_of_route(have, &place);
	HASH_FIND(hh, fib->places, &place, sizeof(place), head);
	if (!head)
		return;
	LL_FOREACH (head->objects, object)
		if (netlink_route_agrees(&object->route, have) &&
			(object->written || netlink_route_metrics_agree(
						    &object->route, have)))
			known = object->seen = true;
	if (!known)
		note_near(head->objects);
}

static void find_rule(const struct netlink_rule *have, void *user_data)
{
	struct vrrp_fib *fib = user_data;
	struct vrrp_fib_at *head;
	struct object *object;
	struct vrrp_fib_place place;
	bool known = false;

	place_of_rule(have, &place);
	HASH_FIND(hh, fib->places, &place, sizeof(place), head);
	if (!head)
		return;
	LL_FOREACH (head->objects, object)
		if (netlink_rule_agrees(&object->rule, have))
			known = object->seen = true;
	if (!known)
		note_near(head->objects);
}

/* False when nothing is known. */
bool fib_read_kernel(struct vrrp_fib *fib)
{
	const struct netlink_fib_visitor visitor = {
		.route = find_route,
		.rule = find_rule,
		.user_data = fib,
	};
	struct object *object, *next;
	int err = -ENOTCONN;

	if (!fib->objects)
		return true;
	HASH_ITER (hh, fib->objects, object, next)
		object->seen = object->near = false;
	if (fib->kernel)
		err = netlink_fib_read(fib->kernel, &visitor);
	if (err)
		log_limited(&fib->limit, LOG_LEVEL_WARNING,
			"cannot read the routes of the kernel: %s",
			strerror(-err));
	return err == 0;
}

/* What the kernel took is not seen.  When something else with our number is in
 * its place, that is it in the kernel's words.  Else it is gone: it is written
 * again, but once only, lest there be one more each time. */
static bool is_in_other_words(struct object *object)
{
	if (object->near)
		return true;
	if (!object->doubted) {
		object->doubted = true;
		return false;
	}
	log_limited(&object->fib->limit, LOG_LEVEL_WARNING,
		"%s %s: the kernel took it and does not show it",
		fib_kind(object), object->text);
	return true;
}

/* Something that was there is not seen, or the other way round. */
void fib_believe(struct object *object)
{
	if (object->pending || !fib_is_read(object))
		return;
	if (object->seen) {
		object->foreign = false;
		object->error = 0;
		object->present = true;
		object->confirmed = true;
		object->doubted = false;
		return;
	}
	/* Of what somebody else has, nothing is read: ask_again(). */
	if (object->foreign || !object->present)
		return;
	if (object->written && !object->confirmed) {
		object->present = is_in_other_words(object);
		return;
	}
	/* Who comes into its place now is somebody else. */
	object->present = false;
	object->written = false;
}

bool fib_is_in_the_way(const struct object *object)
{
	return (object->foreign || object->error == -EEXIST) &&
	       fib_is_wanted(object);
}

static void ask_again(void *user_data)
{
	struct vrrp_fib *fib = user_data;
	struct vrrp_fib_set *set;

	DL_FOREACH (fib->sets, set) {
		bool any = false;

		for (size_t i = 0; set->want && i < set->n; i++) {
			struct object *object = set->objects[i];

			if (object->pending || !fib_is_in_the_way(object))
				continue;
			any = object->ask = true;
		}
		if (any)
			vrrp_fib_set_sync(set, true);
	}
}

void fib_ask_later(struct vrrp_fib *fib)
{
	loop_timer_set(fib->ask_timer, time_monotonic_us() + ASK_US);
}

/* --- what others do --- */

static bool is_usable(const struct vrrp_fib *fib, uint32_t ifindex)
{
	const struct netlink_link *link =
		netlink_find_link(fib->netlink, ifindex);

	return link && link->info.flags & IFF_UP;
}

/* Could it be there, for all that is known of its interfaces? */
static bool can_be_there(const struct object *object)
{
	for (size_t i = 0; i < object->route.n_hops; i++)
		if (object->route.hops[i].ifindex &&
			!is_usable(object->fib,
				object->route.hops[i].ifindex))
			return false;
	return true;
}

/* All that want it hear of it; one that has no owner has it put back. */
static void tell_lost(struct object *object)
{
	for (size_t i = 0; i < object->n_sharers; i++) {
		struct vrrp_fib_set *set = object->sharers[i];

		if (!set->want)
			continue;
		if (set->owner)
			object->fib->events->lost(set->owner, object->text);
		else
			vrrp_fib_set_sync(set, true);
	}
}

/* It went with its interface, or somebody removed it. */
static void judge_lost(struct object *object, bool by_link)
{
	const char *name = object->set->name;

	if (!can_be_there(object)) {
		log_info("%s: %s %s is gone with its interface", name,
			fib_kind(object), object->text);
		return;
	}
	/* recheck() puts it back. */
	if (by_link)
		return;
	log_warning("%s: somebody removed %s %s%s", name, fib_kind(object),
		object->text, object->set->owner ? "" : "; it is put back");
	/* As with keepalived: it comes back with the next takeover. */
	if (object->no_track && object->set->owner)
		object->left_out = true;
	else
		tell_lost(object);
}

static bool is_lost(const struct object *object, bool was_there)
{
	return was_there && !object->present && fib_is_wanted(object) &&
	       !object->pending &&
	       !object->route.has_expires;
}

static void recheck(struct vrrp_fib *fib, bool by_link)
{
	size_t n = 0, capacity = HASH_COUNT(fib->objects);
	struct object **lost, *object, *next;

	if (!capacity || !fib_read_kernel(fib))
		return;
	lost = x_new(struct object *, capacity);
	HASH_ITER (hh, fib->objects, object, next) {
		bool was_there = object->present && !object->pending;

		fib_believe(object);
		if (is_lost(object, was_there))
			lost[n++] = object;
	}
	/* What is done about one may bring back another; none is freed. */
	for (size_t i = 0; i < n; i++)
		if (is_lost(lost[i], true))
			judge_lost(lost[i], by_link);
	x_free((void *)lost);
}

static void kernel_changed(void *user_data)
{
	struct vrrp_fib *fib = user_data;

	recheck(fib, false);
	fib->events->statics(fib->user_data);
}

void vrrp_fib_recheck(struct vrrp_fib *fib)
{
	struct vrrp_fib_set *set;

	/* What nobody wants cannot be lost. */
	DL_FOREACH (fib->sets, set)
		if (set->want && set->n)
			break;
	if (!set)
		return;
	recheck(fib, true);
	/* What the kernel refused, or removed with a link, may be possible
	 * by now. */
	DL_FOREACH (fib->sets, set)
		if (set->want)
			vrrp_fib_set_sync(set, true);
	fib->events->statics(fib->user_data);
}

void fib_open_kernel(struct vrrp_fib *fib)
{
	int err;

	if (!fib->ask_timer)
		fib->ask_timer = loop_timer_new(fib->loop, ask_again, fib);
	if (fib->kernel)
		return;
	err = netlink_fib_new(fib->loop, kernel_changed, fib, &fib->kernel);
	if (err)
		log_limited(&fib->limit, LOG_LEVEL_WARNING,
			"no netlink socket for routes: %s", strerror(-err));
}

