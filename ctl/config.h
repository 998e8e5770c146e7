/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `config diff A B`: what differs in meaning; needs no daemon. */
#ifndef TANDEM_CTL_CONFIG_H
#define TANDEM_CTL_CONFIG_H

#include "ctl/command.h"

/* As diff(1): 0 the same, 1 not, 2 when that cannot be told. */
enum exit_status config_run(
	const struct command *command, const struct request *request);

#endif
