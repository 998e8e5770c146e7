/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mail as the server gets it (RFC 5322), with keepalived's header lines in
 * their order, and a few more.  Pure.
 */
#ifndef TANDEM_RUNNER_MAIL_MESSAGE_H
#define TANDEM_RUNNER_MAIL_MESSAGE_H

#include "runner/mail_conf.h"
#include "runner/mail_queue.h"

/* The text, with LF as line end; the caller frees it.  HOST is the name of
 * this machine. */
char *mail_message_make(const struct mail_conf *conf, const char *host,
	const struct mail *mail);

#endif
