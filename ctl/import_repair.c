/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes away what the keyword tables refuse: keepalived goes on without such
 * a line, too, with the default in its place.  An error at a line that opens
 * a block takes the block.  What is gone may be missed elsewhere, so the text
 * is checked again until nothing is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl/import_keepalived.h"
#include "lib/mem.h"

/* Rounds of checking the whole text: these in any case, more while all of
 * them together have read no more than that. */
#define ROUNDS_MIN 24
#define CHECKED_BYTES_MAX ((size_t)64 << 20)

struct repair {
	struct kl_lines *lines;
	struct import_notes *notes;
	const char *name;
	bool changed;
	size_t checked_bytes;
};

static struct diag_list *check(const struct conf_language *language,
	struct repair *r, const char *config_id)
{
	const struct conf_load_options options = { .config_id = config_id };
	struct diag_list *diags = diag_list_new();
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return diags;
	for (size_t i = 0; i < r->lines->n; i++)
		fprintf(out, "%s\n",
			r->lines->items[i].ignored ? ""
						   : r->lines->items[i].text);
	fclose(out);
	r->checked_bytes += len;
	conf_tree_free(
		conf_load_text(language, r->name, text, len, &options, diags));
	free(text);
	return diags;
}

/* Braces that are open after the line, were DEPTH before. */
static int depth_after(const char *line, int depth, bool *any)
{
	size_t code = kl_code_len(line, strlen(line));
	size_t at = 0, start, n;

	while (kl_statement(line, code, &at, &start, &n)) {
		if (line[start] == '{') {
			depth++;
			*any = true;
		} else if (line[start] == '}') {
			depth--;
		}
	}
	return depth;
}

static size_t n_statements(const char *line)
{
	size_t code = kl_code_len(line, strlen(line));
	size_t at = 0, start, n, count = 0;

	while (kl_statement(line, code, &at, &start, &n))
		count++;
	return count;
}

static void ignore(struct kl_line *line, const char *why)
{
	if (!line->ignored)
		line->ignored = x_strdup(why);
}

/* The block that begins in line I, of which the '{' may come later. */
static void ignore_block(struct repair *r, size_t first, const char *why)
{
	int depth = 0;
	bool any = false;

	for (size_t i = first; i < r->lines->n; i++) {
		struct kl_line *line = &r->lines->items[i];

		if (line->ignored)
			continue;
		depth = depth_after(line->text, depth, &any);
		ignore(line, i == first ? why : "in that block");
		if (any && depth <= 0)
			return;
	}
}

/* Does a block begin in line I, or in the next that is one? */
static bool opens_block(const struct repair *r, size_t i)
{
	bool any = false;

	if (depth_after(r->lines->items[i].text, 0, &any) > 0)
		return true;
	while (!any && ++i < r->lines->n) {
		const struct kl_line *line = &r->lines->items[i];
		const char *text = line->text + strspn(line->text, " \t");

		if (line->ignored || !n_statements(line->text))
			continue;
		return *text == '{';
	}
	return false;
}

/* Line I, cut in its statements, takes their place. */
static void explode(struct repair *r, size_t i)
{
	struct kl_lines pieces = { 0 };
	struct kl_line *line = &r->lines->items[i];
	const struct kl_origin origin = line->origin;
	size_t code = kl_code_len(line->text, strlen(line->text));
	size_t at = 0, start, n;

	while (kl_statement(line->text, code, &at, &start, &n))
		kl_add(&pieces, x_strndup(line->text + start, n), &origin)
			->changed = true;
	if (pieces.n < 2) {
		kl_lines_free(&pieces);
		return;
	}
	x_free(line->text);
	for (size_t k = 1; k < pieces.n; k++)
		kl_add(r->lines, NULL, &origin);
	memmove(&r->lines->items[i + pieces.n], &r->lines->items[i + 1],
		(r->lines->n - pieces.n - i) * sizeof(*r->lines->items));
	memcpy(&r->lines->items[i], pieces.items,
		pieces.n * sizeof(*pieces.items));
	x_free(pieces.items);
	r->changed = true;
}

/* Of the quoting tokeniser, which uses what there is up to the line's end;
 * the plain one drops the word (2.2.7). */
static bool takes_open_quote(const char *text)
{
	static const char *const words[] = { "script", "notify", "quorum_",
		"misc_path", "regex", "startup_", "shutdown_" };

	text += strspn(text, " \t");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(text, words[i], strlen(words[i])))
			return true;
	return false;
}

static void close_quote(struct repair *r, struct kl_line *line)
{
	char *text = x_asprintf("%s\"", line->text);

	x_free(line->text);
	line->text = text;
	line->changed = true;
	r->changed = true;
	kl_note(r->notes, IMPORT_NOTE, &line->origin,
		"the quote is not closed: it is, at the end of the line");
}

static void take_away(struct repair *r, size_t i, const struct diag *d)
{
	struct kl_line *line = &r->lines->items[i];
	bool block = opens_block(r, i);

	if (block && kl_is_check(line->text, strlen(line->text)))
		kl_note(r->notes, IMPORT_DIFFERS, &line->origin,
			"UNCHECKED: keepalived drops this check and leaves the "
			"server always up: %s",
			d->message);
	else
		kl_note(r->notes, block ? IMPORT_DIFFERS : IMPORT_NOTE,
			&line->origin, "%s: %s is ignored", d->message,
			block ? "the block" : "the line");
	r->changed = true;
	if (block)
		ignore_block(r, i, d->message);
	else
		ignore(line, d->message);
}

/* One error; lines behind it may move only when it is exploded, so errors
 * are taken from the last to the first. */
static void mend(struct repair *r, const struct diag *d)
{
	struct kl_line *line;
	size_t i = d->place.line - 1;

	if (d->severity == DIAG_WARNING || !d->place.line || i >= r->lines->n ||
		strcmp(d->place.file, r->name))
		return;
	line = &r->lines->items[i];
	if (line->ignored)
		return; /* with its block */
	if (d->code == DIAG_UNTERMINATED && takes_open_quote(line->text))
		close_quote(r, line);
	else if (n_statements(line->text) > 2 ||
		 (n_statements(line->text) == 2 && !strchr(line->text, '{')))
		explode(r, i);
	else
		take_away(r, i, d);
}

bool kl_repair(const struct conf_language *language, const char *name,
	const char *config_id, struct kl_lines *lines,
	struct import_notes *notes)
{
	struct repair r = { .lines = lines, .notes = notes, .name = name };

	for (unsigned int round = 0;
		round < ROUNDS_MIN || r.checked_bytes < CHECKED_BYTES_MAX;
		round++) {
		struct diag_list *diags = check(language, &r, config_id);

		r.changed = false;
		for (size_t i = diag_count(diags); i-- > 0;)
			mend(&r, diag_get(diags, i));
		if (!r.changed) {
			bool good = !diag_count_severity(diags, DIAG_ERROR) &&
				    !diag_count_severity(diags, DIAG_FATAL);

			diag_list_free(diags);
			return good;
		}
		diag_list_free(diags);
	}
	return false;
}
