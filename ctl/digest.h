/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tandemctl digest: fetches a page as HTTP_GET and SSL_GET do and prints what
 * `digest` in their url blocks has to be.  Stands in for genhash, whose
 * options it takes.
 */
#ifndef TANDEM_CTL_DIGEST_H
#define TANDEM_CTL_DIGEST_H

#include "ctl/command.h"

/* ARGV[0] is "digest"; options follow.  Returns an enum exit_status. */
int digest_main(int argc, char **argv);

/* The same without options of its own. */
enum exit_status digest_run(
	const struct command *command, const struct request *request);

#endif
