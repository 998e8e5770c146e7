/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was mailed last about each instance and group: the same again is no
 * mail.  Holds no more names than the configuration has.
 */
#ifndef TANDEM_RUNNER_MAIL_LAST_H
#define TANDEM_RUNNER_MAIL_LAST_H

#include <stdbool.h>
#include <stddef.h>

#include "config/tree.h"
#include "lib/messages.h"

struct mail_last;

struct mail_last *mail_last_new(void);
void mail_last_free(struct mail_last *last); /* NULL is fine */

/* Is WHAT what was mailed last about ABOUT (see mail_text.h)?  Notes it. */
bool mail_last_is_repeated(
	struct mail_last *last, const char *about, enum event_what what);
/* Forgets whom TREE does not have. */
void mail_last_keep(struct mail_last *last, const struct conf_tree *tree);
size_t mail_last_count(const struct mail_last *last);

#endif
