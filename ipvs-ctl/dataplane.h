/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data plane: whatever holds the forwarding table and forwards by it.
 *
 * Three verbs: dump, apply a batch, free.  One thing is under way at a time;
 * its end is told through a handler, from the loop or from within the call.
 * A data plane that is not there, or not allowed to us, says so through the
 * error of its dump: -ENOENT, -EPERM, else what the system said.
 */
#ifndef TANDEM_IPVS_DATAPLANE_H
#define TANDEM_IPVS_DATAPLANE_H

#include "ipvs-ctl/table.h"
#include "lib/loop.h"

enum dataplane_scope {
	DATAPLANE_SERVICES, /* services and their attributes */
	DATAPLANE_ALL, /* with destinations and their counters */
};

struct dataplane_handlers {
	/* TABLE is the handler's to take from (swap it); its rest is freed.
	 * After an error it is of no use. */
	void (*dumped)(void *user_data, int err, enum dataplane_scope scope,
		struct table *table);
	/* ERR 0: errors[i] is 0 or -errno of operation i.  Else it is
	 * unknown how far it came. */
	void (*applied)(void *user_data, int err, const int *errors);
};

struct dataplane;

struct dataplane_ops {
	const char *name;
	void (*dump)(struct dataplane *dp, enum dataplane_scope scope);
	/* OPS stays valid until applied() was called. */
	void (*apply)(struct dataplane *dp, const struct table_op *ops,
		size_t n);
	void (*destroy)(struct dataplane *dp);
};

/* Embedded at the start of each implementation. */
struct dataplane {
	const struct dataplane_ops *ops;
	const struct dataplane_handlers *handlers;
	void *user_data;
	uint64_t writes; /* operations sent, whatever became of them */
};

/* The kernel's IPVS by generic netlink.  The socket is opened when it is
 * first needed, and again after a failure. */
struct dataplane *dataplane_ipvs_new(struct loop *loop);

/* A table in memory: for tests, and for running without any.  Calls end
 * when dataplane_memory_step() is called, or at once with IMMEDIATE. */
struct dataplane *dataplane_memory_new(bool immediate);
/* Ends what is under way; false when nothing is. */
bool dataplane_memory_step(struct dataplane *dp);
/* What it holds, for a test to look at and to change behind our back. */
struct table *dataplane_memory_table(struct dataplane *dp);
/* The next dumps and applications as a whole fail with ERR (0 = no more). */
void dataplane_memory_break(struct dataplane *dp, int err);
/* Says for each operation whether it fails, as the kernel would. */
void dataplane_memory_refuse(struct dataplane *dp,
	int (*refuse)(const struct table_op *op, void *user_data),
	void *user_data);

static inline void dataplane_free(struct dataplane *dp)
{
	if (dp)
		dp->ops->destroy(dp);
}

#endif
