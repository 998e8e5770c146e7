/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that commands are given: "-" is standard input.
 */
#ifndef TANDEM_CTL_INPUT_H
#define TANDEM_CTL_INPUT_H

#include "ctl/command.h"

/* What WORD names, to be read as often as one likes; NULL when it cannot be
 * read, which has been said.  Standard input is taken in at each call: WORD
 * may be "-" once. */
const char *input_name(const struct request *request, const char *word);

/* The same for who reads it at once and tells as a diagnostic that it cannot
 * be read. */
const char *input_name_unread(const char *word);

#endif
