/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a configuration means: for each of its blocks, each keyword that the
 * tables know there, with the value in effect and where that comes from.
 *
 * The values are those that binding puts into the roles' structs, finish
 * functions included.  Several views of a block are one here; a keyword's
 * value is that of the view that documents it.  Names of the same thing
 * (lb_algo, lvs_sched) are one row.  Values are made when they are asked for.
 *
 * Where a value that is not in the file comes from is told by comparison: it
 * is inherited when an enclosing block, or global_defs (with or without
 * "vrrp_" or "checker_" in front), sets a keyword of that name to the same
 * value; a row's `inherits` names others, or none.
 */
#ifndef TANDEM_CONFIG_EFFECTIVE_H
#define TANDEM_CONFIG_EFFECTIVE_H

#include <uthash.h>

#include "config/language.h"

#define EFFECTIVE_VIEWS_MAX 16

/* A keyword of a block, in all views. */
struct effective_row {
	const char *name;
	const struct conf_keyword *keyword; /* that documents it */
	const struct conf_keyword *in_view[EFFECTIVE_VIEWS_MAX];
	struct effective_class *inner; /* CONF_BLOCK */
	size_t alias_of; /* the row that it is another name of, or itself */
	bool built;	 /* a view binds it */
	bool is_block;
	bool multi; /* may be repeated, each for itself */
	UT_hash_handle hh;
};

/* What may stand in a block: rows in the order of the tables. */
struct effective_class {
	const struct conf_block *blocks[EFFECTIVE_VIEWS_MAX];
	struct effective_row *rows;
	size_t n_rows;
	struct effective_row *by_name;
	struct effective_class *next;
};

struct effective_block {
	uint32_t node; /* its first part; CONF_NODE_NONE = not in the file */
	const struct effective_class *class;
	const struct effective_row *row; /* NULL = the root */
	const struct effective_block *parent;
	const void **targets; /* of each view; NULL = not bound */
	uint32_t *given; /* node of each row; CONF_NODE_NONE = not there */
	struct effective_block **blocks; /* in it, in the file's order */
	size_t n_blocks;
};

enum effective_origin {
	EFFECTIVE_GIVEN,     /* it is in the file */
	EFFECTIVE_INHERITED, /* from another keyword that is */
	EFFECTIVE_DEFAULT,
	EFFECTIVE_DERIVED, /* the role made it of something else */
	EFFECTIVE_UNSET,   /* there is none */
};

struct effective_value {
	enum effective_origin origin;
	uint32_t node;	  /* where it stands: GIVEN and INHERITED */
	const char *from; /* the keyword it is inherited from */
	/* As it would be written, always the same way, "on" or "off" for CONF_FLAG and CONF_BOOL.
	 * NULL when there is none, and for CONF_LIST and CONF_SCRIPT that are
	 * given: their nodes say it all.  A secret is in here as it is. */
	const char *text;
	int64_t number; /* of CONF_INT, CONF_TIME (us), CONF_FLAG, CONF_BOOL */
	char buf[64];
};

struct effective;

/* Binds TREE (borrowed) anew, without a word about its problems. */
struct effective *effective_new(
	const struct conf_language *language, const struct conf_tree *tree);
void effective_free(struct effective *e); /* NULL is fine */

const struct conf_tree *effective_tree(const struct effective *e);
const struct effective_block *effective_root(const struct effective *e);
/* The block that NODE is the first part of, or NULL. */
const struct effective_block *effective_block_of(
	const struct effective *e, uint32_t node);
/* A block of the root that may be there once, and is not, as if it were
 * there and empty (ROW of the root, a block without CONF_MULTI); NULL when
 * it is there.  Lives as long as E. */
const struct effective_block *effective_absent_block(
	struct effective *e, const struct effective_row *row);

/* The next statement of BLOCK after NODE that sets ROW, or CONF_NODE_NONE. */
uint32_t effective_next(const struct effective *e,
	const struct effective_block *block, const struct effective_row *row,
	uint32_t node);

const struct effective_row *effective_find_row(
	const struct effective_class *class, const char *name);
/* *RET may point into itself: do not copy it. */
void effective_value(struct effective *e, const struct effective_block *block,
	const struct effective_row *row, struct effective_value *ret);

/* "file", "inherited", "default", "derived", "unset". */
const char *effective_origin_name(enum effective_origin origin);

#endif
