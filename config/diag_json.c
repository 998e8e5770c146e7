/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics as JSON, for programs, and for a tandemctl that prints them as
 * if it had read the file itself.
 */
#include <json-c/json.h>

#include "config/diag_internal.h"

static void add_text(
	struct json_object *json, const char *key, const char *text)
{
	json_object_object_add(json, key, json_object_new_string(text));
}

static void add_number(
	struct json_object *json, const char *key, uint32_t number)
{
	json_object_object_add(json, key, json_object_new_int64(number));
}

static struct json_object *one_to_json(
	const struct diag_list *list, const struct diag *diag)
{
	struct json_object *json = json_object_new_object();

	add_text(json, "file", diag_shown_file(list, diag->place.file));
	add_number(json, "line", diag->place.line);
	add_number(json, "column", diag->place.column);
	add_text(json, "severity", diag_severity_name(diag->severity));
	add_text(json, "code",
		diag->rule ? diag->rule : diag_code_name(diag->code));
	add_text(json, "keyword", diag->keyword);
	add_text(json, "message", diag->message);
	add_text(json, "hint", diag->hint);
	return json;
}

static void add_source(struct json_object *json, const struct diag_list *list,
	const struct diag *diag)
{
	char buf[DIAG_LINE_SIZE];
	const char *line = diag_source_line(list, diag, buf);

	if (!*line)
		return;
	add_text(json, "source", line);
	add_number(json, "length", diag->place.length);
}

static struct json_object *to_json(struct diag_list *list, bool with_source)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < diag_count(list); i++) {
		const struct diag *diag = diag_get(list, i);
		struct json_object *json = one_to_json(list, diag);

		if (with_source)
			add_source(json, list, diag);
		json_object_array_add(array, json);
	}
	return array;
}

struct json_object *diag_to_json(struct diag_list *list)
{
	return to_json(list, false);
}

struct json_object *diag_to_json_with_source(struct diag_list *list)
{
	return to_json(list, true);
}
