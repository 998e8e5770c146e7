/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The roles' answers put together into one.  Pure, but for reading the
 * descriptors: it runs in a worker, since answers can be big.
 */
#ifndef TANDEM_DAEMON_MERGE_H
#define TANDEM_DAEMON_MERGE_H

#include "lib/messages.h"

struct json_object;

/*
 * "status": adds to BASE what the roles say ("vrrp", "services"), puts each
 * check into the real server that it belongs to and joins all "problems".
 * ANSWERS is by role id, NULL = none.
 */
void merge_status(struct json_object *base, struct json_object *const *answers);

/* "explain": the lines of all roles, in BASE["explain"]; BASE["error"] when
 * there are none. */
void merge_explain(
	struct json_object *base, struct json_object *const *answers);

/* "log": BASE["log"] gets LINES, which it takes, in the order of time. */
void merge_log(struct json_object *base, struct json_object *lines);

/* Removes from BASE all keys but KEYS, words between blanks, and those that
 * every answer has: "generation", "problems", "subject", "error". */
void merge_keep_only(struct json_object *base, const char *keys);

#endif
