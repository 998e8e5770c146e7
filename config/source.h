/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of a configuration as one stream of lines.
 *
 * Follows includes, takes comments away, obeys `@` conditions and expands
 * `$` definitions and `~` sequences.  A line that comes out of an expansion
 * keeps the place of the line that caused it, and every byte of a line knows
 * its column in the file.
 */
#ifndef TANDEM_CONFIG_SOURCE_H
#define TANDEM_CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/diag.h"
#include "config/language.h"

struct source;

/* Borrowed until the next call of source_next(). */
struct source_line {
	const char *text; /* not terminated; without comment and line end */
	size_t len;
	const uint32_t *columns; /* of each byte; NULL = offset + 1 */
	uint32_t file;		 /* number of the file */
	uint32_t line;
	uint32_t indent; /* columns before the first word */
	uint32_t start;	 /* at least so many bytes are blanks before it */
	bool expanded;	 /* the indentation says nothing */
	bool braces;	 /* there may be some */
	bool foreign;	 /* there are bytes beyond ASCII */
	uint32_t condition; /* tells its `@` condition from others; 0 = none */
	bool dropped;	    /* it is false, but the line has braces to match */
};

struct source *source_new(const struct conf_load_options *options);
void source_free(struct source *s);

/* Reads FILE into memory and starts there; problems go to DIAGS.  0, or
 * -errno when there is nothing to parse.  A second call starts again. */
int source_open(struct source *s, const char *file, struct diag_list *diags);
/* The same with LEN bytes of TEXT, which are copied. */
int source_open_text(struct source *s, const char *name, const char *text,
	size_t len, struct diag_list *diags);

bool source_next(struct source *s, struct source_line *ret_line);
/* What has to be so for an include that says nothing of its own.  All of them
 * but the first are about files that are not there. */
enum source_include_check {
	SOURCE_INCLUDE_READABLE = 1 << 0,
	SOURCE_INCLUDE_MATCH = 1 << 1,	  /* a file without a pattern */
	SOURCE_INCLUDE_WILDCARD = 1 << 2, /* something matches a pattern */
	SOURCE_INCLUDE_BRACE = 1 << 3,	  /* and each word in braces */
	SOURCE_INCLUDE_ALL = (1 << 4) - 1,
};

/* For includes from here on, to the end of the file that is being read: the
 * former checks without REMOVE and with ADD. */
void source_include_checks(
	struct source *s, unsigned int remove, unsigned int add);
/* From here on ${_RANDOM} gives the numbers that belong to SEED. */
void source_seed(struct source *s, uint32_t seed);

/* Bytes of the file that was opened, without what it includes. */
size_t source_size(const struct source *s);
size_t source_n_files(const struct source *s);
const char *source_file_name(const struct source *s, uint32_t file);

/* Where the bytes from OFFSET on stand in the file. */
struct diag_place source_place(const struct source *s,
	const struct source_line *line, size_t offset, size_t len);

/* Gives all source lines that diagnostics point at to DIAGS. */
void source_keep_lines(const struct source *s, struct diag_list *diags);

#endif
