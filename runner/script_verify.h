/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts of a configuration: whose they are, and whether they can be run.
 */
#ifndef TANDEM_RUNNER_SCRIPT_VERIFY_H
#define TANDEM_RUNNER_SCRIPT_VERIFY_H

#include "config/schema.h"
#include "runner/runner_conf.h"

/* Where the user of a script was found. */
enum script_owner_source {
	SCRIPT_OWNER_LINE,    /* after the command */
	SCRIPT_OWNER_BLOCK,   /* `user` in the same block */
	SCRIPT_OWNER_GLOBAL,  /* script_user */
	SCRIPT_OWNER_DEFAULT, /* nothing was said */
};

struct script_owner {
	const char *user;  /* NULL for SCRIPT_OWNER_DEFAULT */
	const char *group; /* as written; NULL = none */
	enum script_owner_source source;
	uint32_t node; /* where it was said */
};

/* Whom the script of NODE runs as.  Strings are those of the tree and of
 * CONF, or live in ARENA. */
struct script_owner script_find_owner(const struct runner_conf *conf,
	const struct conf_tree *tree, uint32_t node, struct arena *arena);

/* Arguments FIRST and on of NODE as a group: "G", ":G", ":", ": G", or NULL
 * when there is none.  Lives in the arena. */
const char *script_group_words(
	const struct conf_bind *ctx, uint32_t node, uint32_t first);

/* Reports what is wrong with the scripts of the whole tree. */
void script_verify_all(struct conf_bind *ctx, const struct runner_conf *conf);

#endif
