/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `~SEQ`, `~SEQx` and `~LST`: a line that is read again and again, with
 * other values of its variables.
 */
#ifndef TANDEM_CONFIG_SEQUENCE_H
#define TANDEM_CONFIG_SEQUENCE_H

#include "config/source_internal.h"

/* Does the work line start a sequence?  Then pushes it. */
bool sequence_start(struct source *s, const struct source_line *line);

/* --- expand.c, for sequences --- */

struct definition *definition_find(
	struct source *s, const char *name, size_t len);
struct definition *definition_set(struct source *s, const char *name,
	size_t name_len, const char *value, size_t len);
void definition_remove(struct source *s, struct definition *definition);
/* Replaces what stands after FROM in the work line; false, after having said
 * so, when that has no end. */
bool definitions_replace(
	struct source *s, const struct source_line *line, size_t from);

#endif
