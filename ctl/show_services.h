/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One service with its real servers and their checks.
 */
#ifndef TANDEM_CTL_SHOW_SERVICES_H
#define TANDEM_CTL_SHOW_SERVICES_H

#include <stdint.h>

#include "ctl/table.h"

struct json_object;

/* "tcp 192.0.2.1:80", or "fwmark 3"; the caller frees it. */
char *show_service_name(struct json_object *service);

/* NOW_US on the wall clock. */
void show_service(const struct screen *screen, struct json_object *service,
	int64_t now_us);

#endif
