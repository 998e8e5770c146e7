/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/diag_log.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/jsonfd.h"
#include "lib/log.h"

#define DIAG_LOG_LINES 50
/* More than this is not worth the supervisor's time. */
#define DIAG_LOG_BYTES (512 * 1024)

static const char *text_of(struct json_object *json, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(json, key, &value) || !value)
		return "";
	return json_object_get_string(value);
}

static int number_of(struct json_object *json, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(json, key, &value))
		return 0;
	return json_object_get_int(value);
}

/* As config/diag_print.c has it, in one line. */
static void diag_log_one(struct json_object *diag)
{
	char place[32] = "";
	int line = number_of(diag, "line");
	const char *severity = text_of(diag, "severity");
	const char *keyword = text_of(diag, "keyword");
	const char *hint = text_of(diag, "hint");

	/* The file as a whole has none. */
	if (line)
		snprintf(place, sizeof(place), ":%d:%d", line,
			number_of(diag, "column"));
	log_write(strcmp(severity, "warning") ? LOG_LEVEL_ERROR
					      : LOG_LEVEL_WARNING,
		"%s%s: %s: %s%s%s%s%s%s%s", text_of(diag, "file"), place,
		severity, text_of(diag, "message"), *keyword ? " [" : "",
		keyword, *keyword ? "]" : "", *hint ? " (hint: " : "", hint,
		*hint ? ")" : "");
}

void diag_log(int fd)
{
	struct json_object *json;
	struct json_object *list;
	struct stat st;
	size_t n;
	size_t i;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (st.st_size > DIAG_LOG_BYTES) {
		log_error("too many problems for the log: see tandemd -t");
		return;
	}
	json = json_from_fd(fd);
	if (json && json_object_object_get_ex(json, "diagnostics", &list)) {
		n = json_object_array_length(list);
		for (i = 0; i < n && i < DIAG_LOG_LINES; i++)
			diag_log_one(json_object_array_get_idx(list, i));
		if (n > DIAG_LOG_LINES)
			log_error("%zu more problems: see tandemd -t",
				n - DIAG_LOG_LINES);
	}
	json_object_put(json);
}
