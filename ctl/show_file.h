/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show config FILE`: what a file would mean to a daemon; needs none. */
#ifndef TANDEM_CTL_SHOW_FILE_H
#define TANDEM_CTL_SHOW_FILE_H

#include "config/language.h"
#include "ctl/command.h"

enum exit_status show_config_file(const struct request *request);

/* Reads FILE and tells its errors on stderr; NULL when nothing of it can be
 * used.  *RET_GOOD: a daemon would take it. */
struct conf_tree *show_load(
	const struct request *request, const char *file, bool *ret_good);

#endif
