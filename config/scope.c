/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/scope.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>

#include "lib/mem.h"

/* Flags of one view that hold for the keyword as a whole. */
#define COMMON_FLAGS                                                           \
	(CONF_MULTI | CONF_FIRST_WINS | CONF_EXTENSION | CONF_DEPRECATED |     \
		CONF_IGNORED | CONF_SECRET | CONF_KEY_FILE | CONF_PEM |        \
		CONF_QUOTED |                                          \
		CONF_KEEP_ESCAPES | CONF_FOREIGN)

/* More misspelt words than anybody mends in one go. */
#define SUGGESTIONS_MAX 200

struct scope {
	const struct conf_block **blocks; /* per view; NULL = not there */
	struct scope_entry *entries;
	size_t n;
	uint32_t *table; /* entry number plus 1 */
	size_t mask;
	const char *stray_words;
	bool secret; /* one of the keywords is */
	struct scope *next;
};

/* In which blocks a keyword exists. */
struct where {
	const char *keyword;
	const char *blocks[3];
	size_t n;
	bool secret;
	UT_hash_handle hh;
};

struct scopes {
	const struct conf_block *const *views;
	size_t n_views;
	struct arena *arena;
	struct scope *all;
	struct scope *root;
	struct where *where; /* made at the first misplaced keyword */
	unsigned int n_suggestions;
};

static uint32_t hash_word(const char *word, size_t len)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)word[i]) * 16777619u;
	return hash ^ hash >> 15;
}

struct scope_entry *scope_find(
	struct scope *scope, const char *word, size_t len)
{
	size_t pos = hash_word(word, len) & scope->mask;

	for (; scope->table[pos]; pos = (pos + 1) & scope->mask) {
		struct scope_entry *entry =
			&scope->entries[scope->table[pos] - 1];
		const char *name = entry->keyword->name;

		if (!strncmp(name, word, len) && !name[len])
			return entry;
	}
	return NULL;
}

static enum scope_kind kind_of(const struct conf_keyword *keyword)
{
	switch (keyword->type) {
	case CONF_BLOCK:
		return keyword->block ? SCOPE_BLOCK : SCOPE_LIST;
	case CONF_LIST:
		return SCOPE_LIST;
	case CONF_CUSTOM:
		if (keyword->block || keyword->flags & CONF_NOT_BUILT ||
			(keyword->flags & CONF_IGNORED && !keyword->bind))
			return SCOPE_OPTIONAL;
		return SCOPE_PLAIN;
	case CONF_FLAG:
	case CONF_BOOL:
	case CONF_INT:
	case CONF_TIME:
	case CONF_STRING:
	case CONF_ADDRESS:
	case CONF_ENUM:
	case CONF_SCRIPT:
		break;
	}
	return SCOPE_PLAIN;
}

static void add_keyword(struct scope *scope, const struct conf_keyword *k)
{
	size_t len = strlen(k->name);
	struct scope_entry *entry = scope_find(scope, k->name, len);
	enum scope_kind kind = kind_of(k);
	size_t pos = hash_word(k->name, len) & scope->mask;

	if (!entry) {
		entry = &scope->entries[scope->n++];
		entry->keyword = k;
		entry->kind = kind;
		entry->not_built = true;
		while (scope->table[pos])
			pos = (pos + 1) & scope->mask;
		scope->table[pos] = (uint32_t)scope->n;
	}
	/* A view that describes the inside says more than one that does not. */
	if (kind == SCOPE_BLOCK)
		entry->kind = kind;
	/* Blocks that only say what foreign words may be in them. */
	if (k->flags & CONF_FOREIGN && !(entry->flags & CONF_FOREIGN) &&
		entry->keyword != k)
		return;
	entry->flags |= k->flags & COMMON_FLAGS;
	scope->secret |= k->flags & CONF_SECRET;
	entry->script |= k->type == CONF_SCRIPT;
	entry->not_built &= (k->flags & CONF_NOT_BUILT) != 0;
}

static struct scope *make_scope(
	struct scopes *s, const struct conf_block **blocks)
{
	struct scope *scope = arena_new_object(s->arena, struct scope);
	const struct conf_keyword *k;
	size_t n = 0;
	size_t slots = 8;

	for (size_t v = 0; v < s->n_views; v++)
		for (k = blocks[v] ? blocks[v]->keywords : NULL; k && k->name;
			k++)
			n++;
	while (slots < n * 2)
		slots *= 2;
	scope->blocks = blocks;
	scope->entries =
		arena_alloc(s->arena, (n + 1) * sizeof(struct scope_entry));
	scope->table = arena_alloc(s->arena, slots * sizeof(uint32_t));
	scope->mask = slots - 1;
	for (size_t v = 0; v < s->n_views; v++)
		for (k = blocks[v] ? blocks[v]->keywords : NULL; k && k->name;
			k++)
			add_keyword(scope, k);
	for (size_t v = 0; v < s->n_views; v++)
		if (blocks[v] && blocks[v]->stray_words)
			scope->stray_words = blocks[v]->stray_words;
	scope->next = s->all;
	s->all = scope;
	return scope;
}

struct scopes *scopes_new(const struct conf_block *const *views)
{
	struct scopes *s = x_new(struct scopes, 1);
	const struct conf_block **blocks;

	s->views = views;
	while (views[s->n_views])
		s->n_views++;
	s->arena = arena_new();
	blocks = arena_alloc(s->arena, (s->n_views + 1) * sizeof(*blocks));
	for (size_t v = 0; v < s->n_views; v++)
		blocks[v] = views[v];
	s->root = make_scope(s, blocks);
	return s;
}

void scopes_free(struct scopes *s)
{
	HASH_CLEAR(hh, s->where);
	arena_free(s->arena);
	x_free(s);
}

struct scope *scope_root(struct scopes *s)
{
	return s->root;
}

static const struct conf_keyword *find_in_block(
	const struct conf_block *block, const char *name)
{
	const struct conf_keyword *k = block ? block->keywords : NULL;

	for (; k && k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

struct scope *scope_enter(
	struct scopes *s, struct scope *in, struct scope_entry *entry)
{
	const struct conf_block **blocks;
	size_t size = (s->n_views + 1) * sizeof(*blocks);
	bool any = false;

	if (entry->child)
		return entry->child;
	blocks = arena_alloc(s->arena, size);
	for (size_t v = 0; v < s->n_views; v++) {
		const struct conf_keyword *k =
			find_in_block(in->blocks[v], entry->keyword->name);

		blocks[v] = k && k->type == CONF_BLOCK ? k->block : NULL;
		any |= blocks[v] != NULL;
	}
	if (!any)
		return NULL;
	/* The same block reached another way; tables may contain themselves. */
	for (struct scope *known = s->all; known; known = known->next)
		if (!memcmp(known->blocks, blocks, size))
			return entry->child = known;
	return entry->child = make_scope(s, blocks);
}

bool scope_has_secret(const struct scope *scope)
{
	return scope->secret;
}

const char *scope_stray_words(const struct scope *scope)
{
	return scope->stray_words;
}

/* Is WORD the beginning of NAME, long enough to tell? */
static bool is_begin(const char *word, size_t len, const char *name)
{
	return len >= 4 && !strncasecmp(word, name, len) && name[len];
}

const char *scope_suggest(struct scope *scope, const char *word, size_t len)
{
	unsigned int best = spelling_tolerance(len) + 1;
	const char *found = NULL;
	const char *begun = NULL; /* cut short: better than any slip */

	for (size_t i = 0; i < scope->n; i++) {
		const char *name = scope->entries[i].keyword->name;
		size_t name_len = strlen(name);
		unsigned int distance;

		if (scope->entries[i].flags & CONF_FOREIGN)
			continue;
		if (is_begin(word, len, name)) {
			if (!begun || name_len < strlen(begun))
				begun = name;
			continue;
		}
		if (name_len > len + best || len > name_len + best)
			continue;
		distance = spelling_distance(word, len, name, name_len);
		if (distance < best) {
			best = distance;
			found = name;
		}
	}
	/* Only the case is another. */
	if (found && !best)
		return found;
	return begun ? begun : found;
}

/* HTTP_GET is, http_protocol is not. */
static bool is_in_capitals(const char *word, size_t len)
{
	bool any = false;

	for (size_t i = 0; i < len; i++) {
		if (word[i] >= 'a' && word[i] <= 'z')
			return false;
		any |= word[i] >= 'A' && word[i] <= 'Z';
	}
	return any;
}

const char *scope_list(struct scope *scope, const char *word, size_t len,
	char *buf, size_t buf_size)
{
	bool capitals = is_in_capitals(word, len);
	int used = snprintf(buf, buf_size, "known here: ");
	size_t n = 0;

	for (size_t i = 0; i < scope->n; i++) {
		const char *name = scope->entries[i].keyword->name;

		if (is_in_capitals(name, strlen(name)) != capitals ||
			scope->entries[i].flags & CONF_FOREIGN)
			continue;
		if (used < 0 || (size_t)used >= buf_size || n == 12)
			return NULL;
		used += snprintf(buf + used, buf_size - (size_t)used, "%s%s",
			n++ ? ", " : "", name);
	}
	return n && used > 0 && (size_t)used < buf_size ? buf : NULL;
}

static void remember_place(struct scopes *s, const char *keyword,
	const char *block, bool secret)
{
	struct where *where;

	HASH_FIND_STR(s->where, keyword, where);
	if (!where) {
		where = arena_new_object(s->arena, struct where);
		where->keyword = keyword;
		HASH_ADD_KEYPTR(hh, s->where, keyword, strlen(keyword), where);
	}
	where->secret |= secret;
	for (size_t i = 0; i < where->n; i++)
		if (!strcmp(where->blocks[i], block))
			return;
	if (where->n < sizeof(where->blocks) / sizeof(where->blocks[0]))
		where->blocks[where->n++] = block;
}

/* Visits every scope once: scopes are marked by their place in the list. */
static void index_scope(
	struct scopes *s, struct scope *scope, const char *name, int depth)
{
	for (size_t i = 0; i < scope->n; i++) {
		struct scope_entry *entry = &scope->entries[i];
		const char *keyword = entry->keyword->name;
		struct scope *newest = s->all;
		bool entered = entry->child != NULL;

		if (!(entry->flags & CONF_FOREIGN))
			remember_place(s, keyword, name,
				entry->flags & CONF_SECRET);
		if (entry->kind != SCOPE_BLOCK || depth > 8)
			continue;
		/* Already known scopes are indexed by the caller. */
		if (scope_enter(s, scope, entry) && !entered &&
			s->all != newest)
			index_scope(s, entry->child, keyword, depth + 1);
	}
}

/* Makes the index of all keywords, once. */
static void index_all(struct scopes *s)
{
	/* A fresh index visits everything from the root on. */
	struct scopes *fresh;
	struct where *where;

	if (s->where)
		return;
	fresh = scopes_new(s->views);
	index_scope(fresh, fresh->root, "", 0);
	while (fresh->where) {
		where = fresh->where;
		for (size_t i = 0; i < where->n; i++)
			remember_place(s, where->keyword, where->blocks[i],
				where->secret);
		HASH_DEL(fresh->where, where);
	}
	scopes_free(fresh);
}

const char *scopes_suggest(
	struct scopes *s, struct scope *scope, const char *word, size_t len)
{
	if (s->n_suggestions == SUGGESTIONS_MAX)
		return NULL;
	s->n_suggestions++;
	return scope_suggest(scope, word, len);
}

bool scopes_is_secret(struct scopes *s, const char *meant, const char *word,
	size_t len)
{
	struct where *where;

	index_all(s);
	HASH_FIND(hh, s->where, word, len, where);
	if (where && where->secret)
		return true;
	if (meant)
		HASH_FIND_STR(s->where, meant, where);
	return meant ? where && where->secret
		     : s->n_suggestions == SUGGESTIONS_MAX;
}

const char *scopes_where(struct scopes *s, const char *word, size_t len,
	char *buf, size_t buf_size)
{
	struct where *where;
	int used = 0;

	index_all(s);
	HASH_FIND(hh, s->where, word, len, where);
	if (!where)
		return NULL;
	buf[0] = '\0';
	for (size_t i = 0; i < where->n; i++) {
		const char *block = where->blocks[i];
		const char *quote = block[0] ? "'" : "";

		if (used >= 0 && (size_t)used < buf_size)
			used += snprintf(buf + used, buf_size - (size_t)used,
				"%s%s%s%s%s", i ? " or " : "",
				block[0] ? "in " : "", quote,
				block[0] ? block : "outside of any block",
				quote);
	}
	return buf;
}
