/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keyword tables and the engine that binds a tree to structs.
 *
 * A role describes its part of the language as const tables: a block has
 * keywords, a keyword has a type, a range, a place in the bound struct and a
 * line of documentation.  The same tables serve parsing, diagnostics with
 * suggestions, printing, manuals, completion and tests.
 *
 * Several roles look at the same block (healthcheck and ipvs both at
 * real_server): each has its own view, a root block of its own.  The
 * language is the list of all views; a keyword is unknown only when no view
 * knows it there.  Where two views know a keyword, the first in the language
 * documents it.
 *
 * Binding a block: init sets defaults (PARENT is the struct of the enclosing
 * block, so inheritance is a copy), then all scalar keywords are bound, then
 * nested blocks in order, then finish checks the whole.  So inheritance does
 * not depend on the order of lines.
 *
 * What the engine does by itself: unknown and misplaced keywords, braces,
 * repeated scalars, superfluous and missing arguments, types and ranges
 * (min = max = 0: no limit), one warning for each CONF_NOT_BUILT, CONF_IGNORED
 * and CONF_DEPRECATED keyword, with `compat` (or else `doc`) as its hint.  A CONF_NOT_BUILT
 * keyword is not bound; without `block`, anything may stand in its braces.  A
 * block that is not CONF_MULTI and appears again continues the first.  A
 * CONF_CUSTOM keyword checks the number of its arguments by itself, and may
 * have a block of lines when `block` is set, or when nothing binds it because
 * it is not built or ignored.  A view of size 0 is never bound: it only lends
 * words to the others, as the one with CONF_FOREIGN words does.
 *
 * Write tables with designated initialisers, or end the positional part with
 * at least one: -Wmissing-field-initializers is on.
 */
#ifndef TANDEM_CONFIG_SCHEMA_H
#define TANDEM_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/diag.h"
#include "config/tree.h"
#include "lib/ipaddr.h"
#include "lib/mem.h"

enum conf_type {
	CONF_FLAG, /* bool: present = true, no argument */
	CONF_BOOL, /* bool: on off true false yes no; none = true */
	CONF_INT, /* int64_t in [min, max] */
	CONF_TIME, /* int64_t us; decimal seconds in the file, min/max in us */
	CONF_STRING, /* const char *: one word or quoted string */
	CONF_ADDRESS, /* struct ip_addr */
	CONF_ENUM, /* int: one of values */
	CONF_SCRIPT, /* struct conf_script: command line [user [group]] */
	CONF_BLOCK, /* nested block, see block */
	CONF_LIST, /* { lines }: each line is given to bind */
	CONF_CUSTOM, /* bind reads the node's arguments by itself */
};

enum conf_flags {
	CONF_MULTI = 1 << 0, /* may be repeated; else a second is a warning
				and the last (or first, below) wins */
	CONF_FIRST_WINS = 1 << 1,
	CONF_EXTENSION = 1 << 2, /* Tandem's own: keepalived knows it not */
	CONF_NOT_BUILT = 1 << 3, /* known, checked loosely, one warning */
	CONF_DEPRECATED = 1 << 4, /* works, one warning with compat text */
	CONF_IGNORED = 1 << 5, /* keepalived ignores it too: warning */
	CONF_SECRET = 1 << 6, /* value is never shown */
	CONF_OPTIONAL_ARG = 1 << 7, /* no argument: `implied` is used */
	CONF_GLOB_TAIL = 1 << 8, /* more words than the type takes are fine */
	CONF_SHARED = 1 << 9, /* another view documents it */
	CONF_QUOTED = 1 << 10, /* tokenised with escapes, as scripts are */
	CONF_NOCASE = 1 << 11, /* CONF_ENUM: upper and lower case alike */
	CONF_KEEP_ESCAPES = 1 << 12, /* CONF_SCRIPT, CONF_QUOTED: backslashes
				stay for conf_script_split() (misc_path) */
	CONF_FOREIGN = 1 << 13, /* a word of the past or of another program:
				never offered, no keyword of this language.
				With CONF_IGNORED a warning, else an error;
				`compat` explains */
	CONF_KEY_FILE = 1 << 15, /* CONF_SECRET: keepalived reads file:PATH,
				too, and one that others may read is an
				error */
	CONF_ORDERED = 1 << 17, /* CONF_LIST: a line may need what an earlier
				one did; other lists mean the same in any
				order */
	CONF_PEM = 1 << 16, /* CONF_SECRET: the word names a file, or is
				credential:NAME; its text is what is bound */
	CONF_CAPITALS = 1 << 14, /* CONF_ENUM: a value in lower case is a
				warning, and the default stays */
	CONF_WHOLE = 1 << 18, /* CONF_TIME: keepalived takes whole seconds */
	CONF_LOWER = 1 << 19, /* CONF_ENUM: keepalived takes lower case; other
				is a warning */
};

struct conf_value {
	const char *name; /* NULL ends the list */
	int value;
};

struct conf_bind;
struct conf_block;

struct conf_keyword {
	const char *name; /* NULL ends the table */
	enum conf_type type;
	unsigned int flags;
	/* offsetof() in the block's struct.  For CONF_BLOCK: of a struct
	 * conf_list that collects the structs, or of a pointer if !MULTI. */
	size_t offset;
	int64_t min;
	int64_t max;
	int64_t implied; /* CONF_OPTIONAL_ARG */
	const struct conf_value *values;
	const struct conf_block *block;
	/* CONF_CUSTOM: NODE is the keyword's node; CONF_LIST: NODE is one
	 * line.  Reports problems by itself; TARGET is the block's struct. */
	void (*bind)(struct conf_bind *ctx, uint32_t node, void *target);
	/* What the arguments are called: "SECONDS", "ADDRESS [PORT]". */
	const char *args;
	const char *default_text; /* as written in a file; NULL = none */
	const char *doc; /* one or two sentences */
	const char *compat; /* what differs from keepalived; may be NULL */
	const char *example; /* a line; NULL = made from name and args */
	/* The keyword of the same block that this is another name of.  Scalars
	 * with one place in the struct need not say so. */
	const char *same_as;
	/* Keywords of global_defs, the one that counts first, that it is
	 * inherited from, "" = none.  NULL: what has its name in a block
	 * around, or in global_defs with or without "vrrp_", "checker_". */
	const char *inherits;
	/* CONF_CUSTOM: writes the value in effect as it would be written
	 * behind the keyword, nothing when there is none; NULL = what is in
	 * the file, or default_text. */
	void (*show)(const void *target, FILE *out);
};

struct conf_block {
	size_t size; /* of the bound struct */
	const struct conf_keyword *keywords;
	/* Takes the block's own arguments (its name, address ...); may be
	 * NULL when it has none. */
	void (*arguments)(struct conf_bind *ctx, uint32_t node, void *target);
	/* PARENT is NULL for the root. */
	void (*init)(void *target, const void *parent);
	void (*finish)(struct conf_bind *ctx, uint32_t node, void *target,
		void *parent);
	/* Words that are no keywords are a warning here, with this hint, as
	 * keepalived passes over them; NULL = an error as everywhere. */
	const char *stray_words;
	/* The keyword in it that, besides its arguments, tells it from others
	 * of its kind (protocol of a virtual_server); NULL = none. */
	const char *identity;
};

/* Pointers to bound structs in file order; lives in the arena. */
struct conf_list {
	void **items;
	uint32_t n;
	uint32_t capacity;
};

void conf_list_add(struct arena *arena, struct conf_list *list, void *item);

/* A command of the configuration.  Run it by sending `node` to the runner. */
struct conf_script {
	uint32_t node; /* 0 = not set */
	const char *command; /* for show and log */
};

/* What a bind callback works with. */
struct conf_bind {
	const struct conf_tree *tree;
	struct arena *arena; /* bound structs live here */
	struct diag_list *diags; /* NULL when a role binds what is checked */
	bool lenient;
	struct conf_bind_index *index; /* the engine's own: leave it NULL */
	/* Told of each block when it is bound, before it is finished; NULL =
	 * nobody. */
	void (*bound)(void *user_data, uint32_t node, const void *target);
	void *bound_data;
};

/* Reports at NODE's keyword, or at argument ARG (-1 = keyword). */
void conf_report(struct conf_bind *ctx, enum diag_severity severity,
	enum diag_code code, uint32_t node, int arg, const char *hint,
	const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Is the value of KEYWORD in block NODE not what was written, as the line is
 * misspelt or its value wrong?  That was told; what follows from the value
 * that is used instead need not be. */
bool conf_is_doubtful(
	const struct conf_bind *ctx, uint32_t node, const char *keyword);

/* Argument ARG is nothing for keepalived: said when -t --portable asks.
 * Returns whether it does. */
bool conf_not_portable(struct conf_bind *ctx, uint32_t node, int arg,
	const char *hint, const char *what);

/* Says that words after the first MAX arguments of NODE are ignored. */
void conf_check_extra(struct conf_bind *ctx, uint32_t node, uint32_t max);

/* What may be meant by TEXT, which is no IP address, in BUF; or NULL. */
const char *conf_address_hint(const char *text, char *buf, size_t size);
/* The message that goes with it, in BUF. */
const char *conf_address_fault(const char *text, char *buf, size_t size);

/*
 * Readers of one argument for custom keywords: 0, or -EINVAL after having
 * reported.  A missing argument is reported as such.
 */
int conf_arg_int(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	int64_t min, int64_t max, int64_t *ret);
int conf_arg_time(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	int64_t min_us, int64_t max_us, int64_t *ret_us);
int conf_arg_bool(
	struct conf_bind *ctx, uint32_t node, uint32_t arg, bool *ret);
int conf_arg_address(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	struct ip_addr *ret);
int conf_arg_enum(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	const struct conf_value *values, int *ret);
/* Copied to the arena. */
int conf_arg_string(
	struct conf_bind *ctx, uint32_t node, uint32_t arg, const char **ret);

/*
 * Binds the whole tree with one view and returns the root struct, which
 * lives in ctx->arena.  Keywords that this view does not know are left to
 * the others.  Never fails: problems are reported and defaults used.
 */
void *conf_bind_root(struct conf_bind *ctx, const struct conf_block *view);

/* "flag", "int" ... */
const char *conf_type_name(enum conf_type type);

/* "seconds", "bytes": what the arguments' name says of K's numbers; "". */
const char *conf_keyword_unit(const struct conf_keyword *k);

/* Does keyword K of a parent block with name NAME exist in one of the
 * VIEWS?  Path is from the root: {"virtual_server", "real_server", "weight"}.
 * NULL when not. */
const struct conf_keyword *conf_find_keyword(
	const struct conf_block *const *views, const char *const *path,
	size_t depth);

#endif
