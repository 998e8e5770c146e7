/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which role comes before which, and who talks to whom: what the supervisor
 * knows of the roles.  What they do is in another program, see role_ops.h.
 */
#ifndef TANDEM_DAEMON_ROLE_TABLE_H
#define TANDEM_DAEMON_ROLE_TABLE_H

#include "lib/messages.h"

/* Two roles that talk to each other directly. */
struct role_pair {
	enum role_id a;
	enum role_id b;
};

/* Each role once; those that others ask for work commit first and stop
 * last. */
const enum role_id *role_table_commit_order(unsigned int *ret_n);
const enum role_id *role_table_stop_order(unsigned int *ret_n);

const struct role_pair *role_table_pairs(unsigned int *ret_n);

#endif
