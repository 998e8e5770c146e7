/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What source.c (lines), include.c (files) and expand.c share: a stack of
 * inputs.  Reading goes on with the topmost one.
 */
#ifndef TANDEM_CONFIG_SOURCE_INTERNAL_H
#define TANDEM_CONFIG_SOURCE_INTERNAL_H

#include <uthash.h>

#include "config/file.h"
#include "config/source.h"

#define SOURCE_DEPTH_MAX 64

struct source_file {
	char *name;
	struct file_text content;
	uint32_t number;
	UT_hash_handle hh;
};

enum input_kind {
	INPUT_FILE,
	INPUT_FILES,	/* what a pattern matched, one after the other */
	INPUT_TEXT,	/* the lines of a definition that has several */
	INPUT_SEQUENCE, /* a line again and again */
};

struct sequence;

struct input_frame {
	enum input_kind kind;
	const struct source_file *file; /* whose place lines have */
	uint32_t line;			/* INPUT_FILE: of the line read last */
	uint32_t column;		/* of all bytes; unless INPUT_FILE */
	const char *pos;		/* INPUT_FILE, INPUT_TEXT */
	const char *end;
	char *text;   /* owned by this frame, or NULL */
	char **paths; /* INPUT_FILES */
	size_t n_paths;
	size_t next_path;
	struct sequence *sequence;
	unsigned int checks; /* INPUT_FILE: as they were before it */
};

struct definition {
	char *name;
	char *value; /* lines end with '\n' except the last */
	size_t len;
	size_t capacity;
	bool sequence; /* the variable of one that runs */
	UT_hash_handle hh;
};

/* A name that is not defined, and what was meant by it. */
struct undefined {
	char *name;
	char *meant; /* NULL = who knows */
	UT_hash_handle hh;
};

/* A line that is being changed, with the column of each byte. */
struct line_text {
	char *text;
	uint32_t *columns;
	size_t len;
	size_t capacity;
};

struct source {
	size_t max_bytes;
	char *config_id;
	unsigned int first_checks; /* of enum source_include_check */
	unsigned int checks;
	struct diag_list *diags;
	struct source_file **files;
	size_t n_files;
	struct source_file *by_name;
	size_t bytes_read;	/* of different files */
	size_t bytes_delivered; /* of files; includes may repeat */
	size_t lines_expanded;
	size_t work_expanded; /* about the bytes that expansion moved */
	struct input_frame frames[SOURCE_DEPTH_MAX];
	size_t depth;
	struct definition *definitions;
	struct undefined *undefined;
	struct definition *open; /* goes on in the next line */
	struct line_text work;
	uint32_t random;
	uint32_t random_seed;
};

/* --- source.c --- */

/* NULL, after having said so, when inputs are nested too deep. */
struct input_frame *source_push(struct source *s, enum input_kind kind,
	const struct source_file *file, const struct diag_place *place);
void source_pop(struct source *s);
/* Leaves the expansions that are under way; files go on. */
void source_abandon_expansions(struct source *s);
/* Charges WORK; false when expansion has taken more than is sane. */
bool source_charge(struct source *s, size_t work);
struct input_frame *source_top(struct source *s);

/* --- include.c --- */

struct source_file *source_add_file(
	struct source *s, const char *name, const struct file_text *content);
void source_push_file(struct source *s, const struct source_file *file,
	const struct diag_place *place);
/* Is LINE an include line?  Then does what it says. */
bool source_try_include(struct source *s, const struct source_line *line);
/* Pushes the next file of an INPUT_FILES frame. */
void source_next_file(struct source *s, struct input_frame *frame);

/* --- expand.c --- */

enum expand_result {
	EXPAND_LINE,	/* LINE is ready */
	EXPAND_NOTHING, /* it was a definition, or a condition is false */
};

/* The text of LINE may change; it then lies in s->work. */
enum expand_result source_expand(struct source *s, struct source_line *line);
/* Adds LINE to the definition that is open. */
void source_continue_definition(
	struct source *s, const struct source_line *line);
void source_forget_definitions(struct source *s);
/* The sequence's next line; false when it is over. */
bool sequence_next(
	struct source *s, struct input_frame *frame, struct source_line *line);
void sequence_free(struct source *s, struct sequence *sequence);

void line_text_set(struct line_text *t, const struct source_line *line);
void line_text_replace(struct line_text *t, size_t at, size_t n,
	const char *value, size_t len);
void line_text_free(struct line_text *t);

#endif
