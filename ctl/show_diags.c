/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/show_diags.h"

#include <json-c/json.h>
#include <string.h>

#include "config/diag.h"
#include "ctl/answer.h"
#include "lib/mem.h"

/* What comes from the daemon is no cleaner than its files. */
static const char *text_of(
	struct arena *arena, struct json_object *json, const char *key)
{
	const char *text = answer_text(json, key);

	return diag_clean(arena, text ? text : "", text ? strlen(text) : 0);
}

static uint32_t number_of(struct json_object *json, const char *key)
{
	int64_t number = answer_int(json, key, 0);

	return number > 0 && number < UINT32_MAX ? (uint32_t)number : 0;
}

static void show_one(FILE *out, struct json_object *json)
{
	struct arena *arena = arena_new();
	const struct diag diag = {
		.severity = strcmp(answer_text(json, "severity"), "warning")
				    ? DIAG_ERROR
				    : DIAG_WARNING,
		.place.file = text_of(arena, json, "file"),
		.place.line = number_of(json, "line"),
		.place.column = number_of(json, "column"),
		.place.length = number_of(json, "length"),
		.keyword = text_of(arena, json, "keyword"),
		.message = text_of(arena, json, "message"),
		.hint = text_of(arena, json, "hint"),
		.source = text_of(arena, json, "source"),
	};

	diag_print_one(&diag, out);
	arena_free(arena);
}

void show_diags(FILE *out, struct json_object *answer)
{
	size_t n;
	struct json_object *list = answer_array(answer, "diagnostics", &n);

	for (size_t i = 0; i < n; i++)
		show_one(out, json_object_array_get_idx(list, i));
}
