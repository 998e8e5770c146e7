/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "ipvs-ctl/dataplane.h"
#include "lib/mem.h"

enum memory_pending {
	MEMORY_NOTHING,
	MEMORY_DUMP,
	MEMORY_APPLY,
};

struct dataplane_memory {
	struct dataplane base;
	struct table table;
	bool immediate;
	enum memory_pending pending;
	enum dataplane_scope scope;
	const struct table_op *ops;
	size_t n_ops;
	int broken;
	int (*refuse)(const struct table_op *op, void *user_data);
	void *refuse_data;
};

/* The first member, so that one is the other. */
static struct dataplane_memory *memory_of(struct dataplane *dp)
{
	return (struct dataplane_memory *)dp;
}

static void memory_end_dump(struct dataplane_memory *m)
{
	struct table copy = { .services = NULL };
	struct table_service *service;

	if (!m->broken)
		table_copy(&copy, &m->table);
	if (m->scope == DATAPLANE_SERVICES)
		table_for_each(&copy, service)
			service->n_dests = 0;
	m->base.handlers->dumped(
		m->base.user_data, m->broken, m->scope, &copy);
	table_clear(&copy);
}

/* What the kernel says of OP in the present state of the table. */
static int memory_check(
	const struct dataplane_memory *m, const struct table_op *op)
{
	const struct table_service *service = table_find(&m->table, &op->key);
	int err = m->refuse ? m->refuse(op, m->refuse_data) : 0;

	if (err)
		return err;
	switch (op->kind) {
	case TABLE_OP_NEW_SERVICE:
		return service ? -EEXIST : 0;
	case TABLE_OP_SET_SERVICE:
	case TABLE_OP_DEL_SERVICE:
		return service ? 0 : -ESRCH;
	case TABLE_OP_NEW_DEST:
		if (!service)
			return -ESRCH;
		return table_service_find(service, &op->dest.endpoint) ?
			-EEXIST : 0;
	case TABLE_OP_SET_DEST:
	case TABLE_OP_DEL_DEST:
		if (!service)
			return -ESRCH;
		return table_service_find(service, &op->dest.endpoint) ?
			0 : -ENOENT;
	case TABLE_OP_SET_TIMEOUTS:
		return 0;
	case TABLE_OP_NEW_DAEMON:
		return m->table.globals.daemons[op->daemon_kind].running ?
			-EEXIST : 0;
	case TABLE_OP_DEL_DAEMON:
		return m->table.globals.daemons[op->daemon_kind].running ?
			0 : -ESRCH;
	}
	return -EINVAL;
}

static void memory_end_apply(struct dataplane_memory *m)
{
	int *errors = x_new(int, m->n_ops + 1);
	int broken = m->broken;
	size_t i;

	for (i = 0; i < m->n_ops && !broken; i++) {
		errors[i] = memory_check(m, &m->ops[i]);
		if (!errors[i])
			table_apply(&m->table, &m->ops[i], NULL, 1);
	}
	m->base.handlers->applied(m->base.user_data, broken, errors);
	x_free(errors);
}

bool dataplane_memory_step(struct dataplane *dp)
{
	struct dataplane_memory *m = memory_of(dp);
	enum memory_pending pending = m->pending;

	m->pending = MEMORY_NOTHING;
	if (pending == MEMORY_DUMP)
		memory_end_dump(m);
	else if (pending == MEMORY_APPLY)
		memory_end_apply(m);
	return pending != MEMORY_NOTHING;
}

static void memory_dump(struct dataplane *dp, enum dataplane_scope scope)
{
	struct dataplane_memory *m = memory_of(dp);

	m->pending = MEMORY_DUMP;
	m->scope = scope;
	if (m->immediate)
		dataplane_memory_step(dp);
}

static void memory_apply(
	struct dataplane *dp, const struct table_op *ops, size_t n)
{
	struct dataplane_memory *m = memory_of(dp);

	m->pending = MEMORY_APPLY;
	m->ops = ops;
	m->n_ops = n;
	dp->writes += n;
	if (m->immediate)
		dataplane_memory_step(dp);
}

static void memory_destroy(struct dataplane *dp)
{
	struct dataplane_memory *m = memory_of(dp);

	table_clear(&m->table);
	x_free(m);
}

static const struct dataplane_ops memory_ops = {
	.name = "memory",
	.dump = memory_dump,
	.apply = memory_apply,
	.destroy = memory_destroy,
};

struct dataplane *dataplane_memory_new(bool immediate)
{
	struct dataplane_memory *m = x_new(struct dataplane_memory, 1);

	m->base.ops = &memory_ops;
	m->immediate = immediate;
	return &m->base;
}

struct table *dataplane_memory_table(struct dataplane *dp)
{
	return &memory_of(dp)->table;
}

void dataplane_memory_break(struct dataplane *dp, int err)
{
	memory_of(dp)->broken = err;
}

void dataplane_memory_refuse(struct dataplane *dp,
	int (*refuse)(const struct table_op *op, void *user_data),
	void *user_data)
{
	memory_of(dp)->refuse = refuse;
	memory_of(dp)->refuse_data = user_data;
}
