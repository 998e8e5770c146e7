/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandem-role --mail`: the process that talks to a mail server.
 *
 *	--mail HOST PORT TIMEOUT_MS HELO FROM TO...
 *
 * It is started by the runner as an account that owns nothing, gives up what
 * is left, reads mails from standard input (a decimal length, a line feed,
 * so many bytes; and so on), and sends them in one session.  It writes a '+'
 * for each mail that the server took and a '-' for each that it refused for
 * good, and then, if there was anything, what went wrong.  Exit status 0: all
 * mails were answered; 75: the rest may be tried again.
 */
#ifndef TANDEM_MAIL_PROGRAM_H
#define TANDEM_MAIL_PROGRAM_H

/* Of the whole program, "--mail" being argv[1].  The exit status. */
int mail_program_main(int argc, char **argv);

#endif
