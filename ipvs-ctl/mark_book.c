/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/mark_book.h"

#include <string.h>

#include "lib/buf.h"
#include "lib/mem.h"

#define BOOK_VERSION 1
#define BOOK_PREFIX "mark "

struct book_entry {
	char *key;
	char *group;
	int protocol;
	uint32_t mark;
	bool goes; /* while the book is set */
	UT_hash_handle hh;
};

struct mark_book {
	struct book_entry *entries;
};

static void remove_entry(struct mark_book *book, struct book_entry *entry)
{
	HASH_DEL(book->entries, entry);
	x_free(entry->key);
	x_free(entry->group);
	x_free(entry);
}

/* Finds or makes it; a new one has no mark. */
static struct book_entry *entry_of(
	struct mark_book *book, const char *group, int protocol)
{
	char *key = x_asprintf(BOOK_PREFIX "%d %s", protocol, group);
	struct book_entry *entry;

	HASH_FIND_STR(book->entries, key, entry);
	if (entry) {
		x_free(key);
		return entry;
	}
	entry = x_new(struct book_entry, 1);
	entry->key = key;
	entry->group = x_strdup(group);
	entry->protocol = protocol;
	HASH_ADD_KEYPTR(
		hh, book->entries, entry->key, strlen(entry->key), entry);
	return entry;
}

bool mark_book_restore(
	struct mark_book *book, const char *key, const void *data, size_t len)
{
	struct buf_reader reader;
	uint8_t version;
	uint32_t protocol;
	uint32_t mark;
	const char *group;

	if (strncmp(key, BOOK_PREFIX, strlen(BOOK_PREFIX)))
		return false;
	buf_reader_init(&reader, data, len);
	version = buf_get_u8(&reader);
	mark = buf_get_u32(&reader);
	protocol = buf_get_u32(&reader);
	group = buf_get_str(&reader);
	if (buf_reader_finish(&reader) == 0 && version == BOOK_VERSION && mark)
		entry_of(book, group, (int)protocol)->mark = mark;
	return true;
}

void mark_book_apply(const struct mark_book *book, struct ipvs_conf *conf)
{
	struct ipvs_conf_mark *had;
	struct book_entry *entry;
	size_t n = 0;

	if (!book->entries)
		return;
	had = x_new(struct ipvs_conf_mark, HASH_COUNT(book->entries));
	for (entry = book->entries; entry; entry = entry->hh.next)
		had[n++] = (struct ipvs_conf_mark){
			.group = entry->group,
			.protocol = entry->protocol,
			.mark = entry->mark,
		};
	ipvs_conf_keep_marks(conf, had, n);
	x_free(had);
}

static void say(
	const struct book_entry *entry, kept_put *put, void *user_data)
{
	struct buf_writer w = { .data = NULL };

	buf_put_u8(&w, BOOK_VERSION);
	buf_put_u32(&w, entry->mark);
	buf_put_u32(&w, (uint32_t)entry->protocol);
	buf_put_str(&w, entry->group);
	put(entry->key, w.data, w.len, user_data);
	buf_writer_free(&w);
}

void mark_book_set(struct mark_book *book, const struct ipvs_conf *conf,
	kept_put *put, void *user_data)
{
	struct book_entry *entry;
	struct book_entry *next;
	size_t i;

	for (entry = book->entries; entry; entry = entry->hh.next)
		entry->goes = true;
	for (i = 0; i < conf->services.n; i++) {
		const struct ipvs_conf_service *service =
			conf->services.items[i];

		if (!service->mark)
			continue;
		entry = entry_of(
			book, service->group_name, service->protocol);
		entry->goes = false;
		if (entry->mark == service->mark)
			continue;
		entry->mark = service->mark;
		say(entry, put, user_data);
	}
	for (entry = book->entries; entry; entry = next) {
		next = entry->hh.next;
		if (!entry->goes)
			continue;
		put(entry->key, NULL, 0, user_data);
		remove_entry(book, entry);
	}
}

struct mark_book *mark_book_new(void)
{
	return x_new(struct mark_book, 1);
}

void mark_book_free(struct mark_book *book)
{
	if (!book)
		return;
	while (book->entries)
		remove_entry(book, book->entries);
	x_free(book);
}
