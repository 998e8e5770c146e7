/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netlink/msg.h>
#include <string.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/netlink_fib.h"
#include "vrrp/fib_internal.h"

/* A batch under way. */
struct change {
	struct change *prev;
	struct change *next;
	struct vrrp_fib *fib;
	struct vrrp_fib_set *set; /* NULL: leftovers */
	struct object **objects;
	bool *adds;
	size_t n;
	size_t capacity;
	struct netlink_job *job;
};

/* --- objects --- */

static struct nl_msg *build_removal(const struct vrrp_fib_want *want)
{
	return want->rule ? netlink_build_rule_remove(want->rule)
			  : netlink_build_route_remove(want->route);
}

struct object *fib_find(
	const struct vrrp_fib *fib, const void *key, size_t len)
{
	struct object *object;

	HASH_FIND(hh, fib->objects, key, len, object);
	return object;
}

struct object *fib_object_new(struct vrrp_fib *fib, const void *key, size_t len,
	const struct vrrp_fib_want *want)
{
	struct object *object = x_new(struct object, 1);

	object->fib = fib;
	object->key = x_new(char, len);
	memcpy(object->key, key, len);
	object->key_len = len;
	object->text = x_strdup(want->text);
	if (want->rule)
		object->rule = *want->rule;
	else
		netlink_route_copy(want->route, &object->route);
	HASH_ADD_KEYPTR(hh, fib->objects, object->key, len, object);
	fib_put_into_place(object, want->rule != NULL);
	return object;
}

/* Frees what is in no set, unless it is there or an answer is to come. */
static void object_release(struct object *object)
{
	struct vrrp_fib *fib = object->fib;

	if (object->set || object->pending)
		return;
	HASH_DELETE(hh, fib->objects, object);
	fib_take_from_place(object);
	netlink_route_clear(&object->route);
	x_free((void *)object->sharers);
	x_free(object->text);
	x_free(object->key);
	x_free(object);
}

/* There, or about to be. */
bool fib_is_there(const struct object *object)
{
	return object->pending ? object->last_add : object->present;
}

bool fib_is_wanted(const struct object *object)
{
	for (size_t i = 0; i < object->n_sharers; i++)
		if (object->sharers[i]->want)
			return true;
	return false;
}

static bool is_shared_with(
	const struct object *object, const struct vrrp_fib_set *set)
{
	for (size_t i = 0; i < object->n_sharers; i++)
		if (object->sharers[i] == set)
			return true;
	return false;
}

static void share(struct object *object, struct vrrp_fib_set *set)
{
	object->sharers = x_realloc((void *)object->sharers,
		object->n_sharers + 1, sizeof(*object->sharers));
	object->sharers[object->n_sharers++] = set;
	object->set = object->sharers[0];
}

static void unshare_with(struct object *object, const struct vrrp_fib_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < object->n_sharers; i++)
		if (object->sharers[i] != set)
			object->sharers[kept++] = object->sharers[i];
	object->n_sharers = kept;
	object->set = kept ? object->sharers[0] : NULL;
}

/* --- batches --- */

static void change_done(const int *errors, size_t n, void *user_data);

static struct change *change_new(struct vrrp_fib *fib, struct vrrp_fib_set *set)
{
	struct change *change = x_new(struct change, 1);

	change->fib = fib;
	change->set = set;
	change->job = netlink_job_new(fib->writer, change_done, change);
	DL_APPEND(fib->changes, change);
	return change;
}

static void change_free(struct change *change)
{
	DL_DELETE(change->fib->changes, change);
	x_free((void *)change->objects);
	x_free(change->adds);
	x_free(change);
}

static struct nl_msg *build_add(const struct object *object)
{
	return fib_is_rule(object)
		       ? netlink_build_rule_add(&object->rule)
		       : netlink_build_route_add(&object->route, object->how);
}

static struct nl_msg *build_remove(const struct object *object)
{
	return fib_is_rule(object) ? netlink_build_rule_remove(&object->rule)
			       : netlink_build_route_remove(&object->route);
}

/* For SET, or for none. */
static void change_add(struct change **change, struct vrrp_fib_set *set,
	struct object *object, bool add)
{
	struct change *c = *change;

	if (!c)
		c = *change = change_new(object->fib, set);
	if (c->n == c->capacity) {
		c->capacity = c->capacity ? 2 * c->capacity : 4;
		c->objects = x_realloc((void *)c->objects, c->capacity,
			sizeof(*c->objects));
		c->adds = x_realloc(
			c->adds, c->capacity, sizeof(*c->adds));
	}
	c->objects[c->n] = object;
	c->adds[c->n++] = add;
	object->pending++;
	object->last_add = add;
	netlink_job_add_message(
		c->job, add ? build_add(object) : build_remove(object));
}

static bool change_submit(struct change *change)
{
	if (!change)
		return false;
	if (change->set)
		change->set->pending++;
	netlink_job_submit(change->job);
	return true;
}

static void set_destroy(struct vrrp_fib_set *set)
{
	x_free((void *)set->objects);
	x_free(set->name);
	x_free(set);
}

static const char *owner_name(const struct object *object)
{
	return object->set ? object->set->name : "leftover";
}

/* What somebody else had is gone, and ours has come for it. */
static void took_place(struct object *object)
{
	if (fib_is_wanted(object))
		log_notice("%s: %s %s, which somebody else had, is ours now",
			owner_name(object), fib_kind(object), object->text);
	else if (!object->pending)
		fib_remove_leftover(object);
}

/* Said once, and again when it is another error. */
static void added(struct object *object, int error)
{
	bool was_foreign = object->foreign;

	if (error == -EEXIST && object->how == NETLINK_ROUTE_ALONE &&
		!fib_is_rule(object))
		object->present = false;
	else if (error == -EEXIST || !error)
		object->present = true;
	/* Ours would have been read, unless it came in this moment, or the
	 * kernel has it in other words. */
	object->foreign = object->present && error == -EEXIST &&
			  !(object->written && fib_is_read(object));
	object->written = object->present && !object->foreign;
	object->confirmed = false;
	object->ask = false;
	if (was_foreign && !error)
		took_place(object);
	if (object->present)
		error = 0;
	if (error && error != object->error)
		log_error("%s: cannot add %s %s: %s", owner_name(object),
			fib_kind(object), object->text, strerror(-error));
	object->error = error;
}

static void removed(struct object *object, int error)
{
	object->error = 0;
	object->written = false;
	object->doubted = false;
	/* It was gone already. */
	if (error == -ESRCH || error == -ENOENT || error == -ENODEV)
		error = 0;
	if (error)
		log_error("%s: cannot remove %s %s: %s", owner_name(object),
			fib_kind(object), object->text, strerror(-error));
	else
		object->present = false;
}

static void change_done(const int *errors, size_t n, void *user_data)
{
	struct change *change = user_data;
	struct vrrp_fib_set *set = change->set;
	struct vrrp_fib *fib = change->fib;
	bool unclear = false;
	size_t i;

	for (i = 0; i < n; i++) {
		struct object *object = change->objects[i];

		object->pending--;
		if (change->adds[i])
			added(object, errors[i]);
		else
			removed(object, errors[i]);
		unclear |= errors[i] == -EEXIST || errors[i] == -ENOBUFS;
	}
	if (unclear && fib_read_kernel(fib))
		for (i = 0; i < n; i++)
			fib_believe(change->objects[i]);
	for (i = 0; i < n; i++)
		if (fib_is_in_the_way(change->objects[i]))
			fib_ask_later(fib);
	for (i = 0; i < n; i++)
		object_release(change->objects[i]);
	change_free(change);
	if (!set)
		return;
	set->pending--;
	if (!set->dead && set->owner)
		fib->events->done(set->owner);
	else if (!set->dead)
		fib->events->statics(fib->user_data);
	if (set->dead && !set->pending)
		set_destroy(set);
}

/* To be written, for the set to be as it is wanted? */
static bool differs(const struct object *object, bool want)
{
	if (want)
		return !object->missing && !object->left_out &&
		       ((object->ask && !object->pending) ||
			       !fib_is_there(object));
	return fib_is_there(object) && !object->foreign &&
	       !fib_is_wanted(object);
}

bool vrrp_fib_set_sync(struct vrrp_fib_set *set, bool want)
{
	struct change *change = NULL;
	size_t i;

	set->want = want;
	for (i = 0; i < set->n; i++) {
		struct object *object =
			set->objects[want ? i : set->n - 1 - i];

		if (!want)
			object->left_out = false;
		if (differs(object, want))
			change_add(&change, set, object, want);
		else if (!want && object->foreign && !fib_is_wanted(object))
			object->present = false;
	}
	return change_submit(change);
}

/* --- sets --- */

struct vrrp_fib_set *vrrp_fib_set_new(
	struct vrrp_fib *fib, const char *name, void *owner)
{
	struct vrrp_fib_set *set = x_new(struct vrrp_fib_set, 1);

	set->fib = fib;
	set->name = x_strdup(name);
	set->owner = owner;
	DL_APPEND(fib->sets, set);
	return set;
}

static void set_forget(struct vrrp_fib_set *set, bool all)
{
	for (size_t i = 0; i < set->n; i++) {
		/* In a round, its end decides about those of no set. */
		if (!all)
			continue;
		unshare_with(set->objects[i], set);
		object_release(set->objects[i]);
	}
	x_free((void *)set->objects);
	set->objects = NULL;
	set->n = 0;
}

void vrrp_fib_set_free(struct vrrp_fib_set *set)
{
	if (!set)
		return;
	set_forget(set, true);
	DL_DELETE(set->fib->sets, set);
	set->dead = true;
	if (!set->pending)
		set_destroy(set);
}

void vrrp_fib_begin(struct vrrp_fib *fib)
{
	struct object *object, *next;

	HASH_ITER (hh, fib->objects, object, next) {
		object->claimed = false;
		object->n_sharers = 0;
	}
}

static struct object *set_claim(struct vrrp_fib_set *set,
	const struct vrrp_fib_want *want, bool rest)
{
	struct nl_msg *msg = build_removal(want);
	const struct nlmsghdr *header = nlmsg_hdr(msg);
	struct object *object = fib_find(set->fib, header, header->nlmsg_len);

	if (object && object->claimed) {
		nlmsg_free(msg);
		if (rest || is_shared_with(object, set))
			return NULL;
		share(object, set);
		return object;
	}
	if (!object)
		object = fib_object_new(
			set->fib, header, header->nlmsg_len, want);
	nlmsg_free(msg);
	if (strcmp(object->text, want->text) != 0) {
		x_free(object->text);
		object->text = x_strdup(want->text);
	}
	object->how = want->place;
	share(object, set);
	object->claimed = true;
	object->missing = want->missing;
	object->no_track = want->no_track;
	object->tag = want->tag;
	return object;
}

static void set_define(struct vrrp_fib_set *set,
	const struct vrrp_fib_want *wants, size_t n, bool rest)
{
	set_forget(set, false);
	set->objects = x_new(struct object *, n);
	if (n)
		fib_open_kernel(set->fib);
	for (size_t i = 0; i < n; i++) {
		struct object *object = set_claim(set, &wants[i], rest);

		if (object)
			set->objects[set->n++] = object;
	}
}

void vrrp_fib_set_define(struct vrrp_fib_set *set,
	const struct vrrp_fib_want *wants, size_t n)
{
	set_define(set, wants, n, false);
}

void vrrp_fib_set_define_rest(struct vrrp_fib_set *set,
	const struct vrrp_fib_want *wants, size_t n)
{
	set_define(set, wants, n, true);
}

/* Must it go before what comes in its place?  In IPv6 the new one would be
 * taken for a part of the old one.  In IPv4 the message that removes the old
 * one hits the new one, which stands before it, if only what such a message
 * does not say is different (mtu ...). */
static bool goes_first(const struct object *object)
{
	const struct object *other;

	if (fib_is_rule(object))
		return false;
	if (object->route.family == AF_INET6)
		return true;
	LL_FOREACH (object->at->objects, other)
		if (other->claimed && other != object &&
			netlink_route_same_way(&object->route, &other->route))
			return true;
	return false;
}

void fib_remove_leftover(struct object *object)
{
	struct change *change = NULL;

	change_add(&change, NULL, object, false);
	change_submit(change);
}

/* What is in no set any more: all, or what cannot wait. */
static void drop_unclaimed(struct vrrp_fib *fib, bool all)
{
	struct change *change = NULL;
	struct object *object, *next;

	HASH_ITER (hh, fib->objects, object, next) {
		if (object->claimed)
			continue;
		object->set = NULL;
		if (!differs(object, false)) {
			object_release(object);
			continue;
		}
		if (all || goes_first(object))
			change_add(&change, NULL, object, false);
	}
	change_submit(change);
}

void vrrp_fib_end(struct vrrp_fib *fib)
{
	struct object *object, *next;

	if (fib_read_kernel(fib))
		HASH_ITER (hh, fib->objects, object, next)
			fib_believe(object);
	drop_unclaimed(fib, false);
}

void vrrp_fib_sweep(struct vrrp_fib *fib)
{
	drop_unclaimed(fib, true);
}

bool vrrp_fib_set_is_wanted(const struct vrrp_fib_set *set)
{
	return set->want;
}

bool vrrp_fib_set_is_busy(const struct vrrp_fib_set *set)
{
	return set->pending > 0;
}

bool vrrp_fib_set_any_present(const struct vrrp_fib_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (fib_is_there(set->objects[i]) && !set->objects[i]->foreign)
			return true;
	return false;
}

bool vrrp_fib_set_has_failed(const struct vrrp_fib_set *set)
{
	for (size_t i = 0; set->want && i < set->n; i++)
		if (set->objects[i]->error)
			return true;
	return false;
}

void vrrp_fib_set_each(const struct vrrp_fib_set *set,
	void (*callback)(
		const struct vrrp_fib_status *status, void *user_data),
	void *user_data)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct object *object = set->objects[i];
		const struct vrrp_fib_status status = {
			.text = object->text,
			.is_rule = fib_is_rule(object),
			.present = fib_is_there(object),
			.missing = object->missing,
			.error = object->error,
			.tag = object->tag,
		};

		callback(&status, user_data);
	}
}

/* --- life --- */

struct vrrp_fib *vrrp_fib_new(struct loop *loop, const struct netlink *netlink,
	struct netlink_writer *writer, const struct vrrp_fib_events *events,
	void *user_data)
{
	struct vrrp_fib *fib = x_new(struct vrrp_fib, 1);

	fib->loop = loop;
	fib->netlink = netlink;
	fib->writer = writer;
	fib->events = events;
	fib->user_data = user_data;
	return fib;
}

void vrrp_fib_free(struct vrrp_fib *fib)
{
	struct object *object, *next;
	struct change *change;

	if (!fib)
		return;
	/* What is under way goes on without us. */
	while ((change = fib->changes)) {
		netlink_job_detach(change->job);
		if (change->set && --change->set->pending == 0)
			set_destroy(change->set);
		change_free(change);
	}
	HASH_ITER (hh, fib->objects, object, next) {
		object->set = NULL;
		object->pending = 0;
		object_release(object);
	}
	loop_timer_free(fib->ask_timer);
	netlink_fib_free(fib->kernel);
	x_free(fib);
}
