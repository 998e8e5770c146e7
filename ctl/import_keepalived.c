/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/import_keepalived.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config/lexer.h"
#include "config/scope.h"
#include "lib/mem.h"

#define DEPTH_MAX 32
#define CHUNK 1023 /* of a line that keepalived reads at once */
#define INCLUDES_DEEP 16
#define INCLUDES_MAX 10000
#define INCLUDED_BYTES_MAX ((size_t)40 << 20)

enum open_kind {
	OPEN_NONE,
	OPEN_MUST, /* the keyword before opens a block */
	OPEN_MAY,
};

struct frame {
	struct scope *scope; /* NULL: any line may stand there */
	char name[64];
	uint32_t line;
};

/* The last server, of which the check may come too late. */
struct server {
	uint32_t line; /* 0 = there is none */
	bool checked;
};

struct walk {
	struct import_result *result;
	struct import_notes notes;
	struct kl_lines lines;
	struct scopes *scopes;
	const char *config_id;
	struct frame frames[DEPTH_MAX];
	size_t depth;	  /* of frames, the root being frames[0] */
	uint32_t skipped; /* blocks deeper than DEPTH_MAX */
	enum open_kind expects;
	struct frame next; /* when the block is opened */
	struct server server;
	bool unknown;	 /* the statement before was an unknown keyword */
	bool definition; /* goes on in the next line */
	const struct kl_includer *includer;
	const char *name;		 /* of the file */
	struct kl_origin origin;	 /* of the line at hand */
	const char *open[INCLUDES_DEEP]; /* files that are being read */
	size_t n_open;
	size_t n_included; /* in all */
	size_t bytes_included;
};

#define say(w, level, ...)                                                     \
	kl_note(&(w)->notes, (level), &(w)->origin, __VA_ARGS__)

/* --- the parser's walk --- */

static void push(struct walk *w, const struct frame *frame)
{
	uint32_t line = w->origin.file ? w->origin.file_line : w->origin.line;

	if (w->depth == DEPTH_MAX) {
		w->skipped++;
		return;
	}
	if (!strcmp(frame->name, "real_server"))
		w->server = (struct server){ .line = line };
	else if (kl_is_check(frame->name, strlen(frame->name)))
		w->server.checked = true;
	w->frames[w->depth] = *frame;
	w->frames[w->depth++].line = line;
}

/* Why the statement is passed over, or NULL. */
static const char *walk_close(struct walk *w)
{
	if (w->skipped) {
		w->skipped--;
		return NULL;
	}
	if (w->depth == 1) {
		say(w, IMPORT_NOTE, "this '}' closes nothing: ignored");
		return "closes nothing";
	}
	w->depth--;
	return NULL;
}

static bool in_block(const struct walk *w, const char *name)
{
	return !strcmp(w->frames[w->depth - 1].name, name);
}

static const char *walk_open(struct walk *w)
{
	enum open_kind expects = w->expects;

	w->expects = OPEN_NONE;
	if (expects != OPEN_NONE) {
		push(w, &w->next);
		return NULL;
	}
	if (!w->frames[w->depth - 1].scope) {
		push(w, &(struct frame){ .scope = NULL });
		return NULL;
	}
	if (in_block(w, "real_server"))
		say(w, IMPORT_DIFFERS,
			"UNCHECKED: keepalived does not know this block and "
			"leaves the server without the check: always up");
	say(w, IMPORT_DIFFERS,
		"keepalived ignores this '{' but not the lines behind it: they "
		"and the '}' count for the block around%s%s",
		w->depth > 1 ? ": " : "", w->frames[w->depth - 1].name);
	return "no block is opened here";
}

/* WORDS are unknown where they stand: a check there was meant for the server
 * before, and a server there is none. */
static void note_lost(struct walk *w, const char *words, size_t len)
{
	if (len == 11 && !memcmp(words, "real_server", len))
		w->server.line = 0;
	if (!w->server.line || w->server.checked ||
		in_block(w, "real_server") || !kl_is_check(words, len))
		return;
	say(w, IMPORT_DIFFERS,
		"UNCHECKED: this check stands behind the '}' of the "
		"real_server "
		"in line %u: keepalived leaves that server without a check: "
		"always up",
		w->server.line);
	w->server.checked = true; /* told */
}

static const char *walk_words(struct walk *w, const char *words, size_t len)
{
	const struct frame *at = &w->frames[w->depth - 1];
	struct scope_entry *entry;
	size_t n;

	w->expects = OPEN_NONE;
	if (!at->scope || w->skipped)
		return NULL;
	for (n = 0; n < len && !lexer_is_blank(words[n]) && words[n] != '"';)
		n++;
	entry = n ? scope_find(at->scope, words, n) : NULL;
	if (!entry || (entry->flags & (CONF_EXTENSION | CONF_FOREIGN))) {
		if (scope_stray_words(at->scope))
			return NULL;
		say(w, IMPORT_NOTE,
			"keepalived does not know '%.*s'%s%s: ignored", (int)n,
			words, w->depth > 1 ? " in " : "", at->name);
		note_lost(w, words, n);
		return "unknown to keepalived here";
	}
	w->next = (struct frame){ .scope = NULL };
	snprintf(w->next.name, sizeof(w->next.name), "%.*s", (int)n, words);
	switch (entry->kind) {
	case SCOPE_PLAIN:
		break;
	case SCOPE_BLOCK:
		w->next.scope = scope_enter(w->scopes, at->scope, entry);
		w->expects = OPEN_MUST;
		break;
	case SCOPE_LIST:
		w->expects = OPEN_MUST;
		break;
	case SCOPE_OPTIONAL:
		w->expects = OPEN_MAY;
		break;
	}
	return NULL;
}

/* A block whose '{' is missing is opened nevertheless. */
static bool walk_needs_brace(struct walk *w, const char *words)
{
	if (w->expects != OPEN_MUST || *words == '{')
		return false;
	say(w, IMPORT_NOTE,
		"the '{' of %s is missing: keepalived goes on as "
		"if it were there",
		w->next.name);
	w->expects = OPEN_NONE;
	push(w, &w->next);
	return true;
}

static const char *walk_statement(struct walk *w, const char *words, size_t len)
{
	if (len == 1 && *words == '{')
		return walk_open(w);
	if (len == 1 && *words == '}') {
		w->expects = OPEN_NONE;
		return walk_close(w);
	}
	return walk_words(w, words, len);
}

/* --- one line --- */

struct outcome {
	size_t start, len;
	const char *ignored;
	bool brace; /* '{' is put before it */
};

#define OUTCOMES_MAX 512

/* Takes TEXT. */
static void add_changed(struct walk *w, char *text, const char *ignored)
{
	struct kl_line *added = kl_add(&w->lines, text, &w->origin);

	added->changed = true;
	if (ignored)
		added->ignored = x_strdup(ignored);
}

static void put_pieces(struct walk *w, const char *line,
	const struct outcome *outcomes, size_t n, const char *comment)
{
	size_t indent = strspn(line, " \t");

	for (size_t i = 0; i < n; i++) {
		const struct outcome *o = &outcomes[i];

		if (o->brace)
			add_changed(w, x_asprintf("%.*s{", (int)indent, line),
				NULL);
		add_changed(w,
			x_asprintf("%.*s%.*s", (int)indent, line, (int)o->len,
				line + o->start),
			o->ignored);
	}
	if (*comment)
		add_changed(w, x_asprintf("%.*s%s", (int)indent, line, comment),
			NULL);
}

static void take_code(struct walk *w, const char *line, size_t len)
{
	struct outcome outcomes[OUTCOMES_MAX];
	size_t code = kl_code_len(line, len);
	size_t at = 0, n = 0;
	bool clean = true;

	while (n < OUTCOMES_MAX &&
		kl_statement(line, code, &at, &outcomes[n].start,
			&outcomes[n].len)) {
		const char *words = line + outcomes[n].start;

		outcomes[n].brace = walk_needs_brace(w, words);
		outcomes[n].ignored = walk_statement(w, words, outcomes[n].len);
		clean = clean && !outcomes[n].ignored && !outcomes[n].brace;
		n++;
	}
	if (clean || n == OUTCOMES_MAX)
		kl_add(&w->lines, x_strndup(line, len), &w->origin);
	else
		put_pieces(w, line, outcomes, n, line + code);
}

/* Is it an '@' line that does not count here? */
static bool condition_is_false(const struct walk *w, const char *line)
{
	bool negated = line[1] == '^';
	const char *id = line + 1 + negated;
	size_t n = strcspn(id, " \t\r");
	bool same = w->config_id && strlen(w->config_id) == n &&
		    !strncmp(w->config_id, id, n);

	return same == negated;
}

/* The length of "include" or its variants at the start of TEXT, or 0. */
static size_t include_len(const char *text)
{
	size_t n = 7;

	if (strncmp(text, "include", n) != 0)
		return 0;
	if (text[n] && strchr("rmwba", text[n]))
		n++;
	return !text[n] || lexer_is_blank(text[n]) ? n : 0;
}

static bool take_include(
	struct walk *w, const char *line, const char *start, size_t len);

/* Lines with a meaning before keywords.  True when LINE is one. */
static bool take_directive(struct walk *w, const char *line, size_t len)
{
	const char *start = line + strspn(line, " \t");
	size_t code = kl_code_len(line, len);

	if (w->definition ||
		(*start == '$' && start[1] && !lexer_is_blank(start[1]))) {
		w->definition = code && line[code - 1] == '\\';
	} else if (include_len(start)) {
		if (take_include(w, line, start, code - (size_t)(start - line)))
			return true;
		say(w, IMPORT_NOTE,
			"what is included is read as it is: import "
			"those files as well");
	} else if (*start == '@' && condition_is_false(w, start)) {
		if (memchr(line, '{', code)) {
			add_changed(w, x_strndup(line, len),
				"its condition is false");
			say(w, IMPORT_DIFFERS,
				"the condition is false: keepalived drops the "
				"'{' with the line, but not the block behind");
			w->expects = OPEN_NONE;
			return true;
		}
	} else if (*start == '@') {
		size_t end = code - (size_t)(start - line);
		size_t skip = strcspn(start, " \t");
		size_t at = 0, from, n;

		if (skip > end)
			skip = end; /* a comment in the condition */
		/* The rest counts as any line. */
		while (kl_statement(start + skip, end - skip, &at, &from, &n))
			walk_statement(w, start + skip + from, n);
	} else if (*start != '~') {
		return false;
	}
	kl_add(&w->lines, x_strndup(line, len), &w->origin);
	return true;
}

static void take_line(struct walk *w, const char *line, size_t len)
{
	char *copy = x_strndup(line, len);

	if (!take_directive(w, copy, len))
		take_code(w, copy, len);
	x_free(copy);
}

static void take_physical(struct walk *w, const char *line, size_t len)
{
	if (memchr(line, '\0', len)) {
		say(w, IMPORT_NOTE, "a line with a NUL byte is ignored");
		return;
	}
	if (len > CHUNK)
		say(w, IMPORT_DIFFERS,
			"the line is longer than %d bytes: keepalived 2.2 "
			"reads "
			"it in pieces, later versions drop the first",
			CHUNK);
	while (len > CHUNK) {
		take_line(w, line, CHUNK);
		line += CHUNK;
		len -= CHUNK;
	}
	take_line(w, line, len);
}

static void close_all(struct walk *w)
{
	while (w->depth > 1) {
		const struct frame *frame = &w->frames[--w->depth];

		say(w, IMPORT_DIFFERS,
			"the '}' of %s in line %u is missing: keepalived takes "
			"the end of the file for it",
			frame->name, frame->line);
		add_changed(w, x_strdup("}"), NULL);
	}
}

static void walk_text(struct walk *w, const char *text, size_t len)
{
	uint32_t *line = w->origin.file ? &w->origin.file_line
					: &w->origin.line;
	const char *end = text + len;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((eol ? eol : end) - text);

		++*line;
		take_physical(w, text, n);
		text = eol ? eol + 1 : end;
	}
}

static void end_walk(struct walk *w)
{
	if (w->expects == OPEN_MUST && walk_needs_brace(w, ""))
		add_changed(w, x_strdup("{"), NULL);
	close_all(w);
}

/* --- includes --- */

static bool is_open(const struct walk *w, const char *path)
{
	for (size_t i = 0; i < w->n_open; i++)
		if (!strcmp(w->open[i], path))
			return true;
	return !strcmp(w->name, path);
}

static void walk_included(struct walk *w, const char *path)
{
	const struct kl_origin outer = w->origin;
	struct kl_lines *lines = &w->lines;
	char *text;
	size_t len;
	int err;

	if (is_open(w, path)) {
		say(w, IMPORT_DIFFERS, "%s would include itself: left out",
			path);
		add_changed(w,
			x_asprintf("# %s would include itself here", path),
			NULL);
		return;
	}
	err = w->includer->read(path, &text, &len);
	if (err < 0) {
		say(w, IMPORT_NOTE, "%s: %s: keepalived goes on without it",
			path, strerror(-err));
		return;
	}
	w->n_included++;
	w->bytes_included += len;
	lines->files =
		x_realloc(lines->files, lines->n_files + 1, sizeof(char *));
	lines->files[lines->n_files] = x_strdup(path);
	w->origin.file = lines->files[lines->n_files++];
	w->origin.file_line = 0;
	w->open[w->n_open++] = w->origin.file;
	walk_text(w, text, len);
	w->n_open--;
	w->origin = outer;
	x_free(text);
}

/* LINE includes; START is its keyword, of LEN bytes up to the comment.  False
 * when it stays as it is. */
static bool take_include(
	struct walk *w, const char *line, const char *start, size_t len)
{
	const char *from = w->origin.file ? w->origin.file : w->name;
	size_t n = include_len(start);
	struct kl_line *marker;
	char *pattern;
	char **paths = NULL;
	size_t n_paths = 0;
	bool absent;

	if (!w->includer || n >= len || w->n_open == INCLUDES_DEEP ||
		w->n_included >= INCLUDES_MAX ||
		w->bytes_included > INCLUDED_BYTES_MAX)
		return false;
	while (n < len && (lexer_is_blank(start[n]) || start[n] == '"'))
		n++;
	while (len > n &&
		(lexer_is_blank(start[len - 1]) || start[len - 1] == '"'))
		len--;
	pattern = x_strndup(start + n, len - n);
	if (!strchr(pattern, '$'))
		w->includer->find(from, pattern, &paths, &n_paths);
	absent = !n_paths && !strpbrk(pattern, "*?[{$");
	x_free(pattern);
	if (absent) {
		say(w, IMPORT_NOTE,
			"there is no such file here: keepalived "
			"goes on without it");
		kl_add(&w->lines, x_strdup(line), &w->origin);
		return true;
	}
	if (!n_paths)
		return false;
	marker = kl_add(&w->lines, x_strdup(""), &w->origin);
	marker->kind = KL_BEGIN;
	marker->include = x_strdup(line);
	for (size_t i = 0; i < n_paths; i++) {
		walk_included(w, paths[i]);
		x_free(paths[i]);
	}
	x_free(paths);
	kl_add(&w->lines, x_strdup(""), &w->origin)->kind = KL_END;
	return true;
}

/* --- all --- */

static void put_ignored(
	struct import_result *result, const struct kl_line *line)
{
	fputs("# IGNORED (", result->out);
	if (line->origin.file)
		fprintf(result->out, "%s:%u", line->origin.file,
			line->origin.file_line);
	else
		fprintf(result->out, "line %u", line->origin.line);
	fprintf(result->out, ", %s): ", line->ignored);
	import_put_quoted_line(result, line->text, strlen(line->text));
}

/* Line I begins an include: the line that ends it, and whether what is
 * between stands so in the files. */
static size_t end_of_include(
	const struct kl_lines *lines, size_t i, bool *clean)
{
	size_t open = 0;

	*clean = true;
	for (; i < lines->n; i++) {
		const struct kl_line *line = &lines->items[i];

		open += line->kind == KL_BEGIN;
		open -= line->kind == KL_END;
		if (line->ignored || line->changed)
			*clean = false;
		if (!open)
			break;
	}
	return i;
}

/* The last line may have no end, as in the file (ENDED). */
static void put_lines(
	struct import_result *result, const struct kl_lines *lines, bool ended)
{
	for (size_t i = 0; i < lines->n; i++) {
		const struct kl_line *line = &lines->items[i];
		const char *text = line->text;
		bool clean;

		if (line->ignored) {
			put_ignored(result, line);
			continue;
		}
		if (line->kind == KL_END)
			continue;
		if (line->kind == KL_BEGIN) {
			size_t end = end_of_include(lines, i, &clean);

			text = line->include;
			if (clean)
				i = end;
			else
				fputs("# in place of: ", result->out);
		}
		fprintf(result->out, "%s%s", text,
			i + 1 < lines->n || ended ? "\n" : "");
	}
}

void import_keepalived(const struct conf_language *language, const char *name,
	const char *config_id, const struct kl_includer *includer,
	const char *text, size_t len, struct import_result *result)
{
	char host[256] = "";
	struct walk w = {
		.result = result,
		.scopes = scopes_new(language->views),
		.config_id = config_id ? config_id : host,
		.includer = includer,
		.name = name,
		.depth = 1,
	};

	gethostname(host, sizeof(host) - 1);
	host[strcspn(host, ".")] = '\0';
	w.frames[0].scope = scope_root(w.scopes);
	walk_text(&w, text, len);
	end_walk(&w);
	kl_repair(language, name, config_id, &w.lines, &w.notes);
	put_lines(result, &w.lines, !len || text[len - 1] == '\n');
	result->notes = w.notes;
	kl_lines_free(&w.lines);
	scopes_free(w.scopes);
}
