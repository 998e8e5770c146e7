/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values beyond what schema.h offers, for the engine itself.
 */
#ifndef TANDEM_CONFIG_VALUES_H
#define TANDEM_CONFIG_VALUES_H

#include "config/lexer.h"
#include "config/schema.h"

/* As conf_arg_enum(), where NOCASE takes upper and lower case alike. */
/* The values of CONF_ENUM keyword K, as its flags want them. */
int conf_arg_keyword_choice(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	const struct conf_keyword *k, int *ret);
int conf_arg_choice(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	const struct conf_value *values, bool nocase, int *ret);

/* As conf_arg_int(); UNIT is " seconds", or "". */
int conf_arg_quantity(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	int64_t min, int64_t max, const char *unit, int64_t *ret);

/* Seconds as a person writes them: "3", "0.25". */
void conf_format_time(int64_t us, char *buf, size_t size);

#endif
