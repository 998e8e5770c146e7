/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the daemon's answers: keys may be missing, or be of another type
 * in a later version, and nothing of that may crash or confuse.
 */
#ifndef TANDEM_CTL_ANSWER_H
#define TANDEM_CTL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* The text of KEY; "" when it is not there.  Numbers become text.  Borrowed
 * from JSON. */
const char *answer_text(struct json_object *json, const char *key);
/* DEFAULT when KEY is no number. */
int64_t answer_int(
	struct json_object *json, const char *key, int64_t default_value);
double answer_double(
	struct json_object *json, const char *key, double default_value);
bool answer_has(struct json_object *json, const char *key);

/* The array KEY and its length; NULL and 0 when it is none. */
struct json_object *answer_array(
	struct json_object *json, const char *key, size_t *ret_n);

/*
 * A point in time, KEY, as its distance from NOW_US: "4 s", "12 min",
 * "3 h 10 min", "5 d 2 h"; "" when it is not there.  The daemon gives
 * seconds since 1970, with a fraction, or microseconds.  The caller frees it.
 */
char *answer_age(struct json_object *json, const char *key, int64_t now_us);
char *answer_duration(double seconds);

#endif
