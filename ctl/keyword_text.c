/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/keyword_text.h"

#include <string.h>

#define TEXT_WIDTH 78

/* From COLUMN on, 0 = in a new line. */
static void put_wrapped(const struct screen *screen, const char *text,
	size_t column, unsigned int indent, enum style style)
{

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

void keyword_text_note(const struct screen *screen, const char *title,
	const char *text, unsigned int indent)
{
	if (!text || !*text)
		return;
	fprintf(screen->out, "%*s", (int)indent, "");
	screen_put(screen, STYLE_DIM, title);
	put_wrapped(screen, text, indent + strlen(title), indent, STYLE_DIM);
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
		put_wrapped(screen, k->doc, 0, indent + 4, STYLE_PLAIN);
	keyword_text_note(
		screen, "values:", keyword_values(k, arena), indent + 4);
	keyword_text_note(screen, "default:", k->default_text, indent + 4);
	keyword_text_note(screen, "keepalived:", k->compat, indent + 4);
}
