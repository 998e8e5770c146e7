/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/lint.h"

#include <json-c/json.h>
#include <string.h>

#include "config/language.h"
#include "ctl/input.h"
#include "ctl/lint_comment.h"
#include "ctl/lint_rules.h"
#include "daemon/language.h"
#include "lib/mem.h"

static enum exit_status list_rules(const struct request *request)
{
	const struct lint_rule *rule;

	for (rule = lint_rules(); rule->name; rule++)
		fprintf(request->out.out, "%-24s %s\n", rule->name,
			rule->summary);
	return EXIT_DONE;
}

/* The first of LIST that is no rule, to be freed; or NULL.  A rule that is
 * not there is a mistake worth knowing. */
static char *unknown_rule(const char *list)
{
	const char *end = list ? list + strlen(list) : NULL;
	const char *name;
	size_t len;

	while (list && (name = lint_next_rule(&list, end, &len)))
		if (!lint_is_rule(name, len))
			return x_strndup(name, len);
	return NULL;
}

/* Frees NAME. */
static enum exit_status refuse_rule(const struct request *request, char *name)
{
	fprintf(request->err.out,
		"tandemctl: there is no rule '%s' (tandemctl lint lists them)",
		name);
	put_meant(request->err.out, lint_meant_rule(name));
	fputc('\n', request->err.out);
	x_free(name);
	return EXIT_USAGE;
}

static void print(const struct request *request, struct diag_list *diags)
{
	struct json_object *json;

	switch (request->format) {
	case FORMAT_MAN:
	case FORMAT_TEXT:
		diag_print(diags, request->out.out);
		break;
	case FORMAT_GCC:
		diag_print_gcc(diags, request->out.out);
		break;
	case FORMAT_JSON:
		json = diag_to_json(diags);
		fprintf(request->out.out, "%s\n",
			json_object_to_json_string_ext(
				json, JSON_C_TO_STRING_PRETTY |
					      JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(json);
		break;
	}
}

/* The tree of FILE, which has to be without errors; or NULL, and they have
 * been said. */
static struct conf_tree *load(const struct request *request, const char *word)
{
	const char *file = input_name(request, word);
	const struct conf_load_options options = {
		.config_id = request->config_id,
	};
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree =
		file ? conf_load(&tandem_language, file, &options, diags)
		     : NULL;

	if (!file) {
		diag_list_free(diags);
		return NULL;
	}
	if (!tree || diag_count_severity(diags, DIAG_ERROR) ||
		diag_count_severity(diags, DIAG_FATAL)) {
		diag_print(diags, request->err.out);
		fprintf(request->err.out,
			"tandemctl: %s has errors (tandemctl check)\n", file);
		conf_tree_free(tree);
		tree = NULL;
	}
	diag_list_free(diags);
	return tree;
}

static void run_rules(const struct request *request, struct lint *lint)
{
	const char *disable = request->disable ? request->disable : "";
	const struct lint_rule *rule;

	for (rule = lint_rules(); rule->name; rule++) {
		if ((rule->needs_peer && !lint->peer) ||
			lint_is_listed(disable, strlen(disable), rule->name,
				strlen(rule->name)))
			continue;
		lint->rule = rule->name;
		rule->run(lint);
	}
}

static enum exit_status lint_file(const struct request *request)
{
	struct conf_tree *tree = load(request, request->words[0]);
	struct conf_tree *peer = NULL;
	struct lint lint = { .tree = tree };
	enum exit_status status = EXIT_REFUSED;

	if (tree && request->peer) {
		peer = load(request, request->peer);
		lint.peer = peer;
	}
	if (tree && (peer || !request->peer)) {
		lint.diags = diag_list_new();
		lint.comments = lint_comments_new();
		run_rules(request, &lint);
		conf_keep_lines(tree, lint.diags);
		print(request, lint.diags);
		if (!diag_count(lint.diags))
			status = EXIT_DONE;
		lint_comments_free(lint.comments);
		diag_list_free(lint.diags);
	}
	conf_tree_free(peer);
	conf_tree_free(tree);
	return status;
}

enum exit_status lint_run(
	const struct command *command, const struct request *request)
{
	char *unknown = unknown_rule(request->disable);

	(void)command;
	if (unknown)
		return refuse_rule(request, unknown);
	if (request->n_words && request->peer &&
		!strcmp(request->words[0], "-") &&
		!strcmp(request->peer, "-")) {
		fputs("tandemctl: only one of the two can be '-'\n",
			request->err.out);
		return EXIT_USAGE;
	}
	return request->n_words ? lint_file(request) : list_rules(request);
}
