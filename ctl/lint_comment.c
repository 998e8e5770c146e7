/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/lint_comment.h"

#include <string.h>
#include <uthash.h>

#include "config/file.h"
#include "lib/mem.h"

#define SWITCH "lint: off"

/* What a comment in one line switches off; points into the file's text. */
struct line_switch {
	uint32_t line;
	const char *rules; /* "" = all */
	size_t len;
};

struct comment_file {
	char *name;
	char *text;		      /* NULL = it cannot be read */
	struct line_switch *switches; /* in the order of lines */
	size_t n;
	UT_hash_handle hh;
};

struct lint_comments {
	struct comment_file *files;
};

bool lint_is_listed(
	const char *list, size_t list_len, const char *name, size_t name_len)
{
	const char *end = list + list_len;

	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		size_t len = (size_t)((comma ? comma : end) - list);

		if (len == name_len && !memcmp(list, name, len))
			return true;
		list += len + (comma != NULL);
	}
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The comment of a line, or NULL; quotes hide the signs. */
static const char *find_comment(const char *text, const char *end)
{
	bool quoted = false;

	for (; text < end; text++) {
		if (*text == '"')
			quoted = !quoted;
		else if (!quoted && (*text == '#' || *text == '!'))
			return text;
	}
	return NULL;
}

static void read_line(struct comment_file *file, uint32_t line,
	const char *text, const char *end)
{
	const char *at = find_comment(text, end);
	const size_t len = sizeof(SWITCH) - 1;
	struct line_switch *found;

	while (at && at < end && (*at == '#' || *at == '!' || is_blank(*at)))
		at++;
	if (!at || (size_t)(end - at) < len || memcmp(at, SWITCH, len) != 0)
		return;
	for (at += len; at < end && is_blank(*at); at++)
		;
	while (end > at && is_blank(end[-1]))
		end--;
	file->switches =
		x_realloc(file->switches, file->n + 1, sizeof(*file->switches));
	found = &file->switches[file->n++];
	found->line = line;
	found->rules = at;
	found->len = (size_t)(end - at);
}

static void read_switches(struct comment_file *file, size_t len)
{
	const char *end = file->text + len;
	const char *text = file->text;

	for (uint32_t line = 1; text < end; line++) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));

		read_line(file, line, text, eol ? eol : end);
		text = eol ? eol + 1 : end;
	}
}

static const struct comment_file *open_file(
	struct lint_comments *comments, const char *name)
{
	struct comment_file *file;
	struct file_text content;

	HASH_FIND_STR(comments->files, name, file);
	if (file)
		return file;
	file = x_new(struct comment_file, 1);
	file->name = x_strdup(name);
	if (file_read_again(name, &content) == 0) {
		file->text = content.text;
		read_switches(file, content.len);
	}
	HASH_ADD_KEYPTR(hh, comments->files, file->name, strlen(name), file);
	return file;
}

/* The last switch at or before LINE; or NULL. */
static const struct line_switch *find_switch(
	const struct comment_file *file, uint32_t line)
{
	size_t from = 0;
	size_t to = file->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (file->switches[middle].line <= line)
			from = middle + 1;
		else
			to = middle;
	}
	return from ? &file->switches[from - 1] : NULL;
}

static bool line_is_off(
	const struct comment_file *file, uint32_t line, const char *rule)
{
	const struct line_switch *found = find_switch(file, line);

	return found && found->line == line &&
	       (!found->len || lint_is_listed(found->rules, found->len, rule,
				       strlen(rule)));
}

bool lint_comments_switch_off(struct lint_comments *comments,
	const struct conf_tree *tree, uint32_t node, const char *rule)
{
	for (; node && node != CONF_NODE_NONE;
		node = conf_node_parent(tree, node)) {
		const struct diag_place place = conf_node_place(tree, node);
		const struct comment_file *file =
			open_file(comments, place.file);

		if (line_is_off(file, place.line, rule) ||
			line_is_off(file, place.line - 1, rule) ||
			line_is_off(file, 1, rule))
			return true;
	}
	return false;
}

struct lint_comments *lint_comments_new(void)
{
	return x_new(struct lint_comments, 1);
}

void lint_comments_free(struct lint_comments *comments)
{
	struct comment_file *file;
	struct comment_file *next;

	if (!comments)
		return;
	HASH_ITER (hh, comments->files, file, next) {
		HASH_DEL(comments->files, file);
		x_free(file->name);
		x_free(file->text);
		x_free(file->switches);
		x_free(file);
	}
	x_free(comments);
}
