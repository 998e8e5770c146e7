/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandemctl keywords`: the reference of the language, made from the tables
 * that parse it, for people, for programs and as tandem.keywords(5).
 */
#ifndef TANDEM_CTL_KEYWORDS_H
#define TANDEM_CTL_KEYWORDS_H

#include "ctl/command.h"

/* Words are blocks from the root, or one keyword; none = everything. */
enum exit_status keywords_run(
	const struct command *command, const struct request *request);

#endif
