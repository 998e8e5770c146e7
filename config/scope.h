/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may stand in a block, in all views together: the index that parsing
 * and suggestions use.  Made lazily, block by block, for one run.
 */
#ifndef TANDEM_CONFIG_SCOPE_H
#define TANDEM_CONFIG_SCOPE_H

#include "config/schema.h"
#include "config/spelling.h"

enum scope_kind {
	SCOPE_PLAIN,	/* no block follows */
	SCOPE_BLOCK,	/* keywords in braces */
	SCOPE_LIST,	/* lines in braces */
	SCOPE_OPTIONAL, /* a custom keyword: braces or not, loosely checked */
};

struct scope_entry {
	const struct conf_keyword *keyword; /* of the first view that has it */
	enum scope_kind kind;
	unsigned int flags; /* those that a single view's word decides */
	bool script;
	bool not_built; /* in all views that have it */
	bool warned;
	uint32_t last_node;
	struct scope *child; /* see scope_enter() */
};

struct scope;
struct scopes;

struct scopes *scopes_new(const struct conf_block *const *views);
void scopes_free(struct scopes *s);

struct scope *scope_root(struct scopes *s);
/* NULL when the keyword does not exist there.  A word of another program is
 * found as well: see scope_is_refused(). */
struct scope_entry *scope_find(
	struct scope *scope, const char *word, size_t len);
/* A word that is known, but of another program, and an error here. */
static inline bool scope_is_refused(const struct scope_entry *entry)
{
	return (entry->flags & (CONF_FOREIGN | CONF_IGNORED)) == CONF_FOREIGN;
}

/* The inside of a SCOPE_BLOCK; NULL when no table describes it. */
struct scope *scope_enter(
	struct scopes *s, struct scope *in, struct scope_entry *entry);

/* Has SCOPE a keyword with a secret?  Then any other word there may be one. */
bool scope_has_secret(const struct scope *scope);

/* Why words that are no keywords may stand in SCOPE; NULL = they may not. */
const char *scope_stray_words(const struct scope *scope);

/* The keyword of SCOPE that WORD was probably meant to be, or NULL. */
const char *scope_suggest(struct scope *scope, const char *word, size_t len);
/* "known here: a, b", the keywords of SCOPE, in capitals where WORD is, in
 * BUF; NULL when they are too many. */
const char *scope_list(struct scope *scope, const char *word, size_t len,
	char *buf, size_t buf_size);
/* "in 'a' or in 'b'": the blocks in which WORD is a keyword, in BUF; NULL when
 * there is none. */
const char *scopes_where(struct scopes *s, const char *word, size_t len,
	char *buf, size_t buf_size);

/* The same, as long as there are not so many that nobody reads them. */
const char *scopes_suggest(
	struct scopes *s, struct scope *scope, const char *word, size_t len);
/* Is WORD, or what was MEANT (NULL = who knows), a keyword with a secret?
 * True as well when suggestions ran out. */
bool scopes_is_secret(struct scopes *s, const char *meant, const char *word,
	size_t len);

#endif
