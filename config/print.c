/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/print.h"

#include <ctype.h>
#include <string.h>

#include "config/image.h"
#include "config/lexer.h"
#include "config/odd.h"
#include "config/scope.h"

struct printer {
	FILE *out;
	struct scopes *scopes;
	const struct conf_tree *tree;
	const struct conf_print_options *options;
	bool no_comment; /* this line cannot have one */
};

/* --- words --- */

/* Would a line that starts with WORD be something else than a statement? */
static bool is_directive(const char *word)
{
	return strchr("$@~", word[0]) || !strncmp(word, "include", 7);
}

static void put_plain(FILE *out, const char *word, bool first)
{
	bool quote = !*word || strpbrk(word, " \t\n\v\f\r{}#!$") ||
		     (first && is_directive(word)) ||
		     odd_any(word, strlen(word));

	if (quote)
		fprintf(out, "\"%s\"", word);
	else
		fputs(word, out);
}

static bool is_safe(const char *word)
{
	if (!*word)
		return false;
	for (; *word; word++)
		if (!isalnum((unsigned char)*word) &&
			!strchr("_/.,:=+@%^-", *word))
			return false;
	return true;
}

/* The '$' of a name that is always defined: "$_PWD", "${_ENV HOME}". */
static bool is_reference(const char *text)
{
	return text[1] == '_' || (text[1] == '{' && text[2] == '_');
}

static void put_escaped(FILE *out, const char *word)
{
	/* The search for braces takes \" for the end of a quote. */
	bool braces = strpbrk(word, "{}");

	if (is_safe(word)) {
		fputs(word, out);
		return;
	}
	fputc('"', out);
	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;

		if (c < 0x20 || c == 0x7F || (c == '"' && braces) ||
			(c == '$' && is_reference(word)))
			fprintf(out, "\\%03o", c);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/*
 * A word whose backslashes were kept.  A quote without one stands inside of
 * the other kind; where a brace or a comment sign would look as if it stood
 * outside of double quotes, the kind is changed as well.  The search for
 * comments passes over \", that for braces does not.
 */
static void put_kept(FILE *out, const char *word)
{
	char quote = '"';
	bool odd = false;	    /* double quotes in the word so far */
	bool odd_unescaped = false; /* those without a backslash */

	if (is_safe(word)) {
		fputs(word, out);
		return;
	}
	fputc(quote, out);
	for (; *word && (word[0] != '\\' || word[1]); word++) {
		bool escaped = *word == '\\';
		char c = word[escaped];
		char want = quote;

		if (!escaped && (c == '"' || c == '\''))
			want = c == '"' ? '\'' : '"';
		else if (c == '{' || c == '}')
			want = odd ? '\'' : '"';
		else if (c == '#' || c == '!')
			want = odd_unescaped ? '\'' : '"';
		if (want != quote)
			fprintf(out, "%c%c", quote, want);
		quote = want;
		odd ^= c == '"';
		odd_unescaped ^= c == '"' && !escaped;
		if (escaped)
			fputc(*word++, out);
		fputc(c, out);
	}
	fputc(quote, out);
	fputs(word, out); /* a backslash that escapes nothing */
}

void conf_print_word(
	FILE *out, const char *word, unsigned int flags, bool first)
{
	if (!(flags & CONF_QUOTED))
		put_plain(out, word, first);
	else if (flags & CONF_KEEP_ESCAPES)
		put_kept(out, word);
	else
		put_escaped(out, word);
}

/* --- nodes --- */

static void put_indent(FILE *out, unsigned int depth)
{
	while (depth--)
		fputc('\t', out);
}

static void put_origin(struct printer *p, uint32_t node)
{
	struct diag_place place = conf_node_place(p->tree, node);

	if (!p->options->origin || p->no_comment)
		return;
	fputs(" # ", p->out);
	for (const char *c = place.file; *c; c++)
		fputc((unsigned char)*c < ' ' ? '?' : *c, p->out);
	fprintf(p->out, ":%u", place.line);
}

/* The arguments of NODE, split by FLAGS. */
static void put_args(struct printer *p, uint32_t node, unsigned int flags)
{
	bool hide = conf_node_is_secret(p->tree, node) && !p->options->secrets;

	for (uint32_t i = 0; i < conf_node_n_args(p->tree, node); i++) {
		const char *word = conf_node_arg(p->tree, node, i);
		size_t len = strlen(word);

		fputc(' ', p->out);
		if (hide) {
			fputs(CONF_PRINT_HIDDEN, p->out);
			continue;
		}
		conf_print_word(p->out, word, flags, false);
		/* To the search for comments, this escapes the quote. */
		p->no_comment |= len && word[len - 1] == '\\';
	}
}

static void put_children(struct printer *p, uint32_t node, struct scope *scope,
	unsigned int line_flags, unsigned int depth);

/* SCOPE is of the block that NODE stands in, NULL in a list of lines, where
 * LINE_FLAGS say how they are split. */
static void put_node(struct printer *p, uint32_t node, struct scope *scope,
	unsigned int line_flags, unsigned int depth)
{
	const char *keyword = conf_node_keyword(p->tree, node);
	struct scope_entry *entry = NULL;
	struct scope *inner = NULL;
	unsigned int flags = line_flags;

	if (scope && !conf_node_is_unknown(p->tree, node))
		entry = scope_find(scope, keyword, strlen(keyword));
	if (entry)
		flags = entry->flags | (entry->script ? CONF_QUOTED : 0u);
	p->no_comment = false;
	put_indent(p->out, depth);
	if (conf_node_is_bare_secret(p->tree, node) && !p->options->secrets)
		fputs(CONF_PRINT_HIDDEN, p->out);
	else
		conf_print_word(p->out, keyword, entry ? 0 : flags, true);
	put_args(p, node, flags);
	if (conf_node_is_block(p->tree, node)) {
		fputs(" {", p->out);
		put_origin(p, node);
		fputc('\n', p->out);
		if (entry && entry->kind == SCOPE_BLOCK)
			inner = scope_enter(p->scopes, scope, entry);
		put_children(p, node, inner, entry ? entry->flags : 0,
			depth + 1);
		put_indent(p->out, depth);
		fputs("}\n", p->out);
		return;
	}
	put_origin(p, node);
	fputc('\n', p->out);
}

static void put_children(struct printer *p, uint32_t node, struct scope *scope,
	unsigned int line_flags, unsigned int depth)
{
	conf_for_each_child(p->tree, node, child)
		put_node(p, child, scope, line_flags, depth);
	if (p->options->inside)
		p->options->inside(
			p->options->user_data, p->out, node, depth);
}

void conf_print(FILE *out, const struct conf_language *language,
	const struct conf_tree *tree, const struct conf_print_options *options)
{
	static const struct conf_print_options none = { .origin = false };
	struct printer p = {
		.out = out,
		.scopes = scopes_new(language->views),
		.tree = tree,
		.options = options ? options : &none,
	};

	put_children(&p, 0, scope_root(p.scopes), 0, 0);
	scopes_free(p.scopes);
}
