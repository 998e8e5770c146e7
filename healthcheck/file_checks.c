/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/file_checks.h"

#include <string.h>
#include <uthash.h>

#include "lib/file_watch.h"
#include "lib/mem.h"

/* One file, and who follows it. */
struct watched_file {
	UT_hash_handle hh;
	struct file_checks *files;
	char *path;
	struct file_watch *watch;
	size_t *entries; /* numbers in the running set */
	size_t n;
	size_t capacity;
};

struct file_checks {
	struct loop *loop;
	struct check_table *table;
	struct file_watcher *watcher; /* NULL = none was ever wanted */
	struct watched_file *watched; /* by path */
};

static void on_changed(void *owner)
{
	struct watched_file *file = owner;
	struct check_table *table = file->files->table;
	size_t i;

	for (i = 0; i < file->n; i++)
		check_table_hasten(
			table, check_table_get(table, file->entries[i]));
}

static struct watched_file *watch(struct file_checks *files, const char *path)
{
	struct watched_file *file;

	HASH_FIND_STR(files->watched, path, file);
	if (file)
		return file;
	if (!files->watcher)
		files->watcher = file_watcher_new(files->loop, on_changed);
	file = x_new(struct watched_file, 1);
	file->files = files;
	file->path = x_strdup(path);
	file->watch = file_watch_new(files->watcher, path, file);
	HASH_ADD_KEYPTR(hh, files->watched, file->path, strlen(file->path),
		file);
	return file;
}

static void follow(struct watched_file *file, size_t entry)
{
	if (file->n == file->capacity) {
		file->capacity = file->capacity ? file->capacity * 2 : 8;
		file->entries = x_realloc(file->entries, file->capacity,
			sizeof(*file->entries));
	}
	file->entries[file->n++] = entry;
}

static void unwatch(struct file_checks *files, struct watched_file *file)
{
	HASH_DEL(files->watched, file);
	file_watch_free(file->watch);
	x_free(file->path);
	x_free(file->entries);
	x_free(file);
}

void file_checks_apply(struct file_checks *files)
{
	const struct check_set *set = check_table_set(files->table);
	struct watched_file *file;
	struct watched_file *next;
	size_t i;

	for (file = files->watched; file; file = file->hh.next)
		file->n = 0;
	for (i = 0; i < set->n_entries; i++) {
		const struct check_config *config = set->entries[i].config;

		if (config->kind == CHECK_KIND_FILE && config->file_path)
			follow(watch(files, config->file_path), i);
	}
	HASH_ITER (hh, files->watched, file, next)
		if (!file->n)
			unwatch(files, file);
}

struct file_checks *file_checks_new(
	struct loop *loop, struct check_table *table)
{
	struct file_checks *files = x_new(struct file_checks, 1);

	files->loop = loop;
	files->table = table;
	return files;
}

void file_checks_free(struct file_checks *files)
{
	struct watched_file *file;
	struct watched_file *next;

	HASH_ITER (hh, files->watched, file, next)
		unwatch(files, file);
	file_watcher_free(files->watcher);
	x_free(files);
}
