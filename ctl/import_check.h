/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a daemon would say of the text that an import has made.
 */
#ifndef TANDEM_CTL_IMPORT_CHECK_H
#define TANDEM_CTL_IMPORT_CHECK_H

#include "ctl/command.h"

struct import_result;

/* Checks the text made of the file NAME; true when a daemon would take it,
 * otherwise why not has been said.  Lines are those of the text. */
bool import_check(const struct request *request, const char *name,
	const struct import_result *result);

#endif
