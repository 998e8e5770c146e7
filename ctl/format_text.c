/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/format_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "config/lexer.h"
#include "lib/buf.h"
#include "lib/mem.h"

#define INDENT_MAX 32
/* keepalived reads at most 1023 characters of a line. */
#define LINE_MAX_MOVED 960

struct line {
	const char *text;
	size_t len;
};

struct layout {
	struct buf_writer out;
	unsigned int depth;
	bool in_definition;
	bool empty_before; /* an empty line waits for one that is not */
	bool begun;
	/* The last line, if it was conditional: its "@ID", and the depth that
	 * it began at.  Of two that open a block only one is read. */
	struct line condition;
	unsigned int condition_depth;
	bool condition_opens;
};

/* What the reader sees of LINE: without comment and blanks at both ends. */
static struct line seen(struct line line)
{
	size_t start = 0;

	while (start < line.len && lexer_is_blank(line.text[start]))
		start++;
	line.len = lexer_scan(line.text, start, line.len).len;
	while (line.len > start && lexer_is_blank(line.text[line.len - 1]))
		line.len--;
	line.text += start;
	line.len -= start;
	return line;
}

/* Without blanks at both ends; a blank after a backslash has a meaning. */
static struct line trim(struct line line)
{
	struct line trimmed;

	while (line.len && lexer_is_blank(line.text[0])) {
		line.text++;
		line.len--;
	}
	trimmed = line;
	while (trimmed.len && lexer_is_blank(trimmed.text[trimmed.len - 1]))
		trimmed.len--;
	if (trimmed.len && trimmed.text[trimmed.len - 1] == '\\') {
		while (line.len && line.text[line.len - 1] == '\r')
			line.len--;
		return line;
	}
	return trimmed;
}

static bool goes_on(struct line line)
{
	line = seen(line);
	return line.len && line.text[line.len - 1] == '\\';
}

/* How many blocks the line opens (> 0) or closes. */
static int braces(struct line line)
{
	int depth = 0;
	size_t at = 0;

	line = seen(line);
	while ((at = lexer_find_brace(line.text, at, line.len)) < line.len)
		depth += line.text[at++] == '{' ? 1 : -1;
	return depth;
}

static struct line condition_of(struct line line)
{
	size_t len = 0;

	if (!line.len || line.text[0] != '@')
		return (struct line){ .len = 0 };
	while (len < line.len && !lexer_is_blank(line.text[len]))
		len++;
	return (struct line){ .text = line.text, .len = len };
}

static bool same(struct line a, struct line b)
{
	return a.len == b.len && !memcmp(a.text, b.text, a.len);
}

/* A line that stands for the one before it on another host. */
static void layout_alternative(struct layout *layout, struct line condition)
{
	if (condition.len && layout->condition.len &&
		layout->condition_opens && !same(condition, layout->condition))
		layout->depth = layout->condition_depth;
}

static void layout_put(
	struct layout *layout, struct line line, unsigned int indent)
{
	if (layout->empty_before && layout->begun)
		buf_put_bytes(&layout->out, "\n", 1);
	layout->empty_before = false;
	layout->begun = true;
	while (indent--)
		buf_put_bytes(&layout->out, "\t", 1);
	buf_put_bytes(&layout->out, line.text, line.len);
	buf_put_bytes(&layout->out, "\n", 1);
}

static void layout_statement(struct layout *layout, struct line line)
{
	struct line condition = condition_of(line);
	int change = braces(line);
	unsigned int indent;

	layout_alternative(layout, condition);
	indent = layout->depth;
	if (line.text[0] == '}' && indent)
		indent--;
	if (indent > INDENT_MAX)
		indent = INDENT_MAX;
	layout->condition = condition;
	layout->condition_depth = layout->depth;
	layout->condition_opens = change > 0;
	layout_put(layout, line, indent);
	if (change < 0 && (unsigned int)-change > layout->depth)
		layout->depth = 0;
	else
		layout->depth = (unsigned int)((int)layout->depth + change);
}

static void layout_line(struct layout *layout, struct line raw)
{
	struct line line = trim(raw);
	size_t name_end;

	if (layout->in_definition || raw.len > LINE_MAX_MOVED) {
		while (raw.len && raw.text[raw.len - 1] == '\r')
			raw.len--;
		layout_put(layout, raw, 0);
		layout->in_definition = layout->in_definition && goes_on(raw);
	} else if (!line.len) {
		layout->empty_before = true;
	} else if (lexer_definition(line.text, line.len, &name_end)) {
		layout->in_definition = goes_on(line);
		layout_put(layout, line, layout->depth);
	} else {
		layout_statement(layout, line);
	}
}

char *format_text(const char *text, size_t len, size_t *ret_len)
{
	struct layout layout = { .depth = 0 };
	const char *end = text + len;
	char *result;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((stop ? stop : end) - text);

		layout_line(&layout, (struct line){ .text = text, .len = n });
		text += n + 1;
	}
	*ret_len = layout.out.len;
	result = x_calloc(1, layout.out.len + 1);
	if (layout.out.len)
		memcpy(result, layout.out.data, layout.out.len);
	buf_writer_free(&layout.out);
	return result;
}
