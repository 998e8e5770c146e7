/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The diagnostics of a plan or a reload, as `tandemctl check` prints those of
 * a file.
 */
#ifndef TANDEM_CTL_SHOW_DIAGS_H
#define TANDEM_CTL_SHOW_DIAGS_H

#include <stdio.h>

struct json_object;

void show_diags(FILE *out, struct json_object *answer);

#endif
