/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The healthcheck role: probes real servers and says what it saw.
 *
 * It keeps CAP_NET_RAW, for echo requests and marks.  It tells ipvs facts about checks and asks the
 * runner for scripts; what a verdict means for a service is not its matter.
 */
#ifndef TANDEM_HEALTHCHECK_ROLE_H
#define TANDEM_HEALTHCHECK_ROLE_H

#include "lib/role.h"

extern const struct role_ops healthcheck_role_ops;

#endif
