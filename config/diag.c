/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "config/diag_internal.h"
#include "lib/mem.h"

/* More problems than anybody reads; the rest is only counted. */
#define DIAG_MAX 2000

struct diag_file {
	const char *name;
	const char *shown;
	size_t order;
	UT_hash_handle hh;
};

struct diag_key {
	const struct diag_file *file;
	uint32_t line;
	uint32_t column;
	uint32_t code;
	uint32_t keyword; /* what is expanded has one place for all */
};

struct diag_item {
	struct diag diag;
	struct diag_key key;
	size_t order;
	UT_hash_handle hh;
};

struct hidden_line {
	struct {
		const struct diag_file *file;
		uint64_t line;
	} key;
	UT_hash_handle hh;
};

struct diag_list {
	struct arena *arena;
	struct diag_item **items;
	size_t n;
	size_t capacity;
	struct diag_item *index;
	struct diag_file *files;
	struct hidden_line *hidden;
	size_t counts[DIAG_FATAL + 1];
	size_t left_out;
	bool sorted;
	bool portable;
};

static const char *const code_names[] = {
#define DIAG_TEXT(name, text) [DIAG_##name] = text,
	DIAG_CODE_LIST(DIAG_TEXT)
#undef DIAG_TEXT
};

const char *diag_code_name(enum diag_code code)
{
	if ((size_t)code >= sizeof(code_names) / sizeof(code_names[0]))
		return "unknown";
	return code_names[code];
}

const char *diag_severity_name(enum diag_severity severity)
{
	switch (severity) {
	case DIAG_WARNING:
		return "warning";
	case DIAG_ERROR:
	case DIAG_FATAL:
		return "error";
	}
	return "error";
}

struct diag_list *diag_list_new(void)
{
	struct diag_list *list = x_new(struct diag_list, 1);

	list->arena = arena_new();
	return list;
}

void diag_list_free(struct diag_list *list)
{
	if (!list)
		return;
	HASH_CLEAR(hh, list->index);
	HASH_CLEAR(hh, list->files);
	HASH_CLEAR(hh, list->hidden);
	x_free(list->items);
	arena_free(list->arena);
	x_free(list);
}

const char *diag_add_file(struct diag_list *list, const char *name)
{
	struct diag_file *file;

	HASH_FIND_STR(list->files, name, file);
	if (!file) {
		file = arena_new_object(list->arena, struct diag_file);
		file->name = arena_strdup(list->arena, name);
		file->shown = diag_clean(list->arena, name, strlen(name));
		file->order = HASH_COUNT(list->files);
		HASH_ADD_KEYPTR(
			hh, list->files, file->name, strlen(file->name), file);
	}
	return file->name;
}

static const struct diag_file *find_file(
	struct diag_list *list, const char *name)
{
	struct diag_file *file;

	diag_add_file(list, name);
	HASH_FIND_STR(list->files, name, file);
	return file;
}

void diag_hide_line(struct diag_list *list, const struct diag_place *place)
{
	struct hidden_line *hidden =
		arena_new_object(list->arena, struct hidden_line);
	struct hidden_line *known;

	hidden->key.file = find_file(list, place->file);
	hidden->key.line = place->line;
	HASH_FIND(hh, list->hidden, &hidden->key, sizeof(hidden->key), known);
	if (!known)
		HASH_ADD(hh, list->hidden, key, sizeof(hidden->key), hidden);
}

bool diag_is_hidden(
	const struct diag_list *list, const char *file, uint32_t line)
{
	struct hidden_line wanted;
	struct hidden_line *known;
	struct diag_file *f;

	memset(&wanted, 0, sizeof(wanted));
	HASH_FIND_STR(list->files, file, f);
	wanted.key.file = f;
	wanted.key.line = line;
	HASH_FIND(hh, list->hidden, &wanted.key, sizeof(wanted.key), known);
	return known != NULL;
}

static void append(struct diag_list *list, struct diag_item *item)
{
	if (list->n == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 16;
		list->items = x_realloc(list->items, list->capacity,
			sizeof(struct diag_item *));
	}
	item->order = list->n;
	list->items[list->n++] = item;
	list->sorted = false;
}

bool diag_is_full(const struct diag_list *list)
{
	return list->n >= DIAG_MAX;
}

static uint32_t hash_keyword(const char *keyword)
{
	uint32_t hash = 2166136261u;

	for (; keyword && *keyword; keyword++)
		hash = (hash ^ (unsigned char)*keyword) * 16777619u;
	return hash;
}

static const char *clean(struct diag_list *list, const char *text)
{
	return text ? diag_clean(list->arena, text, strlen(text)) : "";
}

static bool is_about_value(uint32_t code)
{
	return code == DIAG_VALUE_TYPE || code == DIAG_VALUE_RANGE ||
	       code == DIAG_VALUE_UNKNOWN || code == DIAG_REFERENCE;
}

/* What the names of a line stand for is not known: its values are not what
 * they should be, and need no word of their own. */
static void mark_line(struct diag_list *list, const struct diag_item *item)
{
	struct diag_item *mark;
	struct diag_item *known;

	if (item->key.code != DIAG_DEFINITION ||
		item->diag.severity < DIAG_ERROR || !item->key.line)
		return;
	mark = arena_new_object(list->arena, struct diag_item);
	mark->key = item->key;
	mark->key.column = 0;
	HASH_FIND(hh, list->index, &mark->key, sizeof(mark->key), known);
	if (!known)
		HASH_ADD(hh, list->index, key, sizeof(mark->key), mark);
}

/* The same was said already, or why the text here is not what it should be. */
static bool is_known(struct diag_list *list, const struct diag_key *key)
{
	struct diag_key definition = *key;
	struct diag_item *item;

	HASH_FIND(hh, list->index, key, sizeof(*key), item);
	if (item || !key->line)
		return item != NULL;
	definition.code = DIAG_DEFINITION;
	definition.keyword = hash_keyword("");
	HASH_FIND(hh, list->index, &definition, sizeof(definition), item);
	if (item && item->diag.severity >= DIAG_ERROR)
		return true;
	if (!is_about_value(key->code))
		return false;
	definition.column = 0; /* see mark_line() */
	HASH_FIND(hh, list->index, &definition, sizeof(definition), item);
	return item != NULL;
}

static struct diag_key key_of(struct diag_list *list, enum diag_code code,
	const struct diag_place *place, const char *keyword)
{
	struct diag_key key;

	memset(&key, 0, sizeof(key));
	key.file = find_file(list, place->file ? place->file : "");
	key.line = place->line;
	key.column = place->column;
	key.code = code;
	key.keyword = hash_keyword(keyword);
	return key;
}

bool diag_is_said(struct diag_list *list, enum diag_code code,
	const struct diag_place *place, const char *keyword)
{
	const struct diag_key key = key_of(list, code, place, keyword);

	return is_known(list, &key);
}

struct diag *diag_addv(struct diag_list *list, enum diag_severity severity,
	enum diag_code code, const struct diag_place *place,
	const char *keyword, const char *hint, const char *format, va_list ap)
{
	const struct diag_key key = key_of(list, code, place, keyword);
	struct diag_item *item;
	char *text = NULL;

	if (is_known(list, &key))
		return NULL;
	list->counts[severity]++;
	if (diag_is_full(list)) {
		list->left_out++;
		return NULL;
	}
	if (vasprintf(&text, format, ap) < 0)
		text = x_strdup(format);
	item = arena_new_object(list->arena, struct diag_item);
	item->key = key;
	item->diag.severity = severity;
	item->diag.code = code;
	item->diag.place = *place;
	item->diag.place.file = key.file->name;
	item->diag.keyword = clean(list, keyword);
	item->diag.message = clean(list, text);
	item->diag.hint = clean(list, hint);
	free(text);
	HASH_ADD(hh, list->index, key, sizeof(item->key), item);
	append(list, item);
	mark_line(list, item);
	return &item->diag;
}

void diag_add(struct diag_list *list, enum diag_severity severity,
	enum diag_code code, const struct diag_place *place,
	const char *keyword, const char *hint, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	diag_addv(list, severity, code, place, keyword, hint, format, ap);
	va_end(ap);
}

void diag_add_secret(struct diag_list *list, enum diag_severity severity,
	enum diag_code code, const struct diag_place *place, const char *hint,
	const char *format, ...)
{
	struct diag *diag;
	va_list ap;

	va_start(ap, format);
	diag = diag_addv(list, severity, code, place, "", hint, format, ap);
	va_end(ap);
	if (diag)
		diag->source = "";
}

static void add_rule(struct diag_list *list, const struct diag_place *place,
	const char *rule, const char *keyword, const char *hint,
	const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Under the name of its rule: several may speak of one keyword. */
static void add_rule(struct diag_list *list, const struct diag_place *place,
	const char *rule, const char *keyword, const char *hint,
	const char *format, ...)
{
	struct diag *diag;
	va_list ap;

	va_start(ap, format);
	diag = diag_addv(list, DIAG_WARNING, DIAG_LINT, place, rule, hint,
		format, ap);
	va_end(ap);
	if (!diag)
		return;
	diag->rule = diag->keyword;
	diag->keyword = clean(list, keyword);
}

void diag_add_lint(struct diag_list *list, const struct diag_place *place,
	const char *rule, const char *keyword, const char *hint,
	const char *text)
{
	add_rule(list, place, rule, keyword, hint, "%s", text);
}

void diag_want_portable(struct diag_list *list)
{
	list->portable = true;
}

bool diag_not_portable(struct diag_list *list, const struct diag_place *place,
	const char *keyword, const char *hint, const char *format, ...)
{
	va_list ap;

	if (!list || !list->portable)
		return false;
	va_start(ap, format);
	diag_addv(list, DIAG_ERROR, DIAG_NOT_PORTABLE, place, keyword, hint,
		format, ap);
	va_end(ap);
	return true;
}

size_t diag_count(const struct diag_list *list)
{
	return list->n;
}

size_t diag_count_severity(
	const struct diag_list *list, enum diag_severity severity)
{
	return list->counts[severity];
}

static struct diag *find_error(
	const struct diag_list *list, const struct diag_place *place)
{
	for (size_t i = 0; i < list->n; i++) {
		struct diag *diag = &list->items[i]->diag;

		if (diag->severity >= DIAG_ERROR &&
			diag->place.line == place->line &&
			!strcmp(diag->place.file, place->file))
			return diag;
	}
	return NULL;
}

bool diag_has_error_at(
	const struct diag_list *list, const struct diag_place *place)
{
	return find_error(list, place) != NULL;
}

static void raise(struct diag_list *list, struct diag *diag,
	enum diag_severity severity)
{
	if (diag->severity >= severity)
		return;
	list->counts[diag->severity]--;
	diag->severity = severity;
	list->counts[severity]++;
}

bool diag_make_error_at(struct diag_list *list, enum diag_code code,
	const struct diag_place *place)
{
	for (size_t i = 0; i < list->n; i++) {
		struct diag *diag = &list->items[i]->diag;

		if (diag->code != code || diag->place.line != place->line ||
			strcmp(diag->place.file, place->file) != 0)
			continue;
		raise(list, diag, DIAG_ERROR);
		return true;
	}
	return false;
}

bool diag_make_fatal(struct diag_list *list, const struct diag_place *place)
{
	struct diag *diag = find_error(list, place);

	if (!diag)
		return false;
	raise(list, diag, DIAG_FATAL);
	return true;
}

void diag_make_errors(struct diag_list *list, enum diag_code code)
{
	for (size_t i = 0; i < list->n; i++) {
		struct diag *diag = &list->items[i]->diag;

		if (diag->code == code && diag->severity == DIAG_WARNING)
			raise(list, diag, DIAG_ERROR);
	}
}

bool diag_has_code(const struct diag_list *list, enum diag_code code)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i]->diag.code == code)
			return true;
	return false;
}

static int compare_items(const void *a, const void *b)
{
	const struct diag_item *x = *(struct diag_item *const *)a;
	const struct diag_item *y = *(struct diag_item *const *)b;

	if (x->key.file->order != y->key.file->order)
		return x->key.file->order < y->key.file->order ? -1 : 1;
	if (x->key.line != y->key.line)
		return x->key.line < y->key.line ? -1 : 1;
	if (x->key.column != y->key.column)
		return x->key.column < y->key.column ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void sort_items(struct diag_list *list)
{
	if (!list->sorted && list->n)
		qsort(list->items, list->n, sizeof(struct diag_item *),
			compare_items);
	list->sorted = true;
}

const struct diag *diag_get(struct diag_list *list, size_t i)
{
	sort_items(list);
	return i < list->n ? &list->items[i]->diag : NULL;
}

/* How many of a severity are in the list, not only counted. */
static size_t kept_of(const struct diag_list *list, size_t severity)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += list->items[i]->diag.severity == severity;
	return n;
}

static struct diag *add_copy(struct diag_list *list, const struct diag *diag,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

static struct diag *add_copy(struct diag_list *list, const struct diag *diag,
	const char *format, ...)
{
	struct diag *copy;
	va_list ap;

	va_start(ap, format);
	copy = diag_addv(list, diag->severity, diag->code, &diag->place,
		diag->keyword, diag->hint, format, ap);
	va_end(ap);
	return copy;
}

void diag_move_all(struct diag_list *to, struct diag_list *from)
{
	for (struct diag_file *file = from->files; file; file = file->hh.next)
		diag_add_file(to, file->name);
	for (size_t i = 0; i < from->n; i++) {
		const struct diag *diag = &from->items[i]->diag;
		struct diag *copy = add_copy(to, diag, "%s", diag->message);

		if (copy && diag->source)
			copy->source = arena_strdup(to->arena, diag->source);
	}
	for (struct hidden_line *h = from->hidden; h; h = h->hh.next) {
		const struct diag_place place = {
			.file = h->key.file->name,
			.line = (uint32_t)h->key.line,
		};

		diag_hide_line(to, &place);
	}
	to->left_out += from->left_out;
	for (size_t i = 0; i <= DIAG_FATAL; i++)
		to->counts[i] += from->counts[i] - kept_of(from, i);
}

void diag_keep_lines(
	struct diag_list *list, const char *file, const char *text, size_t len)
{
	const char *end = text + len;
	const char *pos = text;
	uint32_t line = 1;

	sort_items(list);
	for (size_t i = 0; i < list->n && pos < end; i++) {
		struct diag *diag = &list->items[i]->diag;
		const char *eol;

		if (diag->source || strcmp(diag->place.file, file) != 0)
			continue;
		for (; line < diag->place.line && pos < end; line++) {
			eol = memchr(pos, '\n', (size_t)(end - pos));
			pos = eol ? eol + 1 : end;
		}
		if (line != diag->place.line || pos == end)
			continue;
		if (diag_is_hidden(list, file, line)) {
			diag->source = "";
			continue;
		}
		eol = memchr(pos, '\n', (size_t)(end - pos));
		diag->source = diag_clean_line(
			list->arena, pos, (size_t)((eol ? eol : end) - pos));
	}
}

size_t diag_left_out(const struct diag_list *list)
{
	return list->left_out;
}

const char *diag_shown_file(const struct diag_list *list, const char *name)
{
	struct diag_file *file;

	HASH_FIND_STR(list->files, name, file);
	return file ? file->shown : "";
}
