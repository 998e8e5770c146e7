/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/keyword_text.h"

#include <string.h>

#define TEXT_WIDTH 78

static void put_wrapped(const struct screen *screen, const char *text,
	unsigned int indent, enum style style)
{
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, " ");
		bool fresh = column == 0;

		if (!fresh && column + 1 + len > TEXT_WIDTH) {
			fputc('\n', screen->out);
			fresh = true;
		}
		if (fresh)
			column = (size_t)fprintf(
				screen->out, "%*s", (int)indent, "");
		else
			column += (size_t)fprintf(screen->out, " ");
		if (len) {
			char word[256];

			snprintf(word, sizeof(word), "%.*s", (int)len, text);
			screen_put(screen, style, word);
			column += len;
		}
		text += len + (text[len] == ' ');
	}
	fputc('\n', screen->out);
}

static void put_note(const struct screen *screen, const char *title,
	const char *text, unsigned int indent)
{
	if (!text || !*text)
		return;
	fprintf(screen->out, "%*s", (int)indent, "");
	screen_put(screen, STYLE_DIM, title);
	put_wrapped(screen, text, 1, STYLE_DIM);
}

void keyword_text_put(const struct screen *screen,
	const struct keyword_node *node, unsigned int indent,
	struct arena *arena)
{
	const struct conf_keyword *k = node->keyword;

	fprintf(screen->out, "%*s", (int)indent, "");
	screen_put(screen, STYLE_HEAD, node->name);
	if (k->args && *k->args) {
		fputc(' ', screen->out);
		screen_put(screen, STYLE_PLAIN, k->args);
	}
	if (node->is_block && !(k->args && strchr(k->args, '{')))
		fputs(" { ... }", screen->out);
	if (node->not_built)
		screen_put(screen, STYLE_WARN, "  (not supported yet)");
	fputc('\n', screen->out);
	if (k->doc)
		put_wrapped(screen, k->doc, indent + 4, STYLE_PLAIN);
	put_note(screen, "values:", keyword_values(k, arena), indent + 4);
	put_note(screen, "default:", k->default_text, indent + 4);
	put_note(screen, "keepalived:", k->compat, indent + 4);
}
