/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandemctl help KEYWORD`: what one keyword means in each block that has it,
 * from the tables that parse it, or on any line; what is said of words that are
 * known to be none; for others what may be meant.
 */
#ifndef TANDEM_CTL_HELP_H
#define TANDEM_CTL_HELP_H

#include "ctl/command.h"

enum exit_status help_run(
	const struct command *command, const struct request *request);

#endif
