/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The roles of the program tandem-role.  role_ops.c is the one file that names
 * them.
 */
#ifndef TANDEM_DAEMON_ROLE_OPS_H
#define TANDEM_DAEMON_ROLE_OPS_H

#include "lib/role.h"

/* NULL when there is no such role. */
const struct role_ops *role_ops_get(enum role_id id);
const struct role_ops *role_ops_find(const char *name);

#endif
