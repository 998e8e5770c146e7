/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dumps that signals ask for: files that are replaced as a whole, mode
 * 0600, whatever is in their place.  The layout is keepalived's where
 * programs are known to read it: all of the JSON, all of the counters, and
 * the VRRP part of the state.
 */
#ifndef TANDEM_DAEMON_DUMP_H
#define TANDEM_DAEMON_DUMP_H

#include <stdint.h>
#include <stdio.h>

#include "daemon/requests.h"

struct files_conf;
struct json_object;

/* Where a dump goes.  CONF, NETNS and INSTANCE may be NULL.  The caller frees
 * it. */
char *dump_path(enum dump_kind kind, const struct files_conf *conf,
	const char *runtime_dir, const char *netns, const char *instance);

/* STATUS is the merged status, with what vrrp adds to it as "dump"; VERSION
 * is json_version.  In a worker.  0 or -errno. */
int dump_write(const char *path, enum dump_kind kind, int64_t version,
	struct json_object *status);

/* The text itself, for tests. */
void dump_print(FILE *out, enum dump_kind kind, int64_t version,
	struct json_object *status);

/* dump_text.c: the VRRP part of the state, and the counters, of the list of
 * instances VRRP (may be NULL), as keepalived prints them. */
void dump_print_topology(FILE *out, struct json_object *vrrp);
void dump_print_counters(FILE *out, struct json_object *vrrp);

#endif
