/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/language.h"

#include <errno.h>
#include <string.h>

#include "config/builder.h"
#include "config/diag_internal.h"
#include "config/file.h"
#include "config/parse.h"
#include "config/scope.h"
#include "lib/mem.h"

struct input {
	const char *name; /* of the file or the text */
	const char *text; /* NULL = read the file */
	size_t len;
	bool portable;
};

struct attempt {
	struct diag_list *diags;
	struct builder *builder;
	struct parse_result result;
};

static int open_input(struct source *source, const struct input *input,
	struct diag_list *diags)
{
	if (input->text)
		return source_open_text(
			source, input->name, input->text, input->len, diags);
	return source_open(source, input->name, diags);
}

static int attempt(const struct conf_language *language, struct source *source,
	const struct input *input, enum parse_mode mode, struct attempt *a)
{
	struct scopes *scopes;
	int err;

	a->diags = diag_list_new();
	if (input->portable)
		diag_want_portable(a->diags);
	a->builder = builder_new();
	err = open_input(source, input, a->diags);
	if (err)
		return err;
	builder_expect(a->builder, source_size(source));
	scopes = scopes_new(language->views);
	parse_source(source, scopes, mode, a->builder, a->diags, &a->result);
	scopes_free(scopes);
	return 0;
}

static void drop_attempt(struct attempt *a)
{
	diag_list_free(a->diags);
	builder_free(a->builder);
}

/* A file whose braces are wrong is parsed again, with the help of what else
 * shows its structure. */
static int parse(const struct conf_language *language, struct source *source,
	const struct input *input, struct attempt *a)
{
	struct attempt again = { .diags = NULL };
	const struct parse_result *r = &a->result;
	int err = attempt(language, source, input, PARSE_BRACES, a);

	if (err || !r->braces_wrong)
		return err;
	again.result.n_surplus = r->n_surplus;
	err = attempt(language, source, input,
		r->n_deeper >= 4 * (uint64_t)r->n_flat ? PARSE_INDENTATION
						       : PARSE_KEYWORDS,
		&again);
	if (err) {
		drop_attempt(&again);
		return 0;
	}
	drop_attempt(a);
	*a = again;
	return 0;
}

static void bind_all(const struct conf_language *language,
	const struct conf_tree *tree, bool lenient, struct diag_list *diags)
{
	for (size_t i = 0; language->views[i]; i++) {
		struct conf_bind ctx = {
			.tree = tree,
			.diags = diags,
			.lenient = lenient,
		};

		if (!language->views[i]->size)
			continue;
		ctx.arena = arena_new();
		conf_bind_root(&ctx, language->views[i]);
		arena_free(ctx.arena);
	}
}

static void report_empty(const char *name, struct diag_list *diags)
{
	struct diag_place place = { .file = name, .line = 1, .column = 1 };

	diag_add(diags, DIAG_ERROR, DIAG_EMPTY, &place, "",
		"at the least a vrrp_instance or a virtual_server is needed",
		"the configuration is empty");
}

/* The source lines of what binding reported: the texts are gone by then. */
static void keep_lines_again(const struct input *input,
	const struct conf_tree *tree, struct diag_list *diags)
{
	for (uint32_t i = 0; i < tree->header->n_files; i++) {
		const char *name = tree->strings + tree->files[i];
		struct file_text file;

		if (input->text && !strcmp(name, input->name)) {
			diag_keep_lines(diags, name, input->text, input->len);
		} else if (!file_read_again(name, &file)) {
			diag_keep_lines(diags, name, file.text, file.len);
			x_free(file.text);
		}
	}
}

static struct conf_tree *load(const struct conf_language *language,
	const struct input *input, const struct conf_load_options *options,
	struct diag_list *diags)
{
	struct source *source = source_new(options);
	struct attempt a = { .diags = NULL };
	struct conf_tree *tree = NULL;
	size_t n_diags;
	int err;

	if (input->portable)
		diag_want_portable(diags);
	err = parse(language, source, input, &a);

	if (!err && diag_count_severity(a.diags, DIAG_FATAL))
		err = -EINVAL;
	if (!err && !a.result.n_statements &&
		!diag_count_severity(a.diags, DIAG_ERROR))
		report_empty(input->name, a.diags);
	diag_move_all(diags, a.diags);
	diag_list_free(a.diags);
	source_keep_lines(source, diags);
	source_free(source);
	if (err) {
		builder_free(a.builder);
		return NULL;
	}
	tree = builder_finish(a.builder);
	if (diag_has_code(diags, DIAG_SECRET_READABLE) &&
		language->strict_secrets && language->strict_secrets(tree))
		diag_make_errors(diags, DIAG_SECRET_READABLE);
	n_diags = diag_count(diags);
	bind_all(language, tree, options && options->lenient, diags);
	if (diag_count(diags) > n_diags)
		keep_lines_again(input, tree, diags);
	return tree;
}

struct conf_tree *conf_load(const struct conf_language *language,
	const char *file, const struct conf_load_options *options,
	struct diag_list *diags)
{
	const struct input input = {
		.name = file,
		.portable = options && options->portable,
	};

	return load(language, &input, options, diags);
}

struct conf_tree *conf_load_text(const struct conf_language *language,
	const char *name, const char *text, size_t len,
	const struct conf_load_options *options, struct diag_list *diags)
{
	const struct input input = {
		.name = name,
		.text = text,
		.len = len,
		.portable = options && options->portable,
	};

	return load(language, &input, options, diags);
}

void conf_keep_lines(const struct conf_tree *tree, struct diag_list *diags)
{
	const struct input none = { .name = "" };

	keep_lines_again(&none, tree, diags);
}
