/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/dump.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "daemon/files_conf.h"
#include "daemon/replace_file.h"
#include "lib/mem.h"

static void dump_value(
	FILE *out, const char *key, struct json_object *value, int depth);

static void dump_indent(FILE *out, int depth)
{
	while (depth-- > 0)
		fputs("  ", out);
}

static void dump_members(FILE *out, struct json_object *json, int depth)
{
	json_object_object_foreach(json, key, value) if (strcmp(key, "dump"))
		dump_value(out, key, value, depth);
}

static void dump_items(
	FILE *out, const char *key, struct json_object *array, int depth)
{
	size_t n = json_object_array_length(array);
	size_t i;

	for (i = 0; i < n; i++)
		dump_value(
			out, key, json_object_array_get_idx(array, i), depth);
}

/* "key = value"; objects with their members indented. */
static void dump_value(
	FILE *out, const char *key, struct json_object *value, int depth)
{
	if (json_object_is_type(value, json_type_array)) {
		dump_items(out, key, value, depth);
		return;
	}
	dump_indent(out, depth);
	if (json_object_is_type(value, json_type_object)) {
		fprintf(out, "%s:\n", key);
		dump_members(out, value, depth + 1);
	} else {
		fprintf(out, "%s = %s\n", key,
			value ? json_object_get_string(value) : "none");
	}
}

/* A list of what vrrp has added; NULL when it did not answer. */
static struct json_object *dump_list(
	struct json_object *status, const char *key)
{
	struct json_object *dump;
	struct json_object *list;

	if (!json_object_object_get_ex(status, "dump", &dump) ||
		!json_object_object_get_ex(dump, key, &list) ||
		!json_object_is_type(list, json_type_array))
		return NULL;
	return list;
}

/* With vrrp away there are no instances to be seen. */
static void dump_json(FILE *out, int64_t version, struct json_object *status)
{
	static const char *const keys[] = { "vrrp", "track_process" };
	struct json_object *whole = json_object_new_object();
	struct json_object *shown = whole;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct json_object *list = dump_list(status, keys[i]);

		json_object_object_add(whole, keys[i],
			list ? json_object_get(list) : json_object_new_array());
	}
	if (version == 1)
		json_object_object_get_ex(whole, "vrrp", &shown);
	fputs(json_object_to_json_string_ext(shown, JSON_C_TO_STRING_PLAIN),
		out);
	json_object_put(whole);
}

void dump_print(FILE *out, enum dump_kind kind, int64_t version,
	struct json_object *status)
{
	switch (kind) {
	case DUMP_DATA:
		dump_print_topology(out, dump_list(status, "vrrp"));
		fputs("------< Tandem >------\n", out);
		dump_members(out, status, 0);
		break;
	case DUMP_STATS:
		dump_print_counters(out, dump_list(status, "vrrp"));
		break;
	case DUMP_JSON:
		dump_json(out, version, status);
		break;
	}
}

/* --- the file --- */

static const char *dump_name(enum dump_kind kind, const struct files_conf *conf)
{
	const char *given = NULL;
	const char *usual = "tandem.dump";

	switch (kind) {
	case DUMP_DATA:
		given = conf ? conf->state_dump : NULL;
		usual = "tandem.data";
		break;
	case DUMP_STATS:
		given = conf ? conf->stats_dump : NULL;
		usual = "tandem.stats";
		break;
	case DUMP_JSON:
		given = conf ? conf->json_dump : NULL;
		usual = "tandem.json";
		break;
	}
	return given && *given ? given : usual;
}

char *dump_path(enum dump_kind kind, const struct files_conf *conf,
	const char *runtime_dir, const char *netns, const char *instance)
{
	const char *name = dump_name(kind, conf);
	const char *base = strrchr(name, '/');
	const char *end = strrchr(base ? base : name, '.');
	bool apart = kind == DUMP_DATA && conf && conf->use_instance;

	if (!end)
		end = name + strlen(name);
	if (!apart)
		netns = instance = NULL;
	return x_asprintf("%s%s%.*s%s%s%s%s%s", *name == '/' ? "" : runtime_dir,
		*name == '/' ? "" : "/", (int)(end - name), name,
		netns ? "." : "", netns ? netns : "", instance ? "." : "",
		instance ? instance : "", end);
}

struct dump_work {
	enum dump_kind kind;
	int64_t version;
	struct json_object *status;
};

static void dump_put(FILE *out, void *user_data)
{
	const struct dump_work *work = user_data;

	dump_print(out, work->kind, work->version, work->status);
}

int dump_write(const char *path, enum dump_kind kind, int64_t version,
	struct json_object *status)
{
	struct dump_work work = { kind, version, status };

	return replace_file(path, dump_put, &work);
}
