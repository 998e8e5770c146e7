/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/parse.h"

#include "config/parse_internal.h"
#include "lib/mem.h"

void parse_parts(struct parser *p, const struct source_line *line)
{
	struct part part = { .line = line, .first = true };
	size_t pos = line->start;

	while (pos < line->len && !p->stop) {
		size_t brace = line->len;

		if (line->braces)
			brace = lexer_find_brace(line->text, pos, line->len);
		part.start = pos;
		part.end = brace;
		part.opens = brace < line->len && line->text[brace] == '{';
		while (part.start < part.end &&
			lexer_is_blank(line->text[part.start]))
			part.start++;
		while (part.end > part.start &&
			lexer_is_blank(line->text[part.end - 1]))
			part.end--;
		if (part.start < part.end) {
			parse_words(p, &part);
			part.first = false;
		}
		if (brace == line->len || p->stop || p->skip_line)
			break;
		part.start = brace;
		part.end = brace + 1;
		if (part.opens)
			parse_open_block(p, &part);
		else
			parse_close_block(p, &part);
		if (p->mode == PARSE_BRACES)
			p->result->n_surplus += part.opens ? -1 : 1;
		part.first = false;
		pos = brace + 1;
	}
	p->skip_line = false;
}

void parse_source(struct source *source, struct scopes *scopes,
	enum parse_mode mode, struct builder *builder, struct diag_list *diags,
	struct parse_result *ret)
{
	struct parser *p = x_new(struct parser, 1);
	struct source_line line;

	p->source = source;
	p->scopes = scopes;
	p->mode = mode;
	p->builder = builder;
	p->diags = diags;
	p->result = ret;
	p->depth = 1;
	p->frames[0].kind = FRAME_KEYWORDS;
	p->frames[0].scope = scope_root(scopes);
	p->frames[0].last_child = CONF_NODE_NONE;
	p->end = (struct diag_place){
		.file = source_file_name(source, 0),
		.line = 1,
		.column = 1,
	};
	parse_add_files(p);
	while (!p->stop && source_next(source, &line))
		if (line.condition || p->chosen || p->left_out.n)
			parse_conditional(p, &line);
		else
			parse_parts(p, &line);
	parse_end_conditions(p);
	parse_end_of_file(p);
	words_free(&p->words);
	x_free(p);
}
