/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small parts that all answers for tandemctl are made of. */
#ifndef TANDEM_VRRP_ANSWER_H
#define TANDEM_VRRP_ANSWER_H

#include <stdint.h>

struct json_object;

/* NULL as TEXT gives null. */
void vrrp_answer_text(
	struct json_object *object, const char *key, const char *text);
void vrrp_answer_number(
	struct json_object *object, const char *key, int64_t value);
/* A point of the monotonic clock as seconds of the wall clock; 0 gives null. */
void vrrp_answer_time(
	struct json_object *object, const char *key, int64_t point_us);
/* Appends TEXT to an array, and frees it. */
void vrrp_answer_line(struct json_object *lines, char *text);

#define VRRP_WHEN_SIZE 40

/* Local time with milliseconds.  Writes to BUF and returns it. */
const char *vrrp_when(int64_t realtime_us, char buf[static VRRP_WHEN_SIZE]);

#endif
