/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual and static routes and rules: what should be in the kernel against
 * what is.
 *
 * A set holds the routes and rules of one owner (an instance, or the static
 * ones) and is either wanted or not.  Whatever is asked, the answer is the
 * difference to the kernel, sent as one batch behind what the writer has
 * already: routes, then rules, and the other way round when they go.  So
 * addresses that were asked for before are there first.
 *
 * What carries our number (NETLINK_ROUTE_PROTO) and is in a set is ours,
 * whoever made it: our predecessor, or keepalived.  Anything else that was
 * there before is left alone, as is what carries our number and is in no set,
 * unless it was in one.  A route whose protocol the configuration chose
 * (which is never tracked) is known by what the kernel answered alone.
 *
 * What is wanted and was there by somebody else's hand is asked for again every
 * other second, and is ours when it is gone; until then nobody removes it.  What
 * the kernel took and does not show afterwards is written again.
 *
 * Results come back through the loop.  Borrowed: loop, netlink cache, writer.
 */
#ifndef TANDEM_VRRP_FIB_H
#define TANDEM_VRRP_FIB_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/netlink.h"
#include "lib/netlink_route.h"
#include "lib/netlink_writer.h"

struct vrrp_fib;
struct vrrp_fib_set;

/* One route or one rule; the other is NULL.  All is copied, but for TAG. */
struct vrrp_fib_want {
	const struct netlink_route *route;
	enum netlink_route_place place;
	const struct netlink_rule *rule;
	const char *text; /* for people */
	bool missing; /* it cannot be added: an interface is missing */
	bool no_track;
	const void *tag; /* of the caller's own */
};

struct vrrp_fib_events {
	/* A batch is done; something of the set may have failed. */
	void (*done)(void *owner);
	/* Somebody removed what is tracked from a wanted set. */
	void (*lost)(void *owner, const char *text);
	/* Something of a set without an owner came or went. */
	void (*statics)(void *user_data);
};

/* Sockets are opened when the first set has something in it. */
struct vrrp_fib *vrrp_fib_new(struct loop *loop, const struct netlink *netlink,
	struct netlink_writer *writer, const struct vrrp_fib_events *events,
	void *user_data);
/* All sets must be freed; leaves the kernel as it is.  Before the writer. */
void vrrp_fib_free(struct vrrp_fib *fib);

/* NAME is for the log and copied.  Without OWNER it is simply to be there. */
struct vrrp_fib_set *vrrp_fib_set_new(
	struct vrrp_fib *fib, const char *name, void *owner);
/* Leaves the kernel as it is.  NULL is fine. */
void vrrp_fib_set_free(struct vrrp_fib_set *set);

/*
 * What the sets consist of is said anew for all of them between begin and
 * end; what several have is there as long as one of them wants it.  end()
 * reads the kernel and removes what is in no set any more and could not be
 * told from what comes in its place.  sweep() removes the rest, when what
 * comes in its place was asked for.
 */
void vrrp_fib_begin(struct vrrp_fib *fib);
void vrrp_fib_set_define(struct vrrp_fib_set *set,
	const struct vrrp_fib_want *wants, size_t n);
/* The same, without what sets have that were defined before: they take over
 * from this one. */
void vrrp_fib_set_define_rest(struct vrrp_fib_set *set,
	const struct vrrp_fib_want *wants, size_t n);
void vrrp_fib_end(struct vrrp_fib *fib);
void vrrp_fib_sweep(struct vrrp_fib *fib);

/* Makes the kernel agree with WANT.  True when something is being written. */
bool vrrp_fib_set_sync(struct vrrp_fib_set *set, bool want);
bool vrrp_fib_set_is_wanted(const struct vrrp_fib_set *set);
bool vrrp_fib_set_is_busy(const struct vrrp_fib_set *set);
/* Is any of it in the kernel, other than what is not ours? */
bool vrrp_fib_set_any_present(const struct vrrp_fib_set *set);
/* Something of a wanted set could not be added. */
bool vrrp_fib_set_has_failed(const struct vrrp_fib_set *set);

/*
 * Links or addresses have changed, with which the kernel removes routes, of
 * IPv4 without a word: reads what is left, and puts back what can be there
 * again.
 */
void vrrp_fib_recheck(struct vrrp_fib *fib);

struct vrrp_fib_status {
	const char *text;
	bool is_rule;
	bool present;
	bool missing; /* its interface is */
	int error;    /* of the last attempt to add it */
	const void *tag;
};

void vrrp_fib_set_each(const struct vrrp_fib_set *set,
	void (*callback)(
		const struct vrrp_fib_status *status, void *user_data),
	void *user_data);

/* The messages that remove what the set has in the kernel, for a successor;
 * LEN bytes each, valid during the call. */
void vrrp_fib_set_each_removal(const struct vrrp_fib_set *set,
	void (*callback)(const void *message, size_t len, void *user_data),
	void *user_data);
/* MESSAGE is of a predecessor, about something that it had: if it is in a set
 * it is ours, else it is to be removed.  Between end and sweep. */
void vrrp_fib_inherit(struct vrrp_fib *fib, const void *message, size_t len);

#endif
