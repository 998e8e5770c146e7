/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vrrp role: virtual routers and their addresses.
 *
 * It keeps CAP_NET_RAW and CAP_NET_ADMIN, runs with real-time priority and
 * locked memory where that is allowed, and never exits over something that
 * the network, the kernel or a peer says.
 */
#ifndef TANDEM_VRRP_ROLE_H
#define TANDEM_VRRP_ROLE_H

#include "lib/role.h"

extern const struct role_ops vrrp_role_ops;

#endif
