/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/language.h"

#include "daemon/global_conf.h"

/* Where two views know a keyword, the first documents it. */
static const struct conf_block *const views[] = {
	&global_conf_root,
	NULL,
};

const struct conf_language tandem_language = { .views = views };
