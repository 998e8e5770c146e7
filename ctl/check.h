/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandemctl check`: the whole language without a daemon.
 */
#ifndef TANDEM_CTL_CHECK_H
#define TANDEM_CTL_CHECK_H

#include "ctl/command.h"

enum exit_status check_run(
	const struct command *command, const struct request *request);

#endif
