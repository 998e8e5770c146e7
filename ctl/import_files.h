/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that a keepalived.conf includes, for its import. */
#ifndef TANDEM_CTL_IMPORT_FILES_H
#define TANDEM_CTL_IMPORT_FILES_H

#include "ctl/import_keepalived.h"

extern const struct kl_includer import_files;

#endif
