/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/show_config.h"

#include <json-c/json.h>

#include "daemon/generation.h"
#include "daemon/language.h"
#include "lib/mem.h"

static char *print(const struct generation *generation,
	const struct effective_print_options *options)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return x_strdup("");
	effective_print(out, &tandem_language, generation->tree, options);
	fclose(out);
	return text ? text : x_strdup("");
}

char *show_config_text(const struct generation *generation)
{
	const struct effective_print_options options = { .origin = true };

	return print(generation, &options);
}

struct json_object *show_config_json(const struct generation *generation,
	const struct effective_print_options *options)
{
	struct json_object *json = json_object_new_object();
	char *text = print(generation, options);

	json_object_object_add(
		json, "generation", json_object_new_int64(generation->number));
	json_object_object_add(
		json, "file", json_object_new_string(generation->file));
	json_object_object_add(json, "text", json_object_new_string(text));
	json_object_object_add(json, "config",
		effective_json(&tandem_language, generation->tree,
			options->defaults));
	x_free(text);
	return json;
}
