/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/keywords_man.h"

#include <ctype.h>
#include <string.h>

#include "ctl/keyword_block.h"

/* The page is made from the tables of this version, and dated by hand. */
#define PAGE_DATE "November 24, 2026"

/* What mdoc would read as a delimiter or a macro is written as a character;
 * at the start of a line so are the control characters. */
static void put_text(FILE *out, const char *text)
{
	bool start = true;

	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else if (start && (*text == '.' || *text == '\''))
			fprintf(out, "\\&%c", *text);
		else
			fputc(*text, out);
		start = *text == '\n';
	}
}

/* Arguments of a macro: a word that mdoc would take for a macro or for
 * punctuation is made to be text. */
static void put_word(FILE *out, const char *word, size_t len)
{
	char text[256];

	snprintf(text, sizeof(text), "%.*s", (int)len, word);
	if (len == 1 && ispunct((unsigned char)*text))
		fputs("\\&", out);
	else if (len == 2 && isupper((unsigned char)text[0]) &&
		 islower((unsigned char)text[1]))
		fputs("\\&", out);
	put_text(out, text);
}

static void put_words(FILE *out, const char *words)
{
	while (*words) {
		size_t len = strcspn(words, " ");

		if (len) {
			fputc(' ', out);
			put_word(out, words, len);
		}
		words += len + (words[len] == ' ');
	}
}

/* Each sentence begins a line, as mdoc wants it. */
static void put_sentences(FILE *out, const char *text)
{
	while (*text) {
		const char *end = strstr(text, ". ");
		size_t len = end ? (size_t)(end - text) + 1 : strlen(text);
		char line[1024];

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		put_text(out, line);
		fputc('\n', out);
		text += len;
		text += strspn(text, " ");
	}
}

static void put_note(FILE *out, const char *title, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, ".Pp\n%s: ", title);
	put_sentences(out, text);
}

/* One line, or a whole block. */
static void put_example(FILE *out, const char *text)
{
	fputs(".Pp\nExample:\n", out);
	if (!strchr(text, '\n')) {
		fputs(".Dl", out);
		put_words(out, text);
		fputc('\n', out);
		return;
	}
	fputs(".Bd -literal -offset indent\n", out);
	put_text(out, text);
	fputs("\n.Ed\n", out);
}

static void put_keyword(
	FILE *out, const struct keyword_node *node, struct arena *arena)
{
	const struct conf_keyword *k = node->keyword;
	const char *values = keyword_values(k, arena);

	fputs(".It Cm", out);
	put_words(out, node->name);
	if (k->args && *k->args) {
		fputs(" Ar", out);
		put_words(out, k->args);
	}
	fputc('\n', out);
	if (k->doc)
		put_sentences(out, k->doc);
	else if (!node->is_block)
		fputs("See the keyword of the same name elsewhere.\n", out);
	if (node->is_block && node->n_children)
		fputs("A block, see below.\n", out);
	if (node->not_built)
		fputs("Not supported yet: accepted with a warning.\n", out);
	put_note(out, "Values", values);
	put_note(out, "Default", k->default_text);
	put_note(out, "Keepalived", k->compat);
	put_example(out, keyword_block_example(node, arena));
}

static void put_block(
	FILE *out, const struct keyword_node *node, struct arena *arena)
{
	const char *path = keyword_path(node, arena);
	size_t i;

	if (!node->n_children)
		return;
	if (*path) {
		fputs(".Ss", out);
		put_words(out, path);
		fputc('\n', out);
	}
	fputs(".Bl -tag -width Ds\n", out);
	for (i = 0; i < node->n_children; i++)
		put_keyword(out, node->children[i], arena);
	fputs(".El\n", out);
	for (i = 0; i < node->n_children; i++)
		put_block(out, node->children[i], arena);
}

void keywords_man_put(
	FILE *out, const struct keyword_node *root, struct arena *arena)
{
	fputs(".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
	      ".\\\" Made by tandemctl from the keyword tables.\n"
	      ".Dd " PAGE_DATE "\n.Dt TANDEM.KEYWORDS 5\n"
	      ".Os Tandem " PACKAGE_VERSION "\n.Sh NAME\n"
	      ".Nm tandem.keywords\n"
	      ".Nd every keyword of tandem.conf\n.Sh DESCRIPTION\n"
	      "This page is the reference part of\n.Xr tandem.conf 5 :\n"
	      "all keywords, block by block, as\n.Ql tandemctl keywords\n"
	      "shows them.\n"
	      "It is made from the tables that the configuration is read "
	      "with.\n.Pp\nOutside of any block there are:\n",
		out);
	put_block(out, root, arena);
	fputs(".Sh SEE ALSO\n.Xr tandemctl 1 ,\n.Xr tandem.conf 5 ,\n"
	      ".Xr tandemd 8\n",
		out);
}
