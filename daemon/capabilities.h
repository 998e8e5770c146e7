/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities that a unit or a container may have taken from us: which ones
 * nothing can do without, and what the others are missed for.
 */
#ifndef TANDEM_DAEMON_CAPABILITIES_H
#define TANDEM_DAEMON_CAPABILITIES_H

#include <stdbool.h>

struct json_object;

/* Before the start: false, with one message on stderr, when there is no use in
 * one, or when roles could not leave root. */
bool capabilities_suffice(bool only_check);

/* What is done without: one warning each. */
void capabilities_warn(void);
/* The same texts, appended to PROBLEMS. */
void capabilities_add_problems(struct json_object *problems);

#endif
