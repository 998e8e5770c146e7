/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/source.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "config/diag_internal.h"
#include "config/file.h"
#include "config/lexer.h"
#include "lib/mem.h"

#define MAX_BYTES_DEFAULT ((size_t)256 << 20)
#define DEPTH_MAX 32

struct source_file {
	char *name;
	struct file_text content;
	uint32_t number;
	UT_hash_handle hh;
};

/* Where reading is in one file. */
struct frame {
	const struct source_file *file;
	const char *pos;
	const char *end;
	uint32_t line; /* of the line that was read last */
};

struct source {
	size_t max_bytes;
	struct diag_list *diags;
	struct source_file **files;
	size_t n_files;
	struct source_file *by_name;
	size_t bytes_read;	/* of different files */
	size_t bytes_delivered; /* includes may repeat */
	bool too_large;
	struct frame frames[DEPTH_MAX];
	size_t depth;
	char *buf; /* the line, when it is not as in the file */
	size_t buf_size;
	struct source_piece *pieces;
	size_t n_pieces;
	size_t pieces_capacity;
};

struct source *source_new(const struct conf_load_options *options)
{
	struct source *s = x_new(struct source, 1);

	s->max_bytes = options && options->max_bytes ? options->max_bytes
						     : MAX_BYTES_DEFAULT;
	return s;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	HASH_CLEAR(hh, s->by_name);
	for (size_t i = 0; i < s->n_files; i++) {
		x_free(s->files[i]->name);
		x_free(s->files[i]->content.text);
		x_free(s->files[i]);
	}
	x_free(s->files);
	x_free(s->buf);
	x_free(s->pieces);
	x_free(s);
}

size_t source_n_files(const struct source *s)
{
	return s->n_files;
}

const char *source_file_name(const struct source *s, uint32_t file)
{
	return s->files[file]->name;
}

uint32_t source_column(const struct source_line *line, size_t offset)
{
	size_t i = line->n_pieces;

	while (i > 0 && line->pieces[i - 1].offset > offset)
		i--;
	if (!i)
		return (uint32_t)offset + 1;
	if (line->pieces[i - 1].replaced)
		return line->pieces[i - 1].column;
	return line->pieces[i - 1].column + (uint32_t)offset -
	       line->pieces[i - 1].offset;
}

void source_keep_lines(const struct source *s, struct diag_list *diags)
{
	for (size_t i = 0; i < s->n_files; i++)
		diag_keep_lines(diags, s->files[i]->name,
			s->files[i]->content.text, s->files[i]->content.len);
}

/* --- files --- */

static struct source_file *add_file(
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

static void push_file(struct source *s, const struct source_file *file)
{
	struct frame *frame = &s->frames[s->depth++];

	frame->file = file;
	frame->pos = file->content.text;
	frame->end = frame->pos + file->content.len;
	frame->line = 0;
	if (file->content.len >= 3 && !memcmp(frame->pos, "\xEF\xBB\xBF", 3))
		frame->pos += 3;
}

static void restart(struct source *s, struct diag_list *diags)
{
	s->diags = diags;
	s->depth = 0;
	s->bytes_delivered = 0;
	s->too_large = false;
}

int source_open(struct source *s, const char *file, struct diag_list *diags)
{
	struct diag_place place = { .file = file };
	struct file_text content;
	int err;

	restart(s, diags);
	diag_add_file(diags, file);
	if (!s->n_files) {
		err = file_read(file, s->max_bytes, DIAG_FATAL, &place, "",
			diags, &content);
		if (err)
			return err;
		add_file(s, file, &content);
		if (!file_is_text(
			    file, content.text, content.len, DIAG_FATAL, diags))
			return -EINVAL;
	}
	push_file(s, s->files[0]);
	return 0;
}

int source_open_text(struct source *s, const char *name, const char *text,
	size_t len, struct diag_list *diags)
{
	struct diag_place place = { .file = name };
	struct file_text content = { .len = len };

	restart(s, diags);
	diag_add_file(diags, name);
	if (len > s->max_bytes) {
		diag_add(diags, DIAG_FATAL, DIAG_TOO_LARGE, &place, "", NULL,
			"too large for a configuration");
		return -EFBIG;
	}
	if (!s->n_files) {
		content.text = x_realloc(NULL, len, 1);
		if (len)
			memcpy(content.text, text, len);
		add_file(s, name, &content);
		if (!file_is_text(name, content.text, len, DIAG_FATAL, diags))
			return -EINVAL;
	}
	push_file(s, s->files[0]);
	return 0;
}

/* --- includes --- */

static bool is_open(const struct source *s, const struct source_file *file)
{
	for (size_t i = 0; i < s->depth; i++) {
		const struct source_file *open = s->frames[i].file;

		if (open == file ||
			(file->content.ino &&
				open->content.ino == file->content.ino &&
				open->content.dev == file->content.dev))
			return true;
	}
	return false;
}

static void include_file(struct source *s, const char *path,
	enum diag_severity severity, const struct diag_place *place)
{
	struct source_file *file;
	struct file_text content;

	diag_add_file(s->diags, path);
	HASH_FIND_STR(s->by_name, path, file);
	if (!file) {
		if (file_read(path, s->max_bytes - s->bytes_read, severity,
			    place, "include", s->diags, &content) < 0)
			return;
		file = add_file(s, path, &content);
		if (!file_is_text(path, content.text, content.len, DIAG_ERROR,
			    s->diags)) {
			file->content.len = 0;
			return;
		}
	}
	if (is_open(s, file))
		diag_add(s->diags, DIAG_ERROR, DIAG_INCLUDE_CYCLE, place,
			"include", "remove this include",
			"'%s' includes itself", path);
	else if (s->depth == DEPTH_MAX)
		diag_add(s->diags, DIAG_ERROR, DIAG_INCLUDE_CYCLE, place,
			"include", NULL, "more than %d files in each other",
			DEPTH_MAX);
	else
		push_file(s, file);
}

static void include_pattern(
	struct source *s, const char *pattern, const struct diag_place *place)
{
	const char *from = s->frames[s->depth - 1].file->name;
	const char *slash = strrchr(from, '/');
	bool wild = strpbrk(pattern, "*?[{") != NULL;
	glob_t found;
	char *path;
	int err;

	path = x_asprintf("%.*s%s",
		pattern[0] == '/' || !slash ? 0 : (int)(slash + 1 - from), from,
		pattern);
	if (!wild) {
		include_file(s, path, DIAG_ERROR, place);
		x_free(path);
		return;
	}
	err = glob(path, GLOB_BRACE, NULL, &found);
	/* The last one that is pushed is read first. */
	for (size_t i = err ? 0 : found.gl_pathc; i > 0; i--)
		include_file(s, found.gl_pathv[i - 1], DIAG_ERROR, place);
	if (!err || err == GLOB_NOMATCH)
		globfree(&found);
	x_free(path);
}

/* Is TEXT an include line?  Then does what it says. */
static bool try_include(struct source *s, const struct source_line *line)
{
	const char *text = line->text;
	size_t len = line->len;
	struct diag_place place = {
		.file = source_file_name(s, line->file),
		.line = line->line,
	};
	size_t start = 0;
	char *pattern;

	while (start < len && lexer_is_blank(text[start]))
		start++;
	if (len - start < 7 || memcmp(text + start, "include", 7) != 0)
		return false;
	place.column = source_column(line, start);
	place.length = 7;
	start += 7;
	if (start < len && text[start] && strchr("rmwba", text[start]))
		start++;
	if (start < len && !lexer_is_blank(text[start]))
		return false;
	while (start < len && lexer_is_blank(text[start]))
		start++;
	if (start == len) {
		diag_add(s->diags, DIAG_ERROR, DIAG_MISSING_ARGUMENT, &place,
			"include", NULL, "a file name is missing");
		return true;
	}
	place.column = source_column(line, start);
	place.length = (uint32_t)(len - start);
	if (text[start] == '"' && text[len - 1] == '"' && len - start >= 2) {
		start++;
		len--;
	}
	pattern = x_strndup(text + start, len - start);
	include_pattern(s, pattern, &place);
	x_free(pattern);
	return true;
}

/* --- lines --- */

static bool next_raw(struct source *s, const char **ret_text, size_t *ret_len)
{
	struct frame *frame;
	const char *eol;

	while (s->depth &&
		s->frames[s->depth - 1].pos == s->frames[s->depth - 1].end)
		s->depth--;
	if (!s->depth)
		return false;
	frame = &s->frames[s->depth - 1];
	eol = memchr(frame->pos, '\n', (size_t)(frame->end - frame->pos));
	*ret_text = frame->pos;
	*ret_len = (size_t)((eol ? eol : frame->end) - frame->pos);
	frame->pos = eol ? eol + 1 : frame->end;
	frame->line++;
	return true;
}

static void add_piece(
	struct source *s, size_t offset, size_t column, bool replaced)
{
	struct source_piece *piece;

	if (s->n_pieces == s->pieces_capacity) {
		s->pieces_capacity = s->pieces_capacity ? s->pieces_capacity * 2
							: 16;
		s->pieces = x_realloc(
			s->pieces, s->pieces_capacity, sizeof(*piece));
	}
	piece = &s->pieces[s->n_pieces++];
	piece->offset = (uint32_t)offset;
	piece->column = (uint32_t)column;
	piece->replaced = replaced;
}

/* The length of TEXT up to its comment; *RET_ESCAPED says that there are
 * escaped comment signs before. */
static size_t find_comment(const char *text, size_t len, bool *ret_escaped)
{
	bool quoted = false;

	*ret_escaped = false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"') {
			quoted = !quoted;
		} else if (quoted) {
			continue;
		} else if (text[i] == '#' || text[i] == '!') {
			return i;
		} else if (text[i] == '\\' && i + 1 < len &&
			   (text[i + 1] == '#' || text[i + 1] == '!')) {
			*ret_escaped = true;
			i++;
		}
	}
	return len;
}

/* Takes the backslashes before comment signs away. */
static void unescape_signs(struct source *s, struct source_line *line)
{
	bool quoted = false;
	size_t out = 0;

	if (s->buf_size < line->len) {
		s->buf_size = line->len;
		s->buf = x_realloc(s->buf, s->buf_size, 1);
	}
	for (size_t i = 0; i < line->len; i++) {
		char c = line->text[i];

		if (c == '"')
			quoted = !quoted;
		if (c == '\\' && !quoted && i + 1 < line->len &&
			(line->text[i + 1] == '#' ||
				line->text[i + 1] == '!')) {
			i++;
			add_piece(s, out, source_column(line, i), false);
		}
		s->buf[out++] = line->text[i];
	}
	line->text = s->buf;
	line->len = out;
}

static void trim(struct source_line *line)
{
	size_t start = 0;

	line->indent = 0;
	while (line->len && lexer_is_blank(line->text[line->len - 1]))
		line->len--;
	for (; start < line->len && lexer_is_blank(line->text[start]); start++)
		line->indent = line->text[start] == '\t'
				       ? (line->indent / 8 + 1) * 8
				       : line->indent + 1;
}

static void report_too_large(struct source *s, const struct source_line *line)
{
	struct diag_place place = {
		.file = source_file_name(s, line->file),
		.line = line->line,
		.column = 1,
	};

	diag_add(s->diags, DIAG_FATAL, DIAG_TOO_LARGE, &place, "",
		"the same files are included again and again, or a definition "
		"grows without end",
		"the configuration becomes larger than %zu bytes",
		s->max_bytes);
	s->too_large = true;
	s->depth = 0;
}

bool source_next(struct source *s, struct source_line *ret_line)
{
	struct source_line line = { 0 };
	bool escaped;

	while (next_raw(s, &line.text, &line.len)) {
		const struct frame *frame = &s->frames[s->depth - 1];

		line.file = frame->file->number;
		line.line = frame->line;
		s->n_pieces = 0;
		line.n_pieces = 0;
		s->bytes_delivered += line.len + 1;
		if (s->bytes_delivered > s->max_bytes + 1) {
			report_too_large(s, &line);
			return false;
		}
		line.len = find_comment(line.text, line.len, &escaped);
		trim(&line);
		if (!line.len)
			continue;
		if (escaped)
			unescape_signs(s, &line);
		line.pieces = s->pieces;
		line.n_pieces = s->n_pieces;
		if (try_include(s, &line))
			continue;
		*ret_line = line;
		return true;
	}
	return false;
}
