/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ipvs role: service model, reconciliation with the kernel, answers.
 */
#ifndef TANDEM_IPVS_ROLE_H
#define TANDEM_IPVS_ROLE_H

#include "lib/role.h"

extern const struct role_ops ipvs_role_ops;

#endif
