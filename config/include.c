/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Includes: one file, or all that a pattern matches, read in the place of
 * the line.  Paths are relative to the directory of the including file.
 *
 * A file that is not there is a warning, as keepalived goes on without it;
 * the variants of the keyword (includer, includem, includew, includeb and
 * includea) insist on it.
 */
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "config/diag_internal.h"
#include "config/lexer.h"
#include "config/source_internal.h"
#include "lib/mem.h"

struct source_file *source_add_file(
	struct source *s, const char *name, const struct file_text *content)
{
	struct source_file *file = x_new(struct source_file, 1);

	file->name = x_strdup(name);
	file->content = *content;
	file->number = (uint32_t)s->n_files;
	s->files = x_realloc(
		s->files, s->n_files + 1, sizeof(struct source_file *));
	s->files[s->n_files++] = file;
	HASH_ADD_KEYPTR(hh, s->by_name, file->name, strlen(file->name), file);
	s->bytes_read += content->len;
	return file;
}

void source_push_file(struct source *s, const struct source_file *file,
	const struct diag_place *place)
{
	struct input_frame *frame = source_push(s, INPUT_FILE, file, place);
	const struct diag_place start = {
		.file = file->name,
		.line = 1,
		.column = 1,
		.length = 1,
	};

	if (!frame)
		return;
	frame->line = 0;
	frame->checks = s->checks;
	frame->pos = file->content.text;
	frame->end = frame->pos + file->content.len;
	/* The byte-order mark of an editor. */
	if (file->content.len >= 3 && !memcmp(frame->pos, "\xEF\xBB\xBF", 3)) {
		frame->pos += 3;
		diag_not_portable(s->diags, &start, "", NULL,
			"keepalived takes the byte-order mark for letters");
	}
}

static bool is_open(const struct source *s, const struct source_file *file)
{
	for (size_t i = 0; i < s->depth; i++) {
		const struct source_file *open = s->frames[i].file;

		if (s->frames[i].kind != INPUT_FILE)
			continue;
		if (open == file ||
			(file->content.ino &&
				open->content.ino == file->content.ino &&
				open->content.dev == file->content.dev))
			return true;
	}
	return false;
}

/* ABSENT says how bad it is when the file is not there. */
static void include_file(struct source *s, const char *path,
	enum diag_severity absent, const struct diag_place *place)
{
	bool missing = access(path, F_OK) < 0 && errno == ENOENT;
	struct source_file *file;
	struct file_text content;

	diag_add_file(s->diags, path);
	HASH_FIND_STR(s->by_name, path, file);
	if (!file) {
		if (file_read(path, s->max_bytes - s->bytes_read,
			    missing ? absent : DIAG_ERROR, place, "include",
			    s->diags, &content) < 0)
			return;
		file = source_add_file(s, path, &content);
	}
	/* First what costs nothing: a large file may include itself often. */
	if (is_open(s, file))
		diag_add(s->diags, DIAG_ERROR, DIAG_INCLUDE_CYCLE, place,
			"include", "remove this include",
			"'%s' is being read already: it would include itself",
			path);
	else if (file_is_text(path, file->content.text, file->content.len,
			 DIAG_ERROR, s->diags))
		source_push_file(s, file, place);
}

void source_next_file(struct source *s, struct input_frame *frame)
{
	struct diag_place place = {
		.file = frame->file->name,
		.line = frame->line,
		.column = frame->column,
		.length = 1,
	};

	include_file(s, frame->paths[frame->next_path++], DIAG_WARNING, &place);
}

/* A path beside the file of the line. */
static char *resolve(const struct source_line *line, const struct source *s,
	const char *pattern)
{
	const char *from = source_file_name(s, line->file);
	const char *slash = strrchr(from, '/');

	if (pattern[0] == '/' || !slash)
		return x_strdup(pattern);
	return x_asprintf("%.*s%s", (int)(slash + 1 - from), from, pattern);
}

static void report_no_match(
	struct source *s, const char *pattern, const struct diag_place *place)
{
	diag_add(s->diags, DIAG_ERROR, DIAG_IO, place, "include",
		"plain 'include' without include_check allows for that",
		"nothing matches '%s'", pattern);
}

/* Where the brace at OPEN is closed, or the end of the text. */
static const char *closing_brace(const char *open)
{
	size_t depth = 0;

	for (; *open; open++) {
		depth += *open == '{';
		depth -= *open == '}';
		if (!depth)
			break;
	}
	return open;
}

/* The first "{...}" of PATTERN replaced by each of its words in turn: each is
 * to match by itself.  What is nested in it is left to glob(). */
static void check_braces(
	struct source *s, const char *pattern, const struct diag_place *place)
{
	const char *open = strchr(pattern, '{');
	const char *close = open ? closing_brace(open) : NULL;
	const char *word, *end;
	size_t depth = 0;

	if (!open)
		return;
	for (word = end = open + 1; *end; end++) {
		glob_t found;
		char *one;

		depth += *end == '{';
		if (depth || (*end != ',' && *end != '}')) {
			depth -= *end == '}';
			continue;
		}
		one = x_asprintf("%.*s%.*s%s", (int)(open - pattern), pattern,
			(int)(end - word), word, *close ? close + 1 : "");
		if (glob(one, GLOB_BRACE, NULL, &found) == GLOB_NOMATCH)
			report_no_match(s, one, place);
		globfree(&found);
		x_free(one);
		if (*end == '}')
			return;
		word = end + 1;
	}
}

static void include_matches(struct source *s, const struct source_line *line,
	const char *pattern, bool must_match, bool each_brace,
	const struct diag_place *place)
{
	struct input_frame *frame;
	glob_t found;
	int err = glob(pattern, GLOB_BRACE | GLOB_MARK, NULL, &found);

	if (err == GLOB_NOMATCH) {
		globfree(&found);
		/* An empty directory is nothing to complain of. */
		if (must_match)
			report_no_match(s, pattern, place);
		return;
	}
	if (each_brace)
		check_braces(s, pattern, place);
	if (err) {
		diag_add(s->diags, DIAG_ERROR, DIAG_IO, place, "include", NULL,
			"cannot search for '%s'", pattern);
		globfree(&found);
		return;
	}
	frame = source_push(s, INPUT_FILES, s->files[line->file], place);
	if (frame) {
		frame->paths = x_new(char *, found.gl_pathc);
		for (size_t i = 0; i < found.gl_pathc; i++) {
			const char *path = found.gl_pathv[i];

			/* Directories that a pattern matches are passed. */
			if (path[strlen(path) - 1] != '/')
				frame->paths[frame->n_paths++] = x_strdup(path);
		}
	}
	globfree(&found);
}

/* The length of "include" or its variants at the start of TEXT, or 0. */
static size_t keyword_len(const char *text, size_t len)
{
	size_t n = 7;

	if (len < n || memcmp(text, "include", n) != 0)
		return 0;
	if (n < len && memchr("rmwba", text[n], 5))
		n++;
	return n == len || lexer_is_blank(text[n]) ? n : 0;
}

/* What include_check may say that concerns PATTERN. */
static unsigned int pattern_checks(const char *pattern)
{
	return (strpbrk(pattern, "*?[") ? SOURCE_INCLUDE_WILDCARD : 0) |
	       (strchr(pattern, '{') ? SOURCE_INCLUDE_BRACE : 0);
}

bool source_try_include(struct source *s, const struct source_line *line)
{
	const char *text = line->text;
	size_t len = line->len;
	struct diag_place place;
	char *pattern;
	char *path;
	size_t start = line->start;
	size_t n;
	bool strict;

	while (start < len && lexer_is_blank(text[start]))
		start++;
	n = keyword_len(text + start, len - start);
	if (!n)
		return false;
	strict = n > 7;
	place = source_place(s, line, start, n);
	start += n;
	while (start < len && lexer_is_blank(text[start]))
		start++;
	if (start == len) {
		diag_add(s->diags, DIAG_ERROR, DIAG_MISSING_ARGUMENT, &place,
			"include", NULL, "a file name is missing");
		return true;
	}
	place = source_place(s, line, start, len - start);
	if (text[start] == '"' && text[len - 1] == '"' && len - start >= 2) {
		start++;
		len--;
	}
	pattern = x_strndup(text + start, len - start);
	path = resolve(line, s, pattern);
	if (strpbrk(pattern, "*?[{"))
		include_matches(s, line, path,
			strict || s->checks & pattern_checks(pattern),
			s->checks & SOURCE_INCLUDE_BRACE, &place);
	else
		include_file(s, path,
			strict || s->checks & SOURCE_INCLUDE_MATCH
				? DIAG_ERROR
				: DIAG_WARNING,
			&place);
	x_free(path);
	x_free(pattern);
	return true;
}
