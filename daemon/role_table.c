/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/role_table.h"

#include <string.h>

#include "healthcheck/role.h"
#include "ipvs-ctl/role.h"
#include "runner/role.h"
#include "vrrp/role.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static const struct role_ops *const roles[ROLE_COUNT] = {
	[ROLE_VRRP] = &vrrp_role_ops,
	[ROLE_HEALTHCHECK] = &healthcheck_role_ops,
	[ROLE_IPVS] = &ipvs_role_ops,
	[ROLE_RUNNER] = &runner_role_ops,
};

/* Who is asked comes before who asks. */
static const enum role_id commit_order[] = {
	ROLE_RUNNER,
	ROLE_IPVS,
	ROLE_VRRP,
	ROLE_HEALTHCHECK,
};

/* The addresses go first, so that the peer takes over while the table still
 * forwards; scripts are run to the last. */
static const enum role_id stop_order[] = {
	ROLE_VRRP,
	ROLE_IPVS,
	ROLE_HEALTHCHECK,
	ROLE_RUNNER,
};

static const struct role_pair pairs[] = {
	{ ROLE_VRRP, ROLE_RUNNER },
	{ ROLE_HEALTHCHECK, ROLE_RUNNER },
	{ ROLE_IPVS, ROLE_RUNNER },
	{ ROLE_HEALTHCHECK, ROLE_IPVS },
	{ ROLE_VRRP, ROLE_IPVS },
	{ ROLE_VRRP, ROLE_HEALTHCHECK },
};

const struct role_ops *role_table_get(enum role_id id)
{
	return (size_t)id < ROLE_COUNT ? roles[id] : NULL;
}

const struct role_ops *role_table_find(const char *name)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (roles[id] && !strcmp(role_id_name(id), name))
			return roles[id];
	return NULL;
}

const enum role_id *role_table_commit_order(unsigned int *ret_n)
{
	*ret_n = ARRAY_SIZE(commit_order);
	return commit_order;
}

const enum role_id *role_table_stop_order(unsigned int *ret_n)
{
	*ret_n = ARRAY_SIZE(stop_order);
	return stop_order;
}

const struct role_pair *role_table_pairs(unsigned int *ret_n)
{
	*ret_n = ARRAY_SIZE(pairs);
	return pairs;
}
