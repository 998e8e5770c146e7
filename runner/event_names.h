/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is read of a generation for many events about one virtual server: its
 * block is gone through once, since it may hold fifty thousand real servers.
 */
#ifndef TANDEM_RUNNER_EVENT_NAMES_H
#define TANDEM_RUNNER_EVENT_NAMES_H

#include <stdint.h>

#include "config/tree.h"

struct event_names;

struct event_service {
	const char *name;     /* "[192.0.2.1]:tcp:80", "FWM 7", "[GROUP]:0" */
	const char *protocol; /* "tcp", "udp", "sctp", "none" */
	unsigned int port;    /* 0 = has none of its own */
	const char *quorum;   /* as written, or their defaults */
	const char *hysteresis;
	uint32_t alert; /* its smtp_alert, CONF_NODE_NONE = not said */
};

/* Borrows TREE. */
struct event_names *event_names_new(const struct conf_tree *tree);
void event_names_free(struct event_names *names); /* NULL is fine */

const struct conf_tree *event_names_tree(const struct event_names *names);

/* NODE is a virtual_server with an argument.  Lives as long as NAMES. */
const struct event_service *event_names_service(
	struct event_names *names, uint32_t node);

/* "[192.0.2.11]:tcp:80" of the real_server NODE; the caller frees it. */
char *event_names_server(struct event_names *names, uint32_t node);

#endif
