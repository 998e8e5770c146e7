/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is different between the meanings of two configurations.
 *
 * Blocks are matched by what they are (a service by address, port and
 * protocol, an instance by name), those that have no name by their contents
 * and then by their order.  Order of statements, lines of a list (but routes,
 * and rules without a preference, which count in their order), other names of
 * a keyword, spelling of times, addresses and switches, and defaults
 * that are written out make no difference.  What only follows from another
 * difference, as an inherited value does, is not told again.  Pure.
 */
#ifndef TANDEM_CTL_CONFIG_DIFF_H
#define TANDEM_CTL_CONFIG_DIFF_H

#include "config/effective.h"

enum config_change_kind {
	CONFIG_ADDED,
	CONFIG_REMOVED,
	CONFIG_CHANGED,
};

/* One side of a change.  Text lives as long as the diff. */
struct config_side {
	const char *text; /* NULL = no value */
	enum effective_origin origin;
	uint32_t node; /* CONF_NODE_NONE = not in the file */
};

struct config_change {
	enum config_change_kind kind;
	const char *block;   /* "virtual_server 10.0.0.1 80 TCP, real_server
				...", "" for the file */
	const char *keyword; /* NULL: the block itself came or went */
	bool secret;	     /* the texts are not to be shown */
	bool line;	     /* one of several lines of the keyword */
	bool order;	     /* of its lines: the texts are those lines */
	struct config_side before;
	struct config_side after;
};

struct config_diff {
	struct config_change *changes;
	size_t n;
	size_t capacity;
	struct arena *arena;
};

/* Of the meanings of two trees in one language. */
struct config_diff *config_diff(struct effective *a, struct effective *b);
void config_diff_free(struct config_diff *diff);

#endif
