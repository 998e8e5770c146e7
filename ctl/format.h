/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tandemctl format FILE`: the layout of format_text.h, printed, written back
 * or only compared. */
#ifndef TANDEM_CTL_FORMAT_H
#define TANDEM_CTL_FORMAT_H

#include "ctl/command.h"

enum exit_status format_run(
	const struct command *command, const struct request *request);

#endif
