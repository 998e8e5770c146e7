/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/show_file.h"

#include <json-c/json.h>

#include "config/effective_print.h"
#include "ctl/input.h"
#include "daemon/language.h"

struct conf_tree *show_load(
	const struct request *request, const char *file, bool *ret_good)
{
	const struct conf_load_options options = {
		.config_id = request->config_id,
		.lenient = request->lenient,
		.random_seed = 1, /* chance is no difference of two files */
	};
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree =
		conf_load(&tandem_language, file, &options, diags);
	bool fatal = !tree || diag_count_severity(diags, DIAG_FATAL);
	bool errors = fatal || diag_count_severity(diags, DIAG_ERROR);

	*ret_good = !fatal && (request->lenient || !errors);
	/* `check` is there for warnings. */
	if (errors)
		diag_print(diags, request->err.out);
	diag_list_free(diags);
	return tree;
}

static void put_json(const struct request *request, const char *file,
	const struct conf_tree *tree)
{
	struct json_object *name = json_object_new_string(file);

	fprintf(request->out.out, "{\"file\":%s,\"config\":",
		json_object_to_json_string_ext(
			name, JSON_C_TO_STRING_NOSLASHESCAPE));
	effective_put_json(request->out.out, &tandem_language, tree,
		request->defaults);
	fputs("}\n", request->out.out);
	json_object_put(name);
}

enum exit_status show_config_file(const struct request *request)
{
	const struct effective_print_options options = {
		.origin = request->origin,
		.defaults = request->defaults,
	};
	const char *file = input_name(request, request->words[1]);
	bool good;
	struct conf_tree *tree = file ? show_load(request, file, &good) : NULL;

	if (!tree)
		return EXIT_REFUSED;
	switch (request->format) {
	case FORMAT_JSON:
		put_json(request, file, tree);
		break;
	case FORMAT_TEXT:
	case FORMAT_GCC:
	case FORMAT_MAN:
		effective_print(request->out.out, &tandem_language, tree,
			&options);
		break;
	}
	conf_tree_free(tree);
	return good ? EXIT_DONE : EXIT_REFUSED;
}
