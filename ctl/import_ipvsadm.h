/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `ipvsadm-save` prints in Tandem's language.  Pure.
 */
#ifndef TANDEM_CTL_IMPORT_IPVSADM_H
#define TANDEM_CTL_IMPORT_IPVSADM_H

#include "ctl/import_result.h"

/* RESULT is to be begun and ended by the caller. */
void import_ipvsadm(const char *text, size_t len,
	const struct import_resolver *resolver, struct import_result *result);

#endif
