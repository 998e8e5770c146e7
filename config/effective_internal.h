/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What effective.c (blocks) and effective_value.c (what holds in them) share.
 */
#ifndef TANDEM_CONFIG_EFFECTIVE_INTERNAL_H
#define TANDEM_CONFIG_EFFECTIVE_INTERNAL_H

#include "config/effective.h"

/* A struct that a view bound for a node. */
struct bound {
	uint32_t node;
	uint32_t next; /* index plus 1 of another of the same node */
	size_t view;
	const void *target;
};

struct effective {
	const struct conf_tree *tree;
	const struct conf_block *const *views;
	size_t n_views;
	struct arena *arena;
	struct effective_class *classes;
	struct effective_block *root;
	struct effective_block **by_node;
	struct bound *bound;
	size_t n_bound;
	size_t bound_capacity;
	uint32_t *first; /* of each node: index plus 1 */
	size_t view;	 /* that is being bound */
};

/* Does a view bind K? */
static inline bool effective_is_built(const struct conf_keyword *k)
{
	return !(k->flags & (CONF_NOT_BUILT | CONF_IGNORED | CONF_FOREIGN));
}

#endif
