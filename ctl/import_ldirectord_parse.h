/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What reading ldirectord.cf is made of: the line at hand, and its values.
 * What is wrong with a value is noted where it is read.
 */
#ifndef TANDEM_CTL_IMPORT_LDIRECTORD_PARSE_H
#define TANDEM_CTL_IMPORT_LDIRECTORD_PARSE_H

#include "ctl/import_ldirectord.h"

/* One `name = value` line. */
struct ld_line {
	uint32_t number;
	uint32_t column;       /* of the name */
	uint32_t value_column; /* of the value */
	const char *name;
	size_t name_len;
	char *value; /* terminated, without blanks around it */
	bool indented;
};

struct ld_parser {
	const struct import_resolver *resolver;
	struct ld_file *file;
	struct ld_virtual *current; /* NULL = global */
	struct ld_line line;
};

static inline struct import_notes *ld_notes_of(struct ld_parser *p)
{
	return p->current ? &p->current->notes : &p->file->notes;
}

#define ld_say(p, level, ...)                                                  \
	import_note(ld_notes_of(p), (level), (p)->line.number,                 \
		(p)->line.value_column, __VA_ARGS__)

/* The first number in the value, MIN to MAX; false when it is not taken. */
bool ld_take_number(
	struct ld_parser *p, uint32_t min, uint32_t max, uint32_t *ret);
/* yes or no. */
void ld_take_bool(struct ld_parser *p, enum ld_bool *ret);
/* The value, in quotes or not, in place of *RET. */
void ld_take_string(struct ld_parser *p, char **ret);
/* The address of NAME into RET, of IP_ADDR_STRLEN bytes. */
bool ld_resolve(struct ld_parser *p, const char *name, bool v6, char *ret);
/* The number of a port or its name. */
bool ld_resolve_port(struct ld_parser *p, const char *name, uint32_t *ret);
/* Cuts TEXT in HOST and PORT ("" = none): "h", "h:p", "[v6]:p". */
void ld_split_port(struct ld_parser *p, char *text, char **ret_port);
/* The next word of *TEXT, cut off; NULL at its end. */
char *ld_next_word(char **text);
/* gate, masq or ipip: g, m or i. */
bool ld_take_forward(struct ld_parser *p, const char *word, char *ret);
/* "host[:port] [forward]". */
void ld_take_fallback(struct ld_parser *p, bool v6, struct ld_fallback *ret);

#endif
