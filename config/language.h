/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a file to a checked tree: the whole way, for the supervisor,
 * tandemctl and tests alike.
 */
#ifndef TANDEM_CONFIG_LANGUAGE_H
#define TANDEM_CONFIG_LANGUAGE_H

#include "config/schema.h"

/* All views, NULL at the end.  The array itself is in the program that links
 * the roles' tables (daemon/language.c), since config knows no keyword. */
struct conf_language {
	const struct conf_block *const *views;
	/* Reports what the configuration needs of this machine and does not
	 * find, for `-t`; conf_load() does not call it.  NULL = nothing. */
	void (*check_present)(
		const struct conf_tree *tree, struct diag_list *diags);
	/* Does TREE want files of passwords that others can read to be
	 * errors, not warnings?  NULL = no. */
	bool (*strict_secrets)(const struct conf_tree *tree);
};

struct conf_load_options {
	const char *config_id; /* -i; NULL = short host name */
	bool lenient;
	bool portable; /* say what keepalived would not understand */
	bool all_files; /* -e: all includes are there, as include_check says */
	size_t max_bytes; /* of all files together; 0 = 40 MiB */
	uint32_t random_seed; /* of ${_RANDOM}; 0 = another each time */
};

/*
 * Reads FILE with its includes, expands, parses, checks every node against
 * the views and binds each view once, so that its finish functions speak.
 * Returns the tree, or NULL when there is nothing usable; DIAGS says why.
 * Whether errors refuse the tree is the caller's decision.
 */
struct conf_tree *conf_load(const struct conf_language *language,
	const char *file, const struct conf_load_options *options,
	struct diag_list *diags);

/* The same for TEXT in memory; NAME stands for the file in diagnostics. */
struct conf_tree *conf_load_text(const struct conf_language *language,
	const char *name, const char *text, size_t len,
	const struct conf_load_options *options, struct diag_list *diags);

/* Gives the source lines of what was reported after conf_load() to DIAGS:
 * printing would read the files anew for each. */
void conf_keep_lines(const struct conf_tree *tree, struct diag_list *diags);

#endif
