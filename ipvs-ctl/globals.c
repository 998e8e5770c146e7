/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/globals.h"

#include <string.h>

/* The timeouts, to walk over them. */
static const size_t timeouts[] = {
	offsetof(struct table_timeouts, tcp_s),
	offsetof(struct table_timeouts, tcp_fin_s),
	offsetof(struct table_timeouts, udp_s),
};

#define N_TIMEOUTS (sizeof(timeouts) / sizeof(timeouts[0]))

static uint32_t timeout_get(const struct table_timeouts *t, size_t i)
{
	uint32_t value;

	memcpy(&value, (const uint8_t *)t + timeouts[i], sizeof(value));
	return value;
}

static void timeout_set(struct table_timeouts *t, size_t i, uint32_t value)
{
	memcpy((uint8_t *)t + timeouts[i], &value, sizeof(value));
}

bool globals_prepare(struct globals *g, const struct table_globals *kernel)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < N_TIMEOUTS; i++) {
		if (!timeout_get(&g->wanted.timeouts, i) ||
			timeout_get(&g->before, i))
			continue;
		timeout_set(&g->before, i, timeout_get(&kernel->timeouts, i));
		changed = true;
	}
	if (g->wanted.sync && !g->owns_daemons) {
		g->owns_daemons = true;
		changed = true;
	}
	return changed;
}

void globals_desired(
	const struct globals *g, bool removing, struct table_globals *ret)
{
	size_t i;

	memset(ret, 0, sizeof(*ret));
	if (!removing)
		*ret = g->wanted;
	for (i = 0; i < N_TIMEOUTS; i++)
		if (!timeout_get(&ret->timeouts, i))
			timeout_set(&ret->timeouts, i,
				timeout_get(&g->before, i));
	ret->sync |= g->owns_daemons;
}

bool globals_settled(struct globals *g, const struct table_globals *kernel)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < N_TIMEOUTS; i++) {
		uint32_t before = timeout_get(&g->before, i);

		if (!before || timeout_get(&g->wanted.timeouts, i) ||
			timeout_get(&kernel->timeouts, i) != before)
			continue;
		timeout_set(&g->before, i, 0);
		changed = true;
	}
	if (g->owns_daemons && !g->wanted.sync &&
		!kernel->daemons[TABLE_DAEMON_MASTER].running &&
		!kernel->daemons[TABLE_DAEMON_BACKUP].running) {
		g->owns_daemons = false;
		changed = true;
	}
	return changed;
}

static void diff_timeouts(const struct table_globals *kernel,
	const struct table_globals *desired, struct table_ops *ops)
{
	struct table_timeouts change = { 0, 0, 0 };
	struct table_key key = { .family = 0 };
	bool differs = false;
	size_t i;

	for (i = 0; i < N_TIMEOUTS; i++) {
		uint32_t value = timeout_get(&desired->timeouts, i);

		if (!value || value == timeout_get(&kernel->timeouts, i))
			continue;
		timeout_set(&change, i, value);
		differs = true;
	}
	if (differs)
		table_ops_add(ops, TABLE_OP_SET_TIMEOUTS, &key)->timeouts =
			change;
}

/* A changed daemon is stopped and started: the kernel cannot edit one. */
static void diff_daemon(const struct table_daemon *kernel,
	const struct table_daemon *desired, enum table_daemon_kind kind,
	struct table_ops *ops)
{
	struct table_key key = { .family = 0 };
	struct table_op *op;

	if (kernel->running == desired->running &&
		(!desired->running || table_daemon_fits(desired, kernel)))
		return;
	if (kernel->running) {
		op = table_ops_add(ops, TABLE_OP_DEL_DAEMON, &key);
		op->daemon = *kernel;
		op->daemon_kind = kind;
	}
	if (desired->running) {
		op = table_ops_add(ops, TABLE_OP_NEW_DAEMON, &key);
		op->daemon = *desired;
		op->daemon_kind = kind;
	}
}

void globals_diff(const struct table_globals *kernel,
	const struct table_globals *desired, struct table_ops *ops)
{
	diff_timeouts(kernel, desired, ops);
	if (!desired->sync)
		return;
	diff_daemon(&kernel->daemons[TABLE_DAEMON_BACKUP],
		&desired->daemons[TABLE_DAEMON_BACKUP], TABLE_DAEMON_BACKUP,
		ops);
	diff_daemon(&kernel->daemons[TABLE_DAEMON_MASTER],
		&desired->daemons[TABLE_DAEMON_MASTER], TABLE_DAEMON_MASTER,
		ops);
}
