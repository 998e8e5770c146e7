/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/role_ops.h"

#include <string.h>

#include "healthcheck/role.h"
#include "ipvs-ctl/role.h"
#include "runner/role.h"
#include "vrrp/role.h"

static const struct role_ops *const roles[ROLE_COUNT] = {
	[ROLE_VRRP] = &vrrp_role_ops,
	[ROLE_HEALTHCHECK] = &healthcheck_role_ops,
	[ROLE_IPVS] = &ipvs_role_ops,
	[ROLE_RUNNER] = &runner_role_ops,
};

const struct role_ops *role_ops_get(enum role_id id)
{
	return (size_t)id < ROLE_COUNT ? roles[id] : NULL;
}

const struct role_ops *role_ops_find(const char *name)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (roles[id] && !strcmp(role_id_name(id), name))
			return roles[id];
	return NULL;
}
