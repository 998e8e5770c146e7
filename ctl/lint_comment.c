/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/lint_comment.h"

#include <string.h>
#include <uthash.h>

#include "config/file.h"
#include "ctl/lint_rules.h"
#include "lib/mem.h"

#define SWITCH "lint: off"

/* What a comment in one line switches off; points into the file's text. */
struct line_switch {
	uint32_t line;
	const char *start; /* of the line */
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

static bool is_divider(char c)
{
	return c == ',' || c == ' ' || c == '\t';
}

const char *lint_next_rule(const char **list, const char *end, size_t *ret_len)
{
	const char *at = *list;
	const char *rule;

	while (at < end && is_divider(*at))
		at++;
	for (rule = at; at < end && !is_divider(*at);)
		at++;
	*list = at;
	*ret_len = (size_t)(at - rule);
	return *ret_len ? rule : NULL;
}

bool lint_is_listed(
	const char *list, size_t list_len, const char *name, size_t name_len)
{
	const char *end = list + list_len;
	const char *rule;
	size_t len;

	while ((rule = lint_next_rule(&list, end, &len)))
		if (len == name_len && !memcmp(rule, name, len))
			return true;
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
	found->start = text;
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

/* One a comment: what follows is mostly more words of the same text. */
static void visit_unknown(const struct comment_file *file,
	const struct line_switch *found, lint_visit_fn *visit, void *arg)
{
	const char *list = found->rules;
	const char *end = list + found->len;
	const char *rule;
	size_t len;

	do
		rule = lint_next_rule(&list, end, &len);
	while (rule && lint_is_rule(rule, len));
	if (rule)
		visit(arg,
			&(struct diag_place){
				.file = file->name,
				.line = found->line,
				.column = (uint32_t)(rule - found->start) + 1,
			},
			rule, len);
}

void lint_comments_visit_unknown(struct lint_comments *comments,
	const struct conf_tree *tree, lint_visit_fn *visit, void *arg)
{
	const struct comment_file *file;
	const char *last = NULL;

	for (uint32_t i = 1; i < conf_tree_count(tree); i++) {
		const char *name = conf_node_place(tree, i).file;

		if (!name || name == last)
			continue;
		open_file(comments, name);
		last = name;
	}
	for (file = comments->files; file; file = file->hh.next)
		for (size_t i = 0; i < file->n; i++)
			visit_unknown(file, &file->switches[i], visit, arg);
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
