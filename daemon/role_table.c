/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/role_table.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

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
