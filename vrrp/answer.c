/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/answer.h"

#include <json-c/json.h>
#include <stdio.h>
#include <time.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

void vrrp_answer_text(
	struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(
		object, key, text ? json_object_new_string(text) : NULL);
}

void vrrp_answer_number(
	struct json_object *object, const char *key, int64_t value)
{
	json_object_object_add(object, key, json_object_new_int64(value));
}

void vrrp_answer_time(
	struct json_object *object, const char *key, int64_t point_us)
{
	json_object_object_add(object, key,
		point_us ? json_object_new_double(
				   (double)time_realtime_of(point_us) /
				   (double)USEC_PER_SEC)
			 : NULL);
}

void vrrp_answer_line(struct json_object *lines, char *text)
{
	json_object_array_add(lines, json_object_new_string(text));
	x_free(text);
}

const char *vrrp_when(int64_t realtime_us, char buf[static VRRP_WHEN_SIZE])
{
	time_t seconds = (time_t)(realtime_us / USEC_PER_SEC);
	struct tm tm;
	size_t len;

	localtime_r(&seconds, &tm);
	len = strftime(buf, VRRP_WHEN_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf + len, VRRP_WHEN_SIZE - len, ".%03u",
		(unsigned int)(realtime_us / USEC_PER_MSEC % 1000));
	return buf;
}
