/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
	json_object_object_foreach(json, key, value)
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

/* The numbers of each VRRP instance. */
static void dump_stats(FILE *out, struct json_object *status)
{
	struct json_object *vrrp;
	size_t i;

	if (!json_object_object_get_ex(status, "vrrp", &vrrp))
		return;
	for (i = 0; i < json_object_array_length(vrrp); i++) {
		struct json_object *instance =
			json_object_array_get_idx(vrrp, i);
		struct json_object *name;

		if (json_object_object_get_ex(instance, "name", &name))
			fprintf(out, "VRRP Instance: %s\n",
				json_object_get_string(name));
		json_object_object_foreach(instance, key,
			value) if (json_object_is_type(value, json_type_int))
			dump_value(out, key, value, 1);
	}
}

static void dump_print(
	FILE *out, enum dump_kind kind, struct json_object *status)
{
	switch (kind) {
	case DUMP_DATA:
		dump_members(out, status, 0);
		break;
	case DUMP_STATS:
		dump_stats(out, status);
		break;
	case DUMP_JSON:
		fprintf(out, "%s\n",
			json_object_to_json_string_ext(
				status, JSON_C_TO_STRING_PRETTY |
						JSON_C_TO_STRING_SPACED));
		break;
	}
}

static const char *dump_name(enum dump_kind kind)
{
	switch (kind) {
	case DUMP_DATA:
		return "tandem.data";
	case DUMP_STATS:
		return "tandem.stats";
	case DUMP_JSON:
		return "tandem.json";
	}
	return "tandem.dump";
}

static int dump_write_file(
	const char *path, enum dump_kind kind, struct json_object *status)
{
	int fd = open(path,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *out;
	int err;

	if (fd < 0)
		return -errno;
	out = fdopen(fd, "w");
	if (!out) {
		err = -errno;
		close(fd);
		return err;
	}
	dump_print(out, kind, status);
	err = ferror(out) ? -EIO : 0;
	if (fclose(out))
		err = -errno;
	return err;
}

int dump_write(const char *dir, enum dump_kind kind, struct json_object *status)
{
	char *path = x_asprintf("%s/%s", dir, dump_name(kind));
	char *temporary = x_asprintf("%s.%d", path, (int)getpid());
	int err = dump_write_file(temporary, kind, status);

	if (!err && rename(temporary, path) < 0)
		err = -errno;
	if (err && err != -EEXIST)
		unlink(temporary);
	x_free(temporary);
	x_free(path);
	return err;
}
