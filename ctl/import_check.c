/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/import_check.h"

#include <stdlib.h>
#include <string.h>

#include "config/diag_internal.h"
#include "config/language.h"
#include "ctl/import_result.h"
#include "daemon/language.h"
#include "lib/mem.h"

#define LINES_MAX 5 /* of the same message that are named */

static bool is_same(const struct diag *a, const struct diag *b)
{
	return a->severity == b->severity && a->code == b->code &&
	       !strcmp(a->keyword, b->keyword) &&
	       !strcmp(a->message, b->message) &&
	       !strcmp(a->place.file, b->place.file);
}

static bool was_before(struct diag_list *diags, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (is_same(diag_get(diags, k), diag_get(diags, i)))
			return true;
	return false;
}

static size_t count_others(struct diag_list *diags, size_t i)
{
	size_t n = 0;

	for (size_t k = i + 1; k < diag_count(diags); k++)
		n += is_same(diag_get(diags, i), diag_get(diags, k));
	return n;
}

/* "; the same in lines 26, 34", or "" where the message stands alone; free()
 * it. */
static char *other_lines(struct diag_list *diags, size_t i)
{
	const size_t n = count_others(diags, i);
	char *text = NULL;
	size_t len = 0, named = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort(); /* as lib/mem.h: no memory */
	if (n)
		fprintf(out, "; the same in line%s", n == 1 ? "" : "s");
	for (size_t k = i + 1; named < n && named < LINES_MAX; k++) {
		const struct diag *d = diag_get(diags, k);

		if (is_same(diag_get(diags, i), d))
			fprintf(out, "%s %u", named++ ? "," : "",
				d->place.line);
	}
	if (named < n)
		fprintf(out, " and %zu more", n - named);
	fclose(out);
	return text;
}

/* What an import makes repeats itself: each message once, with the lines
 * that it stands for. */
static void print_once(const struct request *request, struct diag_list *diags,
	const char *name, const struct import_result *result)
{
	struct diag_list *once = diag_list_new();

	for (size_t i = 0; i < diag_count(diags); i++) {
		const struct diag *d = diag_get(diags, i);
		char *others;

		if (was_before(diags, i))
			continue;
		others = other_lines(diags, i);
		if (diag_is_hidden(diags, d->place.file, d->place.line))
			diag_hide_line(once, &d->place);
		diag_add(once, d->severity, d->code, &d->place, d->keyword,
			d->hint, "%s%s", d->message, others);
		free(others);
	}
	diag_keep_lines(once, name, result->text, result->len);
	diag_print(once, request->err.out);
	diag_list_free(once);
}

bool import_check(const struct request *request, const char *name,
	const struct import_result *result)
{
	const struct conf_load_options options = {
		.config_id = request->config_id,
	};
	/* In the folder of the file, from where includes are looked for. */
	char *text_name = x_asprintf(
		"%s (new text)", strcmp(name, "-") ? name : "<stdin>");
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(&tandem_language, text_name,
		result->text, result->len, &options, diags);
	bool good = tree && !diag_count_severity(diags, DIAG_ERROR) &&
		    !diag_count_severity(diags, DIAG_FATAL);

	if (!good)
		print_once(request, diags, text_name, result);
	conf_tree_free(tree);
	diag_list_free(diags);
	x_free(text_name);
	return good;
}
