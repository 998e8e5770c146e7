/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandemctl keywords`: the reference of the language, made from the tables
 * that parse it, for people, for programs and as tandem.keywords(5).
 */
#ifndef TANDEM_CTL_KEYWORDS_H
#define TANDEM_CTL_KEYWORDS_H

#include "ctl/command.h"

struct arena;
struct json_object;
struct keyword_node;

/* What is known of NODE and all below it; the caller's reference. */
struct json_object *keywords_to_json(
	const struct keyword_node *node, struct arena *arena);

/* Words are blocks from the root, or one keyword; none = everything. */
enum exit_status keywords_run(
	const struct command *command, const struct request *request);

#endif
