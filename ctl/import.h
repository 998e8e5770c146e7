/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandemctl import`: configurations of others in Tandem's language, on
 * standard output; notes and a summary on standard error.  The text is
 * checked as a daemon would before it is called good.
 */
#ifndef TANDEM_CTL_IMPORT_H
#define TANDEM_CTL_IMPORT_H

#include "ctl/command.h"

/* Words: ldirectord FILE, ipvsadm [FILE|-], keepalived FILE. */
enum exit_status import_run(
	const struct command *command, const struct request *request);

#endif
