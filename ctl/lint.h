/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tandemctl lint FILE [--peer FILE]`; without a file it lists the rules. */
#ifndef TANDEM_CTL_LINT_H
#define TANDEM_CTL_LINT_H

#include "ctl/command.h"

enum exit_status lint_run(
	const struct command *command, const struct request *request);

#endif
