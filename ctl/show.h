/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's answers as an operator reads them.
 */
#ifndef TANDEM_CTL_SHOW_H
#define TANDEM_CTL_SHOW_H

#include "ctl/table.h"

struct json_object;

/* All of these print ANSWER, as design.md's contract describes it. */
void show_status(const struct screen *screen, struct json_object *answer);
void show_vrrp(const struct screen *screen, struct json_object *answer);
void show_services(const struct screen *screen, struct json_object *answer);
void show_roles(const struct screen *screen, struct json_object *answer);
void show_config(const struct screen *screen, struct json_object *answer);
void show_log(const struct screen *screen, struct json_object *answer);
void show_plan(const struct screen *screen, struct json_object *answer);
void show_reload(const struct screen *screen, struct json_object *answer);
void show_explain(const struct screen *screen, struct json_object *answer);

#endif
