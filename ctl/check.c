/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/check.h"

#include <json-c/json.h>

#include "config/language.h"
#include "ctl/input.h"
#include "daemon/language.h"

static void put_json(FILE *out, struct diag_list *diags)
{
	struct json_object *json = diag_to_json(diags);

	fprintf(out, "%s\n",
		json_object_to_json_string_ext(json,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

/* Whether a daemon would take the file, and in spite of what. */
static void put_verdict(const struct request *request, const char *file,
	size_t errors, size_t warnings, bool good)
{
	const struct screen *screen = &request->out;

	screen_put(screen, STYLE_PLAIN, file);
	fputs(": ", screen->out);
	if (good && errors) {
		screen_put(screen, STYLE_WARN, "usable with --lenient");
		fprintf(screen->out, ": %zu error%s ignored, %zu warning%s\n",
			errors, errors == 1 ? "" : "s", warnings,
			warnings == 1 ? "" : "s");
		return;
	}
	screen_put(screen, good ? STYLE_GOOD : STYLE_BAD,
		good ? "good" : "refused");
	fprintf(screen->out, " (%zu error%s, %zu warning%s)\n", errors,
		errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}

static enum exit_status check_file(
	const struct request *request, const char *file)
{
	const struct conf_load_options options = {
		.config_id = request->config_id,
		.lenient = request->lenient,
	};
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree =
		conf_load(&tandem_language, file, &options, diags);
	size_t fatal = diag_count_severity(diags, DIAG_FATAL);
	size_t errors = diag_count_severity(diags, DIAG_ERROR) + fatal;
	bool good = tree && !fatal && (request->lenient || !errors);

	switch (request->format) {
	case FORMAT_MAN:
	case FORMAT_TEXT:
		diag_print(diags, request->out.out);
		put_verdict(request, file, errors,
			diag_count_severity(diags, DIAG_WARNING), good);
		break;
	case FORMAT_GCC:
		diag_print_gcc(diags, request->out.out);
		break;
	case FORMAT_JSON:
		put_json(request->out.out, diags);
		break;
	}
	conf_tree_free(tree);
	diag_list_free(diags);
	return good ? EXIT_DONE : EXIT_REFUSED;
}

enum exit_status check_run(
	const struct command *command, const struct request *request)
{
	(void)command;
	return check_file(request, input_name_unread(request->words[0]));
}
