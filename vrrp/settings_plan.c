/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/settings_plan.h"

#include <stdlib.h>

int vrrp_setting_compare(const void *a, const void *b)
{
	const struct vrrp_setting_key *x = &((const struct vrrp_setting *)a)->key;
	const struct vrrp_setting_key *y = &((const struct vrrp_setting *)b)->key;

	if (x->scope != y->scope)
		return x->scope < y->scope ? -1 : 1;
	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	return 0;
}

const struct vrrp_setting *vrrp_setting_find(const struct vrrp_setting *list,
	size_t n, const struct vrrp_setting_key *key)
{
	const struct vrrp_setting wanted = { .key = *key };

	return n ? bsearch(&wanted, list, n, sizeof(*list),
			   vrrp_setting_compare)
		 : NULL;
}

struct plan {
	vrrp_setting_read_fn *read;
	void *user_data;
	bool verify;
	struct vrrp_setting *held;
	size_t n_held;
	struct vrrp_setting *write;
	size_t n_write;
};

static void hold(struct plan *plan, const struct vrrp_setting *setting)
{
	plan->held[plan->n_held++] = *setting;
}

static void write_value(struct plan *plan, const struct vrrp_setting *setting,
	uint32_t value)
{
	plan->write[plan->n_write] = *setting;
	plan->write[plan->n_write++].value = value;
}

/* Not wanted any more. */
static void release(struct plan *plan, const struct vrrp_setting *held)
{
	uint32_t now;

	if (plan->read(&held->key, &now, plan->user_data) &&
		now == held->value && now != held->original)
		write_value(plan, held, held->original);
}

/* Wanted, and not held so far. */
static void take(struct plan *plan, const struct vrrp_setting *want)
{
	struct vrrp_setting setting = *want;
	uint32_t now;

	if (!plan->read(&want->key, &now, plan->user_data) ||
		now == want->value)
		return;
	setting.original = now;
	hold(plan, &setting);
	write_value(plan, &setting, want->value);
}

/* Held, and still wanted, maybe with another value. */
static void keep(struct plan *plan, const struct vrrp_setting *held,
	const struct vrrp_setting *want)
{
	struct vrrp_setting setting = *held;
	uint32_t now = held->value;

	if (plan->verify && plan->read(&held->key, &now, plan->user_data) &&
		now != held->value)
		setting.original = now;
	setting.value = want->value;
	if (now != want->value)
		write_value(plan, &setting, want->value);
	hold(plan, &setting);
}

void vrrp_settings_plan(const struct vrrp_setting *held, size_t n_held,
	const struct vrrp_setting *want, size_t n_want,
	vrrp_setting_read_fn *read, void *user_data, bool verify,
	struct vrrp_setting *ret_held, size_t *ret_n_held,
	struct vrrp_setting *ret_write, size_t *ret_n_write)
{
	struct plan plan = {
		.read = read,
		.user_data = user_data,
		.verify = verify,
		.held = ret_held,
		.write = ret_write,
	};
	size_t h = 0, w = 0;
	int order;

	while (h < n_held || w < n_want) {
		if (h == n_held)
			order = 1;
		else if (w == n_want)
			order = -1;
		else
			order = vrrp_setting_compare(&held[h], &want[w]);
		if (order < 0)
			release(&plan, &held[h++]);
		else if (order > 0)
			take(&plan, &want[w++]);
		else
			keep(&plan, &held[h++], &want[w++]);
	}
	*ret_n_held = plan.n_held;
	*ret_n_write = plan.n_write;
}
