/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD sessions of an answer, for people.
 */
#ifndef TANDEM_CTL_SHOW_BFD_H
#define TANDEM_CTL_SHOW_BFD_H

#include "ctl/table.h"

struct json_object;

/* A table of the sessions in ANSWER ("bfd"), below an empty line; nothing
 * when there are none. */
void show_bfd(const struct screen *screen, struct json_object *answer);

#endif
