/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of vrrp/fib.h share.
 *
 *	fib.c		sets, and what is written
 *	fib_kernel.c	what the kernel has, and what others do to it
 *	fib_heritage.c	what is left to a successor
 */
#ifndef TANDEM_VRRP_FIB_INTERNAL_H
#define TANDEM_VRRP_FIB_INTERNAL_H

#include <stdint.h>
#include <uthash.h>

#include "lib/log.h"
#include "vrrp/fib.h"

struct change;
struct netlink_fib;

/* Where an object is in the kernel; several may be there. */
struct vrrp_fib_place {
	uint32_t is_rule;
	uint32_t family;
	uint32_t table;
	uint32_t priority;
	uint32_t dst_len;
	struct ip_addr dst;
};

struct object {
	struct vrrp_fib *fib;
	struct vrrp_fib_set *set; /* the first that has it; NULL = none */
	struct vrrp_fib_set **sharers; /* all that have it */
	size_t n_sharers;
	struct vrrp_fib_place place;
	struct netlink_route route;
	struct netlink_rule rule;
	enum netlink_route_place how;
	char *text;
	char *key; /* the removing message, which is its identity */
	size_t key_len;
	const void *tag;
	bool claimed; /* between begin and end */
	bool missing;
	bool no_track;
	bool present;
	bool seen;    /* in the reading under way */
	bool near;    /* in it: something with our number, in its place, that
			 is none of ours in the words we know */
	bool written; /* by us; the kernel may have changed its metrics */
	bool foreign; /* there, but not ours */
	bool confirmed; /* seen since it was written */
	bool doubted; /* was written again, as it was not seen */
	bool ask; /* the kernel again, whose is what is there */
	bool left_out; /* somebody removed it, and it is not tracked */
	bool last_add;
	unsigned int pending;
	int error;
	UT_hash_handle hh;    /* by key */
	struct object *next;  /* in its place */
	struct vrrp_fib_at *at;
};

struct vrrp_fib_at {
	struct vrrp_fib_place place;
	struct object *objects;
	UT_hash_handle hh;
};

struct vrrp_fib_set {
	struct vrrp_fib *fib;
	char *name;
	void *owner;
	struct object **objects; /* routes, then rules */
	size_t n;
	bool want;
	bool dead; /* freed when the last batch is done */
	unsigned int pending;
	struct vrrp_fib_set *prev;
	struct vrrp_fib_set *next;
};

struct vrrp_fib {
	struct loop *loop;
	const struct netlink *netlink;
	struct netlink_writer *writer;
	const struct vrrp_fib_events *events;
	void *user_data;
	struct netlink_fib *kernel; /* NULL = not needed so far */
	struct loop_timer *ask_timer; /* likewise */
	struct vrrp_fib_set *sets;
	struct object *objects;
	struct vrrp_fib_at *places;
	struct change *changes;
	struct log_limit limit;
};

static inline bool fib_is_rule(const struct object *object)
{
	return object->place.is_rule;
}

static inline const char *fib_kind(const struct object *object)
{
	return fib_is_rule(object) ? "rule" : "route";
}

/* fib.c */
struct object *fib_find(
	const struct vrrp_fib *fib, const void *key, size_t len);
/* In no set; text, which is copied. */
struct object *fib_object_new(struct vrrp_fib *fib, const void *key, size_t len,
	const struct vrrp_fib_want *want);
/* There, or about to be. */
bool fib_is_there(const struct object *object);
/* By one of its sets. */
bool fib_is_wanted(const struct object *object);
/* Something of no set goes. */
void fib_remove_leftover(struct object *object);

/* fib_kernel.c */
/* Its protocol is ours: what the kernel has is read. */
bool fib_is_read(const struct object *object);
void fib_open_kernel(struct vrrp_fib *fib);
void fib_put_into_place(struct object *object, bool is_rule);
void fib_take_from_place(struct object *object);
/* Sets `seen` of all objects; false when nothing is known. */
bool fib_read_kernel(struct vrrp_fib *fib);
/* Takes `seen` for true. */
void fib_believe(struct object *object);
/* OBJECT is where somebody else has the same, of whose end nobody tells us:
 * the kernel is asked again later. */
bool fib_is_in_the_way(const struct object *object);
void fib_ask_later(struct vrrp_fib *fib);

#endif
