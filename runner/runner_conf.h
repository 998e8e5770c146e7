/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the runner takes from the configuration: how scripts are run.
 *
 * Binding it with diagnostics also checks every script of the whole tree,
 * whoever's keyword it is: is it there, can its user run it, could somebody
 * else change it.
 */
#ifndef TANDEM_RUNNER_RUNNER_CONF_H
#define TANDEM_RUNNER_RUNNER_CONF_H

#include "config/schema.h"

struct runner_conf {
	const char *user;   /* of script_user; NULL = not set */
	const char *group;  /* as written, with its colon; NULL = none */
	uint32_t user_node; /* of script_user */
	bool script_security;
	bool supplementary_groups;
	bool symlink_paths;
};

/* Binds a struct runner_conf. */
extern const struct conf_block runner_conf_root;

#endif
