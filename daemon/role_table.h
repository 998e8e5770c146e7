/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The roles of this program.  role_table.c is the one file that names them.
 */
#ifndef TANDEM_DAEMON_ROLE_TABLE_H
#define TANDEM_DAEMON_ROLE_TABLE_H

#include "lib/role.h"

/* Two roles that talk to each other directly. */
struct role_pair {
	enum role_id a;
	enum role_id b;
};

/* NULL when this program has no such role. */
const struct role_ops *role_table_get(enum role_id id);
const struct role_ops *role_table_find(const char *name);

/* Each role once; those that others ask for work commit first and stop
 * last. */
const enum role_id *role_table_commit_order(unsigned int *ret_n);
const enum role_id *role_table_stop_order(unsigned int *ret_n);

const struct role_pair *role_table_pairs(unsigned int *ret_n);

#endif
