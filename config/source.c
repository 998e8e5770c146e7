/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/diag_internal.h"
#include "config/lexer.h"
#include "config/odd.h"
#include "config/source_internal.h"
#include "lib/mem.h"

#define MAX_BYTES_DEFAULT ((size_t)40 << 20)
/* A definition or sequence that grows beyond this is a mistake. */
#define EXPANDED_LINES_MAX 2000000
#define EXPANDED_LINE_BYTES 8  /* and the limit for files sets a lower one */
#define KEEPALIVED_LINE_MAX 1022
#define EXPANDED_WORK_FACTOR 4 /* of the limit for files */

static char *short_host_name(void)
{
	char name[256] = "";

	gethostname(name, sizeof(name) - 1);
	name[strcspn(name, ".")] = '\0';
	return x_strdup(name);
}

struct source *source_new(const struct conf_load_options *options)
{
	struct source *s = x_new(struct source, 1);
	struct timespec now;

	s->max_bytes = options && options->max_bytes ? options->max_bytes
						     : MAX_BYTES_DEFAULT;
	s->config_id = options && options->config_id
			       ? x_strdup(options->config_id)
			       : short_host_name();
	if (options && options->all_files)
		s->first_checks = SOURCE_INCLUDE_ALL;
	clock_gettime(CLOCK_REALTIME, &now);
	s->random_seed = (uint32_t)now.tv_nsec ^ (uint32_t)now.tv_sec;
	if (options && options->random_seed)
		s->random_seed = options->random_seed;
	return s;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	while (s->depth)
		source_pop(s);
	source_forget_definitions(s);
	HASH_CLEAR(hh, s->by_name);
	for (size_t i = 0; i < s->n_files; i++) {
		x_free(s->files[i]->name);
		x_free(s->files[i]->content.text);
		x_free(s->files[i]);
	}
	x_free(s->files);
	x_free(s->config_id);
	line_text_free(&s->work);
	x_free(s);
}

size_t source_n_files(const struct source *s)
{
	return s->n_files;
}

size_t source_size(const struct source *s)
{
	return s->n_files ? s->files[0]->content.len : 0;
}

const char *source_file_name(const struct source *s, uint32_t file)
{
	return s->files[file]->name;
}

struct diag_place source_place(const struct source *s,
	const struct source_line *line, size_t offset, size_t len)
{
	struct diag_place place = {
		.file = source_file_name(s, line->file),
		.line = line->line,
		.column = (uint32_t)offset + 1,
		.length = (uint32_t)len,
	};

	if (line->columns && offset < line->len) {
		place.column = line->columns[offset];
		/* What replaced a name has one column. */
		if (offset + len <= line->len && len > 1 &&
			line->columns[offset + len - 1] == place.column)
			place.length = 1;
	}
	return place;
}

void source_keep_lines(const struct source *s, struct diag_list *diags)
{
	for (size_t i = 0; i < s->n_files; i++)
		diag_keep_lines(diags, s->files[i]->name,
			s->files[i]->content.text, s->files[i]->content.len);
}

/* --- the stack --- */

struct input_frame *source_top(struct source *s)
{
	return &s->frames[s->depth - 1];
}

struct input_frame *source_push(struct source *s, enum input_kind kind,
	const struct source_file *file, const struct diag_place *place)
{
	struct input_frame *frame;

	if (s->depth == SOURCE_DEPTH_MAX) {
		diag_add(s->diags, DIAG_ERROR, DIAG_DEFINITION, place, "",
			"does it refer to itself?",
			"includes, definitions and sequences are nested more "
			"than %d deep",
			SOURCE_DEPTH_MAX);
		return NULL;
	}
	frame = &s->frames[s->depth++];
	memset(frame, 0, sizeof(*frame));
	frame->kind = kind;
	frame->file = file;
	frame->line = place->line;
	frame->column = place->column;
	return frame;
}

void source_pop(struct source *s)
{
	struct input_frame *frame = source_top(s);

	x_free(frame->text);
	for (size_t i = 0; i < frame->n_paths; i++)
		x_free(frame->paths[i]);
	x_free(frame->paths);
	if (frame->sequence)
		sequence_free(s, frame->sequence);
	if (frame->kind == INPUT_FILE)
		s->checks = frame->checks;
	s->depth--;
}

void source_abandon_expansions(struct source *s)
{
	while (s->depth && (source_top(s)->kind == INPUT_TEXT ||
				   source_top(s)->kind == INPUT_SEQUENCE))
		source_pop(s);
}

bool source_charge(struct source *s, size_t work)
{
	s->work_expanded += work;
	return s->work_expanded / EXPANDED_WORK_FACTOR <= s->max_bytes;
}

static void restart(struct source *s, struct diag_list *diags)
{
	while (s->depth)
		source_pop(s);
	source_forget_definitions(s);
	s->diags = diags;
	s->bytes_delivered = 0;
	s->lines_expanded = 0;
	s->work_expanded = 0;
	s->random = s->random_seed;
	s->checks = s->first_checks;
}

void source_include_checks(
	struct source *s, unsigned int remove, unsigned int add)
{
	s->checks = (s->checks & ~remove) | add;
}

void source_seed(struct source *s, uint32_t seed)
{
	s->random = seed;
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
		source_add_file(s, file, &content);
		if (!file_is_text(
			    file, content.text, content.len, DIAG_FATAL, diags))
			return -EINVAL;
	}
	source_push_file(s, s->files[0], &place);
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
		source_add_file(s, name, &content);
		if (!file_is_text(name, content.text, len, DIAG_FATAL, diags))
			return -EINVAL;
	}
	source_push_file(s, s->files[0], &place);
	return 0;
}

/* --- lines --- */

/* The next line of text of FRAME as it is; false at its end. */
static bool read_text(struct input_frame *frame, struct source_line *line)
{
	const char *eol;

	if (frame->pos == frame->end)
		return false;
	eol = memchr(frame->pos, '\n', (size_t)(frame->end - frame->pos));
	line->text = frame->pos;
	line->len = (size_t)((eol ? eol : frame->end) - frame->pos);
	frame->pos = eol ? eol + 1 : frame->end;
	return true;
}

/* All bytes of a line that is not in the file stand where it was caused. */
static void set_columns(struct source *s, const struct input_frame *frame,
	struct source_line *line)
{
	line_text_set(&s->work, line);
	for (size_t i = 0; i < s->work.len; i++)
		s->work.columns[i] = frame->column;
	line->text = s->work.text;
	line->columns = s->work.columns;
	line->expanded = true;
}

/* The next line from whatever is on top of the stack. */
static bool read_line(struct source *s, struct source_line *line)
{
	memset(line, 0, sizeof(*line));
	while (s->depth) {
		struct input_frame *frame = source_top(s);
		bool found = false;

		switch (frame->kind) {
		case INPUT_FILE:
			found = read_text(frame, line);
			frame->line += found;
			break;
		case INPUT_TEXT:
			found = read_text(frame, line);
			break;
		case INPUT_SEQUENCE:
			found = sequence_next(s, frame, line);
			break;
		case INPUT_FILES:
			if (frame->next_path < frame->n_paths) {
				source_next_file(s, frame);
				continue;
			}
			break;
		}
		if (found && frame->kind != INPUT_FILE)
			set_columns(s, frame, line);
		if (found) {
			line->file = frame->file->number;
			line->line = frame->line;
			return true;
		}
		source_pop(s);
	}
	return false;
}

/* Takes the backslashes before comment signs away. */
static void unescape_signs(struct source *s, struct source_line *line)
{
	struct line_text *t = &s->work;
	bool quoted = false;

	line_text_set(t, line);
	for (size_t i = 0; i < t->len; i++) {
		if (t->text[i] == '"')
			quoted = !quoted;
		if (t->text[i] != '\\')
			continue;
		if (!quoted && i + 1 < t->len &&
			(t->text[i + 1] == '#' || t->text[i + 1] == '!'))
			line_text_replace(t, i, 1, "", 0);
		else
			i++;
	}
	line->text = t->text;
	line->columns = t->columns;
	line->len = t->len;
}

static void report_odd(struct source *s, const struct source_line *line,
	size_t at, uint32_t point, const struct odd_character *odd)
{
	const struct diag_place place = {
		.file = source_file_name(s, line->file),
		.line = line->line,
		.column = s->work.columns[at],
		.length = 1,
	};
	const char *as = "it is left out";

	if (odd->read_as == ' ')
		as = "it is read as a blank";
	else if (odd->read_as)
		as = "it is read as a quote";
	diag_add(s->diags, DIAG_WARNING, DIAG_ODD_CHARACTER, &place, "",
		"keepalived takes it for a letter: type it anew",
		"U+%04X (%s): %s", point, odd->name, as);
	diag_not_portable(s->diags, &place, "", NULL,
		"keepalived takes U+%04X for a letter", point);
}

/* Reads characters that look like blanks and quotes as such, outside of
 * quotes; the first of a line is told. */
static bool read_odd(struct source *s, struct source_line *line)
{
	struct line_text *t = &s->work;
	bool quoted = false;
	bool found = false;

	if (!odd_any(line->text, line->len))
		return false;
	line_text_set(t, line);
	for (size_t i = 0; i < t->len; i++) {
		const struct odd_character *odd = NULL;
		uint32_t point = 0;
		size_t n = 0;

		if (t->text[i] == '"')
			quoted = !quoted;
		if (!quoted && (unsigned char)t->text[i] >= 0x80)
			odd = odd_find(t->text + i, t->len - i, &point, &n);
		/* A quote that began as one of these ends as one, too. */
		if (!odd || odd->read_as == '?')
			continue;
		if (!found)
			report_odd(s, line, i, point, odd);
		found = true;
		line_text_replace(t, i, n, &odd->read_as, odd->read_as != 0);
		i -= !odd->read_as;
	}
	line->text = t->text;
	line->columns = t->columns;
	line->len = t->len;
	return found;
}

static void measure_indent(struct source_line *line)
{
	size_t max = line->len < UINT32_MAX ? line->len : UINT32_MAX;
	const char *text = line->text;
	uint32_t i = 0;
	uint32_t indent;

	while (i < max && text[i] == ' ')
		i++;
	for (indent = i; i < max && lexer_is_blank(text[i]); i++)
		indent = text[i] == '\t' ? (indent / 8 + 1) * 8 : indent + 1;
	line->indent = indent;
	line->start = i;
}

static void cut_blanks(struct source_line *line)
{
	while (line->len && lexer_is_blank(line->text[line->len - 1]))
		line->len--;
}

static bool is_too_large(struct source *s, const struct source_line *line)
{
	struct diag_place place;
	size_t max_lines = s->max_bytes / EXPANDED_LINE_BYTES;

	if (max_lines > EXPANDED_LINES_MAX)
		max_lines = EXPANDED_LINES_MAX;
	if (line->expanded)
		s->lines_expanded++;
	else
		s->bytes_delivered += line->len + 1;
	if (source_charge(s, line->expanded ? line->len : 0) &&
		s->bytes_delivered <= s->max_bytes + 1 &&
		s->lines_expanded <= max_lines)
		return false;
	place = source_place(s, line, 0, 0);
	diag_add(s->diags, DIAG_FATAL, DIAG_TOO_LARGE, &place, "",
		"the same files are included again and again, or a definition "
		"or sequence grows too far",
		"includes and definitions make this larger than %zu bytes or "
		"%zu lines",
		s->max_bytes, max_lines);
	while (s->depth)
		source_pop(s);
	return true;
}

/* Must the line be looked at by expand.c? */
static bool needs_expansion(const struct source_line *line, bool dollar)
{
	size_t i = line->start;

	while (i < line->len && lexer_is_blank(line->text[i]))
		i++;
	return dollar || (i < line->len && (line->text[i] == '@' ||
						   line->text[i] == '~'));
}

static bool is_word_byte(char c)
{
	return (unsigned char)c > ' ' && !strchr("{}#!\"", c);
}

static void check_line_length(struct source *s, const struct source_line *line)
{
	const struct diag_place place = {
		.file = source_file_name(s, line->file),
		.line = line->line,
		.column = KEEPALIVED_LINE_MAX,
		.length = 1,
	};

	diag_not_portable(s->diags, &place, "", NULL,
		"keepalived does not read lines of more than %d bytes",
		KEEPALIVED_LINE_MAX);
}

/* "pa!ss": what follows may be part of the word.  The line is not shown, as
 * it may hold a password. */
static void check_comment(
	struct source *s, const struct source_line *line, size_t raw_len)
{
	size_t at = line->len;
	struct diag_place place;

	if (at == line->start || at + 1 >= raw_len ||
		!is_word_byte(line->text[at - 1]) ||
		!is_word_byte(line->text[at + 1]))
		return;
	place = source_place(s, line, at, 1);
	diag_add_secret(s->diags, DIAG_WARNING, DIAG_COMMENT, &place,
		"put the word into double quotes if the sign belongs to it, or "
		"a blank before the comment",
		"a comment begins in the middle of a word");
}

/* A '\\' joins lines in definitions only. */
static void check_continuation(
	struct source *s, const struct source_line *line)
{
	struct diag_place place;

	if (line->len < 2 || line->text[line->start] == '$' ||
		!lexer_is_blank(line->text[line->len - 2]))
		return;
	place = source_place(s, line, line->len - 1, 1);
	diag_add(s->diags, DIAG_WARNING, DIAG_DEFINITION, &place, "",
		"write the statement on one line",
		"a '\\' at the end continues the lines of a $ definition only");
}

/* Comment and line end go; false when nothing is left for the parser. */
static bool prepare(struct source *s, struct source_line *line)
{
	struct lexer_signs signs = {
		.dollar = true,
		.braces = true,
		.foreign = true,
	};
	size_t raw_len;

	if (!line->expanded) {
		if (line->len > KEEPALIVED_LINE_MAX)
			check_line_length(s, line);
		measure_indent(line);
		signs = lexer_scan(line->text, line->start, line->len);
		raw_len = line->len;
		line->len = signs.len;
		if (signs.len < raw_len)
			check_comment(s, line, raw_len);
		cut_blanks(line);
		if (signs.foreign && read_odd(s, line)) {
			measure_indent(line);
			signs = lexer_scan(line->text, line->start, line->len);
			line->len = signs.len;
			cut_blanks(line);
		}
		if (signs.escaped)
			unescape_signs(s, line);
	}
	if (!s->open && !line->expanded && line->len &&
		line->text[line->len - 1] == '\\')
		check_continuation(s, line);
	if (s->open && !line->expanded) {
		source_continue_definition(s, line);
		return false;
	}
	line->braces = signs.braces;
	line->foreign = signs.foreign;
	if (!line->len)
		return false;
	if (needs_expansion(line, signs.dollar)) {
		line->braces = true;
		line->start = 0;
		if (source_expand(s, line) == EXPAND_NOTHING)
			return false;
	}
	return !source_try_include(s, line);
}

bool source_next(struct source *s, struct source_line *ret_line)
{
	struct source_line line;

	while (read_line(s, &line)) {
		if (is_too_large(s, &line))
			return false;
		if (prepare(s, &line)) {
			*ret_line = line;
			return true;
		}
	}
	return false;
}
