/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading "$NAME", and what the names that need no definition stand for.
 */
#include "config/reference.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config/lexer.h"
#include "config/sequence.h"
#include "lib/mem.h"

static bool is_name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool is_name(char c)
{
	return is_name_start(c) || isdigit((unsigned char)c);
}

bool reference_read(
	const struct line_text *t, size_t at, struct reference *ret)
{
	struct reference r = { .at = at };
	size_t pos = at + 1;
	const char *close;

	if (pos < t->len && t->text[pos] == '{') {
		r.braces = true;
		pos++;
	}
	if (pos >= t->len || !is_name_start(t->text[pos]))
		return false;
	r.name = t->text + pos;
	while (pos < t->len && is_name(t->text[pos]))
		pos++;
	r.name_len = (size_t)(t->text + pos - r.name);
	if (r.braces) {
		close = memchr(t->text + pos, '}', t->len - pos);
		if (!close || (*(t->text + pos) != '}' &&
				      !lexer_is_blank(t->text[pos])))
			return false;
		r.params = t->text + pos;
		r.params_len = (size_t)(close - r.params);
		r.end = (size_t)(close - t->text) + 1;
	} else {
		r.end = pos;
		r.glued = pos < t->len && !lexer_is_blank(t->text[pos]) &&
			  t->text[pos] != ',' && t->text[pos] != ')';
	}
	*ret = r;
	return true;
}

/* Where the '$' is that has to be replaced before the one at AT can be read;
 * AT when there is none. */
static size_t find_inner(const struct line_text *t, size_t at)
{
	size_t pos = at + 1;
	const char *close;
	const char *inner;

	if (pos < t->len && t->text[pos] == '{') {
		close = memchr(t->text + pos, '}', t->len - pos);
		inner = close ? memrchr(t->text + pos, '$',
					(size_t)(close - t->text) - pos)
			      : NULL;
		return inner ? (size_t)(inner - t->text) : at;
	}
	while (pos < t->len && is_name(t->text[pos]))
		pos++;
	return pos < t->len && t->text[pos] == '$' ? pos : at;
}

size_t reference_innermost(const struct line_text *t, size_t at)
{
	size_t inner = find_inner(t, at);

	while (inner != at) {
		at = inner;
		inner = find_inner(t, at);
	}
	return at;
}

static char *expand_pwd(const struct source_line *line, const struct source *s)
{
	const char *file = source_file_name(s, line->file);
	const char *slash = strrchr(file, '/');
	char *dir = x_strndup(file, slash ? (size_t)(slash - file) : 0);
	char *real = realpath(dir[0] ? dir : slash ? "/" : ".", NULL);

	if (!real)
		return dir;
	x_free(dir);
	return real;
}

/* ${_RANDOM [MIN [MAX]]}; the same numbers in every parse of one load. */
static char *expand_random(struct source *s, const struct reference *r)
{
	unsigned long min = 0;
	unsigned long max = 32767;
	char *params = x_strndup(r->params ? r->params : "", r->params_len);
	char *end;

	if (params[strspn(params, " \t")]) {
		min = strtoul(params, &end, 10);
		if (end[strspn(end, " \t")])
			max = strtoul(end, NULL, 10);
	}
	x_free(params);
	if (max < min)
		max = min;
	s->random = s->random * 1103515245u + 12345u;
	return x_asprintf("%lu",
		min + (s->random >> 8) % (max - min + 1 ? max - min + 1 : 1));
}

static char *expand_env(const struct reference *r)
{
	size_t start = 0;
	size_t len = r->params_len;
	char *name;
	const char *value;

	while (start < len && lexer_is_blank(r->params[start]))
		start++;
	while (len > start && lexer_is_blank(r->params[len - 1]))
		len--;
	name = x_strndup(r->params ? r->params + start : "", len - start);
	value = getenv(name);
	x_free(name);
	return value ? x_strdup(value) : NULL;
}

static bool is_named(const struct reference *r, const char *name)
{
	return strlen(name) == r->name_len &&
	       !memcmp(name, r->name, r->name_len);
}

bool reference_has_value(struct source *s, const struct reference *r)
{
	static const char *const names[] = { "_PWD", "_INSTANCE", "_RANDOM",
		"_ENV", "_HASH", "_BANG" };

	if (definition_find(s, r->name, r->name_len))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_named(r, names[i]))
			return true;
	return false;
}

char *reference_value(struct source *s, const struct source_line *line,
	const struct reference *r)
{
	struct definition *definition =
		definition_find(s, r->name, r->name_len);

	if (definition)
		return x_strdup(definition->value);
	if (is_named(r, "_PWD"))
		return expand_pwd(line, s);
	if (is_named(r, "_INSTANCE"))
		return x_strdup(s->config_id);
	if (is_named(r, "_RANDOM"))
		return expand_random(s, r);
	if (is_named(r, "_ENV"))
		return expand_env(r);
	if (is_named(r, "_HASH"))
		return x_strdup("#");
	if (is_named(r, "_BANG"))
		return x_strdup("!");
	return NULL;
}
