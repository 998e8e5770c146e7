/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/check.h"

#include <stdio.h>
#include <string.h>

#include "config/advice.h"
#include "config/diag_internal.h"
#include "config/odd.h"
#include "lib/mem.h"

/* The best advice for an unknown word, in BUF. */
static const char *advise(struct scope *scope, const char *meant,
	const char *word, size_t len, char *buf, size_t n)
{
	if (advice_keyword(scope, word, len, buf, n))
		return buf;
	if (meant)
		snprintf(buf, n, "did you mean '%s'?", meant);
	else if (odd_any(word, len))
		snprintf(buf, n,
			"it has a character that only looks like a blank or "
			"a quote");
	else
		return scope_list(scope, word, len, buf, n);
	return buf;
}

static void report_wrong_block(struct diag_list *diags, const char *block,
	const char *where, const char *meant, const char *word,
	const struct diag_place *place)
{
	char hint[256];
	char in[64];

	/* A word cut short is not what was meant: it is one elsewhere. */
	if (meant && strlen(meant) > strlen(word) + 2)
		meant = NULL;
	if (meant)
		snprintf(hint, sizeof(hint),
			"it belongs %s; here, did you mean '%s'?", where,
			meant);
	else
		snprintf(hint, sizeof(hint), "it belongs %s", where);
	snprintf(in, sizeof(in), "in '%s'", block);
	diag_add(diags, DIAG_ERROR, DIAG_WRONG_BLOCK, place, word, hint,
		"this keyword has no meaning %s",
		block[0] ? in : "outside of any block");
}

/* Made of what keywords are made of; a password is so less often. */
static bool is_like_keyword(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((word[i] < 'a' || word[i] > 'z') && word[i] != '_')
			return false;
	return true;
}

/* What a word that is unknown may give away. */
static unsigned int secrecy(struct diag_list *diags, struct scopes *scopes,
	struct scope *scope, const char *meant, const char *word, size_t len,
	enum word_use use)
{
	bool among = scope_has_secret(scope);
	size_t name = strcspn(word, "=:;"); /* "auth_pass=x" */
	char where[8];

	if (name && name < len &&
		(among || scopes_is_secret(scopes, NULL, word, name)))
		return NODE_BARE_SECRET;
	if (diag_is_full(diags))
		return among ? NODE_BARE_SECRET : NODE_SECRET;
	if (among && !meant && !scope_find(scope, word, len) &&
		!scopes_where(scopes, word, len, where, sizeof(where)) &&
		(use == WORD_ALONE || !is_like_keyword(word, len)))
		return NODE_BARE_SECRET;
	if (among || scopes_is_secret(scopes, meant, word, len))
		return NODE_SECRET;
	return 0;
}

static void report_unknown(struct diag_list *diags, struct scopes *scopes,
	struct scope *scope, const char *block, const char *meant,
	const char *word, const char *shown, enum word_use use,
	const struct diag_place *place)
{
	const struct scope_entry *entry;
	const char *unknown = use == WORD_OPENS_BLOCK
				      ? "unknown block, skipped as a whole"
				      : "unknown keyword";
	size_t len = strlen(word);
	char where[160];
	char hint[256];

	entry = scope_find(scope, word, len);
	if (entry)
		diag_add(diags, DIAG_ERROR, DIAG_UNKNOWN_KEYWORD, place, shown,
			entry->keyword->compat, "%s",
			entry->keyword->doc ? entry->keyword->doc : unknown);
	else if (use != WORD_OPENS_BLOCK && scope_stray_words(scope) && !meant)
		diag_add(diags, DIAG_WARNING, DIAG_IGNORED, place, shown,
			scope_stray_words(scope), "this word is ignored");
	else if (scopes_where(scopes, word, len, where, sizeof(where)))
		report_wrong_block(diags, block, where, meant, word, place);
	else
		diag_add(diags, DIAG_ERROR, DIAG_UNKNOWN_KEYWORD, place, shown,
			advise(scope, meant, word, len, hint, sizeof(hint)),
			"%s", unknown);
}

unsigned int check_unknown(struct diag_list *diags, struct scopes *scopes,
	struct scope *scope, const char *block, const char *word, size_t len,
	enum word_use use, const struct diag_place *place)
{
	const char *meant = NULL;
	const char *shown;
	unsigned int flags;
	char *copy;

	if (len > 80)
		len = 80;
	copy = x_strndup(word, len);
	if (!diag_is_full(diags))
		meant = scopes_suggest(scopes, scope, copy, len);
	flags = secrecy(diags, scopes, scope, meant, copy, len, use);
	shown = flags == NODE_BARE_SECRET ? "" : copy;
	if (diag_is_full(diags)) {
		diag_add(diags, DIAG_ERROR, DIAG_UNKNOWN_KEYWORD, place, shown,
			NULL, "unknown keyword");
	} else if (!diag_is_said(diags, DIAG_UNKNOWN_KEYWORD, place, shown) &&
		   !diag_is_said(diags, DIAG_WRONG_BLOCK, place, shown)) {
		if (flags)
			diag_hide_line(diags, place);
		report_unknown(diags, scopes, scope, block, meant, copy, shown,
			use, place);
	}
	x_free(copy);
	return flags;
}

void check_characters(struct diag_list *diags, const char *keyword,
	const char *word, size_t len, const struct diag_place *place)
{
	for (size_t i = 0; i < len; i++) {
		const struct odd_character *odd;
		uint32_t point;
		size_t n;

		if ((unsigned char)word[i] < 0x80)
			continue;
		odd = odd_find(word + i, len - i, &point, &n);
		if (!odd || odd->read_as != '?')
			continue;
		diag_add(diags, DIAG_WARNING, DIAG_ODD_CHARACTER, place,
			keyword, "type it anew if it should be one",
			"U+%04X (%s) in this word looks like %s, but is none",
			point, odd->name, odd->looks_like);
		return;
	}
}

/* "auth_type PASS hunter2" */
static bool has_odd_word(const struct scope_entry *entry,
	const struct builder *b, uint32_t node)
{
	return entry->keyword->type == CONF_ENUM && builder_arg(b, node, 1);
}

static void check_duplicate(struct diag_list *diags, struct scope_entry *entry,
	struct builder *b, uint32_t node, uint32_t parent,
	const struct diag_place *place)
{
	uint32_t last = entry->last_node;
	char hint[96];

	entry->last_node = node;
	if (!last || last <= parent || builder_node(b, last)->parent != parent)
		return;
	if (entry->kind != SCOPE_PLAIN || entry->flags & CONF_MULTI)
		return;
	snprintf(hint, sizeof(hint), "the first is on line %u",
		builder_node(b, last)->line);
	if (entry->flags & CONF_FIRST_WINS) {
		builder_node(b, node)->flags |= NODE_SKIP;
		entry->last_node = last;
	}
	diag_add(diags, DIAG_WARNING, DIAG_DUPLICATE, place,
		entry->keyword->name, hint, "set twice; the %s one counts",
		entry->flags & CONF_FIRST_WINS ? "first" : "last");
}

/* One warning of a keyword is enough. */
static void check_effect(struct diag_list *diags, struct scope_entry *entry,
	const struct diag_place *place)
{
	const struct conf_keyword *k = entry->keyword;
	const char *why = k->compat ? k->compat : k->doc;

	if (entry->warned)
		return;
	entry->warned = true;
	if (entry->not_built)
		diag_add(diags, DIAG_WARNING, DIAG_NOT_SUPPORTED, place,
			k->name, k->compat,
			"not supported yet: it has no effect");
	else if (entry->flags & CONF_IGNORED)
		diag_add(diags, DIAG_WARNING, DIAG_IGNORED, place, k->name, why,
			"this has no effect");
	else if (entry->flags & CONF_DEPRECATED)
		diag_add(diags, DIAG_WARNING, DIAG_DEPRECATED, place, k->name,
			why, "deprecated");
}

void check_known(struct diag_list *diags, struct scope_entry *entry,
	struct builder *b, uint32_t node, uint32_t parent, bool quiet,
	bool among_secrets, const struct diag_place *place)
{
	struct image_node *n = builder_node(b, node);

	if (entry->script)
		n->flags |= NODE_SCRIPT;
	if (entry->flags & CONF_SECRET ||
		(among_secrets && has_odd_word(entry, b, node))) {
		n->flags |= NODE_SECRET;
		diag_hide_line(diags, place);
	}
	if (entry->flags & CONF_EXTENSION)
		diag_not_portable(diags, place, entry->keyword->name, NULL,
			"keepalived does not know this keyword");
	if (!quiet)
		check_effect(diags, entry, place);
	check_duplicate(diags, entry, b, node, parent, place);
}
