/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/answer.h"

#include <json-c/json.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

/* Larger than any time in seconds, smaller than any in microseconds. */
#define SECONDS_MAX 1e11

static struct json_object *member(struct json_object *json, const char *key)
{
	struct json_object *value;

	if (!json_object_is_type(json, json_type_object) ||
		!json_object_object_get_ex(json, key, &value))
		return NULL;
	return value;
}

static bool is_number(struct json_object *json)
{
	return json_object_is_type(json, json_type_int) ||
	       json_object_is_type(json, json_type_double);
}

const char *answer_text(struct json_object *json, const char *key)
{
	struct json_object *value = member(json, key);

	return value ? json_object_get_string(value) : "";
}

int64_t answer_int(
	struct json_object *json, const char *key, int64_t default_value)
{
	struct json_object *value = member(json, key);

	return is_number(value) ? json_object_get_int64(value) : default_value;
}

double answer_double(
	struct json_object *json, const char *key, double default_value)
{
	struct json_object *value = member(json, key);

	return is_number(value) ? json_object_get_double(value) : default_value;
}

bool answer_has(struct json_object *json, const char *key)
{
	return member(json, key) != NULL;
}

struct json_object *answer_array(
	struct json_object *json, const char *key, size_t *ret_n)
{
	struct json_object *value = member(json, key);

	if (!json_object_is_type(value, json_type_array))
		value = NULL;
	*ret_n = value ? json_object_array_length(value) : 0;
	return value;
}

char *answer_duration(double seconds)
{
	int64_t s = seconds > 0 && seconds < SECONDS_MAX ? (int64_t)seconds : 0;

	if (s < 120)
		return x_asprintf("%d s", (int)s);
	if (s < 7200)
		return x_asprintf("%d min", (int)(s / 60));
	if (s < 172800)
		return x_asprintf(
			"%d h %d min", (int)(s / 3600), (int)(s / 60 % 60));
	return x_asprintf("%d d %d h", (int)(s / 86400), (int)(s / 3600 % 24));
}

char *answer_age(struct json_object *json, const char *key, int64_t now_us)
{
	double then = answer_double(json, key, 0);

	/* Text is shown as it is. */
	if (then <= 0)
		return x_strdup(is_number(member(json, key))
					? ""
					: answer_text(json, key));
	if (then > SECONDS_MAX)
		then /= (double)USEC_PER_SEC;
	return answer_duration((double)now_us / (double)USEC_PER_SEC - then);
}
