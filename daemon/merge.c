/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/merge.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_object *member(
	struct json_object *json, const char *key, json_type type)
{
	struct json_object *value;

	if (!json || !json_object_is_type(json, json_type_object) ||
		!json_object_object_get_ex(json, key, &value) ||
		!json_object_is_type(value, type))
		return NULL;
	return value;
}

static struct json_object *array_of(struct json_object *json, const char *key)
{
	struct json_object *array = member(json, key, json_type_array);

	if (!array) {
		array = json_object_new_array();
		json_object_object_add(json, key, array);
	}
	return array;
}

static void append_all(struct json_object *to, struct json_object *from)
{
	size_t n = from ? json_object_array_length(from) : 0;
	size_t i;

	for (i = 0; i < n; i++)
		json_object_array_add(to,
			json_object_get(json_object_array_get_idx(from, i)));
}

/* --- status --- */

/* A real server has "node" only for us: it says which checks are its own. */
static void merge_server_checks(
	struct json_object *server, struct json_object *checks)
{
	struct json_object *list = NULL;
	struct json_object *node;
	char key[24];

	if (!json_object_object_get_ex(server, "node", &node))
		return;
	snprintf(key, sizeof(key), "%lld",
		(long long)json_object_get_int64(node));
	list = member(checks, key, json_type_array);
	if (list)
		json_object_object_add(server, "checks", json_object_get(list));
	json_object_object_del(server, "node");
}

static void merge_checks(
	struct json_object *services, struct json_object *checks)
{
	size_t n = json_object_array_length(services);
	size_t i;
	size_t k;

	for (i = 0; i < n; i++) {
		struct json_object *servers =
			member(json_object_array_get_idx(services, i),
				"real_servers", json_type_array);
		size_t n_servers = servers ? json_object_array_length(servers)
					   : 0;

		for (k = 0; k < n_servers; k++) {
			struct json_object *server =
				json_object_array_get_idx(servers, k);

			if (json_object_is_type(server, json_type_object))
				merge_server_checks(server, checks);
		}
	}
}

static void merge_role_status(
	struct json_object *base, struct json_object *answer)
{
	if (!json_object_is_type(answer, json_type_object))
		return;
	json_object_object_foreach(answer, key, value)
	{
		if (!strcmp(key, "problems")) {
			if (json_object_is_type(value, json_type_array))
				append_all(array_of(base, "problems"), value);
		} else if (strcmp(key, "checks")) {
			json_object_object_add(
				base, key, json_object_get(value));
		}
	}
}

void merge_status(struct json_object *base, struct json_object *const *answers)
{
	struct json_object *services;
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (answers[id])
			merge_role_status(base, answers[id]);
	array_of(base, "vrrp");
	services = array_of(base, "services");
	merge_checks(services,
		member(answers[ROLE_HEALTHCHECK], "checks", json_type_object));
}

/* --- explain --- */

void merge_explain(struct json_object *base, struct json_object *const *answers)
{
	struct json_object *lines = array_of(base, "explain");
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		append_all(
			lines, member(answers[id], "explain", json_type_array));
	if (!json_object_array_length(lines))
		json_object_object_add(base, "error",
			json_object_new_string(
				"nothing is known about this subject"));
}

/* --- log --- */

static int64_t line_time(struct json_object *line)
{
	struct json_object *time;

	if (!json_object_object_get_ex(line, "time_us", &time))
		return 0;
	return json_object_get_int64(time);
}

static int compare_lines(const void *a, const void *b)
{
	int64_t time_a = line_time(*(struct json_object *const *)a);
	int64_t time_b = line_time(*(struct json_object *const *)b);

	return (time_a > time_b) - (time_a < time_b);
}

void merge_log(struct json_object *base, struct json_object *lines)
{
	json_object_array_sort(lines, compare_lines);
	json_object_object_add(base, "log", lines);
}

/* Is WORD one of WORDS, between which there are blanks? */
static bool is_among(const char *words, const char *word)
{
	size_t len = strlen(word);

	while (*words) {
		size_t n = strcspn(words, " ");

		if (n == len && !strncmp(words, word, n))
			return true;
		words += n + strspn(words + n, " ");
	}
	return false;
}

void merge_keep_only(struct json_object *base, const char *keys)
{
	static const char *const always[] = { "problems", "generation",
		"subject", "error" };

	/* The macro has fetched the next entry before this one goes. */
	json_object_object_foreach(base, name, value)
	{
		bool keep = is_among(keys, name);
		size_t i;

		(void)value;
		for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
			keep = keep || !strcmp(name, always[i]);
		if (!keep)
			json_object_object_del(base, name);
	}
}
